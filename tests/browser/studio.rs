//! The studio: from words to a picture, a voice, a film; what can be done with each.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::json;

use crate::{
    page::Page,
    server::{Answer, png, wav},
    stage::Stage,
};

/// A file for the browser to choose, and the folder that it lies in for as long as it is held.
pub fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Waits until the picture of this name is there in full.
pub async fn picture_shows(page: &Page, name: &str) {
    let seen = page.role("image", name);
    page.until(&format!("the picture {name:?} is shown"), async || {
        let width = seen.nth(0).ask("function () { return this.complete ? this.naturalWidth : 0; }").await;
        if width.as_u64() > Some(0) { Ok(()) } else { Err(format!("{width} pixels wide")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_start_to_the_first_picture_without_a_manual() {
    let Some(stage) = Stage::open().await else { return };
    // Whoever comes without the address is told where it is.
    let page = stage.stranger("/").await;
    page.arrives("/setup").await;
    page.sees("Open the set-up address that it printed").await;
    let address = stage.server.running().set_up_url.clone().unwrap();
    page.field("Set-up address, or its token").fill(&address).await;
    page.press("Enter").await;
    page.sees("Set up your studio").await;
    page.field("E-mail address").fill("ada@example.com").await;
    page.field("Password").fill("correct horse").await;
    page.button("Begin").click().await;
    page.arrives("/").await;
    // The free credit, an example, one button.
    page.sees("You have 1 credit; a picture costs one.").await;
    page.button("Editorial product photo of a ceramic cup on brushed steel").click().await;
    page.button("Make it").click().await;
    picture_shows(&page, "Editorial product photo of a ceramic cup on brushed steel").await;
    page.role("link", "0 credits").shows().await;

    // The second one needs credits; the way to them is shown, and it ends with a picture too.
    page.field("Prompt").fill("A cactus in a terracotta pot").await;
    page.sees("This needs 1 credit; you have no credits.").await;
    page.permit("402 ");
    page.button("Make it").click().await;
    page.sees("credits").await;
    assert_eq!(page.field("Prompt").value().await, "A cactus in a terracotta pot");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_become_a_picture_and_its_call_makes_the_same_bytes() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    let page = stage.visit(&ada, "/").await;
    page.field("Prompt").fill("a lighthouse at dusk").await;
    page.sees("about").await; // the price and the time, before anything is sent
    page.css(".price").says("1 credit").await;
    page.press("Control+Enter").await;
    picture_shows(&page, "a lighthouse at dusk").await;

    // Its own page: the settings, and a call that makes it again.
    page.link("Open: a lighthouse at dusk").click().await;
    page.role("heading", "a lighthouse at dusk").shows().await;
    page.sees("Make it again by program").await;
    let curl = page.role("tabpanel", "curl").text().await;
    let body = curl.split("-d '").nth(1).unwrap().rsplit_once('\'').unwrap().0;
    let again = ada.live.job(serde_json::from_str(body).unwrap()).await;
    let again = ada.live.finished(&again).await;
    let first = &ada.live.get("/v1/jobs").await.expect(200)["data"][1];
    let hash = async |job: &serde_json::Value| {
        let id = job["result_asset_id"].as_str().unwrap();
        ada.live.get(&format!("/v1/assets/{id}")).await.expect(200)["sha256"].clone()
    };
    assert_ne!(again["id"], first["id"]);
    assert_eq!(hash(&again).await, hash(first).await, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_picture_is_restyled() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    let page = stage.visit(&ada, "/").await;
    page.role("radio", "Restyle").click().await;
    page.permit("422 "); // what a sent request lacks is told by the appliance too
    page.button("Make it").click().await;
    page.sees("Choose a picture to start from.").await;
    let (_folder, picture) = file("portrait.png", &png(96, 64));
    page.drop_files(&page.css(".upload .drop").nth(0), &[picture]).await;
    page.sees("portrait.png").await;
    page.sees("96 × 64").await;
    page.field("What to make of it").fill("as an oil painting").await;
    page.button("Make it").click().await;
    picture_shows(&page, "as an oil painting").await;
    let job = &ada.session.get("/v1/jobs").await.expect(200)["data"][0];
    assert_eq!((job["mode"].as_str(), job["status"].as_str()), (Some("image_to_image"), Some("completed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_spoken_in_the_voice_that_was_chosen() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    let page = stage.visit(&ada, "/").await;
    page.role("radio", "Voice").click().await;
    page.field("What to say").fill("Here is a quick launch update from the studio.").await;
    page.like("radio", "Cheerful female").click().await;
    page.role("slider", "Speed").focus().await;
    for _ in 0..4 {
        page.press("ArrowRight").await;
    }
    page.button("Make it").click().await;
    page.like("link", "Here is a quick launch update").nth(0).shows().await;
    page.button("Play").click().await;
    page.holds("[...document.querySelectorAll('audio')].some((audio) => audio.currentTime > 0)").await;
    let job = &ada.session.get("/v1/jobs").await.expect(200)["data"][0];
    assert_eq!((job["mode"].as_str(), job["status"].as_str()), (Some("audio"), Some("completed")));
    assert_eq!(job["request"]["voice_id"], "cheerful_female");
    assert_eq!(job["request"]["speed"], json!(1.2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portrait_speaks_in_a_film() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 200).await;
    let page = stage.visit(&ada, "/").await;
    page.role("radio", "Film").click().await;
    let (_folder, picture) = file("portrait.png", &png(96, 96));
    page.css("input[name=input_image_asset_id], [data-field=input_image_asset_id] input[type=file]")
        .set_files(&[picture])
        .await;
    page.sees("portrait.png").await;
    page.field("What to say").fill("Good morning.").await;
    page.css(".price").says("22 credits").await;
    page.button("Make it").click().await;
    page.holds(
        "document.querySelector('.card video')?.readyState >= 1 || document.querySelector('.card video')?.duration > 0",
    )
    .await;
    let job = &ada.session.get("/v1/jobs").await.expect(200)["data"][0];
    assert_eq!((job["mode"].as_str(), job["status"].as_str()), (Some("image_to_video"), Some("completed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn characters_are_counted_as_the_api_counts_them() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 3).await;
    let page = stage.visit(&ada, "/").await;
    page.field("Prompt").fill(&"🦜".repeat(500)).await;
    page.sees("500 / 500").await;
    page.css(".price").says("1 credit").await;
    page.field("Prompt").fill(&"🦜".repeat(501)).await;
    page.sees("1 character too many.").await;
    page.button("Make it").click().await;
    page.sees("1 character too many.").await;
    assert_eq!(ada.session.get("/v1/jobs").await.expect(200)["data"], json!([]), "nothing is sent that is too long");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_shows_how_far_it_is_and_can_be_cancelled_and_tried_again() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 5000).await;
    let sound = ada.session.upload("audio", "long.wav", wav(170.0)).await.expect(201)["id"].clone();
    let picture = ada.session.picture().await;
    let page = stage.visit(&ada, "/").await;
    page.settles().await;
    let before = ada.session.credits().await;
    let film = json!({
        "mode": "image_to_video", "input_image_asset_id": picture, "audio_asset_id": sound, "prompt": "a slow pan",
        "width": 256, "height": 256,
    });
    ada.session.job(film.clone()).await;
    page.reload().await;
    page.until("the bar moves", async || {
        let now = page.css(".card [role=progressbar]").ask("function () { return this.ariaValueNow; }").await;
        if now.as_str().is_some_and(|now| now != "0") { Ok(()) } else { Err(format!("it stands at {now}")) }
    })
    .await;
    page.css(".card").button("Cancel").click().await;
    page.sees("Cancelled. Nothing was charged.").await;
    assert_eq!(ada.session.credits().await, before);
    page.css(".card").button("Try again").click().await;
    page.css(".card").counts(2).await;
    page.css(".card").nth(0).button("Cancel").click().await;
    page.css(".card").button("Try again").counts(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_varied_used_downloaded_and_deleted() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    let job = ada.session.painted("a paper boat").await;
    let page = stage.visit(&ada, "/").await;
    picture_shows(&page, "a paper boat").await;
    page.button("Variation: same settings, next seed").click().await;
    page.css(".card img").counts(2).await;
    let jobs = ada.session.get("/v1/jobs").await.expect(200)["data"].clone();
    assert_eq!(jobs[0]["seed"].as_u64().unwrap(), (job["seed"].as_u64().unwrap() + 1) % (1 << 32));
    assert_ne!(jobs[0]["result_asset_id"], job["result_asset_id"]);

    let folder = tempfile::tempdir().unwrap();
    page.download_to(folder.path()).await;
    page.css(".card").nth(0).link("Download").click().await;
    page.until("the file comes", async || {
        let found = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path());
        let whole =
            found.filter(|path| path.extension().is_some_and(|e| e == "png")).find(|path| image::open(path).is_ok());
        whole.map(drop).ok_or_else(|| "no whole PNG is there".to_owned())
    })
    .await;

    page.css(".card").nth(0).button("More for: a paper boat").click().await;
    page.role("menuitem", "Restyle it").click().await;
    page.field("What to make of it").shows().await;
    page.sees("256 × 256").await;

    page.css(".card").nth(0).button("More for: a paper boat").click().await;
    page.role("menuitem", "Delete").click().await;
    page.css(".card").counts(1).await;
    page.button("Undo").click().await;
    page.css(".card").counts(2).await;
    page.css(".card").nth(0).button("More for: a paper boat").click().await;
    page.role("menuitem", "Delete").click().await;
    page.button("Close").click().await;
    page.until("the job is gone", async || {
        let jobs = ada.session.get("/v1/jobs").await.expect(200)["data"].clone();
        if jobs.as_array().unwrap().len() == 1 { Ok(()) } else { Err(format!("{jobs}")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_pasted_and_one_is_taken_by_the_camera() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    let page = stage.visit(&ada, "/").await;
    page.role("radio", "Restyle").click().await;
    // The system's clipboard is one for all tests; only this one uses it.
    page.evaluate(
        "new Promise((done) => { const c = document.createElement('canvas'); c.width = 40; c.height = 30; \
         c.toBlob((png) => done(navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]))); })",
    )
    .await
    .unwrap();
    page.press("Control+v").await;
    page.sees("40 × 30").await;
    page.button("Take out: Picture to start from").click().await;
    page.button("Camera").click().await;
    page.holds("document.querySelector('dialog video')?.videoWidth > 0").await;
    page.button("Take the picture").click().await;
    page.sees("camera.jpg").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_mid_work_loses_no_typed_text() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    let page = stage.visit(&ada, "/").await;
    let prompt = "an orchard in the fog, and a ladder that someone left";
    page.field("Prompt").fill(prompt).await;
    page.css(".price").says("1 credit").await;

    // It ends elsewhere; the next click asks for the password and then goes on.
    let ended = ada.session.request(Method::DELETE, "/v1/sessions/current");
    assert_eq!(Answer::read(ended).await.status, 204);
    page.permit("401 ");
    page.button("Make it").click().await;
    page.role("dialog", "Sign in again").shows().await;
    let dialog = page.role("dialog", "Sign in again");
    assert_eq!(dialog.field("E-mail address").value().await, "ada@example.com");
    dialog.field("Password").fill(crate::server::PASSWORD).await;
    page.press("Enter").await;
    picture_shows(&page, prompt).await;
    assert_eq!(page.field("Prompt").value().await, prompt);

    // It ends, and the person only sees it after a reload: signed in again, the text is where it was.
    let other = "the same orchard in the sun";
    page.field("Prompt").fill(other).await;
    page.css(".price").says("1 credit").await;
    page.forget_cookies().await;
    page.go("/").await;
    page.arrives("/sign-in?next=%2F").await;
    page.field("E-mail address").fill("ada@example.com").await;
    page.field("Password").fill(crate::server::PASSWORD).await;
    page.press("Enter").await;
    page.arrives("/").await;
    page.field("Prompt").shows().await;
    assert_eq!(page.field("Prompt").value().await, other);
}
