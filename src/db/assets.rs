//! Media assets and the blobs behind them: who owns which bytes, never the bytes themselves.
//!
//! The count of a blob's owners is kept by triggers; [`delete`] says when the last one went, so that the caller can
//! have the file removed after the commit. An asset that a queued or running job needs cannot go.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params, params_from_iter};

use super::{Day, DbError, Listing, Page, conditions::Conditions, listing, search};
use crate::domain::{
    asset::AssetKind,
    clock::Timestamp,
    digest::Digest,
    ids::{AccountId, AssetId, JobId},
};

/// Who is asking: live and test objects of one account do not see each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The account.
    pub account: AccountId,
    /// Whether with a live credential.
    pub livemode: bool,
}

/// A media asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// Whose.
    pub owner: Owner,
    /// Picture, sound or film.
    pub kind: AssetKind,
    /// The SHA-256 of its bytes, which names the file.
    pub sha256: Digest,
    /// The MIME type found by looking at the bytes.
    pub content_type: String,
    /// How many bytes.
    pub bytes: u64,
    /// Pixels wide, for pictures and films.
    pub width: Option<u32>,
    /// Pixels high, for pictures and films.
    pub height: Option<u32>,
    /// Seconds long, for sound and films.
    pub duration_seconds: Option<f64>,
    /// The name of the uploaded file, for display only.
    pub file_name: Option<String>,
    /// The job that made it; `None` for an upload.
    pub made_by: Option<JobId>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When retention takes it away, if ever.
    pub expires_at: Option<Timestamp>,
}

const SELECT: &str = "SELECT assets.*, blobs.bytes FROM assets JOIN blobs USING (sha256)";

/// Keeps a new asset, and its blob if the same bytes are not there yet.
///
/// # Errors
/// [`DbError::Invalid`] when the same digest is known with another length: one of the two was not measured.
pub fn insert(tx: &Transaction<'_>, asset: &Asset) -> Result<(), DbError> {
    let bytes = i64::try_from(asset.bytes).map_err(|_| DbError::Invalid("an asset longer than a file can be"))?;
    tx.prepare_cached("INSERT INTO blobs (sha256, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![asset.sha256, bytes])?;
    let known: i64 =
        tx.prepare_cached("SELECT bytes FROM blobs WHERE sha256 = ?1")?.query_row([asset.sha256], |row| row.get(0))?;
    if known != bytes {
        return Err(DbError::Invalid("the same digest with two lengths"));
    }
    tx.prepare_cached(
        "INSERT INTO assets (id, account_id, livemode, kind, sha256, content_type, width, height, duration_seconds, \
         file_name, job_id, created_at, expires_at, search_text) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        asset.id,
        asset.owner.account,
        asset.owner.livemode,
        asset.kind,
        asset.sha256,
        asset.content_type,
        asset.width,
        asset.height,
        asset.duration_seconds,
        asset.file_name,
        asset.made_by,
        asset.created_at,
        asset.expires_at,
        search::of_asset(tx, asset.file_name.as_deref(), asset.made_by)?,
    ])?;
    Ok(())
}

/// The owner's asset with this id.
pub fn find(conn: &Connection, owner: Owner, id: AssetId) -> Result<Option<Asset>, DbError> {
    let sql = format!("{SELECT} WHERE id = ?1 AND account_id = ?2 AND livemode = ?3");
    Ok(conn.prepare_cached(&sql)?.query_row(params![id, owner.account, owner.livemode], asset).optional()?)
}

/// The asset with this id, whosever it is: for signed links and the worker, never for what a client names.
pub fn find_any(conn: &Connection, id: AssetId) -> Result<Option<Asset>, DbError> {
    let sql = format!("{SELECT} WHERE id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([id], asset).optional()?)
}

/// When retention took away the owner's asset with this id, if it did.
pub fn find_expired(conn: &Connection, owner: Owner, id: AssetId) -> Result<Option<Timestamp>, DbError> {
    let sql = "SELECT expired_at FROM expired_assets WHERE id = ?1 AND account_id = ?2 AND livemode = ?3";
    Ok(conn.prepare_cached(sql)?.query_row(params![id, owner.account, owner.livemode], |row| row.get(0)).optional()?)
}

/// Which assets to list; `None` means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Folded words, all of which must occur in the file's name or in the prompt of the job that made it.
    pub words: Vec<String>,
    /// Of this kind.
    pub kind: Option<AssetKind>,
    /// Uploads only, or results of jobs only.
    pub is_upload: Option<bool>,
    /// Stored at this moment or later.
    pub created_from: Option<Timestamp>,
    /// Stored earlier than this.
    pub created_before: Option<Timestamp>,
    /// So many of them are passed over: a window of a long list begins anywhere.
    pub skip: u32,
}

impl Filter {
    /// The owner's assets that the filter takes.
    fn conditions(&self, owner: Owner) -> Conditions {
        Conditions::default()
            .with("account_id = ?", owner.account)
            .with("livemode = ?", owner.livemode)
            .with_some("kind = ?", self.kind)
            .with_some("(job_id IS NULL) = ?", self.is_upload)
            .with_some("created_at >= ?", self.created_from)
            .with_some("created_at < ?", self.created_before)
            .with_words("search_text", &self.words)
    }
}

/// The owner's assets, newest first.
pub fn list(conn: &Connection, owner: Owner, filter: &Filter, page: Page<AssetId>) -> Result<Listing<Asset>, DbError> {
    let conditions = filter.conditions(owner).with_some("id < ?", page.after);
    let sql = format!(
        "{SELECT} WHERE id IN (SELECT id FROM assets WHERE {} ORDER BY id DESC LIMIT ? + 1 OFFSET ?) ORDER BY id DESC",
        conditions.sql()
    );
    listing::collect(
        conn,
        &sql,
        params_from_iter(conditions.values_of_window(page.limit, filter.skip)),
        page.limit,
        asset,
    )
}

/// How many of the owner's assets the filter takes of each day, the latest day first.
pub fn timeline(conn: &Connection, owner: Owner, filter: &Filter) -> Result<Vec<Day>, DbError> {
    listing::days(conn, "assets", filter.conditions(owner))
}

/// Whether a queued or running job needs the asset.
pub fn is_in_use(conn: &Connection, id: AssetId) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM job_inputs JOIN jobs ON jobs.id = job_inputs.job_id \
               WHERE asset_id = ?1 AND status IN ('queued', 'running'))";
    Ok(conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

/// Deletes the owner's asset. Answers the digest of its bytes when nobody else owns them: remove that file after
/// the commit.
///
/// # Errors
/// [`DbError::NotFound`], or [`DbError::AssetInUse`] while a queued or running job needs it.
pub fn delete(tx: &Transaction<'_>, owner: Owner, id: AssetId) -> Result<Option<Digest>, DbError> {
    let asset = find(tx, owner, id)?.ok_or(DbError::NotFound("asset"))?;
    take_away(tx, &asset)
}

/// Assets whose time is over by `now` and that no queued or running job needs, the longest over first.
pub fn list_expired(conn: &Connection, now: Timestamp, limit: u32) -> Result<Vec<Asset>, DbError> {
    let sql = format!(
        "{SELECT} WHERE expires_at <= ?1 AND NOT EXISTS (SELECT 1 FROM job_inputs JOIN jobs ON jobs.id = \
         job_inputs.job_id WHERE asset_id = assets.id AND status IN ('queued', 'running')) \
         ORDER BY expires_at LIMIT ?2"
    );
    listing::all(conn, &sql, params![now, limit], asset)
}

/// Whether retention took away an asset with this id, whosever it was: for signed links.
pub fn is_expired(conn: &Connection, id: AssetId) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM expired_assets WHERE id = ?1)";
    Ok(conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

/// Like [`delete`], and remembers that retention did it.
pub fn expire(tx: &Transaction<'_>, id: AssetId, now: Timestamp) -> Result<Option<Digest>, DbError> {
    let asset = find_any(tx, id)?.ok_or(DbError::NotFound("asset"))?;
    let freed = take_away(tx, &asset)?;
    tx.execute(
        "INSERT INTO expired_assets (id, account_id, livemode, expired_at) VALUES (?1, ?2, ?3, ?4)",
        params![id, asset.owner.account, asset.owner.livemode, now],
    )?;
    Ok(freed)
}

/// Whether any asset has these bytes. The question to ask again just before a file is removed.
pub fn is_blob_live(conn: &Connection, sha256: &Digest) -> Result<bool, DbError> {
    let mut statement = conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM blobs WHERE sha256 = ?1)")?;
    Ok(statement.query_row([sha256], |row| row.get(0))?)
}

/// The digest and the length of every blob.
pub fn list_blobs(conn: &Connection) -> Result<Vec<(Digest, u64)>, DbError> {
    listing::all(conn, "SELECT sha256, bytes FROM blobs ORDER BY sha256", [], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)? as u64))
    })
}

/// Bytes of the account's assets, each counted whole even where others own the same.
pub fn bytes_owned(conn: &Connection, account: AccountId) -> Result<u64, DbError> {
    let sql = "SELECT COALESCE(SUM(bytes), 0) FROM assets JOIN blobs USING (sha256) WHERE account_id = ?1";
    let bytes: i64 = conn.prepare_cached(sql)?.query_row([account], |row| row.get(0))?;
    Ok(bytes as u64)
}

pub(super) fn take_away(tx: &Transaction<'_>, asset: &Asset) -> Result<Option<Digest>, DbError> {
    if is_in_use(tx, asset.id)? {
        return Err(DbError::AssetInUse(asset.id));
    }
    tx.prepare_cached("DELETE FROM assets WHERE id = ?1")?.execute([asset.id])?;
    Ok(if is_blob_live(tx, &asset.sha256)? { None } else { Some(asset.sha256) })
}

fn asset(row: &Row<'_>) -> rusqlite::Result<Asset> {
    Ok(Asset {
        id: row.get("id")?,
        owner: Owner { account: row.get("account_id")?, livemode: row.get("livemode")? },
        kind: row.get("kind")?,
        sha256: row.get("sha256")?,
        content_type: row.get("content_type")?,
        bytes: row.get::<_, i64>("bytes")? as u64,
        width: row.get("width")?,
        height: row.get("height")?,
        duration_seconds: row.get("duration_seconds")?,
        file_name: row.get("file_name")?,
        made_by: row.get("job_id")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}
