//! The ways in and out, as the studio's scripts take them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    server::{Answer, PASSWORD, Server},
};

#[tokio::test(flavor = "multi_thread")]
async fn from_the_set_up_address_to_a_session_in_a_cookie() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let state = browser.get("/v1/session").await.expect(200);
    assert_eq!(
        (&state["state"], &state["sign_up"], &state["account"]),
        (&json!("set_up"), &json!("closed"), &Value::Null)
    );
    assert_eq!(state["version"], env!("CARGO_PKG_VERSION"));
    let token = server.running().set_up_url.as_ref().unwrap().split("token=").nth(1).unwrap().to_owned();
    let body = |token: &str, password: &str| json!({"token": token, "email": "ada@example.com", "password": password});
    browser.post("/v1/set-up", body("x", PASSWORD)).await.refused(403, "forbidden");
    let bad = browser.post("/v1/set-up", json!({"token": token, "email": "ada", "password": "short"})).await.faults();
    let bad: Vec<&str> = bad.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(bad, ["email", "password"], "all faults at once");
    server.stranger().post("/v1/set-up", body(&token, PASSWORD)).await.refused(403, "cross_site");
    let made = browser.post("/v1/set-up", body(&token, PASSWORD)).await.expect(201);
    assert_eq!(made["token"], Value::Null, "scripts never see the token of a cookie's session");
    let state = browser.get("/v1/session").await.expect(200);
    assert_eq!((&state["state"], &state["account"]["email"]), (&json!("signed_in"), &json!("ada@example.com")));
    assert_eq!(state["account"]["is_admin"], true, "the first account runs the appliance");
    assert_eq!((&state["csrf_token"], &state["expires_at"]), (&made["csrf_token"], &made["expires_at"]));
    Browser::new(&server).post("/v1/set-up", body(&token, PASSWORD)).await.refused(403, "forbidden");
    let key = browser.post("/v1/keys", json!({"name": "k"})).await.expect(201);
    let key = server.client(key["token"].as_str().unwrap());
    let seen = key.get("/v1/session").await.expect(200);
    assert_eq!(seen["state"], "signed_out", "a key is no session");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_with_a_cookie_and_out_again() {
    let server = Server::start().await;
    server.person("ada@example.com", 0).await;
    let sign_in = json!({"email": "ada@example.com", "password": PASSWORD, "cookie": true});
    server.stranger().post("/v1/sessions", sign_in.clone()).await.refused(403, "cross_site");
    let mut browser = Browser::signed_in(&server, "ada@example.com").await;
    assert_eq!(browser.get("/v1/session").await.expect(200)["state"], "signed_in");
    let (old, csrf_token) = (browser.cookie.clone(), std::mem::take(&mut browser.csrf_token));
    browser.delete("/v1/sessions/current").await.refused(403, "cross_site");
    browser.csrf_token = csrf_token;
    browser.delete("/v1/sessions/current").await.expect(204);
    assert_eq!(browser.cookie, "mp_session=", "the browser forgets it");
    browser.cookie = old;
    assert_eq!(browser.get("/v1/session").await.expect(200)["state"], "signed_out", "and so does the appliance");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_one_by_one() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let mut browser = Browser::signed_in(&server, "ada@example.com").await;
    let mut other = Browser::signed_in(&server, "ada@example.com").await;
    let list = browser.get("/v1/sessions").await.expect(200)["data"].clone();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 3, "two browsers and the test's own session");
    assert_eq!(list.iter().filter(|session| session["is_current"] == true).count(), 1);
    assert_eq!(list.iter().filter(|session| session["label"] == "Chromium on Linux").count(), 2);
    let theirs = other.get("/v1/sessions").await.expect(200)["data"].clone();
    let theirs = theirs.as_array().unwrap().iter().find(|session| session["is_current"] == true).unwrap().clone();
    let path = format!("/v1/sessions/{}", theirs["id"].as_str().unwrap());
    ada.live.get("/v1/sessions").await.refused(403, "forbidden");
    browser.delete(&path).await.expect(204);
    browser.delete(&path).await.refused(404, "not_found");
    assert_eq!(other.get("/v1/session").await.expect(200)["state"], "signed_out");
    browser.delete("/v1/sessions").await.expect(204);
    ada.session.get("/v1/account").await.refused(401, "unauthorized");
    ada.live.get("/v1/account").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions_and_its_tries_are_counted() {
    let server = Server::with("[limits]\nsign_ins_per_minute = 7\n").await;
    let ada = server.person("ada@example.com", 0).await;
    let mut browser = Browser::signed_in(&server, "ada@example.com").await;
    let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let wrong = browser.post("/v1/account/password", change("wrong horse", "battery staple")).await.faults();
    assert_eq!(wrong, [("current_password".into(), "wrong".into())]);
    let weak = browser.post("/v1/account/password", change(PASSWORD, "short")).await.faults();
    assert_eq!(weak, [("new_password".into(), "invalid".into())]);
    ada.live.post("/v1/account/password", change(PASSWORD, "battery staple")).await.refused(403, "forbidden");
    browser.post("/v1/account/password", change(PASSWORD, "battery staple")).await.expect(204);
    assert_eq!(browser.get("/v1/session").await.expect(200)["state"], "signed_in");
    ada.session.get("/v1/account").await.refused(401, "unauthorized");
    let sign_in = |password: &str| json!({"email": "ada@example.com", "password": password});
    server.stranger().post("/v1/sessions", sign_in(PASSWORD)).await.refused(401, "unauthorized");
    server.stranger().post("/v1/sessions", sign_in("battery staple")).await.expect(201);
    // The allowance fills up again while a slow machine hashes, so one more try may not be enough.
    let mut last = browser.post("/v1/account/password", change("wrong horse", "battery staple")).await;
    for _ in 0..20 {
        if last.status != 429 {
            last = browser.post("/v1/account/password", change("wrong horse", "battery staple")).await;
        }
    }
    last.refused(429, "rate_limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_up_is_the_operators_choice() {
    let body = |email: &str| json!({"email": email, "password": PASSWORD});
    let closed = Server::start().await;
    closed.person("ada@example.com", 0).await;
    Browser::new(&closed).post("/v1/sign-up", body("bob@example.com")).await.refused(403, "forbidden");
    let open = Server::with("sign_up = \"open\"").await;
    let mut early = Browser::new(&open);
    early.post("/v1/sign-up", body("bob@example.com")).await.refused(403, "forbidden");
    open.person("ada@example.com", 0).await;
    let foreign = open.stranger().request(Method::POST, "/v1/sign-up").header("sec-fetch-site", "cross-site");
    Answer::read(foreign.json(&body("bob@example.com"))).await.refused(403, "cross_site");
    let mut bob = Browser::new(&open);
    bob.post("/v1/sign-up", body("bob@example.com")).await.expect(201);
    let account = bob.get("/v1/session").await.expect(200)["account"].clone();
    assert_eq!((&account["is_admin"], &account["credits_remaining"]), (&json!(false), &json!(1)));
    Browser::new(&open).post("/v1/sign-up", body("Bob@example.com")).await.refused(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_credentials_are_counted_by_address_and_good_ones_go_on() {
    let settings =
        "trusted_proxies = [\"127.0.0.1\"]\n[limits]\nbad_credentials_per_minute = 3\nsign_ins_per_minute = 3\n";
    let server = Server::with(settings).await;
    let ada = server.person("ada@example.com", 0).await;
    let from = |client: &crate::server::Client, address: &'static str| {
        Answer::read(client.request(Method::GET, "/v1/account").header("x-forwarded-for", address))
    };
    let guess = server.client("mp_live_0000.guess");
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(from(&guess, "203.0.113.7").await.status.as_u16());
    }
    assert_eq!(statuses[..3], [401; 3]);
    assert!(statuses.contains(&429), "{statuses:?}");
    from(&ada.live, "203.0.113.7").await.expect(200);
    from(&guess, "203.0.113.8").await.refused(401, "unauthorized");
    let sign_in = |address: &'static str| {
        let request = server.stranger().request(Method::POST, "/v1/sessions").header("x-forwarded-for", address);
        Answer::read(request.json(&json!({"email": "ada@example.com", "password": "wrong horse"})))
    };
    let mut tries = Vec::new();
    for _ in 0..12 {
        tries.push(sign_in("203.0.113.7").await.status.as_u16());
    }
    assert!(tries.contains(&429), "{tries:?}");
    sign_in("203.0.113.9").await.refused(401, "unauthorized");
}
