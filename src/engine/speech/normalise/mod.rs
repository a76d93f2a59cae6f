//! Text normalisation: writes out what is not a word.

use super::Dialect;
use crate::engine::EngineError;

/// A text that holds only words and punctuation.
pub struct Normalised {
    /// The words; a line feed ends a paragraph.
    pub text: String,
    /// What was left out.
    pub warnings: Vec<String>,
}

/// Writes `text` out for an accent.
pub fn normalise(text: &str, _dialect: Dialect) -> Result<Normalised, EngineError> {
    Ok(Normalised { text: text.replace(['[', ']'], " "), warnings: Vec::new() })
}
