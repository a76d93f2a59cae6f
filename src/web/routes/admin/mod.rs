//! `/v1/admin`: what whoever runs the appliance sees and does. Every route takes [`Admin`](crate::web::auth::Admin).

use utoipa_axum::{router::OpenApiRouter, routes};

mod accounts;
mod backups;
mod logs;
mod overview;
mod packs;
mod queue;
mod restore;
mod storage;

use crate::web::WebState;

/// Bytes of a file that are sent at a time.
const CHUNK_BYTES: usize = 256 << 10;

pub(super) fn routes() -> OpenApiRouter<WebState> {
    OpenApiRouter::new()
        .routes(routes!(overview::overview))
        .routes(routes!(overview::settings))
        .routes(routes!(overview::audit))
        .routes(routes!(overview::history))
        .routes(routes!(overview::doctor))
        .routes(routes!(queue::queue))
        .routes(routes!(queue::pause))
        .routes(routes!(queue::resume))
        .routes(routes!(queue::jobs))
        .routes(routes!(queue::cancel))
        .routes(routes!(accounts::list, accounts::create))
        .routes(routes!(accounts::get))
        .routes(routes!(accounts::grant))
        .routes(routes!(accounts::set_plan))
        .routes(routes!(accounts::decline_plan))
        .routes(routes!(accounts::disable))
        .routes(routes!(accounts::enable))
        .routes(routes!(accounts::reset_password))
        .routes(routes!(storage::models, packs::install))
        .routes(routes!(packs::installation))
        .routes(routes!(packs::remove))
        .routes(routes!(packs::export))
        .routes(routes!(storage::verify_model))
        .routes(routes!(storage::unload_model))
        .routes(routes!(storage::storage))
        .routes(routes!(storage::sweep))
        .routes(routes!(backups::list, backups::create))
        .routes(routes!(backups::download, backups::delete))
        .routes(routes!(restore::stage, restore::unstage))
        .routes(routes!(logs::list))
        .routes(routes!(logs::events))
}
