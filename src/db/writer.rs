//! The one thread that writes: it owns the write connection and takes closures from a bounded queue.
//!
//! `SQLite` has one writer at a time whatever we do; a queue in front of it makes waiting fair and visible, where many
//! connections would fight over the lock. A transaction begins `IMMEDIATE`, so that what it reads stays true until it
//! commits. Refuses to let a panic out: the transaction is rolled back and the thread goes on.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::DbError;

/// Writes that may wait; more make their callers wait.
const QUEUE_LENGTH: usize = 256;

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// The writer thread's handle; dropping it lets the queue run empty and joins the thread.
pub(super) struct Writer {
    queue: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread that owns `connection`.
    pub(super) fn start(connection: Connection) -> Result<Self, DbError> {
        let (queue, work) = sync_channel(QUEUE_LENGTH);
        let thread = thread::Builder::new().name("db-writer".into()).spawn(move || run(connection, &work))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs `work` in a transaction and waits for it.
    pub(super) fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, wait) = sync_channel(1);
        let job: Work = Box::new(move |connection| {
            let _ = answer.send(transact(connection, work));
        });
        self.queue()?.send(job).map_err(|_| DbError::Closed)?;
        wait.recv().map_err(|_| DbError::Closed)?
    }

    /// Runs `work` in a transaction; the write goes through even when the future is dropped meanwhile.
    pub(super) async fn write_async<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, wait) = tokio::sync::oneshot::channel();
        let job: Work = Box::new(move |connection| {
            let _ = answer.send(transact(connection, work));
        });
        match self.queue()?.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Disconnected(_)) => return Err(DbError::Closed.into()),
            Err(TrySendError::Full(job)) => {
                // A full queue is rare: wait for room where waiting blocks nobody.
                let queue = self.queue()?.clone();
                let sent = tokio::task::spawn_blocking(move || queue.send(job).is_ok()).await;
                if !matches!(sent, Ok(true)) {
                    return Err(DbError::Closed.into());
                }
            }
        }
        wait.await.map_err(|_| DbError::Closed)?
    }

    fn queue(&self) -> Result<&SyncSender<Work>, DbError> {
        if self.thread.as_ref().is_some_and(is_current) {
            return Err(DbError::NestedWrite);
        }
        self.queue.as_ref().ok_or(DbError::Closed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take().filter(|thread| !is_current(thread)) {
            // The thread catches the panics of its work, so it ends in no other way than well.
            let _ = thread.join();
        }
    }
}

fn is_current(thread: &JoinHandle<()>) -> bool {
    thread.thread().id() == thread::current().id()
}

fn run(mut connection: Connection, work: &Receiver<Work>) {
    while let Ok(work) = work.recv() {
        work(&mut connection);
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the database did not close cleanly");
    }
}

/// Runs `work` between `BEGIN IMMEDIATE` and `COMMIT`, or rolls back.
fn transact<T, E, F>(connection: &mut Connection, work: F) -> Result<T, E>
where
    E: From<DbError>,
    F: FnOnce(&Transaction<'_>) -> Result<T, E>,
{
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(DbError::from)?;
    let value = guarded(|| work(&tx))?;
    tx.commit().map_err(DbError::from)?;
    Ok(value)
}

/// Runs `work` and turns a panic into [`DbError::Panicked`].
pub(super) fn guarded<T, E: From<DbError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(payload) => Err(DbError::Panicked(panic_message(&*payload)).into()),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}
