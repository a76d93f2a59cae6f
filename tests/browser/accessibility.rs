//! No page has a grave fault for a person with a screen reader, a keyboard or weak eyes, in light and in dark.

use crate::{axe, stage::Stage};

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_grave_fault_in_light_or_dark() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 3).await;
    ada.session.painted("a ceramic cup on brushed steel").await;
    let page = stage.visit(&ada, "/").await;
    let mut faults = Vec::new();
    for path in ["/"] {
        for scheme in ["light", "dark"] {
            page.scheme(scheme).await;
            page.go(path).await;
            page.settles().await;
            let found = axe::judge(&page).await;
            faults.extend(axe::grave(&found).into_iter().map(|fault| format!("{path} in {scheme}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
