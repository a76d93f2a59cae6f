//! People's accounts: the first one, signing up, and what the operator does to them.

use super::{App, AppError, OPERATOR, note, secrets, sessions::NewSession};
use crate::{
    config::SignUp,
    db::{
        accounts::{self, Account, NewAccount},
        invitations, ledger, sessions, settings,
    },
    domain::{digest::Digest, field::FieldError, ids::AccountId, plan::Plan},
};

/// The setting that holds the digest of the one-time set-up token.
const SET_UP: &str = "set_up_token";

impl App {
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
    pub fn set_up(&self, token: &str, email: &str, password: &str, label: &str) -> Result<NewSession, AppError> {
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
        self.begin_session(id, label)
    }

    /// Makes an account for whoever asks, where the operator allows it, and signs it in. An invitation that is shown
    /// must be a good one and is used up, even where none is needed.
    pub fn sign_up(
        &self,
        email: &str,
        password: &str,
        invitation: Option<&str>,
        label: &str,
    ) -> Result<NewSession, AppError> {
        let sign_up = self.config.file.sign_up;
        if sign_up == SignUp::Closed || self.needs_set_up()? {
            return Err(AppError::Forbidden("sign-up is closed; ask the operator for an account".into()));
        }
        let shown = invitation.map(|token| Digest::of(token.as_bytes()));
        if sign_up == SignUp::Invitation && shown.is_none() {
            return Err(AppError::Forbidden("sign-up needs an invitation; ask the operator for one".into()));
        }
        let new = self.new_account(email, password, false)?;
        let (id, credits) = (new.id, self.config.file.signup_credits);
        self.db.write(move |tx| -> Result<(), AppError> {
            accounts::create(tx, &new)?;
            ledger::grant_signup(tx, new.id, credits, new.created_at)?;
            let id = new.id.to_string();
            if let Some(shown) = shown {
                let used = invitations::redeem(tx, &shown, new.id, new.created_at)?;
                let message = "the invitation has been used, withdrawn or is too old; ask the operator for another";
                let used = used.ok_or_else(|| AppError::Forbidden(message.into()))?;
                note(tx, new.created_at, (&id, "invitation.use", &used.to_string()))?;
            }
            Ok(note(tx, new.created_at, (&id, "account.sign_up", &id))?)
        })?;
        self.begin_session(id, label)
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
            Ok(note(tx, new.created_at, (OPERATOR, "account.create", &new.id.to_string()))?)
        })?;
        Ok(id)
    }

    /// The account of that e-mail address, for the operator's commands.
    pub fn account_by_email(&self, email: &str) -> Result<Account, AppError> {
        self.db.read(|conn| accounts::find_by_email(conn, email)?.ok_or(AppError::NotFound("account")))
    }

    /// Sets a new password and ends every session, as the operator does for someone locked out.
    pub fn reset_password(&self, email: &str, password: &str) -> Result<(), AppError> {
        let hash = secrets::hash_password("password", password)?;
        let account = self.account_by_email(email)?;
        let now = self.clock.now();
        self.db.write(move |tx| -> Result<(), AppError> {
            accounts::set_password_hash(tx, account.id, &hash)?;
            sessions::revoke_all(tx, account.id, None)?;
            Ok(note(tx, now, (OPERATOR, "account.reset", &account.id.to_string()))?)
        })
    }

    pub(super) fn new_account(&self, email: &str, password: &str, is_admin: bool) -> Result<NewAccount, AppError> {
        let email = email.trim();
        let faults: Vec<FieldError> =
            [email_fault(email), secrets::password_fault("password", password)].into_iter().flatten().collect();
        if !faults.is_empty() {
            return Err(AppError::Invalid(faults));
        }
        Ok(NewAccount {
            id: AccountId::new(),
            email: email.to_owned(),
            password_hash: secrets::hash_password("password", password)?,
            is_admin,
            plan: Plan::FREE.into(),
            created_at: self.clock.now(),
        })
    }
}

/// What is wrong with the form of an address; whether it exists is not asked.
fn email_fault(email: &str) -> Option<FieldError> {
    let (local, domain) = email.split_once('@').unwrap_or_default();
    let plain = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    let good = !local.is_empty() && !domain.is_empty() && !domain.contains('@') && email.len() <= 254 && plain;
    (!good).then(|| FieldError::new("email", "invalid", "`email` must be an e-mail address."))
}
