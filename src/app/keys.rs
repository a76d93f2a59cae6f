//! API keys: made by a person in a session (or by the operator), shown once, revoked for good.

use super::{App, AppError, Caller, secrets};
use crate::{
    db::keys::{self, Key},
    domain::{
        digest::Digest,
        field::FieldError,
        ids::{AccountId, KeyId},
    },
};

/// Most keys that an account may have at a time.
const KEYS_MAX: usize = 100;

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
    pub fn create_key(&self, caller: &Caller, name: &str, test: bool) -> Result<NewKey, AppError> {
        caller.require_session()?;
        self.create_key_for(caller.account, name, test)
    }

    /// Makes a key for an account, as the operator does from the command line.
    pub fn create_key_for(&self, account: AccountId, name: &str, test: bool) -> Result<NewKey, AppError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            let fault = FieldError::new("name", "invalid", "`name` must be a name of 1 to 100 characters.");
            return Err(AppError::Invalid(vec![fault]));
        }
        let secret = secrets::token()?;
        let key = Key {
            id: KeyId::new(),
            account,
            name: name.to_owned(),
            livemode: !test,
            secret_hash: Digest::of(secret.as_bytes()),
            created_at: self.clock.now(),
            last_used_at: None,
            revoked_at: None,
        };
        let id = key.id.to_string();
        let kind = if test { "mp_test_" } else { "mp_live_" };
        let token = format!("{kind}{}.{secret}", id.trim_start_matches(KeyId::PREFIX));
        let stored = key.clone();
        self.db.write(move |tx| -> Result<(), AppError> {
            let current = keys::list(tx, account)?.iter().filter(|key| key.revoked_at.is_none()).count();
            if current >= KEYS_MAX {
                return Err(AppError::Conflict(format!("an account has at most {KEYS_MAX} keys; revoke one first")));
            }
            Ok(keys::create(tx, &stored)?)
        })?;
        Ok(NewKey { key, token })
    }

    /// The account's keys, the newest first, revoked ones included.
    pub fn list_keys(&self, caller: &Caller) -> Result<Vec<Key>, AppError> {
        self.db.read(|conn| Ok(keys::list(conn, caller.account)?))
    }

    /// Revokes a key of the caller's account; it stops working at once.
    pub fn revoke_key(&self, caller: &Caller, id: KeyId) -> Result<(), AppError> {
        caller.require_session()?;
        let (account, now) = (caller.account, self.clock.now());
        let revoked = self.db.write(move |tx| keys::revoke(tx, account, id, now).map_err(AppError::from))?;
        if revoked { Ok(()) } else { Err(AppError::NotFound("key")) }
    }
}
