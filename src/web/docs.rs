//! The API's documentation: `/openapi.json`, the interactive page at `/docs`, the table of errors at `/docs/errors`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use maud::{Markup, html};
use utoipa_swagger_ui::Config;

use super::{
    WebState,
    errors::{ApiError, ApiResult, TABLE},
    pages,
};

/// What the interactive page needs: its own scripts, inline styles and pictures, and calls of this API.
const DOCS_CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/openapi.json", get(document))
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(|| async { interactive("") }))
        .route("/docs/{*file}", get(|Path(file): Path<String>| async move { interactive(&file) }))
        .route("/docs/errors", get(|| async { errors() }))
}

async fn document(State(state): State<WebState>) -> Response {
    Json(&state.shared.spec).into_response()
}

/// One file of the interactive page; they lie in the binary.
fn interactive(file: &str) -> ApiResult<Response> {
    let config = Config::new(["/openapi.json"]).try_it_out_enabled(true).persist_authorization(false);
    let found = utoipa_swagger_ui::serve(file, Arc::new(config)).map_err(|error| ApiError::internal(&error))?;
    let found = found.ok_or_else(|| ApiError::not_found("page"))?;
    let kind = HeaderValue::from_str(&found.content_type).unwrap_or(HeaderValue::from_static("text/plain"));
    let mut response = found.bytes.into_owned().into_response();
    let mut set = |name: HeaderName, value| response.headers_mut().insert(name, value);
    set(header::CONTENT_TYPE, kind);
    set(header::CONTENT_SECURITY_POLICY, DOCS_CSP);
    set(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if found.gzpipped {
        set(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// The table of errors, a section a code.
fn errors() -> Response {
    pages::plain(
        "Errors",
        &html! {
            h1 { "Errors" }
            p {
                "Every refusal has the same shape: a " code { "code" } " from this table, a " code { "message" }
                " for a person, sometimes " code { "details" } " for a program, the " code { "request_id" }
                " that " code { "x-request-id" } " carries as well, and " code { "doc" } ", which leads here."
            }
            @for entry in TABLE {
                section id=(entry.name) class="panel" {
                    h2 { code { (entry.name) } " " span class="quiet" { (entry.status.as_u16()) } }
                    p { (prose(entry.doc)) }
                }
            }
        },
    )
}

/// A text whose `names` stand between backticks.
fn prose(text: &str) -> Markup {
    html! {
        @for (i, piece) in text.split('`').enumerate() {
            @if i % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}
