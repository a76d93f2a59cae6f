//! The two phases of a job's payment: a hold when it is accepted, one resolution when it ends.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{
    balance,
    chain::{Entry, Kind, Purse, append},
};
use crate::{
    db::DbError,
    domain::{
        clock::Timestamp,
        credits::Credits,
        ids::{AccountId, JobId, KeyId},
        job::Mode,
    },
};

/// Credits to be set aside for a job.
pub(in crate::db) struct NewHold {
    pub(in crate::db) job: JobId,
    pub(in crate::db) account: AccountId,
    pub(in crate::db) key: Option<KeyId>,
    pub(in crate::db) mode: Mode,
    pub(in crate::db) amount: Credits,
}

/// Sets credits aside, sign-up credits first.
///
/// # Errors
/// [`DbError::InsufficientCredits`]; nothing was written then.
pub(in crate::db) fn hold(tx: &Transaction<'_>, new: &NewHold, now: Timestamp) -> Result<(), DbError> {
    let before = balance(tx, new.account)?;
    let from_signup = new.amount.min(before.signup);
    let from_available = minus(new.amount, from_signup)?;
    if from_available > before.available {
        return Err(DbError::InsufficientCredits { required: new.amount, available: before.spendable() });
    }
    tx.prepare_cached(
        "INSERT INTO holds (job_id, account_id, mode, from_signup, from_available, created_at, key_id) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![new.job, new.account, new.mode, from_signup, from_available, now, new.key])?;
    for (debit, amount) in [(Purse::Signup, from_signup), (Purse::Available, from_available)] {
        let entry = Entry::new(new.account, Kind::Hold, amount);
        append(tx, &Entry { debit, job: Some(new.job), ..entry }, now)?;
    }
    Ok(())
}

/// Takes `charged` of what is held for the job, its sign-up part first, and gives the rest back where it came from.
pub(in crate::db) fn resolve(
    tx: &Transaction<'_>,
    job: JobId,
    charged: Credits,
    now: Timestamp,
) -> Result<(), DbError> {
    let open = tx
        .prepare_cached(
            "SELECT account_id, from_signup, from_available FROM holds WHERE job_id = ?1 AND resolved_at IS NULL",
        )?
        .query_row([job], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (account, from_signup, from_available): (AccountId, Credits, Credits) =
        open.ok_or(DbError::NotFound("open hold"))?;
    let signup_charged = charged.min(from_signup);
    let back_to_signup = minus(from_signup, signup_charged)?;
    let back_to_available = minus(from_available, minus(charged, signup_charged)?)?;
    let append_for_job = |entry: Entry<'_>| append(tx, &Entry { job: Some(job), ..entry }, now);
    append_for_job(Entry::new(account, Kind::Charge, charged))?;
    for (credit, amount) in [(Purse::Signup, back_to_signup), (Purse::Available, back_to_available)] {
        append_for_job(Entry { credit, ..Entry::new(account, Kind::Release, amount) })?;
    }
    tx.prepare_cached("UPDATE holds SET resolved_at = ?2, charged = ?3 WHERE job_id = ?1")?
        .execute(params![job, now, charged])?;
    Ok(())
}

fn minus(whole: Credits, part: Credits) -> Result<Credits, DbError> {
    whole.checked_sub(part).ok_or(DbError::Invalid("a charge above the hold"))
}
