//! The chain of hashes: how a row is encoded, hashed and appended.
//!
//! A row's hash is the SHA-256 of the tag `magicpixels ledger 1`, the hash before it, and its columns in order.
//! A text is its length in bytes (eight bytes, big-endian) and its UTF-8; a number is eight bytes, big-endian two's
//! complement; an optional value is a zero byte, or a one byte and the value. No two rows share an encoding.

use rusqlite::{
    Connection, OptionalExtension, ToSql, Transaction, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use sha2::{Digest as _, Sha256};

use crate::{
    db::DbError,
    domain::{
        clock::Timestamp,
        credits::Credits,
        digest::Digest,
        ids::{AccountId, JobId, TransferId},
    },
};

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// The name in the database and in the API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(FromSqlError::InvalidType),
                }
            }
        }
    };
}

names!(
    /// What a transfer is.
    Kind {
        /// The free credits of a new account.
        SignupGrant = "signup_grant",
        /// What a plan grants each month.
        MonthlyGrant = "monthly_grant",
        /// What the operator gave.
        OperatorGrant = "operator_grant",
        /// Credits set aside for a job.
        Hold = "hold",
        /// Held credits taken for a job.
        Charge = "charge",
        /// Held credits given back.
        Release = "release",
    }
);
names!(
    /// Where credits lie.
    Purse {
        /// The appliance's: where grants come from.
        Issued = "issued",
        /// The person's free sign-up credits.
        Signup = "signup",
        /// The person's other credits.
        Available = "available",
        /// The person's credits set aside for jobs.
        Held = "held",
        /// The appliance's: where charges go.
        Revenue = "revenue",
    }
);

/// A transfer to be appended.
pub(super) struct Entry<'a> {
    pub(super) account: AccountId,
    pub(super) kind: Kind,
    pub(super) debit: Purse,
    pub(super) credit: Purse,
    pub(super) amount: Credits,
    pub(super) job: Option<JobId>,
    /// The plan's anchor and the grant's number, for monthly grants.
    pub(super) grant: Option<(Timestamp, u32)>,
    pub(super) note: &'a str,
}

impl Entry<'_> {
    /// An entry of `kind` between the purses that are usual for it.
    pub(super) const fn new(account: AccountId, kind: Kind, amount: Credits) -> Self {
        let (debit, credit) = match kind {
            Kind::SignupGrant => (Purse::Issued, Purse::Signup),
            Kind::MonthlyGrant | Kind::OperatorGrant => (Purse::Issued, Purse::Available),
            Kind::Hold => (Purse::Available, Purse::Held),
            Kind::Charge => (Purse::Held, Purse::Revenue),
            Kind::Release => (Purse::Held, Purse::Available),
        };
        Self { account, kind, debit, credit, amount, job: None, grant: None, note: "" }
    }
}

/// The columns of a row as they are stored, so that a row that makes no sense can still be hashed.
pub(super) struct Stored {
    pub(super) seq: i64,
    pub(super) id: String,
    pub(super) created_at: i64,
    pub(super) account: String,
    pub(super) kind: String,
    pub(super) debit: String,
    pub(super) credit: String,
    pub(super) amount: i64,
    pub(super) job: Option<String>,
    pub(super) grant_anchor: Option<i64>,
    pub(super) grant_index: Option<i64>,
    pub(super) note: String,
}

impl Stored {
    /// The hash of this row behind a row whose hash is `previous`.
    pub(super) fn hash(&self, previous: &Digest) -> Digest {
        let mut encoding = Encoding(Sha256::new_with_prefix(b"magicpixels ledger 1"));
        encoding.0.update(previous.as_bytes());
        encoding.number(self.seq);
        encoding.text(&self.id);
        encoding.number(self.created_at);
        encoding.text(&self.account);
        encoding.text(&self.kind);
        encoding.text(&self.debit);
        encoding.text(&self.credit);
        encoding.number(self.amount);
        encoding.optional(self.job.as_ref(), |e, job| e.text(job));
        encoding.optional(self.grant_anchor.as_ref(), |e, anchor| e.number(*anchor));
        encoding.optional(self.grant_index.as_ref(), |e, index| e.number(*index));
        encoding.text(&self.note);
        Digest::from_bytes(encoding.0.finalize().into())
    }
}

struct Encoding(Sha256);

impl Encoding {
    fn number(&mut self, value: i64) {
        self.0.update(value.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text);
    }

    fn optional<T>(&mut self, value: Option<&T>, encode: impl FnOnce(&mut Self, &T)) {
        self.0.update([u8::from(value.is_some())]);
        if let Some(value) = value {
            encode(self, value);
        }
    }
}

/// The number and the hash of the last row; zero and zeros for an empty ledger.
pub(super) fn head(conn: &Connection) -> Result<(i64, Digest), DbError> {
    let mut statement = conn.prepare_cached("SELECT seq, hash FROM transfers ORDER BY seq DESC LIMIT 1")?;
    let head = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(head.unwrap_or((0, Digest::ZERO)))
}

/// Appends a transfer; one of no credits is left out.
pub(super) fn append(tx: &Transaction<'_>, entry: &Entry<'_>, now: Timestamp) -> Result<(), DbError> {
    if entry.amount == Credits::ZERO {
        return Ok(());
    }
    let (last, previous) = head(tx)?;
    let row = Stored {
        seq: last + 1,
        id: TransferId::new().to_string(),
        created_at: now.millis(),
        account: entry.account.to_string(),
        kind: entry.kind.as_str().into(),
        debit: entry.debit.as_str().into(),
        credit: entry.credit.as_str().into(),
        amount: entry.amount.get().into(),
        job: entry.job.map(|job| job.to_string()),
        grant_anchor: entry.grant.map(|(anchor, _)| anchor.millis()),
        grant_index: entry.grant.map(|(_, index)| index.into()),
        note: entry.note.into(),
    };
    let hash = row.hash(&previous);
    tx.prepare_cached(
        "INSERT INTO transfers (seq, id, created_at, account_id, kind, debit, credit, amount, job_id, grant_anchor, \
         grant_index, note, prev_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        row.seq,
        row.id,
        row.created_at,
        row.account,
        row.kind,
        row.debit,
        row.credit,
        row.amount,
        row.job,
        row.grant_anchor,
        row.grant_index,
        row.note,
        previous,
        hash,
    ])?;
    Ok(())
}
