//! Jobs: the order of the queue, what an event leaves in the columns, and what the schema refuses.

use super::*;
use crate::{
    db::{Page, jobs::Filter},
    domain::job::JobState,
};

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOON.millis() + seconds * 1000)
}

/// The queue's places, as told beforehand, are the order in which jobs are claimed.
#[test]
fn the_queue_goes_round_the_accounts() {
    let mut conn = memory();
    let [a, b, c] = [0; 3].map(|_| person(&mut conn, 0, 100));
    let mut submit_for = |account| {
        let new = new_job(live(account), 1);
        submit(&mut conn, &new).unwrap();
        new.id
    };
    let (a1, a2, a3, b1, b2, c1) =
        (submit_for(a), submit_for(a), submit_for(a), submit_for(b), submit_for(b), submit_for(c));
    let places = [a1, b1, c1, a2, b2, a3];
    for (i, id) in places.iter().enumerate() {
        let place = jobs::place(&conn, true, *id).unwrap().unwrap();
        assert_eq!((place.position, place.seconds_ahead), (i as u64 + 1, 2.5 * i as f64));
    }
    assert_eq!(jobs::count_queued(&conn, a).unwrap(), 3);
    let claimed: Vec<_> = std::iter::from_fn(|| claim(&mut conn)).collect();
    assert_eq!(claimed, places);
    assert_eq!(jobs::place(&conn, true, a1).unwrap(), None);
    assert_eq!(jobs::count_unfinished(&conn).unwrap(), (0, 6));
    assert_eq!(jobs::list_running(&conn).unwrap().len(), 6);
}

#[test]
fn who_was_served_longest_ago_comes_first() {
    let mut conn = memory();
    let [a, b] = [0; 2].map(|_| person(&mut conn, 0, 100));
    let (a1, a2) = (new_job(live(a), 1), new_job(live(a), 1));
    submit(&mut conn, &a1).unwrap();
    submit(&mut conn, &a2).unwrap();
    assert_eq!(claim(&mut conn), Some(a1.id));
    let b1 = new_job(live(b), 1);
    submit(&mut conn, &b1).unwrap();
    assert_eq!(jobs::place(&conn, true, a2.id).unwrap().unwrap().position, 2);
    assert_eq!(claim(&mut conn), Some(b1.id));
    assert_eq!(claim(&mut conn), Some(a2.id));
}

#[test]
fn live_and_test_queues_are_claimed_apart_when_asked() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 9);
    let real = new_job(live(account), 1);
    let test = new_job(Owner { account, livemode: false }, 0);
    submit(&mut conn, &real).unwrap();
    submit(&mut conn, &test).unwrap();
    assert_eq!(jobs::place(&conn, false, test.id).unwrap().unwrap().position, 1);
    let claimed = within(&mut conn, |tx| jobs::claim_next(tx, Some(false), NOON)).unwrap().unwrap();
    assert_eq!(claimed.accepted.id, test.id);
    assert_eq!(within(&mut conn, |tx| jobs::claim_next(tx, Some(false), NOON)).unwrap(), None);
}

#[test]
fn a_job_comes_back_as_it_was_told() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 50);
    let portrait = new_asset(live(account), b"portrait");
    within(&mut conn, |tx| assets::insert(tx, &portrait)).unwrap();
    let new = NewJob { inputs: vec![input(portrait.id)], ..new_job(live(account), 3) };
    submit(&mut conn, &new).unwrap();
    let job = jobs::find(&conn, live(account), new.id).unwrap().unwrap();
    assert_eq!((&job.accepted, &job.state), (&new, &JobState::Queued { attempt: 0 }));
    assert_eq!(jobs::find(&conn, Owner { account, livemode: false }, new.id).unwrap(), None);
    assert_eq!(jobs::find(&conn, live(AccountId::new()), new.id).unwrap(), None);

    within(&mut conn, |tx| jobs::claim_next(tx, None, later(1))).unwrap();
    let job = jobs::find_any(&conn, new.id).unwrap().unwrap();
    assert_eq!((&job.state, job.started_at), (&JobState::Running { attempt: 1 }, Some(later(1))));
    let result = finish(&mut conn, new.id, 2).unwrap();
    let job = jobs::find_any(&conn, new.id).unwrap().unwrap();
    assert_eq!(job.state, JobState::Completed { charged: Credits::new(2) });
    assert_eq!((job.result_asset, job.finished_at, job.attempt), (Some(result.id), Some(NOON), 1));
    assert_eq!((job.plan, job.warnings), (Some(json!({"subject": "cup"})), json!(["small"])));
    assert_eq!(job.timings, Some(json!({"total_seconds": 1.5})));
}

#[test]
fn a_job_tried_again_keeps_its_place_until_its_attempts_are_spent() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 50);
    let (first, second) = (new_job(live(account), 3), new_job(live(account), 3));
    submit(&mut conn, &first).unwrap();
    submit(&mut conn, &second).unwrap();
    for attempt in 1..=2 {
        assert_eq!(claim(&mut conn), Some(first.id));
        let states = within(&mut conn, |tx| jobs::recover(tx, 2, NOON)).unwrap();
        let [(id, state)] = &states[..] else { panic!("{states:?}") };
        assert_eq!(*id, first.id);
        match state {
            JobState::Queued { attempt: 1 } if attempt == 1 => {}
            JobState::Aborted { reason } if attempt == 2 => assert_eq!(reason.code, AbortCode::AttemptsExhausted),
            other => panic!("attempt {attempt}: {other:?}"),
        }
    }
    assert_eq!(claim(&mut conn), Some(second.id));
    assert_eq!(purses(&conn, account), (0, 47, 3));
    assert_sound(&conn);
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 50);
    let new = new_job(live(account), 3);
    submit(&mut conn, &new).unwrap();
    assert!(matches!(finish(&mut conn, new.id, 3), Err(DbError::IllegalTransition(_))));
    assert_eq!(number(&conn, "SELECT COUNT(*) FROM assets"), 0);
    claim(&mut conn).unwrap();
    let bare = happen(&mut conn, new.id, &JobEvent::Finished { cost: Credits::new(1) });
    assert!(matches!(bare, Err(DbError::Invalid(_))), "{bare:?}");
    assert!(matches!(happen(&mut conn, new.id, &JobEvent::Deleted), Err(DbError::IllegalTransition(_))));
    assert!(matches!(happen(&mut conn, JobId::new(), &failed()), Err(DbError::NotFound("job"))));
    let other = within(&mut conn, |tx| jobs::delete(tx, live(AccountId::new()), new.id, NOON));
    assert!(matches!(other, Err(DbError::NotFound("job"))));
    assert_eq!(purses(&conn, account), (0, 47, 3));
    for sql in [
        "UPDATE jobs SET status = 'completed'",
        "UPDATE jobs SET status = 'paused'",
        "UPDATE jobs SET charged = 3",
        "UPDATE jobs SET status = 'queued'",
        "UPDATE jobs SET held = 0",
        "UPDATE jobs SET request = '{}'",
        "UPDATE jobs SET abort_code = 'cancelled'",
        "UPDATE jobs SET timings = 'soon'",
    ] {
        assert!(conn.execute(sql, []).is_err(), "{sql}");
    }
    assert_sound(&conn);
}

#[test]
fn inputs_are_kept_while_they_are_needed() {
    let mut conn = memory();
    let (account, stranger) = (person(&mut conn, 0, 50), person(&mut conn, 0, 50));
    let portrait = new_asset(live(account), b"portrait");
    within(&mut conn, |tx| assets::insert(tx, &portrait)).unwrap();
    for owner in [live(stranger), Owner { account, livemode: false }] {
        let theft = NewJob { inputs: vec![input(portrait.id)], ..new_job(owner, 0) };
        assert!(matches!(submit(&mut conn, &theft), Err(DbError::AssetMissing(id)) if id == portrait.id));
    }
    let new = NewJob { inputs: vec![input(portrait.id)], ..new_job(live(account), 3) };
    submit(&mut conn, &new).unwrap();
    for _ in 0..2 {
        let refused = within(&mut conn, |tx| assets::delete(tx, live(account), portrait.id));
        assert!(matches!(refused, Err(DbError::AssetInUse(id)) if id == portrait.id), "{refused:?}");
        assert!(conn.execute("DELETE FROM assets", []).is_err());
        claim(&mut conn);
    }
    finish(&mut conn, new.id, 1).unwrap();
    let freed = within(&mut conn, |tx| assets::delete(tx, live(account), portrait.id)).unwrap();
    assert_eq!(freed, Some(portrait.sha256));
    let job = jobs::find_any(&conn, new.id).unwrap().unwrap();
    assert_eq!(job.accepted.inputs, []);
}

#[test]
fn a_deleted_job_takes_its_result_along_unless_another_works_from_it() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 50);
    let run = |conn: &mut Connection, inputs| {
        let new = NewJob { inputs, ..new_job(live(account), 3) };
        submit(conn, &new).unwrap();
        claim(conn).unwrap();
        let result = finish(conn, new.id, 1).unwrap();
        (new.id, result)
    };
    let delete = |conn: &mut Connection, id| within(conn, |tx| jobs::delete(tx, live(account), id, NOON)).unwrap();
    let (first, picture) = run(&mut conn, vec![]);
    let (second, film) = run(&mut conn, vec![input(picture.id)]);
    assert_eq!(delete(&mut conn, first).freed, None);
    assert!(assets::find(&conn, live(account), picture.id).unwrap().is_some());
    assert_eq!(delete(&mut conn, second).freed, Some(film.sha256));
    assert_eq!(number(&conn, "SELECT COUNT(*) FROM job_inputs"), 0);

    // A result that was deleted or has expired before is no obstacle, and stays named.
    let (third, gone) = run(&mut conn, vec![]);
    within(&mut conn, |tx| assets::delete(tx, live(account), gone.id)).unwrap();
    assert_eq!(jobs::find_any(&conn, third).unwrap().unwrap().result_asset, Some(gone.id));
    assert_eq!(delete(&mut conn, third).freed, None);
    assert_eq!(purses(&conn, account), (0, 47, 0));
    assert_sound(&conn);
}

#[test]
fn jobs_are_listed_in_pieces_and_by_what_they_are() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 50);
    let mut ids = vec![];
    for i in 0..5 {
        let mode = if i % 2 == 0 { Mode::Audio } else { Mode::TextToImage };
        let new = NewJob { mode, created_at: later(i), ..new_job(live(account), 1) };
        submit(&mut conn, &new).unwrap();
        ids.insert(0, new.id);
    }
    claim(&mut conn);
    let list = |filter: &Filter, page| {
        let listing = jobs::list(&conn, live(account), filter, page).unwrap();
        (listing.items.iter().map(|job| job.accepted.id).collect::<Vec<_>>(), listing.has_more)
    };
    let any = Filter::default();
    assert_eq!(list(&any, Page::first(2)), (ids[..2].to_vec(), true));
    assert_eq!(list(&any, Page { limit: 2, after: Some(ids[1]) }), (ids[2..4].to_vec(), true));
    assert_eq!(list(&any, Page { limit: 2, after: Some(ids[3]) }), (ids[4..].to_vec(), false));
    assert_eq!(list(&any, Page::first(5)), (ids.clone(), false));
    let running = Filter { status: Some("running".into()), ..Filter::default() };
    assert_eq!(list(&running, Page::first(9)), (vec![ids[4]], false));
    let pictures = Filter { mode: Some(Mode::TextToImage), ..Filter::default() };
    assert_eq!(list(&pictures, Page::first(9)), (vec![ids[1], ids[3]], false));
    let between = Filter { created_after: Some(later(1)), created_before: Some(later(4)), ..Filter::default() };
    assert_eq!(list(&between, Page::first(9)), (ids[1..3].to_vec(), false));
    assert_eq!(jobs::list(&conn, live(AccountId::new()), &any, Page::first(9)).unwrap().items, []);
}
