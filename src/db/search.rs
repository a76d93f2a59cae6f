//! The folded texts by which jobs and assets are found.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::Value;

use crate::domain::{ids::JobId, search::fold};

/// What finds a job: its prompt and its voice text.
pub(super) fn of_request(request: &Value) -> String {
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    fold(&format!("{} {}", text("prompt"), text("voice_text")))
}

/// What finds an asset: its file's name and the texts of the job that made it, as long as that job is there.
pub(super) fn of_asset(conn: &Connection, name: Option<&str>, job: Option<JobId>) -> rusqlite::Result<String> {
    let sql = "SELECT search_text FROM jobs WHERE id = ?1";
    let texts: Option<String> = conn.prepare_cached(sql)?.query_row([job], |row| row.get(0)).optional()?;
    Ok(fold(&format!("{} {}", name.unwrap_or_default(), texts.unwrap_or_default())))
}

/// Fills in the texts of rows that were there before these columns.
pub(super) fn fill(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut jobs = tx.prepare("SELECT id, request FROM jobs")?;
    let mut set = tx.prepare("UPDATE jobs SET search_text = ?2 WHERE id = ?1")?;
    let mut rows = jobs.query([])?;
    while let Some(row) = rows.next()? {
        let (id, request): (String, Value) = (row.get(0)?, row.get(1)?);
        set.execute(params![id, of_request(&request)])?;
    }
    let mut assets = tx.prepare("SELECT id, file_name, job_id FROM assets")?;
    let mut set = tx.prepare("UPDATE assets SET search_text = ?2 WHERE id = ?1")?;
    let mut rows = assets.query([])?;
    while let Some(row) = rows.next()? {
        let (id, name, job): (String, Option<String>, Option<JobId>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        set.execute(params![id, of_asset(tx, name.as_deref(), job)?])?;
    }
    Ok(())
}
