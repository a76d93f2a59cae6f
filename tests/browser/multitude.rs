//! A library of any size, put straight into the database: copies of one finished picture, ten minutes apart.

use magicpixels::db::{DbError, Transaction};

use crate::server::{Client, Server};

/// The columns of a table, some of them as other expressions.
fn columns(tx: &Transaction<'_>, table: &str, other: &[(&str, &str)]) -> Result<(String, String), DbError> {
    let mut statement = tx.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names: Vec<String> = statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let as_what = |name: &String| {
        let found = other.iter().find(|(column, _)| column == name);
        found.map_or(format!("one.{name}"), |(_, expression)| (*expression).to_owned())
    };
    Ok((names.join(", "), names.iter().map(as_what).collect::<Vec<_>>().join(", ")))
}

fn copy(tx: &Transaction<'_>, job: &str, count: u32) -> Result<(), DbError> {
    // A job begins queued, and no trigger lets it begin finished; the copies never ran.
    let guard: String =
        tx.query_row("SELECT sql FROM sqlite_master WHERE name = 'jobs_begin_queued'", [], |row| row.get(0))?;
    tx.execute_batch("DROP TRIGGER jobs_begin_queued")?;
    // The id is a UUIDv7 of the copy's own time.
    let id = "printf('%012x7%03x8%015x', made.created_at - n * 600000, n % 4096, n)";
    let [job_id, asset_id] = ["'job_' || ", "'ast_' || "].map(|prefix| format!("{prefix}{id}"));
    let earlier = |column: &str| format!("one.{column} - n * 600000");
    let [created, started, finished] = ["created_at", "started_at", "finished_at"].map(earlier);
    let words = "one.search_text || ' ' || n";
    let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)";
    let (names, values) = columns(
        tx,
        "assets",
        &[("id", &asset_id), ("job_id", &job_id), ("search_text", words), ("created_at", &created)],
    )?;
    tx.execute(
        &format!(
            "{numbers} INSERT INTO assets ({names}) SELECT {values} FROM numbers, assets one, jobs made \
             WHERE one.job_id = ?1 AND made.id = ?1"
        ),
        (job, count),
    )?;
    let prompt = "json_set(one.request, '$.prompt', one.request ->> '$.prompt' || ' ' || n)";
    let (names, values) = columns(
        tx,
        "jobs",
        &[
            ("id", &job_id),
            ("result_asset_id", &asset_id),
            ("request", prompt),
            ("search_text", words),
            ("created_at", &created),
            ("started_at", &started),
            ("finished_at", &finished),
        ],
    )?;
    tx.execute(
        &format!(
            "{numbers} INSERT INTO jobs ({names}) SELECT {values} FROM numbers, jobs one, jobs made \
             WHERE one.id = ?1 AND made.id = ?1"
        ),
        (job, count),
    )?;
    tx.execute_batch(&guard)?;
    Ok(())
}

/// Gives the person this many pictures.
pub async fn paint_many(server: &Server, person: &Client, count: u32) {
    let job = person.painted("a cup on steel, number").await["id"].as_str().unwrap().to_owned();
    server.app().db.write_async(move |tx| copy(tx, &job, count - 1)).await.unwrap();
}
