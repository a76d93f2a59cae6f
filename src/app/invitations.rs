//! Invitations: the operator lets one person make an account. The token is told once and works once.

use std::time::Duration;

use super::{App, AppError, Caller, OPERATOR, note, secrets};
use crate::{
    config::SignUp,
    db::{
        Listing, Page,
        invitations::{self, Invitation},
    },
    domain::{clock::Timestamp, digest::Digest, field::FieldError, ids::InvitationId},
};

/// How long an invitation works, unless its maker says otherwise.
pub const WORKS_FOR: Duration = Duration::from_hours(24 * 7);
/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 200;

/// An invitation that was just made; its token is told this once.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// What the invited person shows.
    pub token: String,
}

impl App {
    /// Makes an invitation.
    pub fn invite(&self, caller: &Caller, note: &str, works_for: Duration) -> Result<NewInvitation, AppError> {
        caller.require_admin()?;
        self.make_invitation(&caller.account.to_string(), note, works_for)
    }

    /// Makes an invitation, as the operator does from the command line.
    pub fn invite_as_operator(&self, note: &str, works_for: Duration) -> Result<NewInvitation, AppError> {
        self.make_invitation(OPERATOR, note, works_for)
    }

    fn make_invitation(&self, actor: &str, words: &str, works_for: Duration) -> Result<NewInvitation, AppError> {
        if self.config.file.sign_up == SignUp::Closed {
            let message = "sign-up is closed; set `sign_up = \"invitation\"` and start again to invite people";
            return Err(AppError::Conflict(message.into()));
        }
        let words = words.trim();
        if words.chars().count() > NOTE_CHARS_MAX || words.chars().any(char::is_control) {
            let message = format!("`note` must be one line of at most {NOTE_CHARS_MAX} characters.");
            return Err(AppError::Invalid(vec![FieldError::new("note", "invalid", message)]));
        }
        let (token, now) = (secrets::token()?, self.clock.now());
        let invitation = Invitation {
            id: InvitationId::new(),
            token_hash: Digest::of(token.as_bytes()),
            note: words.to_owned(),
            created_at: now,
            expires_at: now.plus(works_for),
            used: None,
        };
        let (kept, actor) = (invitation.clone(), actor.to_owned());
        self.db.write(move |tx| -> Result<(), AppError> {
            invitations::create(tx, &kept)?;
            Ok(note(tx, now, (&actor, "invitation.create", &kept.id.to_string()))?)
        })?;
        Ok(NewInvitation { invitation, token })
    }

    /// The invitations, the newest first, used and expired ones included.
    pub fn list_invitations(&self, caller: &Caller, page: Page<InvitationId>) -> Result<Listing<Invitation>, AppError> {
        caller.require_admin()?;
        self.db.read(|conn| Ok(invitations::list(conn, page)?))
    }

    /// Takes an invitation away; one that was not used stops working.
    pub fn withdraw_invitation(&self, caller: &Caller, id: InvitationId) -> Result<(), AppError> {
        caller.require_admin()?;
        let (actor, now): (_, Timestamp) = (caller.account.to_string(), self.clock.now());
        self.db.write(move |tx| -> Result<(), AppError> {
            if !invitations::delete(tx, id)? {
                return Err(AppError::NotFound("invitation"));
            }
            Ok(note(tx, now, (&actor, "invitation.delete", &id.to_string()))?)
        })
    }
}
