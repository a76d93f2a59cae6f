//! Use cases: what people and programs do with the appliance. Synchronous; `web` calls them off its event loop.
//!
//! Owns the order of things: what is checked before what is charged, what is stored before what is promised. Knows
//! neither HTTP nor SQL nor any model; it composes `db`, `store`, `cache` and `engine`.

use std::{path::Path, sync::Arc};

use tokio::sync::watch;

pub mod account;
pub mod admin;
pub mod assets;
pub mod backup;
mod bell;
pub mod doctor;
pub mod error;
pub mod housekeeping;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod library;
pub mod packs;
pub mod people;
mod produce;
pub mod progress;
pub mod rehearsal;
pub mod restore;
mod secrets;
pub mod service;
pub mod sessions;
pub mod vitals;
pub mod webhooks;
pub mod worker;

pub use error::AppError;
use webhooks::Outbox;

use crate::{
    cache::Cache,
    config::Config,
    courier::Courier,
    db::{
        Db, DbError, Transaction,
        assets::Owner,
        audit::{self, NewEntry},
    },
    domain::{
        clock::{Clock, Timestamp},
        ids::{AccountId, KeyId, SessionId},
        scope::Scopes,
    },
    engine::registry::Engine,
    store::{Store, StoreError},
};

/// The database's file in the data folder.
const DATABASE: &str = "magicpixels.sqlite3";
/// Thumbnails and the like are kept up to this many bytes in all.
const CACHE_BYTES_MAX: u64 = 256 << 20;

/// The appliance, running or used by a command.
pub struct App {
    /// Its settings.
    pub config: Config,
    /// Where the time comes from.
    pub clock: Clock,
    /// People, keys, assets, jobs, money.
    pub db: Db,
    /// Media files.
    pub store: Store,
    /// What can be made again.
    pub cache: Cache,
    /// The models.
    pub engine: Arc<Engine>,
    /// What answers test credentials.
    test_engine: Engine,
    /// How the appliance has been.
    pub vitals: vitals::Vitals,
    /// The backup that is being made.
    backups: backup::Desk,
    /// The pack that this process installs or last installed.
    installing: packs::Desk,
    /// Held while a restore is staged or taken back.
    restoring: std::sync::Mutex<()>,
    /// How far the running jobs are.
    pub progress: progress::Board,
    /// Rung whenever a job changes.
    bell: bell::Bell,
    /// Rung whenever there may be something to send.
    outbox_bell: bell::Bell,
    /// Carries webhooks.
    courier: Courier,
    /// Signs links to media.
    link_secret: [u8; 32],
}

/// Who calls, as an authenticated credential tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// Its e-mail address.
    pub email: String,
    /// Whether the credential is a live one; test credentials see test objects only.
    pub livemode: bool,
    /// Whether the person runs the appliance.
    pub is_admin: bool,
    /// With which credential.
    pub credential: Credential,
    /// What the credential may do; all for a session. `web/access` asks, nothing below it does.
    pub scopes: Scopes,
}

/// A credential that was good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// An API key.
    Key(KeyId),
    /// A browser session.
    Session(SessionId),
}

impl Caller {
    /// Whose objects the caller may see.
    pub const fn owner(&self) -> Owner {
        Owner { account: self.account, livemode: self.livemode }
    }

    /// Fails unless the caller is a person in a browser session: keys must not make keys.
    pub(crate) fn require_session(&self) -> Result<SessionId, AppError> {
        match self.credential {
            Credential::Session(id) => Ok(id),
            Credential::Key(_) => {
                Err(AppError::Forbidden("this needs a browser session; an API key is not enough".into()))
            }
        }
    }

    /// Fails unless the caller is a person in a browser session who runs the appliance.
    pub fn require_admin(&self) -> Result<SessionId, AppError> {
        let id = self.require_session()?;
        if self.is_admin { Ok(id) } else { Err(AppError::Forbidden("only who runs the appliance may do this".into())) }
    }
}

impl App {
    /// Opens the instance in `config.data`, making it if it is not there.
    pub fn open(config: Config, engine: Engine, clock: Clock) -> Result<Self, AppError> {
        let cache = Cache::open(&config.data.join("cache"), CACHE_BYTES_MAX);
        Ok(Self { cache, ..Self::open_beside(config, engine, clock)? })
    }

    /// Opens the instance for a command, beside whatever server may be running on it: its cache is left alone.
    pub fn open_beside(config: Config, engine: Engine, clock: Clock) -> Result<Self, AppError> {
        std::fs::create_dir_all(&config.data)
            .map_err(|e| AppError::Internal(format!("{}: {e}", config.data.display())))?;
        restore::refuse_half_done(&config.data)?;
        let db = Db::open(&config.data.join(DATABASE))?;
        let store = Store::open(&config.data)?;
        let engine = engine.with_installed(packs::store(&config), packs::resources(&config));
        let link_secret = secrets::link_secret(&db)?;
        let webhooks = &config.file.webhooks;
        let roots = Some(Path::new(&webhooks.ca_file)).filter(|path| !path.as_os_str().is_empty());
        let courier = Courier::new(webhooks.allow_private, roots).map_err(|e| AppError::Internal(e.to_string()))?;
        Ok(Self {
            vitals: vitals::Vitals::new(clock.now()),
            backups: backup::Desk::default(),
            installing: packs::Desk::default(),
            restoring: std::sync::Mutex::default(),
            config,
            clock,
            db,
            store,
            cache: Cache::disabled(),
            engine: Arc::new(engine),
            test_engine: Engine::fake(),
            progress: progress::Board::default(),
            bell: bell::Bell::default(),
            outbox_bell: bell::Bell::default(),
            courier,
            link_secret,
        })
    }

    /// Tells whoever waits that some job changed.
    fn announce(&self) {
        self.bell.ring();
        self.outbox_bell.ring();
    }

    /// What ends jobs and tells of it.
    fn outbox(&self) -> Outbox {
        Outbox::new(&self.config)
    }

    /// Bumped whenever a job is made, moves on or ends.
    pub fn watch_jobs(&self) -> watch::Receiver<u64> {
        self.bell.watch()
    }
}

/// Who acts from the command line, in the audit log.
const OPERATOR: &str = "operator";

/// Notes in the audit log that `actor` did `action` to `subject`.
fn note(tx: &Transaction<'_>, at: Timestamp, (actor, action, subject): (&str, &str, &str)) -> Result<(), DbError> {
    note_detail(tx, at, (actor, action, subject), &serde_json::json!({}))
}

/// Like [`note`], with what else is worth knowing; never a secret.
fn note_detail(
    tx: &Transaction<'_>,
    at: Timestamp,
    (actor, action, subject): (&str, &str, &str),
    detail: &serde_json::Value,
) -> Result<(), DbError> {
    audit::insert(tx, NewEntry { at, actor, action, subject, detail })
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::InsufficientCredits { required, available } => Self::InsufficientCredits { required, available },
            DbError::EmailTaken => Self::Conflict("an account with this e-mail address exists already".into()),
            DbError::AssetInUse(_) => Self::AssetInUse,
            DbError::AssetMissing(_) => Self::NotFound("asset"),
            DbError::NotFound(what) => Self::NotFound(what),
            DbError::IllegalTransition(_) => Self::JobFinished,
            DbError::DiskFull => Self::StorageFull,
            DbError::Busy | DbError::Closed => Self::Unavailable("the database is busy; try again".into()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::StorageFull,
            StoreError::TooLarge { bytes_max } => {
                Self::TooLarge(format!("the file is larger than the {bytes_max} bytes that are allowed"))
            }
            other => Self::Internal(other.to_string()),
        }
    }
}
