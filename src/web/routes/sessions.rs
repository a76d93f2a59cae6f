//! Browser sessions: what the studio asks first, signing in and out, the list of sessions, the password.

use axum::{
    Json,
    extract::{Path, State},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use utoipa::ToSchema;

use crate::{
    app::{Credential, sessions::NewSession},
    domain::ids::SessionId,
    web::{
        WebState, agent,
        auth::{self, Auth, OwnPage},
        client,
        errors::{
            ApiResult, Code,
            openapi::{EveryoneRefusals, PersonRefusals, SignInRefusals},
        },
        extract::{self, JsonBody, Object},
        views::{AccountBody, ListBody, NewSessionBody, SessionBody, SessionStateBody},
    },
};

/// Tells whether somebody is signed in, and how people get in. Needs no credential; the studio asks it first.
///
/// With the session's cookie, `csrf_token` is what unsafe methods need in `x-csrf-token`.
#[utoipa::path(
    get, path = "/v1/session", tag = "Keys and sessions", operation_id = "getSession", security(()),
    responses((status = 200, body = SessionStateBody), EveryoneRefusals)
)]
pub(super) async fn state(
    State(state): State<WebState>,
    headers: HeaderMap,
    auth: ApiResult<Auth>,
) -> ApiResult<Json<SessionStateBody>> {
    let sign_up = state.app().config.file.sign_up;
    let auth = match auth {
        Ok(auth) if matches!(auth.caller.credential, Credential::Session(_)) => Some(auth),
        Err(error) if error.code != Code::Unauthorized => return Err(error),
        _ => None,
    };
    let Some(Auth { caller, token }) = auth else {
        let needs_set_up = state.call(crate::app::App::needs_set_up).await?;
        return Ok(Json(SessionStateBody::signed_out(needs_set_up, sign_up)));
    };
    let livemode = caller.livemode;
    let (account, (sessions, id)) =
        state.call(move |app| Ok((app.account(&caller)?, app.list_sessions(&caller)?))).await?;
    let csrf_token = (auth::cookie(&headers).as_ref() == Some(&token)).then(|| auth::csrf_token(&token));
    let expires_at = sessions.iter().find(|session| session.id == id).map(|session| session.expires_at);
    Ok(Json(SessionStateBody::signed_in(sign_up, AccountBody::new(account, livemode), csrf_token, expires_at)))
}

/// Who signs in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct SignIn {
    /// The account's e-mail address.
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
    /// Whether the session goes into an `HttpOnly` cookie, for our own pages, instead of into the answer.
    cookie: Option<bool>,
}

/// Begins a session for whoever knows the password.
#[utoipa::path(
    post, path = "/v1/sessions", tag = "Keys and sessions", operation_id = "signIn", security(()),
    request_body(content = SignIn, content_type = "application/json"),
    responses((status = 201, body = NewSessionBody), SignInRefusals)
)]
pub(super) async fn sign_in(
    State(state): State<WebState>,
    own_page: ApiResult<OwnPage>,
    extensions: Extensions,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> ApiResult<Response> {
    count_sign_in(&state, &extensions, &headers)?;
    let mut body = Object::new(body)?;
    let (email, password, cookie) = (body.text("email"), body.text("password"), body.flag("cookie"));
    body.finish()?;
    if cookie {
        own_page?;
    }
    let label = agent::label(&headers);
    let session = state.call(move |app| app.sign_in(&email, &password, &label)).await?;
    Ok(if cookie {
        enter(&state, &session)
    } else {
        (StatusCode::CREATED, Json(NewSessionBody::bearer(session))).into_response()
    })
}

/// Gives the browser its session in a cookie.
pub(super) fn enter(state: &WebState, session: &NewSession) -> Response {
    let config = &state.app().config;
    let is_https = config.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    let body = NewSessionBody::cookie(session, auth::csrf_token(&session.token));
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if let Some(cookie) = auth::set_cookie(&session.token, config.session_length().as_secs(), is_https) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// An empty answer that takes the browser's cookie away.
fn leave() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let gone: Option<HeaderValue> = auth::set_cookie("", 0, false);
    gone.map(|cookie| response.headers_mut().insert(header::SET_COOKIE, cookie));
    response
}

/// Counts a try to sign in, by the address that it comes from.
pub(super) fn count_sign_in(state: &WebState, extensions: &Extensions, headers: &HeaderMap) -> ApiResult<()> {
    let from = client::name(&state.app().config.trusted_proxies, extensions, headers);
    state.shared.sign_ins.check(&from).map(drop).map_err(|(_, refusal)| refusal)
}

/// Lists the account's sessions, the latest used first. Needs a browser session.
#[utoipa::path(
    get, path = "/v1/sessions", tag = "Keys and sessions", operation_id = "listSessions",
    responses((status = 200, body = ListBody<SessionBody>), PersonRefusals)
)]
pub(super) async fn list(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
) -> ApiResult<Json<ListBody<SessionBody>>> {
    let (sessions, own) = state.call(move |app| app.list_sessions(&caller)).await?;
    Ok(Json(ListBody::whole(sessions.into_iter().map(|session| SessionBody::new(session, own)).collect())))
}

/// Ends one session of the account. Needs a browser session.
#[utoipa::path(
    delete, path = "/v1/sessions/{id}", tag = "Keys and sessions", operation_id = "endSession",
    params(("id" = String, Path, description = "The session's id.")),
    responses((status = 204, description = "It is over."), PersonRefusals)
)]
pub(super) async fn end(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let id: SessionId = extract::id(&id, "session")?;
    state.call(move |app| app.end_session(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends this session.
#[utoipa::path(
    delete, path = "/v1/sessions/current", tag = "Keys and sessions", operation_id = "signOut",
    responses((status = 204, description = "It is over."), PersonRefusals)
)]
pub(super) async fn sign_out(State(state): State<WebState>, Auth { caller, .. }: Auth) -> ApiResult<Response> {
    state.call(move |app| app.sign_out(&caller)).await?;
    Ok(leave())
}

/// Ends every session of the account, this one too.
#[utoipa::path(
    delete, path = "/v1/sessions", tag = "Keys and sessions", operation_id = "signOutEverywhere",
    responses((status = 204, description = "All are over."), PersonRefusals)
)]
pub(super) async fn sign_out_everywhere(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
) -> ApiResult<Response> {
    state.call(move |app| app.sign_out_everywhere(&caller)).await?;
    Ok(leave())
}

/// A new password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct ChangePassword {
    /// The present password.
    #[schema(format = Password)]
    current_password: String,
    /// The one to come, of at least eight characters.
    #[schema(format = Password)]
    new_password: String,
}

/// Sets the account's password and ends every other session. Needs a browser session; counted like a sign-in.
#[utoipa::path(
    post, path = "/v1/account/password", tag = "Keys and sessions", operation_id = "changePassword",
    request_body(content = ChangePassword, content_type = "application/json"),
    responses((status = 204, description = "It is the password from now on."), PersonRefusals)
)]
pub(super) async fn change_password(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    extensions: Extensions,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> ApiResult<StatusCode> {
    count_sign_in(&state, &extensions, &headers)?;
    let mut body = Object::new(body)?;
    let (current, new) = (body.text("current_password"), body.text("new_password"));
    body.finish()?;
    state.call(move |app| app.change_password(&caller, &current, &new)).await?;
    Ok(StatusCode::NO_CONTENT)
}
