//! JSON shapes that leave the appliance by more than one door: a job goes out in answers, in events and in webhooks.
//!
//! Below `app`, which writes webhooks; `web` shows the same shapes and has all others.

use crate::domain::ids::AssetId;

pub mod job;

/// Where an asset's bytes are.
pub fn content_url(base: &str, id: AssetId) -> String {
    format!("{base}/v1/assets/{id}/content")
}
