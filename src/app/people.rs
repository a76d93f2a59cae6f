//! People: the first account, signing up, in and out, and what credential a request carries.

use std::time::Duration;

use super::{App, AppError, Caller, Credential, note, secrets};
use crate::{
    config::SignUp,
    db::{
        accounts::{self, Account, NewAccount},
        keys, ledger,
        sessions::{self, Session},
        settings,
    },
    domain::{
        clock::Timestamp,
        digest::Digest,
        field::FieldError,
        ids::{AccountId, KeyId, SessionId},
        plan::Plan,
    },
};

/// What a browser session's token begins with.
const SESSION_PREFIX: &str = "mp_session_";
/// The setting that holds the digest of the one-time set-up token.
const SET_UP: &str = "set_up_token";
/// Last use of keys and sessions is written at most this often.
const TOUCH_EVERY: Duration = Duration::from_mins(1);

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
        if !good || key.livemode != livemode || key.revoked_at.is_some() || account.is_disabled {
            return Err(AppError::Unauthorized);
        }
        let now = self.clock.now();
        if key.last_used_at.is_none_or(|used| now.since(used) >= TOUCH_EVERY) {
            self.db.write(move |tx| keys::touch(tx, id, now).map_err(AppError::from))?;
        }
        Ok(caller(&account, livemode, Credential::Key(id)))
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

    /// Whether nobody has an account yet.
    pub fn needs_set_up(&self) -> Result<bool, AppError> {
        self.db.read(|conn| Ok(accounts::count(conn)? == 0))
    }

    /// A fresh one-time token for [`App::set_up`]; earlier ones stop working. `None` once there is an account.
    pub fn new_set_up_token(&self) -> Result<Option<String>, AppError> {
        if !self.needs_set_up()? {
            return Ok(None);
        }
        let token = secrets::token()?;
        let digest = Digest::of(token.as_bytes()).to_string();
        self.db.write(move |tx| settings::set(tx, SET_UP, &digest).map_err(AppError::from))?;
        Ok(Some(token))
    }

    /// Makes the first account, which runs the appliance, and signs it in. The token works once.
    pub fn set_up(&self, token: &str, email: &str, password: &str) -> Result<NewSession, AppError> {
        let new = self.new_account(email, password, true)?;
        let presented = token.to_owned();
        let credits = self.config.file.signup_credits;
        let id = new.id;
        self.db.write(move |tx| -> Result<(), AppError> {
            let kept: Option<Digest> = settings::get(tx, SET_UP)?.and_then(|text| text.parse().ok());
            let good = kept.is_some_and(|kept| secrets::is_secret(&presented, &kept));
            if !good || accounts::count(tx)? != 0 {
                return Err(AppError::Forbidden("the set-up address has been used or is not the newest one".into()));
            }
            settings::remove(tx, SET_UP)?;
            accounts::create(tx, &new)?;
            ledger::grant_signup(tx, new.id, credits, new.created_at)?;
            Ok(note(tx, new.created_at, (&new.id.to_string(), "account.set_up", &new.id.to_string()))?)
        })?;
        self.begin_session(id)
    }

    /// Makes an account for whoever asks, where the operator allows it, and signs it in.
    pub fn sign_up(&self, email: &str, password: &str) -> Result<NewSession, AppError> {
        if self.config.file.sign_up != SignUp::Open || self.needs_set_up()? {
            return Err(AppError::Forbidden("sign-up is closed; ask the operator for an account".into()));
        }
        let id = self.create_account(email, password)?;
        self.begin_session(id)
    }

    /// Makes an account, as the operator does from the command line. The first one runs the appliance.
    pub fn create_account(&self, email: &str, password: &str) -> Result<AccountId, AppError> {
        let mut new = self.new_account(email, password, false)?;
        let credits = self.config.file.signup_credits;
        let id = new.id;
        self.db.write(move |tx| -> Result<(), AppError> {
            new.is_admin = accounts::count(tx)? == 0;
            accounts::create(tx, &new)?;
            ledger::grant_signup(tx, new.id, credits, new.created_at)?;
            Ok(note(tx, new.created_at, ("operator", "account.create", &new.id.to_string()))?)
        })?;
        Ok(id)
    }

    /// The account of that e-mail address, for the operator's commands.
    pub fn account_by_email(&self, email: &str) -> Result<Account, AppError> {
        self.db.read(|conn| accounts::find_by_email(conn, email)?.ok_or(AppError::NotFound("account")))
    }

    /// Sets a new password and ends every session, as the operator does for someone locked out.
    pub fn reset_password(&self, email: &str, password: &str) -> Result<(), AppError> {
        let hash = secrets::hash_password(password)?;
        let account = self.account_by_email(email)?;
        let now = self.clock.now();
        self.db.write(move |tx| -> Result<(), AppError> {
            accounts::set_password_hash(tx, account.id, &hash)?;
            sessions::revoke_all(tx, account.id, None)?;
            Ok(note(tx, now, ("operator", "account.reset", &account.id.to_string()))?)
        })
    }

    /// Begins a session for whoever knows the password.
    pub fn sign_in(&self, email: &str, password: &str) -> Result<NewSession, AppError> {
        let account = self.db.read(|conn| accounts::find_by_email(conn, email).map_err(AppError::from))?;
        let hash = account.as_ref().map(|account| account.password_hash.as_str());
        if !secrets::is_password(password, hash) {
            return Err(AppError::Unauthorized);
        }
        match account {
            Some(account) if !account.is_disabled => self.begin_session(account.id),
            _ => Err(AppError::Unauthorized),
        }
    }

    /// Ends the caller's session.
    pub fn sign_out(&self, caller: &Caller) -> Result<(), AppError> {
        let (account, id) = (caller.account, caller.require_session()?);
        self.db.write(move |tx| sessions::revoke(tx, account, id).map(drop).map_err(AppError::from))
    }

    /// Ends every session of the caller's account.
    pub fn sign_out_everywhere(&self, caller: &Caller) -> Result<(), AppError> {
        caller.require_session()?;
        let account = caller.account;
        self.db.write(move |tx| sessions::revoke_all(tx, account, None).map(drop).map_err(AppError::from))
    }

    fn new_account(&self, email: &str, password: &str, is_admin: bool) -> Result<NewAccount, AppError> {
        let email = email.trim();
        let (local, domain) = email.split_once('@').unwrap_or_default();
        let plain = !email.chars().any(|c| c.is_whitespace() || c.is_control());
        if local.is_empty() || domain.is_empty() || domain.contains('@') || email.len() > 254 || !plain {
            let fault = FieldError::new("email", "invalid", "`email` must be an e-mail address.");
            return Err(AppError::Invalid(vec![fault]));
        }
        Ok(NewAccount {
            id: AccountId::new(),
            email: email.to_owned(),
            password_hash: secrets::hash_password(password)?,
            is_admin,
            plan: Plan::FREE.into(),
            created_at: self.clock.now(),
        })
    }

    fn begin_session(&self, account: AccountId) -> Result<NewSession, AppError> {
        let token = format!("{SESSION_PREFIX}{}", secrets::token()?);
        let now = self.clock.now();
        let session = Session {
            id: SessionId::new(),
            account,
            token_hash: Digest::of(token.as_bytes()),
            label: String::new(),
            created_at: now,
            expires_at: now.plus(self.config.session_length()),
            last_seen_at: now,
        };
        let (id, expires_at) = (session.id, session.expires_at);
        let account = self.db.write(move |tx| -> Result<_, AppError> {
            sessions::create(tx, &session)?;
            accounts::find(tx, account)?.ok_or(AppError::NotFound("account"))
        })?;
        Ok(NewSession { token, expires_at, caller: caller(&account, true, Credential::Session(id)) })
    }
}

fn caller(account: &Account, livemode: bool, credential: Credential) -> Caller {
    Caller { account: account.id, email: account.email.clone(), livemode, is_admin: account.is_admin, credential }
}
