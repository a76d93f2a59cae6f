//! What the API's objects look like in JSON: records in, documented shapes out.

use serde::Serialize;
use utoipa::ToSchema;

mod account;
pub(super) mod admin;
mod asset;
mod invitation;
mod quote;
mod request;
mod service;
mod session;
mod webhook;

pub(super) use account::{AccountBody, KeyBody, NewKeyBody, PlanBody, TransferBody, UsageBody};
pub(super) use asset::{AssetBody, LinkBody};
pub(super) use invitation::{InvitationBody, NewInvitationBody};
pub(super) use quote::QuoteBody;
pub(super) use request::JobRequest;
pub(super) use service::{ModelBody, VoiceBody};
pub(super) use session::{NewSessionBody, SessionBody, SessionStateBody};
pub(super) use webhook::{DeliveryBody, EndpointBody, SecretBody};

pub(super) use crate::wire::job::{JobBody, subtitles};

/// A piece of a list, the newest item first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListBody<T> {
    /// The items.
    pub(super) data: Vec<T>,
    /// Whether older ones follow: ask again with `after` set to the last item's id.
    pub(super) has_more: bool,
}

impl<T> ListBody<T> {
    /// A list that is told whole.
    pub(super) fn whole(data: Vec<T>) -> Self {
        Self { data, has_more: false }
    }
}
