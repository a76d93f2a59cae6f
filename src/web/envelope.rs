//! What is around every answer: the request's id, its log span and metrics, security headers, the error body.
//!
//! The outermost layer. Nothing passes it that has not the documented shape: panics, unknown routes, wrong methods
//! and refusals of the layers below all become an [`ApiError`] here at the latest.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    Json,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tracing::Instrument;
use uuid::Uuid;

use super::{
    WebState,
    errors::{ApiError, Code},
    metrics, origin, pages,
    rate::Allowance,
};

/// The header that carries a request's id.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What answers carry that are not pages: nothing may run, frame or embed them.
const API_CSP: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// Where the extractor that counts a request leaves what the answer's headers tell.
#[derive(Clone, Default)]
pub(super) struct AllowanceSlot(Arc<OnceLock<Allowance>>);

impl AllowanceSlot {
    pub(super) fn fill(&self, allowance: Allowance) {
        // A request is counted once; a second count would change nothing for the client.
        let _ = self.0.set(allowance);
    }
}

/// The layer.
pub(super) async fn wrap(State(state): State<WebState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let is_page_view = wants_page(&method, request.uri().path(), request.headers());
    let slot = AllowanceSlot::default();
    request.extensions_mut().insert(slot.clone());
    let span = tracing::info_span!("request", id, %method, route);
    let answer = async {
        if let Err(refusal) = origin::check_host(&state.app().config, request.uri(), request.headers()) {
            return refusal.into_response();
        }
        AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            ApiError::new(Code::Internal, "The appliance failed to answer; its log has the details.").into_response()
        })
    };
    let response = answer.instrument(span.clone()).await;
    let mut response = shape(response, &id, is_page_view);
    finish_headers(response.headers_mut(), &id, &slot);
    let latency = started.elapsed();
    metrics::count(&method, &route, response.status(), latency);
    state.app().vitals.count_request(response.status().is_server_error());
    let _entered = span.enter();
    tracing::debug!(status = response.status().as_u16(), latency_ms = latency.as_millis() as u64, "answered");
    response
}

/// The client's own id where it is a sane one, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let own = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    });
    own.map_or_else(|| format!("req_{}", Uuid::now_v7().simple()), str::to_owned)
}

/// Whether a person looks at it: pages tell errors as pages.
fn wants_page(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    !path.starts_with("/v1") && (method == Method::GET || method == Method::POST) && accept.contains("text/html")
}

/// Gives a refusal its body.
fn shape(response: Response, id: &str, is_page_view: bool) -> Response {
    let status = response.status();
    let known = response.extensions().get::<ApiError>().cloned();
    let error = match known {
        Some(error) => error,
        None if is_bare_refusal(&response) => {
            let code = Code::from_status(status);
            let message = match code {
                Code::NotFound => "There is no such path.".into(),
                Code::MethodNotAllowed => {
                    "The path exists, but not with this method; `Allow` lists those it has.".into()
                }
                _ => format!("{}.", status.canonical_reason().unwrap_or("The request can't be answered")),
            };
            ApiError::new(code, message)
        }
        None => return response,
    };
    let mut shaped =
        if is_page_view { pages::refusal(&error, id).into_response() } else { Json(error.body(id)).into_response() };
    *shaped.status_mut() = status;
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            shaped.headers_mut().append(name.clone(), value.clone());
        }
    }
    shaped
}

/// Whether something below us refused without our shape. Pages that tell a refusal themselves are HTML.
fn is_bare_refusal(response: &Response<Body>) -> bool {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    (status.is_client_error() || status.is_server_error()) && !kind.starts_with("text/html")
}

fn finish_headers(headers: &mut HeaderMap, id: &str, slot: &AllowanceSlot) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(allowance) = slot.0.get() {
        allowance.write(headers);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(API_CSP);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Not `no-referrer`: with it browsers send `Origin: null` from our own forms, and the cross-site check needs it.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
}

/// What answers a path that no route has.
pub(super) async fn no_such_path() -> StatusCode {
    StatusCode::NOT_FOUND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_client_id_is_kept_and_another_is_not() {
        let with = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, id.parse().unwrap());
            request_id(&headers)
        };
        assert_eq!(with("my-id_1.2"), "my-id_1.2");
        for bad in ["", "a b", "<script>", &"x".repeat(65)] {
            assert!(with(bad).starts_with("req_"), "{bad}");
        }
    }

    #[test]
    fn bare_refusals_get_the_shape_and_keep_their_headers() {
        let mut bare = StatusCode::METHOD_NOT_ALLOWED.into_response();
        bare.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
        let shaped = shape(bare, "req_1", false);
        assert_eq!(shaped.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(shaped.headers()[header::ALLOW], "GET");
        assert_eq!(shaped.headers()[header::CONTENT_TYPE], "application/json");
        let kept = shape("fine".into_response(), "req_1", false);
        assert_eq!(kept.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    }
}
