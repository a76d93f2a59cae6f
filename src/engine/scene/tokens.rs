//! Words: cuts a prompt into words and joins them into the longest phrases that mean something.
//!
//! Owns the cut and every meaning a phrase may have; refuses to choose among them, which is the grammar's matter.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    catalogue::{Catalogue, Found, normalise},
    lexicon::{Filling, Link, Meaning, Place, Substance, WORDS},
};

pub(super) static MEANINGS: LazyLock<HashMap<&str, Vec<Meaning>>> = LazyLock::new(|| {
    let mut map: HashMap<&str, Vec<Meaning>> = HashMap::new();
    for (meaning, words) in WORDS {
        for word in *words {
            map.entry(word).or_default().push(*meaning);
        }
    }
    map
});

/// Phrases of the lexicon are at most this long.
const MAX_WORDS: usize = 5;
/// Prompts are at most 500 characters, so at most this many words matter.
const MAX_TOKENS: usize = 250;

/// A joined phrase and everything that it may mean.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) words: String,
    pub(super) meanings: Vec<Meaning>,
    pub(super) noun: Option<Found>,
    /// A comma, full stop or bracket.
    pub(super) is_break: bool,
}

impl Token {
    pub(super) fn link(&self) -> Option<Link> {
        self.meanings.iter().find_map(|m| if let Meaning::Link(l) = m { Some(*l) } else { None })
    }
    pub(super) fn substance(&self) -> Option<Substance> {
        self.meanings.iter().find_map(|m| if let Meaning::Substance(s) = m { Some(*s) } else { None })
    }
    pub(super) fn color(&self) -> Option<[u8; 3]> {
        self.meanings.iter().find_map(|m| if let Meaning::Color(c) = m { Some(*c) } else { None })
    }
    pub(super) fn support(&self) -> Option<Substance> {
        self.meanings.iter().find_map(|m| if let Meaning::Support(s) = m { Some(*s) } else { None })
    }
    pub(super) fn filling(&self) -> Option<Filling> {
        self.meanings.iter().find_map(|m| if let Meaning::Filling(f) = m { Some(*f) } else { None })
    }
    pub(super) fn place(&self) -> Option<Place> {
        self.meanings.iter().find_map(|m| if let Meaning::Place(p) = m { Some(*p) } else { None })
    }
    /// Whether nothing is known about it.
    pub(super) fn is_unknown(&self) -> bool {
        self.meanings.is_empty() && self.noun.is_none() && !self.is_break
    }
}

/// Cuts a prompt into words; punctuation that separates becomes `,`.
pub(super) fn split(prompt: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in normalise(prompt).chars() {
        if c.is_alphanumeric() || c == '/' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if matches!(c, ',' | '.' | ';' | ':' | '(' | ')' | '|' | '\n' | '!' | '?')
            && words.last().is_some_and(|w| w != ",")
        {
            words.push(",".into());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words.truncate(MAX_TOKENS);
    words
}

/// Joins words into the longest phrases that mean something.
pub(super) fn tag(words: &[String], catalogue: &Catalogue<'_>, warnings: &mut Vec<String>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if words[at] == "," {
            tokens.push(Token { words: ",".into(), meanings: vec![], noun: None, is_break: true });
            at += 1;
            continue;
        }
        let longest = MAX_WORDS.min(words.len() - at);
        let found = (1..=longest).rev().find_map(|n| {
            let phrase = words[at..at + n].join(" ");
            let token = describe(&phrase, catalogue, warnings)?;
            Some((n, token))
        });
        let (n, token) = found.unwrap_or_else(|| (1, misspelt(&words[at], catalogue, warnings)));
        tokens.push(token);
        at += n;
    }
    tokens
}

fn describe(phrase: &str, catalogue: &Catalogue<'_>, warnings: &mut Vec<String>) -> Option<Token> {
    if let Some(meaning) = Catalogue::brand(phrase) {
        warnings.push(format!("brands are not depicted: \"{phrase}\" was left out"));
        let noun = catalogue.lookup(meaning);
        let meanings = if noun.is_none() { vec![Meaning::Filler] } else { vec![] };
        return Some(Token { words: phrase.into(), meanings, noun, is_break: false });
    }
    let meanings = MEANINGS.get(phrase).cloned().unwrap_or_default();
    let noun = catalogue.lookup(phrase).filter(|f| {
        // `glasses` is a plural of a noun, `is` is not a plural of `i`.
        phrase.chars().count() > 2 || !f.plural
    });
    if meanings.is_empty() && noun.is_none() {
        return None;
    }
    Some(Token { words: phrase.into(), meanings, noun, is_break: false })
}

fn misspelt(word: &str, catalogue: &Catalogue<'_>, warnings: &mut Vec<String>) -> Token {
    // `tables`, `walls`, `counters`: a plural of a word of the lexicon.
    if let Some(meanings) = word.strip_suffix('s').and_then(|w| MEANINGS.get(w)) {
        return Token { words: word.into(), meanings: meanings.clone(), noun: None, is_break: false };
    }
    let guess = catalogue.lookup_misspelt(word);
    if let Some((_, name)) = guess {
        warnings.push(format!("\"{word}\" was read as \"{name}\""));
    }
    Token { words: word.into(), meanings: vec![], noun: guess.map(|g| g.0), is_break: false }
}
