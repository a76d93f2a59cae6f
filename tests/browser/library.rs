//! The library: what a person made and brought, found again, however much it is.

use serde_json::json;

use crate::{multitude, server::png, stage::Stage, studio::file};

const ELEMENTS: &str = "document.querySelectorAll('*').length";
/// Whether tiles with loaded pictures are where the window is.
const FILLED: &str = "[...document.querySelectorAll('.window-grid img')].filter((img) => { \
    const r = img.getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight && img.naturalWidth > 0; }).length >= 8";

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_pictures_stay_light() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 3).await;
    multitude::paint_many(&stage.server, &ada.session, 100_000).await;
    let page = stage.visit(&ada, "/library").await;
    page.sees("100,000 items").await;
    page.holds(FILLED).await;
    let asked = page.requests().len();
    for part in [0.5, 0.99, 0.123, 1.0, 0.0] {
        page.evaluate(&format!("scrollTo(0, document.documentElement.scrollHeight * {part})")).await.unwrap();
        page.holds(FILLED).await;
        let elements = page.evaluate(ELEMENTS).await.unwrap().as_u64().unwrap();
        assert!(elements < 2500, "{elements} elements at {part}");
    }
    let lists = page.requests()[asked..].iter().filter(|request| request.contains("/v1/jobs?")).count();
    assert!(lists <= 15, "{lists} lists for five jumps");

    page.role("searchbox", "Search prompts and names").fill("number 54321").await;
    page.sees("1 item").await;
    page.sees("a cup on steel, number 54321").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn things_are_filtered_selected_and_deleted() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 20).await;
    for prompt in ["a red boat", "a blue boat", "a green cup"] {
        ada.session.painted(prompt).await;
    }
    let spoken = ada.session.job(json!({"mode": "audio", "voice_text": "the boat sails"})).await;
    ada.session.finished(&spoken).await;
    ada.session.upload("image", "harbour.png", png(16, 16)).await.expect(201);
    let page = stage.visit(&ada, "/library").await;
    page.sees("4 items").await;
    page.role("combobox", "Kind").choose("Voice").await;
    page.sees("1 item").await;
    page.role("combobox", "Kind").choose("All kinds").await;
    page.role("searchbox", "Search prompts and names").fill("BOAT").await;
    page.sees("3 items").await;
    // The address keeps what is asked for.
    page.reload().await;
    page.sees("3 items").await;

    page.like("checkbox", "Select: a red boat").click().await;
    page.like("checkbox", "Select: a blue boat").click().await;
    page.sees("2 selected").await;
    page.role("toolbar", "What is selected").button("Delete").click().await;
    page.role("dialog", "Delete 2 items?").button("Delete").click().await;
    page.sees("1 item").await;
    assert_eq!(ada.session.get("/v1/jobs").await.expect(200)["data"].as_array().unwrap().len(), 2);

    page.role("radio", "Files").click().await;
    page.role("searchbox", "Search prompts and names").fill("harbour").await;
    page.sees("harbour.png").await;
    page.sees("1 item").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_library_is_where_a_film_begins() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 200).await;
    let page = stage.visit(&ada, "/").await;
    let (_folder, picture) = file("portrait.png", &png(64, 64));
    page.role("radio", "Restyle").click().await;
    page.css("[data-field=input_image_asset_id] input[type=file]").set_files(&[picture]).await;
    page.sees("portrait.png").await;
    page.role("radio", "Film").click().await;
    page.button("Take out: Portrait or picture").click().await;
    page.button("From the library").click().await;
    page.role("dialog", "Choose a picture").like("button", "portrait.png").click().await;
    page.field("What to say").fill("Ahoy.").await;
    page.button("Make it").click().await;
    page.holds("document.querySelector('.card video')?.duration > 0").await;
    page.go("/library").await;
    page.like("link", "Ahoy.").shows().await;
    page.like("link", "Ahoy.").click().await;
    page.sees("Make it again by program").await;
}
