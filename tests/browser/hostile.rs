//! Markup in names, prompts, file names, metadata, addresses: it is text on every page.

use serde_json::json;

use crate::{page::Page, pages, server::png, stage::Stage};

/// Each would run, load or become an element where it is taken for markup.
const TRIES: [&str; 6] = [
    "<img src=x onerror=alert(1)>",
    "\"><script>alert(2)</script>",
    "'><svg onload=alert(3)>",
    "</title><h1 id=broken>4</h1>",
    "javascript:alert(5)",
    "{{7*7}}${7*7}<b id=broken>",
];

/// Whether anything of a try became more than text.
const BROKEN: &str = "[...document.querySelectorAll('#broken, img[src=x], svg[onload], [onerror], [onload], script:not([src])')] \
    .map((node) => node.outerHTML).concat([...document.querySelectorAll('a[href]')].filter((link) => !/^(https?|blob):$/.test(link.protocol)) \
    .map((link) => link.outerHTML)).join('\\n')";

async fn stays_whole(page: &Page, path: &str) {
    page.go(path).await;
    page.settles().await;
    assert_eq!(page.evaluate(BROKEN).await.unwrap(), "", "{path}");
    let title = page.evaluate("document.title").await.unwrap();
    assert!(title.as_str().unwrap().ends_with("MagicPixels"), "{path}: {title}");
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_is_text_everywhere() {
    // Nobody listens there: the deliveries fail at once.
    let settings = "sign_up = \"invitation\"\n[webhooks]\nallow = [\"http://127.0.0.1:9\"]\nallow_private = true\n";
    let Some(stage) = Stage::with(settings).await else { return };
    let ada = stage.server.person("\"<img/src=x/onerror=alert(0)>\"@example.com", 100).await;
    let mut jobs = Vec::new();
    for text in TRIES {
        let job = json!({
            "mode": "text_to_image", "prompt": text, "negative_prompt": text, "metadata": {"<b id=broken>": text},
            "webhook_url": format!("http://127.0.0.1:9/?<img src=x onerror=alert(6)>{}", text.replace(' ', "")),
        });
        let job = ada.session.job(job).await;
        jobs.push(ada.session.finished(&job).await);
        let spoken = ada.session.job(json!({"mode": "audio", "voice_text": text})).await;
        ada.session.finished(&spoken).await;
        ada.session.upload("image", &format!("{text}.png"), png(8, 8)).await.expect(201);
        ada.session.post("/v1/keys", json!({"name": text})).await.expect(201);
        ada.session.post("/v1/admin/invitations", json!({"note": text})).await.expect(201);
    }
    let page = stage.visit(&ada, "/").await;
    for path in pages::all() {
        stays_whole(&page, path).await;
    }
    stays_whole(&page, "/library?tab=files&q=%3Cimg%20src%3Dx%20onerror%3Dalert(7)%3E").await;
    for job in &jobs {
        stays_whole(&page, &format!("/jobs/{}", job["id"].as_str().unwrap())).await;
    }
    // Read as they were written.
    for (path, texts) in [("/", &TRIES[..]), ("/account/keys", &TRIES[..]), ("/admin/jobs", &TRIES[..])] {
        page.go(path).await;
        for text in texts {
            page.sees(text).await;
        }
    }
    // A name in a question, in a dialog, in a menu, in the address.
    page.go("/account/keys").await;
    page.button(&format!("Revoke {}", TRIES[0])).click().await;
    page.role("dialog", &format!("Revoke {}", TRIES[0])).shows().await;
    assert_eq!(page.evaluate(BROKEN).await.unwrap(), "");
    page.press("Escape").await;
    page.go("/sign-up?invitation=%22%3E%3Cscript%3Ealert(8)%3C/script%3E&next=javascript:alert(9)").await;
    page.settles().await;
    assert_eq!(page.evaluate(BROKEN).await.unwrap(), "");
}
