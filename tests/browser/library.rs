//! The library: what a person made and brought, found again.

use crate::{multitude, stage::Stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_pictures_are_listed() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 3).await;
    let began = std::time::Instant::now();
    multitude::paint_many(&stage.server, &ada.session, 100_000).await;
    println!("inserted in {:?}", began.elapsed());
    let list = ada.session.get("/v1/jobs?limit=100").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 100);
    let list = ada.session.get("/v1/assets?limit=100").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 100);
}
