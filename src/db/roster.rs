//! Accounts as the operator sees them: with what they have, what they did and when they were last seen.

use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::{DbError, Listing, Page, conditions::Conditions, listing};
use crate::domain::{clock::Timestamp, credits::Credits, ids::AccountId};

/// A line of the roster. It has no password hash: nobody but the sign-in needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account's id.
    pub id: AccountId,
    /// Its e-mail address.
    pub email: String,
    /// Whether the person runs the appliance.
    pub is_admin: bool,
    /// Whether nothing of it may be used.
    pub is_disabled: bool,
    /// The plan's id.
    pub plan: String,
    /// The plan that waits for approval, and since when.
    pub pending: Option<(String, Timestamp)>,
    /// What can be spent now.
    pub credits_remaining: Credits,
    /// What is held.
    pub credits_held: Credits,
    /// Jobs, deleted ones not counted.
    pub jobs: u64,
    /// Bytes of its media, each counted whole even where others own the same.
    pub media_bytes: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a session or a key of it was last used, to the minute.
    pub last_seen_at: Option<Timestamp>,
}

const SELECT: &str = "SELECT accounts.*, signup + available AS spendable, held, \
    (SELECT COUNT(*) FROM jobs WHERE jobs.account_id = accounts.id) AS jobs, \
    (SELECT COALESCE(SUM(bytes), 0) FROM assets JOIN blobs USING (sha256) WHERE assets.account_id = accounts.id) \
        AS media_bytes, \
    NULLIF(MAX(COALESCE((SELECT MAX(last_seen_at) FROM sessions WHERE sessions.account_id = accounts.id), 0), \
        COALESCE((SELECT MAX(last_used_at) FROM keys WHERE keys.account_id = accounts.id), 0)), 0) AS seen_at \
    FROM accounts JOIN balances ON balances.account_id = accounts.id";

/// Accounts whose e-mail address has all the words, newest first.
pub fn list(conn: &Connection, words: &[String], page: Page<AccountId>) -> Result<Listing<Member>, DbError> {
    let conditions =
        Conditions::default().with_words("accounts.email_key", words).with_some("accounts.id < ?", page.after);
    let sql = format!("{SELECT} WHERE {} ORDER BY accounts.id DESC LIMIT ? + 1", conditions.sql());
    listing::collect(conn, &sql, params_from_iter(conditions.values_and(page.limit)), page.limit, member)
}

/// The account of that id.
pub fn find(conn: &Connection, id: AccountId) -> Result<Option<Member>, DbError> {
    let sql = format!("{SELECT} WHERE accounts.id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([id], member).optional()?)
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    let pending: Option<String> = row.get("pending_plan")?;
    let pending_since: Option<Timestamp> = row.get("pending_since")?;
    Ok(Member {
        id: row.get("id")?,
        email: row.get("email")?,
        is_admin: row.get("is_admin")?,
        is_disabled: row.get("is_disabled")?,
        plan: row.get("plan")?,
        pending: pending.zip(pending_since),
        credits_remaining: row.get("spendable")?,
        credits_held: row.get("held")?,
        jobs: row.get::<_, i64>("jobs")? as u64,
        media_bytes: row.get::<_, i64>("media_bytes")? as u64,
        created_at: row.get("created_at")?,
        last_seen_at: row.get("seen_at")?,
    })
}
