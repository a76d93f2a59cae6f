//! Webhooks: the account's own address, the secret, the log of deliveries, replay and test.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use utoipa::ToSchema;

use crate::{
    db::deliveries::{Filter, Status},
    domain::ids::{EventId, JobId},
    web::{
        WebState,
        auth::Auth,
        errors::{
            ApiResult,
            openapi::{ListRefusals, PersonRefusals},
        },
        extract::{self, JsonBody, Object, Params},
        views::{DeliveryBody, EndpointBody, ListBody, SecretBody},
    },
};

/// Tells where the end of jobs goes that name no `webhook_url`.
#[utoipa::path(
    get, path = "/v1/webhooks/endpoint", tag = "Webhooks", operation_id = "getWebhookEndpoint",
    responses((status = 200, body = EndpointBody), PersonRefusals)
)]
pub(super) async fn endpoint(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
) -> ApiResult<Json<EndpointBody>> {
    let url = state.call(move |app| app.webhook_endpoint(&caller)).await?;
    Ok(Json(EndpointBody::new(url, &state.app().config)))
}

/// The account's address.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct SetEndpoint {
    /// The address; null for none.
    #[schema(example = "https://hooks.example.com/magicpixels")]
    url: Option<String>,
}

/// Sets where the end of jobs goes that name no `webhook_url`, or null for nowhere.
#[utoipa::path(
    put, path = "/v1/webhooks/endpoint", tag = "Webhooks", operation_id = "setWebhookEndpoint",
    request_body(content = SetEndpoint, content_type = "application/json"),
    responses((status = 200, body = EndpointBody), PersonRefusals)
)]
pub(super) async fn set_endpoint(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    JsonBody(body): JsonBody,
) -> ApiResult<Json<EndpointBody>> {
    let url = url_of(body)?;
    let kept = url.clone();
    state.call(move |app| app.set_webhook_endpoint(&caller, kept.as_deref())).await?;
    Ok(Json(EndpointBody::new(url, &state.app().config)))
}

/// The one field `url`, which may be left out or null.
fn url_of(body: serde_json::Value) -> ApiResult<Option<String>> {
    let mut body = Object::new(body)?;
    let url = body.optional("url", "a string", |text| Some(text.to_owned()));
    body.finish()?;
    Ok(url)
}

/// Tells the secret that signs the account's webhooks.
#[utoipa::path(
    get, path = "/v1/webhooks/secret", tag = "Webhooks", operation_id = "getWebhookSecret",
    responses((status = 200, body = SecretBody), PersonRefusals)
)]
pub(super) async fn secret(State(state): State<WebState>, Auth { caller, .. }: Auth) -> ApiResult<Json<SecretBody>> {
    let secret = state.call(move |app| app.webhook_secret(&caller)).await?;
    Ok(Json(SecretBody { secret: secret.to_string() }))
}

/// Makes a new secret. The old one signs beside it for 24 hours, so that a receiver can change over in peace.
#[utoipa::path(
    post, path = "/v1/webhooks/secret/rotate", tag = "Webhooks", operation_id = "rotateWebhookSecret",
    responses((status = 200, body = SecretBody), PersonRefusals)
)]
pub(super) async fn rotate(State(state): State<WebState>, Auth { caller, .. }: Auth) -> ApiResult<Json<SecretBody>> {
    let secret = state.call(move |app| app.rotate_webhook_secret(&caller)).await?;
    Ok(Json(SecretBody { secret: secret.to_string() }))
}

/// Lists the account's deliveries, the newest first, each with its attempts and what is sent. They are kept for 30 days.
#[utoipa::path(
    get, path = "/v1/webhooks/deliveries", tag = "Webhooks", operation_id = "listDeliveries",
    params(
        ("job_id" = Option<String>, Query, description = "Of this job only."),
        ("status" = Option<String>, Query, description = "`pending`, `delivered` or `failed`."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Items at most; 20 if not given."),
        ("after" = Option<String>, Query, description = "The last item's id of the piece before."),
    ),
    responses((status = 200, body = ListBody<DeliveryBody>), ListRefusals)
)]
pub(super) async fn deliveries(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    mut params: Params,
) -> ApiResult<Json<ListBody<DeliveryBody>>> {
    let status = params.with("status", &Status::ALL.map(Status::as_str).join(", "), |text| {
        Status::ALL.into_iter().find(|status| status.as_str() == text)
    });
    let filter = Filter { job: params.parsed::<JobId>("job_id", "the id of a job"), status, livemode: None };
    let page = params.page::<EventId>();
    params.finish()?;
    let found = state.call(move |app| app.list_deliveries(&caller, filter, page)).await?;
    Ok(Json(ListBody { data: found.items.into_iter().map(Into::into).collect(), has_more: found.has_more }))
}

/// Sends a delivery again, whatever became of it before: the same id, the same body, a new timestamp and signature.
#[utoipa::path(
    post, path = "/v1/webhooks/deliveries/{id}/replay", tag = "Webhooks", operation_id = "replayDelivery",
    params(("id" = String, Path, description = "The delivery's id.")),
    responses((status = 202, body = DeliveryBody), PersonRefusals)
)]
pub(super) async fn replay(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<DeliveryBody>)> {
    let id: EventId = extract::id(&id, "delivery")?;
    let delivery = state.call(move |app| app.replay_delivery(&caller, id)).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}

/// Where a test goes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct SendTest {
    /// The address; the account's own if not given.
    url: Option<String>,
}

/// Sends a `webhook.test`, signed like every other.
#[utoipa::path(
    post, path = "/v1/webhooks/test", tag = "Webhooks", operation_id = "sendTestWebhook",
    request_body(content = SendTest, content_type = "application/json"),
    responses((status = 202, body = DeliveryBody), PersonRefusals)
)]
pub(super) async fn test(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    JsonBody(body): JsonBody,
) -> ApiResult<(StatusCode, Json<DeliveryBody>)> {
    let url = url_of(body)?;
    let delivery = state.call(move |app| app.send_test_webhook(&caller, url.as_deref())).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}
