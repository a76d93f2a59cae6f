//! The database as a file: threads, crashes, versions and strangers.

use std::path::Path;

use super::*;
use crate::{
    db::{Db, deliveries},
    domain::{ids::EventId, webhook::EventType},
};

fn opened(dir: &tempfile::TempDir) -> (std::path::PathBuf, Db) {
    let path = dir.path().join("db.sqlite3");
    let db = Db::open(&path).unwrap();
    (path, db)
}

fn accounts_in(db: &Db) -> u64 {
    db.read(accounts::count).unwrap()
}

/// Password hashes are for nobody else's eyes, in the file, in its log and in its copies.
#[test]
fn other_users_of_the_machine_cannot_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (_, db) = opened(&dir);
    db.write(|tx| accounts::create(tx, &new_account("a@example.org"))).unwrap();
    db.backup(&dir.path().join("backup.sqlite3")).unwrap();
    let files: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 3);
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let (path, db) = opened(&dir);
    db.write(|tx| accounts::create(tx, &new_account("a@example.org"))).unwrap();
    drop(db);
    assert!(!path.with_extension("sqlite3-wal").exists(), "a clean close leaves no log behind");
    assert_eq!(accounts_in(&Db::open(&path).unwrap()), 1);
}

#[test]
fn an_error_and_a_panic_roll_back_and_the_writer_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (_, db) = opened(&dir);
    let refused: Result<(), DbError> = db.write(|tx| {
        accounts::create(tx, &new_account("a@example.org"))?;
        Err(DbError::Invalid("no"))
    });
    assert!(matches!(refused, Err(DbError::Invalid("no"))));
    let panicked: Result<(), DbError> = db.write(|tx| {
        accounts::create(tx, &new_account("b@example.org"))?;
        panic!("on purpose")
    });
    assert!(matches!(&panicked, Err(DbError::Panicked(why)) if why == "on purpose"), "{panicked:?}");
    let read: Result<(), DbError> = db.read(|_| panic!("on purpose"));
    assert!(matches!(read, Err(DbError::Panicked(_))));
    assert_eq!(accounts_in(&db), 0);
    db.write(|tx| accounts::create(tx, &new_account("a@example.org"))).unwrap();
    assert_eq!(accounts_in(&db), 1);
}

#[test]
fn a_write_within_a_write_is_an_error_not_a_deadlock() {
    let dir = tempfile::tempdir().unwrap();
    let (_, db) = opened(&dir);
    let inner = db.clone();
    let nested: Result<(), DbError> = db.write(move |_| inner.write(|_| Ok::<_, DbError>(())));
    assert!(matches!(nested, Err(DbError::NestedWrite)), "{nested:?}");
}

#[test]
fn readers_see_no_half_done_work_and_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let (_, db) = opened(&dir);
    let reader = db.clone();
    db.write(move |tx| {
        accounts::create(tx, &new_account("a@example.org"))?;
        assert_eq!(accounts_in(&reader), 0);
        Ok::<_, DbError>(())
    })
    .unwrap();
    assert_eq!(accounts_in(&db), 1);
    let wrote = db.read(|conn| Ok::<_, DbError>(conn.execute("DELETE FROM accounts", [])?));
    assert!(wrote.is_err());
    assert_eq!(accounts_in(&db), 1);
}

#[test]
fn more_readers_than_connections_all_get_their_turn() {
    let dir = tempfile::tempdir().unwrap();
    let (_, db) = opened(&dir);
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| (0..20).for_each(|_| assert_eq!(accounts_in(&db), 0)));
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn async_callers_are_served_even_when_the_queue_is_full() {
    let dir = tempfile::tempdir().unwrap();
    let (_, db) = opened(&dir);
    let writes: Vec<_> = (0..600)
        .map(|i| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write_async(move |tx| {
                    let new = new_account(&format!("{i}@example.org"));
                    accounts::create(tx, &new)?;
                    if i % 2 == 0 { Ok(()) } else { Err(DbError::Invalid("odd")) }
                })
                .await
            })
        })
        .collect();
    for (i, write) in writes.into_iter().enumerate() {
        assert_eq!(write.await.unwrap().is_ok(), i % 2 == 0);
    }
    assert_eq!(db.read_async(accounts::count).await.unwrap(), 300);
}

#[tokio::test]
async fn a_write_goes_through_when_its_caller_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (_, db) = opened(&dir);
    let (start, started) = std::sync::mpsc::channel::<()>();
    let write = db.write_async(move |tx| {
        let _ = started.recv();
        accounts::create(tx, &new_account("a@example.org"))
    });
    let gone = tokio::time::timeout(std::time::Duration::from_millis(1), write).await;
    assert!(gone.is_err());
    start.send(()).unwrap();
    // The queue is in order: this write ends after that one.
    db.write_async(|_| Ok::<_, DbError>(())).await.unwrap();
    assert_eq!(accounts_in(&db), 1);
}

/// Copies the database file and its log as they lie on the disk in the middle of a transaction: what a crash leaves.
#[test]
fn a_crash_in_the_middle_loses_nothing_that_was_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let (path, db) = opened(&dir);
    let new = new_account("a@example.org");
    let account = new.id;
    let job = new_job(live(account), 3);
    let (accepted, copy) = (job.clone(), dir.path().join("crashed.sqlite3"));
    db.write(move |tx| {
        accounts::create(tx, &new)?;
        ledger::grant_by_operator(tx, account, Credits::new(10), "a present", NOON)?;
        jobs::insert(tx, &accepted)
    })
    .unwrap();
    db.write(|tx| Ok::<_, DbError>(jobs::claim_next(tx, None, NOON)?.map(drop))).unwrap();
    let (id, crashed) = (job.id, copy.clone());
    db.write(move |tx| {
        let asset = Asset { made_by: Some(id), ..new_asset(live(account), b"result") };
        assets::insert(tx, &asset)?;
        let outcome = Outcome { result_asset: Some(asset.id), ..Outcome::default() };
        jobs::apply(tx, id, &JobEvent::Finished { cost: Credits::new(3) }, &outcome, NOON)?;
        tx.cache_flush()?;
        for suffix in ["", "-wal"] {
            let file = |path: &Path| std::path::PathBuf::from(format!("{}{suffix}", path.display()));
            std::fs::copy(file(&path), file(&crashed))?;
        }
        Ok::<_, DbError>(())
    })
    .unwrap();
    drop(db);
    let db = Db::open(&copy).unwrap();
    assert_eq!(db.check_integrity().unwrap(), Vec::<String>::new());
    let states = db.write(|tx| jobs::recover(tx, 3, NOON)).unwrap();
    assert_eq!(states, [(id, crate::domain::job::JobState::Queued { attempt: 1 })]);
    db.read(|conn| {
        assert_eq!(purses(conn, account), (0, 7, 3));
        assert_eq!(assets::list_blobs(conn)?, []);
        assert_sound(conn);
        Ok::<_, DbError>(())
    })
    .unwrap();
}

#[test]
fn a_file_of_version_1_opens() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.sqlite3");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../sql/0001_initial.sql")).unwrap();
    old.execute_batch(
        "PRAGMA user_version = 1;
         INSERT INTO accounts (id, email, email_key, password_hash, is_admin, created_at, plan, plan_anchor,
             next_grant_at) VALUES ('acc_0197f0a0000070008000000000000001', 'A@b.c', 'a@b.c', 'h', 1, 5, 'free', 5, 5)",
    )
    .unwrap();
    drop(old);
    let db = Db::open(&path).unwrap();
    let account = db.read(|conn| accounts::find_by_email(conn, "a@B.C")).unwrap().unwrap();
    assert_eq!((account.email.as_str(), account.is_admin), ("A@b.c", true));
    db.write(move |tx| ledger::grant_signup(tx, account.id, Credits::new(1), NOON)).unwrap();
    let report = db.read(ledger::verify).unwrap();
    assert!(report.is_sound() && report.transfers == 1 && report.issued == 1, "{report:?}");
}

/// Rows as version 1 wrote them: today's, as far as version 1 had their columns.
fn version_1_with_rows(path: &Path, today: &Path) -> Connection {
    let old = Connection::open(path).unwrap();
    old.execute_batch(include_str!("../sql/0001_initial.sql")).unwrap();
    old.execute("ATTACH ?1 AS today", [today.to_str().unwrap()]).unwrap();
    let schema = |kind: &str, column: &str| -> Vec<String> {
        let sql = format!("SELECT {column} FROM main.sqlite_schema WHERE type = '{kind}' ORDER BY rowid");
        let mut statement = old.prepare(&sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let triggers = schema("trigger", "sql");
    for name in schema("trigger", "name") {
        old.execute(&format!("DROP TRIGGER {name}"), []).unwrap();
    }
    for table in schema("table", "name").into_iter().filter(|t| t != "webhook_deliveries" && !t.starts_with("sqlite_"))
    {
        let sql = format!("SELECT group_concat(name) FROM pragma_table_info('{table}', 'main')");
        let columns: String = old.query_row(&sql, [], |row| row.get(0)).unwrap();
        old.execute(&format!("DELETE FROM main.{table}"), []).unwrap();
        old.execute(&format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}"), []).unwrap();
    }
    for sql in &triggers {
        old.execute_batch(sql).unwrap();
    }
    old.execute_batch("DETACH today; PRAGMA user_version = 1").unwrap();
    old
}

#[test]
fn rows_of_version_1_are_carried_over() {
    let dir = tempfile::tempdir().unwrap();
    let (today, db) = opened(&dir);
    let new = new_account("a@example.org");
    let (account, key) = (new.id, new_key(new.id));
    let id = key.id;
    let (done, held) = (new_job(live(account), 3), NewJob { key: Some(id), ..new_job(live(account), 2) });
    let (first, second) = (NewJob { key: Some(id), ..done.clone() }, held.clone());
    db.write(move |tx| {
        accounts::create(tx, &new)?;
        keys::create(tx, &key)?;
        ledger::grant_by_operator(tx, account, Credits::new(10), "a present", NOON)?;
        jobs::insert(tx, &first)?;
        jobs::claim_next(tx, None, NOON)?;
        jobs::apply(tx, first.id, &failed(), &Outcome::default(), NOON)?;
        jobs::insert(tx, &second)
    })
    .unwrap();
    drop(db);
    let path = dir.path().join("version_1.sqlite3");
    let old = version_1_with_rows(&path, &today);
    let row = "INSERT INTO webhook_deliveries (id, account_id, job_id, url, payload, created_at, attempts, \
               next_attempt_at, last_error) VALUES (?1, ?2, ?3, 'https://a.example', '{}', 5, 2, 9, 'refused')";
    let event = EventId::new().to_string();
    old.execute(row, [&event, &account.to_string(), &done.id.to_string()]).unwrap();
    drop(old);

    let db = Db::open(&path).unwrap();
    assert_eq!(db.check_integrity().unwrap(), Vec::<String>::new());
    db.read(|conn| {
        assert_sound(conn);
        let key = keys::find(conn, id)?.unwrap();
        assert_eq!((key.scopes, key.expires_at), (Scopes::ALL, None), "an old key may do what it could");
        let usage = ledger::usage(conn, account, (Timestamp::from_millis(0), NOON), true)?;
        assert_eq!(usage[0].key, Some((id, "laptop".into())), "an old hold knows its key");
        let delivery = deliveries::find(conn, account, event.parse().unwrap())?.unwrap();
        assert_eq!((delivery.new.event, delivery.tries), (EventType::JobAborted, 2));
        assert_eq!(deliveries::attempts(conn, delivery.new.id)?[0].error.as_deref(), Some("refused"));
        assert_eq!(deliveries::next_due_at(conn)?, Some(Timestamp::from_millis(9)));
        Ok::<_, DbError>(())
    })
    .unwrap();
    let held = held.id;
    db.write(move |tx| jobs::apply(tx, held, &JobEvent::Cancelled, &Outcome::default(), NOON)).unwrap();
    db.read(|conn| {
        assert_eq!(purses(conn, account), (0, 10, 0), "the old hold is resolved as ever");
        assert_sound(conn);
        Ok::<_, DbError>(())
    })
    .unwrap();
}

#[test]
fn other_files_are_refused_and_left_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("text");
    std::fs::write(&text, "not a database at all, but long enough to look at").unwrap();
    assert!(matches!(Db::open(&text), Err(DbError::Foreign)));
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("not a database"));
    let foreign = dir.path().join("foreign");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE mail (id)").unwrap();
    assert!(matches!(Db::open(&foreign), Err(DbError::Foreign)));
    let (path, db) = opened(&dir);
    drop(db);
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    assert!(matches!(Db::open(&path), Err(DbError::TooNew)));
    assert!(Db::open(&dir.path().join("no/such/folder")).is_err());
}

#[test]
fn a_backup_is_a_whole_database() {
    let dir = tempfile::tempdir().unwrap();
    let (_, db) = opened(&dir);
    db.write(|tx| accounts::create(tx, &new_account("a@example.org"))).unwrap();
    let copy = dir.path().join("backup.sqlite3");
    db.backup(&copy).unwrap();
    db.write(|tx| accounts::create(tx, &new_account("b@example.org"))).unwrap();
    let copy = Db::open(&copy).unwrap();
    assert_eq!((accounts_in(&copy), accounts_in(&db)), (1, 2));
    assert!(db.backup(&dir.path().join("backup.sqlite3")).is_err(), "a backup is never written over");
    assert_eq!(copy.check_integrity().unwrap(), Vec::<String>::new());
}
