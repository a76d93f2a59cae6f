//! A text made ready to be spoken: normalised, split into passages a model renders at once, turned into phonemes.
//!
//! Short sentences share a passage, which sounds more natural; long ones are split at clauses, since both models slur
//! what is much longer than their training sentences and Kokoro refuses more than 510 symbols. A passage is also the
//! unit of progress.

use super::{
    Dialect,
    g2p::Phonemizer,
    normalise::{Normalised, normalise},
};
use crate::engine::EngineError;

/// Sentences are put together while they stay below this many phoneme symbols.
const COMFORTABLE: usize = 140;
/// No passage has more phoneme symbols than this.
const LONGEST: usize = 320;
/// Silence after a sentence, a paragraph, and a passage that ends within a sentence, in seconds at natural speed.
const SENTENCE_PAUSE: f32 = 0.40;
const PARAGRAPH_PAUSE: f32 = 0.70;
const CLAUSE_PAUSE: f32 = 0.18;

/// What a model renders in one go.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// Phonemes in the vocabulary of the models, at least one of them, at most 320.
    pub phonemes: String,
    /// Silence after it in seconds at natural speed; that of the last passage is not played.
    pub pause_seconds: f32,
}

/// A text ready to be spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// At least one.
    pub passages: Vec<Passage>,
    /// What could not be spoken.
    pub warnings: Vec<String>,
}

impl Script {
    /// Reads `text` for an accent; [`EngineError::Input`] when nothing of it can be spoken.
    pub fn new(text: &str, phonemizer: &Phonemizer, dialect: Dialect) -> Result<Self, EngineError> {
        let Normalised { text: written, warnings } = normalise(text, dialect)?;
        let mut passages: Vec<Passage> = Vec::new();
        for paragraph in written.split('\n') {
            let mut open = false;
            for sentence in split_sentences(paragraph) {
                let phonemes = phonemizer.phonemes(sentence)?;
                if !phonemes.chars().any(char::is_alphabetic) {
                    continue;
                }
                for (i, part) in split_long(&phonemes).into_iter().enumerate() {
                    match passages.last_mut() {
                        Some(last) if open && i == 0 && length(&last.phonemes) + length(&part) < COMFORTABLE => {
                            last.phonemes.push(' ');
                            last.phonemes.push_str(&part);
                        }
                        last => {
                            if let (Some(last), true) = (last, i > 0) {
                                last.pause_seconds = CLAUSE_PAUSE;
                            }
                            passages.push(Passage { phonemes: part, pause_seconds: SENTENCE_PAUSE });
                        }
                    }
                    open = true;
                }
            }
            if let Some(last) = passages.last_mut() {
                last.pause_seconds = PARAGRAPH_PAUSE;
            }
        }
        if passages.is_empty() {
            return Err(EngineError::Input("The text holds nothing that can be spoken.".to_owned()));
        }
        Ok(Self { passages, warnings })
    }
}

fn length(phonemes: &str) -> usize {
    phonemes.chars().count()
}

/// The sentences of a paragraph with their final punctuation. A full stop after a single capital is an initial, not an
/// end.
fn split_sentences(paragraph: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut ended = false;
    for (at, c) in paragraph.char_indices() {
        match c {
            '.' | '!' | '?' | '…' => ended = c != '.' || !is_initial(&paragraph[start..at]),
            ' ' if ended => {
                sentences.push(paragraph[start..at].trim());
                start = at;
                ended = false;
            }
            '"' | ')' | '\'' => {}
            _ => ended = false,
        }
    }
    sentences.push(paragraph[start..].trim());
    sentences.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    sentences
}

/// Whether the text ends in a capital that stands alone.
fn is_initial(text: &str) -> bool {
    let mut before = text.chars().rev();
    before.next().is_some_and(char::is_uppercase) && before.next().is_none_or(|c| !c.is_alphanumeric())
}

/// Phonemes in parts of at most [`LONGEST`] symbols: cut after clause punctuation, else between words, else anywhere.
fn split_long(phonemes: &str) -> Vec<String> {
    let symbols: Vec<char> = phonemes.chars().collect();
    let mut rest = symbols.as_slice();
    let mut parts = Vec::new();
    while rest.len() > LONGEST {
        let window = &rest[..LONGEST];
        let clause = window.iter().rposition(|c| matches!(c, ',' | ';' | ':' | '—' | '.' | '!' | '?' | '…'));
        // A cut too near the start would leave a scrap.
        let cut = clause
            .filter(|at| *at > LONGEST / 4)
            .or_else(|| window.iter().rposition(|c| *c == ' '))
            .map_or(LONGEST, |at| at + 1);
        parts.push(&rest[..cut]);
        rest = &rest[cut..];
    }
    parts.push(rest);
    parts.into_iter().map(|part| part.iter().collect::<String>().trim().to_owned()).filter(|p| !p.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_would_stop() {
        let text = "Hello there. \"Is it you?\" J. K. Rowling said so! Wait… what";
        let split = split_sentences(text);
        assert_eq!(split, ["Hello there.", "\"Is it you?\"", "J. K. Rowling said so!", "Wait…", "what"]);
        assert!(split_sentences(" ... ").is_empty());
    }

    #[test]
    fn long_sentences_are_cut_at_clauses_and_lose_nothing() {
        let clause = format!("{},", "ab ".repeat(50).trim_end());
        let long = [clause.as_str(); 5].join(" ");
        let parts = split_long(&long);
        assert!(parts.len() > 1 && parts.iter().all(|part| length(part) <= LONGEST && part.ends_with(',')));
        assert_eq!(parts.join(" "), long);
        let unbroken = "a".repeat(1000);
        assert_eq!(split_long(&unbroken).concat(), unbroken);
        assert!(split_long("").is_empty());
    }
}
