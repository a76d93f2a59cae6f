//! Keys and sessions.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, Path, State},
    http::{Extensions, StatusCode},
};
use utoipa::ToSchema;

use crate::{
    domain::ids::KeyId,
    web::{
        WebState,
        auth::Auth,
        errors::{
            ApiResult,
            openapi::{PersonRefusals, Refusals, SignInRefusals},
        },
        extract::{self, JsonBody, Object},
        views::{KeyBody, ListBody, NewKeyBody, NewSessionBody},
    },
};

/// Lists the account's keys, the newest first, revoked ones included.
#[utoipa::path(
    get, path = "/v1/keys", tag = "Keys and sessions", operation_id = "listKeys",
    responses((status = 200, body = ListBody<KeyBody>), Refusals)
)]
pub(super) async fn list_keys(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
) -> ApiResult<Json<ListBody<KeyBody>>> {
    let keys = state.call(move |app| app.list_keys(&caller)).await?;
    Ok(Json(ListBody::whole(keys.into_iter().map(Into::into).collect())))
}

/// A key to make.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct CreateKey {
    /// What to call it.
    #[schema(example = "build server")]
    name: String,
    /// Whether it is a test key (`mp_test_…`): no model run, no credit spent.
    test: Option<bool>,
}

/// Makes a key. Its token is told this once. Needs a browser session.
#[utoipa::path(
    post, path = "/v1/keys", tag = "Keys and sessions", operation_id = "createKey",
    request_body(content = CreateKey, content_type = "application/json"),
    responses((status = 201, body = NewKeyBody), PersonRefusals)
)]
pub(super) async fn create_key(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    JsonBody(body): JsonBody,
) -> ApiResult<(StatusCode, Json<NewKeyBody>)> {
    let mut body = Object::new(body)?;
    let (name, test) = (body.text("name"), body.flag("test"));
    body.finish()?;
    let key = state.call(move |app| app.create_key(&caller, &name, test)).await?;
    Ok((StatusCode::CREATED, Json(key.into())))
}

/// Revokes a key; it stops working at once. Needs a browser session.
#[utoipa::path(
    delete, path = "/v1/keys/{id}", tag = "Keys and sessions", operation_id = "revokeKey",
    params(("id" = String, Path, description = "The key's id.")),
    responses((status = 204, description = "It is revoked."), PersonRefusals)
)]
pub(super) async fn revoke_key(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let id: KeyId = extract::id(&id, "key")?;
    state.call(move |app| app.revoke_key(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
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
}

/// Begins a session for whoever knows the password.
#[utoipa::path(
    post, path = "/v1/sessions", tag = "Keys and sessions", operation_id = "signIn", security(()),
    request_body(content = SignIn, content_type = "application/json"),
    responses((status = 201, body = NewSessionBody), SignInRefusals)
)]
pub(super) async fn sign_in(
    State(state): State<WebState>,
    extensions: Extensions,
    JsonBody(body): JsonBody,
) -> ApiResult<(StatusCode, Json<NewSessionBody>)> {
    count_sign_in(&state, &extensions)?;
    let mut body = Object::new(body)?;
    let (email, password) = (body.text("email"), body.text("password"));
    body.finish()?;
    let session = state.call(move |app| app.sign_in(&email, &password)).await?;
    Ok((StatusCode::CREATED, Json(session.into())))
}

/// Counts a try to sign in, by the address that it comes from.
pub(in crate::web) fn count_sign_in(state: &WebState, extensions: &Extensions) -> ApiResult<()> {
    let address = extensions.get::<ConnectInfo<SocketAddr>>().map_or_else(String::new, |info| info.ip().to_string());
    state.shared.sign_ins.check(&address).map(drop).map_err(|(_, refusal)| refusal)
}

/// Ends this session.
#[utoipa::path(
    delete, path = "/v1/sessions/current", tag = "Keys and sessions", operation_id = "signOut",
    responses((status = 204, description = "It is over."), PersonRefusals)
)]
pub(super) async fn sign_out(State(state): State<WebState>, Auth { caller, .. }: Auth) -> ApiResult<StatusCode> {
    state.call(move |app| app.sign_out(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of the account.
#[utoipa::path(
    delete, path = "/v1/sessions", tag = "Keys and sessions", operation_id = "signOutEverywhere",
    responses((status = 204, description = "All are over."), PersonRefusals)
)]
pub(super) async fn sign_out_everywhere(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
) -> ApiResult<StatusCode> {
    state.call(move |app| app.sign_out_everywhere(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}
