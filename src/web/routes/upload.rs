//! `POST /v1/assets`: a multipart body streamed to disk. The bytes may come before `kind`.

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State, multipart::Field},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt as _;
use utoipa::ToSchema;

use crate::{
    app::{Caller, assets::Upload},
    domain::{
        asset::AssetKind,
        field::{FieldError, nearest},
    },
    web::{
        WebState,
        auth::Auth,
        errors::{ApiError, ApiResult, Code, openapi::UploadRefusals},
        extract::{self, Base},
        multipart::{broken, write_part},
        views::AssetBody,
    },
};

/// Room for everything of the body that is not the file.
const FRAMING_BYTES: usize = 64 << 10;
/// Longest text field, in bytes.
const TEXT_BYTES_MAX: usize = 1 << 10;
/// Most bytes of a refused body that are still taken.
const DRAIN_BYTES_MAX: usize = 8 << 20;
/// Longest wait for them.
const DRAIN_WAIT: Duration = Duration::from_secs(5);

/// The parts of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; parts are read as they come")]
pub(super) struct UploadForm {
    /// `image`, `audio` or `video`.
    #[schema(example = "image")]
    kind: String,
    /// The one file part; any name of it is taken.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Uploads an image, audio or video.
///
/// The bytes are judged by their content alone. Metadata of images is stripped, their orientation applied. What is
/// refused leaves nothing behind.
#[utoipa::path(
    post, path = "/v1/assets", tag = "Assets", operation_id = "createAsset",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = AssetBody), UploadRefusals)
)]
pub(super) async fn create(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Base(base): Base,
    request: Request,
) -> ApiResult<Response> {
    let form = receive(&state, &caller, request).await?;
    let (upload, file_name, kind) = form.finish()?;
    let asset = state.call(move |app| app.finish_upload(&caller, upload, kind, file_name.as_deref())).await?;
    let body = AssetBody::new(asset, &base);
    let mut response = (StatusCode::CREATED, Json(&body)).into_response();
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/assets/{}", body.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// What has come of the body so far.
#[derive(Default)]
struct Received {
    file: Option<(Upload, Option<String>)>,
    kind: Option<AssetKind>,
    faults: Vec<FieldError>,
}

impl Received {
    fn fault(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.faults.push(FieldError::new(field, code, message));
    }

    /// The parts, or everything that is wrong with them.
    fn finish(mut self) -> ApiResult<(Upload, Option<String>, AssetKind)> {
        if self.kind.is_none() && !self.faults.iter().any(|fault| fault.field == "kind") {
            self.fault("kind", "missing", "`kind` is required: image, audio or video.");
        }
        if self.file.is_none() {
            self.fault("file", "missing", "A file part is required.");
        }
        match (self.file, self.kind) {
            (Some((upload, name)), Some(kind)) if self.faults.is_empty() => Ok((upload, name, kind)),
            _ => Err(ApiError::fields(&self.faults)),
        }
    }
}

async fn receive(state: &WebState, caller: &Caller, mut request: Request) -> ApiResult<Received> {
    if extract::media_type(request.headers()) != "multipart/form-data" {
        let message = "Send the file as `multipart/form-data`, with `kind` and one file part.";
        return Err(ApiError::new(Code::UnsupportedMediaType, message));
    }
    let limit = usize::try_from(state.app().config.file.limits.upload_bytes).unwrap_or(usize::MAX);
    let limit = limit.saturating_add(FRAMING_BYTES);
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > limit) {
        drain(request.into_body()).await;
        return Err(ApiError::new(Code::TooLarge, format!("The body is larger than {limit} bytes.")));
    }
    DefaultBodyLimit::max(limit).apply(&mut request);
    let mut parts = Multipart::from_request(request, state)
        .await
        .map_err(|error| ApiError::new(Code::Malformed, format!("{}.", error.body_text())))?;
    let received = read_parts(state, caller, &mut parts).await;
    if received.is_err() {
        drain_parts(&mut parts).await;
    }
    received
}

/// Takes what is left of a refused body, as far as that is cheap: a client that still sends when the connection
/// closes would see a broken connection in place of the refusal.
async fn drain(body: Body) {
    let mut chunks = body.into_data_stream();
    let taking = async {
        let mut taken = 0;
        while let Some(Ok(chunk)) = chunks.next().await {
            taken += chunk.len();
            if taken > DRAIN_BYTES_MAX {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_WAIT, taking).await;
}

/// Like [`drain`], for a body whose parts were being read.
async fn drain_parts(parts: &mut Multipart) {
    let taking = async {
        let mut taken = 0;
        while let Ok(Some(mut part)) = parts.next_field().await {
            while let Ok(Some(chunk)) = part.chunk().await {
                taken += chunk.len();
                if taken > DRAIN_BYTES_MAX {
                    return;
                }
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_WAIT, taking).await;
}

async fn read_parts(state: &WebState, caller: &Caller, parts: &mut Multipart) -> ApiResult<Received> {
    let mut received = Received::default();
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "kind" {
            read_kind(part, &mut received).await?;
        } else if part.file_name().is_some() || name == "file" {
            if received.file.is_some() {
                return Err(ApiError::field(&name, "conflict", "One file at a time: the body has a second file part."));
            }
            let file_name = part.file_name().map(str::to_owned);
            received.file = Some((write(state, caller, part).await?, file_name));
        } else {
            let hint =
                nearest(&name, &["kind", "file"]).map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
            received.fault(&name, "unknown", format!("`{name}` is no field of an upload.{hint}"));
            read_text(part).await?;
        }
    }
    Ok(received)
}

async fn read_kind(part: Field<'_>, received: &mut Received) -> ApiResult<()> {
    let text = read_text(part).await?;
    if received.kind.is_some() {
        received.fault("kind", "conflict", "`kind` is given twice.");
    }
    match text.trim().parse() {
        Ok(kind) => received.kind = Some(kind),
        Err(()) => received.fault("kind", "invalid", "`kind` must be image, audio or video."),
    }
    Ok(())
}

async fn read_text(mut part: Field<'_>) -> ApiResult<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > TEXT_BYTES_MAX {
            return Err(ApiError::new(Code::TooLarge, format!("A text field is longer than {TEXT_BYTES_MAX} bytes.")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes the file part to disk.
async fn write(state: &WebState, caller: &Caller, part: Field<'_>) -> ApiResult<Upload> {
    let owner = caller.clone();
    let upload = state.call(move |app| app.begin_upload(&owner)).await?;
    write_part(state, part, upload, Upload::write).await
}
