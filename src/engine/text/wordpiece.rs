//! BERT's tokenizer: text to the numbers that the network was trained on, exactly as its own tokenizer makes them.
//!
//! Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", NAACL 2019; the uncased variant. Special
//! tokens written out in a text are ordinary text here: nobody's prompt speaks to the network's markers.

use std::collections::HashMap;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use crate::engine::EngineError;

/// The most tokens of one text, both markers included; what is beyond is left out.
pub(super) const TOKENS_MAX: usize = 128;
/// Words of more characters than this are unknown.
const WORD_CHARS_MAX: usize = 100;

/// The vocabulary, and the classes of characters that the tokenizer knows.
pub(super) struct WordPiece {
    ids: HashMap<&'static str, i64>,
    start: i64,
    end: i64,
    unknown: i64,
    dropped: Regex,
    accent: Regex,
    mark: Regex,
}

impl WordPiece {
    /// A tokenizer over a vocabulary of one token a line.
    ///
    /// # Errors
    /// [`EngineError::Model`] where a marker is missing.
    pub(super) fn new(vocabulary: &'static str) -> Result<Self, EngineError> {
        let ids: HashMap<&str, i64> = vocabulary.lines().enumerate().map(|(id, token)| (token, id as i64)).collect();
        let find = |token: &str| {
            ids.get(token).copied().ok_or_else(|| EngineError::Model(format!("the vocabulary has no {token}")))
        };
        let (start, end, unknown) = (find("[CLS]")?, find("[SEP]")?, find("[UNK]")?);
        let class = |pattern: &str| Regex::new(pattern).map_err(|e| EngineError::Model(e.to_string()));
        Ok(Self {
            start,
            end,
            unknown,
            // Control, format, private and unassigned characters, but for white space.
            dropped: class(r"^[\p{C}\x{FFFD}&&[^\t\n\r]]$")?,
            accent: class(r"^\p{Mn}$")?,
            mark: class(r"^[\p{P}[:punct:]]$")?,
            ids,
        })
    }

    /// The tokens of a text between their markers, at most [`TOKENS_MAX`].
    pub(super) fn encode(&self, text: &str) -> Vec<i64> {
        let mut tokens = vec![self.start];
        for word in self.words(text) {
            self.cut(&word, &mut tokens);
        }
        tokens.truncate(TOKENS_MAX - 1);
        tokens.push(self.end);
        tokens
    }

    /// Lower-case words without accents; every punctuation mark and every CJK character is a word of its own.
    fn words(&self, text: &str) -> Vec<String> {
        let mut buffer = [0; 4];
        let mut is = |class: &Regex, c: char| class.is_match(c.encode_utf8(&mut buffer));
        let kept: String = text.chars().filter(|&c| !is(&self.dropped, c)).collect();
        let mut words = vec![String::new()];
        for c in kept.nfd() {
            if c.is_whitespace() {
                words.push(String::new());
            } else if is(&self.mark, c) || is_ideograph(c) {
                words.extend([c.to_string(), String::new()]);
            } else if !is(&self.accent, c)
                && let Some(word) = words.last_mut()
            {
                word.extend(c.to_lowercase());
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    /// The longest pieces of the vocabulary from the left on; the whole word is unknown where one is missing.
    fn cut(&self, word: &str, tokens: &mut Vec<i64>) {
        let before = tokens.len();
        if word.chars().count() > WORD_CHARS_MAX {
            tokens.push(self.unknown);
            return;
        }
        let mut rest = word;
        while !rest.is_empty() {
            let prefix = if rest.len() == word.len() { "" } else { "##" };
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
            let found = ends
                .map(|end| (end, format!("{prefix}{}", &rest[..end])))
                .find_map(|(end, piece)| self.ids.get(piece.as_str()).map(|&id| (end, id)));
            let Some((end, id)) = found else {
                tokens.truncate(before);
                tokens.push(self.unknown);
                return;
            };
            tokens.push(id);
            rest = &rest[end..];
        }
    }
}

/// The blocks that BERT sets apart: CJK ideographs, not kana or hangul.
const fn is_ideograph(c: char) -> bool {
    matches!(c as u32,
        0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x2A6DF | 0x2A700..=0x2CEAF | 0x2F800..=0x2FA1F)
}
