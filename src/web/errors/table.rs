//! The one table of error codes: what a client may meet, the status it comes with, and what to do about it.
//!
//! `/docs/errors` and the OpenAPI document are made from it, so a code that is not here cannot be answered.

use axum::http::StatusCode;

/// One kind of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The request cannot be read.
    Malformed,
    /// The body is no JSON.
    InvalidJson,
    /// No credential, or a bad one.
    Unauthorized,
    /// The balance doesn't cover the hold.
    InsufficientCredits,
    /// A good credential that may not do this.
    Forbidden,
    /// A key that may not do this.
    MissingScope,
    /// A browser request that did not come from our own pages.
    CrossSite,
    /// No such thing, or someone else's.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// Cancel first.
    JobRunning,
    /// Nothing to cancel.
    JobFinished,
    /// A job needs it.
    AssetInUse,
    /// The name is taken, or a number is at its limit.
    Conflict,
    /// The first request with the key is being answered.
    IdempotencyInFlight,
    /// Removed by retention.
    Expired,
    /// More bytes or pixels than the operator allows.
    TooLarge,
    /// The body's content type is not the one the route takes.
    UnsupportedMediaType,
    /// An uploaded file of no kind that is read.
    UnsupportedMedia,
    /// The range lies outside the file.
    RangeNotSatisfiable,
    /// The Host header names a site that this appliance is not.
    Misdirected,
    /// Fields are wrong.
    InvalidFields,
    /// An uploaded file that is broken.
    DamagedMedia,
    /// The key came with another body.
    IdempotencyMismatch,
    /// No room in the queue.
    QueueFull,
    /// Too many requests.
    RateLimited,
    /// Our own fault.
    Internal,
    /// Starting, stopping or busy.
    Unavailable,
    /// The disk is full.
    StorageFull,
}

/// What the table says of a code.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// Its name in `error.code`, and the anchor of its section in `/docs/errors`.
    pub name: &'static str,
    /// The status it is answered with.
    pub status: StatusCode,
    /// What happened and what to do, for the docs.
    pub doc: &'static str,
}

const fn entry(code: Code, name: &'static str, status: StatusCode, doc: &'static str) -> Entry {
    Entry { code, name, status, doc }
}

/// Every code, by status.
pub const TABLE: &[Entry] = &[
    entry(
        Code::Malformed,
        "malformed",
        StatusCode::BAD_REQUEST,
        "The request can't be read: a damaged multipart body, a header with unusable characters, a query that can't be \
         decoded. The message says which. Nothing was done.",
    ),
    entry(
        Code::InvalidJson,
        "invalid_json",
        StatusCode::BAD_REQUEST,
        "The body is not JSON. The message names the line and the column. Nothing was done.",
    ),
    entry(
        Code::Unauthorized,
        "unauthorized",
        StatusCode::UNAUTHORIZED,
        "There is no credential, or it is unknown, revoked or expired. Send `Authorization: Bearer mp_live_…` with a \
         key made on the account page, or sign in.",
    ),
    entry(
        Code::InsufficientCredits,
        "insufficient_credits",
        StatusCode::PAYMENT_REQUIRED,
        "The account's credits don't cover what the job would hold. `details.required` and `details.available` say how \
         many are needed and there. Nothing was charged; `POST /v1/quote` tells a price beforehand.",
    ),
    entry(
        Code::Forbidden,
        "forbidden",
        StatusCode::FORBIDDEN,
        "The credential is good but may not do this. Keys, plans and sessions are managed by a person in a browser \
         session, not with an API key; what is under `/v1/admin` needs the session of an account that runs the \
         appliance.",
    ),
    entry(
        Code::MissingScope,
        "missing_scope",
        StatusCode::FORBIDDEN,
        "The key was made for other things. `details.scope` names what it lacks; a key's scopes are chosen when it is \
         made and don't change. Make another key in the studio.",
    ),
    entry(
        Code::CrossSite,
        "cross_site",
        StatusCode::FORBIDDEN,
        "A request that carries the browser's session cookie and changes something must come from the appliance's own \
         pages, with their CSRF token in `x-csrf-token`. Programs send a bearer credential instead of the cookie.",
    ),
    entry(
        Code::NotFound,
        "not_found",
        StatusCode::NOT_FOUND,
        "There is no such path, job, asset, key or voice, or it belongs to another account: the answer is the same. Live \
         and test credentials don't see each other's objects.",
    ),
    entry(
        Code::MethodNotAllowed,
        "method_not_allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "The path exists but not with this method. The `Allow` header lists those it has.",
    ),
    entry(
        Code::JobRunning,
        "job_running",
        StatusCode::CONFLICT,
        "A running job can't be deleted. Cancel it with `POST /v1/jobs/:id/cancel`, which releases its credits, then \
         delete it.",
    ),
    entry(
        Code::JobFinished,
        "job_finished",
        StatusCode::CONFLICT,
        "The job has ended already; there is nothing to cancel.",
    ),
    entry(
        Code::AssetInUse,
        "asset_in_use",
        StatusCode::CONFLICT,
        "A queued or running job needs the asset. Wait for it or cancel it, then delete the asset.",
    ),
    entry(
        Code::Conflict,
        "conflict",
        StatusCode::CONFLICT,
        "The request clashes with what is there, as the message tells: an address that has an account already, or a \
         number of keys at its limit.",
    ),
    entry(
        Code::IdempotencyInFlight,
        "idempotency_in_flight",
        StatusCode::CONFLICT,
        "The first request with this `Idempotency-Key` is being answered at this moment. Send the same request again \
         shortly to get its answer.",
    ),
    entry(
        Code::Expired,
        "expired",
        StatusCode::GONE,
        "The asset was removed when the time for which the operator keeps files was over.",
    ),
    entry(
        Code::TooLarge,
        "too_large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "The body, the file, its pixels or its length exceed what the operator allows. The message names the limit.",
    ),
    entry(
        Code::UnsupportedMediaType,
        "unsupported_media_type",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The body's `Content-Type` is not the one that the route takes: `application/json` for most, \
         `multipart/form-data` for `POST /v1/assets`.",
    ),
    entry(
        Code::UnsupportedMedia,
        "unsupported_media",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The uploaded bytes are of no kind that is read, or not of the `kind` that was named. The content is looked at; \
         its name and declared type are not believed. Nothing was kept.",
    ),
    entry(
        Code::RangeNotSatisfiable,
        "range_not_satisfiable",
        StatusCode::RANGE_NOT_SATISFIABLE,
        "The `Range` lies outside the file. `Content-Range` tells its length.",
    ),
    entry(
        Code::Misdirected,
        "misdirected",
        StatusCode::MISDIRECTED_REQUEST,
        "The `Host` header names a site that this appliance does not know itself by, which is how a foreign web page \
         would reach it through your browser. Set `public_url` when it stands behind a proxy of that name.",
    ),
    entry(
        Code::InvalidFields,
        "invalid_fields",
        StatusCode::UNPROCESSABLE_ENTITY,
        "Fields can't be used. `details.fields` lists all of them at once, each with `field`, `code` (`missing`, \
         `unknown`, `type`, `too_long`, `out_of_range`, `conflict`, `unsupported`, …) and `message`. Nothing was charged.",
    ),
    entry(
        Code::DamagedMedia,
        "damaged_media",
        StatusCode::UNPROCESSABLE_ENTITY,
        "The uploaded bytes are of a known kind but damaged, truncated or hostile. Nothing was kept.",
    ),
    entry(
        Code::IdempotencyMismatch,
        "idempotency_mismatch",
        StatusCode::UNPROCESSABLE_ENTITY,
        "This `Idempotency-Key` came with another body in the last 24 hours. Use a fresh key for a fresh request.",
    ),
    entry(
        Code::QueueFull,
        "queue_full",
        StatusCode::TOO_MANY_REQUESTS,
        "The queue of the account or of the appliance is full. Nothing was charged; try again after `Retry-After` \
         seconds.",
    ),
    entry(
        Code::RateLimited,
        "rate_limited",
        StatusCode::TOO_MANY_REQUESTS,
        "Too many requests in too short a time. Wait `Retry-After` seconds; the `RateLimit-*` headers of every answer \
         tell how many are left.",
    ),
    entry(
        Code::Internal,
        "internal",
        StatusCode::INTERNAL_SERVER_ERROR,
        "A fault of the appliance. Its log has the details under the same `request_id`.",
    ),
    entry(
        Code::Unavailable,
        "unavailable",
        StatusCode::SERVICE_UNAVAILABLE,
        "The appliance is starting, stopping or busy. Try again after `Retry-After` seconds.",
    ),
    entry(
        Code::StorageFull,
        "storage_full",
        StatusCode::INSUFFICIENT_STORAGE,
        "The appliance's disk has no room. Nothing was charged; the operator must make room.",
    ),
];

impl Code {
    /// What the table says of it.
    pub fn entry(self) -> &'static Entry {
        // The table's order is the enum's: the test below holds it.
        &TABLE[self as usize]
    }

    /// The code for a bare status that something below us answered.
    pub fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            status if status.is_client_error() => Self::Malformed,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_row_in_the_order_of_the_enum_and_of_the_statuses() {
        let mut names: Vec<&str> = TABLE.iter().map(|entry| entry.name).collect();
        for (i, entry) in TABLE.iter().enumerate() {
            assert_eq!(entry.code as usize, i, "{}", entry.name);
            assert!(entry.status.is_client_error() || entry.status.is_server_error());
            assert!(entry.doc.ends_with('.') && entry.doc.len() > 40, "{}", entry.name);
        }
        assert!(TABLE.is_sorted_by_key(|entry| entry.status.as_u16()));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }
}
