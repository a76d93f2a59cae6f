//! API keys.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use utoipa::ToSchema;

use crate::{
    domain::ids::KeyId,
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
pub(super) async fn revoke(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let id: KeyId = extract::id(&id, "key")?;
    state.call(move |app| app.revoke_key(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
