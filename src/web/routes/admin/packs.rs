//! Packs that the operator brings over HTTP: installed from an upload or from a path on the machine, and removed.

use axum::{
    Json,
    extract::{FromRequest, Multipart, Path, Request, State},
    http::StatusCode,
};
use utoipa::ToSchema;

use crate::{
    app::{App, packs::PackUpload},
    engine::packs::Install,
    web::{
        WebState,
        auth::Admin,
        errors::{
            ApiError, ApiResult, Code,
            openapi::{AdminActRefusals, AdminRefusals},
        },
        extract::{self, JsonBody, Object},
        multipart::{broken, write_part},
        views::admin::InstallationBody,
    },
};

/// A pack on the appliance's own machine, for example on a stick.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read as it comes")]
pub(super) struct InstallPath {
    /// A folder, a tar, tar.zst or zip file, or any part of one in parts.
    #[schema(example = "/media/stick/my-model")]
    path: String,
    /// What a job's `model` will say; otherwise the name of the folder or file.
    name: Option<String>,
    /// Its licence; otherwise what its README says.
    licence: Option<String>,
    /// Where it is from.
    source: Option<String>,
}

/// A pack as one file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read as it comes")]
pub(super) struct InstallForm {
    /// What a job's `model` will say; otherwise the file's name. Text parts come before the file.
    name: Option<String>,
    /// Its licence; otherwise what its README says.
    licence: Option<String>,
    /// Where it is from.
    source: Option<String>,
    /// A tar, tar.zst or zip file; any name of it is taken.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Begins to install a diffusion pack: it is copied, checked and tried out before it gets its name. One at a time.
///
/// Takes JSON with a path on the appliance's machine, or `multipart/form-data` with one file.
#[utoipa::path(
    post, path = "/v1/admin/models", tag = "Admin", operation_id = "adminInstallModel",
    request_body(content((InstallPath = "application/json"), (InstallForm = "multipart/form-data"))),
    responses((status = 202, body = InstallationBody), AdminActRefusals)
)]
pub(super) async fn install(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    request: Request,
) -> ApiResult<(StatusCode, Json<InstallationBody>)> {
    let (order, upload) = if extract::media_type(request.headers()) == "multipart/form-data" {
        let parts = Multipart::from_request(request, &state).await;
        let parts = parts.map_err(|error| ApiError::new(Code::Malformed, format!("{}.", error.body_text())))?;
        let (order, upload) = read_form(&state, parts).await?;
        (order, Some(upload))
    } else {
        let JsonBody(body) = JsonBody::from_request(request, &state).await?;
        let mut body = Object::new(body)?;
        let path = body.text("path");
        let mut text = |name| body.optional(name, "a text", |value| Some(value.to_owned()));
        let (name, licence, source) = (text("name"), text("licence"), text("source"));
        body.finish()?;
        (Install { path: path.into(), name, licence, source, ..Install::default() }, None)
    };
    let app = state.app().clone();
    let begun = state.call(move |_| app.begin_pack_install(&operator, order, upload)).await?;
    Ok((StatusCode::ACCEPTED, Json(begun.into())))
}

/// Tells how far the installation is that goes on, or what became of the latest one; `null` before the first.
#[utoipa::path(
    get, path = "/v1/admin/models/installation", tag = "Admin", operation_id = "adminModelInstallation",
    responses((status = 200, body = Option<InstallationBody>), AdminRefusals)
)]
pub(super) async fn installation(State(state): State<WebState>, _: Admin) -> ApiResult<Json<Option<InstallationBody>>> {
    Ok(Json(state.app().pack_installation().map(Into::into)))
}

/// Takes a pack away. What travels in the binary stays.
#[utoipa::path(
    delete, path = "/v1/admin/models/{id}", tag = "Admin", operation_id = "adminRemoveModel",
    params(("id" = String, Path, description = "The pack's name.")),
    responses((status = 204, description = "It is gone."), AdminActRefusals)
)]
pub(super) async fn remove(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    state.call(move |app| Ok(app.remove_pack(&operator, &id)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read_form(state: &WebState, mut parts: Multipart) -> ApiResult<(Install, PackUpload)> {
    let mut order = Install::default();
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let text = match name.as_str() {
            "name" => &mut order.name,
            "licence" => &mut order.licence,
            "source" => &mut order.source,
            _ if part.file_name().is_some() || name == "file" => {
                let file_name = part.file_name().unwrap_or("pack").to_owned();
                let upload = state.call(move |app| App::begin_pack_upload(app, &file_name)).await?;
                return Ok((order, write_part(state, part, upload, PackUpload::write).await?));
            }
            _ => continue,
        };
        *text = Some(part.text().await.map_err(|error| broken(&error))?);
    }
    Err(ApiError::field("file", "missing", "A file part is required."))
}
