//! What an account spent, day by day.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::{
    db::{DbError, listing},
    domain::{
        clock::Timestamp,
        ids::{AccountId, KeyId},
        job::Mode,
    },
};

/// The jobs of one mode that ended on one day, deleted ones too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsageRow {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// What they made.
    pub mode: Mode,
    /// The key they came with, by id and name; `None` for a browser session, or when keys are not told apart.
    pub key: Option<(KeyId, String)>,
    /// How many ended.
    pub jobs: u64,
    /// How many of them gave all their credits back.
    pub released: u64,
    /// Credits charged for the others.
    pub charged: u64,
}

/// Usage from `from` to `until` (both included) with live credentials, latest day first; a row a key when `by_key`.
pub fn usage(
    conn: &Connection,
    account: AccountId,
    (from, until): (Timestamp, Timestamp),
    by_key: bool,
) -> Result<Vec<UsageRow>, DbError> {
    let sql = "SELECT date(resolved_at / 1000, 'unixepoch') AS day, mode, CASE WHEN ?4 THEN key_id END AS key, \
               keys.name, COUNT(*), SUM(charged = 0 AND from_signup + from_available > 0), SUM(charged) \
               FROM holds LEFT JOIN keys ON ?4 AND keys.id = holds.key_id \
               WHERE holds.account_id = ?1 AND resolved_at BETWEEN ?2 AND ?3 \
               GROUP BY day, mode, key ORDER BY day DESC, mode, key";
    listing::all(conn, sql, params![account, from, until, by_key], |row| {
        let (key, name): (Option<KeyId>, Option<String>) = (row.get(2)?, row.get(3)?);
        Ok(UsageRow {
            day: row.get(0)?,
            mode: row.get(1)?,
            key: key.zip(name),
            jobs: row.get::<_, i64>(4)? as u64,
            released: row.get::<_, i64>(5)? as u64,
            charged: row.get::<_, i64>(6)? as u64,
        })
    })
}
