//! Sums over everything, for the operator: people, jobs, credits, media. Never for what a client asks of its own.

use rusqlite::{Connection, params};

use super::{DbError, listing};
use crate::domain::{asset::AssetKind, clock::Timestamp, ids::AccountId, job::Mode};

/// How many there are, and how they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Accounts.
    pub accounts: u64,
    /// Accounts that are disabled.
    pub accounts_disabled: u64,
    /// Plans that wait for approval.
    pub plans_pending: u64,
    /// Credits ever granted.
    pub credits_issued: u64,
    /// Credits ever charged.
    pub credits_revenue: u64,
    /// Credits held now.
    pub credits_held: u64,
    /// Files that assets name.
    pub media_files: u64,
    /// Their bytes.
    pub media_bytes: u64,
}

/// Counts everything.
pub fn totals(conn: &Connection) -> Result<Totals, DbError> {
    let sql = "SELECT (SELECT COUNT(*) FROM accounts), (SELECT COUNT(*) FROM accounts WHERE is_disabled = 1), \
               (SELECT COUNT(*) FROM accounts WHERE pending_plan IS NOT NULL), issued, revenue, \
               (SELECT COALESCE(SUM(held), 0) FROM balances), \
               (SELECT COUNT(*) FROM blobs), (SELECT COALESCE(SUM(bytes), 0) FROM blobs) FROM system_balances";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| {
        let number = |i| row.get::<_, i64>(i).map(|n| n as u64);
        Ok(Totals {
            accounts: number(0)?,
            accounts_disabled: number(1)?,
            plans_pending: number(2)?,
            credits_issued: number(3)?,
            credits_revenue: number(4)?,
            credits_held: number(5)?,
            media_files: number(6)?,
            media_bytes: number(7)?,
        })
    })?)
}

/// How many jobs there are, whatever became of them.
pub fn jobs(conn: &Connection) -> Result<u64, DbError> {
    let count: i64 = conn.query_row("SELECT COUNT(*) FROM jobs", [], |row| row.get(0))?;
    Ok(count as u64)
}

/// How many jobs were completed and how many aborted since `from`.
pub fn ended_since(conn: &Connection, from: Timestamp) -> Result<(u64, u64), DbError> {
    let sql = "SELECT COALESCE(SUM(status = 'completed'), 0), COALESCE(SUM(status = 'aborted'), 0) FROM jobs \
               WHERE finished_at >= ?1";
    let (completed, aborted): (i64, i64) =
        conn.prepare_cached(sql)?.query_row([from], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((completed as u64, aborted as u64))
}

/// The jobs of one mode that ended in one hour.
#[derive(Debug, Clone, PartialEq)]
pub struct Hour {
    /// When the hour began.
    pub at: Timestamp,
    /// What the jobs made.
    pub mode: Mode,
    /// How many were completed.
    pub completed: u64,
    /// How many were aborted.
    pub aborted: u64,
    /// Seconds from the begin to the end of a completed run, on average.
    pub run_seconds_mean: Option<f64>,
}

/// The jobs that ended since `from`, hour by hour, the earliest first. Deleted ones are not among them.
pub fn hours(conn: &Connection, from: Timestamp) -> Result<Vec<Hour>, DbError> {
    let sql = "SELECT finished_at / 3600000 * 3600000 AS hour, mode, SUM(status = 'completed'), \
               SUM(status = 'aborted'), AVG(CASE status WHEN 'completed' THEN (finished_at - started_at) / 1000.0 END) \
               FROM jobs WHERE finished_at >= ?1 GROUP BY hour, mode ORDER BY hour, mode";
    listing::all(conn, sql, [from], |row| {
        Ok(Hour {
            at: row.get(0)?,
            mode: row.get(1)?,
            completed: row.get::<_, i64>(2)? as u64,
            aborted: row.get::<_, i64>(3)? as u64,
            run_seconds_mean: row.get(4)?,
        })
    })
}

/// Assets of one kind and one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindSum {
    /// Picture, sound or film.
    pub kind: AssetKind,
    /// Whether they were uploaded; the others are results of jobs.
    pub is_upload: bool,
    /// How many.
    pub count: u64,
    /// Their bytes, each counted whole even where others are the same.
    pub bytes: u64,
}

/// What the assets take, by kind and origin.
pub fn media_by_kind(conn: &Connection) -> Result<Vec<KindSum>, DbError> {
    let sql = "SELECT kind, job_id IS NULL AS is_upload, COUNT(*), SUM(bytes) FROM assets JOIN blobs USING (sha256) \
               GROUP BY kind, is_upload ORDER BY kind, is_upload";
    listing::all(conn, sql, [], |row| {
        Ok(KindSum {
            kind: row.get(0)?,
            is_upload: row.get(1)?,
            count: row.get::<_, i64>(2)? as u64,
            bytes: row.get::<_, i64>(3)? as u64,
        })
    })
}

/// What the assets of one account take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSum {
    /// Whose.
    pub account: AccountId,
    /// Its e-mail address.
    pub email: String,
    /// How many.
    pub count: u64,
    /// Their bytes, each counted whole even where others are the same.
    pub bytes: u64,
}

/// The accounts whose assets take most, the largest first.
pub fn media_by_account(conn: &Connection, limit: u32) -> Result<Vec<AccountSum>, DbError> {
    let sql = "SELECT account_id, (SELECT email FROM accounts WHERE id = account_id), COUNT(*) AS count, \
               SUM(bytes) AS bytes FROM assets JOIN blobs USING (sha256) GROUP BY account_id \
               ORDER BY 4 DESC, account_id LIMIT ?1";
    listing::all(conn, sql, params![limit], |row| {
        Ok(AccountSum {
            account: row.get(0)?,
            email: row.get(1)?,
            count: row.get::<_, i64>(2)? as u64,
            bytes: row.get::<_, i64>(3)? as u64,
        })
    })
}
