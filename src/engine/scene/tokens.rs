//! Words: cuts a prompt into words and joins them into the longest phrases that mean something.
//!
//! Owns the cut and every meaning a phrase may have; refuses to choose among them, which is the grammar's matter.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{
    catalogue::{Catalogue, Entry, Found, normalise},
    emoji,
    lexicon::{Filling, Link, Meaning, Place, Substance, words},
    protected,
    shapes::Shape,
};
use crate::engine::bundle;

pub(super) static MEANINGS: LazyLock<HashMap<&str, Vec<Meaning>>> = LazyLock::new(|| {
    let mut map: HashMap<&str, Vec<Meaning>> = HashMap::new();
    for (meaning, phrases) in words() {
        for phrase in *phrases {
            let known = map.entry(phrase).or_default();
            if !known.contains(meaning) {
                known.push(*meaning);
            }
        }
    }
    map
});

/// Words of English, by the text network's vocabulary and by `WordNet`: what is among them is no misspelling of
/// something else.
static ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let text =
        |part: &str| bundle::bytes(part).ok().and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let is_word = |word: &&str| word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    let things = text("wordnet/kinds.txt").lines().filter_map(|line| line.get(2..)).flat_map(|words| words.split('|'));
    let things = things.map(|word| word.trim_start_matches('~'));
    text("minilm/vocabulary.txt").lines().chain(things).filter(is_word).collect()
});

/// Phrases of the lexicon are at most this long.
const MAX_WORDS: usize = 5;
/// Prompts are at most 500 characters, so at most this many words matter.
const MAX_TOKENS: usize = 250;

/// A joined phrase and everything that it may mean.
#[derive(Debug, Clone, Default)]
pub(super) struct Token {
    /// Which one of the prompt it is.
    pub(super) at: usize,
    pub(super) words: String,
    pub(super) meanings: Vec<Meaning>,
    pub(super) noun: Option<Found>,
    /// What the words before a noun of several words say of it: red, of a red apple.
    pub(super) carried: Vec<Meaning>,
    /// A comma, full stop or bracket.
    pub(super) is_break: bool,
    /// The name of a brand or a person.
    pub(super) is_protected: bool,
}

macro_rules! first {
    ($token:expr, $variant:ident) => {
        $token.meanings.iter().find_map(|m| if let Meaning::$variant(x) = m { Some(*x) } else { None })
    };
}

impl Token {
    pub(super) fn link(&self) -> Option<Link> {
        first!(self, Link)
    }
    pub(super) fn substance(&self) -> Option<Substance> {
        first!(self, Substance)
    }
    pub(super) fn color(&self) -> Option<[u8; 3]> {
        first!(self, Color)
    }
    pub(super) fn support(&self) -> Option<Substance> {
        first!(self, Support)
    }
    pub(super) fn filling(&self) -> Option<Filling> {
        first!(self, Filling)
    }
    pub(super) fn place(&self) -> Option<Place> {
        first!(self, Place)
    }
    /// Whether nothing is known about it.
    pub(super) fn is_unknown(&self) -> bool {
        self.meanings.is_empty() && self.noun.is_none() && !self.is_break
    }
}

/// Cuts a prompt into words; punctuation that separates becomes `,` or, at the end of a sentence, `.`.
pub(super) fn split(prompt: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let text = normalise(&emoji::spell(prompt));
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let within = word.ends_with(|d: char| d.is_ascii_digit()) && rest.peek().is_some_and(char::is_ascii_digit);
        if c.is_alphanumeric() || c == '/' || c == '#' || (matches!(c, '.' | ',') && within) {
            word.push(if c == ',' { '.' } else { c });
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        let mark = match c {
            ',' | '(' | ')' | '|' | '\n' | ':' | '\u{2013}' | '\u{2014}' | '[' | ']' | '"' => ",",
            '.' | ';' | '!' | '?' => ".",
            _ => continue,
        };
        if words.last().is_some_and(|w| w != "," && w != ".") {
            words.push(mark.into());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words.truncate(MAX_TOKENS);
    words
}

/// Joins words into the longest phrases that mean something.
pub(super) fn tag(
    words: &[String],
    catalogue: &Catalogue<'_>,
    people: &HashSet<String>,
    warnings: &mut Vec<String>,
) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (n, token) = if matches!(words[at].as_str(), "," | ".") {
            (1, Token { words: words[at].clone(), is_break: true, ..Token::default() })
        } else {
            let longest = MAX_WORDS.min(words.len() - at);
            let found = (1..=longest).rev().find_map(|n| {
                let token = describe(&words[at..at + n].join(" "), catalogue, people, warnings)?;
                Some((n, token))
            });
            found.unwrap_or_else(|| {
                measure(&words[at..]).unwrap_or_else(|| (1, respell(&words[at], catalogue, warnings)))
            })
        };
        tokens.push(Token { at: tokens.len(), ..token });
        at += n;
    }
    tokens
}

fn describe(
    phrase: &str,
    catalogue: &Catalogue<'_>,
    people: &HashSet<String>,
    warnings: &mut Vec<String>,
) -> Option<Token> {
    if let Some(meaning) = protected::brand(phrase) {
        warnings.push(format!("Brands and logos are not depicted: \"{phrase}\" was left out."));
        let noun = catalogue.lookup(meaning);
        let meanings = if noun.is_none() { vec![Meaning::Filler] } else { vec![] };
        return Some(Token { words: phrase.into(), meanings, noun, is_protected: true, ..Token::default() });
    }
    if protected::is_person(phrase) || people.contains(phrase) {
        warnings.push(format!("No likeness of a real person is made: \"{phrase}\" was read as a person."));
        let noun = catalogue.lookup("person");
        return Some(Token { words: phrase.into(), noun, is_protected: true, ..Token::default() });
    }
    let meanings = MEANINGS.get(phrase).cloned().unwrap_or_default();
    let noun = catalogue.lookup(phrase).filter(|f| {
        // `glasses` is a plural of a noun, `is` is not a plural of `i`.
        phrase.chars().count() > 2 || !f.plural
    });
    if meanings.is_empty() && noun.is_none() {
        return None;
    }
    let carried = noun.filter(|found| !catalogue.is_brought(found.entry));
    let carried = carried.map_or_else(Vec::new, |found| self::carried(phrase, found));
    Some(Token { words: phrase.into(), meanings, noun, carried, ..Token::default() })
}

/// What the words before the last one of a name say of the thing. A model is made of what it is made of; its name
/// says nothing new.
fn carried(name: &str, found: Found) -> Vec<Meaning> {
    if let (Entry::Shape(Shape::CitrusSlice), Some((_, fruit))) = (found.entry, name.rsplit_once(" of ")) {
        let color = MEANINGS.get(fruit).into_iter().flatten().find(|m| matches!(m, Meaning::Color(_)));
        return color.copied().into_iter().collect();
    }
    let is_made = matches!(found.entry, Entry::Shape(_) | Entry::Model(_)) && !name.contains(" of ");
    let Some((front, _)) = name.rsplit_once(' ').filter(|_| is_made) else { return Vec::new() };
    let known = front.split(' ').filter_map(|word| MEANINGS.get(word)).flatten();
    known
        .filter(|m| match m {
            Meaning::Color(_) => true,
            Meaning::Substance(_) => matches!(found.entry, Entry::Shape(_)),
            _ => false,
        })
        .copied()
        .collect()
}

/// Numbers with what they measure: `7`, `85mm`, `f/1.8`, `10 cm tall`, `#aabbcc`; and how many words that takes.
fn measure(words: &[String]) -> Option<(usize, Token)> {
    let first = words[0].as_str();
    let next = words.get(1).map_or("", String::as_str);
    let token = |n: usize, meaning: Meaning| {
        Some((n, Token { words: words[..n].join(" "), meanings: vec![meaning], ..Token::default() }))
    };
    if let Some(hex) = first.strip_prefix('#').filter(|hex| hex.len() == 6) {
        let rgb = u32::from_str_radix(hex, 16).ok()?.to_be_bytes();
        return token(1, Meaning::Color([rgb[1], rgb[2], rgb[3]]));
    }
    if let Some(stop) = first.strip_prefix("f/").or_else(|| first.strip_prefix('f')).and_then(number) {
        return token(1, Meaning::Focus(stop.clamp(0.7, 32.0)));
    }
    if let ("f" | "f/", Some(stop)) = (first, number(next)) {
        return token(2, Meaning::Focus(stop.clamp(0.7, 32.0)));
    }
    let digits = first.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(first.len());
    let value = number(&first[..digits])?;
    let (unit, mut taken) = if digits < first.len() { (&first[digits..], 1) } else { (next, 2) };
    let cm = match unit {
        "mm" if (10.0..=800.0).contains(&value) => return token(taken, Meaning::Lens(value as u16)),
        "mm" => 0.1,
        "cm" | "centimeter" | "centimeters" | "centimetre" | "centimetres" => 1.0,
        "m" | "meter" | "meters" | "metre" | "metres" => 100.0,
        "inch" | "inches" | "in" if digits < first.len() || next.starts_with("inch") => 2.54,
        "foot" | "feet" | "ft" => 30.48,
        _ if digits == first.len() && value.fract() == 0.0 && value >= 1.0 => {
            return token(1, Meaning::Count(value.min(99.0) as u8));
        }
        _ => return None,
    };
    if words.get(taken).is_some_and(|w| matches!(w.as_str(), "tall" | "high" | "long" | "wide" | "big" | "large")) {
        taken += 1;
    }
    token(taken, Meaning::Height((value * cm).clamp(0.5, 2000.0)))
}

fn number(text: &str) -> Option<f32> {
    let is_plain = text.starts_with(|c: char| c.is_ascii_digit()) && text.len() <= 6;
    text.parse::<f32>().ok().filter(|n| is_plain && n.is_finite())
}

/// A plural of a word of the lexicon, or a word that is no English and one slip away from one that is known.
fn respell(word: &str, catalogue: &Catalogue<'_>, warnings: &mut Vec<String>) -> Token {
    let token = |meanings: Vec<Meaning>, noun| Token { words: word.into(), meanings, noun, ..Token::default() };
    // `tables`, `walls`, `counters`
    if let Some(meanings) = word.strip_suffix('s').and_then(|w| MEANINGS.get(w)) {
        return token(meanings.clone(), None);
    }
    let singular = word.strip_suffix('s').unwrap_or(word);
    if ENGLISH.contains(word) || ENGLISH.contains(singular) || !word.is_ascii() {
        return token(vec![], None);
    }
    let Some(name) = catalogue.nearest_spelling(word, MEANINGS.keys().copied()) else { return token(vec![], None) };
    warnings.push(format!("\"{word}\" was read as \"{name}\"."));
    let meanings = MEANINGS.get(name.as_str()).cloned().unwrap_or_default();
    token(meanings, catalogue.lookup(&name))
}
