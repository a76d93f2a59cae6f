//! What keys may do, for how long, under which name, and what was made with them.

use std::{collections::BTreeMap, time::Duration};

use magicpixels::domain::{
    clock::{Clock, Timestamp},
    ids,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Person, Server};

const SCOPES: [&str; 5] = ["assets:read", "assets:write", "jobs:read", "jobs:write", "account:read"];

async fn make(person: &Person, body: Value) -> Value {
    person.session.post("/v1/keys", body).await.expect(201)
}

/// An id of the kind that the route takes and that nothing has.
fn nobodys_id(path: &str) -> String {
    match path.split('/').nth(2) {
        Some("assets") => ids::AssetId::new().to_string(),
        Some("jobs") => ids::JobId::new().to_string(),
        Some("keys") => ids::KeyId::new().to_string(),
        _ => "x".into(),
    }
}

/// Every documented route with every scope alone: one scope opens it, or it is for every key, or for none.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_opened_by_its_scope_alone() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let mut keys = Vec::new();
    for scope in SCOPES {
        let key = make(&ada, json!({"name": scope, "scopes": [scope]})).await;
        assert_eq!(key["scopes"], json!([scope]));
        keys.push((scope, server.client(key["token"].as_str().unwrap())));
    }
    let document = server.stranger().get("/openapi.json").await.expect(200);
    let mut opened_by: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if !path.starts_with("/v1") || operation["security"] == json!([{}]) {
                continue;
            }
            let route = format!("{} {path}", method.to_uppercase());
            let method: Method = method.to_uppercase().parse().unwrap();
            let url = path.replace("{id}", &nobodys_id(path)).replace("{name}", "x");
            let mut scopes = Vec::new();
            for (scope, client) in &keys {
                let answer = Answer::read(client.request(method.clone(), &url)).await;
                match answer.status.as_u16() {
                    403 => {
                        let error = answer.json()["error"].clone();
                        let told = operation["description"].as_str().unwrap_or_default();
                        match error["code"].as_str().unwrap() {
                            "missing_scope" => {
                                let needed = error["details"]["scope"].as_str().unwrap();
                                assert!(told.contains(&format!("`{needed}`")), "{route} documents {needed}: {told}");
                            }
                            "forbidden" => assert!(told.contains("browser session"), "{route}: {told}"),
                            other => panic!("{route}: {other}"),
                        }
                    }
                    401 => panic!("{route} does not take a good key"),
                    _ => scopes.push(*scope),
                }
            }
            opened_by.insert(route, scopes);
        }
    }
    assert!(opened_by.len() > 30, "{opened_by:?}");
    for (route, scopes) in &opened_by {
        let (method, path) = route.split_once(' ').unwrap();
        let expected: &[&str] = match path.split('/').nth(2).unwrap() {
            "models" | "voices" if method == "GET" => &SCOPES,
            "assets" if method == "GET" || path.ends_with("/links") => &["assets:read"],
            "assets" => &["assets:write"],
            "jobs" if method == "GET" => &["jobs:read"],
            "quote" => &["jobs:read"],
            "jobs" => &["jobs:write"],
            "webhooks" if route == "GET /v1/webhooks/deliveries" => &["jobs:read"],
            "account" | "plans" | "keys" if method == "GET" => &["account:read"],
            _ => &[],
        };
        assert_eq!(scopes, expected, "{route}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_what_its_scopes_say_and_no_more() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let key = make(&ada, json!({"name": "maker", "scopes": ["jobs:write", "jobs:read"]})).await;
    let maker = server.client(key["token"].as_str().unwrap());
    let job = maker.painted("a cup").await;
    let content = maker.get(job["result_asset_url"].as_str().unwrap()).await;
    assert_eq!(content.refused(403, "missing_scope")["details"], json!({"scope": "assets:read"}));
    maker.get("/v1/account").await.refused(403, "missing_scope");
    maker.get("/v1/models").await.expect(200);
    let all = make(&ada, json!({"name": "all"})).await;
    assert_eq!(all["scopes"], json!(SCOPES), "none named means all");
    let faults = ada.session.post("/v1/keys", json!({"name": "k", "scopes": ["job:read"]})).await;
    assert!(faults.text().contains("`jobs:read`"), "{}", faults.text());
    assert_eq!(faults.faults(), [("scopes".into(), "invalid".into())]);
    let faults = ada.session.post("/v1/keys", json!({"scopes": "jobs:read", "expires_at": "soon"})).await.faults();
    let faults: Vec<String> = faults.into_iter().map(|(field, code)| format!("{field} {code}")).collect();
    assert_eq!(faults, ["name missing", "scopes type", "expires_at invalid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_expires() {
    let clock = Clock::standing_at(Timestamp::parse("2026-11-22T09:30:00Z").unwrap());
    let server = Server::with_clock("", clock.clone()).await;
    let ada = server.person("ada@example.com", 0).await;
    let late = json!({"name": "k", "expires_at": "2026-11-22T09:30:00Z"});
    assert_eq!(ada.session.post("/v1/keys", late).await.faults(), [("expires_at".into(), "out_of_range".into())]);
    let key = make(&ada, json!({"name": "k", "expires_at": "2026-11-22T11:30:00+01:00"})).await;
    assert_eq!(key["expires_at"], "2026-11-22T10:30:00Z");
    let client = server.client(key["token"].as_str().unwrap());
    clock.advance(Duration::from_mins(59));
    client.get("/v1/account").await.expect(200);
    clock.advance(Duration::from_mins(1));
    client.get("/v1/account").await.refused(401, "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_takes_another_name_and_usage_is_told_by_key() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let key = make(&ada, json!({"name": "laptop"})).await;
    let path = format!("/v1/keys/{}", key["id"].as_str().unwrap());
    let patch =
        |client: &crate::server::Client, body: Value| Answer::read(client.request(Method::PATCH, &path).json(&body));
    let renamed = patch(&ada.session, json!({"name": " tablet "})).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["id"]), (&json!("tablet"), &key["id"]));
    patch(&ada.session, json!({"name": ""})).await.faults();
    patch(&ada.live, json!({"name": "x"})).await.refused(403, "forbidden");
    let client = server.client(key["token"].as_str().unwrap());
    for prompt in ["a cup", "a jug"] {
        let job = client.painted(prompt).await;
        client.delete(&format!("/v1/jobs/{}", job["id"].as_str().unwrap())).await.expect(204);
    }
    ada.session.painted("a bowl").await;
    let usage = ada.session.get("/v1/account/usage?group_by=key").await.expect(200);
    let rows: Vec<(Value, Value)> =
        usage["data"].as_array().unwrap().iter().map(|row| (row["key_name"].clone(), row["charged"].clone())).collect();
    assert_eq!(rows, [(Value::Null, json!(1)), (json!("tablet"), json!(2))], "the jobs are gone, their usage is not");
    assert_eq!(usage["data"][1]["key_id"], key["id"]);
    let plain = ada.session.get("/v1/account/usage").await.expect(200);
    assert_eq!(plain["data"][0]["charged"], 3);
    assert!(plain["data"][0].get("key_id").is_none());
    assert_eq!(ada.session.get("/v1/account/usage?group_by=hour").await.faults()[0].0, "group_by");
}
