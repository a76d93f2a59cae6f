//! API keys.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use utoipa::ToSchema;

use crate::{
    app::keys::KeySpec,
    domain::{clock::Timestamp, ids::KeyId, scope::Scopes},
    web::{
        WebState,
        auth::Auth,
        errors::{
            ApiResult,
            openapi::{PersonRefusals, Refusals},
        },
        extract::{self, JsonBody, Object},
        views::{KeyBody, ListBody, NewKeyBody},
    },
};

/// Lists the account's keys, the newest first, revoked ones included.
#[utoipa::path(
    get, path = "/v1/keys", tag = "Keys and sessions", operation_id = "listKeys",
    responses((status = 200, body = ListBody<KeyBody>), Refusals)
)]
pub(super) async fn list(
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
    /// What it may do: `assets:read`, `assets:write`, `jobs:read`, `jobs:write`, `account:read`; everything if not given.
    scopes: Option<Vec<String>>,
    /// When it stops working; never if not given.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Makes a key. Its token is told this once. Needs a browser session.
#[utoipa::path(
    post, path = "/v1/keys", tag = "Keys and sessions", operation_id = "createKey",
    request_body(content = CreateKey, content_type = "application/json"),
    responses((status = 201, body = NewKeyBody), PersonRefusals)
)]
pub(super) async fn create(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    JsonBody(body): JsonBody,
) -> ApiResult<(StatusCode, Json<NewKeyBody>)> {
    let mut body = Object::new(body)?;
    let (name, is_test, named) = (body.text("name"), body.flag("test"), body.texts("scopes"));
    let scopes = Scopes::parse(named.iter().map(String::as_str)).unwrap_or_else(|message| {
        body.fault("scopes", "invalid", message);
        Scopes::ALL
    });
    let expected = "a moment in RFC 3339, such as 2026-11-22T09:30:00Z";
    let expires_at = body.optional("expires_at", expected, Timestamp::parse);
    body.finish()?;
    let spec = KeySpec { name, is_test, scopes, expires_at };
    let key = state.call(move |app| app.create_key(&caller, &spec)).await?;
    Ok((StatusCode::CREATED, Json(key.into())))
}

/// A key's new name.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct RenameKey {
    /// What to call it.
    name: String,
}

/// Gives a key another name; nothing else of a key changes. Needs a browser session.
#[utoipa::path(
    patch, path = "/v1/keys/{id}", tag = "Keys and sessions", operation_id = "renameKey",
    params(("id" = String, Path, description = "The key's id.")),
    request_body(content = RenameKey, content_type = "application/json"),
    responses((status = 200, body = KeyBody), PersonRefusals)
)]
pub(super) async fn rename(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> ApiResult<Json<KeyBody>> {
    let id: KeyId = extract::id(&id, "key")?;
    let mut body = Object::new(body)?;
    let name = body.text("name");
    body.finish()?;
    Ok(Json(state.call(move |app| app.rename_key(&caller, id, &name)).await?.into()))
}

/// Revokes a key; it stops working at once. Needs a browser session.
#[utoipa::path(
    delete, path = "/v1/keys/{id}", tag = "Keys and sessions", operation_id = "revokeKey",
    params(("id" = String, Path, description = "The key's id.")),
    responses((status = 204, description = "It is revoked."), PersonRefusals)
)]
pub(super) async fn revoke(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let id: KeyId = extract::id(&id, "key")?;
    state.call(move |app| app.revoke_key(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
