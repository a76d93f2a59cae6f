//! What is wrong with which field of a request; a request is answered with all of them at once.

use serde::Serialize;

/// One fault in one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name as the client spelled it.
    pub field: String,
    /// A stable machine-readable reason: `missing`, `unknown`, `type`, `too_long`, `out_of_range`, `unsupported`, …
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
}

impl FieldError {
    /// A fault of `code` in `field`.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// The name among `known` that is nearest to `given` by edit distance, if it is near enough to be a slip.
pub fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let limit = (given.chars().count() / 2).clamp(2, 4);
    known.iter().map(|name| (distance(given, name), *name)).filter(|(d, _)| *d <= limit).min().map(|(_, name)| name)
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_not_strangers() {
        let known = ["prompt", "voice_text", "voice_id", "input_image_asset_id"];
        assert_eq!(nearest("promt", &known), Some("prompt"));
        assert_eq!(nearest("voiceid", &known), Some("voice_id"));
        assert_eq!(nearest("input_image_id", &known), None);
        assert_eq!(nearest("zzzzzzzz", &known), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
