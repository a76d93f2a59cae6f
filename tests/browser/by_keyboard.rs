//! Everything without a mouse: each stop of the Tab key can be seen and has a name, and the work gets done.

use serde_json::Value;

use crate::{page::Page, pages, server::PASSWORD, stage::Stage, studio::picture_shows};

/// What has the focus: whether it can be seen, whether that it has the focus can be seen, and which one it is.
const STOP: &str = r"(() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const shown = (one) => { const r = one.getBoundingClientRect(); return r.width > 3 && r.height > 3; };
  const seen = shown(node) ? node : (node.labels?.[0] ?? node);
  const r = seen.getBoundingClientRect();
  const inView = r.right > 0 && r.bottom > 0 && r.left < innerWidth && r.top < innerHeight && shown(seen);
  const styles = [node, node.parentElement, node.nextElementSibling, seen, ...seen.querySelectorAll('span')].filter(Boolean)
    .flatMap((one) => [getComputedStyle(one), getComputedStyle(one, '::after'), getComputedStyle(one, '::before')]);
  const isMarked = styles.some((style) => (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || style.boxShadow !== 'none');
  node.dataset.stop ??= String(document.querySelectorAll('[data-stop]').length);
  return { id: node.dataset.stop, inView, isMarked, html: node.outerHTML.slice(0, 160) };
})()";

/// Tabs through the page once; what is wrong with its stops.
async fn walk(page: &Page, path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut been: Vec<String> = Vec::new();
    page.go(path).await;
    page.settles().await;
    for _ in 0..80 {
        page.press("Tab").await;
        let stop = page.evaluate(STOP).await.unwrap();
        let Some(id) = stop["id"].as_str() else { break };
        if been.iter().any(|one| one == id) {
            break;
        }
        been.push(id.to_owned());
        let (role, name) = page.focused().await;
        let html = stop["html"].as_str().unwrap_or_default();
        if name.trim().is_empty() {
            faults.push(format!("{path}: a {role} without a name: {html}"));
        }
        for (what, wrong) in [("inView", "can't be seen"), ("isMarked", "doesn't show that it has the focus")] {
            if stop[what] == Value::Bool(false) {
                faults.push(format!("{path}: {role} {name:?} {wrong}: {html}"));
            }
        }
    }
    if been.len() < 3 {
        faults.push(format!("{path}: the Tab key stops at {} places only", been.len()));
    }
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn every_stop_of_the_tab_key_can_be_seen_and_has_a_name() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    ada.session.painted("a paper boat").await;
    let page = stage.visit(&ada, "/").await;
    let mut faults = Vec::new();
    for path in pages::all() {
        faults.extend(walk(&page, path).await);
    }
    let stranger = stage.stranger("/sign-in").await;
    faults.extend(walk(&stranger, "/sign-in").await);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn studio_library_and_account_are_used_by_keyboard_alone() {
    let Some(stage) = Stage::open().await else { return };
    stage.server.person("ada@example.com", 20).await;
    let page = stage.stranger("/").await;
    page.arrives("/sign-in").await;
    // The first field has the focus already.
    page.until("the address has the focus", async || {
        let focused = page.focused().await;
        if focused.1 == "E-mail address" { Ok(()) } else { Err(format!("{focused:?} has")) }
    })
    .await;
    page.keys("ada@example.com").await;
    page.tab_to("textbox", "Password", 3).await;
    page.keys(PASSWORD).await;
    page.press("Enter").await;
    page.arrives("/").await;
    page.settles().await;

    makes_a_picture(&page).await;
    deletes_it_in_the_library(&page).await;
    makes_a_key(&page).await;
}

/// The studio: a prompt, a picture, its menu, the list of keys.
async fn makes_a_picture(page: &Page) {
    // The skip link leads past the frame; `n` leads into the prompt.
    page.press("n").await;
    page.until("the prompt has the focus", async || {
        let focused = page.focused().await;
        if focused.1 == "Prompt" { Ok(()) } else { Err(format!("{focused:?} has")) }
    })
    .await;
    page.keys("a paper boat").await;
    page.tab_to("button", "Make it", 30).await;
    page.press("Enter").await;
    picture_shows(page, "a paper boat").await;
    page.tab_to("button", "More for: a paper boat", 30).await;
    page.press("Enter").await;
    page.role("menuitem", "Details").shows().await;
    page.press("ArrowDown").await;
    page.press("Escape").await;
    page.role("menuitem", "Details").goes().await;
    assert_eq!(page.focused().await.1, "More for: a paper boat", "the focus is where it was");

    page.press("?").await;
    page.role("dialog", "Keyboard").shows().await;
    page.press("Escape").await;
    page.role("dialog", "Keyboard").goes().await;
}

/// Selects the picture, deletes it and says yes.
async fn deletes_it_in_the_library(page: &Page) {
    // The library: into the grid, select, delete, say yes.
    page.press("g").await;
    page.press("l").await;
    page.arrives("/library").await;
    page.sees("1 item").await;
    page.press("/").await;
    page.keys("paper").await;
    page.press("ArrowDown").await;
    page.until("what was found has the focus", async || {
        let focused = page.focused().await;
        if focused.1.contains("a paper boat") { Ok(()) } else { Err(format!("{focused:?} has")) }
    })
    .await;
    page.press("Space").await;
    page.sees("1 selected").await;
    page.press("Delete").await;
    page.role("dialog", "Delete it?").shows().await;
    page.tab_to("button", "Delete", 5).await;
    page.press("Enter").await;
    page.sees("Nothing fits").await;
}

/// The account: from the menu of pages to a key in the clipboard.
async fn makes_a_key(page: &Page) {
    // The account: a key, from the menu of pages to the clipboard.
    page.press("Escape").await;
    page.evaluate("document.activeElement.blur()").await.unwrap();
    page.press("g").await;
    page.press("a").await;
    page.arrives("/account").await;
    page.settles().await;
    page.tab_to("link", "API keys", 30).await;
    page.press("Enter").await;
    page.arrives("/account/keys").await;
    page.settles().await;
    page.tab_to("button", "New key", 30).await;
    page.press("Enter").await;
    page.role("dialog", "New key").shows().await;
    page.keys("by keyboard").await;
    page.press("Enter").await;
    page.sees("Your new key “by keyboard”").await;
    page.tab_to("button", "Copy", 5).await;
    page.press("Enter").await;
    let token = page.css("[data-testid=key-token]").text().await;
    page.until("the key is in the clipboard", async || {
        let text = page.evaluate("navigator.clipboard.readText()").await?;
        if text == token.as_str() { Ok(()) } else { Err(format!("{text} is")) }
    })
    .await;
}
