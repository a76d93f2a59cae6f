//! What an account spent, day by day.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::{
    db::{DbError, listing},
    domain::{clock::Timestamp, ids::AccountId, job::Mode},
};

/// The jobs of one mode that ended on one day, deleted ones too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsageRow {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// What they made.
    pub mode: Mode,
    /// How many ended.
    pub jobs: u64,
    /// How many of them gave all their credits back.
    pub released: u64,
    /// Credits charged for the others.
    pub charged: u64,
}

/// Usage from `from` to `until` (both included) with live credentials, latest day first.
pub fn usage(
    conn: &Connection,
    account: AccountId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<UsageRow>, DbError> {
    let sql = "SELECT date(resolved_at / 1000, 'unixepoch') AS day, mode, COUNT(*), \
               SUM(charged = 0 AND from_signup + from_available > 0), SUM(charged) \
               FROM holds WHERE account_id = ?1 AND resolved_at BETWEEN ?2 AND ?3 \
               GROUP BY day, mode ORDER BY day DESC, mode";
    listing::all(conn, sql, params![account, from, until], |row| {
        Ok(UsageRow {
            day: row.get(0)?,
            mode: row.get(1)?,
            jobs: row.get::<_, i64>(2)? as u64,
            released: row.get::<_, i64>(3)? as u64,
            charged: row.get::<_, i64>(4)? as u64,
        })
    })
}
