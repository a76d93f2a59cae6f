//! The workers: claim a job, run it, keep what it made. One thread each; no transaction is open while a model runs.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    App, AppError,
    produce::{Failure, Product, Run},
    rehearsal::{self, Rehearsal},
    webhooks::Outbox,
};
use crate::{
    db::{
        Transaction, accounts,
        assets::{self, Asset},
        jobs::{self, Job, Outcome},
    },
    domain::{
        clock::Timestamp,
        digest::Digest,
        ids::{AssetId, JobId},
        job::{AbortCode, AbortReason, JobEvent},
        request::Request,
    },
    engine::{CancelToken, EngineError, RunContext},
    failpoint,
};

/// How often a worker looks for work that nobody told it of.
const POLL_EVERY: Duration = Duration::from_secs(2);

/// The running workers; [`Workers::stop`] ends them.
pub struct Workers {
    app: Arc<App>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts the configured number of workers for live jobs and one for test jobs, which wait for nobody.
    pub fn start(app: &Arc<App>) -> Result<Self, AppError> {
        let mut workers = Self { app: app.clone(), stopping: Arc::default(), threads: Vec::new() };
        for (number, livemode) in app.worker_lanes().into_iter().enumerate() {
            let (app, stopping) = (app.clone(), workers.stopping.clone());
            let thread = std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || work(&app, (number, livemode), &stopping))
                .map_err(|e| AppError::Internal(format!("a worker does not start: {e}")))?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// Stops the workers and waits for them. What runs is interrupted and will be tried again at the next start.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.app.progress.cancel_all();
        self.app.announce();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a worker thread panicked");
            }
        }
    }
}

fn work(app: &App, lane: (usize, bool), stopping: &AtomicBool) {
    while !stopping.load(Ordering::SeqCst) {
        // Interest is registered before the look, so that no job slips in between.
        let seen = app.bell.count();
        match app.run_next(lane, stopping) {
            Ok(true) => {}
            Ok(false) => app.bell.wait_past(seen, POLL_EVERY),
            Err(error) => {
                tracing::error!(%error, "a worker could not look for work");
                std::thread::sleep(POLL_EVERY);
            }
        }
    }
}

impl App {
    /// Finds the jobs that ran when the appliance stopped, and lets each be tried again or gives it up.
    pub fn recover_jobs(&self) -> Result<usize, AppError> {
        let (attempts_max, now, outbox) = (self.config.file.work.attempts_max, self.clock.now(), self.outbox());
        let found = self.db.write(move |tx| outbox.recover(tx, attempts_max, now).map_err(AppError::from))?;
        for (id, state) in &found {
            tracing::info!(job = %id, state = state.as_str(), "recovered");
        }
        Ok(found.len())
    }

    /// Runs a completed job again, keeping and charging nothing. The digests of its bytes then and now.
    pub fn reproduce(&self, id: JobId) -> Result<(Digest, Digest), AppError> {
        let (job, asset) = self.db.read(|conn| -> Result<_, AppError> {
            let job = jobs::find_any(conn, id)?.ok_or(AppError::NotFound("job"))?;
            let result = job.result_asset.ok_or(AppError::NotFound("result of this job"))?;
            Ok((job, assets::find_any(conn, result)?.ok_or(AppError::NotFound("result of this job"))?))
        })?;
        match self.run(&job, CancelToken::default(), &AtomicBool::new(false)) {
            Ok((product, _)) => Ok((asset.sha256, product.content.digest())),
            Err(Failure::Cancelled) => Err(AppError::Unavailable("the run was stopped".into())),
            Err(Failure::Aborted(_, detail)) => Err(AppError::Internal(detail)),
        }
    }

    /// The workers by number: whether each runs live jobs.
    pub(super) fn worker_lanes(&self) -> Vec<bool> {
        std::iter::repeat_n(true, self.config.file.work.workers).chain([false]).collect()
    }

    /// Claims and runs one job; `false` when none is queued or the queue is paused.
    fn run_next(&self, (number, livemode): (usize, bool), stopping: &AtomicBool) -> Result<bool, AppError> {
        let now = self.clock.now();
        let outbox = self.outbox();
        let claimed = self.db.write(move |tx| claim(tx, livemode, &outbox, now))?;
        let Some(job) = claimed else { return Ok(false) };
        failpoint::reach("after_claim");
        let id = job.accepted.id;
        let cancel = CancelToken::default();
        self.progress.begin(number, id, cancel.clone());
        self.announce();
        let result = self.run(&job, cancel, stopping);
        if let Err(error) = self.conclude(&job, result) {
            tracing::error!(job = %id, %error, "a job's end could not be kept");
        }
        self.progress.end(id);
        self.announce();
        Ok(true)
    }

    /// Runs the models, with panics caught and the time limited.
    fn run(&self, job: &Job, cancel: CancelToken, stopping: &AtomicBool) -> Result<(Product, Value), Failure> {
        let request: Request = serde_json::from_value(job.accepted.request.clone())
            .map_err(|e| EngineError::Model(format!("the stored request is unreadable: {e}")))?;
        let id = job.accepted.id;
        let limit = Duration::from_secs(self.config.file.work.run_timeout_seconds);
        let begun = Instant::now();
        let report = |progress| {
            self.progress.update(id, progress);
            if begun.elapsed() > limit || stopping.load(Ordering::SeqCst) {
                self.progress.cancel(id);
            }
        };
        let ctx = RunContext::new(cancel, &report);
        if !job.accepted.owner.livemode {
            rehearse(&request, &ctx)?;
        }
        let run = Run { app: self, job, request: &request, ctx: &ctx };
        let made = std::panic::catch_unwind(AssertUnwindSafe(|| run.produce()));
        match made {
            Err(_) => Err(EngineError::Model("the model panicked".into()).into()),
            Ok(Err(Failure::Cancelled)) if begun.elapsed() > limit => {
                let message = format!("The run took longer than {} s; the credits were released.", limit.as_secs());
                Err(Failure::Aborted(AbortReason::new(AbortCode::Timeout, message.clone()), message))
            }
            Ok(made) => made,
        }
    }

    /// Keeps what the run made, or why it made nothing. A job that was cancelled meanwhile stays cancelled.
    fn conclude(&self, job: &Job, result: Result<(Product, Value), Failure>) -> Result<(), AppError> {
        let id = job.accepted.id;
        let reason = match result {
            Ok((product, timings)) => match self.keep_product(job, product, timings) {
                Ok(()) => return Ok(()),
                Err(AppError::StorageFull) => {
                    AbortReason::new(AbortCode::StorageFull, "The appliance's disk is full; the credits were released.")
                }
                Err(error) => {
                    tracing::error!(job = %id, %error, "a result could not be kept");
                    AbortReason::new(AbortCode::ModelFailed, "The result could not be kept; the credits were released.")
                }
            },
            // Cancelled by its owner, it has ended already; by a stop, it stays running and the next start finds it.
            Err(Failure::Cancelled) => return Ok(()),
            Err(Failure::Aborted(reason, detail)) => {
                tracing::warn!(job = %id, code = ?reason.code, detail, "a job was aborted");
                reason
            }
        };
        let (now, outbox) = (self.clock.now(), self.outbox());
        let aborted = self.db.write(move |tx| -> Result<(), AppError> {
            outbox.apply(tx, (id, &JobEvent::Failed { reason }), &Outcome::default(), now)?;
            Ok(())
        });
        ignore_if_ended(aborted)
    }

    /// Stores the result; then the asset, the state and the settlement in one transaction.
    fn keep_product(&self, job: &Job, product: Product, timings: Value) -> Result<(), AppError> {
        let accepted = &job.accepted;
        failpoint::reach("before_store");
        let stored = product.content.commit()?;
        let sha256 = stored.digest();
        failpoint::reach("after_store");
        let cost = self.config.file.prices.price(accepted.mode, product.duration_seconds.unwrap_or(0.0));
        let now = self.clock.now();
        let asset = Asset {
            id: AssetId::new(),
            owner: accepted.owner,
            kind: product.kind,
            sha256,
            content_type: product.content_type.into(),
            bytes: stored.bytes(),
            width: product.size.map(|(width, _)| width),
            height: product.size.map(|(_, height)| height),
            duration_seconds: product.duration_seconds,
            file_name: Some(format!("{}.{}", accepted.id, product.extension)),
            made_by: Some(accepted.id),
            created_at: now,
            expires_at: self.config.file.retention.length(false).map(|length| now.plus(length)),
        };
        let outcome = Outcome {
            result_asset: Some(asset.id),
            plan: product.plan,
            motion: product.motion,
            warnings: product.warnings,
            timings: Some(timings),
        };
        let event = JobEvent::Finished { cost: cost.unwrap_or(accepted.held) };
        let (id, outbox) = (accepted.id, self.outbox());
        let kept = self.db.write(move |tx| -> Result<(), AppError> {
            assets::insert(tx, &asset)?;
            outbox.apply(tx, (id, &event), &outcome, now)?;
            failpoint::reach("before_settle_commit");
            Ok(())
        });
        failpoint::reach("after_settle");
        drop(stored);
        if kept.is_err() {
            self.discard(Some(sha256));
        }
        ignore_if_ended(kept)
    }
}

/// Claims the next job. One that an account got into the queue while it was being disabled is cancelled instead.
fn claim(tx: &Transaction<'_>, livemode: bool, outbox: &Outbox, now: Timestamp) -> Result<Option<Job>, AppError> {
    while let Some(job) = jobs::claim_next(tx, Some(livemode), now)? {
        let account = accounts::find(tx, job.accepted.owner.account)?;
        if account.is_none_or(|account| !account.is_disabled) {
            return Ok(Some(job));
        }
        outbox.apply(tx, (job.accepted.id, &JobEvent::Cancelled), &Outcome::default(), now)?;
    }
    Ok(None)
}

/// A job that its owner ended while it ran is none of the worker's business any more.
fn ignore_if_ended(result: Result<(), AppError>) -> Result<(), AppError> {
    match result {
        Err(AppError::JobFinished | AppError::NotFound("job")) => Ok(()),
        other => other,
    }
}

/// Lets a test job go as its magic word says.
fn rehearse(request: &Request, ctx: &RunContext<'_>) -> Result<(), Failure> {
    match rehearsal::plan(request) {
        Rehearsal::Succeed => Ok(()),
        Rehearsal::Abort(reason) => Err(Failure::Aborted(reason, "a test prompt asked for it".into())),
        Rehearsal::Slow(length) => {
            let ctx = ctx.part("waiting", 0.0, 0.9);
            let steps = 50;
            for step in 0..steps {
                ctx.step(step, steps)?;
                std::thread::sleep(length / steps as u32);
            }
            Ok(())
        }
    }
}
