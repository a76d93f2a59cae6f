//! What the pages cost: bytes over the wire, work until they are painted.

use std::{fs, path::Path};

use reqwest::Method;
use serde_json::json;

use crate::{
    pages,
    server::{Answer, Server},
    stage::Stage,
};

/// The whole interface as a browser gets it.
const INTERFACE_BYTES_MAX: usize = 150 << 10;

fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
            found.push(path.strip_prefix(root).unwrap().display().to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_interface_comes_in_150_kilobytes() {
    let server = Server::start().await;
    let mut names = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets"), &mut names);
    let mut sizes = Vec::new();
    for name in &names {
        let request = server.stranger().request(Method::GET, &format!("/static/{name}"));
        let answer = Answer::read(request.header("accept-encoding", "gzip, deflate, br, zstd")).await;
        assert_eq!(answer.status, 200, "{name}");
        sizes.push((answer.body.len(), name));
    }
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let sum: usize = sizes.iter().map(|(bytes, _)| bytes).sum();
    println!("{} files, {sum} bytes; the largest: {:?}", sizes.len(), &sizes[..sizes.len().min(8)]);
    assert!(sum <= INTERFACE_BYTES_MAX, "{sum} bytes: {sizes:?}");
}

/// Elements that a page may have; a library of any size has no more.
const ELEMENTS_MAX: u64 = 4000;
/// Requests until a page has come to rest, its modules among them.
const REQUESTS_MAX: usize = 120;

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_heavy() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 50).await;
    for n in 0..30 {
        ada.session.painted(&format!("paper boat {n}")).await;
    }
    println!(
        "{:<22} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "page", "script ms", "layout ms", "paint ms", "elements", "requests"
    );
    for path in pages::all() {
        // A tab of its own each, as if it were the first page of the day.
        let page = stage.visit(&ada, "/favicon.ico").await;
        page.call("Performance.enable", json!({})).await.unwrap();
        let before = page.requests().len();
        page.go(path).await;
        page.settles().await;
        let metrics = page.call("Performance.getMetrics", json!({})).await.unwrap();
        let metric = |name: &str| {
            let found = metrics["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == name);
            found.and_then(|metric| metric["value"].as_f64()).unwrap()
        };
        let painted = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0";
        let painted = page.evaluate(painted).await.unwrap().as_f64().unwrap();
        let elements = page.evaluate("document.querySelectorAll('*').length").await.unwrap().as_u64().unwrap();
        let requests = page.requests().len() - before;
        let layout = metric("LayoutDuration") + metric("RecalcStyleDuration");
        println!(
            "{path:<22} {:>9.0} {:>9.0} {painted:>9.0} {elements:>9} {requests:>9}",
            metric("ScriptDuration") * 1000.0,
            layout * 1000.0
        );
        assert!(elements <= ELEMENTS_MAX, "{path} has {elements} elements");
        assert!(requests <= REQUESTS_MAX, "{path} asks {requests} times");
    }
}
