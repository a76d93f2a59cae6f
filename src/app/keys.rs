//! API keys: made by a person in a session (or by the operator), shown once, revoked for good.

use super::{App, AppError, Caller, OPERATOR, note, secrets};
use crate::{
    db::keys::{self, Key},
    domain::{
        clock::Timestamp,
        digest::Digest,
        field::FieldError,
        ids::{AccountId, KeyId},
        scope::Scopes,
    },
};

/// Most keys that an account may have at a time.
const KEYS_MAX: u64 = 100;

/// A key to make.
#[derive(Debug, Clone)]
pub struct KeySpec {
    /// What to call it.
    pub name: String,
    /// Whether it is a test key.
    pub is_test: bool,
    /// What it may do.
    pub scopes: Scopes,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
}

impl KeySpec {
    /// A key that may do everything until it is revoked.
    pub fn unlimited(name: &str, is_test: bool) -> Self {
        Self { name: name.into(), is_test, scopes: Scopes::ALL, expires_at: None }
    }
}

/// A key that was just made; its token is told this once.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The key.
    pub key: Key,
    /// The bearer token, `mp_live_<id>.<secret>` or `mp_test_<id>.<secret>`.
    pub token: String,
}

impl App {
    /// Makes a key for the caller's account.
    pub fn create_key(&self, caller: &Caller, spec: &KeySpec) -> Result<NewKey, AppError> {
        caller.require_session()?;
        self.make_key(&caller.account.to_string(), caller.account, spec)
    }

    /// Makes a key for an account, as the operator does from the command line.
    pub fn create_key_for(&self, account: AccountId, spec: &KeySpec) -> Result<NewKey, AppError> {
        self.make_key(OPERATOR, account, spec)
    }

    fn make_key(&self, actor: &str, account: AccountId, spec: &KeySpec) -> Result<NewKey, AppError> {
        let now = self.clock.now();
        let late = spec.expires_at.is_some_and(|at| at <= now).then(|| {
            FieldError::new("expires_at", "out_of_range", "`expires_at` must be a moment that is yet to come.")
        });
        let faults: Vec<FieldError> = [name_fault(&spec.name), late].into_iter().flatten().collect();
        if !faults.is_empty() {
            return Err(AppError::Invalid(faults));
        }
        let secret = secrets::token()?;
        let key = Key {
            id: KeyId::new(),
            account,
            name: spec.name.trim().to_owned(),
            livemode: !spec.is_test,
            secret_hash: Digest::of(secret.as_bytes()),
            scopes: spec.scopes,
            expires_at: spec.expires_at,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        let id = key.id.to_string();
        let kind = if spec.is_test { "mp_test_" } else { "mp_live_" };
        let token = format!("{kind}{}.{secret}", id.trim_start_matches(KeyId::PREFIX));
        let (stored, actor) = (key.clone(), actor.to_owned());
        self.db.write(move |tx| -> Result<(), AppError> {
            if keys::count_working(tx, account, now)? >= KEYS_MAX {
                return Err(AppError::Conflict(format!("an account has at most {KEYS_MAX} keys; revoke one first")));
            }
            keys::create(tx, &stored)?;
            Ok(note(tx, now, (&actor, "key.create", &id))?)
        })?;
        Ok(NewKey { key, token })
    }

    /// The account's keys, the newest first, revoked and expired ones included.
    pub fn list_keys(&self, caller: &Caller) -> Result<Vec<Key>, AppError> {
        self.db.read(|conn| Ok(keys::list(conn, caller.account)?))
    }

    /// Gives a key of the caller's account another name.
    pub fn rename_key(&self, caller: &Caller, id: KeyId, name: &str) -> Result<Key, AppError> {
        caller.require_session()?;
        if let Some(fault) = name_fault(name) {
            return Err(AppError::Invalid(vec![fault]));
        }
        let (account, now, name) = (caller.account, self.clock.now(), name.trim().to_owned());
        self.db.write(move |tx| -> Result<Key, AppError> {
            if !keys::rename(tx, account, id, &name)? {
                return Err(AppError::NotFound("key"));
            }
            note(tx, now, (&account.to_string(), "key.rename", &id.to_string()))?;
            keys::find(tx, id)?.ok_or(AppError::NotFound("key"))
        })
    }

    /// Revokes a key of the caller's account; it stops working at once.
    pub fn revoke_key(&self, caller: &Caller, id: KeyId) -> Result<(), AppError> {
        caller.require_session()?;
        let (account, now) = (caller.account, self.clock.now());
        self.db.write(move |tx| -> Result<(), AppError> {
            if !keys::revoke(tx, account, id, now)? {
                return Err(AppError::NotFound("key"));
            }
            Ok(note(tx, now, (&account.to_string(), "key.revoke", &id.to_string()))?)
        })
    }
}

/// What is wrong with a key's name.
fn name_fault(name: &str) -> Option<FieldError> {
    let name = name.trim();
    let good = !name.is_empty() && name.chars().count() <= 100 && !name.chars().any(char::is_control);
    (!good).then(|| FieldError::new("name", "invalid", "`name` must be a name of 1 to 100 characters."))
}
