//! Who is next: the queue goes round the accounts, so that one with a hundred jobs does not keep another waiting.
//!
//! Each account's jobs are in the order they were accepted. Round by round every account has one job run, the account
//! served longest ago first; a job that is tried again keeps its place, which is the front.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{Job, SELECT, turns};
use crate::{
    db::{DbError, listing, settings},
    domain::{
        clock::Timestamp,
        ids::{AccountId, JobId},
        job::JobEvent,
    },
};

/// Where a job stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// 1 for the job that is claimed next.
    pub position: u64,
    /// The estimates of the jobs before it, summed.
    pub seconds_ahead: f64,
    /// Whether the operator has paused the queue.
    pub is_paused: bool,
}

/// That no job is begun for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When it began, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Who began it: an account's id, or `operator` for the command line.
    pub by: String,
}

/// The setting that holds the pause.
const PAUSED: &str = "queue_paused";

/// The first job of the account that is next; `?1` is the livemode, or null for both. Claimed again and again, this is
/// the order that `QUEUED` foretells.
const NEXT: &str = "SELECT MIN(id) AS first_id FROM jobs LEFT JOIN queue_turns USING (account_id)
    WHERE status = 'queued' AND (?1 IS NULL OR livemode = ?1)
    GROUP BY account_id ORDER BY COALESCE(turn, 0), first_id LIMIT 1";

/// Queued jobs and what their order is made of; `?1` is the livemode.
const QUEUED: &str = "WITH queued AS (
    SELECT jobs.id, jobs.estimated_seconds, COALESCE(queue_turns.turn, 0) AS turn,
        ROW_NUMBER() OVER (PARTITION BY jobs.account_id ORDER BY jobs.id) AS round,
        MIN(jobs.id) OVER (PARTITION BY jobs.account_id) AS first_id
    FROM jobs LEFT JOIN queue_turns USING (account_id)
    WHERE status = 'queued' AND livemode = ?1)";

/// The pause, if the queue is paused.
pub fn paused(conn: &Connection) -> Result<Option<Pause>, DbError> {
    let text = settings::get(conn, PAUSED)?;
    // A text that can't be read still means that somebody paused the queue.
    let unreadable = Pause { at: 0, by: "unknown".into() };
    Ok(text.map(|text| serde_json::from_str(&text).unwrap_or(unreadable)))
}

/// Begins no more jobs until [`resume`]; what runs goes on. `false` when the queue was paused before.
pub fn pause(tx: &Transaction<'_>, pause: &Pause) -> Result<bool, DbError> {
    if paused(tx)?.is_some() {
        return Ok(false);
    }
    let text = serde_json::to_string(pause).map_err(|_| DbError::Invalid("a pause that is no JSON"))?;
    settings::set(tx, PAUSED, &text)?;
    Ok(true)
}

/// Begins jobs again. `false` when the queue was not paused.
pub fn resume(tx: &Transaction<'_>) -> Result<bool, DbError> {
    settings::remove(tx, PAUSED)
}

/// Claims the next queued job, of both livemodes or of one: it is running when this commits. None while the queue is
/// paused.
pub fn claim_next(tx: &Transaction<'_>, livemode: Option<bool>, now: Timestamp) -> Result<Option<Job>, DbError> {
    if paused(tx)?.is_some() {
        return Ok(None);
    }
    let next: Option<JobId> = tx.prepare_cached(NEXT)?.query_row([livemode], |row| row.get(0)).optional()?;
    let Some(id) = next else { return Ok(None) };
    turns::apply(tx, id, &JobEvent::Claimed, &turns::Outcome::default(), now)?;
    tx.prepare_cached(
        "INSERT INTO queue_turns SELECT account_id, (SELECT COALESCE(MAX(turn), 0) + 1 FROM queue_turns) \
         FROM jobs WHERE id = ?1 ON CONFLICT (account_id) DO UPDATE SET turn = excluded.turn",
    )?
    .execute([id])?;
    super::find_any(tx, id)
}

/// Where the job stands among the queued jobs of its livemode; `None` when it is not queued.
pub fn place(conn: &Connection, livemode: bool, id: JobId) -> Result<Option<Place>, DbError> {
    let sql = format!(
        "{QUEUED} SELECT COUNT(*), COALESCE(SUM(ahead.estimated_seconds) FILTER (WHERE ahead.id <> mine.id), 0.0) \
         FROM queued AS ahead JOIN queued AS mine ON mine.id = ?2 \
         WHERE (ahead.round, ahead.turn, ahead.first_id) <= (mine.round, mine.turn, mine.first_id)"
    );
    let (position, seconds_ahead): (i64, f64) =
        conn.prepare_cached(&sql)?.query_row(params![livemode, id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let is_paused = paused(conn)?.is_some();
    Ok((position > 0).then_some(Place { position: position as u64, seconds_ahead, is_paused }))
}

/// How many jobs the account has in the queue, live and test.
pub fn count_queued(conn: &Connection, account: AccountId) -> Result<u64, DbError> {
    let sql = "SELECT COUNT(*) FROM jobs WHERE status = 'queued' AND account_id = ?1";
    let count: i64 = conn.prepare_cached(sql)?.query_row([account], |row| row.get(0))?;
    Ok(count as u64)
}

/// The account's jobs that are queued or run, live and test, in the order they were accepted.
pub fn list_unfinished(conn: &Connection, account: AccountId) -> Result<Vec<JobId>, DbError> {
    let sql = "SELECT id FROM jobs WHERE account_id = ?1 AND status IN ('queued', 'running') ORDER BY id";
    listing::all(conn, sql, [account], |row| row.get(0))
}

/// How many jobs are queued and how many run, whosever they are.
pub fn count_unfinished(conn: &Connection) -> Result<(u64, u64), DbError> {
    let sql = "SELECT (SELECT COUNT(*) FROM jobs WHERE status = 'queued'), \
               (SELECT COUNT(*) FROM jobs WHERE status = 'running')";
    let (queued, running): (i64, i64) =
        conn.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((queued as u64, running as u64))
}

/// The jobs that run, the longest running first.
pub fn list_running(conn: &Connection) -> Result<Vec<Job>, DbError> {
    let sql = format!("{SELECT} WHERE status = 'running' ORDER BY started_at, id");
    listing::all(conn, &sql, [], super::job)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::tests::memory;

    /// The worker asks often, and finished jobs are many: the queue must not be found by looking at all of them.
    #[test]
    fn the_queue_is_found_by_its_own_index() {
        let conn = memory();
        for sql in [NEXT.to_owned(), format!("{QUEUED} SELECT * FROM queued")] {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let plan = listing::all(&conn, &explain, [true], |row| row.get::<_, String>("detail")).unwrap();
            assert!(plan.iter().any(|step| step.contains("jobs USING COVERING INDEX jobs_queued")), "{plan:?}");
        }
    }
}
