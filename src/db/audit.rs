//! Who did what, and when: for the operator to read.

use rusqlite::{Connection, Transaction, params, params_from_iter};
use serde_json::Value;

use super::{DbError, Listing, Page, conditions::Conditions, listing};
use crate::domain::clock::Timestamp;

/// One thing that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who: an account's id, `operator` for the command line, `appliance` for the program itself.
    pub actor: String,
    /// What, as `noun.verb`: `key.create`, `credits.grant`, …
    pub action: String,
    /// To what: an id or a name.
    pub subject: String,
    /// What else is worth knowing; never a secret.
    pub detail: Value,
    /// The e-mail address of the account that did it, if one did.
    pub actor_email: Option<String>,
}

/// A thing done that is to be noted.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a> {
    /// When.
    pub at: Timestamp,
    /// Who; see [`Entry::actor`].
    pub actor: &'a str,
    /// What; see [`Entry::action`].
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
    /// What else is worth knowing; never a secret.
    pub detail: &'a Value,
}

/// Notes what was done.
pub fn insert(tx: &Transaction<'_>, entry: NewEntry<'_>) -> Result<(), DbError> {
    tx.prepare_cached("INSERT INTO audit (at, actor, action, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![entry.at, entry.actor, entry.action, entry.subject, entry.detail])?;
    Ok(())
}

/// What was done, latest first; `words` must all occur in what an entry tells.
pub fn list(conn: &Connection, words: &[String], page: Page<i64>) -> Result<Listing<Entry>, DbError> {
    let text = "lower(actor || ' ' || action || ' ' || subject || ' ' || detail || ' ' || COALESCE(email_key, ''))";
    let conditions = Conditions::default().with_words(text, words).with_some("seq < ?", page.after);
    let sql = format!(
        "SELECT seq, at, actor, action, subject, detail, email FROM audit LEFT JOIN accounts ON accounts.id = actor \
         WHERE {} ORDER BY seq DESC LIMIT ? + 1",
        conditions.sql()
    );
    listing::collect(conn, &sql, params_from_iter(conditions.values_and(page.limit)), page.limit, |row| {
        Ok(Entry {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            action: row.get(3)?,
            subject: row.get(4)?,
            detail: row.get(5)?,
            actor_email: row.get(6)?,
        })
    })
}
