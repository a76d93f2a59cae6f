//! Webhook deliveries: an outbox written in the transaction that ends the job, and the log of every attempt.
//!
//! A delivery is pending while it has a next attempt; then it is delivered, or failed. Replaying makes it pending again.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{DbError, Listing, Page, assets::Owner, listing};
use crate::domain::{
    clock::Timestamp,
    ids::{AccountId, EventId, JobId},
    webhook::EventType,
};

/// A delivery to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// The event's id, the same on every attempt.
    pub id: EventId,
    /// Whose, and whether of a live job.
    pub owner: Owner,
    /// What happened.
    pub event: EventType,
    /// To which job; `None` for a test.
    pub job: Option<JobId>,
    /// Where it goes.
    pub url: String,
    /// The body, sent byte for byte the same each time.
    pub payload: String,
    /// When it happened.
    pub created_at: Timestamp,
}

/// A delivery and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What is to be delivered.
    pub new: NewDelivery,
    /// Attempts since it was made or last replayed.
    pub tries: u32,
    /// When to try next; `None` once delivered or given up.
    pub next_attempt_at: Option<Timestamp>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is tried, now or later.
    Pending,
    /// It arrived.
    Delivered,
    /// It was given up.
    Failed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

impl Delivery {
    /// How it stands.
    pub const fn status(&self) -> Status {
        match (self.next_attempt_at, self.delivered_at) {
            (Some(_), _) => Status::Pending,
            (None, Some(_)) => Status::Delivered,
            (None, None) => Status::Failed,
        }
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// The status that was answered, if an answer came.
    pub status_code: Option<u16>,
    /// What went wrong; `None` when it arrived.
    pub error: Option<String>,
    /// Milliseconds until the answer, or until it was given up.
    pub latency_ms: u64,
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It arrived.
    Done,
    /// Try again then.
    Retry(Timestamp),
    /// Never try again.
    GiveUp,
}

/// Which deliveries to list; `None` means any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this job.
    pub job: Option<JobId>,
    /// That stand so.
    pub status: Option<Status>,
    /// Of live or of test jobs only.
    pub livemode: Option<bool>,
}

/// Puts a delivery into the outbox, due when it was created.
pub fn enqueue(tx: &Transaction<'_>, new: &NewDelivery) -> Result<(), DbError> {
    let sql = "INSERT INTO deliveries (id, account_id, livemode, type, job_id, url, payload, created_at, \
               next_attempt_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)";
    tx.prepare_cached(sql)?.execute(params![
        new.id,
        new.owner.account,
        new.owner.livemode,
        new.event,
        new.job,
        new.url,
        new.payload,
        new.created_at
    ])?;
    Ok(())
}

/// Deliveries due by `now`, the longest due first: at most `each` of an account, so that one account's silent
/// receivers don't keep another's waiting.
pub fn due(conn: &Connection, now: Timestamp, each: u32, limit: u32) -> Result<Vec<Delivery>, DbError> {
    let sql = "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY next_attempt_at, id) AS place \
               FROM deliveries WHERE next_attempt_at <= ?1) WHERE place <= ?2 ORDER BY next_attempt_at, id LIMIT ?3";
    listing::all(conn, sql, params![now, each, limit], delivery)
}

/// When the next delivery falls due, if any is left.
pub fn next_due_at(conn: &Connection) -> Result<Option<Timestamp>, DbError> {
    let sql = "SELECT MIN(next_attempt_at) FROM deliveries WHERE next_attempt_at IS NOT NULL";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Notes how an attempt went and what follows. A delivery that was forgotten meanwhile is none of it.
pub fn record(tx: &Transaction<'_>, id: EventId, attempt: &Attempt, next: Next) -> Result<(), DbError> {
    let (retry_at, delivered_at) = match next {
        Next::Done => (None, Some(attempt.at)),
        Next::Retry(at) => (Some(at), None),
        Next::GiveUp => (None, None),
    };
    let sql = "UPDATE deliveries SET tries = tries + 1, next_attempt_at = ?2, delivered_at = ?3 WHERE id = ?1";
    if tx.prepare_cached(sql)?.execute(params![id, retry_at, delivered_at])? == 0 {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO delivery_attempts (delivery_id, number, at, status_code, error, latency_ms) SELECT ?1, \
         COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4, ?5 FROM delivery_attempts WHERE delivery_id = ?1",
    )?
    .execute(params![
        id,
        attempt.at,
        attempt.status_code,
        attempt.error,
        i64::try_from(attempt.latency_ms).unwrap_or(i64::MAX)
    ])?;
    Ok(())
}

/// Makes the delivery pending again, due at once, with all of its tries before it. `false` when the account has no such
/// delivery.
pub fn replay(tx: &Transaction<'_>, account: AccountId, id: EventId, now: Timestamp) -> Result<bool, DbError> {
    let sql = "UPDATE deliveries SET tries = 0, next_attempt_at = ?3, delivered_at = NULL \
               WHERE id = ?1 AND account_id = ?2";
    Ok(tx.prepare_cached(sql)?.execute(params![id, account, now])? == 1)
}

/// The account's delivery with this id.
pub fn find(conn: &Connection, account: AccountId, id: EventId) -> Result<Option<Delivery>, DbError> {
    let mut statement = conn.prepare_cached("SELECT * FROM deliveries WHERE id = ?1 AND account_id = ?2")?;
    Ok(statement.query_row(params![id, account], delivery).optional()?)
}

/// The account's deliveries, newest first.
pub fn list(
    conn: &Connection,
    account: AccountId,
    filter: Filter,
    page: Page<EventId>,
) -> Result<Listing<Delivery>, DbError> {
    let sql = "SELECT * FROM deliveries WHERE account_id = ?1 AND (?2 IS NULL OR job_id = ?2) \
               AND (?3 IS NULL OR livemode = ?3) AND (?4 IS NULL OR ?4 = CASE \
               WHEN next_attempt_at IS NOT NULL THEN 'pending' WHEN delivered_at IS NOT NULL THEN 'delivered' \
               ELSE 'failed' END) AND (?5 IS NULL OR id < ?5) ORDER BY id DESC LIMIT ?6 + 1";
    let status = filter.status.map(Status::as_str);
    let values = params![account, filter.job, filter.livemode, status, page.after, page.limit];
    listing::collect(conn, sql, values, page.limit, delivery)
}

/// The attempts of a delivery, the first one first.
pub fn attempts(conn: &Connection, id: EventId) -> Result<Vec<Attempt>, DbError> {
    let sql = "SELECT at, status_code, error, latency_ms FROM delivery_attempts WHERE delivery_id = ?1 ORDER BY number";
    listing::all(conn, sql, [id], |row| {
        Ok(Attempt {
            at: row.get(0)?,
            status_code: row.get(1)?,
            error: row.get(2)?,
            latency_ms: row.get::<_, i64>(3)? as u64,
        })
    })
}

/// Forgets deliveries made or given up that were created before `moment`, with their attempts; says how many.
pub fn purge(tx: &Transaction<'_>, moment: Timestamp) -> Result<usize, DbError> {
    Ok(tx.execute("DELETE FROM deliveries WHERE next_attempt_at IS NULL AND created_at < ?1", [moment])?)
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        new: NewDelivery {
            id: row.get("id")?,
            owner: Owner { account: row.get("account_id")?, livemode: row.get("livemode")? },
            event: row.get("type")?,
            job: row.get("job_id")?,
            url: row.get("url")?,
            payload: row.get("payload")?,
            created_at: row.get("created_at")?,
        },
        tries: row.get("tries")?,
        next_attempt_at: row.get("next_attempt_at")?,
        delivered_at: row.get("delivered_at")?,
    })
}
