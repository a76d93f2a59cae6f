//! A few connections that only read. Each read sees one snapshot and never waits for the writer.

use std::{
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;

use super::{connection, error::DbError, writer::guarded};

/// Connections that read at the same time; more readers wait.
const CONNECTIONS_MAX: usize = 4;

/// Connections opened as they are first needed.
pub(super) struct Readers {
    path: PathBuf,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Connection>,
    open: usize,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, pool: Mutex::default(), returned: Condvar::new() }
    }

    /// Runs `work` in one read transaction on a connection of the pool.
    pub(super) fn read<T, E: From<DbError>>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let lease = self.take()?;
        let Some(connection) = lease.connection.as_ref() else { return Err(DbError::Closed.into()) };
        let tx = connection.unchecked_transaction().map_err(DbError::from)?;
        let result = guarded(|| work(&tx));
        // Nothing was written, so ending the snapshot either way is the same.
        tx.finish().map_err(DbError::from)?;
        result
    }

    fn take(&self) -> Result<Lease<'_>, DbError> {
        let mut pool = self.lock();
        loop {
            if let Some(connection) = pool.idle.pop() {
                return Ok(Lease { readers: self, connection: Some(connection) });
            }
            if pool.open < CONNECTIONS_MAX {
                pool.open += 1;
                drop(pool);
                let mut lease = Lease { readers: self, connection: None };
                lease.connection = Some(connection::open_reader(&self.path)?);
                return Ok(lease);
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection out of the pool; dropping it puts it back.
struct Lease<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.lock();
        match self.connection.take() {
            Some(connection) => pool.idle.push(connection),
            None => pool.open -= 1,
        }
        drop(pool);
        self.readers.returned.notify_one();
    }
}
