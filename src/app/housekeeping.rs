//! What happens by itself: monthly grants, sweeping of orphans, forgetting of what has expired, unloading of models.

use std::{sync::Arc, time::Duration};

use super::{App, AppError};
use crate::{
    db::{assets, deliveries, idempotency, sessions},
    domain::{clock::Timestamp, digest::Digest},
};

/// Files younger than this may belong to an upload or a run whose row is not written yet.
const ORPHAN_AGE: Duration = Duration::from_hours(1);
/// How long the log of webhooks goes back.
const DELIVERIES_KEPT_FOR: Duration = Duration::from_hours(24 * 30);

/// A sweep looks at every media file, which takes a moment where there are many; orphans are rare and can wait.
const SWEEP_EVERY: Duration = Duration::from_mins(10);
/// Expired assets that are looked up at a time.
const EXPIRED_AT_ONCE: u32 = 200;

impl App {
    /// Everything that is due; each part goes on when another fails.
    pub fn keep_house(self: &Arc<Self>) {
        let report = |what: &str, result: Result<String, AppError>| match result {
            Ok(done) if done.is_empty() => {}
            Ok(done) => tracing::info!(what, done, "housekeeping"),
            Err(error) => tracing::error!(what, %error, "housekeeping failed"),
        };
        let count = |number: usize| if number == 0 { String::new() } else { number.to_string() };
        self.vitals.note_housekeeping(self.clock.now());
        report("monthly grants", self.give_due_grants().map(count));
        report("expired assets", self.expire_assets().map(|(assets, _)| count(assets)));
        if self.vitals.is_sweep_due(SWEEP_EVERY) {
            report("orphan files", self.sweep_files(ORPHAN_AGE).map(count));
        }
        report("expired rows", self.forget_expired().map(count));
        let idle = Duration::from_secs(self.config.file.work.model_idle_seconds);
        report("idle models", Ok(self.engine.unload_idle(idle).join(", ")));
    }

    /// Removes files that no row names and that are older than `age`. Returns how many.
    pub fn sweep_files(&self, age: Duration) -> Result<usize, AppError> {
        let is_live = |digest: &Digest| self.db.read(|conn| assets::is_blob_live(conn, digest).map_err(AppError::from));
        let swept = self.store.sweep(age, is_live)?;
        Ok((swept.orphans.files + swept.staged.files) as usize)
    }

    /// Takes away the assets whose time is over, but for those that a queued or running job needs. Returns how many, and
    /// the bytes of the files that went with them.
    pub(super) fn expire_assets(&self) -> Result<(usize, u64), AppError> {
        let (mut taken, mut bytes) = (0, 0);
        loop {
            let now = self.clock.now();
            let due = self.db.read(|conn| assets::list_expired(conn, now, EXPIRED_AT_ONCE).map_err(AppError::from))?;
            let mut progress = false;
            for asset in due {
                let id = asset.id;
                let done = self.db.write(move |tx| assets::expire(tx, id, now).map_err(AppError::from));
                match done {
                    Ok(freed) => {
                        (taken, progress) = (taken + 1, true);
                        bytes += freed.map_or(0, |_| asset.bytes);
                        self.discard(freed);
                    }
                    // Deleted by its owner, or taken by a new job, since the look.
                    Err(AppError::NotFound(_) | AppError::AssetInUse) => {}
                    Err(error) => return Err(error),
                }
            }
            if !progress {
                return Ok((taken, bytes));
            }
        }
    }

    fn forget_expired(&self) -> Result<usize, AppError> {
        let now = self.clock.now();
        let told_before = Timestamp::from_millis(now.millis() - DELIVERIES_KEPT_FOR.as_millis() as i64);
        self.db.write(move |tx| {
            let gone = idempotency::purge_expired(tx, now)? + sessions::purge_expired(tx, now)?;
            Ok(gone + deliveries::purge(tx, told_before)?)
        })
    }

    /// Undoes what a stop left half-way: requests in flight, stale temporary files.
    pub fn recover(&self) -> Result<(), AppError> {
        self.clear_partial_backups();
        self.clear_partial_restores();
        self.db.write(|tx| idempotency::abandon_all(tx).map(drop).map_err(AppError::from))?;
        self.recover_jobs().map(drop)
    }
}
