//! Packs that the operator brings over HTTP: installed from an upload or from a path on the machine, exported, removed.

use std::io::{self, BufWriter, Write};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::CHUNK_BYTES;

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

/// What names a signer.
const FINGERPRINT: &str = "a fingerprint of 64 digits of 0-9 and a-f";
/// Chunks of an export that wait for a slow client.
const CHUNKS_MAX: usize = 8;

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
    /// The fingerprint of the signer to trust, of a file that an instance exported.
    trust: Option<String>,
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
    /// The fingerprint of the signer to trust, of a file that an instance exported.
    trust: Option<String>,
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
        let trusted = body.optional("trust", FINGERPRINT, |value| value.parse().ok()).into_iter().collect();
        body.finish()?;
        (Install { path: path.into(), name, licence, source, trusted, ..Install::default() }, None)
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

/// Sends a pack as one file that this instance signs: a tar.zst archive, and a seal over all of it behind.
#[utoipa::path(
    get, path = "/v1/admin/models/{id}/export", tag = "Admin", operation_id = "adminExportModel",
    params(("id" = String, Path, description = "The pack's name.")),
    responses((status = 200, description = "The file.", content_type = "application/zstd"), AdminRefusals)
)]
pub(super) async fn export(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let name = id.clone();
    let write = state.call(move |app| app.begin_pack_export(&operator, &name)).await?;
    let (sender, receiver) = mpsc::channel(CHUNKS_MAX);
    tokio::task::spawn_blocking(move || {
        let target = BufWriter::with_capacity(CHUNK_BYTES, ChannelWriter { sender: sender.clone() });
        let written = write(target).map_err(|error| error.to_string());
        let written = written.and_then(|rest| rest.into_inner().map_err(|error| error.to_string()));
        if let Err(error) = written {
            tracing::warn!(error, "a pack was not exported");
            // What was sent has no seal; a broken transfer says so at once.
            let _ = sender.blocking_send(Err(io::Error::other(error)));
        }
    });
    let chunks = futures_util::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    });
    let plain: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{plain}.tar.zst\""));
    let disposition = disposition.map_err(|error| ApiError::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zstd")),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, Body::from_stream(chunks)).into_response())
}

/// Hands what is written to whoever sends it on; fails once nobody does.
struct ChannelWriter {
    sender: mpsc::Sender<io::Result<Bytes>>,
}

impl Write for ChannelWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.sender.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn read_form(state: &WebState, mut parts: Multipart) -> ApiResult<(Install, PackUpload)> {
    let mut order = Install::default();
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let text = match name.as_str() {
            "name" => &mut order.name,
            "licence" => &mut order.licence,
            "source" => &mut order.source,
            "trust" => {
                let text = part.text().await.map_err(|error| broken(&error))?;
                let message = || ApiError::field("trust", "invalid", format!("`trust` must be {FINGERPRINT}."));
                order.trusted.push(text.trim().parse().map_err(|_| message())?);
                continue;
            }
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
