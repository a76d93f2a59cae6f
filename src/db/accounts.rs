//! People's accounts and the plans they are on.
//!
//! E-mail addresses are unique whatever their case. Refuses to hash passwords and to know what a plan grants.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{DbError, Listing, Page, listing};
use crate::domain::{clock::Timestamp, ids::AccountId, plan::grant_moment};

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The e-mail address as it was given.
    pub email: String,
    /// The password's hash in PHC string format.
    pub password_hash: String,
    /// Whether the person runs the appliance.
    pub is_admin: bool,
    /// Whether nothing of it may be used.
    pub is_disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// The plan it is on.
    pub subscription: Subscription,
}

/// An account's plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The plan's id.
    pub plan: String,
    /// When it was taken: grants fall on this day of each month.
    pub anchor: Timestamp,
    /// Grants given since then.
    pub grants_given: u32,
    /// When the next one falls, even where the plan grants nothing.
    pub next_grant_at: Timestamp,
    /// The plan that waits for the operator's approval, and since when.
    pub pending: Option<(String, Timestamp)>,
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// The e-mail address.
    pub email: String,
    /// The password's hash in PHC string format.
    pub password_hash: String,
    /// Whether the person runs the appliance.
    pub is_admin: bool,
    /// The id of the plan it begins with.
    pub plan: String,
    /// When.
    pub created_at: Timestamp,
}

/// A monthly grant that has fallen due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantDue {
    /// Whose.
    pub account: AccountId,
    /// The plan that says how much.
    pub plan: String,
    /// When the plan was taken.
    pub anchor: Timestamp,
    /// The grant's number, from 0.
    pub index: u32,
    /// When it fell due.
    pub due_at: Timestamp,
}

/// Makes an account.
///
/// # Errors
/// [`DbError::EmailTaken`] when one with the same address exists, in whatever case.
pub fn create(tx: &Transaction<'_>, new: &NewAccount) -> Result<(), DbError> {
    let sql = "INSERT INTO accounts (id, email, email_key, password_hash, is_admin, created_at, plan, plan_anchor, \
               next_grant_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?6)";
    let key = email_key(&new.email);
    let values = params![new.id, new.email, key, new.password_hash, new.is_admin, new.created_at, new.plan];
    match tx.prepare_cached(sql)?.execute(values) {
        Ok(_) => Ok(()),
        Err(error) if DbError::is_unique_violation(&error) => Err(DbError::EmailTaken),
        Err(error) => Err(error.into()),
    }
}

/// The account with this id.
pub fn find(conn: &Connection, id: AccountId) -> Result<Option<Account>, DbError> {
    let mut statement = conn.prepare_cached("SELECT * FROM accounts WHERE id = ?1")?;
    Ok(statement.query_row([id], account).optional()?)
}

/// The account with this e-mail address, in whatever case.
pub fn find_by_email(conn: &Connection, email: &str) -> Result<Option<Account>, DbError> {
    let mut statement = conn.prepare_cached("SELECT * FROM accounts WHERE email_key = ?1")?;
    Ok(statement.query_row([email_key(email)], account).optional()?)
}

/// Accounts, newest first.
pub fn list(conn: &Connection, page: Page<AccountId>) -> Result<Listing<Account>, DbError> {
    let sql = "SELECT * FROM accounts WHERE (?1 IS NULL OR id < ?1) ORDER BY id DESC LIMIT ?2 + 1";
    listing::collect(conn, sql, params![page.after, page.limit], page.limit, account)
}

/// How many accounts there are.
pub fn count(conn: &Connection) -> Result<u64, DbError> {
    let count: i64 = conn.query_row("SELECT COUNT(*) FROM accounts", [], |row| row.get(0))?;
    Ok(count as u64)
}

/// Replaces the password's hash.
pub fn set_password_hash(tx: &Transaction<'_>, id: AccountId, password_hash: &str) -> Result<(), DbError> {
    one(tx.execute("UPDATE accounts SET password_hash = ?2 WHERE id = ?1", params![id, password_hash])?)
}

/// Disables or enables the account.
pub fn set_disabled(tx: &Transaction<'_>, id: AccountId, is_disabled: bool) -> Result<(), DbError> {
    one(tx.execute("UPDATE accounts SET is_disabled = ?2 WHERE id = ?1", params![id, is_disabled])?)
}

/// Makes the person an operator, or no longer one.
pub fn set_admin(tx: &Transaction<'_>, id: AccountId, is_admin: bool) -> Result<(), DbError> {
    one(tx.execute("UPDATE accounts SET is_admin = ?2 WHERE id = ?1", params![id, is_admin])?)
}

/// Begins `plan` at `anchor`: its first grant falls due at once, and what was pending is settled.
pub fn start_plan(tx: &Transaction<'_>, id: AccountId, plan: &str, anchor: Timestamp) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET plan = ?2, plan_anchor = ?3, grants_given = 0, next_grant_at = ?3, \
               pending_plan = NULL, pending_since = NULL WHERE id = ?1";
    one(tx.execute(sql, params![id, plan, anchor])?)
}

/// Notes that the person wants `plan` and the operator must say so.
pub fn request_plan(tx: &Transaction<'_>, id: AccountId, plan: &str, now: Timestamp) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET pending_plan = ?2, pending_since = ?3 WHERE id = ?1";
    one(tx.execute(sql, params![id, plan, now])?)
}

/// Forgets the plan that waited for approval.
pub fn drop_pending_plan(tx: &Transaction<'_>, id: AccountId) -> Result<(), DbError> {
    one(tx.execute("UPDATE accounts SET pending_plan = NULL, pending_since = NULL WHERE id = ?1", [id])?)
}

/// Accounts whose plan waits for approval, longest first.
pub fn list_pending(conn: &Connection) -> Result<Vec<Account>, DbError> {
    let sql = "SELECT * FROM accounts WHERE pending_plan IS NOT NULL ORDER BY pending_since";
    listing::all(conn, sql, [], account)
}

/// Monthly grants due by `now`, one an account, the longest due first; see [`super::ledger::grant_monthly`].
pub fn grants_due(conn: &Connection, now: Timestamp, limit: u32) -> Result<Vec<GrantDue>, DbError> {
    let sql = "SELECT id, plan, plan_anchor, grants_given, next_grant_at FROM accounts \
               WHERE is_disabled = 0 AND next_grant_at <= ?1 ORDER BY next_grant_at LIMIT ?2";
    listing::all(conn, sql, params![now, limit], |row| {
        Ok(GrantDue {
            account: row.get(0)?,
            plan: row.get(1)?,
            anchor: row.get(2)?,
            index: row.get(3)?,
            due_at: row.get(4)?,
        })
    })
}

/// Counts the grant as given. `false` when it was before, or the plan is another by now.
pub(super) fn advance_grant(tx: &Transaction<'_>, due: &GrantDue) -> Result<bool, DbError> {
    let sql = "UPDATE accounts SET grants_given = grants_given + 1, next_grant_at = ?5 \
               WHERE id = ?1 AND plan = ?2 AND plan_anchor = ?3 AND grants_given = ?4";
    let next = grant_moment(due.anchor, due.index + 1);
    Ok(tx.execute(sql, params![due.account, due.plan, due.anchor, due.index, next])? == 1)
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let pending: Option<String> = row.get("pending_plan")?;
    let pending_since: Option<Timestamp> = row.get("pending_since")?;
    Ok(Account {
        id: row.get("id")?,
        email: row.get("email")?,
        password_hash: row.get("password_hash")?,
        is_admin: row.get("is_admin")?,
        is_disabled: row.get("is_disabled")?,
        created_at: row.get("created_at")?,
        subscription: Subscription {
            plan: row.get("plan")?,
            anchor: row.get("plan_anchor")?,
            grants_given: row.get("grants_given")?,
            next_grant_at: row.get("next_grant_at")?,
            pending: pending.zip(pending_since),
        },
    })
}

/// What makes two addresses the same: `SQLite`'s own `NOCASE` knows ASCII only.
fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

fn one(changed: usize) -> Result<(), DbError> {
    if changed == 1 { Ok(()) } else { Err(DbError::NotFound("account")) }
}
