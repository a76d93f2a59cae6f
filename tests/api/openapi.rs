//! The document that the code makes of itself.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use crate::server::{Answer, Server};

/// The routes of the specification; a route that goes missing fails here, one that is new must be written down.
const ROUTES: &[&str] = &[
    "DELETE /v1/admin/backups/{name}",
    "DELETE /v1/admin/invitations/{id}",
    "DELETE /v1/admin/models/{id}",
    "DELETE /v1/admin/restore",
    "DELETE /v1/assets/{id}",
    "DELETE /v1/jobs/{id}",
    "DELETE /v1/keys/{id}",
    "DELETE /v1/sessions",
    "DELETE /v1/sessions/current",
    "DELETE /v1/sessions/{id}",
    "GET /healthz",
    "GET /metrics",
    "GET /readyz",
    "GET /v1/account",
    "GET /v1/account/ledger",
    "GET /v1/account/usage",
    "GET /v1/admin/accounts",
    "GET /v1/admin/accounts/{id}",
    "GET /v1/admin/audit",
    "GET /v1/admin/backups",
    "GET /v1/admin/backups/{name}",
    "GET /v1/admin/doctor",
    "GET /v1/admin/invitations",
    "GET /v1/admin/jobs",
    "GET /v1/admin/logs",
    "GET /v1/admin/logs/events",
    "GET /v1/admin/metrics",
    "GET /v1/admin/models",
    "GET /v1/admin/models/installation",
    "GET /v1/admin/models/{id}/export",
    "GET /v1/admin/overview",
    "GET /v1/admin/queue",
    "GET /v1/admin/settings",
    "GET /v1/admin/storage",
    "GET /v1/assets",
    "GET /v1/assets/timeline",
    "GET /v1/assets/{id}",
    "GET /v1/assets/{id}/content",
    "GET /v1/assets/{id}/peaks",
    "GET /v1/assets/{id}/thumbnail",
    "GET /v1/jobs",
    "GET /v1/jobs/timeline",
    "GET /v1/jobs/{id}",
    "GET /v1/jobs/{id}/events",
    "GET /v1/jobs/{id}/subtitles",
    "GET /v1/keys",
    "GET /v1/models",
    "GET /v1/plans",
    "GET /v1/session",
    "GET /v1/sessions",
    "GET /v1/voices",
    "GET /v1/voices/{id}/sample",
    "GET /v1/webhooks/deliveries",
    "GET /v1/webhooks/endpoint",
    "GET /v1/webhooks/secret",
    "PATCH /v1/keys/{id}",
    "POST /v1/account/password",
    "POST /v1/account/plan",
    "POST /v1/admin/accounts",
    "POST /v1/admin/accounts/{id}/disable",
    "POST /v1/admin/accounts/{id}/enable",
    "POST /v1/admin/accounts/{id}/grant",
    "POST /v1/admin/accounts/{id}/plan",
    "POST /v1/admin/accounts/{id}/plan/decline",
    "POST /v1/admin/accounts/{id}/reset-password",
    "POST /v1/admin/backups",
    "POST /v1/admin/invitations",
    "POST /v1/admin/jobs/{id}/cancel",
    "POST /v1/admin/models",
    "POST /v1/admin/models/{id}/unload",
    "POST /v1/admin/models/{id}/verify",
    "POST /v1/admin/queue/pause",
    "POST /v1/admin/queue/resume",
    "POST /v1/admin/restore",
    "POST /v1/admin/storage/sweep",
    "POST /v1/assets",
    "POST /v1/assets/{id}/links",
    "POST /v1/jobs",
    "POST /v1/jobs/{id}/cancel",
    "POST /v1/keys",
    "POST /v1/quote",
    "POST /v1/sessions",
    "POST /v1/set-up",
    "POST /v1/sign-up",
    "POST /v1/webhooks/deliveries/{id}/replay",
    "POST /v1/webhooks/secret/rotate",
    "POST /v1/webhooks/test",
    "PUT /v1/webhooks/endpoint",
];

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap();
            methods.iter().map(|(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_documented_and_every_documented_route_exists() {
    let server = Server::start().await;
    let document = server.stranger().get("/openapi.json").await.expect(200);
    let listed: BTreeSet<String> =
        operations(&document).iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let expected: BTreeSet<String> = ROUTES.iter().map(|route| (*route).to_owned()).collect();
    assert_eq!(listed, expected);
    for (method, path, operation) in operations(&document) {
        let method: Method = method.parse().unwrap();
        let answer = Answer::read(server.stranger().request(method.clone(), &path.replace("{id}", "x"))).await;
        let status = answer.status.as_u16();
        // An operation that needs no credential says so itself.
        let is_public = operation["security"] == serde_json::json!([{}]);
        if path.starts_with("/v1") && !is_public {
            assert_eq!(status, 401, "{method} {path} needs a credential");
        } else {
            assert!(status != 404 && status != 405, "{method} {path}: {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_leads_somewhere_and_every_refusal_has_the_shape() {
    let server = Server::start().await;
    let answer = server.stranger().get("/openapi.json").await;
    let (document, text) = (answer.expect(200), answer.text());
    for reference in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{method} {path} says what it does");
        assert!(ids.insert(operation["operationId"].to_string()), "{method} {path}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            if status.starts_with('4') || status.starts_with('5') {
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Error", "{method} {path} {status}");
            }
        }
    }
}

/// A schema's property names.
fn properties(document: &Value, name: &str) -> BTreeSet<String> {
    let schema = &document["components"]["schemas"][name]["properties"];
    schema.as_object().unwrap_or_else(|| panic!("{name}: {schema}")).keys().cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_have_exactly_the_documented_properties() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let document = server.stranger().get("/openapi.json").await.expect(200);
    let job = ada.live.painted("a cup").await;
    let asset = ada.live.get(&format!("/v1/assets/{}", job["result_asset_id"].as_str().unwrap())).await.expect(200);
    let account = ada.live.get("/v1/account").await.expect(200);
    let row = ada.live.get("/v1/account/ledger").await.expect(200)["data"][0].clone();
    for (name, value) in [("Job", job), ("Asset", asset), ("Account", account), ("Transfer", row)] {
        let keys: BTreeSet<String> = value.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, properties(&document, name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_explains_every_refusal() {
    let server = Server::start().await;
    let document = server.stranger().get("/openapi.json").await.expect(200);
    let rows = document["x-errors"].as_array().unwrap();
    assert_eq!(rows.len(), magicpixels::web::errors::TABLE.len());
    for (row, entry) in rows.iter().zip(magicpixels::web::errors::TABLE) {
        assert_eq!((&row["code"], &row["status"]), (&entry.name.into(), &entry.status.as_u16().into()));
        assert!(row["doc"].as_str().unwrap().len() > 20, "{row}");
    }
}
