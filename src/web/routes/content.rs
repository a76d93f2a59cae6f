//! An asset's bytes: whole, in part, by credential or by signed link, streamed from the file.

use std::io::SeekFrom;

use axum::{
    body::Body,
    extract::{FromRequestParts, Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use crate::{
    db::assets::Asset,
    domain::ids::AssetId,
    web::{
        WebState,
        auth::Auth,
        errors::{
            ApiError, ApiResult, Code,
            openapi::{ContentRefusals, ObjectRefusals},
        },
        extract::{self, Params},
        range::{self, Selection},
    },
};

/// Bytes that are read from a file at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Files are private and never change; a cache asks again each time, so that a revoked key sees nothing more.
const CACHING: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Whatever a browser makes of a file, it may not run anything in it.
const FILE_CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; img-src 'self'; sandbox",
);

/// Sends an asset's bytes.
///
/// Takes the owner's credential, or `expires` and `signature` of a link made by `POST /v1/assets/{id}/links`. Answers
/// single ranges with 206; a request for several gets the whole file. `ETag` is the SHA-256 of the bytes.
#[utoipa::path(
    get, path = "/v1/assets/{id}/content", tag = "Assets", operation_id = "getAssetContent",
    params(
        ("id" = String, Path, description = "The asset's id."),
        ("expires" = Option<String>, Query, description = "Of a signed link."),
        ("signature" = Option<String>, Query, description = "Of a signed link."),
        ("Range" = Option<String>, Header, description = "`bytes=first-last`, one range."),
        ("If-Range" = Option<String>, Header, description = "The tag that the range is meant for."),
        ("If-None-Match" = Option<String>, Header, description = "Tags that the client has."),
    ),
    responses(
        (status = 200, description = "The whole file.", content_type = "application/octet-stream"),
        (status = 206, description = "The range.", content_type = "application/octet-stream"),
        (status = 304, description = "The client has it."),
        ContentRefusals
    )
)]
pub(super) async fn content(
    State(state): State<WebState>,
    Path(id): Path<String>,
    mut params: Params,
    request: Request,
) -> ApiResult<Response> {
    let (expires, signature) = (params.text("expires"), params.text("signature"));
    params.finish()?;
    let (mut parts, _) = request.into_parts();
    let (asset, file) = match (expires, signature) {
        (None, None) => {
            let Auth { caller, .. } = Auth::from_request_parts(&mut parts, &state).await?;
            let id: AssetId = extract::id(&id, "asset")?;
            state.call(move |app| app.open_asset(&caller, id)).await?
        }
        (expires, signature) => {
            let id: AssetId = extract::id(&id, "asset")?;
            let (expires, signature) = (expires.unwrap_or_default(), signature.unwrap_or_default());
            state.call(move |app| app.open_signed(id, &expires, &signature)).await?
        }
    };
    send(&asset, tokio::fs::File::from_std(file), &parts.headers).await
}

async fn send(asset: &Asset, mut file: tokio::fs::File, headers: &HeaderMap) -> ApiResult<Response> {
    let etag = format!("\"{}\"", asset.sha256);
    let selection = range::select(headers, &etag, asset.bytes);
    let (status, first, length) = match selection {
        Selection::NotModified => (StatusCode::NOT_MODIFIED, 0, 0),
        Selection::Whole => (StatusCode::OK, 0, asset.bytes),
        Selection::Part { first, last } => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Selection::Unsatisfiable => {
            let message = format!("The file has {} bytes; the range lies outside.", asset.bytes);
            let mut response = ApiError::new(Code::RangeNotSatisfiable, message).into_response();
            set(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{}", asset.bytes));
            return Ok(response);
        }
    };
    let mut response = if status == StatusCode::NOT_MODIFIED {
        status.into_response()
    } else {
        file.seek(SeekFrom::Start(first)).await.map_err(|e| ApiError::internal(&e))?;
        let body = Body::from_stream(ReaderStream::with_capacity(file.take(length), CHUNK_BYTES));
        (status, body).into_response()
    };
    let headers = response.headers_mut();
    if status != StatusCode::NOT_MODIFIED {
        set(headers, header::CONTENT_TYPE, &asset.content_type);
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        set(headers, header::CONTENT_DISPOSITION, &disposition(asset));
    }
    if status == StatusCode::PARTIAL_CONTENT {
        set(headers, header::CONTENT_RANGE, &format!("bytes {first}-{}/{}", first + length - 1, asset.bytes));
    }
    set(headers, header::ETAG, &etag);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, CACHING);
    headers.insert(header::CONTENT_SECURITY_POLICY, FILE_CSP);
    Ok(response)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// How the file is named when it is saved: RFC 6266, with the true name in UTF-8 (RFC 8187) and a plain one for old
/// clients.
fn disposition(asset: &Asset) -> String {
    let fallback = format!("{}.{}", asset.id, extension(&asset.content_type));
    let name = asset.file_name.as_deref().unwrap_or(&fallback);
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ()".contains(c) { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|b| {
            let plain = b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
            if plain { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect();
    format!("inline; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// The usual end of the name of a file of this type.
fn extension(content_type: &str) -> &'static str {
    match content_type {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "image/bmp" => "bmp",
        "audio/wav" | "audio/x-wav" | "audio/vnd.wave" => "wav",
        "audio/mpeg" => "mp3",
        "audio/ogg" => "ogg",
        "audio/flac" => "flac",
        "audio/mp4" | "audio/aac" => "m4a",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "video/quicktime" => "mov",
        _ => "bin",
    }
}

/// Sends a small picture of the asset: the picture itself, a film's first frame, a sound's waveform.
#[utoipa::path(
    get, path = "/v1/assets/{id}/thumbnail", tag = "Assets", operation_id = "getAssetThumbnail",
    params(("id" = String, Path, description = "The asset's id.")),
    responses((status = 200, description = "The picture.", content_type = "image/webp"), ObjectRefusals)
)]
pub(super) async fn thumbnail(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let id = extract::id(&id, "asset")?;
    let (content_type, bytes) = state.call(move |app| app.thumbnail(&caller, id)).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300")),
        (header::CONTENT_SECURITY_POLICY, FILE_CSP),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::assets::Owner,
        domain::{asset::AssetKind, clock::Timestamp, digest::Digest, ids::AccountId},
    };

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        let mut asset = Asset {
            id: AssetId::new(),
            owner: Owner { account: AccountId::new(), livemode: true },
            kind: AssetKind::Image,
            sha256: Digest::of(b""),
            content_type: "image/png".into(),
            bytes: 0,
            width: None,
            height: None,
            duration_seconds: None,
            file_name: Some("a\"; x=\r\nSet-Cookie: é.png".into()),
            made_by: None,
            created_at: Timestamp::from_millis(0),
            expires_at: None,
        };
        let value = disposition(&asset);
        assert!(HeaderValue::from_str(&value).is_ok());
        assert_eq!(
            value,
            "inline; filename=\"a__ x___Set-Cookie_ _.png\"; \
             filename*=UTF-8''a%22%3B%20x%3D%0D%0ASet-Cookie%3A%20%C3%A9.png"
        );
        asset.file_name = None;
        assert!(disposition(&asset).contains(&format!("{}.png", asset.id)));
    }
}
