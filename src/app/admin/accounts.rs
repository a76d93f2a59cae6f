//! People's accounts, as the operator deals with them: look, make, grant, plans, disable, new password.

use serde_json::json;

use super::Operator;
use crate::{
    app::{App, AppError, account::begin_plan, secrets},
    db::{
        Listing, Page, Transaction,
        accounts::{self, Account},
        jobs::{self, Outcome},
        ledger,
        roster::{self, Member},
        sessions,
    },
    domain::{credits::Credits, field::FieldError, ids::AccountId, job::JobEvent, search},
};

/// The longest reason of a grant, in characters.
const REASON_CHARS_MAX: usize = 200;

impl App {
    /// Accounts whose e-mail address has the words of `query`, the newest first.
    pub fn members(&self, query: &str, page: Page<AccountId>) -> Result<Listing<Member>, AppError> {
        self.db.read(|conn| Ok(roster::list(conn, &search::words(query), page)?))
    }

    /// The account of that id.
    pub fn member(&self, id: AccountId) -> Result<Member, AppError> {
        self.db.read(|conn| roster::find(conn, id)?.ok_or(AppError::NotFound("account")))
    }

    /// Makes an account for someone.
    pub fn add_member(&self, operator: &Operator, email: &str, password: &str) -> Result<Member, AppError> {
        let new = self.new_account(email, password, false)?;
        let (id, credits, operator) = (new.id, self.config.file.signup_credits, operator.clone());
        self.db.write(move |tx| -> Result<(), AppError> {
            accounts::create(tx, &new)?;
            ledger::grant_signup(tx, new.id, credits, new.created_at)?;
            operator.note(tx, new.created_at, ("account.create", &id.to_string()), &json!({ "email": new.email }))
        })?;
        self.member(id)
    }

    /// Gives credits to an account, for a reason that the ledger keeps.
    pub fn grant(&self, operator: &Operator, id: AccountId, amount: Credits, reason: &str) -> Result<(), AppError> {
        let reason = reason.trim().to_owned();
        let mut faults = Vec::new();
        if amount == Credits::ZERO {
            faults.push(FieldError::new("amount", "out_of_range", "`amount` must be at least one credit."));
        }
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX || reason.chars().any(char::is_control) {
            let message = format!("`reason` must have 1 to {REASON_CHARS_MAX} characters.");
            faults.push(FieldError::new("reason", "invalid", message));
        }
        if !faults.is_empty() {
            return Err(AppError::Invalid(faults));
        }
        self.act(operator, id, "credits.grant", move |tx, account, now| {
            ledger::grant_by_operator(tx, account.id, amount, &reason, now)?;
            Ok((json!({ "amount": amount, "reason": reason }), ()))
        })
    }

    /// Puts an account on a plan, the one that it asked for or another, with its grant as if the person had taken it.
    pub fn set_plan(&self, operator: &Operator, id: AccountId, plan: &str) -> Result<Member, AppError> {
        let plan = self.known_plan(plan)?;
        self.act(operator, id, "plan.set", move |tx, account, now| {
            let detail = json!({ "plan": plan.id, "before": account.subscription.plan });
            if account.subscription.plan == plan.id {
                accounts::drop_pending_plan(tx, account.id)?;
            } else {
                begin_plan(tx, account.id, &plan.id, now)?;
            }
            Ok((detail, ()))
        })?;
        self.give_due_grants()?;
        self.member(id)
    }

    /// Refuses the plan that an account asked for.
    pub fn decline_plan(&self, operator: &Operator, id: AccountId) -> Result<Member, AppError> {
        self.act(operator, id, "plan.decline", |tx, account, _| {
            let Some((plan, _)) = &account.subscription.pending else {
                return Err(AppError::Conflict("no plan of this account waits for approval".into()));
            };
            accounts::drop_pending_plan(tx, account.id)?;
            Ok((json!({ "plan": plan }), ()))
        })?;
        self.member(id)
    }

    /// Disables an account: its sessions end, its keys stop, and what it has queued or running is cancelled, whose holds
    /// go back. What it has stays.
    pub fn disable(&self, operator: &Operator, id: AccountId) -> Result<Member, AppError> {
        if operator.account() == Some(id) {
            return Err(AppError::Conflict("you can't disable your own account".into()));
        }
        let outbox = self.outbox();
        let ended = self.act(operator, id, "account.disable", move |tx, account, now| {
            accounts::set_disabled(tx, account.id, true)?;
            sessions::revoke_all(tx, account.id, None)?;
            let unfinished = jobs::list_unfinished(tx, account.id)?;
            for job in &unfinished {
                outbox.apply(tx, (*job, &JobEvent::Cancelled), &Outcome::default(), now)?;
            }
            Ok((json!({ "jobs_cancelled": unfinished.len() }), unfinished))
        })?;
        // After the commit: a run that stops finds its job ended and leaves it so.
        for job in ended {
            self.progress.cancel(job);
        }
        self.announce();
        self.member(id)
    }

    /// Enables an account again.
    pub fn enable(&self, operator: &Operator, id: AccountId) -> Result<Member, AppError> {
        self.act(operator, id, "account.enable", |tx, account, _| {
            accounts::set_disabled(tx, account.id, false)?;
            Ok((json!({}), ()))
        })?;
        self.give_due_grants()?;
        self.member(id)
    }

    /// Draws a new password for someone locked out and ends every session of theirs. It is told this once.
    pub fn draw_password(&self, operator: &Operator, id: AccountId) -> Result<String, AppError> {
        let password: String = secrets::token()?.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        let hash = secrets::hash_password("password", &password)?;
        self.act(operator, id, "account.reset", move |tx, account, _| {
            accounts::set_password_hash(tx, account.id, &hash)?;
            sessions::revoke_all(tx, account.id, None)?;
            Ok((json!({}), ()))
        })?;
        Ok(password)
    }

    /// Does something to an account and notes it, in one transaction. What is done answers the note's details and what
    /// the caller wants to know.
    fn act<T: Send + 'static>(
        &self,
        operator: &Operator,
        id: AccountId,
        action: &'static str,
        work: impl FnOnce(
            &Transaction<'_>,
            &Account,
            crate::domain::clock::Timestamp,
        ) -> Result<(serde_json::Value, T), AppError>
        + Send
        + 'static,
    ) -> Result<T, AppError> {
        let (now, operator) = (self.clock.now(), operator.clone());
        self.db.write(move |tx| -> Result<T, AppError> {
            let account = accounts::find(tx, id)?.ok_or(AppError::NotFound("account"))?;
            let (detail, told) = work(tx, &account, now)?;
            operator.note(tx, now, (action, &id.to_string()), &detail)?;
            Ok(told)
        })
    }
}
