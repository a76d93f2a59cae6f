//! Invitations to make an account, which who runs the appliance gives out.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use utoipa::ToSchema;

use crate::{
    app::invitations::WORKS_FOR,
    domain::ids::InvitationId,
    web::{
        WebState,
        auth::Auth,
        errors::{ApiResult, openapi::PersonRefusals},
        extract::{self, Base, JsonBody, Object, Params},
        views::{InvitationBody, ListBody, NewInvitationBody},
    },
};

/// Hours that an invitation works at most: a quarter.
const HOURS_MAX: u64 = 24 * 91;

/// Lists the invitations, the newest first, used and expired ones included.
#[utoipa::path(
    get, path = "/v1/admin/invitations", tag = "Admin", operation_id = "listInvitations",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Items at most; 20 if not given."),
        ("after" = Option<String>, Query, description = "The last item's id of the piece before."),
    ),
    responses((status = 200, body = ListBody<InvitationBody>), PersonRefusals)
)]
pub(super) async fn list(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    mut params: Params,
) -> ApiResult<Json<ListBody<InvitationBody>>> {
    let page = params.page::<InvitationId>();
    params.finish()?;
    let found = state.call(move |app| app.list_invitations(&caller, page)).await?;
    Ok(Json(ListBody { data: found.items.into_iter().map(Into::into).collect(), has_more: found.has_more }))
}

/// An invitation to make.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct CreateInvitation {
    /// Whom it is for.
    #[schema(example = "Bob from the third floor", max_length = 200)]
    note: Option<String>,
    /// How long it works; a week if not given.
    #[schema(minimum = 1, maximum = 2184)]
    expires_in_hours: Option<u64>,
}

/// Makes an invitation. Its address is told this once and works once.
#[utoipa::path(
    post, path = "/v1/admin/invitations", tag = "Admin", operation_id = "createInvitation",
    request_body(content = CreateInvitation, content_type = "application/json"),
    responses((status = 201, body = NewInvitationBody), PersonRefusals)
)]
pub(super) async fn create(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Base(base): Base,
    JsonBody(body): JsonBody,
) -> ApiResult<(StatusCode, Json<NewInvitationBody>)> {
    let mut body = Object::new(body)?;
    let note = body.optional("note", "a string", |text| Some(text.to_owned())).unwrap_or_default();
    let hours = body.number("expires_in_hours", 1..=HOURS_MAX);
    body.finish()?;
    let works_for = hours.map_or(WORKS_FOR, |hours| Duration::from_secs(hours * 3600));
    let new = state.call(move |app| app.invite(&caller, &note, works_for)).await?;
    Ok((StatusCode::CREATED, Json(NewInvitationBody::new(new, &base))))
}

/// Takes an invitation away; one that was not used stops working.
#[utoipa::path(
    delete, path = "/v1/admin/invitations/{id}", tag = "Admin", operation_id = "deleteInvitation",
    params(("id" = String, Path, description = "The invitation's id.")),
    responses((status = 204, description = "It is gone."), PersonRefusals)
)]
pub(super) async fn delete(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let id: InvitationId = extract::id(&id, "invitation")?;
    state.call(move |app| app.withdraw_invitation(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
