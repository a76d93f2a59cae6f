//! How many requests a credential may send: a token bucket each (GCRA), told in the `RateLimit-*` headers.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use super::errors::{ApiError, Code};

/// Full buckets are forgotten once in this many requests, so that the table doesn't grow for ever.
const FORGET_EVERY: u32 = 1024;

/// One bucket a key.
pub(super) struct Limiter<K: Hash + Eq + Clone> {
    buckets: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    per_minute: u32,
    checks: AtomicU32,
}

/// What is left in a bucket, for the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    limit: u32,
    remaining: u32,
    reset_seconds: u64,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    pub(super) fn new(per_minute: u32) -> Self {
        let rate = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(rate);
        Self {
            buckets: RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>(),
            per_minute: rate.get(),
            checks: AtomicU32::new(0),
        }
    }

    /// Takes one request from the bucket of `key`; the error carries when to come back.
    pub(super) fn check(&self, key: &K) -> Result<Allowance, (Allowance, ApiError)> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.buckets.retain_recent();
        }
        match self.buckets.check_key(key) {
            Ok(state) => Ok(self.allowance(state.remaining_burst_capacity())),
            Err(refused) => {
                let wait = refused.wait_time_from(DefaultClock::default().now()).max(Duration::from_secs(1));
                let seconds = wait.as_secs_f64().ceil() as u64;
                let message = format!("Too many requests: {} a minute are allowed.", self.per_minute);
                let error =
                    ApiError { retry_after_seconds: Some(seconds), ..ApiError::new(Code::RateLimited, message) };
                Err((Allowance { limit: self.per_minute, remaining: 0, reset_seconds: seconds }, error))
            }
        }
    }

    fn allowance(&self, remaining: u32) -> Allowance {
        let used = u64::from(self.per_minute.saturating_sub(remaining));
        Allowance { limit: self.per_minute, remaining, reset_seconds: (used * 60).div_ceil(u64::from(self.per_minute)) }
    }
}

impl Allowance {
    /// Writes the headers that the IETF draft "`RateLimit` header fields for HTTP" (version 3) names.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        let mut set = |name: &'static str, value: HeaderValue| headers.insert(HeaderName::from_static(name), value);
        set("ratelimit-limit", HeaderValue::from(self.limit));
        set("ratelimit-remaining", HeaderValue::from(self.remaining));
        set("ratelimit-reset", HeaderValue::from(self.reset_seconds));
        if let Ok(policy) = HeaderValue::from_str(&format!("{};w=60", self.limit)) {
            set("ratelimit-policy", policy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_for_one_key_and_not_for_another() {
        let limiter = Limiter::new(3);
        let left: Vec<u32> = (0..3).map(|_| limiter.check(&"a").unwrap().remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let (allowance, error) = limiter.check(&"a").unwrap_err();
        assert_eq!((allowance.remaining, error.code), (0, Code::RateLimited));
        assert!((1..=20).contains(&error.retry_after_seconds.unwrap()));
        assert_eq!(limiter.check(&"b").unwrap().remaining, 2);
    }
}
