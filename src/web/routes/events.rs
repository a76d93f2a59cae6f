//! `GET /v1/jobs/:id/events`: whole snapshots of a job as they change. Polling stays the truth.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Path, State},
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use tokio::{sync::watch, time::Instant};

use crate::{
    domain::ids::JobId,
    web::{
        WebState,
        auth::Auth,
        errors::{ApiError, ApiResult, Code, openapi::ObjectRefusals},
        extract::{self, Base},
        views::JobBody,
    },
};

/// Shortest time between two snapshots.
const SPACING: Duration = Duration::from_millis(300);
/// How often a job's progress is looked at while nothing else tells of a change.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often a comment keeps the connection open.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Follows a job by server-sent events.
///
/// Each event `job` carries the whole job as `GET /v1/jobs/{id}` answers it, at most a few a second. The stream ends
/// after the snapshot with `completed` or `aborted`; an event `deleted` ends it when the job is deleted.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/events", tag = "Jobs", operation_id = "followJob",
    params(("id" = String, Path, description = "The job's id.")),
    responses((status = 200, description = "The events.", body = JobBody, content_type = "text/event-stream"), ObjectRefusals)
)]
pub(super) async fn events(
    State(state): State<WebState>,
    Auth { caller, token }: Auth,
    Base(base): Base,
    Path(id): Path<String>,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let id: JobId = extract::id(&id, "job")?;
    // What does not exist is refused before a stream begins.
    state.call(move |app| app.job(&caller, id)).await?;
    let changes = state.app().watch_jobs();
    let watcher = Watcher { state, token, base, id, changes, last: None, sent_at: Instant::now(), is_over: false };
    let stream = stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok(event), watcher))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

struct Watcher {
    state: WebState,
    token: String,
    base: String,
    id: JobId,
    changes: watch::Receiver<u64>,
    last: Option<JobBody>,
    sent_at: Instant,
    is_over: bool,
}

impl Watcher {
    /// The next event, when there is something new; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        if self.is_over {
            return None;
        }
        if self.last.is_some() {
            tokio::time::sleep_until(self.sent_at + SPACING).await;
        }
        loop {
            self.changes.borrow_and_update();
            match self.look().await {
                Ok(job) if self.last.as_ref() != Some(&job) => {
                    self.is_over = job.is_finished();
                    self.sent_at = Instant::now();
                    let event = Event::default().event("job").json_data(&job);
                    self.last = Some(job);
                    return event.inspect_err(|error| tracing::error!(%error, "a snapshot is no JSON")).ok();
                }
                Ok(_) => {}
                Err(error) => {
                    self.is_over = true;
                    let is_deleted = error.code == Code::NotFound;
                    return is_deleted.then(|| Event::default().event("deleted").data(self.id.to_string()));
                }
            }
            // The sender lives as long as the appliance; when it is gone, so is this stream's reason.
            if let Ok(Err(_)) = tokio::time::timeout(LOOK_EVERY, self.changes.changed()).await {
                return None;
            }
        }
    }

    /// The job as it is now, if the credential is still good: a revoked key hears nothing more.
    async fn look(&self) -> Result<JobBody, ApiError> {
        let (token, id) = (self.token.clone(), self.id);
        let (job, place, progress) = self
            .state
            .call(move |app| {
                let caller = app.authenticate(&token)?;
                let (job, place) = app.job(&caller, id)?;
                Ok((job, place, app.progress.get(id)))
            })
            .await?;
        Ok(JobBody::new(job, place, progress, &self.base))
    }
}
