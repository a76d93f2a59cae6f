//! Who did what, and when: for the operator to read.

use rusqlite::{Connection, Transaction, params};
use serde_json::Value;

use super::{DbError, Listing, Page, listing};
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

/// What was done, latest first.
pub fn list(conn: &Connection, page: Page<i64>) -> Result<Listing<Entry>, DbError> {
    let sql = "SELECT seq, at, actor, action, subject, detail FROM audit WHERE (?1 IS NULL OR seq < ?1) \
               ORDER BY seq DESC LIMIT ?2 + 1";
    listing::collect(conn, sql, params![page.after, page.limit], page.limit, |row| {
        Ok(Entry {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            action: row.get(3)?,
            subject: row.get(4)?,
            detail: row.get(5)?,
        })
    })
}
