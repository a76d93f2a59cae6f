//! What a client is told when something is refused: one shape, one table of codes.
//!
//! An [`ApiError`] travels in the response's extensions; `envelope`, the outermost layer, writes its body, because
//! only there the request's id is known.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

pub(super) mod openapi;
mod table;

pub use table::{Code, Entry, TABLE};

use crate::{app::AppError, domain::field::FieldError};

/// Seconds after which a full queue is worth another try.
const QUEUE_RETRY_SECONDS: u64 = 10;
/// Seconds after which a busy appliance is worth another try.
const BUSY_RETRY_SECONDS: u64 = 2;

/// A refusal on its way to the client.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// Which kind.
    pub code: Code,
    /// One sentence for a person.
    pub message: String,
    /// More for a program.
    pub details: Option<Value>,
    /// When to come back, in seconds.
    pub retry_after_seconds: Option<u64>,
}

/// The result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

/// The body of every refusal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorObject,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorObject {
    /// A stable name of the kind of refusal, from the table at `/docs/errors`.
    #[schema(example = "not_found")]
    pub code: String,
    /// One sentence for a person.
    pub message: String,
    /// More for a program: `fields` of `invalid_fields`, `required` and `available` of `insufficient_credits`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub details: Option<Value>,
    /// The request's id, the same as in `x-request-id`.
    pub request_id: String,
    /// Where this kind of refusal is explained.
    pub doc: String,
}

impl ApiError {
    /// A refusal of `code` told by `message`.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: None, retry_after_seconds: None }
    }

    /// Wrong fields, all of them.
    pub fn fields(faults: &[FieldError]) -> Self {
        let message = match faults {
            [one] => one.message.clone(),
            many => {
                let names: Vec<&str> = many.iter().map(|fault| fault.field.as_str()).collect();
                format!("{} fields can't be used: {}.", many.len(), names.join(", "))
            }
        };
        Self { details: Some(json!({ "fields": faults })), ..Self::new(Code::InvalidFields, message) }
    }

    /// One wrong field.
    pub fn field(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::fields(&[FieldError::new(field, code, message)])
    }

    /// No such thing, or someone else's.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}."))
    }

    /// A fault of ours: logged in full, told in one sentence.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(Code::Internal, "The appliance failed to answer; its log has the details.")
    }

    /// The body, for the request of this id.
    pub fn body(&self, request_id: &str) -> ErrorBody {
        let name = self.code.entry().name;
        ErrorBody {
            error: ErrorObject {
                code: name.into(),
                message: self.message.clone(),
                details: self.details.clone(),
                request_id: request_id.into(),
                doc: format!("/docs/errors#{name}"),
            },
        }
    }
}

/// `text` as a sentence: a capital first, a full stop last.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        use AppError as E;
        let message = sentence(&error.to_string());
        let plain = |code| Self::new(code, message.clone());
        let later = |code, seconds| Self { retry_after_seconds: Some(seconds), ..Self::new(code, message.clone()) };
        match error {
            E::Unauthorized => plain(Code::Unauthorized),
            E::Forbidden(_) => plain(Code::Forbidden),
            E::NotFound(what) => Self::not_found(what),
            E::Expired(_) => plain(Code::Expired),
            E::Malformed(_) => plain(Code::Malformed),
            E::Invalid(faults) => Self::fields(&faults),
            E::InsufficientCredits { required, available } => Self {
                details: Some(json!({ "required": required, "available": available })),
                ..plain(Code::InsufficientCredits)
            },
            E::JobRunning => plain(Code::JobRunning),
            E::JobFinished => plain(Code::JobFinished),
            E::AssetInUse => plain(Code::AssetInUse),
            E::Conflict(_) => plain(Code::Conflict),
            E::IdempotencyInFlight => later(Code::IdempotencyInFlight, 1),
            E::IdempotencyMismatch => plain(Code::IdempotencyMismatch),
            E::UnsupportedMedia(_) => plain(Code::UnsupportedMedia),
            E::DamagedMedia(_) => plain(Code::DamagedMedia),
            E::TooLarge(_) => plain(Code::TooLarge),
            E::QueueFull(_) => later(Code::QueueFull, QUEUE_RETRY_SECONDS),
            E::RateLimited { retry_after_seconds } => later(Code::RateLimited, retry_after_seconds),
            E::StorageFull => plain(Code::StorageFull),
            E::Unavailable(_) => later(Code::Unavailable, BUSY_RETRY_SECONDS),
            E::Internal(cause) => Self::internal(&cause),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.code.entry().status;
        let mut response = status.into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"magicpixels\""));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::credits::Credits;

    #[test]
    fn a_refusal_has_the_documented_shape() {
        let error: ApiError =
            AppError::InsufficientCredits { required: Credits::new(22), available: Credits::new(1) }.into();
        let body = serde_json::to_value(error.body("req_1")).unwrap();
        assert_eq!(
            body,
            json!({"error": {
                "code": "insufficient_credits",
                "message": "The job needs 22 credits, 1 are available.",
                "details": {"required": 22, "available": 1},
                "request_id": "req_1",
                "doc": "/docs/errors#insufficient_credits",
            }})
        );
        assert_eq!(error.into_response().status(), StatusCode::PAYMENT_REQUIRED);
    }

    #[test]
    fn what_is_worth_another_try_says_when() {
        for error in [
            AppError::QueueFull("full".into()),
            AppError::RateLimited { retry_after_seconds: 7 },
            AppError::Unavailable("stopping".into()),
        ] {
            let response = ApiError::from(error).into_response();
            assert!(response.headers().contains_key(header::RETRY_AFTER), "{}", response.status());
        }
    }

    #[test]
    fn an_internal_cause_stays_inside() {
        let error: ApiError = AppError::Internal("/secret/path: broken".into()).into();
        assert!(!error.message.contains("secret"));
    }
}
