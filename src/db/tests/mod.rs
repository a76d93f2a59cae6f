//! Tests of the database as a whole, and what they set up.

use serde_json::json;

use super::{
    Connection, DbError, Transaction,
    accounts::{self, NewAccount},
    assets::{self, Asset, Owner},
    connection,
    jobs::{self, JobInput, NewJob, Outcome},
    keys::{self, Key},
    ledger,
};
use crate::domain::{
    asset::AssetKind,
    clock::Timestamp,
    credits::Credits,
    digest::Digest,
    ids::{AccountId, AssetId, JobId, KeyId},
    job::{AbortCode, AbortReason, JobEvent, Mode},
    scope::Scopes,
};

mod file;
mod library;
mod lists;
mod money;
mod people;
mod property;
mod queue;
mod webhooks;

/// 2026-11-22T00:00:00Z.
pub(super) const NOON: Timestamp = Timestamp::from_millis(1_795_305_600_000);

/// A database in memory, migrated, with everything a writer's connection has.
pub(super) fn memory() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    connection::prepare(&mut connection).unwrap();
    connection
}

/// Runs `work` in a transaction: commits `Ok`, rolls back `Err`.
pub(super) fn within<T>(
    conn: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, DbError>,
) -> Result<T, DbError> {
    let tx = conn.transaction()?;
    let value = work(&tx)?;
    tx.commit()?;
    Ok(value)
}

pub(super) fn new_account(email: &str) -> NewAccount {
    NewAccount {
        id: AccountId::new(),
        email: email.into(),
        password_hash: "$argon2id$".into(),
        is_admin: false,
        plan: "free".into(),
        created_at: NOON,
    }
}

/// An account with `signup` free credits and `more` others.
pub(super) fn person(conn: &mut Connection, signup: u32, more: u32) -> AccountId {
    let new = new_account(&format!("{}@example.org", AccountId::new()));
    within(conn, |tx| {
        accounts::create(tx, &new)?;
        ledger::grant_signup(tx, new.id, Credits::new(signup), NOON)?;
        ledger::grant_by_operator(tx, new.id, Credits::new(more), "a present", NOON)
    })
    .unwrap();
    new.id
}

pub(super) const fn live(account: AccountId) -> Owner {
    Owner { account, livemode: true }
}

pub(super) fn new_job(owner: Owner, held: u32) -> NewJob {
    NewJob {
        id: JobId::new(),
        owner,
        key: None,
        mode: Mode::TextToImage,
        held: Credits::new(held),
        request: json!({"prompt": "a cup"}),
        model: "scene".into(),
        model_digest: Digest::of(b"model").to_string(),
        seed: u32::MAX,
        estimated_seconds: 2.5,
        metadata: json!({}),
        webhook_url: None,
        base_url: None,
        inputs: vec![],
        created_at: NOON,
    }
}

pub(super) fn new_key(account: AccountId) -> Key {
    Key {
        id: KeyId::new(),
        account,
        name: "laptop".into(),
        livemode: true,
        secret_hash: Digest::of(b"secret"),
        scopes: Scopes::ALL,
        expires_at: None,
        created_at: NOON,
        last_used_at: None,
        revoked_at: None,
    }
}

pub(super) fn new_asset(owner: Owner, bytes: &[u8]) -> Asset {
    Asset {
        id: AssetId::new(),
        owner,
        kind: AssetKind::Image,
        sha256: Digest::of(bytes),
        content_type: "image/png".into(),
        bytes: bytes.len() as u64,
        width: Some(4),
        height: Some(3),
        duration_seconds: None,
        file_name: Some("cup.png".into()),
        made_by: None,
        created_at: NOON,
        expires_at: None,
    }
}

pub(super) fn submit(conn: &mut Connection, new: &NewJob) -> Result<(), DbError> {
    within(conn, |tx| jobs::insert(tx, new))
}

pub(super) fn claim(conn: &mut Connection) -> Option<JobId> {
    within(conn, |tx| jobs::claim_next(tx, None, NOON)).unwrap().map(|job| job.accepted.id)
}

/// Finishes a running job at `cost` with a fresh picture; answers the picture.
pub(super) fn finish(conn: &mut Connection, id: JobId, cost: u32) -> Result<Asset, DbError> {
    within(conn, |tx| {
        let owner = jobs::find_any(tx, id)?.ok_or(DbError::NotFound("job"))?.accepted.owner;
        let asset = Asset { made_by: Some(id), ..new_asset(owner, id.to_string().as_bytes()) };
        assets::insert(tx, &asset)?;
        let outcome = Outcome {
            result_asset: Some(asset.id),
            plan: Some(json!({"subject": "cup"})),
            warnings: vec!["small".into()],
            timings: Some(json!({"total_seconds": 1.5})),
            ..Outcome::default()
        };
        jobs::apply(tx, id, &JobEvent::Finished { cost: Credits::new(cost) }, &outcome, NOON)?;
        Ok(asset)
    })
}

pub(super) fn happen(conn: &mut Connection, id: JobId, event: &JobEvent) -> Result<jobs::Applied, DbError> {
    within(conn, |tx| jobs::apply(tx, id, event, &Outcome::default(), NOON))
}

pub(super) fn failed() -> JobEvent {
    JobEvent::Failed { reason: AbortReason::new(AbortCode::ModelFailed, "the model failed") }
}

pub(super) const fn input(asset: AssetId) -> JobInput {
    JobInput { role: AssetKind::Image, asset }
}

/// Signup, available and held.
pub(super) fn purses(conn: &Connection, account: AccountId) -> (u32, u32, u32) {
    let balance = ledger::balance(conn, account).unwrap();
    (balance.signup.get(), balance.available.get(), balance.held.get())
}

pub(super) fn assert_sound(conn: &Connection) {
    let report = ledger::verify(conn).unwrap();
    assert!(report.is_sound(), "{:?}", report.findings);
}

pub(super) fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}
