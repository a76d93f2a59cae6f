//! Under which address a request reached us: the base of absolute URLs, and the defence against DNS rebinding.

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri, header};

use super::errors::{ApiError, ApiResult, Code};
use crate::config::Config;

/// The `host[:port]` that the request names, if it is one.
pub(super) fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str)).filter(|host| is_host(host))
}

fn is_host(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    (1..=255).contains(&text.len()) && text.bytes().all(plain)
}

/// The base of absolute URLs, without a trailing slash: the operator's `public_url`, else the request's own Host.
pub(super) fn base(config: &Config, uri: &Uri, headers: &HeaderMap) -> String {
    match (&config.public_url, host(uri, headers)) {
        (Some(url), _) => url.clone(),
        (None, Some(host)) => format!("http://{host}"),
        (None, None) => format!("http://{}", config.listen),
    }
}

/// Refuses a request whose Host is a name that this appliance can't have.
///
/// A foreign page can make its own name resolve to this machine and then count as same-origin. While the appliance
/// listens on the loopback only, nobody has a reason to use any name but `localhost`, an address, or `public_url`'s.
pub(super) fn check_host(config: &Config, uri: &Uri, headers: &HeaderMap) -> ApiResult<()> {
    if !config.listen.ip().is_loopback() || (headers.get(header::HOST).is_none() && uri.authority().is_none()) {
        return Ok(());
    }
    let named = host(uri, headers).map(name_of).unwrap_or_default();
    let public = config.public_url.as_deref().and_then(|url| url.split_once("://")).map(|(_, rest)| rest);
    let public = public.map(|rest| name_of(rest.split('/').next().unwrap_or_default()));
    let is_address = named.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is_local = named.eq_ignore_ascii_case("localhost") || named.to_ascii_lowercase().ends_with(".localhost");
    if is_address || is_local || public.is_some_and(|public| public.eq_ignore_ascii_case(named)) {
        return Ok(());
    }
    let message = format!(
        "This appliance doesn't know itself as `{named}`; set `public_url` when it stands behind a proxy of that name."
    );
    Err(ApiError::new(Code::Misdirected, message))
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    if host.starts_with('[') {
        return host.split_inclusive(']').next().unwrap_or(host);
    }
    host.split(':').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    fn config(listen: &str, public_url: Option<&str>) -> Config {
        let dir = tempfile::tempdir().unwrap();
        let overrides = Overrides { listen: Some(listen.into()), public_url: public_url.map(Into::into) };
        Config::load(dir.path(), overrides).unwrap()
    }

    fn headers(host: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        headers
    }

    #[test]
    fn a_loopback_listener_answers_to_itself_only() {
        let local = config("127.0.0.1:8420", None);
        let uri = Uri::from_static("/");
        for (host, good) in [
            ("localhost:8420", true),
            ("127.0.0.1:8420", true),
            ("[::1]:8420", true),
            ("studio.localhost", true),
            ("192.168.1.5", true),
            ("evil.example:8420", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
        ] {
            assert_eq!(check_host(&local, &uri, &headers(host)).is_ok(), good, "{host}");
        }
        let proxied = config("127.0.0.1:8420", Some("https://studio.example/pixels"));
        assert!(check_host(&proxied, &uri, &headers("studio.example")).is_ok());
        assert!(check_host(&proxied, &uri, &headers("evil.example")).is_err());
        assert!(check_host(&config("0.0.0.0:80", None), &uri, &headers("studio.lan")).is_ok());
    }

    #[test]
    fn urls_begin_with_what_the_client_knows() {
        let uri = Uri::from_static("/");
        assert_eq!(base(&config("127.0.0.1:1", None), &uri, &headers("localhost:9")), "http://localhost:9");
        assert_eq!(base(&config("127.0.0.1:1", None), &uri, &headers("a\"b")), "http://127.0.0.1:1");
        let public = config("127.0.0.1:1", Some("https://a.example/"));
        assert_eq!(base(&public, &uri, &headers("localhost:9")), "https://a.example");
    }
}
