//! A backup to come back at the next start.

use axum::{
    Json,
    extract::{FromRequest, Multipart, Request, State},
    http::StatusCode,
};
use utoipa::ToSchema;

use crate::{
    app::{
        App,
        admin::Operator,
        restore::{BackupUpload, Staged},
    },
    web::{
        WebState,
        auth::Admin,
        errors::{ApiError, ApiResult, Code, openapi::AdminActRefusals},
        extract::{self, JsonBody, Object},
        multipart::{broken, write_part},
        views::admin::StagedRestoreBody,
    },
};

/// A backup file to restore.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read as it comes")]
pub(super) struct RestoreForm {
    /// The file; any name of it is taken.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A backup in the data folder to restore.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read as it comes")]
pub(super) struct StageRestore {
    /// A backup's name.
    #[schema(example = "magicpixels-2026-11-24T08-15-00Z.tar")]
    name: String,
}

/// Checks a backup, every byte of it, and stages it: it takes the instance's place at the next start.
///
/// Takes JSON with the `name` of a backup in the data folder, or `multipart/form-data` with one file. The instance that
/// is replaced is kept until the first good start of the new one. The machine's settings stay as they are; those of the
/// backup are laid beside them as `magicpixels.restored.toml`.
#[utoipa::path(
    post, path = "/v1/admin/restore", tag = "Admin", operation_id = "adminStageRestore",
    request_body(content((StageRestore = "application/json"), (RestoreForm = "multipart/form-data"))),
    responses((status = 200, body = StagedRestoreBody), AdminActRefusals)
)]
pub(super) async fn stage(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    request: Request,
) -> ApiResult<Json<StagedRestoreBody>> {
    let staged = if extract::media_type(request.headers()) == "multipart/form-data" {
        let parts = Multipart::from_request(request, &state).await;
        let parts = parts.map_err(|error| ApiError::new(Code::Malformed, format!("{}.", error.body_text())))?;
        stage_upload(&state, operator, parts).await?
    } else {
        let JsonBody(body) = JsonBody::from_request(request, &state).await?;
        let mut body = Object::new(body)?;
        let name = body.text("name");
        body.finish()?;
        state.call(move |app| app.stage_backup(&operator, &name)).await?
    };
    Ok(Json(staged.into()))
}

async fn stage_upload(state: &WebState, operator: Operator, mut parts: Multipart) -> ApiResult<Staged> {
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
        if part.file_name().is_none() && part.name() != Some("file") {
            continue;
        }
        let name = part.file_name().unwrap_or("upload.tar").to_owned();
        let upload = state.call(App::begin_backup_upload).await?;
        let upload = write_part(state, part, upload, BackupUpload::write).await?;
        return state.call(move |app| app.stage_upload(&operator, upload, &name)).await;
    }
    Err(ApiError::field("file", "missing", "A file part is required."))
}

/// Takes back what was staged: the next start changes nothing.
#[utoipa::path(
    delete, path = "/v1/admin/restore", tag = "Admin", operation_id = "adminUnstageRestore",
    responses((status = 204, description = "Nothing is staged."), AdminActRefusals)
)]
pub(super) async fn unstage(State(state): State<WebState>, Admin { operator, .. }: Admin) -> ApiResult<StatusCode> {
    state.call(move |app| app.unstage_restore(&operator)).await?;
    Ok(StatusCode::NO_CONTENT)
}
