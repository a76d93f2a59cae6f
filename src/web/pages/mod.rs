//! The pages that people see, rendered here; every text in them is escaped by the template language.
//!
//! Forms work without scripts. The studio's scripts use the same API as everyone, with the session's cookie.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{DOCTYPE, Markup, html};

mod account;
mod entrance;
mod studio;

use super::{
    WebState,
    auth::{Person, csrf_token},
    errors::{ApiError, ApiResult, Code},
    extract::Form,
};

/// Own files only, nothing inline, no frames.
const PAGE_CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/", get(studio::show))
        .route("/setup", get(entrance::show_set_up).post(entrance::set_up))
        .route("/sign-in", get(entrance::show_sign_in).post(entrance::sign_in))
        .route("/sign-up", get(entrance::show_sign_up).post(entrance::sign_up))
        .route("/sign-out", post(entrance::sign_out))
        .route("/account", get(account::show))
        .route("/account/plan", post(account::choose_plan))
        .route("/account/keys", post(account::create_key))
        .route("/account/keys/{id}/revoke", post(account::revoke_key))
}

/// A page for whoever comes.
pub(super) fn plain(title: &str, body: &Markup) -> Response {
    page(title, None, body)
}

/// A page for a signed-in person.
fn personal(title: &str, person: &Person, body: &Markup) -> Response {
    page(title, Some(person), body)
}

fn page(title: &str, person: Option<&Person>, body: &Markup) -> Response {
    let csrf = person.map(|person| csrf_token(&person.0.token));
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(csrf) = &csrf { meta name="csrf-token" content=(csrf); }
                title { (title) " – MagicPixels" }
                link rel="icon" href="/static/icon.svg";
                link rel="stylesheet" href="/static/style.css";
            }
            body {
                a class="skip" href="#main" { "Skip to content" }
                header class="top" {
                    a class="brand" href="/" { img src="/static/icon.svg" alt="" width="28" height="28"; "MagicPixels" }
                    nav aria-label="Main" {
                        @if let (Some(person), Some(csrf)) = (person, &csrf) {
                            a href="/" { "Studio" }
                            a href="/account" { "Account" }
                            a href="/docs/" { "API" }
                            form method="post" action="/sign-out" {
                                (csrf_field(csrf))
                                button class="link" type="submit" title=(person.0.caller.email) { "Sign out" }
                            }
                        } @else {
                            a href="/docs/" { "API" }
                            a href="/sign-in" { "Sign in" }
                        }
                    }
                }
                main id="main" { (body) }
            }
        }
    };
    ([(header::CONTENT_SECURITY_POLICY, PAGE_CSP)], Html(markup.into_string())).into_response()
}

/// The hidden field that proves a form to be ours.
fn csrf_field(csrf: &str) -> Markup {
    html! { input type="hidden" name="csrf_token" value=(csrf); }
}

/// What went wrong, at the top of a form.
fn notice(message: Option<&str>) -> Markup {
    html! { @if let Some(message) = message { p class="notice" role="alert" { (message) } } }
}

/// A refusal for a person.
pub(super) fn refusal(error: &ApiError, request_id: &str) -> Response {
    let entry = error.code.entry();
    plain(
        entry.status.canonical_reason().unwrap_or("Error"),
        &html! {
            div class="panel narrow" {
                h1 { (entry.status.canonical_reason().unwrap_or("Error")) }
                p { (error.message) }
                p class="quiet" {
                    a href={ "/docs/errors#" (entry.name) } { (entry.name) } " · " code { (request_id) }
                }
                p { a class="button" href="/" { "To the studio" } }
            }
        },
    )
}

/// Why a page is not shown.
enum Leave {
    /// Nobody is signed in.
    ToSignIn,
    /// Something was refused.
    Refused(ApiError),
}

/// A page, or why it is not shown.
type PageResult = Result<Response, Leave>;

impl From<ApiError> for Leave {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl IntoResponse for Leave {
    fn into_response(self) -> Response {
        match self {
            Self::ToSignIn => Redirect::to("/sign-in").into_response(),
            Self::Refused(error) => error.into_response(),
        }
    }
}

/// The person; a page for a stranger leads to the way in.
fn signed_in(person: ApiResult<Person>) -> Result<Person, Leave> {
    person.map_err(|error| if error.code == Code::Unauthorized { Leave::ToSignIn } else { error.into() })
}

/// The person, if the form is our own.
fn checked(person: ApiResult<Person>, form: &Form) -> Result<Person, Leave> {
    let person = signed_in(person)?;
    person.check_form(form.get("csrf_token"))?;
    Ok(person)
}
