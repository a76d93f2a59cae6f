//! Words that neither the lexicon nor the catalogue has, by meaning: the nearest thing, material, place, light or
//! style that there is.
//!
//! Owns what is asked of a [`Guess`] and what is made of its answer. Words that are known never come here.

use super::{
    catalogue::{Catalogue, Found},
    lexicon::Meaning,
    tokens::Token,
};
use crate::engine::EngineError;

/// Where an unknown word stands, which decides what it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Before the head of its phrase: a material, a mood, a style.
    Modifier,
    /// The head of its phrase: a thing.
    Head,
    /// The head after `in` or `at`: a place, or a thing.
    Whereabouts,
}

/// What a word was taken for.
#[derive(Debug, Clone, PartialEq)]
pub struct Guessed {
    /// The known words that it comes nearest.
    pub near: String,
    /// What those mean; `None` for the name of a thing.
    pub meaning: Option<Meaning>,
}

/// Who knows what unknown words come near.
pub trait Guess {
    /// What comes nearest to `words`, if anything comes near enough.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`], [`EngineError::Model`].
    fn nearest(
        &mut self,
        words: &str,
        position: Position,
        catalogue: &Catalogue<'_>,
    ) -> Result<Option<Guessed>, EngineError>;
}

/// Guesses nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoGuess;

impl Guess for NoGuess {
    fn nearest(&mut self, _: &str, _: Position, _: &Catalogue<'_>) -> Result<Option<Guessed>, EngineError> {
        Ok(None)
    }
}

/// Guesses at most this many words of a prompt: what is mostly unknown is no prompt.
const GUESSES_MAX: usize = 12;

/// Gives unknown tokens the meaning that they come nearest.
///
/// # Errors
/// Those of `guess`.
pub(super) fn resolve(
    tokens: &mut [Token],
    catalogue: &Catalogue<'_>,
    guess: &mut dyn Guess,
    warnings: &mut Vec<String>,
) -> Result<(), EngineError> {
    let unknown: Vec<usize> = (0..tokens.len()).filter(|&i| tokens[i].is_unknown()).take(GUESSES_MAX).collect();
    for i in unknown {
        let Some(found) = guess.nearest(&tokens[i].words, position(tokens, i), catalogue)? else { continue };
        let word = tokens[i].words.clone();
        if let Some(meaning) = found.meaning {
            warnings.push(format!("\"{word}\" is not known; it was read as \"{}\".", found.near));
            tokens[i].meanings = vec![meaning];
        } else if let Some(noun) = catalogue.lookup(&found.near) {
            // The warning is the grammar's, as for any stand-in.
            tokens[i].noun = Some(Found { plural: is_plural(&word), stand_in: true, ..noun });
        }
    }
    Ok(())
}

fn position(tokens: &[Token], at: usize) -> Position {
    let next = tokens[at + 1..].iter().find(|t| !t.meanings.contains(&Meaning::Filler));
    let goes_on =
        |t: &Token| !t.is_break && t.link().is_none() && (t.noun.is_some() || t.support().is_some() || t.is_unknown());
    if next.is_some_and(|t| goes_on(t) || t.meanings.contains(&Meaning::Backdrop)) {
        return Position::Modifier;
    }
    let link = tokens[..at].iter().rev().find(|t| t.is_break || t.link().is_some() || t.noun.is_some());
    let is_in = |t: &Token| matches!(t.link(), Some(super::lexicon::Link::In | super::lexicon::Link::To(_)));
    if link.is_some_and(is_in) { Position::Whereabouts } else { Position::Head }
}

fn is_plural(word: &str) -> bool {
    word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is")
}
