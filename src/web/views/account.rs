//! Account, credits, keys and plans in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{account::AccountOverview, keys::NewKey},
    db::{
        keys::Key,
        ledger::{Transfer, UsageRow},
    },
    domain::{clock::Timestamp, credits::Credits, ids::AccountId, plan::Plan, scope::Scope},
};

/// An account as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(in crate::web) struct AccountBody {
    /// Its id.
    #[schema(value_type = String)]
    id: AccountId,
    /// The e-mail address.
    email: String,
    /// Whether the person runs the appliance.
    is_admin: bool,
    /// Whether the plan counts as premium.
    premium: bool,
    /// The plan's id.
    #[schema(example = "free")]
    billing_tier: String,
    /// What can be spent now; what is held for jobs is not in it.
    #[schema(value_type = u32)]
    credits_remaining: Credits,
    /// What is held for jobs that have not ended.
    #[schema(value_type = u32)]
    credits_held: Credits,
    /// What the plan grants each month.
    #[schema(value_type = u32)]
    monthly_credit_grant: Credits,
    /// What is left of the free sign-up credits; part of `credits_remaining`.
    #[schema(value_type = u32)]
    free_signup_credits_remaining: Credits,
    /// When the next grant falls; null where the plan grants nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_grant_at: Option<Timestamp>,
    /// The plan that waits for the operator's approval.
    pending_plan: Option<String>,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Whether the credential is a live one.
    livemode: bool,
}

impl AccountBody {
    /// The account as a caller with a live or a test credential sees it.
    pub(in crate::web) fn new(account: AccountOverview, livemode: bool) -> Self {
        Self {
            id: account.id,
            email: account.email,
            is_admin: account.is_admin,
            premium: account.premium,
            billing_tier: account.billing_tier,
            credits_remaining: account.credits_remaining,
            credits_held: account.credits_held,
            monthly_credit_grant: account.monthly_credit_grant,
            free_signup_credits_remaining: account.free_signup_credits_remaining,
            next_grant_at: account.next_grant_at,
            pending_plan: account.pending_plan,
            created_at: account.created_at,
            livemode,
        }
    }
}

/// One movement of credits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transfer)]
pub(in crate::web) struct TransferBody {
    /// Its id.
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What it is: a grant, a hold, its settlement or its release.
    kind: String,
    /// The purse it takes from.
    debit: String,
    /// The purse it gives to.
    credit: String,
    /// How much.
    #[schema(value_type = u32)]
    amount: Credits,
    /// The job it is for; the job may be deleted by now.
    job_id: Option<String>,
    /// Why, for grants by the operator.
    note: Option<String>,
    /// The hash of the movement before it in the appliance's ledger.
    prev_hash: String,
    /// Its own hash.
    hash: String,
}

impl From<Transfer> for TransferBody {
    fn from(transfer: Transfer) -> Self {
        Self {
            id: transfer.id.to_string(),
            created_at: transfer.created_at,
            kind: transfer.kind.as_str().into(),
            debit: transfer.debit.as_str().into(),
            credit: transfer.credit.as_str().into(),
            amount: transfer.amount,
            job_id: transfer.job.map(|id| id.to_string()),
            note: Some(transfer.note).filter(|note| !note.is_empty()),
            prev_hash: transfer.prev_hash.to_string(),
            hash: transfer.hash.to_string(),
        }
    }
}

/// What was made and charged on one day in one mode.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
#[expect(clippy::option_option, reason = "left out, null and given are three things in JSON")]
pub(in crate::web) struct UsageBody {
    /// The day in UTC.
    #[schema(example = "2026-11-22")]
    day: String,
    /// What was made.
    #[schema(value_type = String)]
    mode: &'static str,
    /// Jobs that ended.
    jobs: u64,
    /// Those of them that gave all their credits back.
    released: u64,
    /// Credits charged for the others.
    charged: u64,
    /// With `group_by=key`: the key they came with; null for the studio.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    key_id: Option<Option<String>>,
    /// With `group_by=key`: that key's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    key_name: Option<Option<String>>,
}

impl UsageBody {
    /// The row, with its key when rows are told apart by it.
    pub(in crate::web) fn new(row: UsageRow, by_key: bool) -> Self {
        let (key_id, key_name) = row.key.map(|(id, name)| (id.to_string(), name)).unzip();
        Self {
            day: row.day,
            mode: row.mode.as_str(),
            jobs: row.jobs,
            released: row.released,
            charged: row.charged,
            key_id: by_key.then_some(key_id),
            key_name: by_key.then_some(key_name),
        }
    }
}

/// A plan that people may take.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(in crate::web) struct PlanBody {
    /// The name in `billing_tier`.
    id: String,
    /// The name that people see.
    name: String,
    /// Credits granted on the day it is taken and on that day of every month after.
    #[schema(value_type = u32)]
    monthly_credit_grant: Credits,
    /// Whether it counts as premium.
    premium: bool,
    /// Whether the operator must approve it before it begins.
    needs_approval: bool,
}

impl From<&Plan> for PlanBody {
    fn from(plan: &Plan) -> Self {
        Self {
            id: plan.id.clone(),
            name: plan.name.clone(),
            monthly_credit_grant: plan.monthly_credit_grant,
            premium: plan.premium,
            needs_approval: plan.needs_approval,
        }
    }
}

/// An API key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub(in crate::web) struct KeyBody {
    /// Its id.
    id: String,
    /// What the person calls it.
    name: String,
    /// `true` for `mp_live_`, `false` for `mp_test_`.
    livemode: bool,
    /// What it may do.
    #[schema(value_type = Vec<String>, example = json!(["jobs:read", "jobs:write"]))]
    scopes: Vec<&'static str>,
    /// When it stops working; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

impl From<Key> for KeyBody {
    fn from(key: Key) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            livemode: key.livemode,
            scopes: key.scopes.iter().map(Scope::as_str).collect(),
            expires_at: key.expires_at,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewKey)]
pub(in crate::web) struct NewKeyBody {
    /// The key.
    #[serde(flatten)]
    key: KeyBody,
    /// The bearer token. It is told this once.
    #[schema(example = "mp_live_xxx.yyy")]
    token: String,
}

impl From<NewKey> for NewKeyBody {
    fn from(new: NewKey) -> Self {
        Self { key: new.key.into(), token: new.token }
    }
}
