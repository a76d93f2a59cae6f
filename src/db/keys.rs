//! API keys. Only the SHA-256 of a key's secret is kept; a revoked key stays as a row, so that its jobs can name it.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{DbError, listing};
use crate::domain::{
    clock::Timestamp,
    digest::Digest,
    ids::{AccountId, KeyId},
    scope::Scopes,
};

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id, which is its public half.
    pub id: KeyId,
    /// Whose.
    pub account: AccountId,
    /// What the person calls it.
    pub name: String,
    /// `true` for `mp_live_`, `false` for `mp_test_`.
    pub livemode: bool,
    /// The SHA-256 of its secret.
    pub secret_hash: Digest,
    /// What it may do.
    pub scopes: Scopes,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, as far as [`touch`] was told.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Keeps a new key; `last_used_at` and `revoked_at` begin empty whatever is given.
pub fn create(tx: &Transaction<'_>, key: &Key) -> Result<(), DbError> {
    let sql = "INSERT INTO keys (id, account_id, name, livemode, secret_hash, created_at, scopes, expires_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    tx.prepare_cached(sql)?.execute(params![
        key.id,
        key.account,
        key.name,
        key.livemode,
        key.secret_hash,
        key.created_at,
        // No scopes mean all, those too that a later version has.
        Some(key.scopes).filter(|scopes| *scopes != Scopes::ALL),
        key.expires_at,
    ])?;
    Ok(())
}

/// The key with this id, revoked or not.
pub fn find(conn: &Connection, id: KeyId) -> Result<Option<Key>, DbError> {
    let mut statement = conn.prepare_cached("SELECT * FROM keys WHERE id = ?1")?;
    Ok(statement.query_row([id], key).optional()?)
}

/// The account's keys, newest first, revoked ones too.
pub fn list(conn: &Connection, account: AccountId) -> Result<Vec<Key>, DbError> {
    listing::all(conn, "SELECT * FROM keys WHERE account_id = ?1 ORDER BY id DESC", [account], key)
}

/// Revokes one of the account's keys; `false` when it has no such key or it was revoked before.
pub fn revoke(tx: &Transaction<'_>, account: AccountId, id: KeyId, now: Timestamp) -> Result<bool, DbError> {
    let sql = "UPDATE keys SET revoked_at = ?3 WHERE account_id = ?1 AND id = ?2 AND revoked_at IS NULL";
    Ok(tx.execute(sql, params![account, id, now])? == 1)
}

/// Gives one of the account's keys another name; `false` when it has no such key.
pub fn rename(tx: &Transaction<'_>, account: AccountId, id: KeyId, name: &str) -> Result<bool, DbError> {
    let sql = "UPDATE keys SET name = ?3 WHERE account_id = ?1 AND id = ?2";
    Ok(tx.execute(sql, params![account, id, name])? == 1)
}

/// How many of the account's keys work at `now`.
pub fn count_working(conn: &Connection, account: AccountId, now: Timestamp) -> Result<u64, DbError> {
    let sql = "SELECT COUNT(*) FROM keys WHERE account_id = ?1 AND revoked_at IS NULL \
               AND (expires_at IS NULL OR expires_at > ?2)";
    let count: i64 = conn.prepare_cached(sql)?.query_row(params![account, now], |row| row.get(0))?;
    Ok(count as u64)
}

/// Notes a use.
pub fn touch(tx: &Transaction<'_>, id: KeyId, now: Timestamp) -> Result<(), DbError> {
    tx.prepare_cached("UPDATE keys SET last_used_at = ?2 WHERE id = ?1")?.execute(params![id, now])?;
    Ok(())
}

fn key(row: &Row<'_>) -> rusqlite::Result<Key> {
    Ok(Key {
        id: row.get("id")?,
        account: row.get("account_id")?,
        name: row.get("name")?,
        livemode: row.get("livemode")?,
        secret_hash: row.get("secret_hash")?,
        scopes: row.get::<_, Option<Scopes>>("scopes")?.unwrap_or(Scopes::ALL),
        expires_at: row.get("expires_at")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}
