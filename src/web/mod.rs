//! The appliance over HTTP: the API under `/v1`, its documentation, the service's own routes and the pages.
//!
//! Owns the wire: routes, headers, status codes, JSON and HTML. Decides nothing about credits, jobs or media, which
//! is `app`'s; never sees SQL or a model. `app` is synchronous, so every call of it goes through [`WebState::call`].

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware};

mod access;
mod agent;
mod auth;
mod client;
mod docs;
mod encoding;
mod envelope;
pub mod errors;
mod extract;
mod files;
pub mod metrics;
mod multipart;
mod origin;
mod pages;
mod range;
mod rate;
mod routes;
mod views;

use crate::app::{App, AppError};
use errors::{ApiError, ApiResult};
use rate::Limiter;

/// What every handler shares.
#[derive(Clone)]
struct WebState {
    shared: Arc<Shared>,
}

struct Shared {
    app: Arc<App>,
    /// Requests by credential.
    requests: Limiter<String>,
    /// Tries to sign in by address.
    sign_ins: Limiter<String>,
    /// Credentials that were no good by address.
    bad_credentials: Limiter<String>,
    /// The OpenAPI document.
    spec: utoipa::openapi::OpenApi,
}

impl WebState {
    fn app(&self) -> &Arc<App> {
        &self.shared.app
    }

    /// Runs a use case off the event loop.
    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&App) -> Result<T, AppError> + Send + 'static,
    ) -> ApiResult<T> {
        let app = Arc::clone(&self.shared.app);
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || span.in_scope(|| work(&app))).await;
        done.map_err(|panic| ApiError::internal(&panic))?.map_err(ApiError::from)
    }
}

/// Everything that the appliance answers. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that
/// tries to sign in can be counted by address.
pub fn router(app: Arc<App>) -> Router {
    metrics::install();
    let (api, mut spec) = routes::api().split_for_parts();
    access::describe(&mut spec);
    let limits = &app.config.file.limits;
    let shared = Shared {
        requests: Limiter::new(limits.requests_per_minute),
        sign_ins: Limiter::new(limits.sign_ins_per_minute),
        bad_credentials: Limiter::new(limits.bad_credentials_per_minute),
        spec,
        app,
    };
    let state = WebState { shared: Arc::new(shared) };
    api.merge(docs::routes())
        .merge(pages::routes())
        .merge(files::routes())
        .fallback(envelope::no_such_path)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(state.clone(), envelope::wrap))
        .with_state(state)
}

/// The OpenAPI document of [`router`].
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut spec = routes::api().into_openapi();
    access::describe(&mut spec);
    spec
}
