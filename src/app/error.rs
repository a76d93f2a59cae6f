//! Everything that a use case can refuse, in the product's own words; `web/errors` maps it to HTTP.

use crate::domain::{credits::Credits, field::FieldError};

/// Why a use case did not happen. Nothing of it happened: what was begun was rolled back.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No credential, or one that is unknown, revoked or expired.
    #[error("the credential is missing, unknown, revoked or expired")]
    Unauthorized,
    /// The credential is good but may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such thing, or it belongs to someone else.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// It was there until its time was over.
    #[error("the {0} was removed when the time for which files are kept was over")]
    Expired(&'static str),
    /// The request cannot be read at all.
    #[error("{0}")]
    Malformed(String),
    /// Fields are wrong; all of them are named.
    #[error("{} of the request's fields can't be used", .0.len())]
    Invalid(Vec<FieldError>),
    /// The account's credits don't cover the hold.
    #[error("the job needs {required} credits, {available} are available")]
    InsufficientCredits {
        /// What the job would hold.
        required: Credits,
        /// What the account can spend.
        available: Credits,
    },
    /// The job runs; it must be cancelled before it can be deleted.
    #[error("the job is running; cancel it first")]
    JobRunning,
    /// The job has ended; there is nothing to cancel.
    #[error("the job has ended already")]
    JobFinished,
    /// A queued or running job needs the asset.
    #[error("a queued or running job needs the asset")]
    AssetInUse,
    /// Something of that name exists.
    #[error("{0}")]
    Conflict(String),
    /// The first request with this idempotency key is still being answered.
    #[error("a request with this idempotency key is being answered right now")]
    IdempotencyInFlight,
    /// The idempotency key was used with another body.
    #[error("this idempotency key was used with another request body")]
    IdempotencyMismatch,
    /// The bytes are of no kind that is read, or not of the kind that was named.
    #[error("{0}")]
    UnsupportedMedia(String),
    /// The bytes are of a known kind but damaged.
    #[error("{0}")]
    DamagedMedia(String),
    /// Something is larger than the operator allows.
    #[error("{0}")]
    TooLarge(String),
    /// The queue is full, the account's or the appliance's.
    #[error("{0}")]
    QueueFull(String),
    /// Too many requests in too short a time.
    #[error("too many requests; try again in {retry_after_seconds} s")]
    RateLimited {
        /// When to come back.
        retry_after_seconds: u64,
    },
    /// The disk has no room.
    #[error("the appliance's disk is full")]
    StorageFull,
    /// The appliance is stopping or not ready.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours; the text is for the operator's log, not for the client.
    #[error("{0}")]
    Internal(String),
}
