//! Two accounts, every route: what is the other's does not exist. The walk is over the OpenAPI document, so a new
//! route can't be forgotten.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Server};

#[tokio::test(flavor = "multi_thread")]
async fn every_route_with_the_others_ids_answers_404() {
    let nobody = "http://127.0.0.1:9";
    let server = Server::with(&format!("[webhooks]\nallow = [\"{nobody}\"]\nallow_private = true\n")).await;
    let ada = server.person("ada@example.com", 10).await;
    let bob = server.person("bob@example.com", 10).await;
    let job = ada.live.painted("a secret cup").await;
    let keys = ada.session.get("/v1/keys").await.expect(200);
    let sessions = ada.session.get("/v1/sessions").await.expect(200);
    let delivery = ada.session.post("/v1/webhooks/test", json!({"url": nobody})).await.expect(202);
    let ids = [
        ("/v1/jobs/", job["id"].as_str().unwrap()),
        ("/v1/assets/", job["result_asset_id"].as_str().unwrap()),
        ("/v1/keys/", keys["data"][0]["id"].as_str().unwrap()),
        ("/v1/sessions/", sessions["data"][0]["id"].as_str().unwrap()),
        ("/v1/webhooks/deliveries/", delivery["id"].as_str().unwrap()),
    ];
    // These belong to the account, not to a side of it, and only a session manages them.
    let of_a_person = ["/v1/keys/", "/v1/sessions/", "/v1/webhooks/"];
    let document = server.stranger().get("/openapi.json").await.expect(200);
    let mut walked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some((_, id)) = ids.iter().find(|(prefix, _)| path.starts_with(prefix) && path.contains("{id}")) else {
            // What only who runs the appliance may name is refused to everyone else before it is looked at.
            let is_common = path.starts_with("/v1/voices/") || path.starts_with("/v1/admin/");
            assert!(!path.contains('{') || is_common, "{path} names what this test knows not");
            continue;
        };
        for method in methods.as_object().unwrap().keys() {
            let path = path.replace("{id}", id);
            let method: Method = method.to_uppercase().parse().unwrap();
            // The other account, the same account's test side, and the other's test side.
            for client in [&bob.session, &bob.live, &bob.test, &ada.test] {
                if of_a_person.iter().any(|prefix| path.starts_with(prefix)) && client.token != bob.session.token {
                    continue;
                }
                let request = client.request(method.clone(), &path);
                // A body is read before the thing is looked for.
                let request = if method == Method::PATCH { request.json(&json!({"name": "mine"})) } else { request };
                Answer::read(request).await.refused(404, "not_found");
                walked += 1;
            }
            Answer::read(server.stranger().request(method.clone(), &path)).await.refused(401, "unauthorized");
        }
    }
    assert!(walked >= 32, "{walked}");
    assert_eq!(ada.live.get(&format!("/v1/jobs/{}", ids[0].1)).await.expect(200)["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_hold_ones_own_only() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let bob = server.person("bob@example.com", 10).await;
    let job = ada.live.painted("a secret cup").await;
    for path in ["/v1/jobs", "/v1/assets"] {
        for client in [&bob.live, &bob.session, &bob.test, &ada.test] {
            assert_eq!(client.get(path).await.expect(200)["data"], json!([]), "{path}");
        }
    }
    let secrets = [job["id"].as_str().unwrap(), job["result_asset_id"].as_str().unwrap(), "ada@example.com"];
    for path in
        ["/v1/account", "/v1/account/ledger", "/v1/account/usage", "/v1/keys", "/v1/webhooks/deliveries", "/metrics"]
    {
        let text = bob.session.get(path).await.text();
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{path}: {text}");
    }
    // Not even as the place from which a list goes on.
    let after = format!("/v1/jobs?after={}", job["id"].as_str().unwrap());
    assert_eq!(bob.live.get(&after).await.expect(200)["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_assets_are_no_input() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let bob = server.person("bob@example.com", 10).await;
    let image = ada.live.picture().await;
    let missing = magicpixels::domain::ids::AssetId::new().to_string();
    let refusal = |id: String| {
        let bob = bob.live.clone();
        async move {
            let body = json!({"mode": "image_to_image", "prompt": "x", "input_image_asset_id": id});
            let answer = bob.post("/v1/jobs", body).await;
            let mut error: Value = answer.json()["error"].clone();
            error["request_id"] = Value::Null;
            (answer.status, error.to_string().replace(&id, "ID"))
        }
    };
    let (theirs, nobodys) = (refusal(image).await, refusal(missing).await);
    assert_eq!(theirs, nobodys, "the answer does not tell whether it exists");
    assert!(theirs.0.is_client_error());
    assert_eq!(bob.live.credits().await, 11);
}
