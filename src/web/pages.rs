//! The pages that people see: one static shell for all of them; the modules in `assets/` draw what is in it.
//!
//! Owns which paths are pages, the policy under which their scripts run, and how a refusal is told to a person. Knows
//! nobody: who is signed in is a question of the scripts to `GET /v1/session`.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use super::{WebState, errors::ApiError, files};

/// Own files only, nothing inline, no frames; no script can make markup or code out of text.
const PAGE_CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'",
);
/// Microphone and camera serve the composer; nothing else is ever asked for.
const PERMISSIONS: HeaderValue =
    HeaderValue::from_static("camera=(self), microphone=(self), geolocation=(), payment=(), usb=()");

/// Every path that is a page. The table of routes in `assets/router.js` says the same to the browser.
const PATHS: [&str; 30] = [
    "/",
    "/library",
    "/jobs/{id}",
    "/account",
    "/account/keys",
    "/account/webhooks",
    "/account/security",
    "/admin",
    "/admin/queue",
    "/admin/accounts",
    "/admin/jobs",
    "/admin/models",
    "/admin/storage",
    "/admin/settings",
    "/admin/audit",
    "/admin/metrics",
    "/admin/backups",
    "/admin/logs",
    "/admin/doctor",
    "/docs",
    "/docs/five-calls",
    "/docs/webhooks",
    "/docs/idempotency",
    "/docs/test-keys",
    "/docs/air-gap",
    "/docs/reference",
    "/docs/errors",
    "/sign-in",
    "/sign-up",
    "/setup",
];

/// What the shell says where a refusal is told.
const REFUSAL_MARK: &str = "<!-- refusal -->";

pub(super) fn routes() -> Router<WebState> {
    PATHS.into_iter().fold(Router::new(), |router, path| router.route(path, get(|| async { shell("") })))
}

/// A refusal for a person: the shell, with the refusal in it as plain markup, so that it can be read without scripts.
pub(super) fn refusal(error: &ApiError, request_id: &str) -> Response {
    let entry = error.code.entry();
    let title = escape(entry.status.canonical_reason().unwrap_or("Error"));
    let [code, message, id] = [entry.name, &error.message, request_id].map(escape);
    shell(&format!(
        "<section class=\"refusal\" data-code=\"{code}\" data-request-id=\"{id}\"><h1>{title}</h1><p>{message}</p>\
         <p class=\"quiet\">{code} · {id}</p></section>"
    ))
}

/// The shell; `refusal` is markup.
fn shell(refusal: &str) -> Response {
    let page = files::text("index.html").replace(REFUSAL_MARK, refusal);
    let headers = [
        (header::CONTENT_SECURITY_POLICY, PAGE_CSP),
        (header::HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, Html(page)).into_response()
}

/// A text as markup.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
        safe
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_become_markup() {
        assert_eq!(escape("<b a=\"1\" c='2'>&amp;"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
    }

    #[test]
    fn the_browser_knows_the_same_paths() {
        let table = files::text("router.js");
        let mut theirs: Vec<&str> =
            table.split("{ path: '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
        theirs.sort_unstable();
        let mut ours = PATHS.to_vec();
        ours.sort_unstable();
        assert_eq!(theirs, ours);
    }

    #[test]
    fn the_shell_has_a_place_for_refusals() {
        assert_eq!(files::text("index.html").matches(REFUSAL_MARK).count(), 1);
    }
}
