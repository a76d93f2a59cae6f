//! Money: what is held, charged and released, and what nobody can do to the ledger.

use super::*;
use crate::{
    db::ledger::{Finding, Kind, Purse},
    domain::{
        job::JobState,
        plan::{Plan, grant_moment},
    },
};

#[test]
fn a_hold_takes_free_credits_first_and_gives_back_where_it_came_from() {
    let mut conn = memory();
    let account = person(&mut conn, 1, 100);
    let new = new_job(live(account), 44);
    submit(&mut conn, &new).unwrap();
    assert_eq!(purses(&conn, account), (0, 57, 44));
    claim(&mut conn).unwrap();
    finish(&mut conn, new.id, 22).unwrap();
    assert_eq!(purses(&conn, account), (0, 79, 0));
    let rows = ledger::list_for_job(&conn, new.id).unwrap();
    let told: Vec<_> = rows.iter().map(|t| (t.kind, t.debit, t.credit, t.amount.get())).collect();
    assert_eq!(
        told,
        [
            (Kind::Hold, Purse::Signup, Purse::Held, 1),
            (Kind::Hold, Purse::Available, Purse::Held, 43),
            (Kind::Charge, Purse::Held, Purse::Revenue, 22),
            (Kind::Release, Purse::Held, Purse::Available, 22),
        ]
    );

    let cancelled = new_job(live(account), 79);
    submit(&mut conn, &cancelled).unwrap();
    happen(&mut conn, cancelled.id, &JobEvent::Cancelled).unwrap();
    assert_eq!(purses(&conn, account), (0, 79, 0));
    assert_sound(&conn);
}

#[test]
fn a_released_hold_returns_the_free_credit() {
    let mut conn = memory();
    let account = person(&mut conn, 1, 0);
    let new = new_job(live(account), 1);
    submit(&mut conn, &new).unwrap();
    claim(&mut conn).unwrap();
    happen(&mut conn, new.id, &failed()).unwrap();
    assert_eq!(purses(&conn, account), (1, 0, 0));
    assert_sound(&conn);
}

#[test]
fn deleting_a_queued_job_keeps_its_credits() {
    let mut conn = memory();
    let account = person(&mut conn, 1, 5);
    let new = new_job(live(account), 3);
    submit(&mut conn, &new).unwrap();
    let applied = within(&mut conn, |tx| jobs::delete(tx, live(account), new.id, NOON)).unwrap();
    assert_eq!(applied.state, JobState::Removed);
    assert_eq!(purses(&conn, account), (0, 3, 0));
    assert_eq!(jobs::find_any(&conn, new.id).unwrap(), None);
    assert_sound(&conn);
}

#[test]
fn an_overdraft_leaves_nothing_behind() {
    let mut conn = memory();
    let account = person(&mut conn, 1, 20);
    let new = new_job(live(account), 22);
    let refused = submit(&mut conn, &new).unwrap_err();
    assert!(
        matches!(refused, DbError::InsufficientCredits { required, available }
            if required == Credits::new(22) && available == Credits::new(21)),
        "{refused:?}"
    );
    assert_eq!(purses(&conn, account), (1, 20, 0));
    assert_eq!(number(&conn, "SELECT (SELECT COUNT(*) FROM jobs) + (SELECT COUNT(*) FROM holds)"), 0);
    assert_sound(&conn);
}

#[test]
fn the_database_itself_refuses_an_overdraft() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 5);
    let new = new_job(live(account), 5);
    submit(&mut conn, &new).unwrap();
    let sql = "UPDATE balances SET available = available - 1";
    let refused = conn.execute(sql, []).unwrap_err().to_string();
    assert!(refused.contains("no_overdraft"), "{refused}");
}

#[test]
fn the_ledger_can_only_be_appended_to() {
    let mut conn = memory();
    let account = person(&mut conn, 1, 5);
    submit(&mut conn, &new_job(live(account), 3)).unwrap();
    for sql in [
        "UPDATE transfers SET amount = 1000 WHERE kind = 'operator_grant'",
        "UPDATE transfers SET note = 'another'",
        "DELETE FROM transfers",
        "DELETE FROM holds",
        "UPDATE holds SET from_available = 0",
        "UPDATE holds SET resolved_at = 1, charged = 0",
        "INSERT OR REPLACE INTO transfers SELECT * FROM transfers WHERE seq = 1",
        "INSERT INTO transfers SELECT seq + 100, id || 'x', created_at, account_id, kind, debit, credit, amount, job_id,
            grant_anchor, grant_index, note, prev_hash, hash || 'x' FROM transfers WHERE kind = 'operator_grant'",
        "UPDATE jobs SET status = 'aborted', abort_code = 'cancelled', abort_message = '', finished_at = 1",
        "DELETE FROM jobs",
    ] {
        assert!(conn.execute(sql, []).is_err(), "{sql}");
    }
    assert_sound(&conn);
}

#[test]
fn a_hold_is_resolved_once() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 5);
    let new = new_job(live(account), 3);
    submit(&mut conn, &new).unwrap();
    happen(&mut conn, new.id, &JobEvent::Cancelled).unwrap();
    let again = within(&mut conn, |tx| ledger::resolve(tx, new.id, Credits::ZERO, NOON));
    assert!(matches!(again, Err(DbError::NotFound("open hold"))), "{again:?}");
    for sql in ["UPDATE holds SET charged = 3", "UPDATE holds SET resolved_at = NULL, charged = NULL"] {
        assert!(conn.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn nothing_is_held_for_a_free_job_or_a_test_job() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 0);
    let free = new_job(live(account), 0);
    submit(&mut conn, &free).unwrap();
    let test = new_job(Owner { account, livemode: false }, 0);
    submit(&mut conn, &test).unwrap();
    while let Some(id) = claim(&mut conn) {
        finish(&mut conn, id, 9).unwrap();
    }
    assert_eq!(purses(&conn, account), (0, 0, 0));
    let priced = new_job(Owner { account, livemode: false }, 1);
    assert!(matches!(submit(&mut conn, &priced), Err(DbError::Invalid(_))));
    assert_eq!(number(&conn, "SELECT COUNT(*) FROM holds"), 1);
    assert_sound(&conn);
}

#[test]
fn grants_are_given_once() {
    let mut conn = memory();
    let new = new_account("monthly@example.org");
    within(&mut conn, |tx| {
        accounts::create(tx, &new)?;
        assert!(ledger::grant_signup(tx, new.id, Credits::new(1), NOON)?);
        assert!(!ledger::grant_signup(tx, new.id, Credits::new(1), NOON)?);
        accounts::start_plan(tx, new.id, "studio", NOON)
    })
    .unwrap();
    let amount = Plan::defaults()[1].monthly_credit_grant;
    let later = grant_moment(NOON, 2);
    let mut given = 0;
    while let Some(due) = accounts::grants_due(&conn, later, 10).unwrap().pop() {
        assert_eq!((due.index, due.due_at), (given, grant_moment(NOON, given)));
        assert!(within(&mut conn, |tx| ledger::grant_monthly(tx, &due, amount, later)).unwrap());
        assert!(!within(&mut conn, |tx| ledger::grant_monthly(tx, &due, amount, later)).unwrap());
        given += 1;
    }
    assert_eq!((given, purses(&conn, new.id)), (3, (1, 3000, 0)));
    // Left and taken again with the same anchor: the grants of that anchor were given.
    within(&mut conn, |tx| accounts::start_plan(tx, new.id, "studio", NOON)).unwrap();
    let due = accounts::grants_due(&conn, later, 10).unwrap().pop().unwrap();
    assert!(!within(&mut conn, |tx| ledger::grant_monthly(tx, &due, amount, later)).unwrap());
    assert_eq!(accounts::grants_due(&conn, later, 10).unwrap()[0].index, 1);
    assert_eq!(purses(&conn, new.id), (1, 3000, 0));
    assert_sound(&conn);
}

#[test]
fn credits_do_not_overflow() {
    let mut conn = memory();
    let account = person(&mut conn, 1, 5);
    let refused =
        within(&mut conn, |tx| ledger::grant_by_operator(tx, account, Credits::new(u32::MAX - 5), "too much", NOON));
    assert!(matches!(refused, Err(DbError::TooManyCredits)), "{refused:?}");
    assert_eq!(purses(&conn, account), (1, 5, 0));
}

/// Each way of falsifying the ledger by hand, and what the audit must say of it.
#[test]
fn an_audit_names_what_was_falsified() {
    type Case = (&'static str, fn(&Finding) -> bool);
    let cases: [Case; 9] = [
        ("UPDATE transfers SET amount = 500 WHERE seq = 2", |f| matches!(f, Finding::WrongHash { seq: 2 })),
        ("UPDATE transfers SET note = 'another' WHERE seq = 2", |f| matches!(f, Finding::WrongHash { seq: 2 })),
        ("UPDATE transfers SET kind = 'bribe' WHERE seq = 2", |f| matches!(f, Finding::WrongHash { seq: 2 })),
        ("DELETE FROM transfers WHERE seq = 2", |f| matches!(f, Finding::Gap { seq: 3 })),
        ("DELETE FROM transfers WHERE seq = (SELECT MAX(seq) FROM transfers)", |f| {
            matches!(f, Finding::WrongBalance { .. })
        }),
        ("UPDATE transfers SET prev_hash = hash WHERE seq = 3", |f| matches!(f, Finding::BrokenLink { seq: 3 })),
        (
            "UPDATE balances SET available = available + 7",
            |f| matches!(f, Finding::WrongBalance { purse, recorded: 9, computed: 2, .. } if purse == "available"),
        ),
        ("UPDATE holds SET resolved_at = NULL, charged = NULL", |f| matches!(f, Finding::OpenHold { .. })),
        ("UPDATE jobs SET charged = 0", |f| matches!(f, Finding::WrongCharge { .. })),
    ];
    for (sql, expected) in cases {
        let mut conn = memory();
        let account = person(&mut conn, 1, 4);
        let new = new_job(live(account), 3);
        submit(&mut conn, &new).unwrap();
        claim(&mut conn).unwrap();
        finish(&mut conn, new.id, 3).unwrap();
        assert_sound(&conn);
        let triggers: Vec<String> = crate::db::listing::all(
            &conn,
            "SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'",
            [],
            |row| row.get(0),
        )
        .unwrap();
        conn.execute_batch(&triggers.join(";")).unwrap();
        conn.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
        assert!(conn.execute(sql, []).unwrap() > 0, "{sql}");
        let report = ledger::verify(&conn).unwrap();
        assert!(report.findings.iter().any(expected), "{sql}: {:?}", report.findings);
    }
}

#[test]
fn usage_and_past_balances_are_told() {
    let mut conn = memory();
    let account = person(&mut conn, 1, 9);
    let key = new_key(account);
    within(&mut conn, |tx| keys::create(tx, &key)).unwrap();
    for (cost, mode) in [(2, Mode::Audio), (3, Mode::Audio), (1, Mode::TextToImage)] {
        let new = NewJob { mode, key: (cost == 3).then_some(key.id), ..new_job(live(account), 3) };
        submit(&mut conn, &new).unwrap();
        claim(&mut conn).unwrap();
        finish(&mut conn, new.id, cost).unwrap();
    }
    let cancelled = new_job(live(account), 1);
    submit(&mut conn, &cancelled).unwrap();
    happen(&mut conn, cancelled.id, &JobEvent::Cancelled).unwrap();
    let rows = ledger::usage(&conn, account, (Timestamp::from_millis(0), NOON), false).unwrap();
    let told: Vec<_> = rows.iter().map(|r| (r.day.as_str(), r.mode, r.jobs, r.released, r.charged)).collect();
    assert_eq!(told, [("2026-11-22", Mode::Audio, 2, 0, 5), ("2026-11-22", Mode::TextToImage, 2, 1, 1)]);
    let rows = ledger::usage(&conn, account, (Timestamp::from_millis(0), NOON), true).unwrap();
    let told: Vec<_> =
        rows.iter().map(|r| (r.mode, r.key.as_ref().map(|(_, name)| name.as_str()), r.charged)).collect();
    let laptop = Some("laptop");
    assert_eq!(told, [(Mode::Audio, None, 2), (Mode::Audio, laptop, 3), (Mode::TextToImage, None, 1)]);
    let before = Timestamp::from_millis(NOON.millis() - 1);
    assert_eq!(ledger::usage(&conn, account, (Timestamp::from_millis(0), before), false).unwrap(), []);
    assert_eq!(ledger::balance_as_of(&conn, account, before).unwrap(), ledger::Balance::default());
    let now = ledger::balance(&conn, account).unwrap();
    assert_eq!(ledger::balance_as_of(&conn, account, NOON).unwrap(), now);
    assert_eq!(now.spendable(), Credits::new(4));
}
