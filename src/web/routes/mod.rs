//! The routes of the API, each with its documentation beside it; the OpenAPI document is made from them.

use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Spec,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

mod account;
mod admin;
mod assets;
mod content;
mod entrance;
mod events;
mod invitations;
mod jobs;
mod keys;
mod library;
mod service;
mod sessions;
mod upload;
mod webhooks;

use super::{
    WebState,
    errors::{Entry, ErrorBody, TABLE},
};

/// The name of the security scheme in the document.
const BEARER: &str = "bearer";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "MagicPixels API",
        description = "Programs upload assets, create generation jobs, poll their status and download protected results \
                       with one bearer credential. A person makes the account, takes a plan and makes the API key \
                       first.\n\nAll prompts and voice texts are capped at 500 characters (Unicode scalar values). A \
                       picture costs 1 credit, generated voice 1 credit for each 10 seconds begun, video 22 credits \
                       for each second begun; the voice generated for a video is included. Prices are the \
                       operator's to change: `POST /v1/quote` tells them.\n\nTest keys (`mp_test_…`) see the same \
                       contract with no model run and no credit spent. What can be refused, and why, is told at \
                       `/docs/errors`."
    ),
    tags(
        (name = "Assets", description = "Media files: upload, look, fetch, delete."),
        (name = "Jobs", description = "Generation jobs: quote, create, poll, cancel, delete."),
        (name = "Library", description = "How many items there are of each day, and the shape of sounds."),
        (name = "Account", description = "Credits, ledger, usage and plans."),
        (name = "Keys and sessions", description = "What a person manages; most of it needs a browser session."),
        (name = "Webhooks", description = "The end of each job, told to an address of yours and signed after Standard \
                                           Webhooks, where the operator permits it."),
        (name = "Catalogue", description = "Models and voices."),
        (name = "Admin", description = "For whoever runs the appliance: an admin's browser session, never an API key."),
        (name = "Service", description = "For the operator's own tools.")
    ),
    components(schemas(ErrorBody)),
    modifiers(&Bearer, &Errors)
)]
struct Document;

/// Adds the bearer scheme and asks for it everywhere; routes that need none say so themselves.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, spec: &mut Spec) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("mp_live_<id>.<secret>")
            .description(Some("An API key (`mp_live_…`, `mp_test_…`) or a session token (`mp_session_…`)."))
            .build();
        let components = spec.components.get_or_insert_default();
        components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
        spec.security = Some(vec![SecurityRequirement::new(BEARER, Vec::<String>::new())]);
    }
}

/// Adds the table of errors as `x-errors`, for the page that explains them.
struct Errors;

impl Modify for Errors {
    fn modify(&self, spec: &mut Spec) {
        let row = |entry: &Entry| json!({"code": entry.name, "status": entry.status.as_u16(), "doc": entry.doc});
        let rows: Vec<Value> = TABLE.iter().map(row).collect();
        let extensions = spec.extensions.get_or_insert_default();
        extensions.insert("x-errors".into(), Value::Array(rows));
    }
}

/// The API's routes with their documentation.
pub(super) fn api() -> OpenApiRouter<WebState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(upload::create, assets::list))
        .routes(routes!(assets::get, assets::delete))
        .routes(routes!(content::content))
        .routes(routes!(content::thumbnail))
        .routes(routes!(assets::link))
        .routes(routes!(library::asset_timeline))
        .routes(routes!(library::peaks))
        .routes(routes!(jobs::create, jobs::list))
        .routes(routes!(library::job_timeline))
        .routes(routes!(jobs::get, jobs::delete))
        .routes(routes!(jobs::cancel))
        .routes(routes!(jobs::subtitles))
        .routes(routes!(events::events))
        .routes(routes!(jobs::quote))
        .routes(routes!(account::get))
        .routes(routes!(account::ledger))
        .routes(routes!(account::usage))
        .routes(routes!(account::choose_plan))
        .routes(routes!(account::plans))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::rename, keys::revoke))
        .routes(routes!(sessions::state))
        .routes(routes!(sessions::list, sessions::sign_in, sessions::sign_out_everywhere))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::change_password))
        .routes(routes!(entrance::set_up))
        .routes(routes!(entrance::sign_up))
        .routes(routes!(invitations::list, invitations::create))
        .routes(routes!(invitations::delete))
        .routes(routes!(webhooks::endpoint, webhooks::set_endpoint))
        .routes(routes!(webhooks::secret))
        .routes(routes!(webhooks::rotate))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::replay))
        .routes(routes!(webhooks::test))
        .routes(routes!(service::models))
        .routes(routes!(service::voices))
        .routes(routes!(service::voice_sample))
        .routes(routes!(service::health))
        .routes(routes!(service::ready))
        .routes(routes!(service::metrics))
        .merge(admin::routes())
}
