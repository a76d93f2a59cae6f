//! Generation jobs: what was asked, where it stands, what came of it.
//!
//! [`insert`] accepts a job together with its hold; [`apply`] is the only place where a state changes, and it does
//! state and money together. The columns are tied to the status by the schema, so that no half-told state can be
//! stored. Progress of a run is not kept here: it would be a write a step.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params, params_from_iter};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    DbError, Listing, Page,
    assets::{self, Owner},
    conditions::Conditions,
    ledger, listing, search,
};
use crate::domain::{
    asset::AssetKind,
    clock::Timestamp,
    credits::Credits,
    ids::{AssetId, JobId, KeyId},
    job::{AbortReason, JobState, Mode},
};

mod queue;
mod survey;
mod turns;

pub use queue::{
    Pause, Place, claim_next, count_queued, count_unfinished, list_running, list_unfinished, pause, paused, place,
    resume,
};
pub use survey::{Line, Wanted, find_line, list_queued, survey};
pub use turns::{Applied, Outcome, apply, delete, recover};

/// An asset that a job works from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobInput {
    /// What kind of media it gives the job; a job may have two pictures, one of them for its style.
    pub role: AssetKind,
    /// Which asset.
    pub asset: AssetId,
}

/// A job to be accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Whose, and whether for real.
    pub owner: Owner,
    /// The key it came with; `None` for a browser session.
    pub key: Option<KeyId>,
    /// What it makes.
    pub mode: Mode,
    /// Credits to hold; zero for a test job.
    pub held: Credits,
    /// The request with every value resolved.
    pub request: Value,
    /// The model's id.
    pub model: String,
    /// The digest of the model's files.
    pub model_digest: String,
    /// The seed, given or drawn.
    pub seed: u32,
    /// Seconds that the run is expected to take.
    pub estimated_seconds: f64,
    /// The client's own labels, a map of texts.
    pub metadata: Value,
    /// Where to tell the end of it.
    pub webhook_url: Option<String>,
    /// The address under which it was accepted, which its webhook's URLs begin with.
    pub base_url: Option<String>,
    /// The assets it works from.
    pub inputs: Vec<JobInput>,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// What was accepted. Inputs that were deleted since are not listed any more; the request still names them.
    pub accepted: NewJob,
    /// Where it stands.
    pub state: JobState,
    /// Runs begun so far, whatever the state.
    pub attempt: u32,
    /// The asset it made. It may be deleted or expired by now.
    pub result_asset: Option<AssetId>,
    /// How the prompt was read, for pictures.
    pub plan: Option<Value>,
    /// How the portrait was moved, for films.
    pub motion: Option<String>,
    /// What the person should know about the result, an array of texts.
    pub warnings: Value,
    /// Where the time went, a map of seconds.
    pub timings: Option<Value>,
    /// When the present or last run began.
    pub started_at: Option<Timestamp>,
    /// When it was completed or aborted.
    pub finished_at: Option<Timestamp>,
}

/// Which jobs to list; `None` means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this status, as [`JobState::as_str`] spells it.
    pub status: Option<String>,
    /// Of this mode.
    pub mode: Option<Mode>,
    /// Folded words, all of which must occur in the prompt or the voice text.
    pub words: Vec<String>,
    /// Accepted at this moment or later.
    pub created_from: Option<Timestamp>,
    /// Accepted later than this.
    pub created_after: Option<Timestamp>,
    /// Accepted earlier than this.
    pub created_before: Option<Timestamp>,
    /// So many of them are passed over: a window of a long list begins anywhere.
    pub skip: u32,
}

const SELECT: &str = "SELECT jobs.*, (SELECT json_group_array(json_object('role', role, 'asset', asset_id)) \
                      FROM job_inputs WHERE job_id = jobs.id) AS inputs FROM jobs";

/// Accepts a job: its row, its inputs and, for a live one, its hold.
///
/// # Errors
/// [`DbError::InsufficientCredits`], [`DbError::AssetMissing`] for an input that is not the owner's,
/// [`DbError::Invalid`] for a test job with a price. Roll the transaction back then.
pub fn insert(tx: &Transaction<'_>, new: &NewJob) -> Result<(), DbError> {
    if !new.owner.livemode && new.held != Credits::ZERO {
        return Err(DbError::Invalid("a test job holds no credits"));
    }
    for input in &new.inputs {
        assets::find(tx, new.owner, input.asset)?.ok_or(DbError::AssetMissing(input.asset))?;
    }
    if new.owner.livemode {
        let hold =
            ledger::NewHold { job: new.id, account: new.owner.account, key: new.key, mode: new.mode, amount: new.held };
        ledger::hold(tx, &hold, new.created_at)?;
    }
    tx.prepare_cached(
        "INSERT INTO jobs (id, account_id, livemode, key_id, mode, status, attempt, held, request, model, \
         model_digest, seed, estimated_seconds, metadata, webhook_url, created_at, base_url, search_text) \
         VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        new.id,
        new.owner.account,
        new.owner.livemode,
        new.key,
        new.mode,
        new.held,
        new.request,
        new.model,
        new.model_digest,
        new.seed,
        new.estimated_seconds,
        new.metadata,
        new.webhook_url,
        new.created_at,
        new.base_url,
        search::of_request(&new.request),
    ])?;
    let mut statement = tx.prepare_cached("INSERT INTO job_inputs (job_id, role, asset_id) VALUES (?1, ?2, ?3)")?;
    for input in &new.inputs {
        statement.execute(params![new.id, input.role, input.asset])?;
    }
    Ok(())
}

/// The owner's job with this id.
pub fn find(conn: &Connection, owner: Owner, id: JobId) -> Result<Option<Job>, DbError> {
    Ok(find_any(conn, id)?.filter(|job| job.accepted.owner == owner))
}

/// The job with this id, whosever it is: for the worker, never for what a client names.
pub fn find_any(conn: &Connection, id: JobId) -> Result<Option<Job>, DbError> {
    let sql = format!("{SELECT} WHERE id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([id], job).optional()?)
}

impl Filter {
    /// The owner's jobs that the filter takes.
    fn conditions(&self, owner: Owner) -> Conditions {
        Conditions::default()
            .with("account_id = ?", owner.account)
            .with("livemode = ?", owner.livemode)
            .with_some("status = ?", self.status.clone())
            .with_some("mode = ?", self.mode)
            .with_some("created_at >= ?", self.created_from)
            .with_some("created_at > ?", self.created_after)
            .with_some("created_at < ?", self.created_before)
            .with_words("search_text", &self.words)
    }
}

/// The owner's jobs, newest first.
pub fn list(conn: &Connection, owner: Owner, filter: &Filter, page: Page<JobId>) -> Result<Listing<Job>, DbError> {
    let conditions = filter.conditions(owner).with_some("id < ?", page.after);
    // The ids are found in the index alone; only the rows of this piece are read.
    let sql = format!(
        "{SELECT} WHERE id IN (SELECT id FROM jobs WHERE {} ORDER BY id DESC LIMIT ? + 1 OFFSET ?) ORDER BY id DESC",
        conditions.sql()
    );
    listing::collect(
        conn,
        &sql,
        params_from_iter(conditions.values_of_window(page.limit, filter.skip)),
        page.limit,
        job,
    )
}

/// How many of the owner's jobs the filter takes of each day, the latest day first.
pub fn timeline(conn: &Connection, owner: Owner, filter: &Filter) -> Result<Vec<listing::Day>, DbError> {
    listing::days(conn, "jobs", filter.conditions(owner))
}

/// Jobs, whosever they are, that ended before `moment`: for retention. The longest ended first.
pub fn list_finished_before(conn: &Connection, moment: Timestamp, limit: u32) -> Result<Vec<JobId>, DbError> {
    let sql = "SELECT id FROM jobs WHERE finished_at < ?1 ORDER BY finished_at LIMIT ?2";
    listing::all(conn, sql, params![moment, limit], |row| row.get(0))
}

fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let inputs: Value = row.get("inputs")?;
    Ok(Job {
        accepted: NewJob {
            id: row.get("id")?,
            owner: Owner { account: row.get("account_id")?, livemode: row.get("livemode")? },
            key: row.get("key_id")?,
            mode: row.get("mode")?,
            held: row.get("held")?,
            request: row.get("request")?,
            model: row.get("model")?,
            model_digest: row.get("model_digest")?,
            seed: row.get("seed")?,
            estimated_seconds: row.get("estimated_seconds")?,
            metadata: row.get("metadata")?,
            webhook_url: row.get("webhook_url")?,
            base_url: row.get("base_url")?,
            inputs: serde_json::from_value(inputs).map_err(|error| unreadable("inputs", error.into()))?,
            created_at: row.get("created_at")?,
        },
        state: state(row)?,
        attempt: row.get("attempt")?,
        result_asset: row.get("result_asset_id")?,
        plan: row.get("plan")?,
        motion: row.get("motion")?,
        warnings: row.get("warnings")?,
        timings: row.get("timings")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
    })
}

/// The state that the columns `status`, `attempt`, `charged`, `abort_code` and `abort_message` tell.
fn state(row: &Row<'_>) -> rusqlite::Result<JobState> {
    Ok(match row.get_ref("status")?.as_str()? {
        "queued" => JobState::Queued { attempt: row.get("attempt")? },
        "running" => JobState::Running { attempt: row.get("attempt")? },
        "completed" => JobState::Completed { charged: row.get("charged")? },
        "aborted" => JobState::Aborted {
            reason: AbortReason { code: row.get("abort_code")?, message: row.get("abort_message")? },
        },
        other => return Err(unreadable("status", format!("unknown status {other}").into())),
    })
}

fn unreadable(column: &'static str, error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    tracing::error!(column, %error, "a job's row cannot be read");
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error)
}
