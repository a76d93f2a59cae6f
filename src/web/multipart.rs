//! File parts of `multipart/form-data` bodies on their way to disk, and what a body is refused for that breaks off.

use axum::{
    body::Bytes,
    extract::multipart::{Field, MultipartError},
    http::StatusCode,
};

use super::{
    WebState,
    errors::{ApiError, ApiResult, Code},
};
use crate::app::AppError;

/// Bytes that are gathered before they are written.
const WRITE_BYTES: usize = 4 << 20;

/// Writes a file part into `upload`, which `write` gives its next bytes. No thread is kept while the network is awaited.
pub(super) async fn write_part<U: Send + 'static>(
    state: &WebState,
    mut part: Field<'_>,
    mut upload: U,
    write: fn(&mut U, &[u8]) -> Result<(), AppError>,
) -> ApiResult<U> {
    let mut gathered: Vec<Bytes> = Vec::new();
    let mut gathered_bytes = 0;
    loop {
        let chunk = part.chunk().await.map_err(|error| broken(&error))?;
        let is_last = chunk.is_none();
        if let Some(chunk) = chunk {
            gathered_bytes += chunk.len();
            gathered.push(chunk);
        }
        if gathered_bytes >= WRITE_BYTES || is_last {
            let chunks = std::mem::take(&mut gathered);
            gathered_bytes = 0;
            upload = state
                .call(move |_| {
                    chunks.iter().try_for_each(|chunk| write(&mut upload, chunk))?;
                    Ok(upload)
                })
                .await?;
        }
        if is_last {
            return Ok(upload);
        }
    }
}

/// A body that broke off, exceeded its limit or is no multipart.
pub(super) fn broken(error: &MultipartError) -> ApiError {
    let code = if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Code::TooLarge } else { Code::Malformed };
    ApiError::new(code, format!("The body can't be read: {}.", error.body_text().trim_end_matches('.')))
}
