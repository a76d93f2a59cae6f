//! The audit of the ledger: everything that must be true of it, computed again from its rows.
//!
//! Trusts no trigger, no constraint and no balance. What it cannot see is a whole ledger rewritten consistently:
//! keep [`Report::head`] somewhere else (it is printed, and it goes into backups) to see that too.

use std::{collections::BTreeMap, fmt};

use rusqlite::Connection;
use serde::Serialize;

use super::chain::Stored;
use crate::{
    db::{DbError, listing},
    domain::digest::Digest,
};

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows walked.
    pub transfers: u64,
    /// The hash of the last row.
    pub head: Digest,
    /// Credits ever granted.
    pub issued: i64,
    /// Credits ever charged.
    pub revenue: i64,
    /// What is wrong; empty when the ledger is sound.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// A row is missing before this one.
    Gap {
        /// The row's number.
        seq: i64,
    },
    /// The row does not carry the hash of the row before it.
    BrokenLink {
        /// The row's number.
        seq: i64,
    },
    /// The row's contents are not those that were hashed.
    WrongHash {
        /// The row's number.
        seq: i64,
    },
    /// A balance is not the sum of its transfers.
    WrongBalance {
        /// Whose: an account's id, or `appliance`.
        owner: String,
        /// Which purse.
        purse: String,
        /// What the balance says.
        recorded: i64,
        /// What the transfers say.
        computed: i64,
    },
    /// A purse that is overdrawn by its transfers.
    Overdraft {
        /// The account's id.
        owner: String,
        /// Which purse.
        purse: String,
        /// The sum of its transfers.
        computed: i64,
    },
    /// A hold whose parts are not what was transferred.
    WrongHold {
        /// The job's id.
        job: String,
    },
    /// A hold that is open though its job has ended or is gone.
    OpenHold {
        /// The job's id.
        job: String,
    },
    /// A job that should have a hold in its state, and has not.
    MissingHold {
        /// The job's id.
        job: String,
    },
    /// A job that says it was charged something else than its hold says.
    WrongCharge {
        /// The job's id.
        job: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { seq } => write!(f, "a transfer is missing before number {seq}"),
            Self::BrokenLink { seq } => write!(f, "transfer {seq} does not follow the one before it"),
            Self::WrongHash { seq } => write!(f, "transfer {seq} is not as it was written"),
            Self::WrongBalance { owner, purse, recorded, computed } => {
                write!(f, "the {purse} balance of {owner} says {recorded}, its transfers say {computed}")
            }
            Self::Overdraft { owner, purse, computed } => {
                write!(f, "the {purse} purse of {owner} stands at {computed}")
            }
            Self::WrongHold { job } => write!(f, "the hold for {job} is not what was transferred for it"),
            Self::OpenHold { job } => write!(f, "the hold for {job} is open though the job has ended"),
            Self::MissingHold { job } => write!(f, "{job} has no hold that fits its state"),
            Self::WrongCharge { job } => write!(f, "{job} and its hold name different charges"),
        }
    }
}

type Sums = BTreeMap<(String, String), i64>;

/// Audits the whole ledger in one snapshot.
pub fn verify(conn: &Connection) -> Result<Report, DbError> {
    let mut findings = Vec::new();
    let (transfers, head, sums) = walk_chain(conn, &mut findings)?;
    compare_balances(conn, &sums, &mut findings)?;
    check_holds(conn, &mut findings)?;
    let system = |purse: &str| sums.get(&(APPLIANCE.to_owned(), purse.to_owned())).copied().unwrap_or(0);
    Ok(Report { transfers, head, issued: -system("issued"), revenue: system("revenue"), findings })
}

/// The owner of the purses `issued` and `revenue`.
const APPLIANCE: &str = "appliance";

fn walk_chain(conn: &Connection, findings: &mut Vec<Finding>) -> Result<(u64, Digest, Sums), DbError> {
    let mut statement = conn.prepare(
        "SELECT seq, id, created_at, account_id, kind, debit, credit, amount, job_id, grant_anchor, grant_index, \
         note, prev_hash, hash FROM transfers ORDER BY seq",
    )?;
    let mut rows = statement.query([])?;
    let (mut count, mut last, mut head, mut sums) = (0, 0, Digest::ZERO, Sums::new());
    while let Some(row) = rows.next()? {
        let stored = Stored {
            seq: row.get(0)?,
            id: row.get(1)?,
            created_at: row.get(2)?,
            account: row.get(3)?,
            kind: row.get(4)?,
            debit: row.get(5)?,
            credit: row.get(6)?,
            amount: row.get(7)?,
            job: row.get(8)?,
            grant_anchor: row.get(9)?,
            grant_index: row.get(10)?,
            note: row.get(11)?,
        };
        let (previous, hash): (String, String) = (row.get(12)?, row.get(13)?);
        let seq = stored.seq;
        if seq != last + 1 {
            findings.push(Finding::Gap { seq });
        }
        if previous != head.to_string() {
            findings.push(Finding::BrokenLink { seq });
        }
        // Against the link it names, so that one altered row is one finding and not all that follow.
        let named = previous.parse().unwrap_or(head);
        if stored.hash(&named).to_string() != hash {
            findings.push(Finding::WrongHash { seq });
        }
        for (purse, sign) in [(&stored.debit, -1), (&stored.credit, 1)] {
            let is_system = matches!(purse.as_str(), "issued" | "revenue");
            let owner = if is_system { APPLIANCE } else { &stored.account };
            let sum = sums.entry((owner.to_owned(), purse.clone())).or_default();
            *sum = sum.saturating_add(stored.amount.saturating_mul(sign));
        }
        head = hash.parse().unwrap_or(head);
        last = seq;
        count += 1;
    }
    Ok((count, head, sums))
}

fn compare_balances(conn: &Connection, sums: &Sums, findings: &mut Vec<Finding>) -> Result<(), DbError> {
    let mut recorded = Sums::new();
    let balances = listing::all(conn, "SELECT account_id, signup, available, held FROM balances", [], |row| {
        Ok((row.get::<_, String>(0)?, [row.get::<_, i64>(1)?, row.get(2)?, row.get(3)?]))
    })?;
    for (owner, amounts) in balances {
        for (purse, amount) in ["signup", "available", "held"].into_iter().zip(amounts) {
            recorded.insert((owner.clone(), purse.into()), amount);
        }
    }
    let (issued, revenue) = conn.query_row("SELECT issued, revenue FROM system_balances", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    })?;
    recorded.insert((APPLIANCE.into(), "issued".into()), -issued);
    recorded.insert((APPLIANCE.into(), "revenue".into()), revenue);
    let mut all: Vec<_> = recorded.keys().chain(sums.keys()).collect();
    all.sort();
    all.dedup();
    for key in all {
        let (owner, purse) = key.clone();
        let computed = sums.get(key).copied().unwrap_or(0);
        let recorded = recorded.get(key).copied().unwrap_or(0);
        if computed < 0 && owner != APPLIANCE {
            findings.push(Finding::Overdraft { owner: owner.clone(), purse: purse.clone(), computed });
        }
        if recorded != computed {
            findings.push(Finding::WrongBalance { owner, purse, recorded, computed });
        }
    }
    Ok(())
}

/// A statement that lists job ids, and what each of them means.
type Check = (&'static str, fn(String) -> Finding);

const CHECKS: [Check; 4] = [
    (
        "SELECT job_id FROM holds h WHERE
            from_signup <> (SELECT COALESCE(SUM(amount), 0) FROM transfers t
                WHERE t.job_id = h.job_id AND kind = 'hold' AND debit = 'signup')
            OR from_available <> (SELECT COALESCE(SUM(amount), 0) FROM transfers t
                WHERE t.job_id = h.job_id AND kind = 'hold' AND debit = 'available')
            OR COALESCE(charged, 0) <> (SELECT COALESCE(SUM(amount), 0) FROM transfers t
                WHERE t.job_id = h.job_id AND kind = 'charge')
            OR (SELECT COALESCE(SUM(amount), 0) FROM transfers t
                WHERE t.job_id = h.job_id AND kind IN ('charge', 'release'))
                <> CASE WHEN resolved_at IS NULL THEN 0 ELSE from_signup + from_available END
            OR EXISTS (SELECT 1 FROM transfers t WHERE t.job_id = h.job_id AND t.account_id <> h.account_id)
        UNION SELECT job_id FROM transfers WHERE job_id IS NOT NULL AND job_id NOT IN (SELECT job_id FROM holds)",
        |job| Finding::WrongHold { job },
    ),
    (
        "SELECT job_id FROM holds LEFT JOIN jobs ON jobs.id = holds.job_id
        WHERE resolved_at IS NULL AND (status IS NULL OR status NOT IN ('queued', 'running'))",
        |job| Finding::OpenHold { job },
    ),
    (
        "SELECT id FROM jobs LEFT JOIN holds ON holds.job_id = jobs.id AND holds.account_id = jobs.account_id
            AND from_signup + from_available = held
        WHERE livemode = 1 AND (job_id IS NULL OR (status IN ('queued', 'running') AND resolved_at IS NOT NULL))",
        |job| Finding::MissingHold { job },
    ),
    (
        "SELECT id FROM jobs JOIN holds ON holds.job_id = jobs.id
        WHERE status IN ('completed', 'aborted') AND resolved_at IS NOT NULL
            AND COALESCE(jobs.charged, 0) <> holds.charged",
        |job| Finding::WrongCharge { job },
    ),
];

fn check_holds(conn: &Connection, findings: &mut Vec<Finding>) -> Result<(), DbError> {
    for (sql, finding) in CHECKS {
        findings.extend(listing::all(conn, sql, [], |row| row.get(0))?.into_iter().map(finding));
    }
    Ok(())
}
