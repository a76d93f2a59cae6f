//! The pages: one shell for all of them, its files, and what keeps other sites from using a browser's session.

use std::{collections::BTreeSet, path::Path};

use magicpixels::domain::digest::Digest;
use reqwest::Method;
use serde_json::json;

use crate::server::{Answer, Client, Server};

/// What a person's browser gets.
async fn view(client: &Client, path: &str) -> Answer {
    Answer::read(client.request(Method::GET, path).header("accept", "text/html,*/*;q=0.8")).await
}

/// The paths in the browser's own table of routes.
fn routes() -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/router.js");
    let text = std::fs::read_to_string(file).unwrap();
    let paths = text.split("{ path: '").skip(1).map(|rest| rest.split('\'').next().unwrap().to_owned());
    paths.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_the_shell_with_nothing_inline() {
    let server = Server::start().await;
    let stranger = server.stranger();
    let paths = routes();
    assert!(paths.len() >= 30 && paths.iter().collect::<BTreeSet<_>>().len() == paths.len(), "{paths:?}");
    let mut files = BTreeSet::new();
    for path in paths {
        let page = view(&stranger, &path.replace("{id}", "job_x")).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self';", "style-src 'self';", "trusted-types 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        let text = page.text();
        assert!(!text.contains("style=\"") && !text.contains("onclick") && !text.contains("<script>"), "{path}");
        files.extend(text.split("/static/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    assert!(files.contains("app.js") && files.contains("style/base.css"), "{files:?}");
    for file in files {
        assert_eq!(view(&stranger, &format!("/static/{file}")).await.status, 200, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_told_a_refusal_by_a_page() {
    let server = Server::start().await;
    let stranger = server.stranger();
    for path in ["/no-such-page", "/admin/no-such-page", "/docs/no-such-guide", "/<script>alert(1)</script>"] {
        let page = view(&stranger, path).await;
        assert_eq!(page.status, 404, "{path}");
        let text = page.text();
        assert!(text.contains("data-code=\"not_found\"") && text.contains("app.js"), "{text}");
        assert!(text.contains(page.header("x-request-id")) && !text.contains("<script>"), "{text}");
        stranger.get(path).await.refused(404, "not_found");
    }
    let foreign = stranger.request(Method::GET, "/").header("accept", "text/html").header("host", "evil.example");
    let page = Answer::read(foreign).await;
    assert_eq!(page.status, 421);
    assert!(page.text().contains("data-code=\"misdirected\"") && page.text().contains("evil.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_compressed_and_once() {
    let server = Server::start().await;
    let stranger = server.stranger();
    let get = |headers: Vec<(&'static str, String)>| {
        let request = stranger.request(Method::GET, "/static/style/base.css");
        Answer::read(headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)))
    };
    let plain = get(vec![]).await;
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
    let small = get(vec![("accept-encoding", "gzip, deflate".into())]).await;
    assert_eq!((small.header("content-encoding"), small.header("content-type")), ("gzip", "text/css; charset=utf-8"));
    assert!(small.body.len() * 2 < plain.body.len(), "{} of {}", small.body.len(), plain.body.len());
    let smallest = get(vec![("accept-encoding", "gzip, deflate, br, zstd".into())]).await;
    assert_eq!(smallest.header("content-encoding"), "br");
    assert!(smallest.body.len() < small.body.len(), "{} of {}", smallest.body.len(), small.body.len());
    assert_ne!(small.header("etag"), plain.header("etag"), "two representations have two tags");
    for tag in [plain.header("etag"), small.header("etag")] {
        let encoding = if tag.contains("gzip") { "gzip" } else { "identity" };
        let again = get(vec![("accept-encoding", encoding.into()), ("if-none-match", tag.to_owned())]).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_cannot_use_the_session() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let token = ada.session.token.clone().unwrap();
    let csrf = Digest::of(format!("magicpixels csrf\n{token}").as_bytes()).to_string();
    let stranger = server.stranger();
    let job = json!({"mode": "text_to_image", "prompt": "a cup"});
    let call = |headers: Vec<(&'static str, String)>| {
        let request = stranger.request(Method::POST, "/v1/jobs").header("cookie", format!("mp_session={token}"));
        Answer::read(headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)).json(&job))
    };
    let site = |site: &str| ("sec-fetch-site", site.to_owned());
    let origin = |origin: &str| ("origin", origin.to_owned());
    let good = || ("x-csrf-token", csrf.clone());
    for headers in [
        vec![],
        vec![site("same-origin")],
        vec![good()],
        vec![site("cross-site"), good()],
        vec![site("same-site"), good()],
        vec![origin("http://evil.example"), good()],
        vec![origin("null"), good()],
        vec![site("same-origin"), ("x-csrf-token", "0".repeat(64))],
    ] {
        call(headers).await.refused(403, "cross_site");
    }
    call(vec![site("same-origin"), good()]).await.expect(201);
    call(vec![origin(&format!("http://{}", server.base.trim_start_matches("http://"))), good()]).await.expect(201);
}
