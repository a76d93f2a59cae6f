//! Browser sessions in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::AccountBody;
use crate::{
    app::sessions::NewSession,
    config::SignUp,
    db::sessions::Session,
    domain::{
        clock::Timestamp,
        ids::{AccountId, SessionId},
    },
};

/// What the studio asks first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionState)]
pub(in crate::web) struct SessionStateBody {
    /// `set_up` while there is no account, `signed_out` or `signed_in`.
    #[schema(value_type = String, example = "signed_in")]
    state: &'static str,
    /// Who may make an account: `open`, `invitation` or `closed`.
    #[schema(value_type = String, example = "closed")]
    sign_up: SignUp,
    /// The appliance's version.
    #[schema(value_type = String)]
    version: &'static str,
    /// What unsafe methods need in `x-csrf-token`; null without the session's cookie.
    csrf_token: Option<String>,
    /// Whose session it is.
    account: Option<AccountBody>,
    /// When the session ends, unless it is used before.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl SessionStateBody {
    /// Nobody is signed in.
    pub(in crate::web) fn signed_out(needs_set_up: bool, sign_up: SignUp) -> Self {
        Self {
            state: if needs_set_up { "set_up" } else { "signed_out" },
            sign_up,
            version: env!("CARGO_PKG_VERSION"),
            csrf_token: None,
            account: None,
            expires_at: None,
        }
    }

    /// Somebody is.
    pub(in crate::web) fn signed_in(
        sign_up: SignUp,
        account: AccountBody,
        csrf_token: Option<String>,
        expires_at: Option<Timestamp>,
    ) -> Self {
        Self { state: "signed_in", csrf_token, account: Some(account), expires_at, ..Self::signed_out(false, sign_up) }
    }
}

/// A session that was just begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewSession)]
pub(in crate::web) struct NewSessionBody {
    /// The bearer token, told this once; null for a session in a cookie.
    #[schema(example = "mp_session_xxx")]
    token: Option<String>,
    /// What unsafe methods need in `x-csrf-token`; null for a bearer token, which needs none.
    csrf_token: Option<String>,
    /// When it ends, unless it is used before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whose.
    #[schema(value_type = String)]
    account_id: AccountId,
}

impl NewSessionBody {
    /// For a program, which keeps the token itself.
    pub(in crate::web) fn bearer(new: NewSession) -> Self {
        Self { token: Some(new.token), csrf_token: None, expires_at: new.expires_at, account_id: new.caller.account }
    }

    /// For a page: the token is in the cookie, where scripts can't read it.
    pub(in crate::web) fn cookie(new: &NewSession, csrf_token: String) -> Self {
        Self { token: None, csrf_token: Some(csrf_token), expires_at: new.expires_at, account_id: new.caller.account }
    }
}

/// A session of the account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(in crate::web) struct SessionBody {
    /// Its id.
    id: String,
    /// The browser and its system, or `API`.
    #[schema(example = "Chromium on Linux")]
    label: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// When it ends, unless it is used before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether it is the one that asks.
    is_current: bool,
}

impl SessionBody {
    /// The session as one with the id `own` sees it.
    pub(in crate::web) fn new(session: Session, own: SessionId) -> Self {
        Self {
            id: session.id.to_string(),
            label: if session.label.is_empty() { "API".into() } else { session.label },
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            is_current: session.id == own,
        }
    }
}
