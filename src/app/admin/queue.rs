//! The queue and all jobs: look, pause, resume, cancel.

use serde_json::json;

use super::Operator;
use crate::{
    app::{App, AppError},
    db::{
        Listing, Page, accounts,
        jobs::{self, Line, Outcome, Pause, Wanted},
    },
    domain::{ids::JobId, job::JobEvent},
    engine::Progress,
};

/// Queued jobs that a report names.
const QUEUED_SHOWN: u32 = 100;

/// A worker and what it does.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerReport {
    /// Its number, from 0.
    pub number: usize,
    /// Whether it runs live jobs; the other kind runs test jobs.
    pub livemode: bool,
    /// What it runs.
    pub job: Option<Line>,
    /// How far the run is.
    pub progress: Option<Progress>,
}

/// The queue and the workers.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueReport {
    /// The pause, if the queue is paused, with the e-mail address of the account that paused it.
    pub pause: Option<(Pause, Option<String>)>,
    /// The workers by number.
    pub workers: Vec<WorkerReport>,
    /// The first queued jobs, in the order in which they will be claimed.
    pub queued: Vec<Line>,
    /// How many are queued.
    pub jobs_queued: u64,
    /// How many run.
    pub jobs_running: u64,
}

impl App {
    /// The queue and the workers now.
    pub fn queue(&self) -> Result<QueueReport, AppError> {
        let runs = self.progress.runs_by_worker();
        let lanes = self.worker_lanes();
        self.db.read(|conn| {
            let pause = jobs::paused(conn)?.map(|pause| -> Result<_, AppError> {
                let account = pause.by.parse().ok().map(|id| accounts::find(conn, id)).transpose()?.flatten();
                Ok((pause, account.map(|account| account.email)))
            });
            let workers = lanes.iter().enumerate().map(|(number, livemode)| {
                let run = runs.iter().find(|(worker, ..)| *worker == number);
                let job = run.map(|(_, id, _)| jobs::find_line(conn, *id)).transpose()?.flatten();
                Ok(WorkerReport { number, livemode: *livemode, job, progress: run.map(|(.., p)| p.clone()) })
            });
            let (jobs_queued, jobs_running) = jobs::count_unfinished(conn)?;
            Ok(QueueReport {
                pause: pause.transpose()?,
                workers: workers.collect::<Result<_, AppError>>()?,
                queued: jobs::list_queued(conn, QUEUED_SHOWN)?,
                jobs_queued,
                jobs_running,
            })
        })
    }

    /// Begins no more jobs, live or test, until [`App::resume_queue`]: over restarts too. What runs goes on, and jobs
    /// are accepted as before.
    pub fn pause_queue(&self, operator: &Operator) -> Result<(), AppError> {
        let (now, operator) = (self.clock.now(), operator.clone());
        let pause = Pause { at: now.millis(), by: operator.actor().to_owned() };
        self.db.write(move |tx| -> Result<(), AppError> {
            if jobs::pause(tx, &pause)? {
                operator.note(tx, now, ("queue.pause", "queue"), &json!({}))?;
            }
            Ok(())
        })?;
        self.announce();
        Ok(())
    }

    /// Begins jobs again.
    pub fn resume_queue(&self, operator: &Operator) -> Result<(), AppError> {
        let (now, operator) = (self.clock.now(), operator.clone());
        self.db.write(move |tx| -> Result<(), AppError> {
            if jobs::resume(tx)? {
                operator.note(tx, now, ("queue.resume", "queue"), &json!({}))?;
            }
            Ok(())
        })?;
        self.announce();
        Ok(())
    }

    /// All jobs, the newest first.
    pub fn survey_jobs(&self, wanted: &Wanted, page: Page<JobId>) -> Result<Listing<Line>, AppError> {
        self.db.read(|conn| Ok(jobs::survey(conn, wanted, page)?))
    }

    /// Cancels anyone's queued or running job: it ends aborted and its whole hold goes back.
    pub fn cancel_any_job(&self, operator: &Operator, id: JobId) -> Result<Line, AppError> {
        let (now, operator, outbox) = (self.clock.now(), operator.clone(), self.outbox());
        let line = self.db.write(move |tx| -> Result<Line, AppError> {
            let before = jobs::find_line(tx, id)?.ok_or(AppError::NotFound("job"))?;
            outbox.apply(tx, (id, &JobEvent::Cancelled), &Outcome::default(), now)?;
            operator.note(tx, now, ("job.cancel", &id.to_string()), &json!({ "account": before.account }))?;
            jobs::find_line(tx, id)?.ok_or(AppError::NotFound("job"))
        })?;
        self.progress.cancel(id);
        self.announce();
        Ok(line)
    }
}
