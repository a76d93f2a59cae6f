//! What an account has: plan, credits, ledger, usage; and the grants that fill it.

use std::time::Duration;

use super::{App, AppError, Caller, admin::Operator, note};
use crate::{
    db::{
        Listing, Page, Transaction,
        accounts::{self, Account},
        ledger::{self, Transfer, UsageRow},
    },
    domain::{
        clock::Timestamp,
        credits::Credits,
        field::{FieldError, nearest},
        ids::{AccountId, TransferId},
        plan::{Plan, grant_moment},
    },
};

/// How far back usage goes from the date it is asked for.
const USAGE_WINDOW: Duration = Duration::from_hours(24 * 366);

/// An account as its owner sees it.
#[derive(Debug, Clone)]
pub struct AccountOverview {
    /// Its id.
    pub id: AccountId,
    /// The e-mail address.
    pub email: String,
    /// Whether the person runs the appliance.
    pub is_admin: bool,
    /// Whether the plan counts as premium.
    pub premium: bool,
    /// The plan's id.
    pub billing_tier: String,
    /// What can be spent now; holds are not in it.
    pub credits_remaining: Credits,
    /// What is held for jobs that have not ended.
    pub credits_held: Credits,
    /// What the plan grants each month.
    pub monthly_credit_grant: Credits,
    /// What is left of the free sign-up credits; part of `credits_remaining`.
    pub free_signup_credits_remaining: Credits,
    /// When the next grant falls; `None` where the plan grants nothing.
    pub next_grant_at: Option<Timestamp>,
    /// The plan that waits for the operator's approval.
    pub pending_plan: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl App {
    /// The plans that people may take.
    pub fn plans(&self) -> &[Plan] {
        &self.config.file.plans
    }

    /// The caller's account.
    pub fn account(&self, caller: &Caller) -> Result<AccountOverview, AppError> {
        self.overview(caller.account)
    }

    fn overview(&self, id: AccountId) -> Result<AccountOverview, AppError> {
        let (account, balance) = self.db.read(|conn| -> Result<_, AppError> {
            let account = accounts::find(conn, id)?.ok_or(AppError::NotFound("account"))?;
            Ok((account, ledger::balance(conn, id)?))
        })?;
        let Account { email, is_admin, subscription, created_at, .. } = account;
        let plan = self.config.plan(&subscription.plan);
        let grant = plan.map_or(Credits::ZERO, |plan| plan.monthly_credit_grant);
        Ok(AccountOverview {
            id,
            email,
            is_admin,
            premium: plan.is_some_and(|plan| plan.premium),
            billing_tier: subscription.plan,
            credits_remaining: balance.spendable(),
            credits_held: balance.held,
            monthly_credit_grant: grant,
            free_signup_credits_remaining: balance.signup,
            next_grant_at: (grant > Credits::ZERO).then_some(subscription.next_grant_at),
            pending_plan: subscription.pending.map(|(plan, _)| plan),
            created_at,
        })
    }

    /// Takes a plan: at once, with its first grant, or after the operator's approval where the plan needs it.
    ///
    /// Neither taking the plan that one has nor going back and forth between plans is a way to another grant: after a
    /// grant, the first one of another plan falls a month later.
    pub fn choose_plan(&self, caller: &Caller, plan_id: &str) -> Result<AccountOverview, AppError> {
        caller.require_session()?;
        let plan = self.known_plan(plan_id)?;
        let (id, now, actor) = (caller.account, self.clock.now(), caller.account.to_string());
        self.db.write(move |tx| -> Result<(), AppError> {
            let account = accounts::find(tx, id)?.ok_or(AppError::NotFound("account"))?;
            if account.subscription.plan == plan.id {
                return Ok(accounts::drop_pending_plan(tx, id)?);
            }
            if plan.needs_approval {
                accounts::request_plan(tx, id, &plan.id, now)?;
            } else {
                begin_plan(tx, id, &plan.id, now)?;
            }
            Ok(note(tx, now, (&actor, "plan.choose", &plan.id))?)
        })?;
        self.give_due_grants()?;
        self.overview(id)
    }

    /// The plan of that id.
    pub(super) fn known_plan(&self, id: &str) -> Result<Plan, AppError> {
        self.config.plan(id).cloned().ok_or_else(|| {
            let ids: Vec<&str> = self.plans().iter().map(|plan| plan.id.as_str()).collect();
            let hint = nearest(id, &ids).map_or(String::new(), |id| format!(" Did you mean `{id}`?"));
            let message = format!("`plan` must be one of {}.{hint}", ids.join(", "));
            AppError::Invalid(vec![FieldError::new("plan", "unknown", message)])
        })
    }

    /// Gives every monthly grant that has fallen due, each once, whatever restarts happen. Returns how many.
    pub fn give_due_grants(&self) -> Result<usize, AppError> {
        let mut given = 0;
        loop {
            let now = self.clock.now();
            let due = self.db.read(|conn| accounts::grants_due(conn, now, 100).map_err(AppError::from))?;
            if due.is_empty() {
                return Ok(given);
            }
            for grant in due {
                let amount = self.config.plan(&grant.plan).map_or(Credits::ZERO, |plan| plan.monthly_credit_grant);
                let done = self.db.write(move |tx| -> Result<bool, AppError> {
                    Ok(ledger::grant_monthly(tx, &grant, amount, now)?)
                })?;
                given += usize::from(done && amount > Credits::ZERO);
            }
        }
    }

    /// Gives credits, as the operator does from the command line.
    pub fn grant_credits(&self, email: &str, amount: Credits, reason: &str) -> Result<AccountOverview, AppError> {
        let account = self.account_by_email(email)?;
        self.grant(&Operator::command_line(), account.id, amount, reason)?;
        self.overview(account.id)
    }

    /// The movements of the caller's credits, the newest first.
    pub fn ledger(&self, caller: &Caller, page: Page<TransferId>) -> Result<Listing<Transfer>, AppError> {
        self.db.read(|conn| Ok(ledger::list(conn, caller.account, page)?))
    }

    /// What the caller spent by day and mode, in the year up to `as_of` (now, when not given).
    /// A row a key when `by_key`.
    pub fn usage(&self, caller: &Caller, as_of: Option<Timestamp>, by_key: bool) -> Result<Vec<UsageRow>, AppError> {
        let until = as_of.unwrap_or_else(|| self.clock.now());
        let from = Timestamp::from_millis(until.millis().saturating_sub(USAGE_WINDOW.as_millis() as i64));
        self.db.read(|conn| Ok(ledger::usage(conn, caller.account, (from, until), by_key)?))
    }
}

/// Begins a plan. After a grant, the first one of another plan falls a month later.
pub(super) fn begin_plan(tx: &Transaction<'_>, id: AccountId, plan: &str, now: Timestamp) -> Result<(), AppError> {
    let last = ledger::last_monthly_grant(tx, id)?;
    let anchor = last.map_or(now, |last| grant_moment(last, 1).max(now));
    Ok(accounts::start_plan(tx, id, plan, anchor)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Config, Overrides},
        domain::clock::Clock,
        engine::registry::Engine,
    };

    #[test]
    fn going_back_and_forth_between_plans_gives_no_second_grant() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(folder.path(), Overrides::default()).unwrap();
        let clock = Clock::standing_at(Timestamp::parse("2026-01-31T09:30:00Z").unwrap());
        let app = App::open_beside(config, Engine::fake(), clock.clone()).unwrap();
        app.create_account("ada@example.com", "correct horse").unwrap();
        let caller = app.sign_in("ada@example.com", "correct horse", "test").unwrap().caller;
        let credits = |plan: &str| app.choose_plan(&caller, plan).unwrap().credits_remaining.get();
        assert_eq!(credits("studio"), 1001, "the sign-up credit and the first grant");
        clock.advance(Duration::from_hours(24));
        for plan in ["free", "studio", "pro", "free", "studio"] {
            assert_eq!(credits(plan), 1001, "{plan} within the month");
        }
        clock.advance(Duration::from_hours(24 * 31));
        assert_eq!(app.give_due_grants().unwrap(), 1);
        assert_eq!(app.account(&caller).unwrap().credits_remaining.get(), 2001, "the grant of the next month");
    }
}
