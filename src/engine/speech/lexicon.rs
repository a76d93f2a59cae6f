//! Pronunciations that take precedence over dictionary and network: names above all.
//!
//! Owns the built-in exceptions and the format of an operator's own list. Words are matched whole, without regard to
//! case; a possessive `'s` is added by rule.

use std::collections::HashMap;

use serde::Deserialize;

use super::Dialect;
use crate::engine::EngineError;

/// Words whose dictionary or network reading is wrong: word, American, British (misaki's alphabet).
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("nguyen", "wˈɪn", "wˈɪn"),
    ("kubernetes", "kˌubəɹnˈɛtiz", "kˌuːbənˈɛtiːz"),
    ("olivia", "Olˈɪviə", "ɒlˈɪvɪə"),
    ("siobhan", "ʃəvˈɔn", "ʃɪvˈɔːn"),
    ("zürich", "zˈʊɹɪk", "zjˈʊəɹɪk"),
    ("github", "ɡˈɪthˌʌb", "ɡˈɪthˌʌb"),
    ("macbook", "mˈækbˌʊk", "mˈakbˌʊk"),
    ("nginx", "ˌɛnʤənˈɛks", "ˌɛnʤɪnˈɛks"),
    ("onnx", "ˈɑnɪks", "ˈɒnɪks"),
    ("magicpixels", "mˈæʤɪkpˌɪksᵊlz", "mˈaʤɪkpˌɪksᵊlz"),
];

/// A list of pronunciations.
#[derive(Debug, Clone)]
pub struct Lexicon {
    american: HashMap<String, String>,
    british: HashMap<String, String>,
}

/// An operator's list on disk (TOML): a table for both accents and one for each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct LexiconFile {
    both: HashMap<String, String>,
    american: HashMap<String, String>,
    british: HashMap<String, String>,
}

impl Default for Lexicon {
    /// The built-in exceptions.
    fn default() -> Self {
        let column = |pick: fn(&(&str, &str, &str)) -> String| {
            EXCEPTIONS.iter().map(|entry| (entry.0.to_owned(), pick(entry))).collect()
        };
        Self { american: column(|entry| entry.1.to_owned()), british: column(|entry| entry.2.to_owned()) }
    }
}

impl Lexicon {
    /// Adds the entries of an operator's file, which win over those already here.
    ///
    /// The file is TOML: `[both]`, `[american]` and `[british]` tables of `word = "phonemes"`. Fails with
    /// [`EngineError::Input`] on unknown tables and on phonemes that are empty or hold what no voice can say.
    pub fn extend_from_toml(&mut self, text: &str, speakable: impl Fn(char) -> bool) -> Result<(), EngineError> {
        let file: LexiconFile =
            toml::from_str(text).map_err(|e| EngineError::Input(format!("the lexicon is not valid TOML: {e}")))?;
        for (word, phonemes) in file.both.iter().chain(&file.american).chain(&file.british) {
            if phonemes.is_empty() || !phonemes.chars().all(&speakable) {
                return Err(EngineError::Input(format!(
                    "the lexicon's phonemes for {word}, {phonemes:?}, can't be said"
                )));
            }
        }
        let lower = |table: HashMap<String, String>| table.into_iter().map(|(word, p)| (word.to_lowercase(), p));
        self.american.extend(lower(file.both.clone()).chain(lower(file.american)));
        self.british.extend(lower(file.both).chain(lower(file.british)));
        Ok(())
    }

    /// The phonemes of `word`, or of the word that it is the possessive of; `None` leaves it to the dictionary.
    pub fn phonemes(&self, word: &str, dialect: Dialect) -> Option<String> {
        let table = match dialect {
            Dialect::American => &self.american,
            Dialect::British => &self.british,
        };
        let word = word.to_lowercase();
        if let Some(phonemes) = table.get(&word) {
            return Some(phonemes.clone());
        }
        let stem = table.get(word.strip_suffix("'s")?)?;
        let ending = match stem.chars().last()? {
            'p' | 't' | 'k' | 'f' | 'θ' => "s",
            's' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ' => "ɪz",
            _ => "z",
        };
        Some(format!("{stem}{ending}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operators_list_wins_and_possessives_follow() {
        let mut lexicon = Lexicon::default();
        let say = |lexicon: &Lexicon, word| lexicon.phonemes(word, Dialect::American);
        assert_eq!(say(&lexicon, "Nguyen").as_deref(), Some("wˈɪn"));
        assert_eq!(say(&lexicon, "Nguyen's").as_deref(), Some("wˈɪnz"));
        assert_eq!(say(&lexicon, "cup"), None);
        lexicon.extend_from_toml("[both]\nNGUYEN = 'ŋwˈiən'\n[american]\nAcme = 'ˈækmi'", |_| true).unwrap();
        assert_eq!(say(&lexicon, "nguyen").as_deref(), Some("ŋwˈiən"));
        assert_eq!(say(&lexicon, "ACME").as_deref(), Some("ˈækmi"));
        assert_eq!(lexicon.phonemes("acme", Dialect::British), None);
    }

    #[test]
    fn a_bad_list_is_refused_by_name() {
        let mut lexicon = Lexicon::default();
        for bad in ["[klingon]\na='b'", "[both]\nword=''", "[both]\nword='1'", "not toml"] {
            assert!(matches!(lexicon.extend_from_toml(bad, |c| c != '1'), Err(EngineError::Input(_))), "{bad}");
        }
    }
}
