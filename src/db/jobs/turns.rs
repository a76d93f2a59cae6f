//! What happens to jobs: one event at a time, state and money in the same transaction.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Value;

use super::{Owner, state};
use crate::{
    db::{DbError, assets, ledger, listing},
    domain::{
        clock::Timestamp,
        credits::Credits,
        digest::Digest,
        ids::{AssetId, JobId},
        job::{AbortReason, JobEvent, JobState, LedgerEffect},
    },
};

/// What a run left behind, to be kept with the state that its event leads to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// The asset it made, inserted before in the same transaction. [`JobEvent::Finished`] needs it.
    pub result_asset: Option<AssetId>,
    /// How the prompt was read.
    pub plan: Option<Value>,
    /// How the portrait was moved.
    pub motion: Option<String>,
    /// What the person should know about the result.
    pub warnings: Vec<String>,
    /// Where the time went, a map of seconds.
    pub timings: Option<Value>,
}

/// What an event did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The state that it led to.
    pub state: JobState,
    /// What it did to the hold.
    pub effect: LedgerEffect,
    /// The digest of the bytes that nobody owns any more: remove that file after the commit.
    pub freed: Option<Digest>,
}

/// Lets `event` happen to the job: its new state, its credits and, when it is deleted, its rows and its result.
///
/// # Errors
/// [`DbError::NotFound`], [`DbError::IllegalTransition`], [`DbError::Invalid`] for a finish without a result.
pub fn apply(
    tx: &Transaction<'_>,
    id: JobId,
    event: &JobEvent,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Applied, DbError> {
    let stored = tx
        .prepare_cached("SELECT * FROM jobs WHERE id = ?1")?
        .query_row([id], |row| {
            let owner = Owner { account: row.get("account_id")?, livemode: row.get("livemode")? };
            Ok((state(row)?, row.get::<_, Credits>("held")?, owner))
        })
        .optional()?;
    let (before, held, owner) = stored.ok_or(DbError::NotFound("job"))?;
    let (after, effect) = before.next(event, held)?;
    if owner.livemode {
        match effect {
            LedgerEffect::Keep => {}
            LedgerEffect::Settle(charged) => ledger::resolve(tx, id, charged, now)?,
            LedgerEffect::Release => ledger::resolve(tx, id, Credits::ZERO, now)?,
        }
    }
    let freed = match &after {
        JobState::Queued { attempt } => {
            tx.prepare_cached("UPDATE jobs SET status = 'queued', attempt = ?2, started_at = NULL WHERE id = ?1")?
                .execute(params![id, attempt])?;
            None
        }
        JobState::Running { attempt } => {
            tx.prepare_cached("UPDATE jobs SET status = 'running', attempt = ?2, started_at = ?3 WHERE id = ?1")?
                .execute(params![id, attempt, now])?;
            None
        }
        JobState::Completed { charged } => {
            complete(tx, id, *charged, outcome, now)?;
            None
        }
        JobState::Aborted { reason } => {
            abort(tx, id, reason, outcome, now)?;
            None
        }
        JobState::Removed => remove(tx, owner, id)?,
    };
    Ok(Applied { state: after, effect, freed })
}

/// Deletes the owner's job: [`JobEvent::Deleted`] after the question whose it is.
pub fn delete(tx: &Transaction<'_>, owner: Owner, id: JobId, now: Timestamp) -> Result<Applied, DbError> {
    super::find(tx, owner, id)?.ok_or(DbError::NotFound("job"))?;
    apply(tx, id, &JobEvent::Deleted, &Outcome::default(), now)
}

/// Finds every running job [`JobEvent::Orphaned`]: at start nobody runs any. Answers the state of each afterwards.
pub fn recover(tx: &Transaction<'_>, attempts_max: u32, now: Timestamp) -> Result<Vec<(JobId, JobState)>, DbError> {
    let running: Vec<JobId> =
        listing::all(tx, "SELECT id FROM jobs WHERE status = 'running' ORDER BY id", [], |row| row.get(0))?;
    running
        .into_iter()
        .map(|id| Ok((id, apply(tx, id, &JobEvent::Orphaned { attempts_max }, &Outcome::default(), now)?.state)))
        .collect()
}

fn complete(
    tx: &Transaction<'_>,
    id: JobId,
    charged: Credits,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), DbError> {
    let result = outcome.result_asset.ok_or(DbError::Invalid("a job is finished by its result"))?;
    tx.prepare_cached(
        "UPDATE jobs SET status = 'completed', charged = ?2, result_asset_id = ?3, finished_at = ?4, plan = ?5, \
         motion = ?6, warnings = ?7, timings = ?8 WHERE id = ?1",
    )?
    .execute(params![
        id,
        charged,
        result,
        now,
        outcome.plan,
        outcome.motion,
        Value::from(outcome.warnings.as_slice()),
        outcome.timings,
    ])?;
    Ok(())
}

fn abort(
    tx: &Transaction<'_>,
    id: JobId,
    reason: &AbortReason,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.prepare_cached(
        "UPDATE jobs SET status = 'aborted', abort_code = ?2, abort_message = ?3, finished_at = ?4, plan = ?5, \
         motion = ?6, warnings = ?7, timings = ?8 WHERE id = ?1",
    )?
    .execute(params![
        id,
        reason.code,
        reason.message,
        now,
        outcome.plan,
        outcome.motion,
        Value::from(outcome.warnings.as_slice()),
        outcome.timings,
    ])?;
    Ok(())
}

/// Deletes the job's rows, and its result unless another job works from it. Uploads are assets in their own right
/// and stay.
fn remove(tx: &Transaction<'_>, owner: Owner, id: JobId) -> Result<Option<Digest>, DbError> {
    let result: Option<AssetId> =
        tx.prepare_cached("SELECT result_asset_id FROM jobs WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    tx.prepare_cached("DELETE FROM jobs WHERE id = ?1")?.execute([id])?;
    let Some(result) = result else { return Ok(None) };
    let is_shared: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM job_inputs WHERE asset_id = ?1)")?
        .query_row([result], |row| row.get(0))?;
    match assets::find(tx, owner, result)? {
        Some(asset) if !is_shared => assets::take_away(tx, &asset),
        _ => Ok(None),
    }
}
