//! Single values that outlive a restart, for example the hash of the set-up token.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::DbError;

/// The value under `name`.
pub fn get(conn: &Connection, name: &str) -> Result<Option<String>, DbError> {
    Ok(conn
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Keeps `value` under `name`, in place of the one before.
pub fn set(tx: &Transaction<'_>, name: &str, value: &str) -> Result<(), DbError> {
    tx.execute("INSERT INTO settings VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2", [name, value])?;
    Ok(())
}

/// Forgets the value under `name`; `false` when there was none.
pub fn remove(tx: &Transaction<'_>, name: &str) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM settings WHERE name = ?1", [name])? == 1)
}
