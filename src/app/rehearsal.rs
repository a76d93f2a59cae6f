//! What test keys can ask for by magic words, so that an integration can try every outcome offline.
//!
//! A prompt (or voice text) that begins with one of these words has its outcome; everything else succeeds at once.
//! Only callers with a test credential come here: the words mean nothing to a live key.

use std::time::Duration;

use super::AppError;
use crate::domain::{
    credits::Credits,
    job::{AbortCode, AbortReason},
    request::Request,
};

/// How a test job is to go.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rehearsal {
    /// Succeed.
    Succeed,
    /// Take this long, with progress, then succeed.
    Slow(Duration),
    /// Be accepted, then end aborted.
    Abort(AbortReason),
}

/// Every magic word with what it does, for the documentation.
pub const MAGIC_WORDS: [(&str, &str); 8] = [
    ("test:abort", "accepted, then `aborted` with `model_failed`"),
    ("test:abort_input", "accepted, then `aborted` with `input_unusable`"),
    ("test:abort_timeout", "accepted, then `aborted` with `timeout`"),
    ("test:slow", "takes five seconds, with progress; cancel works"),
    ("test:insufficient_credits", "402 `insufficient_credits`"),
    ("test:rate_limited", "429 `rate_limited` with `Retry-After`"),
    ("test:queue_full", "429 `queue_full` with `Retry-After`"),
    ("test:storage_full", "507 `storage_full`"),
];

fn word(request: &Request) -> Option<&str> {
    let texts = [request.prompt(), request.speech().map(|speech| speech.voice_text.as_str())];
    texts.into_iter().flatten().find_map(|text| text.split_whitespace().next().filter(|word| word.starts_with("test:")))
}

/// Refuses the request, if its magic word says so.
pub(super) fn admit(request: &Request, price: Credits) -> Result<(), AppError> {
    match word(request) {
        Some("test:insufficient_credits") => {
            Err(AppError::InsufficientCredits { required: price, available: Credits::ZERO })
        }
        Some("test:rate_limited") => Err(AppError::RateLimited { retry_after_seconds: 1 }),
        Some("test:queue_full") => Err(AppError::QueueFull("the queue is full (test)".into())),
        Some("test:storage_full") => Err(AppError::StorageFull),
        _ => Ok(()),
    }
}

/// How the accepted job is to go.
pub(super) fn plan(request: &Request) -> Rehearsal {
    let abort = |code| Rehearsal::Abort(AbortReason::new(code, "The test prompt asked for this outcome."));
    match word(request) {
        Some("test:abort") => abort(AbortCode::ModelFailed),
        Some("test:abort_input") => abort(AbortCode::InputUnusable),
        Some("test:abort_timeout") => abort(AbortCode::Timeout),
        Some("test:slow") => Rehearsal::Slow(Duration::from_secs(5)),
        _ => Rehearsal::Succeed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(prompt: &str) -> Request {
        Request::parse(&json!({"mode": "text_to_image", "prompt": prompt})).unwrap()
    }

    #[test]
    fn every_magic_word_does_something_and_other_prompts_succeed() {
        for (word, what) in MAGIC_WORDS {
            let request = request(word);
            let refused = admit(&request, Credits::new(1)).is_err();
            assert_ne!(refused, plan(&request) != Rehearsal::Succeed, "{word}: {what}");
        }
        let plain = request("a cup, test: slow");
        assert!(admit(&plain, Credits::new(1)).is_ok() && plan(&plain) == Rehearsal::Succeed);
    }
}
