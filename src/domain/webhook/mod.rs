//! What a webhook tells, how it is signed and when it is tried again, after the Standard Webhooks specification 1.0.0
//! (standardwebhooks.com): headers `webhook-id`, `webhook-timestamp` and `webhook-signature`.

use std::{fmt, str::FromStr, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

mod target;

pub use target::{AllowList, Target};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventType {
    /// A job ended with its result.
    JobCompleted,
    /// A job ended without one.
    JobAborted,
    /// A person wants to see whether it arrives.
    Test,
}

impl EventType {
    const ALL: [Self; 3] = [Self::JobCompleted, Self::JobAborted, Self::Test];

    /// The name in the payload's `type` and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JobCompleted => "job.completed",
            Self::JobAborted => "job.aborted",
            Self::Test => "webhook.test",
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventType {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// What signs, shared by the appliance and the receiver.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// What every secret's text begins with.
const SECRET_PREFIX: &str = "whsec_";

impl Secret {
    /// A secret of these bytes; the specification wants 24 to 64 of them.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes.into())
    }

    /// One of the space-delimited parts of `webhook-signature`: HMAC-SHA256 over id, time and body, in base64.
    pub fn sign(&self, id: &str, at_seconds: i64, payload: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("any length is a key"));
        mac.update(format!("{id}.{at_seconds}.{payload}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SECRET_PREFIX}{}", STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl FromStr for Secret {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = text.strip_prefix(SECRET_PREFIX).and_then(|text| STANDARD.decode(text).ok());
        bytes.filter(|bytes| (24..=64).contains(&bytes.len())).map(Self).ok_or(())
    }
}

/// Attempts at most, from the first to the last of a delivery.
pub const TRIES_MAX: u32 = 10;
/// How long after the first attempt the second is made; each later wait is four times as long.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait.
const WAIT_MAX: Duration = Duration::from_hours(12);

/// How long to wait after the `tries`-th failure in a row (from 1); `None` gives up, a day and a half after the first.
///
/// `chance` (0 to 1) spreads the wait by a quarter to both sides, so that what failed together doesn't come together.
pub fn retry_after(tries: u32, chance: f64) -> Option<Duration> {
    if tries >= TRIES_MAX {
        return None;
    }
    let wait = FIRST_WAIT.saturating_mul(4_u32.saturating_pow(tries.saturating_sub(1))).min(WAIT_MAX);
    Some(wait.mul_f64(0.75 + chance.clamp(0.0, 1.0) / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference implementations.
    #[test]
    fn signs_as_the_specification_says() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_told_in_text_and_hides_from_logs() {
        let secret = Secret::new([7; 32]);
        assert_eq!(secret.to_string().parse(), Ok(secret.clone()));
        assert!(!format!("{secret:?}").contains("Bwc"));
        for bad in ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(bad.parse::<Secret>(), Err(()), "{bad}");
        }
    }

    #[test]
    fn waits_grow_to_half_a_day_and_end() {
        let waits: Vec<u64> = (1..TRIES_MAX).map(|tries| retry_after(tries, 0.5).unwrap().as_secs()).collect();
        assert_eq!(waits, [5, 20, 80, 320, 1280, 5120, 20480, 43200, 43200]);
        assert_eq!(retry_after(TRIES_MAX, 0.5), None);
        assert!(retry_after(3, 0.0).unwrap() < retry_after(3, 1.0).unwrap());
    }
}
