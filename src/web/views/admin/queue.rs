//! The queue and all jobs as the operator sees them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    app::admin::{QueueReport, WorkerReport},
    db::jobs::Line,
    domain::{clock::Timestamp, credits::Credits, job::JobState},
};

/// A job in a line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminJob)]
pub(in crate::web) struct AdminJobBody {
    /// Its id.
    id: String,
    /// Whose.
    account_id: String,
    /// The owner's e-mail address.
    account_email: String,
    /// Whether it was made with a live credential.
    livemode: bool,
    /// What it makes.
    #[schema(value_type = String)]
    mode: &'static str,
    /// `queued`, `running`, `completed` or `aborted`.
    #[schema(value_type = String)]
    status: &'static str,
    /// The text that steers it, or is spoken.
    prompt: Option<String>,
    /// The model that makes it.
    model: String,
    /// What it holds, or what it was charged at its end.
    #[schema(value_type = u32)]
    credits: Credits,
    /// Why it was aborted.
    error: Option<AdminJobErrorBody>,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its last run began.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// Seconds from the begin of its last run to its end; null while it has not ended.
    run_seconds: Option<f64>,
}

/// Why a job was aborted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminJobError)]
pub(in crate::web) struct AdminJobErrorBody {
    /// Which of the known reasons it is.
    #[schema(value_type = String)]
    code: Value,
    /// One sentence for a person.
    message: String,
}

impl From<Line> for AdminJobBody {
    fn from(line: Line) -> Self {
        let run = line.started_at.zip(line.finished_at).map(|(from, to)| to.since(from).as_secs_f64());
        let error = match &line.state {
            JobState::Aborted { reason } => Some(AdminJobErrorBody {
                code: serde_json::to_value(reason.code).unwrap_or_default(),
                message: reason.message.clone(),
            }),
            _ => None,
        };
        Self {
            id: line.id.to_string(),
            account_id: line.account.to_string(),
            account_email: line.email,
            livemode: line.livemode,
            mode: line.mode.as_str(),
            status: line.state.as_str(),
            prompt: line.prompt,
            model: line.model,
            credits: line.credits,
            error,
            created_at: line.created_at,
            started_at: line.started_at,
            finished_at: line.finished_at,
            run_seconds: run,
        }
    }
}

/// The queue and the workers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub(in crate::web) struct QueueBody {
    /// Whether no job is begun for now.
    paused: bool,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    paused_at: Option<Timestamp>,
    /// Who paused it: an e-mail address, or `operator` for the command line.
    paused_by: Option<String>,
    /// The workers by number.
    workers: Vec<WorkerBody>,
    /// The first hundred queued jobs, in the order in which they will be begun, live ones first.
    queued: Vec<AdminJobBody>,
    /// How many there are in all.
    counts: QueueCountsBody,
}

/// A worker and what it does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Worker)]
pub(in crate::web) struct WorkerBody {
    /// Its number, from 0.
    number: usize,
    /// Whether it runs live jobs; the other kind runs test jobs.
    livemode: bool,
    /// What it runs; null while it waits.
    job: Option<AdminJobBody>,
    /// What the run does now, in a word.
    #[schema(value_type = Option<String>)]
    stage: Option<&'static str>,
    /// How far the run is, 0 to 1.
    fraction: Option<f64>,
}

/// How many jobs wait and run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueCounts)]
pub(in crate::web) struct QueueCountsBody {
    /// Jobs that wait.
    queued: u64,
    /// Jobs that run.
    running: u64,
}

impl From<QueueReport> for QueueBody {
    fn from(report: QueueReport) -> Self {
        let (pause, email) = report.pause.map_or((None, None), |(pause, email)| (Some(pause), email));
        Self {
            paused: pause.is_some(),
            paused_at: pause.as_ref().map(|pause| Timestamp::from_millis(pause.at)),
            paused_by: email.or(pause.map(|pause| pause.by)),
            workers: report.workers.into_iter().map(Into::into).collect(),
            queued: report.queued.into_iter().map(Into::into).collect(),
            counts: QueueCountsBody { queued: report.jobs_queued, running: report.jobs_running },
        }
    }
}

impl From<WorkerReport> for WorkerBody {
    fn from(worker: WorkerReport) -> Self {
        Self {
            number: worker.number,
            livemode: worker.livemode,
            job: worker.job.map(Into::into),
            stage: worker.progress.as_ref().map(|progress| progress.stage),
            fraction: worker.progress.map(|progress| (f64::from(progress.fraction) * 1000.0).round() / 1000.0),
        }
    }
}
