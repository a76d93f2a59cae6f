//! How a connection is set up, and how a file is brought to this version's schema.

use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::{error::DbError, search};

/// `PRAGMA application_id` of our databases: `MPXL`.
const APPLICATION_ID: i64 = 0x4d50_584c;

/// How long a connection waits for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The schema's versions, in order. Released ones never change.
fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(include_str!("sql/0001_initial.sql")),
        M::up(include_str!("sql/0002_people_and_webhooks.sql")),
        M::up_with_hook(include_str!("sql/0003_library.sql"), |tx| Ok(search::fill(tx)?)),
    ])
}

/// Opens the write connection of the file at `path`, creating it if it is not there, and migrates it.
pub(super) fn open_writer(path: &Path) -> Result<Connection, DbError> {
    match create_private(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    refuse_foreign(&connection)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    // FULL in WAL mode syncs the log at every commit: what we said was accepted survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    prepare(&mut connection)?;
    Ok(connection)
}

/// Makes an empty file that only its owner may read; `SQLite` gives its log the same permissions.
///
/// Never opens a file that is there: closing it again would drop the locks that this process holds on it.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
}

/// Opens a connection that refuses to write.
pub(super) fn open_reader(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// Turns on foreign keys and runs the migrations that are missing.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), DbError> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(128);
    migrations().to_latest(connection)?;
    Ok(())
}

/// A database with tables in it that does not carry our mark belongs to someone else.
fn refuse_foreign(connection: &Connection) -> Result<(), DbError> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && id != APPLICATION_ID { Err(DbError::Foreign) } else { Ok(()) }
}
