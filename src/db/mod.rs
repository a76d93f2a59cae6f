//! The appliance's memory: people, keys, assets, jobs and money in one `SQLite` file.
//!
//! Owns the connections, the schema and every statement. One module an aggregate: free functions over a connection,
//! which use cases compose inside one [`Db::write`]; what that closure does is committed whole or not at all. The
//! schema's own constraints and triggers guard the rules, so that a mistake up here is refused down there.
//!
//! Refuses to read the clock (times come in), to know files (see `store`) or HTTP, and to change a job's state
//! anywhere but in [`jobs::apply`].

use std::{path::Path, sync::Arc, time::Duration};

use rusqlite::backup::Backup;
pub use rusqlite::{Connection, Transaction};

pub mod accounts;
pub mod assets;
pub mod audit;
mod columns;
mod conditions;
mod connection;
pub mod deliveries;
mod error;
pub mod figures;
pub mod idempotency;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod ledger;
mod listing;
mod readers;
pub mod roster;
mod search;
pub mod sessions;
pub mod settings;
#[cfg(test)]
mod tests;
pub mod webhooks;
mod writer;

pub use error::DbError;
pub use listing::{Day, Listing, Page};

use readers::Readers;
use writer::Writer;

/// An open database; clones share it, and the last one to go closes it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    // Before the writer, whose thread checkpoints the log when its connection is the last to close.
    readers: Readers,
    writer: Writer,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").finish_non_exhaustive()
    }
}

impl Db {
    /// Opens the file at `path`, creating it if it is not there, and brings it to this version's schema.
    ///
    /// # Errors
    /// [`DbError::Foreign`] for a file that is not ours, [`DbError::TooNew`] for one of a later version.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let writer = Writer::start(connection::open_writer(path)?)?;
        Ok(Self { inner: Arc::new(Inner { readers: Readers::new(path.to_owned()), writer }) })
    }

    /// Runs `work` in a write transaction of its own and waits for it: `Ok` commits, `Err` and a panic roll back.
    ///
    /// Blocks; from async code use [`Self::write_async`].
    pub fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    {
        self.inner.writer.write(work)
    }

    /// Like [`Self::write`], without blocking. The write goes through even when the future is dropped meanwhile.
    pub async fn write_async<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    {
        self.inner.writer.write_async(work).await
    }

    /// Runs `work` on one consistent snapshot; an attempt to write fails.
    ///
    /// Blocks; from async code use [`Self::read_async`].
    pub fn read<T, E: From<DbError>>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        self.inner.readers.read(work)
    }

    /// Like [`Self::read`], on tokio's blocking threads.
    pub async fn read_async<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let db = self.clone();
        tokio::task::spawn_blocking(move || db.read(work)).await.map_err(|_| DbError::Closed)?
    }

    /// Copies the database into a new file at `path` while it is in use; the copy is one consistent moment of it.
    /// A file that is there is not written over.
    pub fn backup(&self, path: &Path) -> Result<(), DbError> {
        self.read(|source| {
            connection::create_private(path)?;
            let mut copy = Connection::open(path)?;
            Backup::new(source, &mut copy)?.run_to_completion(1024, Duration::ZERO, None)?;
            copy.close().map_err(|(_, error)| error)?;
            Ok(())
        })
    }

    /// Folds the log of the file at `path`, which nobody else has open, into it, so that the file alone is the database.
    pub fn fold_log(path: &Path) -> Result<(), DbError> {
        let connection = Connection::open(path)?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }

    /// Walks the whole file as `SQLite` does: an empty list when it is sound.
    pub fn check_integrity(&self) -> Result<Vec<String>, DbError> {
        self.read(|connection| {
            let mut statement = connection.prepare("PRAGMA integrity_check")?;
            let lines: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(lines.into_iter().filter(|line| line != "ok").collect())
        })
    }
}
