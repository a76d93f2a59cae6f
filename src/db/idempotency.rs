//! First answers kept for a while, so that a request sent twice is done once (the `Idempotency-Key` header).

use std::time::Duration;

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Value;

use super::DbError;
use crate::domain::{clock::Timestamp, digest::Digest, ids::AccountId};

/// How long a first answer is replayed.
pub const KEPT_FOR: Duration = Duration::from_hours(24);

/// What a key is unique in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Whose request.
    pub account: AccountId,
    /// Whether it came with a live credential.
    pub livemode: bool,
    /// The key as the client sent it.
    pub key: String,
}

/// What is known of a key when a request with it arrives.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// Nothing: the request is noted as in flight; end it with [`complete`] or [`abandon`].
    Fresh,
    /// The same request was answered so.
    Replay {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// The same request is being answered at this moment.
    InFlight,
    /// The key came with another request.
    Mismatch,
}

/// Looks `scope` up and, when it is new or older than [`KEPT_FOR`], notes a request in flight.
///
/// `request_hash` is the digest of everything in the request that must be the same.
pub fn begin(tx: &Transaction<'_>, scope: &Scope, request_hash: &Digest, now: Timestamp) -> Result<Begun, DbError> {
    let known = tx
        .prepare_cached(
            "SELECT request_hash, response_status, response_body, created_at FROM idempotency \
             WHERE account_id = ?1 AND livemode = ?2 AND key = ?3",
        )?
        .query_row(params![scope.account, scope.livemode, scope.key], |row| {
            let answer = (row.get::<_, Option<u16>>(1)?, row.get::<_, Option<Value>>(2)?);
            Ok((row.get::<_, Digest>(0)?, answer, row.get::<_, Timestamp>(3)?))
        })
        .optional()?;
    match known {
        Some((hash, answer, created_at)) if now.since(created_at) < KEPT_FOR => Ok(match answer {
            _ if hash != *request_hash => Begun::Mismatch,
            (Some(status), Some(body)) => Begun::Replay { status, body },
            _ => Begun::InFlight,
        }),
        _ => {
            tx.prepare_cached("INSERT OR REPLACE INTO idempotency VALUES (?1, ?2, ?3, ?4, NULL, NULL, ?5)")?
                .execute(params![scope.account, scope.livemode, scope.key, request_hash, now])?;
            Ok(Begun::Fresh)
        }
    }
}

/// Keeps the answer to a request in flight.
pub fn complete(tx: &Transaction<'_>, scope: &Scope, status: u16, body: &Value) -> Result<(), DbError> {
    let changed = tx
        .prepare_cached(
            "UPDATE idempotency SET response_status = ?4, response_body = ?5 \
             WHERE account_id = ?1 AND livemode = ?2 AND key = ?3 AND response_status IS NULL",
        )?
        .execute(params![scope.account, scope.livemode, scope.key, status, body])?;
    if changed == 1 { Ok(()) } else { Err(DbError::NotFound("request in flight")) }
}

/// Forgets a request in flight that had no answer worth keeping.
pub fn abandon(tx: &Transaction<'_>, scope: &Scope) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM idempotency WHERE account_id = ?1 AND livemode = ?2 AND key = ?3 AND response_status IS NULL",
        params![scope.account, scope.livemode, scope.key],
    )?;
    Ok(())
}

/// Forgets every request in flight: at start there is none, whatever a crash left behind.
pub fn abandon_all(tx: &Transaction<'_>) -> Result<usize, DbError> {
    Ok(tx.execute("DELETE FROM idempotency WHERE response_status IS NULL", [])?)
}

/// Forgets answers older than [`KEPT_FOR`].
pub fn purge_expired(tx: &Transaction<'_>, now: Timestamp) -> Result<usize, DbError> {
    let age = i64::try_from(KEPT_FOR.as_millis()).unwrap_or(i64::MAX);
    Ok(tx.execute("DELETE FROM idempotency WHERE created_at <= ?1 - ?2", params![now, age])?)
}
