//! Refusals have one shape everywhere, and every answer carries the same headers.

use reqwest::Method;

use crate::server::{Answer, Server};

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_wrong_methods_have_the_shape() {
    let server = Server::start().await;
    let stranger = server.stranger();
    for path in ["/v1", "/v1/nothing", "/nothing", "/static/nothing.js", "/docs/nothing.js", "/v1/jobs/x/y/z"] {
        stranger.get(path).await.refused(404, "not_found");
    }
    let answer = Answer::read(stranger.request(Method::PATCH, "/v1/jobs")).await;
    answer.refused(405, "method_not_allowed");
    assert!(answer.header("allow").contains("POST"), "{:?}", answer.headers);
    Answer::read(stranger.request(Method::DELETE, "/healthz")).await.refused(405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_an_id_and_safe_headers() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    for path in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/sign-in", "/docs", "/nothing", "/v1/account"] {
        let answer = ada.live.get(path).await;
        assert!(answer.header("x-request-id").starts_with("req_"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("script-src 'unsafe") && answer.header("access-control-allow-origin").is_empty());
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
    }
    let own = ada.live.request(Method::GET, "/v1/account").header("x-request-id", "my-trace.1");
    assert_eq!(Answer::read(own).await.header("x-request-id"), "my-trace.1");
    let bad = ada.live.request(Method::GET, "/v1/account").header("x-request-id", "<script>");
    assert!(Answer::read(bad).await.header("x-request-id").starts_with("req_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_has_so_many_requests_a_minute() {
    let server = Server::with("[limits]\nrequests_per_minute = 5\n").await;
    let ada = server.person("ada@example.com", 0).await;
    for left in (0..5).rev() {
        let answer = ada.live.get("/v1/account").await;
        answer.expect(200);
        assert_eq!(answer.header("ratelimit-limit"), "5");
        assert_eq!(answer.header("ratelimit-remaining"), left.to_string());
        assert!(answer.header("ratelimit-reset").parse::<u64>().unwrap() <= 60);
    }
    let refusal = ada.live.get("/v1/account").await;
    refusal.refused(429, "rate_limited");
    assert_eq!(refusal.header("ratelimit-remaining"), "0");
    assert!(refusal.header("retry-after").parse::<u64>().unwrap() >= 1);
    ada.session.get("/v1/account").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_host_name_is_refused() {
    let server = Server::start().await;
    let with =
        |host: &'static str| Answer::read(server.stranger().request(Method::GET, "/healthz").header("host", host));
    with("evil.example:8420").await.refused(421, "misdirected");
    with("localhost:8420").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_none_name_nothing() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    for id in ["job_id", "x", "..", "%00", "job_019f2b7ac00071d2a3b4c5d6e7f80910", "ast_1", &"j".repeat(3000)] {
        for path in [format!("/v1/jobs/{id}"), format!("/v1/assets/{id}/content"), format!("/v1/jobs/{id}/events")] {
            let answer = ada.live.get(&path).await;
            assert!([400, 404].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
            let code = answer.json()["error"]["code"].as_str().unwrap().to_owned();
            answer.refused(answer.status.as_u16(), &code);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_tells_of_itself() {
    let server = Server::start().await;
    let stranger = server.stranger();
    assert_eq!(stranger.get("/healthz").await.expect(200)["status"], "ok");
    assert_eq!(stranger.get("/readyz").await.expect(200)["version"], env!("CARGO_PKG_VERSION"));
    stranger.get("/v1/jobs/some-secret-path").await;
    let figures = stranger.get("/metrics").await.text();
    assert!(figures.contains("magicpixels_http_requests_total{"), "{figures}");
    assert!(figures.contains("route=\"/v1/jobs/{id}\"") && !figures.contains("some-secret-path"), "{figures}");
    assert!(figures.contains("magicpixels_jobs{status=\"queued\"}"), "{figures}");
}
