//! What can go wrong in the database, as far as anyone above must tell it apart.

use rusqlite::ErrorCode;

use crate::domain::{credits::Credits, ids::AssetId, job::IllegalTransition};

/// Why the database refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The account has too few credits for a hold.
    #[error("{required} credits are needed and {available} are available")]
    InsufficientCredits {
        /// What the hold needs.
        required: Credits,
        /// What the account may spend: free sign-up credits and others together.
        available: Credits,
    },
    /// An account with this e-mail address exists.
    #[error("an account with this e-mail address exists already")]
    EmailTaken,
    /// The asset is an input of a job that has not ended.
    #[error("a queued or running job needs the asset {0}")]
    AssetInUse(AssetId),
    /// An asset that a job names is not there, or belongs to someone else.
    #[error("there is no asset {0}")]
    AssetMissing(AssetId),
    /// What was to be changed is not there (any more).
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The job cannot take this event in its present state.
    #[error(transparent)]
    IllegalTransition(#[from] IllegalTransition),
    /// The caller passed values that contradict each other.
    #[error("{0}")]
    Invalid(&'static str),
    /// An amount beyond what credits can count.
    #[error("a number of credits beyond {}", u32::MAX)]
    TooManyCredits,
    /// No room on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// Another process kept the database locked for longer than we wait.
    #[error("the database is locked by another process")]
    Busy,
    /// The file is an SQLite database of some other program, or no database at all.
    #[error("the file is not a database of this program")]
    Foreign,
    /// The file was written by a newer version of this program.
    #[error("the database was written by a newer version of this program")]
    TooNew,
    /// A migration did not run.
    #[error("the database could not be brought to this version: {0}")]
    Migration(#[source] Box<rusqlite_migration::Error>),
    /// A piece of work panicked; its transaction was rolled back.
    #[error("a database operation panicked: {0}")]
    Panicked(String),
    /// A write was begun from within a write.
    #[error("a write was begun from within a write")]
    NestedWrite,
    /// The database was shut down.
    #[error("the database is closed")]
    Closed,
    /// A file operation beside `SQLite` failed.
    #[error("the database file could not be used: {0}")]
    Io(#[from] std::io::Error),
    /// Anything else `SQLite` said.
    #[error("the database failed: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::NotADatabase) => Self::Foreign,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<rusqlite_migration::Error> for DbError {
    fn from(error: rusqlite_migration::Error) -> Self {
        use rusqlite_migration::{Error, MigrationDefinitionError};
        match error {
            Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => Self::TooNew,
            Error::RusqliteError { err, .. }
                if matches!(err.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DiskFull)) =>
            {
                err.into()
            }
            other => Self::Migration(Box::new(other)),
        }
    }
}

impl DbError {
    /// Whether a `UNIQUE` or `PRIMARY KEY` constraint refused a row.
    pub(super) fn is_unique_violation(error: &rusqlite::Error) -> bool {
        use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
        error
            .sqlite_error()
            .is_some_and(|e| matches!(e.extended_code, SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY))
    }
}
