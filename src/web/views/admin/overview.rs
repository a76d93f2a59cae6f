//! The appliance at a glance, its settings, its history and its log, as the operator sees them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    app::{
        admin::Overview,
        doctor::Finding,
        restore::Staged,
        vitals::{History, Sample},
    },
    config::Setting,
    db::{audit::Entry, figures::Hour},
    domain::clock::Timestamp,
    logbook::Line,
};

/// The appliance at a glance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Overview)]
pub(in crate::web) struct OverviewBody {
    /// The program's version.
    #[schema(value_type = String)]
    version: &'static str,
    /// When the process began.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// For how many seconds it has been running.
    uptime_seconds: u64,
    /// Where it listens.
    listen: String,
    /// The instance's folder.
    data_path: String,
    /// People.
    accounts: OverviewAccounts,
    /// Jobs.
    jobs: OverviewJobs,
    /// Credits.
    credits: OverviewCredits,
    /// The queue.
    queue: OverviewQueue,
    /// Disk and media.
    storage: OverviewStorage,
    /// Memory.
    memory: OverviewMemory,
    /// What waits for the operator.
    pending: OverviewPending,
    /// The backup that takes the instance's place at the next start.
    restore_staged: Option<StagedRestoreBody>,
}

/// People.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct OverviewAccounts {
    /// Accounts.
    total: u64,
    /// Accounts that are disabled.
    disabled: u64,
}

/// Jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct OverviewJobs {
    /// Jobs that wait.
    queued: u64,
    /// Jobs that run.
    running: u64,
    /// Completed in the last 24 hours.
    completed_24h: u64,
    /// Aborted in the last 24 hours.
    aborted_24h: u64,
}

/// Credits of all accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct OverviewCredits {
    /// Ever granted.
    issued: u64,
    /// Ever charged.
    revenue: u64,
    /// Held now.
    held: u64,
}

/// The queue.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct OverviewQueue {
    /// Whether no job is begun for now.
    paused: bool,
}

/// Disk and media.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "units stand last")]
pub(in crate::web) struct OverviewStorage {
    /// Bytes that may still be written to the disk.
    disk_free_bytes: Option<u64>,
    /// Bytes of the disk.
    disk_total_bytes: Option<u64>,
    /// Bytes of media files, each counted once.
    media_bytes: u64,
}

/// Memory.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct OverviewMemory {
    /// Bytes that the process has in memory.
    rss_bytes: Option<u64>,
    /// Models in memory.
    models_loaded: usize,
    /// Bytes of their weights.
    model_bytes: u64,
    /// The most that these may be; null where nothing is known of the machine's memory.
    model_bytes_max: Option<u64>,
}

/// What waits for the operator.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct OverviewPending {
    /// Plans that wait for approval.
    plans: u64,
}

/// A backup that takes the instance's place at the next start.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StagedRestore)]
pub(in crate::web) struct StagedRestoreBody {
    /// The backup's name, or the uploaded file's.
    name: String,
    /// When it was checked and staged.
    #[schema(value_type = String, format = DateTime)]
    staged_at: Timestamp,
    /// Accounts in it.
    accounts: u64,
    /// Jobs in it.
    jobs: u64,
    /// Media files in it.
    media_files: u64,
}

impl From<Staged> for StagedRestoreBody {
    fn from(staged: Staged) -> Self {
        Self {
            name: staged.source,
            staged_at: Timestamp::from_millis(staged.staged_at),
            accounts: staged.contents.accounts,
            jobs: staged.contents.jobs,
            media_files: staged.contents.media_files,
        }
    }
}

impl OverviewBody {
    pub(in crate::web) fn new(overview: Overview, staged: Option<Staged>) -> Self {
        let totals = overview.totals;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            started_at: overview.started_at,
            uptime_seconds: overview.uptime_seconds,
            listen: overview.listen,
            data_path: overview.data_path,
            accounts: OverviewAccounts { total: totals.accounts, disabled: totals.accounts_disabled },
            jobs: OverviewJobs {
                queued: overview.jobs_queued,
                running: overview.jobs_running,
                completed_24h: overview.jobs_completed,
                aborted_24h: overview.jobs_aborted,
            },
            credits: OverviewCredits {
                issued: totals.credits_issued,
                revenue: totals.credits_revenue,
                held: totals.credits_held,
            },
            queue: OverviewQueue { paused: overview.is_paused },
            storage: OverviewStorage {
                disk_free_bytes: overview.disk.map(|disk| disk.free_bytes),
                disk_total_bytes: overview.disk.map(|disk| disk.total_bytes),
                media_bytes: totals.media_bytes,
            },
            memory: OverviewMemory {
                rss_bytes: overview.rss_bytes,
                models_loaded: overview.models_loaded,
                model_bytes: overview.model_bytes.0,
                model_bytes_max: overview.model_bytes.1,
            },
            pending: OverviewPending { plans: totals.plans_pending },
            restore_staged: staged.map(Into::into),
        }
    }
}

/// A setting and where its value is from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Setting)]
pub(in crate::web) struct SettingBody {
    /// Its name, with dots between the tables.
    #[schema(example = "limits.upload_bytes")]
    name: String,
    /// What holds now.
    #[schema(value_type = Value)]
    value: Value,
    /// What would hold if nobody had set it.
    #[schema(value_type = Value)]
    default: Value,
    /// `default`, `file`, `environment` or `command line`.
    #[schema(value_type = String)]
    source: &'static str,
}

impl From<Setting> for SettingBody {
    fn from(setting: Setting) -> Self {
        let Setting { name, value, default, source } = setting;
        Self { name, value, default, source: source.as_str() }
    }
}

/// One thing that was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(in crate::web) struct AuditBody {
    /// Its number, from 1; `after` takes it.
    seq: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who: an account's id, `operator` for the command line, `appliance` for the program itself.
    actor: String,
    /// The e-mail address of the account that did it.
    actor_email: Option<String>,
    /// What, as `noun.verb`.
    #[schema(example = "credits.grant")]
    action: String,
    /// To what: an id or a name.
    subject: String,
    /// What else is worth knowing.
    #[schema(value_type = Object)]
    detail: Value,
}

impl From<Entry> for AuditBody {
    fn from(entry: Entry) -> Self {
        let Entry { seq, at, actor, action, subject, detail, actor_email } = entry;
        Self { seq, at, actor, actor_email, action, subject, detail }
    }
}

/// The figures of the last hours.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MetricsHistory)]
pub(in crate::web) struct HistoryBody {
    /// Jobs of the last 48 hours by the hour in which they ended and by mode, the earliest first; hours without any are
    /// left out.
    hours: Vec<HourBody>,
    /// Samples of the last two hours, one each 10 seconds, the earliest first. In memory: a restart begins anew.
    samples: Vec<SampleBody>,
}

/// The jobs of one mode that ended in one hour.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MetricsHour)]
pub(in crate::web) struct HourBody {
    /// When the hour began.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What the jobs made.
    #[schema(value_type = String)]
    mode: &'static str,
    /// How many were completed.
    completed: u64,
    /// How many were aborted.
    aborted: u64,
    /// Seconds of a completed run on average.
    run_seconds_mean: Option<f64>,
}

/// How the appliance was at a moment. Counts are of the time since the sample before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MetricsSample)]
pub(in crate::web) struct SampleBody {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Bytes of memory that the process had.
    rss_bytes: Option<u64>,
    /// Processor time over wall time: 1 is one core busy.
    cpu_fraction: Option<f64>,
    /// Jobs that waited.
    queued: u64,
    /// Jobs that ran.
    running: u64,
    /// Requests that were answered.
    requests: u64,
    /// Those of them that failed through the appliance's fault (5xx).
    errors: u64,
}

impl From<History> for HistoryBody {
    fn from(history: History) -> Self {
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        let hour = |hour: Hour| HourBody {
            at: hour.at,
            mode: hour.mode.as_str(),
            completed: hour.completed,
            aborted: hour.aborted,
            run_seconds_mean: hour.run_seconds_mean.map(round),
        };
        let sample = |sample: Sample| SampleBody {
            at: sample.at,
            rss_bytes: sample.rss_bytes,
            cpu_fraction: sample.cpu_fraction.map(round),
            queued: sample.queued,
            running: sample.running,
            requests: sample.requests,
            errors: sample.errors,
        };
        Self {
            hours: history.hours.into_iter().map(hour).collect(),
            samples: history.samples.into_iter().map(sample).collect(),
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(in crate::web) struct FindingBody {
    /// What, in a word.
    #[schema(value_type = String, example = "ledger")]
    name: &'static str,
    /// `ok`, `warning` or `fault`.
    #[schema(value_type = String)]
    state: &'static str,
    /// What was found.
    message: String,
    /// What to do about it.
    #[schema(value_type = Option<String>)]
    hint: Option<&'static str>,
}

impl From<Finding> for FindingBody {
    fn from(finding: Finding) -> Self {
        Self { name: finding.name, state: finding.state.as_str(), message: finding.message, hint: finding.hint }
    }
}

/// One line of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogLine)]
pub(in crate::web) struct LogLineBody {
    /// Its number since the process began.
    seq: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    #[schema(value_type = String)]
    level: &'static str,
    /// The part of the program that wrote it.
    target: String,
    /// What it says.
    message: String,
    /// What else it tells: the request's id, the route, …
    fields: BTreeMap<String, String>,
}

impl From<Line> for LogLineBody {
    fn from(line: Line) -> Self {
        let Line { seq, at, level, target, message, fields } = line;
        Self { seq, at, level: level.as_str(), target, message, fields }
    }
}
