//! What a credential must be for which route: the one place where scopes, sessions and the operator's rights are
//! enforced. A route that is not named here is for people in a browser session: what is forgotten stays shut.

use axum::{
    extract::MatchedPath,
    http::{Method, request::Parts},
};
use serde_json::json;
use utoipa::openapi::{OpenApi, path::Operation};

use super::errors::{ApiError, ApiResult, Code};
use crate::{
    app::{Caller, Credential},
    domain::scope::Scope,
};

/// What a route needs of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Any good credential.
    Credential,
    /// A browser session, or a key with this scope.
    Scope(Scope),
    /// A browser session.
    Session,
    /// A browser session of who runs the appliance.
    Admin,
}

/// What the route of this template needs.
fn need(method: &Method, route: &str) -> Need {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let segments: Vec<&str> = route.split('/').skip(1).collect();
    match segments.as_slice() {
        ["v1", "admin", ..] => Need::Admin,
        ["v1", "assets", ..] if reads => Need::Scope(Scope::AssetsRead),
        // A link shows what its maker may see.
        ["v1", "assets", _, "links"] => Need::Scope(Scope::AssetsRead),
        ["v1", "assets", ..] => Need::Scope(Scope::AssetsWrite),
        ["v1", "jobs", ..] | ["v1", "webhooks", "deliveries"] if reads => Need::Scope(Scope::JobsRead),
        ["v1", "jobs", ..] => Need::Scope(Scope::JobsWrite),
        // A price is asked, nothing is made.
        ["v1", "quote"] => Need::Scope(Scope::JobsRead),
        ["v1", "account" | "plans" | "keys", ..] if reads => Need::Scope(Scope::AccountRead),
        ["v1", "models" | "voices", ..] | ["v1", "session"] if reads => Need::Credential,
        _ => Need::Session,
    }
}

/// Fails unless the caller may use the route.
pub(super) fn check(caller: &Caller, parts: &Parts) -> ApiResult<()> {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let is_session = matches!(caller.credential, Credential::Session(_));
    let session_only = || ApiError::new(Code::Forbidden, "This needs a browser session; an API key is not enough.");
    match need(&parts.method, route) {
        Need::Credential => Ok(()),
        Need::Scope(scope) if is_session || caller.scopes.contains(scope) => Ok(()),
        Need::Scope(scope) => Err(ApiError {
            details: Some(json!({ "scope": scope.as_str() })),
            ..ApiError::new(Code::MissingScope, format!("The key lacks the scope `{}`.", scope.as_str()))
        }),
        Need::Session if is_session => Ok(()),
        Need::Admin if is_session && caller.is_admin => Ok(()),
        Need::Admin if is_session => Err(ApiError::new(Code::Forbidden, "Only who runs the appliance may do this.")),
        Need::Session | Need::Admin => Err(session_only()),
    }
}

/// Writes what each route needs into its description.
pub(super) fn describe(spec: &mut OpenApi) {
    for (route, item) in &mut spec.paths.paths {
        let operations: [(Method, &mut Option<Operation>); 5] = [
            (Method::GET, &mut item.get),
            (Method::POST, &mut item.post),
            (Method::PUT, &mut item.put),
            (Method::PATCH, &mut item.patch),
            (Method::DELETE, &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let is_public = operation.security.as_ref().is_some_and(|all| !all.is_empty());
            if !route.starts_with("/v1") || is_public {
                continue;
            }
            let line = match need(&method, route) {
                Need::Credential => continue,
                Need::Scope(scope) => format!("Scope of a key: `{}`.", scope.as_str()),
                Need::Session => "For a browser session only.".to_owned(),
                Need::Admin => "For a browser session of who runs the appliance.".to_owned(),
            };
            let told = operation.description.take().filter(|text| !text.is_empty());
            operation.description = Some(told.map_or_else(|| line.clone(), |text| format!("{text}\n\n{line}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_thought_of_is_for_people() {
        for (method, route, expected) in [
            (Method::GET, "/v1/assets/{id}/content", Need::Scope(Scope::AssetsRead)),
            (Method::HEAD, "/v1/assets", Need::Scope(Scope::AssetsRead)),
            (Method::POST, "/v1/assets", Need::Scope(Scope::AssetsWrite)),
            (Method::POST, "/v1/jobs/{id}/cancel", Need::Scope(Scope::JobsWrite)),
            (Method::GET, "/v1/account/ledger", Need::Scope(Scope::AccountRead)),
            (Method::POST, "/v1/account/plan", Need::Session),
            (Method::GET, "/v1/admin/overview", Need::Admin),
            (Method::POST, "/v1/admin/jobs/{id}/cancel", Need::Admin),
            (Method::GET, "/v1/assets-of-tomorrow", Need::Session),
            (Method::DELETE, "/v1/models/{id}", Need::Session),
            (Method::GET, "", Need::Session),
        ] {
            assert_eq!(need(&method, route), expected, "{method} {route}");
        }
    }
}
