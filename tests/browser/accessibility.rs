//! No page has a grave fault for a person with a screen reader, a keyboard or weak eyes, in light and in dark.

use crate::{
    axe::{self, Look},
    page::Page,
    pages,
    scenery::Scenery,
    stage::Stage,
};

async fn judge(page: &Page, path: &str, faults: &mut Vec<String>) {
    for (scheme, look) in [("light", Look::All), ("dark", Look::Colours)] {
        page.scheme(scheme).await;
        page.settles().await;
        let found = axe::judge(page, look).await;
        faults.extend(axe::grave(&found).into_iter().map(|fault| format!("{path} in {scheme}: {fault}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_grave_fault_in_light_or_dark() {
    let Some(scenery) = Scenery::play().await else { return };
    let paths: Vec<&str> = pages::all().chain(["/library?tab=files", scenery.job.as_str()]).collect();
    // Two tabs side by side.
    let half = async |paths: &[&str]| {
        let page = scenery.stage.visit(&scenery.ada, "/").await;
        let mut faults = Vec::new();
        for path in paths {
            page.go(path).await;
            judge(&page, path, &mut faults).await;
        }
        faults
    };
    let (one, other) = paths.split_at(paths.len() / 2);
    let (mut faults, others) = tokio::join!(half(one), half(other));
    faults.extend(others);
    let stranger = scenery.stage.stranger("/sign-in").await;
    for path in pages::ENTRANCES {
        stranger.go(path).await;
        judge(&stranger, path, &mut faults).await;
    }
    let grace = scenery.stage.visit(&scenery.grace, "/admin").await;
    judge(&grace, "/admin, to a person", &mut faults).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_dialog_or_menu_has_a_grave_fault() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    ada.session.painted("a paper boat").await;
    let page = stage.visit(&ada, "/account/keys").await;
    let mut faults = Vec::new();
    page.button("New key").nth(0).click().await;
    page.role("dialog", "New key").shows().await;
    judge(&page, "New key", &mut faults).await;
    page.go("/").await;
    page.button("More for: a paper boat").click().await;
    page.role("menuitem", "Details").shows().await;
    judge(&page, "a card's menu", &mut faults).await;
    page.press("Escape").await;
    page.press("?").await;
    page.role("dialog", "Keyboard").shows().await;
    judge(&page, "Keyboard", &mut faults).await;
    page.go("/").await;
    for mode in ["Restyle", "Voice", "Film"] {
        page.role("radio", mode).click().await;
        judge(&page, mode, &mut faults).await;
    }
    page.button("Make it").click().await;
    judge(&page, "a form with faults", &mut faults).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
