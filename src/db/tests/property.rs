//! Whatever happens in whatever order, the money adds up and nothing is left lying about.

use proptest::{prelude::*, strategy::ValueTree};

use super::*;

/// One thing that happens. Numbers pick among what exists, so that every sequence means something.
#[derive(Debug, Clone)]
enum Happening {
    Join {
        free: u32,
    },
    Grant {
        who: usize,
        amount: u32,
    },
    Upload {
        who: usize,
        bytes: u8,
    },
    Submit {
        who: usize,
        price: u32,
        input: Option<usize>,
        is_test: bool,
    },
    Claim,
    Finish {
        which: usize,
        cost: u32,
    },
    Fail {
        which: usize,
    },
    Cancel {
        which: usize,
    },
    Delete {
        which: usize,
    },
    DeleteAsset {
        which: usize,
    },
    Restart {
        attempts_max: u32,
    },
    /// The next thing happens, and the appliance dies before it commits.
    Crash,
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening as H;
    let any = 0_usize..1000;
    prop_oneof![
        1 => (0_u32..3).prop_map(|free| H::Join { free }),
        2 => (any.clone(), 0_u32..60).prop_map(|(who, amount)| H::Grant { who, amount }),
        2 => (any.clone(), 0_u8..4).prop_map(|(who, bytes)| H::Upload { who, bytes }),
        6 => (any.clone(), 0_u32..45, proptest::option::of(any.clone()), proptest::bool::weighted(0.2))
            .prop_map(|(who, price, input, is_test)| H::Submit { who, price, input, is_test }),
        6 => Just(H::Claim),
        5 => (any.clone(), 0_u32..60).prop_map(|(which, cost)| H::Finish { which, cost }),
        1 => any.clone().prop_map(|which| H::Fail { which }),
        2 => any.clone().prop_map(|which| H::Cancel { which }),
        2 => any.clone().prop_map(|which| H::Delete { which }),
        2 => any.prop_map(|which| H::DeleteAsset { which }),
        1 => (1_u32..3).prop_map(|attempts_max| H::Restart { attempts_max }),
        1 => Just(H::Crash),
    ]
}

fn ids<T: std::str::FromStr>(conn: &Connection, table: &str) -> Vec<T> {
    let sql = format!("SELECT id FROM {table} ORDER BY id");
    let texts: Vec<String> = crate::db::listing::all(conn, &sql, [], |row| row.get(0)).unwrap();
    texts.into_iter().filter_map(|text| text.parse().ok()).collect()
}

fn pick<T: Copy>(from: &[T], number: usize) -> Option<T> {
    (!from.is_empty()).then(|| from[number % from.len()])
}

/// Lets it happen within `tx`. Refusals that a client could provoke are answers, not failures.
fn act(tx: &Transaction<'_>, happening: &Happening) -> Result<(), DbError> {
    let (people, all_jobs) = (ids::<AccountId>(tx, "accounts"), ids::<JobId>(tx, "jobs"));
    let apply = |which: usize, event: &JobEvent| {
        pick(&all_jobs, which).map_or(Ok(()), |id| jobs::apply(tx, id, event, &Outcome::default(), NOON).map(drop))
    };
    match happening {
        Happening::Join { free } => {
            let new = new_account(&format!("{}@example.org", AccountId::new()));
            accounts::create(tx, &new)?;
            ledger::grant_signup(tx, new.id, Credits::new(*free), NOON)?;
        }
        Happening::Grant { who, amount } => {
            let Some(account) = pick(&people, *who) else { return Ok(()) };
            ledger::grant_by_operator(tx, account, Credits::new(*amount), "a present", NOON)?;
        }
        Happening::Upload { who, bytes } => {
            let Some(account) = pick(&people, *who) else { return Ok(()) };
            assets::insert(tx, &new_asset(live(account), &[*bytes]))?;
        }
        Happening::Submit { who, price, input: from, is_test } => {
            let Some(account) = pick(&people, *who) else { return Ok(()) };
            let owner = Owner { account, livemode: !is_test };
            let price = if *is_test { 0 } else { *price };
            let from = from.and_then(|number| pick(&ids(tx, "assets"), number));
            let inputs = from.map(input).into_iter().collect();
            jobs::insert(tx, &NewJob { inputs, ..new_job(owner, price) })?;
        }
        Happening::Claim => drop(jobs::claim_next(tx, None, NOON)?),
        Happening::Finish { which, cost } => {
            let Some(id) = pick(&all_jobs, *which) else { return Ok(()) };
            let owner = jobs::find_any(tx, id)?.ok_or(DbError::NotFound("job"))?.accepted.owner;
            let result = Asset { made_by: Some(id), ..new_asset(owner, &[9, *cost as u8 % 3]) };
            assets::insert(tx, &result)?;
            let outcome = Outcome { result_asset: Some(result.id), ..Outcome::default() };
            jobs::apply(tx, id, &JobEvent::Finished { cost: Credits::new(*cost) }, &outcome, NOON)?;
        }
        Happening::Fail { which } => apply(*which, &failed())?,
        Happening::Cancel { which } => apply(*which, &JobEvent::Cancelled)?,
        Happening::Delete { which } => apply(*which, &JobEvent::Deleted)?,
        Happening::DeleteAsset { which } => {
            let Some(asset) = pick(&ids(tx, "assets"), *which) else { return Ok(()) };
            let owner = assets::find_any(tx, asset)?.ok_or(DbError::NotFound("asset"))?.owner;
            assets::delete(tx, owner, asset)?;
        }
        Happening::Restart { attempts_max } => drop(jobs::recover(tx, *attempts_max, NOON)?),
        Happening::Crash => {}
    }
    Ok(())
}

/// What must be true after every transaction, asked in ways that the code under test does not use.
fn check(conn: &Connection) {
    assert_sound(conn);
    for (what, sql) in [
        ("a purse below zero", "SELECT COUNT(*) FROM balances WHERE MIN(signup, available, held) < 0"),
        (
            "credits made or lost",
            "SELECT issued - revenue - (SELECT COALESCE(SUM(signup + available + held), 0) FROM balances)
             FROM system_balances",
        ),
        (
            "held credits that no open hold explains",
            "SELECT COALESCE(SUM(held), 0) - (SELECT COALESCE(SUM(from_signup + from_available), 0) FROM holds
                WHERE resolved_at IS NULL) FROM balances",
        ),
        (
            "a live job that runs or waits without an open hold, or the reverse",
            "SELECT (SELECT COUNT(*) FROM jobs WHERE livemode = 1 AND status IN ('queued', 'running'))
                - (SELECT COUNT(*) FROM holds WHERE resolved_at IS NULL)",
        ),
        (
            "a hold resolved other than once",
            "SELECT COUNT(*) FROM holds h WHERE (resolved_at IS NOT NULL) * (from_signup + from_available) <>
                (SELECT COALESCE(SUM(amount), 0) FROM transfers t WHERE t.job_id = h.job_id AND debit = 'held')",
        ),
        (
            "an input of no job, or of no asset",
            "SELECT COUNT(*) FROM job_inputs WHERE job_id NOT IN (SELECT id FROM jobs)
                OR asset_id NOT IN (SELECT id FROM assets)",
        ),
        (
            "a blob without owners, or a wrong count of them",
            "SELECT COUNT(*) FROM blobs b WHERE owners <> (SELECT COUNT(*) FROM assets a WHERE a.sha256 = b.sha256)
                OR owners = 0",
        ),
        ("a broken reference", "SELECT COUNT(*) FROM pragma_foreign_key_check"),
        (
            "another owner's input",
            "SELECT COUNT(*) FROM job_inputs JOIN jobs ON jobs.id = job_inputs.job_id
                JOIN assets ON assets.id = asset_id
             WHERE jobs.account_id <> assets.account_id OR jobs.livemode <> assets.livemode",
        ),
    ] {
        assert_eq!(number(conn, sql), 0, "{what}");
    }
}

fn is_a_refusal(error: &DbError) -> bool {
    matches!(
        error,
        DbError::InsufficientCredits { .. }
            | DbError::IllegalTransition(_)
            | DbError::AssetInUse(_)
            | DbError::AssetMissing(_)
            | DbError::NotFound(_)
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_money_adds_up(happenings in proptest::collection::vec(happening(), 1..60)) {
        let mut conn = memory();
        person(&mut conn, 1, 50);
        let mut is_crashing = false;
        for happening in &happenings {
            let tx = conn.transaction().unwrap();
            let result = act(&tx, happening);
            if let Err(error) = &result {
                prop_assert!(is_a_refusal(error), "{happening:?}: {error:?}");
            }
            if result.is_ok() && !is_crashing {
                tx.commit().unwrap();
            } else {
                drop(tx);
            }
            is_crashing = matches!(happening, Happening::Crash);
            check(&conn);
        }
    }
}

/// The same with a file that is really closed in the middle of things and opened again.
#[test]
fn a_reopened_file_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db.sqlite3");
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..8 {
        let happenings = proptest::collection::vec(happening(), 20).new_tree(&mut runner).unwrap().current();
        let db = crate::db::Db::open(&path).unwrap();
        db.write(|tx| act(tx, &Happening::Join { free: 2 })).unwrap();
        for happening in happenings {
            let told = happening.clone();
            let result = db.write(move |tx| {
                act(tx, &told)?;
                if matches!(told, Happening::Crash) {
                    panic!("died in the middle")
                }
                Ok(())
            });
            match result {
                Err(DbError::Panicked(_)) if matches!(happening, Happening::Crash) => break,
                Err(error) => assert!(is_a_refusal(&error), "{happening:?}: {error:?}"),
                Ok(()) => {}
            }
        }
        drop(db);
        let db = crate::db::Db::open(&path).unwrap();
        db.write(|tx| jobs::recover(tx, 3, NOON)).unwrap();
        db.read(|conn| {
            check(conn);
            Ok::<_, DbError>(())
        })
        .unwrap();
    }
}
