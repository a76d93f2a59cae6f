//! Typed identifiers: a prefix that names the kind and a `UUIDv7`, so that ids sort by creation.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}<32 hex digits>")]
pub struct InvalidId {
    /// The prefix that was expected, for example `job_`.
    pub prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id, later in order than any made before it on this machine.
            #[expect(clippy::new_without_default, reason = "two new ids differ, a default would not say so")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix($prefix)
                    .filter(|hex| hex.len() == 32 && !hex.bytes().any(|b| b.is_ascii_uppercase()))
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(InvalidId { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A generation job.
    JobId,
    "job_"
);
id!(
    /// An uploaded or generated media asset.
    AssetId,
    "ast_"
);
id!(
    /// A person's account.
    AccountId,
    "acc_"
);
id!(
    /// An API key.
    KeyId,
    "key_"
);
id!(
    /// One row of the ledger.
    TransferId,
    "txn_"
);
id!(
    /// A browser session.
    SessionId,
    "ses_"
);
id!(
    /// One event that a webhook tells of.
    EventId,
    "evt_"
);
id!(
    /// An invitation to make an account.
    InvitationId,
    "inv_"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_sorts_by_creation() {
        let (a, b) = (JobId::new(), JobId::new());
        assert!(a < b && a.to_string() < b.to_string());
        assert_eq!(a.to_string().parse(), Ok(a));
    }

    #[test]
    fn refuses_other_kinds_and_other_spellings() {
        let job = JobId::new().to_string();
        assert!(job.parse::<AssetId>().is_err());
        assert!(job.to_uppercase().parse::<JobId>().is_err());
        for bad in ["", "job_", "job_123", "job_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "job_id"] {
            assert!(bad.parse::<JobId>().is_err(), "{bad}");
        }
    }
}
