//! Webhook deliveries that are still to be made: an outbox written in the transaction that ends the job.

use rusqlite::{Connection, Row, Transaction, params};

use super::{DbError, listing};
use crate::domain::{
    clock::Timestamp,
    ids::{AccountId, EventId, JobId},
};

/// One event for one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The event's id, the same on every attempt.
    pub id: EventId,
    /// Whose job.
    pub account: AccountId,
    /// Which job.
    pub job: JobId,
    /// Where it goes.
    pub url: String,
    /// The body, sent byte for byte the same each time.
    pub payload: String,
    /// When it happened.
    pub created_at: Timestamp,
    /// Attempts made so far.
    pub attempts: u32,
    /// When to try next; `None` once delivered or given up.
    pub next_attempt_at: Option<Timestamp>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It arrived.
    Delivered,
    /// It did not; try again then, or never (`None`).
    Failed {
        /// What went wrong.
        error: String,
        /// When to try again.
        retry_at: Option<Timestamp>,
    },
}

/// Puts a delivery into the outbox, due when it was created.
pub fn enqueue(tx: &Transaction<'_>, delivery: &Delivery) -> Result<(), DbError> {
    let sql = "INSERT INTO webhook_deliveries (id, account_id, job_id, url, payload, created_at, next_attempt_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
    let d = delivery;
    tx.prepare_cached(sql)?.execute(params![d.id, d.account, d.job, d.url, d.payload, d.created_at])?;
    Ok(())
}

/// Deliveries due by `now`, the longest due first.
pub fn due(conn: &Connection, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, DbError> {
    let sql = "SELECT * FROM webhook_deliveries WHERE next_attempt_at <= ?1 ORDER BY next_attempt_at LIMIT ?2";
    listing::all(conn, sql, params![now, limit], delivery)
}

/// When the next delivery falls due, if any is left.
pub fn next_due_at(conn: &Connection) -> Result<Option<Timestamp>, DbError> {
    let sql = "SELECT MIN(next_attempt_at) FROM webhook_deliveries WHERE next_attempt_at IS NOT NULL";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Notes how an attempt went.
pub fn record(tx: &Transaction<'_>, id: EventId, attempt: &Attempt, now: Timestamp) -> Result<(), DbError> {
    let (retry_at, delivered_at, error) = match attempt {
        Attempt::Delivered => (None, Some(now), None),
        Attempt::Failed { error, retry_at } => (*retry_at, None, Some(error)),
    };
    tx.prepare_cached(
        "UPDATE webhook_deliveries SET attempts = attempts + 1, next_attempt_at = ?2, delivered_at = ?3, \
         last_error = ?4 WHERE id = ?1 AND delivered_at IS NULL",
    )?
    .execute(params![id, retry_at, delivered_at, error])?;
    Ok(())
}

/// The job's deliveries, oldest first.
pub fn list(conn: &Connection, job: JobId) -> Result<Vec<Delivery>, DbError> {
    listing::all(conn, "SELECT * FROM webhook_deliveries WHERE job_id = ?1 ORDER BY id", [job], delivery)
}

/// Forgets deliveries made or given up that were created before `moment`.
pub fn purge(tx: &Transaction<'_>, moment: Timestamp) -> Result<usize, DbError> {
    let sql = "DELETE FROM webhook_deliveries WHERE next_attempt_at IS NULL AND created_at < ?1";
    Ok(tx.execute(sql, [moment])?)
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: row.get("id")?,
        account: row.get("account_id")?,
        job: row.get("job_id")?,
        url: row.get("url")?,
        payload: row.get("payload")?,
        created_at: row.get("created_at")?,
        attempts: row.get("attempts")?,
        next_attempt_at: row.get("next_attempt_at")?,
        delivered_at: row.get("delivered_at")?,
        last_error: row.get("last_error")?,
    })
}
