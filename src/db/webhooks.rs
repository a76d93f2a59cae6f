//! What an account has of webhooks: where they go if a job names no address, and the secrets that sign them.
//!
//! The secrets are kept as they are, not hashed: they must sign.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::DbError;
use crate::domain::{clock::Timestamp, ids::AccountId, webhook::Secret};

/// How long a secret that was replaced still signs beside the new one.
pub const PREVIOUS_SIGNS_FOR: Duration = Duration::from_hours(24);

/// The secrets that sign at a moment, the newest first.
pub fn secrets(conn: &Connection, account: AccountId, now: Timestamp) -> Result<Vec<Secret>, DbError> {
    let sql =
        "SELECT secret, CASE WHEN previous_until > ?2 THEN previous_secret END FROM webhooks WHERE account_id = ?1";
    let found = conn
        .prepare_cached(sql)?
        .query_row(params![account, now], |row| Ok((row.get::<_, Secret>(0)?, row.get::<_, Option<Secret>>(1)?)))
        .optional()?;
    Ok(found.map_or_else(Vec::new, |(newest, previous)| std::iter::once(newest).chain(previous).collect()))
}

/// Keeps `secret` for the account, unless it has one.
pub fn ensure_secret(tx: &Transaction<'_>, account: AccountId, secret: &Secret) -> Result<(), DbError> {
    tx.prepare_cached("INSERT INTO webhooks (account_id, secret) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![account, secret])?;
    Ok(())
}

/// Puts `secret` in the place of the account's present one, which signs on for [`PREVIOUS_SIGNS_FOR`].
pub fn rotate_secret(tx: &Transaction<'_>, account: AccountId, secret: &Secret, now: Timestamp) -> Result<(), DbError> {
    let sql = "INSERT INTO webhooks (account_id, secret) VALUES (?1, ?2) ON CONFLICT (account_id) DO UPDATE SET \
               previous_secret = secret, previous_until = ?3, secret = excluded.secret";
    tx.prepare_cached(sql)?.execute(params![account, secret, now.plus(PREVIOUS_SIGNS_FOR)])?;
    Ok(())
}

/// Where the end of the account's jobs goes, if they name no address of their own.
pub fn endpoint(conn: &Connection, account: AccountId) -> Result<Option<String>, DbError> {
    let mut statement = conn.prepare_cached("SELECT url FROM webhooks WHERE account_id = ?1")?;
    Ok(statement.query_row([account], |row| row.get(0)).optional()?.flatten())
}

/// Sets or forgets that address; `secret` is kept if the account has none.
pub fn set_endpoint(
    tx: &Transaction<'_>,
    account: AccountId,
    url: Option<&str>,
    secret: &Secret,
) -> Result<(), DbError> {
    ensure_secret(tx, account, secret)?;
    tx.prepare_cached("UPDATE webhooks SET url = ?2 WHERE account_id = ?1")?.execute(params![account, url])?;
    Ok(())
}
