//! Text normalisation: writes out numbers, dates, money, units, addresses and symbols, so that only words and
//! punctuation are left.
//!
//! Owns readings, not pronunciations. Each module holds the rules of one concept; [`RULES`] is the order they run in.
//! What can't be spoken is left out and named in a warning; a text of which nothing is left is refused.

mod amounts;
mod calendar;
mod characters;
mod contacts;
mod figures;
mod numbers;
mod words;

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Dialect;
use crate::engine::EngineError;

/// A text that holds only words and punctuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    /// Words of Latin letters, spaces and `.,;:!?—…"'()-`; a line feed ends a paragraph.
    pub text: String,
    /// What was left out, in sentences for the owner.
    pub warnings: Vec<String>,
}

/// A place in the text where a rule's pattern was found.
struct Found<'t> {
    groups: Captures<'t>,
    /// The character before the match; `None` at the start of the text.
    before: Option<char>,
    /// The text after the match.
    after: &'t str,
    dialect: Dialect,
}

impl<'t> Found<'t> {
    /// Group `index`, empty where it took no part in the match.
    fn group(&self, index: usize) -> &'t str {
        self.groups.get(index).map_or("", |group| group.as_str())
    }

    /// Whether the match stands alone: no letter, digit or one of `glue` touches it.
    fn stands_alone(&self, glue: &str) -> bool {
        let touches = |c: char| c.is_alphanumeric() || glue.contains(c);
        !self.before.is_some_and(touches) && !self.after.chars().next().is_some_and(touches)
    }

    /// Whether a sentence ends here: nothing follows, or a capital after white space.
    fn ends_sentence(&self) -> bool {
        let rest = self.after.trim_start_matches(['"', ')', '\'']);
        rest.is_empty()
            || rest.starts_with('\n')
            || (rest.starts_with(' ') && rest.trim_start().chars().next().is_some_and(char::is_uppercase))
    }
}

/// How a match is read; `None` leaves it as it is.
type Reading = fn(&Found<'_>) -> Option<String>;

/// Every rule in its order: addresses before dates, dates before quantities, quantities before plain numbers.
static RULES: LazyLock<Vec<(Regex, Reading)>> = LazyLock::new(|| {
    let sets = [contacts::RULES, calendar::RULES, amounts::RULES, words::RULES, figures::RULES, characters::RULES];
    #[expect(clippy::unwrap_used, reason = "constant patterns; a test compiles them all")]
    let compiled = |(pattern, reading): &(&str, Reading)| (Regex::new(pattern).unwrap(), *reading);
    sets.into_iter().flatten().map(compiled).collect()
});

/// Writes `text` out as it is read in `dialect`; [`EngineError::Input`] when nothing of it can be spoken.
pub fn normalise(text: &str, dialect: Dialect) -> Result<Normalised, EngineError> {
    let mut written = characters::prepare(text);
    for (pattern, reading) in RULES.iter() {
        written = rewrite(&written, pattern, *reading, dialect);
    }
    characters::finish(&written, text)
}

/// Replaces every match of `pattern` that `reading` takes. A match that it leaves is looked into again one character
/// further on.
fn rewrite(text: &str, pattern: &Regex, reading: Reading, dialect: Dialect) -> String {
    let mut written = String::with_capacity(text.len() + 16);
    let mut at = 0;
    while let Some(groups) = pattern.captures_at(text, at) {
        let Some(whole) = groups.get(0) else { break };
        let before = text[..whole.start()].chars().next_back();
        let found = Found { groups, before, after: &text[whole.end()..], dialect };
        let (start, end) = (whole.start(), whole.end());
        written.push_str(&text[at..start]);
        if let Some(words) = reading(&found) {
            written.push_str(&words);
            at = end;
        } else {
            at = start;
        }
        if at == start {
            let Some(next) = text[at..].chars().next() else { break };
            written.push(next);
            at += next.len_utf8();
        }
    }
    written.push_str(&text[at..]);
    written
}

#[cfg(test)]
mod tests;
