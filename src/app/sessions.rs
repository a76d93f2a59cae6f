//! Browser sessions, and what credential a request carries.

use std::time::Duration;

use super::{App, AppError, Caller, Credential, note, secrets};
use crate::{
    db::{
        accounts::{self, Account},
        keys,
        sessions::{self, Session},
    },
    domain::{
        clock::Timestamp,
        digest::Digest,
        field::FieldError,
        ids::{AccountId, KeyId, SessionId},
        scope::Scopes,
    },
};

/// What a browser session's token begins with.
const SESSION_PREFIX: &str = "mp_session_";
/// Last use of keys and sessions is written at most this often.
const TOUCH_EVERY: Duration = Duration::from_mins(1);
/// Longest label of a session, in characters.
const LABEL_CHARS_MAX: usize = 100;

/// A session that has just begun; the token is told this once.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The bearer token, `mp_session_…`.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whose.
    pub caller: Caller,
}

impl App {
    /// Who sends this bearer credential.
    pub fn authenticate(&self, bearer: &str) -> Result<Caller, AppError> {
        if bearer.starts_with(SESSION_PREFIX) {
            return self.authenticate_session(bearer);
        }
        let (livemode, rest) = match (bearer.strip_prefix("mp_live_"), bearer.strip_prefix("mp_test_")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(AppError::Unauthorized),
        };
        let (id, secret) = rest.split_once('.').ok_or(AppError::Unauthorized)?;
        let id: KeyId = format!("{}{id}", KeyId::PREFIX).parse().map_err(|_| AppError::Unauthorized)?;
        let found = self.db.read(|conn| -> Result<_, AppError> {
            let Some(key) = keys::find(conn, id)? else { return Ok(None) };
            Ok(accounts::find(conn, key.account)?.map(|account| (key, account)))
        })?;
        let (key, account) = found.ok_or(AppError::Unauthorized)?;
        let good = secrets::is_secret(secret, &key.secret_hash);
        let now = self.clock.now();
        let over = key.revoked_at.is_some() || key.expires_at.is_some_and(|at| at <= now);
        if !good || key.livemode != livemode || over || account.is_disabled {
            return Err(AppError::Unauthorized);
        }
        if key.last_used_at.is_none_or(|used| now.since(used) >= TOUCH_EVERY) {
            self.db.write(move |tx| keys::touch(tx, id, now).map_err(AppError::from))?;
        }
        Ok(Caller { scopes: key.scopes, ..caller(&account, livemode, Credential::Key(id)) })
    }

    fn authenticate_session(&self, token: &str) -> Result<Caller, AppError> {
        let now = self.clock.now();
        let hash = Digest::of(token.as_bytes());
        let found = self.db.read(|conn| -> Result<_, AppError> {
            let Some(session) = sessions::find(conn, &hash, now)? else { return Ok(None) };
            Ok(accounts::find(conn, session.account)?.map(|account| (session, account)))
        })?;
        let (session, account) = found.filter(|(_, account)| !account.is_disabled).ok_or(AppError::Unauthorized)?;
        if now.since(session.last_seen_at) >= TOUCH_EVERY {
            let expires_at = now.plus(self.config.session_length());
            self.db.write(move |tx| sessions::touch(tx, session.id, now, expires_at).map_err(AppError::from))?;
        }
        Ok(caller(&account, true, Credential::Session(session.id)))
    }

    /// Begins a session for whoever knows the password. `label` is what the person sees in the list of sessions.
    pub fn sign_in(&self, email: &str, password: &str, label: &str) -> Result<NewSession, AppError> {
        let account = self.db.read(|conn| accounts::find_by_email(conn, email).map_err(AppError::from))?;
        let hash = account.as_ref().map(|account| account.password_hash.as_str());
        if !secrets::is_password(password, hash) {
            return Err(AppError::Unauthorized);
        }
        match account {
            Some(account) if !account.is_disabled => self.begin_session(account.id, label),
            _ => Err(AppError::Unauthorized),
        }
    }

    /// The sessions of the caller's account, the latest used first, and the caller's own one.
    pub fn list_sessions(&self, caller: &Caller) -> Result<(Vec<Session>, SessionId), AppError> {
        let (id, now) = (caller.require_session()?, self.clock.now());
        Ok((self.db.read(|conn| sessions::list(conn, caller.account, now).map_err(AppError::from))?, id))
    }

    /// Ends the caller's session.
    pub fn sign_out(&self, caller: &Caller) -> Result<(), AppError> {
        let id = caller.require_session()?;
        self.end_session(caller, id)
    }

    /// Ends one session of the caller's account.
    pub fn end_session(&self, caller: &Caller, id: SessionId) -> Result<(), AppError> {
        caller.require_session()?;
        let (account, now) = (caller.account, self.clock.now());
        self.db.write(move |tx| -> Result<(), AppError> {
            if !sessions::revoke(tx, account, id)? {
                return Err(AppError::NotFound("session"));
            }
            Ok(note(tx, now, (&account.to_string(), "session.end", &id.to_string()))?)
        })
    }

    /// Ends every session of the caller's account.
    pub fn sign_out_everywhere(&self, caller: &Caller) -> Result<(), AppError> {
        caller.require_session()?;
        let (account, now) = (caller.account, self.clock.now());
        self.db.write(move |tx| -> Result<(), AppError> {
            sessions::revoke_all(tx, account, None)?;
            Ok(note(tx, now, (&account.to_string(), "session.end_all", &account.to_string()))?)
        })
    }

    /// Sets the caller's own password and ends every session but this one.
    pub fn change_password(&self, caller: &Caller, current: &str, new: &str) -> Result<(), AppError> {
        let (id, account) = (caller.require_session()?, caller.account);
        let hash = secrets::hash_password("new_password", new)?;
        let known = self.db.read(|conn| accounts::find(conn, account)?.ok_or(AppError::NotFound("account")))?;
        if !secrets::is_password(current, Some(&known.password_hash)) {
            let fault = FieldError::new("current_password", "wrong", "`current_password` is not the present password.");
            return Err(AppError::Invalid(vec![fault]));
        }
        let now = self.clock.now();
        self.db.write(move |tx| -> Result<(), AppError> {
            accounts::set_password_hash(tx, account, &hash)?;
            sessions::revoke_all(tx, account, Some(id))?;
            Ok(note(tx, now, (&account.to_string(), "account.password", &account.to_string()))?)
        })
    }

    /// Begins a session of the account, which has shown that it is itself.
    pub(super) fn begin_session(&self, account: AccountId, label: &str) -> Result<NewSession, AppError> {
        let token = format!("{SESSION_PREFIX}{}", secrets::token()?);
        let now = self.clock.now();
        let session = Session {
            id: SessionId::new(),
            account,
            token_hash: Digest::of(token.as_bytes()),
            label: label.chars().filter(|c| !c.is_control()).take(LABEL_CHARS_MAX).collect(),
            created_at: now,
            expires_at: now.plus(self.config.session_length()),
            last_seen_at: now,
        };
        let (id, expires_at) = (session.id, session.expires_at);
        let account = self.db.write(move |tx| -> Result<_, AppError> {
            sessions::create(tx, &session)?;
            note(tx, now, (&account.to_string(), "session.begin", &id.to_string()))?;
            accounts::find(tx, account)?.ok_or(AppError::NotFound("account"))
        })?;
        Ok(NewSession { token, expires_at, caller: caller(&account, true, Credential::Session(id)) })
    }
}

fn caller(account: &Account, livemode: bool, credential: Credential) -> Caller {
    Caller {
        account: account.id,
        email: account.email.clone(),
        livemode,
        is_admin: account.is_admin,
        credential,
        scopes: Scopes::ALL,
    }
}
