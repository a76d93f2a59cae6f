//! Bytes over HTTP: ranges, conditions, heads, signed links, and headers that keep a file from doing harm.

use reqwest::Method;
use serde_json::json;

use crate::server::{Answer, Client, Server};

async fn fetch(client: &Client, method: Method, url: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = client.request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::read(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_conditions_and_heads_follow_the_standard() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 1).await;
    let job = ada.live.painted("a cup").await;
    let url = job["result_asset_url"].as_str().unwrap();
    let whole = ada.live.get(url).await;
    let (length, etag) = (whole.body.len(), whole.header("etag").to_owned());
    assert!(length > 100 && etag.len() == 66 && etag.starts_with('"'), "{etag}");
    assert_eq!(whole.header("content-length"), length.to_string());
    assert_eq!(whole.header("accept-ranges"), "bytes");

    for (range, status, span) in [
        ("bytes=0-9", 206, 0..10),
        ("bytes=10-", 206, 10..length),
        ("bytes=-7", 206, length - 7..length),
        ("bytes=5-99999999", 206, 5..length),
        ("bytes=0-1,3-4", 200, 0..length),
        ("bytes=9-3", 200, 0..length),
        ("pages=1-2", 200, 0..length),
    ] {
        let part = fetch(&ada.live, Method::GET, url, &[("range", range)]).await;
        assert_eq!(part.status, status, "{range}");
        assert_eq!(part.body, whole.body[span.clone()], "{range}");
        let expected = format!("bytes {}-{}/{length}", span.start, span.end - 1);
        assert_eq!(part.header("content-range"), if status == 206 { &*expected } else { "" });
    }
    let beyond = fetch(&ada.live, Method::GET, url, &[("range", &format!("bytes={length}-"))]).await;
    beyond.refused(416, "range_not_satisfiable");
    assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));

    let same = fetch(&ada.live, Method::GET, url, &[("if-none-match", &etag)]).await;
    assert_eq!((same.status.as_u16(), same.body.len(), same.header("etag")), (304, 0, &*etag));
    let range = ("range", "bytes=0-9");
    assert_eq!(fetch(&ada.live, Method::GET, url, &[range, ("if-range", &etag)]).await.status, 206);
    assert_eq!(fetch(&ada.live, Method::GET, url, &[range, ("if-range", "\"other\"")]).await.status, 200);

    let head = fetch(&ada.live, Method::HEAD, url, &[]).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), length.to_string());
    assert_eq!(head.header("etag"), etag);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_cannot_run_anything_and_stays_private() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 1).await;
    let job = ada.live.painted("a cup").await;
    let whole = ada.live.get(job["result_asset_url"].as_str().unwrap()).await;
    assert_eq!(whole.header("x-content-type-options"), "nosniff");
    assert!(whole.header("content-security-policy").contains("sandbox"));
    assert!(whole.header("cache-control").contains("private"));
    assert!(whole.header("content-disposition").starts_with("inline; filename=\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_link_works_alone_for_an_hour_and_for_nothing_else() {
    use magicpixels::domain::clock::{Clock, Timestamp};
    let clock = Clock::standing_at(Timestamp::parse("2026-11-22T10:00:00Z").unwrap());
    let server = Server::with_clock("", clock.clone()).await;
    let ada = server.person("ada@example.com", 1).await;
    let id = ada.live.picture().await;
    let link = ada.live.post(&format!("/v1/assets/{id}/links"), json!({})).await.expect(201);
    let url = link["url"].as_str().unwrap().to_owned();
    let stranger = server.stranger();
    let whole = stranger.get(&url).await;
    assert_eq!(whole.status, 200);
    assert_eq!(fetch(&stranger, Method::GET, &url, &[("range", "bytes=0-3")]).await.body, whole.body[..4]);
    let other = ada.live.upload("image", "b.png", crate::server::png(9, 9)).await.expect(201);
    let other = other["id"].as_str().unwrap();
    for bad in [
        url.replace(&id, other),
        url.replace("expires=1", "expires=2"),
        url.replace("signature=", "signature=A"),
        url.split("&signature").next().unwrap().to_owned(),
        url.replace("/content?", "/thumbnail?"),
    ] {
        let answer = stranger.get(&bad).await;
        assert!([401, 404].contains(&answer.status.as_u16()), "{bad}: {}", answer.status);
    }
    clock.advance(std::time::Duration::from_secs(3601));
    stranger.get(&url).await.refused(404, "not_found");
}
