//! The ways to an account of one's own: the appliance's first one, and signing up.

use axum::{
    extract::State,
    http::{Extensions, HeaderMap},
    response::Response,
};
use utoipa::ToSchema;

use super::sessions::{count_sign_in, enter};
use crate::web::{
    WebState, agent,
    auth::OwnPage,
    errors::{ApiResult, openapi::EntranceRefusals},
    extract::{JsonBody, Object},
    views::NewSessionBody,
};

/// The appliance's first account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct SetUp {
    /// The token in the one-time address that the appliance printed when it started.
    token: String,
    /// The e-mail address to sign in with.
    email: String,
    /// A password of at least eight characters.
    #[schema(format = Password)]
    password: String,
}

/// Makes the first account, which runs the appliance, and signs it in with a cookie. For our own pages only.
#[utoipa::path(
    post, path = "/v1/set-up", tag = "Keys and sessions", operation_id = "setUp", security(()),
    request_body(content = SetUp, content_type = "application/json"),
    responses((status = 201, body = NewSessionBody), EntranceRefusals)
)]
pub(super) async fn set_up(
    State(state): State<WebState>,
    _: OwnPage,
    extensions: Extensions,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> ApiResult<Response> {
    count_sign_in(&state, &extensions, &headers)?;
    let mut body = Object::new(body)?;
    let [token, email, password] = ["token", "email", "password"].map(|name| body.text(name));
    body.finish()?;
    let label = agent::label(&headers);
    let session = state.call(move |app| app.set_up(&token, &email, &password, &label)).await?;
    Ok(enter(&state, &session))
}

/// A new account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct SignUp {
    /// The e-mail address to sign in with.
    email: String,
    /// A password of at least eight characters.
    #[schema(format = Password)]
    password: String,
    /// The token in the invitation's address; needed where `sign_up` is `invitation`.
    invitation: Option<String>,
}

/// Makes an account where the operator lets people do so, and signs it in with a cookie. For our own pages only.
#[utoipa::path(
    post, path = "/v1/sign-up", tag = "Keys and sessions", operation_id = "signUp", security(()),
    request_body(content = SignUp, content_type = "application/json"),
    responses((status = 201, body = NewSessionBody), EntranceRefusals)
)]
pub(super) async fn sign_up(
    State(state): State<WebState>,
    _: OwnPage,
    extensions: Extensions,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> ApiResult<Response> {
    count_sign_in(&state, &extensions, &headers)?;
    let mut body = Object::new(body)?;
    let (email, password) = (body.text("email"), body.text("password"));
    let invitation = body.optional("invitation", "a string", |text| Some(text.to_owned()));
    body.finish()?;
    let label = agent::label(&headers);
    let session = state.call(move |app| app.sign_up(&email, &password, invitation.as_deref(), &label)).await?;
    Ok(enter(&state, &session))
}
