//! What takes the space, and making room: expired assets and files that nobody owns.

use std::time::Duration;

use serde_json::json;

use super::Operator;
use crate::{
    app::{App, AppError, backup},
    config::Retention,
    db::{
        assets,
        figures::{self, AccountSum, KindSum, Totals},
    },
    domain::{clock::Timestamp, digest::Digest},
    machine::{self, Disk},
    store::Usage,
};

/// Accounts that a report names.
const ACCOUNTS_SHOWN: u32 = 20;
/// Files that were not written to for so long belong to no upload and no run.
const STALE_AGE: Duration = Duration::from_mins(10);

/// What takes the space.
#[derive(Debug, Clone)]
pub struct StorageReport {
    /// The disk that the instance lies on.
    pub disk: Option<Disk>,
    /// Media among the rest.
    pub totals: Totals,
    /// The database with its log.
    pub database_bytes: u64,
    /// What can be made again.
    pub cache_bytes: u64,
    /// Backups on this machine.
    pub backups_bytes: u64,
    /// Assets by kind and origin.
    pub by_kind: Vec<KindSum>,
    /// The accounts whose assets take most.
    pub by_account: Vec<AccountSum>,
    /// For how long media are kept.
    pub retention: Retention,
    /// When expired assets are next taken away.
    pub next_sweep_at: Timestamp,
    /// Files that no asset names.
    pub orphans: Usage,
}

/// What was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sweep {
    /// Assets whose time was over.
    pub expired: usize,
    /// Files that nobody owned.
    pub orphans: u64,
    /// Bytes of files that went.
    pub bytes: u64,
}

impl App {
    /// What takes the space. Looks at every media file, so it takes a moment where there are many.
    pub fn storage(&self) -> Result<StorageReport, AppError> {
        let (totals, by_kind, by_account) = self.db.read(|conn| -> Result<_, AppError> {
            let by_account = figures::media_by_account(conn, ACCOUNTS_SHOWN)?;
            Ok((figures::totals(conn)?, figures::media_by_kind(conn)?, by_account))
        })?;
        let is_live = |digest: &Digest| self.db.read(|conn| assets::is_blob_live(conn, digest).map_err(AppError::from));
        let file_bytes = |name: &str| std::fs::metadata(self.config.data.join(name)).map_or(0, |file| file.len());
        let database = ["magicpixels.sqlite3", "magicpixels.sqlite3-wal", "magicpixels.sqlite3-shm"];
        Ok(StorageReport {
            disk: machine::disk(&self.config.data),
            totals,
            database_bytes: database.into_iter().map(file_bytes).sum(),
            cache_bytes: folder_bytes(&self.config.data.join("cache")),
            backups_bytes: folder_bytes(&backup::folder(&self.config.data)),
            by_kind,
            by_account,
            retention: self.config.file.retention,
            next_sweep_at: self.vitals.next_housekeeping_at(),
            orphans: self.store.orphans(STALE_AGE, is_live)?,
        })
    }

    /// Takes away expired assets and files that nobody owns, now.
    pub fn sweep_storage(&self, operator: &Operator) -> Result<Sweep, AppError> {
        let (expired, expired_bytes) = self.expire_assets()?;
        let is_live = |digest: &Digest| self.db.read(|conn| assets::is_blob_live(conn, digest).map_err(AppError::from));
        let swept = self.store.sweep(STALE_AGE, is_live)?;
        let sweep = Sweep {
            expired,
            orphans: swept.orphans.files + swept.staged.files,
            bytes: expired_bytes + swept.orphans.bytes + swept.staged.bytes,
        };
        let detail = json!({ "expired": sweep.expired, "orphans": sweep.orphans, "bytes": sweep.bytes });
        self.note_act(operator, "storage.sweep", "media", detail)?;
        Ok(sweep)
    }
}

/// Bytes of all files in a folder; what can't be read counts nothing.
fn folder_bytes(folder: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let bytes = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => folder_bytes(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.flatten().map(bytes).sum()
}
