//! Lists in pieces: newest first, from behind a given id.

use rusqlite::{Connection, Params, Row, params_from_iter};

use super::{conditions::Conditions, error::DbError};

/// Which piece of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<Id> {
    /// Items at most.
    pub limit: u32,
    /// The last item of the piece before; `None` for the first piece.
    pub after: Option<Id>,
}

impl<Id> Page<Id> {
    /// The first `limit` items.
    pub const fn first(limit: u32) -> Self {
        Self { limit, after: None }
    }
}

/// A piece of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Listing<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether older ones follow.
    pub has_more: bool,
}

/// Runs a statement whose `LIMIT` is one more than `limit`, so that the extra row tells of more to come.
pub(super) fn collect<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    limit: u32,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Listing<T>, DbError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut items: Vec<T> = statement.query_map(params, read)?.collect::<Result<_, _>>()?;
    let has_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    Ok(Listing { items, has_more })
}

/// Every row of a statement.
pub(super) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, DbError> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// A day of a list, and how many of its items are of that day.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Day {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// How many.
    pub count: u64,
}

/// How many rows of `table` fulfil the conditions, by the day they were made on, the latest day first.
pub(super) fn days(conn: &Connection, table: &str, conditions: Conditions) -> Result<Vec<Day>, DbError> {
    let sql = format!(
        "SELECT date(day * 86400, 'unixepoch'), count FROM (SELECT created_at / 86400000 AS day, COUNT(*) AS count \
         FROM {table} WHERE {} GROUP BY day) ORDER BY day DESC",
        conditions.sql()
    );
    all(conn, &sql, params_from_iter(conditions.values()), |row| {
        Ok(Day { day: row.get(0)?, count: row.get::<_, i64>(1)? as u64 })
    })
}
