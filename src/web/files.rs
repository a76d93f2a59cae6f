//! The pages' own files: style, scripts, icons. They lie in the binary; `assets/` in the source.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;

use super::{
    WebState,
    errors::{ApiError, ApiResult},
    range::{self, Selection},
};
use crate::domain::digest::Digest;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/static/{*path}", get(file))
        .route("/favicon.ico", get(|headers| file(Path("icon.svg".into()), headers)))
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> ApiResult<Response> {
    let file = Files::get(&path).ok_or_else(|| ApiError::not_found("file"))?;
    let etag = format!("\"{}\"", Digest::from_bytes(file.metadata.sha256_hash()));
    let selection = range::select(&headers, &etag, file.data.len() as u64);
    let mut response = match selection {
        Selection::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        _ => file.data.into_owned().into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&path)));
    // Asked for again each time: another version of the appliance has other files under the same names.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        _ => "application/octet-stream",
    }
}
