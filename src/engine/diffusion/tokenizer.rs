//! CLIP's byte-pair tokenizer, as `transformers.CLIPTokenizer` reads a prompt without `ftfy`.
//!
//! Owns text -> ids: cleaning, splitting, merging, the two special tokens and padding. The vocabulary, the merges, the
//! padding token and the length come from the pack's own `tokenizer` folder.

use std::{collections::HashMap, path::Path, sync::LazyLock};

use regex::Regex;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::config::{read_json, read_text};
use crate::engine::EngineError;

const START: &str = "<|startoftext|>";
const END: &str = "<|endoftext|>";
const WORD_END: &str = "</w>";
/// What CLIP was trained with; a pack's `model_max_length` may say less.
const LENGTH: usize = 77;

/// Openai's word pattern, over text that is lower case already.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r"(?i)<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+";
    Regex::new(pattern).ok()
});
/// Control characters of every kind, unassigned code points included.
static CONTROL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\p{C}&&[^\t\n\r]]").ok());

/// The ids of a prompt and whether all of it went in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tokens {
    /// Start, text, end and padding: always the encoder's full length.
    pub(super) ids: Vec<i64>,
    /// Tokens of the text that did not fit.
    pub(super) dropped: usize,
}

/// One encoder's tokenizer.
#[derive(Debug)]
pub(super) struct Tokenizer {
    vocabulary: HashMap<String, i64>,
    /// Which two neighbours become one, and how early.
    merges: HashMap<(i64, i64), (usize, i64)>,
    /// Tokens that stand for themselves wherever they occur in a prompt, with their ids.
    special: Vec<(String, i64)>,
    start: i64,
    end: i64,
    pad: i64,
    length: usize,
}

impl Tokenizer {
    /// Reads a `tokenizer` folder: `vocab.json` and `merges.txt`, or `tokenizer.json` alone.
    pub(super) fn load(folder: &Path) -> Result<Self, EngineError> {
        let settings = ["special_tokens_map.json", "tokenizer_config.json"]
            .map(|name| read_json(&folder.join(name)).unwrap_or(Value::Null));
        let token = |name: &str| settings.iter().find_map(|file| content(&file[name]));
        let length = settings[1]["model_max_length"].as_f64().filter(|n| *n >= 2.0 && *n <= LENGTH as f64);
        let (vocabulary, merges) = if folder.join("vocab.json").is_file() {
            let text = read_text(&folder.join("merges.txt"))?;
            let lines = text.lines().filter(|line| !line.starts_with("#version") && !line.is_empty());
            (read_json(&folder.join("vocab.json"))?, lines.map(str::to_owned).collect())
        } else {
            let mut whole = read_json(&folder.join("tokenizer.json"))?;
            let merges = whole["model"]["merges"]
                .as_array()
                .map_or_else(Vec::new, |all| all.iter().filter_map(merge_line).collect());
            (whole["model"]["vocab"].take(), merges)
        };
        let vocabulary: HashMap<String, i64> = serde_json::from_value(vocabulary)
            .map_err(|e| EngineError::Model(format!("{}: the vocabulary is no map of ids: {e}", folder.display())))?;
        let special = [token("bos_token"), token("eos_token"), token("pad_token"), token("unk_token")];
        Self::new(vocabulary, &merges, &special, length.map_or(LENGTH, |n| n as usize))
            .map_err(|e| EngineError::Model(format!("{}: {e}", folder.display())))
    }

    /// From a vocabulary, merge lines in order, and the start, end, padding and unknown tokens.
    fn new(
        vocabulary: HashMap<String, i64>,
        merges: &[String],
        special: &[Option<String>; 4],
        length: usize,
    ) -> Result<Self, String> {
        let id =
            |token: &str| vocabulary.get(token).copied().ok_or_else(|| format!("`{token}` is not in the vocabulary"));
        let name = |at: usize, default: &str| special[at].clone().unwrap_or_else(|| default.to_owned());
        let names = [name(0, START), name(1, END), name(2, END), name(3, END)];
        let (start, end, pad) = (id(&names[0])?, id(&names[1])?, id(&names[2])?);
        let mut known = HashMap::with_capacity(merges.len());
        for (rank, line) in merges.iter().enumerate() {
            let Some((left, right)) = line.split_once(' ') else { return Err(format!("`{line}` is no merge")) };
            // A merge whose parts or result the vocabulary lacks can never happen.
            if let (Ok(left), Ok(right), Ok(whole)) = (id(left), id(right), id(&format!("{left}{right}"))) {
                known.entry((left, right)).or_insert((rank, whole));
            }
        }
        let mut special: Vec<(String, i64)> = Vec::new();
        for name in names {
            let id = id(&name)?;
            if !special.iter().any(|(known, _)| *known == name) {
                special.push((name, id));
            }
        }
        Ok(Self { vocabulary, merges: known, special, start, end, pad, length })
    }

    /// How many tokens the encoder takes, start and end included.
    pub(super) const fn length(&self) -> usize {
        self.length
    }

    /// The ids of a prompt, cut and padded to the encoder's length.
    pub(super) fn encode(&self, text: &str) -> Tokens {
        let text = self.text_ids(text);
        let room = self.length - 2;
        let mut ids = Vec::with_capacity(self.length);
        ids.push(self.start);
        ids.extend(text.iter().take(room));
        ids.push(self.end);
        ids.resize(self.length, self.pad);
        Tokens { ids, dropped: text.len().saturating_sub(room) }
    }

    /// The ids of the text alone.
    fn text_ids(&self, text: &str) -> Vec<i64> {
        let mut ids = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let found = self.special.iter().filter_map(|(name, id)| Some((rest.find(name)?, name.len(), *id)));
            let Some((at, length, id)) = found.min_by_key(|(at, length, _)| (*at, usize::MAX - length)) else {
                self.plain_ids(rest, &mut ids);
                break;
            };
            self.plain_ids(&rest[..at], &mut ids);
            ids.push(id);
            rest = &rest[at + length..];
        }
        ids
    }

    fn plain_ids(&self, text: &str, ids: &mut Vec<i64>) {
        let Some(words) = WORDS.as_ref() else { return };
        for word in words.find_iter(&clean(text)) {
            match word.as_str() {
                START => ids.push(self.start),
                END => ids.push(self.end),
                word => self.merge(word, ids),
            }
        }
    }

    /// Splits a word into bytes and joins the earliest known pair until none is left.
    fn merge(&self, word: &str, ids: &mut Vec<i64>) {
        let characters: Vec<char> = word.bytes().map(byte_character).collect();
        let last = characters.len().saturating_sub(1);
        let id = |(at, character): (usize, &char)| {
            let token = if at == last { format!("{character}{WORD_END}") } else { character.to_string() };
            self.vocabulary.get(&token).copied().unwrap_or(self.end)
        };
        let mut parts: Vec<i64> = characters.iter().enumerate().map(id).collect();
        loop {
            let pairs = parts.windows(2).filter_map(|pair| {
                self.merges.get(&(pair[0], pair[1])).map(|(rank, whole)| (*rank, *whole, (pair[0], pair[1])))
            });
            let Some((_, whole, pair)) = pairs.min_by_key(|(rank, ..)| *rank) else { break };
            let mut joined = Vec::with_capacity(parts.len());
            let mut at = 0;
            while at < parts.len() {
                if at + 1 < parts.len() && (parts[at], parts[at + 1]) == pair {
                    joined.push(whole);
                    at += 2;
                } else {
                    joined.push(parts[at]);
                    at += 1;
                }
            }
            parts = joined;
        }
        ids.extend(parts);
    }
}

/// A special token is a string, or an object that holds one.
fn content(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value["content"].as_str()).map(str::to_owned)
}

/// `tokenizer.json` writes a merge as one string or as a pair.
fn merge_line(value: &Value) -> Option<String> {
    let pair = || Some(format!("{} {}", value[0].as_str()?, value[1].as_str()?));
    value.as_str().map(str::to_owned).or_else(pair)
}

/// BERT's basic tokenizer without splitting at punctuation: control characters go, every CJK character stands alone,
/// NFC, lower case, single blanks.
fn clean(text: &str) -> String {
    let blank = |c: char| c == ' ' || matches!(c, '\t' | '\n' | '\r') || is_space_separator(c);
    let text = text.replace(['\0', '\u{fffd}'], "");
    let text = CONTROL.as_ref().map_or(text.clone(), |control| control.replace_all(&text, "").into_owned());
    let mut spread = String::with_capacity(text.len());
    for c in text.chars() {
        if is_cjk(c) {
            spread.extend([' ', c, ' ']);
        } else {
            spread.push(if blank(c) { ' ' } else { c });
        }
    }
    let normal: String = spread.nfc().collect();
    let words: Vec<String> = normal.split_whitespace().map(str::to_lowercase).collect();
    words.iter().flat_map(|word| word.split_whitespace()).collect::<Vec<_>>().join(" ")
}

/// Unicode category Zs.
const fn is_space_separator(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// The blocks that BERT takes for Chinese characters.
const fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2a6df}' | '\u{2a700}'..='\u{2b73f}'
        | '\u{2b740}'..='\u{2b81f}' | '\u{2b820}'..='\u{2ceaf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

/// The printable character that stands for a byte in the vocabulary (GPT-2's `bytes_to_unicode`).
fn byte_character(byte: u8) -> char {
    let printable = |b: u8| matches!(b, 33..=126 | 161..=172 | 174..=255);
    if printable(byte) {
        return char::from(byte);
    }
    let place = (0..byte).filter(|b| !printable(*b)).count() as u32;
    char::from_u32(256 + place).unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::diffusion::golden;

    /// `CLIPTokenizer`'s own vocabulary follows from its merges.
    fn clip(pad: &str) -> Tokenizer {
        let packed = golden::bytes("clip-merges.txt.zst");
        let text = String::from_utf8(zstd::decode_all(&*packed).unwrap()).unwrap();
        let merges: Vec<String> = text.lines().map(str::to_owned).collect();
        let printable = |b: &u8| matches!(b, 33..=126 | 161..=172 | 174..=255);
        let mut bytes: Vec<char> = (0..=255).filter(printable).map(byte_character).collect();
        bytes.extend((0..=255).filter(|b| !printable(b)).map(byte_character));
        let mut tokens: Vec<String> = bytes.iter().map(char::to_string).collect();
        tokens.extend(bytes.iter().map(|c| format!("{c}{WORD_END}")));
        tokens.extend(merges.iter().map(|line| line.replace(' ', "")));
        tokens.extend([START.to_owned(), END.to_owned()]);
        assert_eq!(tokens.len(), 49408);
        let vocabulary = tokens.into_iter().enumerate().map(|(id, token)| (token, id as i64)).collect();
        Tokenizer::new(vocabulary, &merges, &[None, None, Some(pad.into()), None], LENGTH).unwrap()
    }

    #[test]
    fn awkward_strings_have_the_ids_of_transformers() {
        let file = golden::read("tokens.json");
        for (pad, encoder) in [(END, "first"), ("!", "second")] {
            let tokenizer = clip(pad);
            let mut count = 0;
            for case in file["cases"].as_array().unwrap() {
                let text = case["text"].as_str().unwrap();
                let wanted: Vec<i64> = case[encoder].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect();
                let mut ids = tokenizer.encode(text).ids;
                // The numbers keep one id of the padding.
                assert!(ids[wanted.len() - 1..].iter().all(|id| *id == wanted[wanted.len() - 1]), "{text:?}");
                ids.truncate(wanted.len());
                assert_eq!(ids, wanted, "{text:?} padded with {pad}");
                count += 1;
            }
            assert!(count >= 200);
        }
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let tokenizer = clip(END);
        assert_eq!(tokenizer.encode("cup").dropped, 0);
        let long = "cup ".repeat(80);
        let tokens = tokenizer.encode(&long);
        assert_eq!((tokens.ids.len(), tokens.dropped, tokens.ids[76]), (77, 5, 49407));
    }
}
