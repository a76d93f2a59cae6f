//! How far the running jobs are, in memory only: progress is never worth a write.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    domain::ids::JobId,
    engine::{CancelToken, Progress},
};

struct Run {
    worker: usize,
    progress: Progress,
    cancel: CancelToken,
}

/// The runs of this process.
#[derive(Default)]
pub struct Board {
    runs: Mutex<HashMap<JobId, Run>>,
}

impl Board {
    fn runs(&self) -> MutexGuard<'_, HashMap<JobId, Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the worker of this number has begun a run.
    pub(super) fn begin(&self, worker: usize, id: JobId, cancel: CancelToken) {
        self.runs().insert(id, Run { worker, progress: Progress { stage: "starting", fraction: 0.0 }, cancel });
    }

    /// Notes how far the run is.
    pub(super) fn update(&self, id: JobId, progress: Progress) {
        if let Some(run) = self.runs().get_mut(&id) {
            run.progress = progress;
        }
    }

    /// Notes that the run has ended.
    pub(super) fn end(&self, id: JobId) {
        self.runs().remove(&id);
    }

    /// Stops the run, if it is one of ours.
    pub(super) fn cancel(&self, id: JobId) {
        let token = self.runs().get(&id).map(|run| run.cancel.clone());
        if let Some(token) = token {
            token.cancel();
        }
    }

    /// Stops every run.
    pub(super) fn cancel_all(&self) {
        let tokens: Vec<CancelToken> = self.runs().values().map(|run| run.cancel.clone()).collect();
        for token in tokens {
            token.cancel();
        }
    }

    /// Every run: its worker's number, its job, how far it is.
    pub(super) fn runs_by_worker(&self) -> Vec<(usize, JobId, Progress)> {
        self.runs().iter().map(|(id, run)| (run.worker, *id, run.progress.clone())).collect()
    }

    /// How far the run is; `None` when it doesn't run here.
    pub fn get(&self, id: JobId) -> Option<Progress> {
        self.runs().get(&id).map(|run| run.progress.clone())
    }
}
