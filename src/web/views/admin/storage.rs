//! What takes space: media, backups, models, as the operator sees them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{
        admin::{ModelReport, StorageReport, Sweep, Verdict},
        backup::{Backup, State},
        packs::{InstallState, Installation},
    },
    domain::{clock::Timestamp, job::Mode},
};

/// What takes the space.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Storage)]
pub(in crate::web) struct StorageBody {
    /// The disk that the instance lies on.
    disk: DiskBody,
    /// Media files, each counted once.
    media: FilesBody,
    /// The database with its log.
    database_bytes: u64,
    /// Thumbnails and other things that can be made again.
    cache_bytes: u64,
    /// Backups in the data folder.
    backups_bytes: u64,
    /// Assets by kind and origin, each counted whole even where others are the same.
    by_kind: Vec<KindBody>,
    /// The twenty accounts whose assets take most.
    by_account: Vec<AccountMediaBody>,
    /// For how long media are kept.
    retention: RetentionBody,
    /// Files that no asset names.
    orphans: FilesBody,
}

/// A disk.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Disk)]
pub(in crate::web) struct DiskBody {
    /// Bytes that may still be written.
    free_bytes: Option<u64>,
    /// Bytes in all.
    total_bytes: Option<u64>,
}

/// Files and their bytes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Files)]
pub(in crate::web) struct FilesBody {
    /// How many.
    files: u64,
    /// Their bytes.
    bytes: u64,
}

/// Assets of one kind and origin.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MediaOfKind)]
pub(in crate::web) struct KindBody {
    /// `image`, `audio` or `video`.
    #[schema(value_type = String)]
    kind: &'static str,
    /// `upload` or `job`.
    #[schema(value_type = String)]
    source: &'static str,
    /// How many.
    count: u64,
    /// Their bytes.
    bytes: u64,
}

/// Assets of one account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MediaOfAccount)]
pub(in crate::web) struct AccountMediaBody {
    /// The account.
    account_id: String,
    /// Its e-mail address.
    email: String,
    /// How many.
    count: u64,
    /// Their bytes.
    bytes: u64,
}

/// For how long media are kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Retention)]
pub(in crate::web) struct RetentionBody {
    /// Days that uploads are kept; 0 keeps them for ever.
    uploads_days: u32,
    /// Days that results of jobs are kept; 0 keeps them for ever.
    results_days: u32,
    /// When expired assets are next taken away.
    #[schema(value_type = String, format = DateTime)]
    next_sweep_at: Timestamp,
}

impl From<StorageReport> for StorageBody {
    fn from(report: StorageReport) -> Self {
        Self {
            disk: DiskBody {
                free_bytes: report.disk.map(|disk| disk.free_bytes),
                total_bytes: report.disk.map(|disk| disk.total_bytes),
            },
            media: FilesBody { files: report.totals.media_files, bytes: report.totals.media_bytes },
            database_bytes: report.database_bytes,
            cache_bytes: report.cache_bytes,
            backups_bytes: report.backups_bytes,
            by_kind: report
                .by_kind
                .into_iter()
                .map(|sum| KindBody {
                    kind: sum.kind.as_str(),
                    source: if sum.is_upload { "upload" } else { "job" },
                    count: sum.count,
                    bytes: sum.bytes,
                })
                .collect(),
            by_account: report
                .by_account
                .into_iter()
                .map(|sum| AccountMediaBody {
                    account_id: sum.account.to_string(),
                    email: sum.email,
                    count: sum.count,
                    bytes: sum.bytes,
                })
                .collect(),
            retention: RetentionBody {
                uploads_days: report.retention.uploads_days,
                results_days: report.retention.results_days,
                next_sweep_at: report.next_sweep_at,
            },
            orphans: FilesBody { files: report.orphans.files, bytes: report.orphans.bytes },
        }
    }
}

/// What was taken away.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sweep)]
pub(in crate::web) struct SweepBody {
    /// Assets whose time was over.
    expired: usize,
    /// Files that nobody owned.
    orphans: u64,
    /// Bytes of files that went.
    bytes: u64,
}

impl From<Sweep> for SweepBody {
    fn from(sweep: Sweep) -> Self {
        Self { expired: sweep.expired, orphans: sweep.orphans, bytes: sweep.bytes }
    }
}

/// A model as the operator sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminModel)]
pub(in crate::web) struct AdminModelBody {
    /// The name that a job's `model` takes.
    id: String,
    /// One sentence for a person.
    description: String,
    /// The modes it serves.
    #[schema(value_type = Vec<String>)]
    modes: Vec<&'static str>,
    /// The licence of its weights or data, as an SPDX expression.
    licence: String,
    /// Where its weights or data come from.
    source: String,
    /// Hex SHA-256 over the digests of all of its files.
    digest: String,
    /// Bytes of its files.
    bytes: u64,
    /// Its files.
    files: Vec<ModelFileBody>,
    /// Whether it is in memory now.
    is_loaded: bool,
    /// What it takes there, estimated by how the process grew; null while it is not in memory.
    memory_bytes: Option<u64>,
    /// When it was last used since the process began.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// Seconds that a run takes, on average over the latest; a guess before the first.
    run_seconds: f64,
    /// Whether it travels in the binary.
    built_in: bool,
    /// Where its graphs run, or will.
    device: &'static str,
    /// Why that is not the device that was asked for; null where it is.
    device_note: Option<String>,
}

/// A file of a model.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelFile)]
pub(in crate::web) struct ModelFileBody {
    /// Its name.
    name: String,
    /// Its bytes, compressed where it is.
    bytes: u64,
    /// The digest that it was pinned to or installed with.
    sha256: String,
}

impl From<ModelReport> for AdminModelBody {
    fn from(report: ModelReport) -> Self {
        let info = report.info;
        Self {
            id: info.id,
            description: info.description,
            modes: info.modes.into_iter().map(Mode::as_str).collect(),
            licence: info.licence,
            source: info.source,
            digest: info.digest,
            bytes: report.parts.iter().map(|part| part.bytes).sum(),
            files: report
                .parts
                .into_iter()
                .map(|part| ModelFileBody { name: part.name, bytes: part.bytes, sha256: part.sha256 })
                .collect(),
            is_loaded: report.is_loaded,
            memory_bytes: report.memory_bytes,
            last_used_at: report.last_used_at,
            run_seconds: (report.run_seconds * 1000.0).round() / 1000.0,
            built_in: report.is_built_in,
            device: report.placement.device.as_str(),
            device_note: report.placement.note,
        }
    }
}

/// An installation of a pack.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelInstallation)]
pub(in crate::web) struct InstallationBody {
    /// The name that the pack will have or has.
    name: String,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// `running`, `done` or `failed`.
    state: &'static str,
    /// What it does now: `copying`, `trying out`.
    stage: Option<&'static str>,
    /// 0 to 1 while it goes on.
    fraction: Option<f32>,
    /// Why nothing was installed.
    error: Option<String>,
}

impl From<Installation> for InstallationBody {
    fn from(installation: Installation) -> Self {
        let (state, stage, fraction, error) = match installation.state {
            InstallState::Running(stage, fraction) => ("running", Some(stage), Some(fraction), None),
            InstallState::Done => ("done", None, None, None),
            InstallState::Failed(error) => ("failed", None, None, Some(error)),
        };
        Self { name: installation.name, started_at: installation.started_at, state, stage, fraction, error }
    }
}

/// Whether a model's bytes are the pinned ones.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelVerdict)]
pub(in crate::web) struct VerdictBody {
    /// Whether all is well.
    ok: bool,
    /// What is wrong, a sentence each.
    findings: Vec<String>,
}

impl From<Verdict> for VerdictBody {
    fn from(verdict: Verdict) -> Self {
        Self { ok: verdict.findings.is_empty(), findings: verdict.findings }
    }
}

/// A backup in the data folder.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Backup)]
pub(in crate::web) struct BackupBody {
    /// Its file's name.
    #[schema(example = "magicpixels-2026-11-24T08-15-00Z.tar")]
    name: String,
    /// Bytes, so far for one that is being made.
    bytes: u64,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// `running`, `done` or `failed`.
    #[schema(value_type = String)]
    state: &'static str,
    /// How far it is, 0 to 1, while it is being made.
    fraction: Option<f64>,
    /// Why it failed.
    error: Option<String>,
}

impl From<Backup> for BackupBody {
    fn from(backup: Backup) -> Self {
        let (state, fraction, error) = match backup.state {
            State::Running(fraction) => ("running", Some((fraction * 1000.0).round() / 1000.0), None),
            State::Done => ("done", None, None),
            State::Failed(error) => ("failed", None, Some(error)),
        };
        Self { name: backup.name, bytes: backup.bytes, created_at: backup.created_at, state, fraction, error }
    }
}
