//! Accounts, sessions, keys and what else belongs to a person.

use std::time::Duration;

use super::*;
use crate::{
    db::{
        Page, idempotency,
        idempotency::Begun,
        invitations::{self, Invitation},
        sessions::{self, Session},
    },
    domain::{
        ids::{InvitationId, SessionId},
        scope::Scopes,
    },
};

#[test]
fn an_email_address_is_taken_in_every_case() {
    let mut conn = memory();
    let new = new_account("Ada.Ünal@Example.org");
    within(&mut conn, |tx| accounts::create(tx, &new)).unwrap();
    for same in ["ada.ünal@example.org", "ADA.ÜNAL@EXAMPLE.ORG", " Ada.Ünal@Example.org "] {
        let again = within(&mut conn, |tx| accounts::create(tx, &new_account(same)));
        assert!(matches!(again, Err(DbError::EmailTaken)), "{same}: {again:?}");
        assert_eq!(accounts::find_by_email(&conn, same).unwrap().unwrap().email, new.email);
    }
    assert_eq!(accounts::find_by_email(&conn, "ada@example.org").unwrap(), None);
    assert_eq!(accounts::count(&conn).unwrap(), 1);
}

#[test]
fn an_account_changes_as_it_is_told() {
    let mut conn = memory();
    let id = person(&mut conn, 0, 0);
    within(&mut conn, |tx| {
        accounts::set_password_hash(tx, id, "new")?;
        accounts::set_disabled(tx, id, true)?;
        accounts::set_admin(tx, id, true)?;
        accounts::request_plan(tx, id, "pro", NOON)
    })
    .unwrap();
    let account = accounts::find(&conn, id).unwrap().unwrap();
    assert_eq!((account.password_hash.as_str(), account.is_disabled, account.is_admin), ("new", true, true));
    assert_eq!(account.subscription.pending, Some(("pro".into(), NOON)));
    assert_eq!(accounts::list_pending(&conn).unwrap(), [account]);
    assert_eq!(accounts::grants_due(&conn, NOON, 9).unwrap(), [], "a disabled account is granted nothing");
    within(&mut conn, |tx| accounts::start_plan(tx, id, "pro", NOON)).unwrap();
    let subscription = accounts::find(&conn, id).unwrap().unwrap().subscription;
    assert_eq!((subscription.plan.as_str(), subscription.pending), ("pro", None));
    let nobody = within(&mut conn, |tx| accounts::set_disabled(tx, AccountId::new(), true));
    assert!(matches!(nobody, Err(DbError::NotFound("account"))));
    let other = person(&mut conn, 0, 0);
    let listing = accounts::list(&conn, Page::first(1)).unwrap();
    assert_eq!((listing.items[0].id, listing.has_more), (other, true));
    let rest = accounts::list(&conn, Page { limit: 1, after: Some(other) }).unwrap();
    assert_eq!((rest.items[0].id, rest.has_more), (id, false));
}

#[test]
fn sessions_end() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 0);
    let hour = Duration::from_hours(1);
    let new = |token: &[u8]| Session {
        id: SessionId::new(),
        account,
        token_hash: Digest::of(token),
        label: "Firefox".into(),
        created_at: NOON,
        expires_at: NOON.plus(hour),
        last_seen_at: NOON,
    };
    let (one, two, three) = (new(b"1"), new(b"2"), new(b"3"));
    within(&mut conn, |tx| [&one, &two, &three].into_iter().try_for_each(|s| sessions::create(tx, s))).unwrap();
    assert_eq!(sessions::find(&conn, &one.token_hash, NOON).unwrap(), Some(one.clone()));
    assert_eq!(sessions::find(&conn, &Digest::of(b"4"), NOON).unwrap(), None);
    assert_eq!(sessions::find(&conn, &one.token_hash, NOON.plus(hour)).unwrap(), None);
    within(&mut conn, |tx| sessions::touch(tx, one.id, NOON.plus(hour / 2), NOON.plus(hour * 2))).unwrap();
    assert!(sessions::find(&conn, &one.token_hash, NOON.plus(hour)).unwrap().is_some());
    assert_eq!(sessions::list(&conn, account, NOON).unwrap()[0].id, one.id);
    assert!(!within(&mut conn, |tx| sessions::revoke(tx, AccountId::new(), two.id)).unwrap());
    assert!(within(&mut conn, |tx| sessions::revoke(tx, account, two.id)).unwrap());
    assert_eq!(within(&mut conn, |tx| sessions::purge_expired(tx, NOON.plus(hour))).unwrap(), 1);
    within(&mut conn, |tx| sessions::create(tx, &two)).unwrap();
    assert_eq!(within(&mut conn, |tx| sessions::revoke_all(tx, account, Some(one.id))).unwrap(), 1);
    assert_eq!(within(&mut conn, |tx| sessions::revoke_all(tx, account, None)).unwrap(), 1);
}

#[test]
fn keys_are_revoked_and_stay_named() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 0);
    let key = Key {
        livemode: false,
        scopes: Scopes::parse(["jobs:read"]).unwrap(),
        expires_at: Some(NOON.plus(Duration::from_hours(1))),
        ..new_key(account)
    };
    within(&mut conn, |tx| keys::create(tx, &key)).unwrap();
    assert_eq!(keys::find(&conn, key.id).unwrap(), Some(key.clone()));
    within(&mut conn, |tx| keys::touch(tx, key.id, NOON)).unwrap();
    assert!(!within(&mut conn, |tx| keys::rename(tx, AccountId::new(), key.id, "theirs")).unwrap());
    assert!(within(&mut conn, |tx| keys::rename(tx, account, key.id, "tablet")).unwrap());
    assert_eq!(keys::count_working(&conn, account, NOON).unwrap(), 1);
    assert_eq!(keys::count_working(&conn, account, NOON.plus(Duration::from_hours(1))).unwrap(), 0, "it has expired");
    assert!(!within(&mut conn, |tx| keys::revoke(tx, AccountId::new(), key.id, NOON)).unwrap());
    assert!(within(&mut conn, |tx| keys::revoke(tx, account, key.id, NOON)).unwrap());
    assert!(!within(&mut conn, |tx| keys::revoke(tx, account, key.id, NOON)).unwrap());
    let expected = Key { name: "tablet".into(), last_used_at: Some(NOON), revoked_at: Some(NOON), ..key };
    assert_eq!(keys::list(&conn, account).unwrap(), [expected]);
}

#[test]
fn an_invitation_works_once_and_in_its_time() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 0);
    let new = |token: &[u8]| Invitation {
        id: InvitationId::new(),
        token_hash: Digest::of(token),
        note: "Bob".into(),
        created_at: NOON,
        expires_at: NOON.plus(Duration::from_hours(1)),
        used: None,
    };
    let (one, two) = (new(b"1"), new(b"2"));
    within(&mut conn, |tx| invitations::create(tx, &one).and_then(|()| invitations::create(tx, &two))).unwrap();
    let mut redeem = |hash, at| within(&mut conn, |tx| invitations::redeem(tx, &hash, account, at)).unwrap();
    assert_eq!(redeem(Digest::of(b"3"), NOON), None);
    assert_eq!(redeem(two.token_hash, NOON.plus(Duration::from_hours(1))), None, "too late");
    assert_eq!(redeem(one.token_hash, NOON), Some(one.id));
    assert_eq!(redeem(one.token_hash, NOON), None, "once");
    assert!(
        conn.execute("UPDATE invitations SET used_at = NULL, used_by = NULL", []).is_err(),
        "the database says so too"
    );
    let used = Invitation { used: Some((NOON, account)), ..one.clone() };
    assert_eq!(invitations::list(&conn, Page::first(9)).unwrap().items, [two, used]);
    assert!(within(&mut conn, |tx| invitations::delete(tx, one.id)).unwrap());
    assert!(!within(&mut conn, |tx| invitations::delete(tx, one.id)).unwrap());
}

#[test]
fn a_request_sent_twice_is_answered_alike() {
    let mut conn = memory();
    let scope = idempotency::Scope { account: person(&mut conn, 0, 0), livemode: true, key: "k".into() };
    let (body, other) = (Digest::of(b"body"), Digest::of(b"other"));
    let mut begin =
        |scope: &idempotency::Scope, hash, at| within(&mut conn, |tx| idempotency::begin(tx, scope, hash, at)).unwrap();
    assert_eq!(begin(&scope, &body, NOON), Begun::Fresh);
    assert_eq!(begin(&scope, &body, NOON), Begun::InFlight);
    assert_eq!(begin(&scope, &other, NOON), Begun::Mismatch);
    let test = idempotency::Scope { livemode: false, ..scope.clone() };
    assert_eq!(begin(&test, &other, NOON), Begun::Fresh);
    let answer = json!({"id": "job"});
    within(&mut conn, |tx| idempotency::complete(tx, &scope, 201, &answer)).unwrap();
    let twice = within(&mut conn, |tx| idempotency::complete(tx, &scope, 500, &json!({})));
    assert!(matches!(twice, Err(DbError::NotFound(_))));
    within(&mut conn, |tx| idempotency::abandon(tx, &scope)).unwrap();
    let almost = NOON.plus(Duration::from_mins(24 * 60 - 1));
    let mut begin = |hash, at| within(&mut conn, |tx| idempotency::begin(tx, &scope, hash, at)).unwrap();
    assert_eq!(begin(&body, almost), Begun::Replay { status: 201, body: answer });
    assert_eq!(begin(&other, almost), Begun::Mismatch);
    assert_eq!(begin(&other, NOON.plus(idempotency::KEPT_FOR)), Begun::Fresh);
    assert_eq!(within(&mut conn, idempotency::abandon_all).unwrap(), 2);
}
