//! Accounts as the operator sees them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    db::roster::Member,
    domain::{clock::Timestamp, credits::Credits},
};

/// An account as the operator sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminAccount)]
pub(in crate::web) struct AdminAccountBody {
    /// Its id.
    id: String,
    /// The e-mail address.
    email: String,
    /// Whether the person runs the appliance.
    is_admin: bool,
    /// Whether nothing of it may be used.
    is_disabled: bool,
    /// The plan's id.
    billing_tier: String,
    /// The plan that waits for approval.
    pending_plan: Option<String>,
    /// Since when it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    pending_since: Option<Timestamp>,
    /// What can be spent now.
    #[schema(value_type = u32)]
    credits_remaining: Credits,
    /// What is held for jobs that have not ended.
    #[schema(value_type = u32)]
    credits_held: Credits,
    /// Jobs, deleted ones not counted.
    jobs: u64,
    /// Bytes of its media, each counted whole even where others own the same.
    media_bytes: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When a session or a key of it was last used, to the minute; null if never.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen_at: Option<Timestamp>,
}

impl From<Member> for AdminAccountBody {
    fn from(member: Member) -> Self {
        let (pending_plan, pending_since) = member.pending.unzip();
        Self {
            id: member.id.to_string(),
            email: member.email,
            is_admin: member.is_admin,
            is_disabled: member.is_disabled,
            billing_tier: member.plan,
            pending_plan,
            pending_since,
            credits_remaining: member.credits_remaining,
            credits_held: member.credits_held,
            jobs: member.jobs,
            media_bytes: member.media_bytes,
            created_at: member.created_at,
            last_seen_at: member.last_seen_at,
        }
    }
}

/// A password that was just drawn.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewPassword)]
pub(in crate::web) struct NewPasswordBody {
    /// The password. It is told this once.
    pub(in crate::web) password: String,
}
