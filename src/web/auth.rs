//! Who calls: a bearer credential, or the browser session's cookie with its cross-site checks.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
};
use subtle::ConstantTimeEq;

use super::{
    WebState, access, client,
    envelope::AllowanceSlot,
    errors::{ApiError, ApiResult, Code},
    origin,
};
use crate::{
    app::{Caller, Credential, admin::Operator},
    domain::digest::Digest,
};

/// The session cookie's name.
const COOKIE: &str = "mp_session";
/// The header in which our own scripts send the CSRF token.
const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// An authenticated caller who may use this route, and for whom this request has been counted.
pub(super) struct Auth {
    /// Who.
    pub(super) caller: Caller,
    /// The credential itself, to look again whether it is still good while a stream lasts.
    pub(super) token: String,
}

/// What a request presents.
enum Presented {
    Bearer(String),
    Cookie(String),
}

impl<S> FromRequestParts<S> for Auth
where
    S: Send + Sync,
    WebState: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let state = WebState::from_ref(state);
        let token = match presented(&parts.headers)? {
            Some(Presented::Bearer(token)) => token,
            Some(Presented::Cookie(token)) => {
                if is_unsafe(&parts.method) {
                    check_same_site(parts)?;
                    let sent = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
                    check_csrf(&token, sent.unwrap_or_default())?;
                }
                token
            }
            None => return Err(ApiError::new(Code::Unauthorized, "Send a credential: `Authorization: Bearer …`.")),
        };
        let slot = parts.extensions.get::<AllowanceSlot>().cloned().unwrap_or_default();
        let auth = match authenticate(&state, token, &slot).await {
            Err(error) if error.code == Code::Unauthorized => {
                let from = client::name(&state.app().config.trusted_proxies, &parts.extensions, &parts.headers);
                return Err(state.shared.bad_credentials.check(&from).map_or_else(|(_, refusal)| refusal, |_| error));
            }
            other => other?,
        };
        access::check(&auth.caller, parts)?;
        Ok(auth)
    }
}

/// Whoever runs the appliance, in a browser session: an admin's account, never an API key.
pub(super) struct Admin {
    /// The proof that every act asks for.
    pub(super) operator: Operator,
    /// The credential itself, to look again whether it is still good while a stream lasts.
    pub(super) token: String,
}

impl<S> FromRequestParts<S> for Admin
where
    S: Send + Sync,
    WebState: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Auth { caller, token } = Auth::from_request_parts(parts, state).await?;
        let operator = WebState::from_ref(state).app().operator(&caller)?;
        Ok(Self { operator, token })
    }
}

/// Proof that a call without a session (sign-in, set-up) was sent by our own page.
pub(super) struct OwnPage;

impl<S: Send + Sync> FromRequestParts<S> for OwnPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        check_same_site(parts).map(|()| Self)
    }
}

/// Who presents this token; counts the request.
async fn authenticate(state: &WebState, token: String, slot: &AllowanceSlot) -> ApiResult<Auth> {
    let presented = token.clone();
    let caller = state.call(move |app| app.authenticate(&presented)).await?;
    let allowance = match state.shared.requests.check(&credential_name(&caller)) {
        Ok(allowance) => allowance,
        Err((allowance, refusal)) => {
            slot.fill(allowance);
            return Err(refusal);
        }
    };
    slot.fill(allowance);
    Ok(Auth { caller, token })
}

fn credential_name(caller: &Caller) -> String {
    match caller.credential {
        Credential::Key(id) => id.to_string(),
        Credential::Session(id) => id.to_string(),
    }
}

fn presented(headers: &HeaderMap) -> ApiResult<Option<Presented>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(cookie(headers).map(Presented::Cookie));
    };
    // An Authorization header that is no good is refused, never passed over in favour of the cookie.
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let token = token.filter(|token| !token.is_empty() && token.len() <= 512);
    let message = "The Authorization header must read `Bearer <credential>`.";
    token.map(|token| Some(Presented::Bearer(token))).ok_or_else(|| ApiError::new(Code::Unauthorized, message))
}

/// The session token in the cookie.
pub(super) fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE && !value.is_empty() && value.len() <= 512)
        .map(|(_, value)| value.to_owned())
}

/// The header that gives the browser its session, or takes it away (`token` empty).
pub(super) fn set_cookie(token: &str, lifetime_seconds: u64, is_https: bool) -> Option<HeaderValue> {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!("{COOKIE}={token}; Path=/; Max-Age={lifetime_seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}

/// The CSRF token of a session: only who knows the session's own token can compute it.
pub(super) fn csrf_token(session_token: &str) -> String {
    Digest::of(format!("magicpixels csrf\n{session_token}").as_bytes()).to_string()
}

fn check_csrf(session_token: &str, sent: &str) -> ApiResult<()> {
    if bool::from(csrf_token(session_token).as_bytes().ct_eq(sent.as_bytes())) {
        return Ok(());
    }
    Err(ApiError::new(Code::CrossSite, "The CSRF token is missing or not this session's; load the page again."))
}

fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Fails unless the browser says that the request comes from our own pages.
///
/// `Sec-Fetch-Site` is sent by every browser of the last years; older ones send `Origin`. With neither, it is no
/// browser's own form and the session cookie has no business in it.
fn check_same_site(parts: &Parts) -> ApiResult<()> {
    let text = |name: HeaderName| parts.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let host = origin::host(&parts.uri, &parts.headers);
    let origin = text(header::ORIGIN).map(|origin| origin.split_once("://").map_or("", |(_, rest)| rest));
    let is_own = match (site, origin) {
        // Browsers let no page forge it; behind a proxy that changes Host it is the only thing that still fits.
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => Some(origin) == host,
        (None, None) => false,
    };
    if is_own {
        return Ok(());
    }
    Err(ApiError::new(Code::CrossSite, "The request does not come from this appliance's own pages."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri("/v1/keys").method("POST").header("host", "localhost:1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_our_own_pages_count_as_same_site() {
        for (headers, good) in [
            (vec![("sec-fetch-site", "same-origin"), ("origin", "http://localhost:1")], true),
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("origin", "http://localhost:1")], true),
            (vec![], false),
            (vec![("sec-fetch-site", "cross-site"), ("origin", "http://localhost:1")], false),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("origin", "http://localhost:2")], false),
            (vec![("origin", "null")], false),
        ] {
            assert_eq!(check_same_site(&parts(&headers)).is_ok(), good, "{headers:?}");
        }
    }

    #[test]
    fn a_bad_authorization_header_is_not_passed_over() {
        let bearer = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            headers.insert(header::COOKIE, "a=b; mp_session=mp_session_x".parse().unwrap());
            presented(&headers)
        };
        assert!(matches!(bearer("Bearer mp_live_a.b"), Ok(Some(Presented::Bearer(token))) if token == "mp_live_a.b"));
        assert!(matches!(bearer("bearer  x"), Ok(Some(Presented::Bearer(token))) if token == "x"));
        for bad in ["Basic abc", "Bearer", "Bearer ", "mp_live_a.b"] {
            assert!(bearer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn csrf_tokens_belong_to_one_session() {
        assert!(check_csrf("a", &csrf_token("a")).is_ok());
        assert!(check_csrf("a", &csrf_token("b")).is_err());
        assert!(check_csrf("a", "").is_err());
    }
}
