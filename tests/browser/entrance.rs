//! First run and the ways in and out.

use crate::{server::PASSWORD, stage::Stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_the_address_stays() {
    let Some(stage) = Stage::open().await else { return };
    stage.server.person("ada@example.com", 3).await;
    let page = stage.stranger("/library").await;
    page.arrives("/sign-in").await;
    page.permit("401 ");
    page.field("E-mail address").fill("ada@example.com").await;
    page.field("Password").fill("not this one").await;
    page.button("Sign in").click().await;
    page.sees("don’t belong together").await;
    assert_eq!(page.field("E-mail address").value().await, "ada@example.com");
    page.field("Password").fill(PASSWORD).await;
    page.press("Enter").await;
    page.arrives("/library").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_sign_up_is_open_anybody_makes_an_account_and_where_it_is_closed_nobody() {
    let Some(stage) = Stage::with("sign_up = \"open\"").await else { return };
    stage.server.person("ada@example.com", 0).await;
    let page = stage.stranger("/sign-in").await;
    page.link("Make an account").click().await;
    page.arrives("/sign-up").await;
    page.permit("422 ");
    page.field("E-mail address").fill("grace@example.com").await;
    page.field("Password").fill("short").await;
    page.button("Make my account").click().await;
    page.sees("at least 8").await;
    page.field("Password").fill(PASSWORD).await;
    page.button("Make my account").click().await;
    page.arrives("/").await;
    page.role("link", "1 credit").shows().await;

    let Some(stage) = Stage::open().await else { return };
    stage.server.person("ada@example.com", 0).await;
    let page = stage.stranger("/sign-up").await;
    page.sees("Sign-up is closed").await;
    page.field("E-mail address").goes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leaves_nothing_to_see() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 3).await;
    let page = stage.visit(&ada, "/").await;
    page.settles().await; // what the studio still asks for would be refused after signing out
    page.like("button", "Menu").click().await;
    page.role("menuitem", "Sign out").click().await;
    page.arrives("/sign-in").await;
    page.go("/account").await;
    page.arrives("/sign-in?next=%2Faccount").await;
    ada.session.get("/v1/account").await.refused(401, "unauthorized");
}
