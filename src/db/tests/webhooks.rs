//! The outbox of webhooks, its log of attempts, and the secrets.

use std::time::Duration;

use super::*;
use crate::{
    db::{
        Page,
        deliveries::{self, Attempt, Delivery, Filter, NewDelivery, Next, Status},
        webhooks,
    },
    domain::{
        ids::EventId,
        webhook::{EventType, Secret},
    },
};

fn new_delivery(owner: Owner, url: &str) -> NewDelivery {
    NewDelivery {
        id: EventId::new(),
        owner,
        event: EventType::JobCompleted,
        job: Some(JobId::new()),
        url: url.into(),
        payload: "{}".into(),
        created_at: NOON,
    }
}

fn attempt(error: Option<&str>) -> Attempt {
    let status_code = if error.is_some() { None } else { Some(204) };
    Attempt { at: NOON, status_code, error: error.map(Into::into), latency_ms: 12 }
}

fn ids(deliveries: &[Delivery]) -> Vec<EventId> {
    deliveries.iter().map(|delivery| delivery.new.id).collect()
}

#[test]
fn a_webhook_is_tried_until_it_arrives_or_is_given_up() {
    let mut conn = memory();
    let owner = live(person(&mut conn, 0, 0));
    let later = NOON.plus(Duration::from_secs(5));
    let (good, bad) = (new_delivery(owner, "https://good.example"), new_delivery(owner, "https://bad.example"));
    within(&mut conn, |tx| deliveries::enqueue(tx, &good).and_then(|()| deliveries::enqueue(tx, &bad))).unwrap();
    assert_eq!(ids(&deliveries::due(&conn, NOON, 9, 9).unwrap()), [good.id, bad.id]);
    within(&mut conn, |tx| {
        deliveries::record(tx, good.id, &attempt(None), Next::Done)?;
        deliveries::record(tx, bad.id, &attempt(Some("refused")), Next::Retry(later))
    })
    .unwrap();
    assert_eq!(deliveries::due(&conn, NOON, 9, 9).unwrap(), []);
    assert_eq!(deliveries::next_due_at(&conn).unwrap(), Some(later));
    let again = deliveries::due(&conn, later, 9, 9).unwrap().remove(0);
    assert_eq!((again.new.id, again.tries, again.status()), (bad.id, 1, Status::Pending));
    assert_eq!(within(&mut conn, |tx| deliveries::purge(tx, later)).unwrap(), 1, "what is pending stays");
    within(&mut conn, |tx| deliveries::record(tx, bad.id, &attempt(Some("gone")), Next::GiveUp)).unwrap();
    assert_eq!(deliveries::next_due_at(&conn).unwrap(), None);
    let errors: Vec<_> = deliveries::attempts(&conn, bad.id).unwrap().into_iter().map(|a| a.error.unwrap()).collect();
    assert_eq!(errors, ["refused", "gone"], "every attempt is kept");
    within(&mut conn, |tx| deliveries::record(tx, good.id, &attempt(None), Next::Done)).unwrap();
    assert_eq!(deliveries::attempts(&conn, good.id).unwrap(), [], "what was forgotten stays forgotten");
}

#[test]
fn a_replay_begins_anew_and_keeps_the_log() {
    let mut conn = memory();
    let owner = live(person(&mut conn, 0, 0));
    let new = new_delivery(owner, "https://bad.example");
    within(&mut conn, |tx| {
        deliveries::enqueue(tx, &new)?;
        deliveries::record(tx, new.id, &attempt(Some("refused")), Next::GiveUp)
    })
    .unwrap();
    let stranger = person(&mut conn, 0, 0);
    assert!(!within(&mut conn, |tx| deliveries::replay(tx, stranger, new.id, NOON)).unwrap());
    assert_eq!(deliveries::find(&conn, stranger, new.id).unwrap(), None);
    assert!(within(&mut conn, |tx| deliveries::replay(tx, owner.account, new.id, NOON)).unwrap());
    let pending = deliveries::find(&conn, owner.account, new.id).unwrap().unwrap();
    assert_eq!((pending.status(), pending.tries), (Status::Pending, 0));
    within(&mut conn, |tx| deliveries::record(tx, new.id, &attempt(None), Next::Done)).unwrap();
    assert_eq!(deliveries::find(&conn, owner.account, new.id).unwrap().unwrap().status(), Status::Delivered);
    assert_eq!(deliveries::attempts(&conn, new.id).unwrap().len(), 2);
}

#[test]
fn no_account_fills_the_outbox_for_another() {
    let mut conn = memory();
    let (a, b) = (live(person(&mut conn, 0, 0)), live(person(&mut conn, 0, 0)));
    let many: Vec<_> = (0..9).map(|_| new_delivery(a, "https://silent.example")).collect();
    let one = NewDelivery { created_at: NOON.plus(Duration::from_secs(1)), ..new_delivery(b, "https://good.example") };
    within(&mut conn, |tx| many.iter().chain([&one]).try_for_each(|new| deliveries::enqueue(tx, new))).unwrap();
    let due = ids(&deliveries::due(&conn, NOON.plus(Duration::from_secs(2)), 2, 4).unwrap());
    assert_eq!(due, [many[0].id, many[1].id, one.id]);
}

#[test]
fn deliveries_are_listed_by_job_status_and_side() {
    let mut conn = memory();
    let owner = live(person(&mut conn, 0, 0));
    let (first, second) = (new_delivery(owner, "https://a.example"), new_delivery(owner, "https://a.example"));
    let test = new_delivery(Owner { livemode: false, ..owner }, "https://a.example");
    within(&mut conn, |tx| {
        [&first, &second, &test].into_iter().try_for_each(|new| deliveries::enqueue(tx, new))?;
        deliveries::record(tx, first.id, &attempt(None), Next::Done)
    })
    .unwrap();
    let list = |filter| ids(&deliveries::list(&conn, owner.account, filter, Page::first(9)).unwrap().items);
    assert_eq!(list(Filter::default()), [test.id, second.id, first.id]);
    assert_eq!(list(Filter { job: second.job, ..Filter::default() }), [second.id]);
    assert_eq!(list(Filter { status: Some(Status::Delivered), ..Filter::default() }), [first.id]);
    assert_eq!(list(Filter { livemode: Some(false), ..Filter::default() }), [test.id]);
    let page =
        deliveries::list(&conn, owner.account, Filter::default(), Page { limit: 1, after: Some(test.id) }).unwrap();
    assert_eq!((ids(&page.items), page.has_more), (vec![second.id], true));
}

#[test]
fn a_replaced_secret_signs_for_a_day_more() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 0);
    let (one, two) = (Secret::new([1; 32]), Secret::new([2; 32]));
    assert_eq!(webhooks::secrets(&conn, account, NOON).unwrap(), []);
    within(&mut conn, |tx| webhooks::ensure_secret(tx, account, &one)).unwrap();
    within(&mut conn, |tx| webhooks::ensure_secret(tx, account, &two)).unwrap();
    assert_eq!(webhooks::secrets(&conn, account, NOON).unwrap(), std::slice::from_ref(&one), "the first one stays");
    within(&mut conn, |tx| webhooks::rotate_secret(tx, account, &two, NOON)).unwrap();
    assert_eq!(webhooks::secrets(&conn, account, NOON).unwrap(), [two.clone(), one]);
    let day_later = NOON.plus(webhooks::PREVIOUS_SIGNS_FOR);
    assert_eq!(webhooks::secrets(&conn, account, day_later).unwrap(), std::slice::from_ref(&two));
    assert_eq!(webhooks::endpoint(&conn, account).unwrap(), None);
    let url = "https://a.example/hook";
    within(&mut conn, |tx| webhooks::set_endpoint(tx, account, Some(url), &Secret::new([3; 32]))).unwrap();
    assert_eq!(webhooks::endpoint(&conn, account).unwrap().as_deref(), Some(url));
    assert_eq!(webhooks::secrets(&conn, account, day_later).unwrap(), [two]);
    within(&mut conn, |tx| webhooks::set_endpoint(tx, account, None, &Secret::new([3; 32]))).unwrap();
    assert_eq!(webhooks::endpoint(&conn, account).unwrap(), None);
}
