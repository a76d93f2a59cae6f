//! First run and the ways in and out.

use crate::{server::PASSWORD, stage::Stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_the_address_stays() {
    let Some(stage) = Stage::open().await else { return };
    stage.server.person("ada@example.com", 3).await;
    let page = stage.stranger("/").await;
    page.arrives("/sign-in").await;
    page.permit("401 ");
    page.field("E-mail").fill("ada@example.com").await;
    page.field("Password").fill("not this one").await;
    page.button("Sign in").click().await;
    page.sees("don't belong together").await;
    assert_eq!(page.field("E-mail").value().await, "ada@example.com");
    page.field("Password").fill(PASSWORD).await;
    page.press("Enter").await;
    page.arrives("/").await;
}
