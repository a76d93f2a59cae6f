//! Two people on one appliance never see each other's things, on any page.

use serde_json::Value;

use crate::{
    pages,
    server::{Person, png},
    stage::Stage,
};

/// Something of everything, named after its owner.
async fn settle_in(person: &Person, name: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let job = person.session.painted(&format!("{name}'s secret garden")).await;
    let file = person.session.upload("image", &format!("{name}s-portrait.png"), png(24, 24)).await.expect(201);
    let key = person.session.post("/v1/keys", serde_json::json!({"name": format!("{name}'s key")})).await.expect(201);
    vec![
        text(&job["id"]),
        text(&job["result_asset_id"]),
        text(&file["id"]),
        text(&key["id"]),
        format!("{name}'s secret garden"),
        format!("{name}s-portrait.png"),
        format!("{name}'s key"),
        format!("{name}@example.com"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_anything_of_another_on_any_page() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    let grace = stage.server.person("grace@example.com", 20).await;
    let adas = settle_in(&ada, "ada").await;
    let graces = settle_in(&grace, "grace").await;

    let page = stage.visit(&grace, "/").await;
    for path in pages::PERSONAL.into_iter().chain(["/library?tab=files", "/library?q=secret"]) {
        page.go(path).await;
        page.settles().await;
        let html = page.evaluate("document.documentElement.outerHTML").await.unwrap();
        let html = html.as_str().unwrap();
        for thing in &adas {
            assert!(!html.contains(thing), "{path} shows {thing}");
        }
        // What is her own is there, so that the page is not merely empty.
        let own = graces.iter().filter(|thing| html.contains(thing.as_str())).count();
        assert!(own > 0 || path == "/account/webhooks", "{path} shows nothing of her own");
    }

    page.permit("404 ");
    page.permit("console: ");
    page.go(&format!("/jobs/{}", adas[0])).await;
    page.sees("There is no such job.").await;
    page.go(&format!("/?from={}", adas[0])).await;
    page.settles().await;
    assert!(!page.text().await.unwrap().contains("secret garden, of ada"));
    page.go(&format!("/account/webhooks?job_id={}", adas[0])).await;
    page.settles().await;

    // The operator's pages are not hers, and nothing is asked for in vain.
    for path in pages::ADMIN {
        page.go(path).await;
        page.sees("Not for this account").await;
    }
    let asked = page.requests().into_iter().filter(|request| request.contains("/v1/admin")).collect::<Vec<_>>();
    assert_eq!(asked, Vec::<String>::new());
    page.link("Admin").goes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_account_in_the_same_browser_finds_nothing_of_the_first() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    stage.server.person("grace@example.com", 20).await;
    ada.session.painted("ada's secret garden").await;
    let page = stage.visit(&ada, "/").await;
    page.field("Prompt").fill("a draft that nobody else may read").await;
    page.css(".price").says("1 credit").await;
    page.like("button", "Menu").click().await;
    page.role("menuitem", "Sign out").click().await;
    page.arrives("/sign-in").await;
    page.field("E-mail address").fill("grace@example.com").await;
    page.field("Password").fill(crate::server::PASSWORD).await;
    page.press("Enter").await;
    page.arrives("/").await;
    page.sees("Make your first picture").await;
    assert_eq!(page.field("Prompt").value().await, "");
    let kept = page.evaluate("JSON.stringify({ ...sessionStorage, ...localStorage })").await.unwrap();
    assert!(!kept.as_str().unwrap().contains("nobody else"), "{kept}");
}
