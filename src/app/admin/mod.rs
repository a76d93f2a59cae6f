//! What the person who runs the appliance sees and does: queue, accounts, models, storage, settings, the audit log.
//!
//! Every act takes an [`Operator`], which only an admin's browser session or the command line can be, and notes itself
//! in the audit log under that name.

mod accounts;
mod models;
mod queue;
mod storage;

pub use models::{ModelReport, Verdict};
pub use queue::{QueueReport, WorkerReport};
pub use storage::{StorageReport, Sweep};

use serde_json::Value;

use super::{App, AppError, Caller, OPERATOR, note_detail};
use crate::{
    config::Setting,
    db::{
        Listing, Page, Transaction,
        audit::{self, Entry},
        figures::{self, Totals},
        jobs,
    },
    domain::{clock::Timestamp, ids::AccountId, search},
    machine::{self, Disk},
};

/// Whoever runs the appliance. Nobody else can make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    actor: String,
    account: Option<AccountId>,
}

impl Operator {
    /// Whoever has a shell on the machine and may read the data folder.
    pub fn command_line() -> Self {
        Self { actor: OPERATOR.into(), account: None }
    }

    /// The account, for a person in a browser.
    pub const fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// Notes in the audit log what the operator did to `subject`.
    pub(super) fn note(
        &self,
        tx: &Transaction<'_>,
        at: Timestamp,
        (action, subject): (&str, &str),
        detail: &Value,
    ) -> Result<(), AppError> {
        Ok(note_detail(tx, at, (&self.actor, action, subject), detail)?)
    }

    /// The name under which acts are noted.
    pub(super) fn actor(&self) -> &str {
        &self.actor
    }
}

/// The appliance at a glance.
#[derive(Debug, Clone)]
pub struct Overview {
    /// When the process began.
    pub started_at: Timestamp,
    /// For how many seconds it has been running.
    pub uptime_seconds: u64,
    /// Where it listens.
    pub listen: String,
    /// The instance's folder.
    pub data_path: String,
    /// People, credits, media.
    pub totals: Totals,
    /// Jobs that wait.
    pub jobs_queued: u64,
    /// Jobs that run.
    pub jobs_running: u64,
    /// Jobs that were completed in the last 24 hours.
    pub jobs_completed: u64,
    /// Jobs that were aborted in the last 24 hours.
    pub jobs_aborted: u64,
    /// Whether the queue is paused.
    pub is_paused: bool,
    /// The disk that the instance lies on.
    pub disk: Option<Disk>,
    /// Bytes of memory that the process has.
    pub rss_bytes: Option<u64>,
    /// Models in memory.
    pub models_loaded: usize,
    /// Bytes of their weights, and the most that these may be.
    pub model_bytes: (u64, Option<u64>),
}

impl App {
    /// The caller as the operator.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for an API key, whosever it is, and for a person who doesn't run the appliance.
    pub fn operator(&self, caller: &Caller) -> Result<Operator, AppError> {
        caller.require_admin()?;
        Ok(Operator { actor: caller.account.to_string(), account: Some(caller.account) })
    }

    /// The appliance at a glance.
    pub fn look_over(&self) -> Result<Overview, AppError> {
        let now = self.clock.now();
        let day_ago = Timestamp::from_millis(now.millis().saturating_sub(24 * 3_600_000));
        let (totals, unfinished, ended, pause) = self.db.read(|conn| -> Result<_, AppError> {
            let ended = figures::ended_since(conn, day_ago)?;
            Ok((figures::totals(conn)?, jobs::count_unfinished(conn)?, ended, jobs::paused(conn)?))
        })?;
        Ok(Overview {
            started_at: self.vitals.started_at(),
            uptime_seconds: now.since(self.vitals.started_at()).as_secs(),
            listen: self.config.listen.to_string(),
            data_path: self.config.data.display().to_string(),
            totals,
            jobs_queued: unfinished.0,
            jobs_running: unfinished.1,
            jobs_completed: ended.0,
            jobs_aborted: ended.1,
            is_paused: pause.is_some(),
            disk: machine::disk(&self.config.data),
            rss_bytes: machine::resident_bytes(),
            model_bytes: self.engine.memory_bytes(),
            models_loaded: self.engine.models().iter().filter(|model| model.loaded).count(),
        })
    }

    /// Every setting and where its value is from.
    pub fn settings(&self) -> Vec<Setting> {
        self.config.settings()
    }

    /// What was done, the latest first; the words of `query` must all occur.
    pub fn audit(&self, query: &str, page: Page<i64>) -> Result<Listing<Entry>, AppError> {
        self.db.read(|conn| Ok(audit::list(conn, &search::words(query), page)?))
    }
}
