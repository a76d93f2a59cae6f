//! Jobs of all accounts in a line each, for the operator.

use rusqlite::{Connection, Row, params_from_iter};
use serde_json::Value;

use crate::{
    db::{DbError, Listing, Page, conditions::Conditions, listing},
    domain::{
        clock::Timestamp,
        credits::Credits,
        ids::{AccountId, JobId},
        job::{JobState, Mode},
    },
};

/// A job in a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its id.
    pub id: JobId,
    /// Whose.
    pub account: AccountId,
    /// The owner's e-mail address.
    pub email: String,
    /// Whether it was made with a live credential.
    pub livemode: bool,
    /// What it makes.
    pub mode: Mode,
    /// Where it stands.
    pub state: JobState,
    /// The text that steers it, or is spoken.
    pub prompt: Option<String>,
    /// The model that makes it.
    pub model: String,
    /// What it holds, or was charged at its end.
    pub credits: Credits,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its last run began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Which jobs are wanted; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Folded words, all of which must occur in the prompt or the voice text.
    pub words: Vec<String>,
    /// Of this account.
    pub account: Option<AccountId>,
    /// Of this mode.
    pub mode: Option<Mode>,
    /// Of this status, as [`JobState::as_str`] spells it.
    pub status: Option<String>,
}

const SELECT: &str =
    "SELECT jobs.*, (SELECT email FROM accounts WHERE accounts.id = jobs.account_id) AS email FROM jobs";

/// Jobs, newest first.
pub fn survey(conn: &Connection, wanted: &Wanted, page: Page<JobId>) -> Result<Listing<Line>, DbError> {
    // Written out where it is known: only then can an index over one status be chosen.
    let status = match wanted.status.as_deref() {
        None => "TRUE",
        Some("queued") => "status = 'queued'",
        Some("running") => "status = 'running'",
        Some("completed") => "status = 'completed'",
        Some("aborted") => "status = 'aborted'",
        Some(_) => "FALSE",
    };
    let conditions = Conditions::default()
        .with_fixed(status)
        .with_some("account_id = ?", wanted.account)
        .with_some("mode = ?", wanted.mode)
        .with_words("search_text", &wanted.words)
        .with_some("id < ?", page.after);
    // The ids are found in an index alone; only the rows of this piece are read.
    let sql = format!(
        "{SELECT} WHERE id IN (SELECT id FROM jobs WHERE {} ORDER BY id DESC LIMIT ? + 1) ORDER BY id DESC",
        conditions.sql()
    );
    listing::collect(conn, &sql, params_from_iter(conditions.values_and(page.limit)), page.limit, line)
}

/// The queue, live jobs first, each lane in the order in which its jobs will be claimed.
pub fn list_queued(conn: &Connection, limit: u32) -> Result<Vec<Line>, DbError> {
    let sql = format!(
        "WITH queued AS (SELECT jobs.id AS queued_id, COALESCE(queue_turns.turn, 0) AS turn, \
             ROW_NUMBER() OVER (PARTITION BY jobs.livemode, jobs.account_id ORDER BY jobs.id) AS round, \
             MIN(jobs.id) OVER (PARTITION BY jobs.livemode, jobs.account_id) AS first_id \
             FROM jobs LEFT JOIN queue_turns USING (account_id) WHERE status = 'queued') \
         {SELECT} JOIN queued ON queued.queued_id = jobs.id \
         ORDER BY livemode DESC, round, turn, first_id LIMIT ?1"
    );
    listing::all(conn, &sql, [limit], line)
}

/// The job of that id in a line.
pub fn find_line(conn: &Connection, id: JobId) -> Result<Option<Line>, DbError> {
    let found = listing::all(conn, &format!("{SELECT} WHERE id = ?1"), [id], line)?;
    Ok(found.into_iter().next())
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    let request: Value = row.get("request")?;
    let text = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
    let state = super::state(row)?;
    let credits = match &state {
        JobState::Completed { charged } => *charged,
        JobState::Aborted { .. } => Credits::ZERO,
        _ => row.get("held")?,
    };
    Ok(Line {
        id: row.get("id")?,
        account: row.get("account_id")?,
        email: row.get("email")?,
        livemode: row.get("livemode")?,
        mode: row.get("mode")?,
        state,
        prompt: text("prompt").or_else(|| text("voice_text")),
        model: row.get("model")?,
        credits,
        created_at: row.get("created_at")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
    })
}
