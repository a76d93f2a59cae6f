//! Everything that happens to a job goes through here, so that what is to be told of its end is written in the very
//! transaction that ends it: neither is ever there without the other.

use super::payload;
use crate::{
    config::Config,
    db::{
        DbError, Transaction,
        deliveries::{self, NewDelivery},
        jobs::{self, Applied, Outcome},
        webhooks,
    },
    domain::{
        clock::Timestamp,
        ids::{EventId, JobId},
        job::{JobEvent, JobState},
        webhook::EventType,
    },
    wire::job::JobBody,
};

/// What the outbox needs to know, to be taken into a transaction.
#[derive(Debug, Clone)]
pub(in crate::app) struct Outbox {
    is_on: bool,
    public_url: Option<String>,
    listen: String,
}

impl Outbox {
    pub(in crate::app) fn new(config: &Config) -> Self {
        Self {
            is_on: !config.webhooks.is_off(),
            public_url: config.public_url.clone(),
            listen: format!("http://{}", config.listen),
        }
    }

    /// Lets `event` happen to the job, and puts its end into the outbox if it is one.
    pub(in crate::app) fn apply(
        &self,
        tx: &Transaction<'_>,
        (id, event): (JobId, &JobEvent),
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<Applied, DbError> {
        let applied = jobs::apply(tx, id, event, outcome, now)?;
        self.tell(tx, id, &applied.state, now)?;
        Ok(applied)
    }

    /// Lets every running job be orphaned, as at a start, and tells of those that end by it.
    pub(in crate::app) fn recover(
        &self,
        tx: &Transaction<'_>,
        attempts_max: u32,
        now: Timestamp,
    ) -> Result<Vec<(JobId, JobState)>, DbError> {
        let found = jobs::recover(tx, attempts_max, now)?;
        for (id, state) in &found {
            self.tell(tx, *id, state, now)?;
        }
        Ok(found)
    }

    fn tell(&self, tx: &Transaction<'_>, id: JobId, state: &JobState, now: Timestamp) -> Result<(), DbError> {
        let event = match state {
            JobState::Completed { .. } => EventType::JobCompleted,
            JobState::Aborted { .. } => EventType::JobAborted,
            JobState::Queued { .. } | JobState::Running { .. } | JobState::Removed => return Ok(()),
        };
        if !self.is_on {
            return Ok(());
        }
        let job = jobs::find_any(tx, id)?.ok_or(DbError::NotFound("job"))?;
        let owner = job.accepted.owner;
        let url = match &job.accepted.webhook_url {
            Some(url) => Some(url.clone()),
            None => webhooks::endpoint(tx, owner.account)?,
        };
        let Some(url) = url else { return Ok(()) };
        let base = self.public_url.clone().or_else(|| job.accepted.base_url.clone());
        let body = JobBody::new(job, None, None, base.as_deref().unwrap_or(&self.listen));
        let payload = payload(event, now, &body);
        let new = NewDelivery { id: EventId::new(), owner, event, job: Some(id), url, payload, created_at: now };
        deliveries::enqueue(tx, &new)
    }
}
