//! Invitations to make an account. Only the SHA-256 of a token is kept; each works once.

use rusqlite::{Connection, Row, Transaction, params};

use super::{DbError, Listing, Page, listing};
use crate::domain::{
    clock::Timestamp,
    digest::Digest,
    ids::{AccountId, InvitationId},
};

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id, which is no secret.
    pub id: InvitationId,
    /// The SHA-256 of its token.
    pub token_hash: Digest,
    /// Whom it is for, in the words of who made it.
    pub note: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When an account was made with it, and which.
    pub used: Option<(Timestamp, AccountId)>,
}

/// Keeps a new invitation; it begins unused whatever is given.
pub fn create(tx: &Transaction<'_>, new: &Invitation) -> Result<(), DbError> {
    let sql = "INSERT INTO invitations (id, token_hash, note, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(sql)?.execute(params![new.id, new.token_hash, new.note, new.created_at, new.expires_at])?;
    Ok(())
}

/// Uses the invitation with this token for the account `by`. Its id; `None` when there is none that works at `now`.
pub fn redeem(
    tx: &Transaction<'_>,
    token_hash: &Digest,
    by: AccountId,
    now: Timestamp,
) -> Result<Option<InvitationId>, DbError> {
    let sql = "UPDATE invitations SET used_at = ?3, used_by = ?2 \
               WHERE token_hash = ?1 AND used_at IS NULL AND expires_at > ?3 RETURNING id";
    let mut statement = tx.prepare_cached(sql)?;
    let ids: Vec<InvitationId> =
        statement.query_map(params![token_hash, by, now], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids.first().copied())
}

/// Invitations, newest first, used and expired ones too.
pub fn list(conn: &Connection, page: Page<InvitationId>) -> Result<Listing<Invitation>, DbError> {
    let sql = "SELECT * FROM invitations WHERE (?1 IS NULL OR id < ?1) ORDER BY id DESC LIMIT ?2 + 1";
    listing::collect(conn, sql, params![page.after, page.limit], page.limit, invitation)
}

/// Takes an invitation away; `false` when there is none.
pub fn delete(tx: &Transaction<'_>, id: InvitationId) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM invitations WHERE id = ?1", [id])? == 1)
}

fn invitation(row: &Row<'_>) -> rusqlite::Result<Invitation> {
    let used_at: Option<Timestamp> = row.get("used_at")?;
    let used_by: Option<AccountId> = row.get("used_by")?;
    Ok(Invitation {
        id: row.get("id")?,
        token_hash: row.get("token_hash")?,
        note: row.get("note")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        used: used_at.zip(used_by),
    })
}
