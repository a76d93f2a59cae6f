//! The `WHERE` of a list with many filters: only the filters that are set stand in the statement, so that `SQLite` can
//! choose an index for them. Every value is bound, never written into the text.

use rusqlite::ToSql;

/// Conditions that must all hold, and their values.
#[derive(Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    values: Vec<Box<dyn ToSql>>,
}

impl Conditions {
    /// Adds a condition with one `?` in it.
    pub(super) fn with(mut self, sql: &str, value: impl ToSql + 'static) -> Self {
        self.parts.push(sql.to_owned());
        self.values.push(Box::new(value));
        self
    }

    /// Adds the condition where there is a value.
    pub(super) fn with_some(self, sql: &str, value: Option<impl ToSql + 'static>) -> Self {
        match value {
            Some(value) => self.with(sql, value),
            None => self,
        }
    }

    /// Adds a condition that is known when the program is written.
    pub(super) fn with_fixed(mut self, sql: &'static str) -> Self {
        self.parts.push(sql.to_owned());
        self
    }

    /// Adds, for each word, that `column`, which is folded, contains it.
    pub(super) fn with_words(self, column: &str, words: &[String]) -> Self {
        words.iter().fold(self, |all, word| all.with(&format!("instr({column}, ?) > 0"), word.clone()))
    }

    /// The conditions as SQL: `TRUE` where there is none.
    pub(super) fn sql(&self) -> String {
        if self.parts.is_empty() { "TRUE".into() } else { self.parts.join(" AND ") }
    }

    /// The values in the order of their places, then `last`.
    pub(super) fn values_and(self, last: impl ToSql + 'static) -> Vec<Box<dyn ToSql>> {
        let mut values = self.values;
        values.push(Box::new(last));
        values
    }

    /// The values in the order of their places, then a `LIMIT` and an `OFFSET`.
    pub(super) fn values_of_window(self, limit: u32, skip: u32) -> Vec<Box<dyn ToSql>> {
        let mut values = self.values_and(limit);
        values.push(Box::new(skip));
        values
    }

    /// The values in the order of their places.
    pub(super) fn values(self) -> Vec<Box<dyn ToSql>> {
        self.values
    }
}
