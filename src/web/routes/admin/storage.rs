//! Models and storage.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

use crate::{
    app::App,
    web::{
        WebState,
        auth::Admin,
        errors::{
            ApiResult,
            openapi::{AdminActRefusals, AdminRefusals},
        },
        views::{
            ListBody,
            admin::{AdminModelBody, StorageBody, SweepBody, VerdictBody},
        },
    },
};

/// Lists the models with their files, licences and what they take in memory.
#[utoipa::path(
    get, path = "/v1/admin/models", tag = "Admin", operation_id = "adminListModels",
    responses((status = 200, body = ListBody<AdminModelBody>), AdminRefusals)
)]
pub(super) async fn models(State(state): State<WebState>, _: Admin) -> ApiResult<Json<ListBody<AdminModelBody>>> {
    let models = state.call(|app| Ok(app.model_reports())).await?;
    Ok(Json(ListBody::whole(models.into_iter().map(Into::into).collect())))
}

/// Compares every byte of a model with the digests that it was pinned to.
#[utoipa::path(
    post, path = "/v1/admin/models/{id}/verify", tag = "Admin", operation_id = "adminVerifyModel",
    params(("id" = String, Path, description = "The model's id.")),
    responses((status = 200, body = VerdictBody), AdminActRefusals)
)]
pub(super) async fn verify_model(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
) -> ApiResult<Json<VerdictBody>> {
    Ok(Json(state.call(move |app| app.verify_model(&operator, &id)).await?.into()))
}

/// Takes a model out of memory, unless it runs. It loads again when it is next needed.
#[utoipa::path(
    post, path = "/v1/admin/models/{id}/unload", tag = "Admin", operation_id = "adminUnloadModel",
    params(("id" = String, Path, description = "The model's id.")),
    responses((status = 204, description = "It is not in memory."), AdminActRefusals)
)]
pub(super) async fn unload_model(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    state.call(move |app| app.unload_model(&operator, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells what takes the space.
#[utoipa::path(
    get, path = "/v1/admin/storage", tag = "Admin", operation_id = "adminStorage",
    responses((status = 200, body = StorageBody), AdminRefusals)
)]
pub(super) async fn storage(State(state): State<WebState>, _: Admin) -> ApiResult<Json<StorageBody>> {
    Ok(Json(state.call(App::storage).await?.into()))
}

/// Takes away expired assets and files that nobody owns, now instead of with the next housekeeping.
#[utoipa::path(
    post, path = "/v1/admin/storage/sweep", tag = "Admin", operation_id = "adminSweepStorage",
    responses((status = 200, body = SweepBody), AdminActRefusals)
)]
pub(super) async fn sweep(State(state): State<WebState>, Admin { operator, .. }: Admin) -> ApiResult<Json<SweepBody>> {
    Ok(Json(state.call(move |app| app.sweep_storage(&operator)).await?.into()))
}
