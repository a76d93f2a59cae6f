//! Backups in the data folder: made beside the running server, downloaded, deleted.

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio_util::io::ReaderStream;

use super::CHUNK_BYTES;
use crate::{
    app::App,
    web::{
        WebState,
        auth::Admin,
        errors::{
            ApiError, ApiResult,
            openapi::{AdminActRefusals, AdminRefusals},
        },
        views::{ListBody, admin::BackupBody},
    },
};

/// Lists the backups in the data folder, the newest first; one that is being made tells how far it is.
#[utoipa::path(
    get, path = "/v1/admin/backups", tag = "Admin", operation_id = "adminListBackups",
    responses((status = 200, body = ListBody<BackupBody>), AdminRefusals)
)]
pub(super) async fn list(State(state): State<WebState>, _: Admin) -> ApiResult<Json<ListBody<BackupBody>>> {
    let backups = state.call(App::backups).await?;
    Ok(Json(ListBody::whole(backups.into_iter().map(Into::into).collect())))
}

/// Begins a backup of the whole instance, beside everything else. One at a time.
#[utoipa::path(
    post, path = "/v1/admin/backups", tag = "Admin", operation_id = "adminCreateBackup",
    responses((status = 202, body = BackupBody), AdminActRefusals)
)]
pub(super) async fn create(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
) -> ApiResult<(StatusCode, Json<BackupBody>)> {
    let app = state.app().clone();
    let backup = state.call(move |_| app.begin_backup(&operator)).await?;
    Ok((StatusCode::ACCEPTED, Json(backup.into())))
}

/// Sends a backup: one tar file with the database, the media and the settings.
#[utoipa::path(
    get, path = "/v1/admin/backups/{name}", tag = "Admin", operation_id = "adminDownloadBackup",
    params(("name" = String, Path, description = "The backup's name.")),
    responses((status = 200, description = "The file.", content_type = "application/x-tar"), AdminRefusals)
)]
pub(super) async fn download(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(name): Path<String>,
) -> ApiResult<Response> {
    let wanted = name.clone();
    let (file, bytes) = state.call(move |app| app.open_backup(&operator, &wanted)).await?;
    let body = Body::from_stream(ReaderStream::with_capacity(tokio::fs::File::from_std(file), CHUNK_BYTES));
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\""));
    let disposition = disposition.map_err(|error| ApiError::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-tar")),
        (header::CONTENT_LENGTH, HeaderValue::from(bytes)),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, body).into_response())
}

/// Deletes a backup.
#[utoipa::path(
    delete, path = "/v1/admin/backups/{name}", tag = "Admin", operation_id = "adminDeleteBackup",
    params(("name" = String, Path, description = "The backup's name.")),
    responses((status = 204, description = "It is gone."), AdminActRefusals)
)]
pub(super) async fn delete(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(name): Path<String>,
) -> ApiResult<StatusCode> {
    state.call(move |app| app.delete_backup(&operator, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}
