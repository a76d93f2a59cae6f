//! Money: an append-only, double-entry ledger of credits in which the database itself keeps the balances true.
//!
//! Every movement is one row of `transfers` that takes from a debit purse and gives to a credit purse (two-phase for
//! jobs, as in `TigerBeetle`: a hold first, its resolution later). A person has three purses: `signup` (free sign-up
//! credits), `available` and `held`; the appliance has `issued`, where grants come from, and `revenue`, where charges
//! go. Triggers move the balances, refuse an overdraft, and refuse any change of what was written; every row carries
//! the hash of the row before it ([`verify()`] walks the chain).
//!
//! Holds take sign-up credits first, a settlement charges those first, and what is released goes back where it came
//! from.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{
    DbError, Listing, Page,
    accounts::{self, GrantDue},
    listing,
};
use crate::domain::{
    clock::Timestamp,
    credits::Credits,
    digest::Digest,
    ids::{AccountId, JobId, TransferId},
};

mod chain;
mod holds;
mod usage;
mod verify;

pub use chain::{Kind, Purse};
pub(super) use holds::{NewHold, hold, resolve};
pub use usage::{UsageRow, usage};
pub use verify::{Finding, Report, verify};

/// What an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    /// Free sign-up credits that are left.
    pub signup: Credits,
    /// Other credits that may be spent.
    pub available: Credits,
    /// Held for jobs that have not ended.
    pub held: Credits,
}

impl Balance {
    /// What may be spent: `credits_remaining` in the API.
    pub fn spendable(&self) -> Credits {
        // Grants keep the sum of all three below the limit, see `grant`.
        self.signup.checked_add(self.available).unwrap_or(Credits::new(u32::MAX))
    }
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// Its id.
    pub id: TransferId,
    /// When.
    pub created_at: Timestamp,
    /// The account it concerns.
    pub account: AccountId,
    /// What it is.
    pub kind: Kind,
    /// The purse it takes from.
    pub debit: Purse,
    /// The purse it gives to.
    pub credit: Purse,
    /// How much.
    pub amount: Credits,
    /// The job it is for, for holds and their resolutions; the job may be deleted by now.
    pub job: Option<JobId>,
    /// Why, for grants by the operator.
    pub note: String,
    /// The hash of the row before it.
    pub prev_hash: Digest,
    /// Its own hash.
    pub hash: Digest,
}

/// What the account has now.
///
/// # Errors
/// [`DbError::NotFound`] when there is no such account.
pub fn balance(conn: &Connection, account: AccountId) -> Result<Balance, DbError> {
    let mut statement = conn.prepare_cached("SELECT signup, available, held FROM balances WHERE account_id = ?1")?;
    statement.query_row([account], read_balance).optional()?.ok_or(DbError::NotFound("account"))
}

/// What the account had at `moment`, summed from its transfers.
pub fn balance_as_of(conn: &Connection, account: AccountId, moment: Timestamp) -> Result<Balance, DbError> {
    let mut statement = conn.prepare_cached(
        "SELECT COALESCE(SUM(amount * ((credit = 'signup') - (debit = 'signup'))), 0), \
                COALESCE(SUM(amount * ((credit = 'available') - (debit = 'available'))), 0), \
                COALESCE(SUM(amount * ((credit = 'held') - (debit = 'held'))), 0) \
         FROM transfers WHERE account_id = ?1 AND created_at <= ?2",
    )?;
    Ok(statement.query_row(params![account, moment], read_balance)?)
}

/// Gives a new account its free credits. `false` when it has had them.
pub fn grant_signup(
    tx: &Transaction<'_>,
    account: AccountId,
    amount: Credits,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM transfers WHERE account_id = ?1 AND kind = 'signup_grant')";
    if tx.prepare_cached(sql)?.query_row([account], |row| row.get(0))? {
        return Ok(false);
    }
    grant(tx, &chain::Entry::new(account, Kind::SignupGrant, amount), now)?;
    Ok(true)
}

/// Gives the account what the operator says, for a reason that the ledger keeps.
pub fn grant_by_operator(
    tx: &Transaction<'_>,
    account: AccountId,
    amount: Credits,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let entry = chain::Entry { note: reason, ..chain::Entry::new(account, Kind::OperatorGrant, amount) };
    grant(tx, &entry, now)
}

/// Gives a monthly grant that fell due, once whatever happens. `false` when it was given, or the plan is another by
/// now. An `amount` of zero counts the grant and moves nothing.
pub fn grant_monthly(tx: &Transaction<'_>, due: &GrantDue, amount: Credits, now: Timestamp) -> Result<bool, DbError> {
    if !accounts::advance_grant(tx, due)? {
        return Ok(false);
    }
    // A plan left and taken again with the same anchor must not grant twice either.
    let sql = "SELECT EXISTS (SELECT 1 FROM transfers WHERE kind = 'monthly_grant' AND account_id = ?1 \
               AND grant_anchor = ?2 AND grant_index = ?3)";
    if tx.prepare_cached(sql)?.query_row(params![due.account, due.anchor, due.index], |row| row.get(0))? {
        return Ok(false);
    }
    let entry = chain::Entry {
        grant: Some((due.anchor, due.index)),
        note: &due.plan,
        ..chain::Entry::new(due.account, Kind::MonthlyGrant, amount)
    };
    grant(tx, &entry, now)?;
    Ok(true)
}

/// The account's transfers, latest first.
pub fn list(conn: &Connection, account: AccountId, page: Page<TransferId>) -> Result<Listing<Transfer>, DbError> {
    let sql = "SELECT * FROM transfers WHERE account_id = ?1 \
               AND (?2 IS NULL OR seq < (SELECT seq FROM transfers WHERE id = ?2 AND account_id = ?1)) \
               ORDER BY seq DESC LIMIT ?3 + 1";
    listing::collect(conn, sql, params![account, page.after, page.limit], page.limit, transfer)
}

/// When the account was last given a monthly grant, of whatever plan.
pub fn last_monthly_grant(conn: &Connection, account: AccountId) -> Result<Option<Timestamp>, DbError> {
    let sql = "SELECT MAX(created_at) FROM transfers WHERE account_id = ?1 AND kind = 'monthly_grant'";
    Ok(conn.prepare_cached(sql)?.query_row([account], |row| row.get(0))?)
}

/// The transfers of one job, oldest first.
pub fn list_for_job(conn: &Connection, job: JobId) -> Result<Vec<Transfer>, DbError> {
    listing::all(conn, "SELECT * FROM transfers WHERE job_id = ?1 ORDER BY seq", [job], transfer)
}

fn grant(tx: &Transaction<'_>, entry: &chain::Entry<'_>, now: Timestamp) -> Result<(), DbError> {
    let before = balance(tx, entry.account)?;
    let sum = before.spendable().checked_add(before.held).and_then(|sum| sum.checked_add(entry.amount));
    sum.ok_or(DbError::TooManyCredits)?;
    chain::append(tx, entry, now)
}

fn read_balance(row: &Row<'_>) -> rusqlite::Result<Balance> {
    Ok(Balance { signup: row.get(0)?, available: row.get(1)?, held: row.get(2)? })
}

fn transfer(row: &Row<'_>) -> rusqlite::Result<Transfer> {
    Ok(Transfer {
        seq: row.get("seq")?,
        id: row.get("id")?,
        created_at: row.get("created_at")?,
        account: row.get("account_id")?,
        kind: row.get("kind")?,
        debit: row.get("debit")?,
        credit: row.get("credit")?,
        amount: row.get("amount")?,
        job: row.get("job_id")?,
        note: row.get("note")?,
        prev_hash: row.get("prev_hash")?,
        hash: row.get("hash")?,
    })
}
