//! The pages' own files: the shell, style, scripts, icons. They lie in the binary; `assets/` in the source.

use std::borrow::Cow;

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{
    WebState,
    encoding::Encoding,
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

/// A file of ours as text; empty if there is none of that name.
pub(super) fn text(path: &str) -> String {
    Files::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default()
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> ApiResult<Response> {
    let file = Files::get(&path).ok_or_else(|| ApiError::not_found("file"))?;
    let encoding = if is_text(&path) { Encoding::best(&headers) } else { Encoding::Identity };
    let digest = Digest::from_bytes(file.metadata.sha256_hash());
    // Each representation of a file has a tag of its own.
    let etag = match encoding.name() {
        Some(name) => format!("\"{digest}-{name}\""),
        None => format!("\"{digest}\""),
    };
    let mut response = match range::select(&headers, &etag, file.data.len() as u64) {
        Selection::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        _ => encoding.encode(file.metadata.sha256_hash(), lean(&path, &file)).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&path)));
    // Asked for again each time: another version of the appliance has other files under the same names.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(name) = encoding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}

/// The file as it is sent: of scripts and styles, the lines that are nothing but comments are left empty. They are for
/// who reads the source; without them lines keep their numbers and a tenth less travels.
fn lean<'a>(path: &str, file: &'a EmbeddedFile) -> Cow<'a, [u8]> {
    let is_code = [".js", ".css"].iter().any(|end| path.ends_with(end));
    match std::str::from_utf8(&file.data) {
        Ok(text) if is_code => Cow::Owned(without_comments(text).into_bytes()),
        _ => Cow::Borrowed(&file.data),
    }
}

/// The text with its comment lines left empty: those that begin with `//`, and those of a `/*` that begins a line and
/// of which nothing follows the `*/`.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut is_within = false;
    for line in text.lines() {
        let bare = line.trim();
        let begins = bare.starts_with("/*") && bare.find("*/").is_none_or(|end| end + 2 == bare.len());
        let is_comment = is_within || begins || bare.starts_with("//");
        if is_within || begins {
            is_within = !bare.ends_with("*/");
        }
        if !is_comment {
            kept.push_str(line);
        }
        kept.push('\n');
    }
    kept
}

fn is_text(path: &str) -> bool {
    content_type(path).ends_with("utf-8") || content_type(path) == "image/svg+xml"
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("md") => "text/markdown; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of the whole interface as browsers get it; what is more belongs on a diet.
    const INTERFACE_BYTES_MAX: usize = 150 << 10;

    #[test]
    fn the_whole_interface_stays_small() {
        let sizes: Vec<(String, usize)> = Files::iter()
            .map(|path| {
                let file = Files::get(&path).unwrap();
                let encoding = if is_text(&path) { Encoding::Brotli } else { Encoding::Identity };
                let sent = encoding.encode(file.metadata.sha256_hash(), lean(&path, &file));
                (path.into_owned(), sent.len())
            })
            .collect();
        let sum: usize = sizes.iter().map(|(_, length)| length).sum();
        assert!(sum <= INTERFACE_BYTES_MAX, "{sum} bytes: {sizes:?}");
    }

    #[test]
    fn comments_stay_at_home_and_lines_keep_their_numbers() {
        let text = "// head\n/** One. */\nlet a = 1; // stays\n  /* two\n   * lines */\nlet u = 'https://x';\n/* b */ let c;\n";
        let lean = without_comments(text);
        assert_eq!(lean, "\n\nlet a = 1; // stays\n\n\nlet u = 'https://x';\n/* b */ let c;\n");
        for path in Files::iter().filter(|path| path.ends_with(".js") || path.ends_with(".css")) {
            let whole = self::text(&path);
            let code = without_comments(&whole);
            let mut open_ticks = 0;
            for (number, (before, after)) in whole.lines().zip(code.lines()).enumerate() {
                assert!(before == after || open_ticks % 2 == 0, "{path}:{number}: a text was taken for a comment");
                // A tick that is escaped or a text of its own opens no template.
                open_ticks += after.replace("\\`", "").replace("'`'", "").matches('`').count();
            }
        }
    }
}
