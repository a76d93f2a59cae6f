//! Grapheme to phoneme: written-out English to misaki's phoneme alphabet.
//!
//! Dictionary and part-of-speech rules are the `misaki-rs` crate's; words that it does not know go to a small character
//! network (hibari's `oov.onnx`, one for each accent); the [`Lexicon`] goes before both. Refuses to know about numbers
//! and symbols: that is [`super::normalise`]'s.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
};

use misaki_rs::{Fallback, G2P, Language, fallback::FallbackError};
use regex::Regex;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

use super::{Dialect, lexicon::Lexicon};
use crate::engine::{
    CancelToken, EngineError, bundle,
    session::{Graph, GraphOptions, Value},
};

/// The ids of the phoneme symbols that both voice models take.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    ids: HashMap<char, i64>,
}

impl Vocabulary {
    /// The vocabulary in the bundle (the two models' are the same).
    pub fn bundled() -> Result<Self, EngineError> {
        let damaged = |e: &dyn std::fmt::Display| EngineError::Model(format!("hibari/vocab.json is damaged: {e}"));
        let table: HashMap<String, i64> =
            serde_json::from_slice(bundle::bytes("hibari/vocab.json")?).map_err(|e| damaged(&e))?;
        let ids = table
            .into_iter()
            .map(|(symbol, id)| match symbol.chars().next() {
                Some(c) => Ok((c, id)),
                None => Err(damaged(&"an empty symbol")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { ids })
    }

    /// Whether the models know `symbol`.
    pub fn contains(&self, symbol: char) -> bool {
        self.ids.contains_key(&symbol)
    }

    /// The ids of `phonemes` between the two pads (0) that the models want; symbols outside of the vocabulary are
    /// left out.
    pub fn ids(&self, phonemes: &str) -> Vec<i64> {
        let known = phonemes.chars().filter_map(|c| self.ids.get(&c).copied());
        std::iter::once(0).chain(known).chain([0]).collect()
    }
}

/// Turns sentences into phonemes for one accent. Loading takes about half a second; share it.
pub struct Phonemizer {
    dialect: Dialect,
    g2p: G2P,
    lexicon: Lexicon,
    vocabulary: Vocabulary,
}

impl Phonemizer {
    /// The phonemizer of `dialect` with the built-in lexicon, loaded once and kept while anyone holds it.
    pub fn shared(dialect: Dialect) -> Result<Arc<Self>, EngineError> {
        static LOADED: LazyLock<Mutex<HashMap<Dialect, Weak<Phonemizer>>>> = LazyLock::new(Mutex::default);
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(phonemizer) = loaded.get(&dialect).and_then(Weak::upgrade) {
            return Ok(phonemizer);
        }
        let phonemizer = Arc::new(Self::new(dialect, Lexicon::default())?);
        loaded.insert(dialect, Arc::downgrade(&phonemizer));
        Ok(phonemizer)
    }

    /// A phonemizer of `dialect` that reads the words of `lexicon` as it says.
    pub fn new(dialect: Dialect, lexicon: Lexicon) -> Result<Self, EngineError> {
        let language = match dialect {
            Dialect::American => Language::EnglishUS,
            Dialect::British => Language::EnglishGB,
        };
        let network = SpellingNetwork::load(dialect)?;
        let g2p = G2P::with_fallback(language, Some(Box::new(network)));
        Ok(Self { dialect, g2p, lexicon, vocabulary: Vocabulary::bundled()? })
    }

    /// The phonemes of a written-out sentence, all of them in the vocabulary; empty when nothing in it can be said.
    pub fn phonemes(&self, sentence: &str) -> Result<String, EngineError> {
        let marked = self.mark_exceptions(sentence);
        let (phonemes, _) =
            self.g2p.g2p(&marked).map_err(|e| EngineError::Model(format!("grapheme to phoneme failed: {e}")))?;
        let mut said = String::with_capacity(phonemes.len());
        for symbol in phonemes.chars().map(|c| if c.is_whitespace() { ' ' } else { c }) {
            if self.vocabulary.contains(symbol) && !(symbol == ' ' && said.ends_with(' ')) {
                said.push(symbol);
            }
        }
        Ok(said.trim().to_owned())
    }

    /// Writes the lexicon's words as misaki's `[word](/phonemes/)`. Brackets of the text itself can't get here: the
    /// normaliser writes them all as parentheses.
    ///
    /// misaki forgets the phonemes of a word that it takes apart, so the word between the brackets has no possessive
    /// and no capital but the first; it decides the neighbours' parts of speech only.
    fn mark_exceptions(&self, sentence: &str) -> String {
        #[expect(clippy::unwrap_used, reason = "a constant pattern, compiled in the tests")]
        static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(\p{L})([\p{L}\p{M}]*)(?:'s\b)?").unwrap());
        let mark = |found: &regex::Captures<'_>| match self.lexicon.phonemes(&found[0], self.dialect) {
            Some(phonemes) => format!("[{}{}](/{phonemes}/)", &found[1], found[2].to_lowercase()),
            None => found[0].to_owned(),
        };
        WORD.replace_all(sentence, mark).into_owned()
    }
}

/// The phonemizers that a loaded model has used: they live as long as the model does.
#[derive(Default)]
pub(super) struct Phonemizers {
    held: HashMap<Dialect, Arc<Phonemizer>>,
}

impl Phonemizers {
    /// The phonemizer of `dialect`, loaded on first use.
    pub(super) fn of(&mut self, dialect: Dialect) -> Result<Arc<Phonemizer>, EngineError> {
        if let Some(phonemizer) = self.held.get(&dialect) {
            return Ok(phonemizer.clone());
        }
        let phonemizer = Phonemizer::shared(dialect)?;
        self.held.insert(dialect, phonemizer.clone());
        Ok(phonemizer)
    }
}

/// Reads an unknown word letter by letter: connectionist temporal classification, greedy.
struct SpellingNetwork {
    graph: Mutex<Graph>,
    letters: HashMap<char, i64>,
    sounds: Vec<char>,
    longest: usize,
}

/// The network's alphabets as its JSON file has them; id 0 is the blank, so ids count from 1.
#[derive(Deserialize)]
struct Alphabets {
    #[serde(rename = "in")]
    letters: Vec<char>,
    #[serde(rename = "out")]
    sounds: Vec<char>,
    #[serde(rename = "maxlen")]
    longest: usize,
}

impl SpellingNetwork {
    fn load(dialect: Dialect) -> Result<Self, EngineError> {
        let (graph, alphabets) = match dialect {
            Dialect::American => ("hibari/oov.onnx", "hibari/oov.json"),
            Dialect::British => ("hibari/oov_gb.onnx", "hibari/oov_gb.json"),
        };
        let Alphabets { letters, sounds, longest } = serde_json::from_slice(bundle::bytes(alphabets)?)
            .map_err(|e| EngineError::Model(format!("{alphabets} is damaged: {e}")))?;
        Ok(Self {
            graph: Mutex::new(Graph::from_bytes(bundle::bytes(graph)?, GraphOptions { threads: 1 })?),
            letters: letters.into_iter().zip(1..).collect(),
            sounds,
            longest,
        })
    }

    /// The phonemes of one word; letters that the network never saw are read without their marks.
    fn read(&self, word: &str) -> Result<String, EngineError> {
        let ids: Vec<i64> = word
            .chars()
            .filter_map(|c| self.letters.get(&c).copied().or_else(|| self.letters.get(&c.nfd().next()?).copied()))
            .take(self.longest)
            .collect();
        if ids.is_empty() {
            return Ok(String::new());
        }
        let input = Value::I64(vec![1, ids.len()], ids);
        let mut graph = self.graph.lock().unwrap_or_else(PoisonError::into_inner);
        let mut outputs = graph.run(vec![("chars", input)], &CancelToken::default())?;
        let missing = || EngineError::Model("the spelling network has no output `ids`".to_owned());
        let (_, path) = outputs.remove("ids").ok_or_else(missing)?.into_i64()?;
        let mut phonemes = String::new();
        let mut previous = 0;
        for id in path {
            if id != previous {
                let sound = usize::try_from(id - 1).ok().and_then(|index| self.sounds.get(index));
                phonemes.extend(sound);
            }
            previous = id;
        }
        Ok(phonemes)
    }
}

impl Fallback for SpellingNetwork {
    fn phonemize(&self, word: &str) -> Result<String, FallbackError> {
        // An error here would lose the whole sentence for one word.
        Ok(self.read(word).unwrap_or_else(|error| {
            tracing::warn!(word, %error, "an unknown word stays unspoken");
            String::new()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_unknown_words_and_exceptions() {
        let american = Phonemizer::shared(Dialect::American).unwrap();
        let say = |text| american.phonemes(text).unwrap();
        assert_eq!(say("Hello world."), "həlˈO wˈɜɹld.");
        // The same spelling by its part of speech.
        assert_eq!(say("I have read it."), "ˌI hæv ɹˈɛd ɪt.");
        assert!(say("The GPU and the API").starts_with("ðə ʤˌipˌijˈu"));
        // Exceptions, their possessives, and a word with a capital inside.
        assert_eq!(say("Nguyen's cup"), "wˈɪnz kˈʌp");
        assert_eq!(say("MagicPixels"), "mˈæʤɪkpˌɪksᵊlz");
        // Only the network knows it; marks that the network never saw are no obstacle.
        assert_eq!(say("Blorptastic"), "blɔɹptˈæstɪk");
        assert!(!say("Nguyễnová").is_empty());
        assert!(!say("Hello world").contains('❓'));
        let british = Phonemizer::shared(Dialect::British).unwrap();
        assert_eq!(british.phonemes("Ask her about the car.").unwrap(), "ˈɑːsk hɜː əbˈWt ðə kˈɑː.");
    }

    #[test]
    fn phonemizers_are_shared_while_held() {
        let one = Phonemizer::shared(Dialect::American).unwrap();
        assert!(Arc::ptr_eq(&one, &Phonemizer::shared(Dialect::American).unwrap()));
    }

    #[test]
    fn ids_stand_between_pads_and_skip_what_is_unknown() {
        let vocabulary = Vocabulary::bundled().unwrap();
        assert_eq!(vocabulary.ids("a❓b"), [0, 43, 44, 0]);
        assert!(!vocabulary.contains('❓'));
    }
}
