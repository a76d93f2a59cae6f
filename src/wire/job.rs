//! A job in JSON: one shape for creation, polling, lists, events and webhooks.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::content_url;
use crate::{
    db::jobs::{Job, Place},
    domain::{clock::Timestamp, credits::Credits, job::JobState},
    engine::Progress,
    media::subtitles::Cue,
};

/// A generation job.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobBody {
    /// Its id.
    #[schema(example = "job_019f2b7ac00071d2a3b4c5d6e7f80910")]
    pub id: String,
    /// `text_to_image`, `image_to_image`, `audio` or `image_to_video`.
    #[schema(value_type = String, example = "text_to_image")]
    pub mode: &'static str,
    /// `queued`, `running`, `completed` or `aborted`.
    #[schema(value_type = String, example = "queued")]
    pub status: &'static str,
    /// The text that steers it.
    prompt: Option<String>,
    /// The asset it made, once completed. It may have been deleted since.
    result_asset_id: Option<String>,
    /// Where the result's bytes are, for the owner's credential only.
    pub result_asset_url: Option<String>,
    /// Where the film's subtitles are as `WebVTT`, where it has any.
    subtitles_url: Option<String>,
    /// Why it was aborted.
    error: Option<JobErrorBody>,
    /// What it holds and what it cost.
    credits: JobCreditsBody,
    /// 1 for the queued job that runs next; null once it runs.
    queue_position: Option<u64>,
    /// Whether the job waits because the operator has paused the queue.
    queue_paused: bool,
    /// Seconds until it is expected to be done, for a queued job; seconds of the run itself, for a running one.
    estimated_seconds: Option<f64>,
    /// How far a running job is.
    progress: Option<ProgressBody>,
    /// The request as it was accepted, every value resolved: sent again, it gives the same bytes on this machine.
    #[schema(value_type = Object)]
    request: Value,
    /// The model that makes it.
    model: String,
    /// Hex SHA-256 over the model's files.
    model_digest: String,
    /// The only source of chance.
    seed: u32,
    /// How the prompt was read, for pictures (of the model `scene`: `subjects`, `placements`, `surface`, `place`,
    /// `lighting`, camera, style, and `words` with what each was read as; docs/api.md has the table); the cues of the
    /// subtitles, for films that have some.
    #[schema(value_type = Option<Object>)]
    plan: Option<Value>,
    /// How the portrait was moved, for films: `face` or `camera`.
    motion: Option<String>,
    /// What the owner should know about the result.
    #[schema(value_type = Vec<String>)]
    warnings: Value,
    /// Where the time went, in seconds.
    #[schema(value_type = Option<Object>)]
    timings: Option<Value>,
    /// The client's own notes.
    #[schema(value_type = Object)]
    metadata: Value,
    /// Where its end is told, if it says so itself.
    webhook_url: Option<String>,
    /// Whether it was made with a live credential.
    livemode: bool,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its last run began.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// Where to look at it and what to do with it.
    urls: JobUrlsBody,
}

/// The cues that a film's plan has.
pub fn subtitles(plan: Option<&Value>) -> Option<Vec<Cue>> {
    serde_json::from_value(plan?.get("subtitles")?.clone()).ok()
}

/// Why a job was aborted.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = JobError)]
pub struct JobErrorBody {
    /// `cancelled`, `input_unusable`, `model_failed`, `timeout`, `attempts_exhausted`, `storage_full` or `test_outcome`.
    #[schema(value_type = String)]
    code: Value,
    /// One sentence for a person.
    message: String,
}

/// A job's credits.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = JobCredits)]
pub struct JobCreditsBody {
    /// Held while it is queued or running; 0 afterwards.
    #[schema(value_type = u32)]
    held: Credits,
    /// Charged at its end; 0 for an aborted job.
    #[schema(value_type = u32)]
    charged: Credits,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Progress)]
pub struct ProgressBody {
    /// What it does now, in a word.
    #[schema(value_type = String, example = "rendering")]
    stage: &'static str,
    /// 0 to 1 over the whole run.
    fraction: f64,
}

/// A job's addresses.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = JobUrls)]
pub struct JobUrlsBody {
    /// The job itself.
    #[serde(rename = "self")]
    this: String,
    /// Server-sent events of it.
    events: String,
    /// To cancel it, with POST.
    cancel: String,
}

impl JobBody {
    /// The job, with URLs that begin with `base`.
    pub fn new(job: Job, place: Option<Place>, progress: Option<Progress>, base: &str) -> Self {
        let Job { accepted, state, .. } = job;
        let this = format!("{base}/v1/jobs/{}", accepted.id);
        let is_running = matches!(state, JobState::Running { .. });
        let held = if state.is_finished() { Credits::ZERO } else { accepted.held };
        let charged = match state {
            JobState::Completed { charged } => charged,
            _ => Credits::ZERO,
        };
        let error = match &state {
            JobState::Aborted { reason } => Some(JobErrorBody {
                code: serde_json::to_value(reason.code).unwrap_or_default(),
                message: reason.message.clone(),
            }),
            _ => None,
        };
        let text = |name: &str| accepted.request.get(name).and_then(Value::as_str).map(str::to_owned);
        let seconds_ahead = place.as_ref().map_or(0.0, |place| place.seconds_ahead);
        let estimated_seconds = match state {
            JobState::Queued { .. } => Some(seconds_ahead + accepted.estimated_seconds),
            JobState::Running { .. } => Some(accepted.estimated_seconds),
            _ => None,
        };
        let progress = progress.filter(|_| is_running).map(|Progress { stage, fraction }| ProgressBody {
            stage,
            fraction: (f64::from(fraction) * 1000.0).round() / 1000.0,
        });
        Self {
            id: accepted.id.to_string(),
            mode: accepted.mode.as_str(),
            status: state.as_str(),
            prompt: text("prompt").or_else(|| text("voice_text")),
            result_asset_id: job.result_asset.map(|id| id.to_string()),
            result_asset_url: job.result_asset.map(|id| content_url(base, id)),
            subtitles_url: subtitles(job.plan.as_ref()).map(|_| format!("{this}/subtitles")),
            error,
            credits: JobCreditsBody { held, charged },
            queue_position: place.map(|place| place.position),
            queue_paused: place.is_some_and(|place| place.is_paused),
            estimated_seconds,
            progress,
            request: accepted.request,
            model: accepted.model,
            model_digest: accepted.model_digest,
            seed: accepted.seed,
            plan: job.plan,
            motion: job.motion,
            warnings: job.warnings,
            timings: job.timings,
            metadata: accepted.metadata,
            webhook_url: accepted.webhook_url,
            livemode: accepted.owner.livemode,
            created_at: accepted.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            urls: JobUrlsBody { events: format!("{this}/events"), cancel: format!("{this}/cancel"), this },
        }
    }

    /// Whether nothing more will happen to it.
    pub fn is_finished(&self) -> bool {
        matches!(self.status, "completed" | "aborted")
    }
}
