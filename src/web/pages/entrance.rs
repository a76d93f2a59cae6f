//! The ways in and out: the first account, signing up, in and out.

use axum::{
    extract::State,
    http::{Extensions, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};

use super::{PageResult, checked, notice, plain};
use crate::{
    app::{App, AppError, sessions::NewSession},
    config::SignUp,
    web::{
        WebState,
        auth::{self, OwnPage, Person},
        errors::{ApiError, ApiResult, Code},
        extract::{Form, Params},
        routes::count_sign_in,
    },
};

/// One way in: what its form says and where it goes.
struct Entrance {
    title: &'static str,
    lead: &'static str,
    action: &'static str,
    button: &'static str,
    is_new_account: bool,
}

const SET_UP: Entrance = Entrance {
    title: "Set up your studio",
    lead: "Make the first account. It runs this appliance; everything stays on this machine.",
    action: "/setup",
    button: "Create account",
    is_new_account: true,
};
const SIGN_UP: Entrance = Entrance {
    title: "Create an account",
    lead: "New accounts begin with free credit.",
    action: "/sign-up",
    button: "Create account",
    is_new_account: true,
};
const SIGN_IN: Entrance = Entrance {
    title: "Sign in",
    lead: "Welcome back to your studio.",
    action: "/sign-in",
    button: "Sign in",
    is_new_account: false,
};

impl Entrance {
    fn render(&self, message: Option<&str>, email: &str, extra: &Markup) -> Response {
        let autocomplete = if self.is_new_account { "new-password" } else { "current-password" };
        plain(
            self.title,
            &html! {
                div class="panel narrow" {
                    h1 { (self.title) }
                    p class="quiet" { (self.lead) }
                    (notice(message))
                    form method="post" action=(self.action) {
                        (extra)
                        label { "E-mail" input type="email" name="email" value=(email) autocomplete="username" required; }
                        label {
                            "Password"
                            input type="password" name="password" autocomplete=(autocomplete)
                                minlength=[self.is_new_account.then_some("8")] required;
                        }
                        button type="submit" { (self.button) }
                    }
                }
            },
        )
    }

    /// The form again, with what was wrong; or the session's cookie and the way on.
    fn answer(&self, state: &WebState, result: ApiResult<NewSession>, email: &str, extra: &Markup) -> Response {
        match result {
            Ok(session) => enter(state, &session, if self.is_new_account { "/account" } else { "/" }),
            Err(error) => {
                let message = match error.code {
                    Code::Unauthorized => "This e-mail address and password don't belong together.",
                    _ => &error.message,
                };
                let mut response = self.render(Some(message), email, extra);
                *response.status_mut() = error.code.entry().status;
                if let Some(seconds) = error.retry_after_seconds {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                }
                response
            }
        }
    }
}

/// Gives the browser its session and sends it on.
fn enter(state: &WebState, session: &NewSession, to: &str) -> Response {
    let config = &state.app().config;
    let is_https = config.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    let mut response = Redirect::to(to).into_response();
    if let Some(cookie) = auth::set_cookie(&session.token, config.session_length().as_secs(), is_https) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Runs a way in, counted by address.
async fn try_enter(
    state: &WebState,
    extensions: &Extensions,
    work: impl FnOnce(&App) -> Result<NewSession, AppError> + Send + 'static,
) -> ApiResult<NewSession> {
    count_sign_in(state, extensions)?;
    state.call(work).await
}

fn token_field(token: &str) -> Markup {
    html! { input type="hidden" name="token" value=(token); }
}

pub(super) async fn show_set_up(State(state): State<WebState>, mut params: Params) -> ApiResult<Response> {
    let token = params.text("token").unwrap_or_default();
    if !state.call(App::needs_set_up).await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    Ok(SET_UP.render(None, "", &token_field(&token)))
}

pub(super) async fn set_up(State(state): State<WebState>, _: OwnPage, extensions: Extensions, form: Form) -> Response {
    let [token, email, password] = ["token", "email", "password"].map(|name| form.get(name).to_owned());
    let result = try_enter(&state, &extensions, move |app| app.set_up(&token, &email, &password, "")).await;
    SET_UP.answer(&state, result, form.get("email"), &token_field(form.get("token")))
}

pub(super) async fn show_sign_in(State(state): State<WebState>, person: ApiResult<Person>) -> ApiResult<Response> {
    if person.is_ok() {
        return Ok(Redirect::to("/").into_response());
    }
    if state.call(App::needs_set_up).await? {
        return Ok(plain(
            "Not set up yet",
            &html! {
                div class="panel narrow" {
                    h1 { "Almost there" }
                    p {
                        "This appliance has no account yet. Open the set-up address that it printed when it started, or "
                        "restart it to get a new one."
                    }
                }
            },
        ));
    }
    Ok(SIGN_IN.render(None, "", &html! {}))
}

pub(super) async fn sign_in(State(state): State<WebState>, _: OwnPage, extensions: Extensions, form: Form) -> Response {
    let [email, password] = ["email", "password"].map(|name| form.get(name).to_owned());
    let result = try_enter(&state, &extensions, move |app| app.sign_in(&email, &password, "")).await;
    SIGN_IN.answer(&state, result, form.get("email"), &html! {})
}

pub(super) async fn show_sign_up(State(state): State<WebState>) -> ApiResult<Response> {
    if state.app().config.file.sign_up != SignUp::Open {
        return Err(ApiError::new(Code::Forbidden, "Sign-up is closed; ask the operator for an account."));
    }
    Ok(SIGN_UP.render(None, "", &html! {}))
}

pub(super) async fn sign_up(State(state): State<WebState>, _: OwnPage, extensions: Extensions, form: Form) -> Response {
    let [email, password] = ["email", "password"].map(|name| form.get(name).to_owned());
    let result = try_enter(&state, &extensions, move |app| app.sign_up(&email, &password, "")).await;
    SIGN_UP.answer(&state, result, form.get("email"), &html! {})
}

pub(super) async fn sign_out(State(state): State<WebState>, person: ApiResult<Person>, form: Form) -> PageResult {
    let person = checked(person, &form)?;
    state.call(move |app| app.sign_out(&person.0.caller)).await?;
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, "/sign-in")]).into_response();
    if let Some(cookie) = auth::set_cookie("", 0, false) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
