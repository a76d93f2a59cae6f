//! Account, ledger, usage, keys, sessions, catalogue.

use serde_json::json;

use crate::server::{PASSWORD, Server};

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_and_the_usage_add_up_to_the_balance() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    for prompt in ["a cup", "a jug"] {
        ada.live.painted(prompt).await;
    }
    let ledger = ada.live.get("/v1/account/ledger?limit=100").await.expect(200);
    let rows = ledger["data"].as_array().unwrap();
    let spendable = ["signup", "available"];
    let balance: i64 = rows
        .iter()
        .map(|row| {
            let amount = row["amount"].as_i64().unwrap();
            let is = |side: &str| i64::from(spendable.contains(&row[side].as_str().unwrap()));
            amount * (is("credit") - is("debit"))
        })
        .sum();
    assert_eq!(balance, 9);
    assert_eq!(ada.live.credits().await, 9);
    assert!(rows.windows(2).all(|pair| pair[0]["prev_hash"] == pair[1]["hash"]), "one account: one unbroken chain");
    let usage = ada.live.get("/v1/account/usage").await.expect(200);
    assert_eq!(usage["data"][0]["charged"], 2, "{usage}");
    let past = ada.live.get("/v1/account/usage?as_of=2001-01-01").await.expect(200);
    assert_eq!(past["data"], json!([]));
    assert_eq!(ada.live.get("/v1/account/usage?as_of=tomorrow").await.faults()[0].0, "as_of");
    let first = ada.live.get("/v1/account/ledger?limit=1").await.expect(200);
    assert_eq!(first["has_more"], true);
    let after = format!("/v1/account/ledger?after={}", first["data"][0]["id"].as_str().unwrap());
    assert_eq!(ada.live.get(&after).await.expect(200)["data"][0], rows[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_stops_at_once_and_secrets_are_told_once() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let key = ada.session.post("/v1/keys", json!({"name": "k", "test": true})).await.expect(201);
    let token = key["token"].as_str().unwrap();
    assert!(token.starts_with("mp_test_"));
    let client = server.client(token);
    assert_eq!(client.get("/v1/account").await.expect(200)["livemode"], false);
    let list = ada.session.get("/v1/keys").await;
    assert!(!list.text().contains(token.split('.').nth(1).unwrap()));
    let path = format!("/v1/keys/{}", key["id"].as_str().unwrap());
    client.delete(&path).await.refused(403, "forbidden");
    ada.session.delete(&path).await.expect(204);
    client.get("/v1/account").await.refused(401, "unauthorized");
    ada.session.delete(&path).await.refused(404, "not_found");
    let faults = ada.session.post("/v1/keys", json!({"name": "", "tset": true})).await.faults();
    assert_eq!(faults, [("tset".into(), "unknown".into())]);
    assert_eq!(ada.session.post("/v1/keys", json!({"name": " "})).await.faults()[0].0, "name");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_begin_with_the_password_and_end_when_told() {
    let server = Server::with("[limits]\nsign_ins_per_minute = 6\n").await;
    let ada = server.person("ada@example.com", 0).await;
    let try_with = |email: &'static str, password: &'static str| {
        let client = server.stranger();
        async move { client.post("/v1/sessions", json!({"email": email, "password": password})).await }
    };
    let wrong = try_with("ada@example.com", "wrong horse").await.refused(401, "unauthorized");
    let nobody = try_with("eve@example.com", PASSWORD).await.refused(401, "unauthorized");
    assert_eq!(wrong["message"], nobody["message"], "the answer does not tell who has an account");
    let token = |body: serde_json::Value| body["token"].as_str().unwrap().to_owned();
    let first = server.client(&token(try_with("ada@example.com", PASSWORD).await.expect(201)));
    first.delete("/v1/sessions/current").await.expect(204);
    first.get("/v1/account").await.refused(401, "unauthorized");
    let second = server.client(&token(try_with("Ada@Example.com", PASSWORD).await.expect(201)));
    ada.live.delete("/v1/sessions").await.refused(403, "forbidden");
    second.delete("/v1/sessions").await.expect(204);
    ada.session.get("/v1/account").await.refused(401, "unauthorized");
    ada.live.get("/v1/account").await.expect(200);
    let mut last = try_with("ada@example.com", "wrong horse").await;
    for _ in 0..3 {
        last = try_with("ada@example.com", "wrong horse").await;
    }
    last.refused(429, "rate_limited");
    assert!(!last.header("retry-after").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_models_and_voices_are_listed() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let ids = |list: serde_json::Value| -> Vec<String> {
        list["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(ada.live.get("/v1/plans").await.expect(200)), ["free", "studio", "pro"]);
    assert!(!ids(ada.live.get("/v1/models").await.expect(200)).is_empty());
    let voices = ada.live.get("/v1/voices").await.expect(200);
    for (field, value) in [("language", "en-US"), ("licence", "MIT OR Apache-2.0"), ("gender", "male")] {
        assert_eq!(voices["data"][0][field], value);
    }
    let sample = ada.live.get(voices["data"][0]["sample_url"].as_str().unwrap()).await;
    assert_eq!((sample.status.as_u16(), sample.header("content-type")), (200, "audio/wav"));
    assert!(hound::WavReader::new(&*sample.body).unwrap().duration() > 1000);
    let ids = ids(voices);
    for id in ["casual_male", "casual_female", "cheerful_female", "neutral_male", "neutral_female"] {
        assert!(ids.contains(&id.to_owned()), "{id}");
    }
    ada.live.get("/v1/voices/nobody/sample").await.refused(404, "not_found");
    assert_eq!(ada.session.post("/v1/account/plan", json!({"plan": "stdio"})).await.faults()[0].0, "plan");
}
