//! What only the operator sees, in JSON. No password hash, no digest of a secret and no token is in any of it.

mod accounts;
mod overview;
mod queue;
mod storage;

pub(in crate::web) use accounts::{AdminAccountBody, NewPasswordBody};
pub(in crate::web) use overview::{
    AuditBody, FindingBody, HistoryBody, LogLineBody, OverviewBody, SettingBody, StagedRestoreBody,
};
pub(in crate::web) use queue::{AdminJobBody, QueueBody};
pub(in crate::web) use storage::{AdminModelBody, BackupBody, InstallationBody, StorageBody, SweepBody, VerdictBody};
