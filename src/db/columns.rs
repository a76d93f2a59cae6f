//! How the domain's types stand in columns: ids, digests and names as text, times and credits as integers.
//!
//! What a column holds that its type cannot read is an error that names the type; nothing is guessed.

use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use crate::domain::{
    asset::AssetKind,
    clock::Timestamp,
    credits::Credits,
    digest::Digest,
    ids::{AccountId, AssetId, EventId, InvitationId, JobId, KeyId, SessionId, TransferId},
    job::{AbortCode, Mode},
    scope::Scopes,
    webhook::{EventType, Secret},
};

/// A text in the database that is no value of the type it should be.
#[derive(Debug, thiserror::Error)]
#[error("a column does not hold a {0}")]
struct Unreadable(&'static str);

macro_rules! text_column {
    ($($name:ident),* $(,)?) => { $(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.to_string().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_str()?.parse().map_err(|_| FromSqlError::other(Unreadable(stringify!($name))))
            }
        }
    )* };
}

text_column!(AccountId, AssetId, EventId, InvitationId, JobId, KeyId, SessionId, TransferId);
text_column!(Digest, Mode, AssetKind, Scopes, EventType, Secret);

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.millis().into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_millis)
    }
}

impl ToSql for Credits {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.get().into())
    }
}

impl FromSql for Credits {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        u32::column_result(value).map(Self::new)
    }
}

impl ToSql for AbortCode {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        // The name that serde gives it is the name in the API: one spelling everywhere.
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => Ok(name.into()),
            _ => Err(rusqlite::Error::ToSqlConversionFailure(Box::new(Unreadable("AbortCode")))),
        }
    }
}

impl FromSql for AbortCode {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_value(value.as_str()?.into()).map_err(FromSqlError::other)
    }
}
