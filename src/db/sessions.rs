//! Browser sessions. Only the SHA-256 of a token is kept: a stolen database opens no session.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{DbError, listing};
use crate::domain::{
    clock::Timestamp,
    digest::Digest,
    ids::{AccountId, SessionId},
};

/// A session of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, which is no secret.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// The SHA-256 of its token.
    pub token_hash: Digest,
    /// What the person sees in a list of sessions, for example the browser's name.
    pub label: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, as far as [`touch`] was told.
    pub last_seen_at: Timestamp,
}

/// Begins a session.
pub fn create(tx: &Transaction<'_>, session: &Session) -> Result<(), DbError> {
    let sql = "INSERT INTO sessions (id, account_id, token_hash, label, created_at, expires_at, last_seen_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let s = session;
    tx.prepare_cached(sql)?.execute(params![
        s.id,
        s.account,
        s.token_hash,
        s.label,
        s.created_at,
        s.expires_at,
        s.last_seen_at
    ])?;
    Ok(())
}

/// The session with this token, unless it has ended by `now`.
pub fn find(conn: &Connection, token_hash: &Digest, now: Timestamp) -> Result<Option<Session>, DbError> {
    let mut statement = conn.prepare_cached("SELECT * FROM sessions WHERE token_hash = ?1 AND expires_at > ?2")?;
    Ok(statement.query_row(params![token_hash, now], session).optional()?)
}

/// The account's sessions that last beyond `now`, the latest used first.
pub fn list(conn: &Connection, account: AccountId, now: Timestamp) -> Result<Vec<Session>, DbError> {
    let sql = "SELECT * FROM sessions WHERE account_id = ?1 AND expires_at > ?2 ORDER BY last_seen_at DESC, id DESC";
    listing::all(conn, sql, params![account, now], session)
}

/// Notes a use, and moves the end.
pub fn touch(tx: &Transaction<'_>, id: SessionId, now: Timestamp, expires_at: Timestamp) -> Result<(), DbError> {
    tx.prepare_cached("UPDATE sessions SET last_seen_at = ?2, expires_at = ?3 WHERE id = ?1")?
        .execute(params![id, now, expires_at])?;
    Ok(())
}

/// Ends one of the account's sessions; `false` when it has no such session.
pub fn revoke(tx: &Transaction<'_>, account: AccountId, id: SessionId) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM sessions WHERE account_id = ?1 AND id = ?2", params![account, id])? == 1)
}

/// Ends all of the account's sessions but `keep`; says how many.
pub fn revoke_all(tx: &Transaction<'_>, account: AccountId, keep: Option<SessionId>) -> Result<usize, DbError> {
    let sql = "DELETE FROM sessions WHERE account_id = ?1 AND id IS NOT ?2";
    Ok(tx.execute(sql, params![account, keep])?)
}

/// Forgets sessions that ended before `now`; says how many.
pub fn purge_expired(tx: &Transaction<'_>, now: Timestamp) -> Result<usize, DbError> {
    Ok(tx.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now])?)
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get("id")?,
        account: row.get("account_id")?,
        token_hash: row.get("token_hash")?,
        label: row.get("label")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        last_seen_at: row.get("last_seen_at")?,
    })
}
