//! Assets and their blobs, the ledger in pieces, and the smaller tables.

use super::*;
use crate::db::{Page, audit, settings};

#[test]
fn bytes_go_with_their_last_owner() {
    let mut conn = memory();
    let (a, b) = (person(&mut conn, 0, 0), person(&mut conn, 0, 0));
    let (first, second) = (new_asset(live(a), b"same"), new_asset(live(b), b"same"));
    within(&mut conn, |tx| assets::insert(tx, &first).and_then(|()| assets::insert(tx, &second))).unwrap();
    assert_eq!(assets::list_blobs(&conn).unwrap(), [(first.sha256, 4)]);
    assert_eq!(assets::find(&conn, live(a), first.id).unwrap(), Some(first.clone()));
    assert_eq!(assets::find(&conn, live(a), second.id).unwrap(), None);
    let theft = within(&mut conn, |tx| assets::delete(tx, live(a), second.id));
    assert!(matches!(theft, Err(DbError::NotFound("asset"))));
    assert_eq!(within(&mut conn, |tx| assets::delete(tx, live(a), first.id)).unwrap(), None);
    assert!(assets::is_blob_live(&conn, &first.sha256).unwrap());
    assert_eq!(assets::bytes_owned(&conn, b).unwrap(), 4);
    assert_eq!(within(&mut conn, |tx| assets::delete(tx, live(b), second.id)).unwrap(), Some(first.sha256));
    assert!(!assets::is_blob_live(&conn, &first.sha256).unwrap());
    let lie = Asset { bytes: 5, ..new_asset(live(a), b"same") };
    within(&mut conn, |tx| assets::insert(tx, &first)).unwrap();
    assert!(matches!(within(&mut conn, |tx| assets::insert(tx, &lie)), Err(DbError::Invalid(_))));
}

#[test]
fn an_expired_asset_is_remembered() {
    let mut conn = memory();
    let account = person(&mut conn, 0, 9);
    let asset = Asset { expires_at: Some(NOON), ..new_asset(live(account), b"old") };
    let needed = Asset { expires_at: Some(NOON), ..new_asset(live(account), b"needed") };
    within(&mut conn, |tx| assets::insert(tx, &asset).and_then(|()| assets::insert(tx, &needed))).unwrap();
    submit(&mut conn, &NewJob { inputs: vec![input(needed.id)], ..new_job(live(account), 1) }).unwrap();
    assert_eq!(assets::list_expired(&conn, Timestamp::from_millis(0), 9).unwrap(), []);
    assert_eq!(assets::list_expired(&conn, NOON, 9).unwrap(), vec![asset.clone()]);
    assert_eq!(within(&mut conn, |tx| assets::expire(tx, asset.id, NOON)).unwrap(), Some(asset.sha256));
    assert_eq!(assets::find_expired(&conn, live(account), asset.id).unwrap(), Some(NOON));
    assert_eq!(assets::find_expired(&conn, live(AccountId::new()), asset.id).unwrap(), None);
    assert_eq!(assets::find_any(&conn, asset.id).unwrap(), None);
}

#[test]
fn assets_and_transfers_are_listed_in_pieces() {
    let mut conn = memory();
    let account = person(&mut conn, 1, 50);
    let mut ids = vec![];
    for i in 0..4_u8 {
        let kind = if i == 2 { AssetKind::Audio } else { AssetKind::Image };
        let asset = Asset { kind, ..new_asset(live(account), &[i]) };
        within(&mut conn, |tx| assets::insert(tx, &asset)).unwrap();
        ids.insert(0, asset.id);
    }
    let list = |kind, page| {
        let filter = assets::Filter { kind, ..assets::Filter::default() };
        let listing = assets::list(&conn, live(account), &filter, page).unwrap();
        (listing.items.iter().map(|asset| asset.id).collect::<Vec<_>>(), listing.has_more)
    };
    assert_eq!(list(None, Page::first(3)), (ids[..3].to_vec(), true));
    assert_eq!(list(None, Page { limit: 3, after: Some(ids[2]) }), (ids[3..].to_vec(), false));
    assert_eq!(list(Some(AssetKind::Audio), Page::first(3)), (vec![ids[1]], false));

    let first = ledger::list(&conn, account, Page::first(1)).unwrap();
    assert_eq!((first.items[0].note.as_str(), first.has_more), ("a present", true));
    let rest = ledger::list(&conn, account, Page { limit: 9, after: Some(first.items[0].id) }).unwrap();
    assert_eq!((rest.items[0].amount, rest.has_more), (Credits::new(1), false));
    assert_eq!(first.items[0].prev_hash, rest.items[0].hash);
}

#[test]
fn settings_and_the_audit_keep_what_they_are_told() {
    let mut conn = memory();
    within(&mut conn, |tx| {
        assert_eq!(settings::get(tx, "setup_token")?, None);
        settings::set(tx, "setup_token", "a")?;
        settings::set(tx, "setup_token", "b")?;
        assert_eq!(settings::get(tx, "setup_token")?.as_deref(), Some("b"));
        assert!(settings::remove(tx, "setup_token")? && !settings::remove(tx, "setup_token")?);
        for subject in ["key_1", "key_2"] {
            let detail = json!({"name": "laptop"});
            let entry = audit::NewEntry { at: NOON, actor: "operator", action: "key.create", subject, detail: &detail };
            audit::insert(tx, entry)?;
        }
        Ok(())
    })
    .unwrap();
    let latest = audit::list(&conn, &[], Page::first(1)).unwrap();
    assert_eq!((latest.items[0].subject.as_str(), latest.has_more), ("key_2", true));
    let rest = audit::list(&conn, &[], Page { limit: 1, after: Some(latest.items[0].seq) }).unwrap();
    assert_eq!((rest.items[0].subject.as_str(), rest.has_more), ("key_1", false));
}
