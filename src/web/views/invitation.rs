//! Invitations in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::invitations::NewInvitation, db::invitations::Invitation, domain::clock::Timestamp};

/// An invitation to make an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(in crate::web) struct InvitationBody {
    /// Its id.
    id: String,
    /// Whom it is for.
    note: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it stops working.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When an account was made with it.
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
    /// Which account.
    used_by: Option<String>,
}

impl From<Invitation> for InvitationBody {
    fn from(invitation: Invitation) -> Self {
        let (used_at, used_by) = invitation.used.unzip();
        Self {
            id: invitation.id.to_string(),
            note: invitation.note,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            used_at,
            used_by: used_by.map(|id| id.to_string()),
        }
    }
}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewInvitation)]
pub(in crate::web) struct NewInvitationBody {
    /// The invitation.
    #[serde(flatten)]
    invitation: InvitationBody,
    /// The address to send to the invited person. It is told this once.
    url: String,
    /// The token in it.
    token: String,
}

impl NewInvitationBody {
    /// The invitation, with an address that begins with `base`.
    pub(in crate::web) fn new(new: NewInvitation, base: &str) -> Self {
        let url = format!("{base}/sign-up?invitation={}", new.token);
        Self { invitation: new.invitation.into(), url, token: new.token }
    }
}
