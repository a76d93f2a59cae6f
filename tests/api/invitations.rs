//! Invitations: made by who runs the appliance, good once, for an account of one's own.

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    server::{PASSWORD, Server},
};

const SETTINGS: &str = "sign_up = \"invitation\"\n[limits]\nsign_ins_per_minute = 100\n";

fn person(email: &str, invitation: Option<&str>) -> Value {
    json!({"email": email, "password": PASSWORD, "invitation": invitation})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_makes_one_account() {
    let server = Server::with(SETTINGS).await;
    let ada = server.person("ada@example.com", 0).await;
    assert_eq!(server.stranger().get("/v1/session").await.expect(200)["sign_up"], "invitation");
    let body = json!({"note": "Bob <b>of</b> floor 3", "expires_in_hours": 2});
    let made = ada.session.post("/v1/admin/invitations", body).await.expect(201);
    let token = made["token"].as_str().unwrap();
    assert_eq!(made["url"], format!("{}/sign-up?invitation={token}", server.base));
    let mut bob = Browser::new(&server);
    bob.post("/v1/sign-up", person("bob@example.com", None)).await.refused(403, "forbidden");
    bob.post("/v1/sign-up", person("bob@example.com", Some("wrong"))).await.refused(403, "forbidden");
    let taken = bob.post("/v1/sign-up", person("ada@example.com", Some(token))).await;
    taken.refused(409, "conflict");
    bob.post("/v1/sign-up", person("bob@example.com", Some(token))).await.expect(201);
    let account = bob.get("/v1/session").await.expect(200)["account"].clone();
    assert_eq!(account["is_admin"], false);
    bob.get("/v1/admin/invitations").await.refused(403, "forbidden");
    let mut eve = Browser::new(&server);
    eve.post("/v1/sign-up", person("eve@example.com", Some(token))).await.refused(403, "forbidden");
    let list = ada.session.get("/v1/admin/invitations").await;
    assert!(!list.text().contains(token), "the token was told once");
    let item = list.expect(200)["data"][0].clone();
    assert_eq!((&item["used_by"], &item["note"]), (&account["id"], &json!("Bob <b>of</b> floor 3")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_withdrawn_and_its_fields_are_checked() {
    let server = Server::with(SETTINGS).await;
    let ada = server.person("ada@example.com", 0).await;
    let made = ada.session.post("/v1/admin/invitations", json!({})).await.expect(201);
    let path = format!("/v1/admin/invitations/{}", made["id"].as_str().unwrap());
    ada.live.delete(&path).await.refused(403, "forbidden");
    ada.session.delete(&path).await.expect(204);
    ada.session.delete(&path).await.refused(404, "not_found");
    let mut bob = Browser::new(&server);
    bob.post("/v1/sign-up", person("bob@example.com", made["token"].as_str())).await.refused(403, "forbidden");
    let faults = ada.session.post("/v1/admin/invitations", json!({"note": 3, "expires_in_hours": 0})).await.faults();
    assert_eq!(faults, [("note".into(), "type".into()), ("expires_in_hours".into(), "out_of_range".into())]);
    let closed = Server::start().await;
    let ada = closed.person("ada@example.com", 0).await;
    ada.session.post("/v1/admin/invitations", json!({})).await.refused(409, "conflict");
}
