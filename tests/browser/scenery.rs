//! An appliance that has been in use for a month: people, plans, keys, jobs in every state, real pictures.

use std::{path::Path, time::Duration};

use image::{DynamicImage, ImageFormat, imageops};
use magicpixels::{
    db::DbError,
    domain::clock::{Clock, Timestamp},
};
use serde_json::{Value, json};

use crate::{
    server::{Client, PASSWORD, Person},
    stage::Stage,
};

const DAY: Duration = Duration::from_hours(24);
const DAYS: u32 = 30;

/// Prompts of the month, with the picture that stands for each and what was done to it.
const PICTURES: [(&str, &str, Look); 14] = [
    ("Editorial product photo of a ceramic cup on brushed steel", "docs/pictures/text-to-image.jpg", Look::Plain),
    ("Espresso in a white cup, wooden table, morning light", "models/demo/product.jpg", Look::Plain),
    ("Portrait of an astronaut in an orange suit, studio flash", "models/demo/portrait.jpg", Look::Plain),
    ("The coffee table as an oil painting", "docs/pictures/image-to-image.jpg", Look::Plain),
    ("A teal cup on brushed steel, same light", "docs/pictures/text-to-image.jpg", Look::Hue(150)),
    ("Close-up of crema, macro lens", "models/demo/product.jpg", Look::Crop),
    ("Astronaut, black and white, grain", "models/demo/portrait.jpg", Look::Grey),
    ("Oil painting in cold blues", "docs/pictures/image-to-image.jpg", Look::Hue(200)),
    ("A violet cup for the autumn campaign", "docs/pictures/text-to-image.jpg", Look::Hue(250)),
    ("Coffee from the other side of the table", "models/demo/product.jpg", Look::Mirror),
    ("Astronaut, close crop for the team page", "models/demo/portrait.jpg", Look::Crop),
    ("Painting, detail of the spoon", "docs/pictures/image-to-image.jpg", Look::Crop),
    ("A green cup, catalogue page 12", "docs/pictures/text-to-image.jpg", Look::Hue(90)),
    ("Espresso in black and white for print", "models/demo/product.jpg", Look::Grey),
];

#[derive(Clone, Copy)]
enum Look {
    Plain,
    Hue(i32),
    Grey,
    Crop,
    Mirror,
}

/// The picture as a JPEG.
fn picture(file: &str, look: Look) -> Vec<u8> {
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let source = image::load_from_memory(&bytes).unwrap().to_rgb8();
    let (width, height) = source.dimensions();
    let made = match look {
        Look::Plain => return bytes,
        Look::Hue(degrees) => imageops::huerotate(&source, degrees),
        Look::Grey => DynamicImage::from(source).grayscale().to_rgb8(),
        Look::Crop => imageops::crop_imm(&source, width / 4, height / 4, width / 2, height / 2).to_image(),
        Look::Mirror => imageops::flip_horizontal(&source),
    };
    let mut jpeg = std::io::Cursor::new(Vec::new());
    made.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    jpeg.into_inner()
}

const SETTINGS: &str = r#"
sign_up = "invitation"
[webhooks]
allow = ["http://127.0.0.1:9"]
allow_private = true
[[plan]]
id = "free"
name = "Free"
monthly_credit_grant = 0
[[plan]]
id = "studio"
name = "Studio"
monthly_credit_grant = 1000
[[plan]]
id = "pro"
name = "Pro"
monthly_credit_grant = 5000
needs_approval = true
"#;

/// The month's stage and the two people who matter on it.
pub struct Scenery {
    pub stage: Stage,
    /// She runs the appliance.
    pub ada: Person,
    pub grace: Person,
    /// The page of her best picture.
    pub job: String,
}

impl Scenery {
    /// Plays the month; `None` where there is no Chromium and none is demanded.
    pub async fn play() -> Option<Self> {
        let now = Clock::System.now().millis();
        let clock = Clock::standing_at(Timestamp::from_millis(now - DAY.as_millis() as i64 * i64::from(DAYS)));
        let stage = Stage::with_clock(SETTINGS, clock.clone()).await?;
        let ada = stage.server.person("ada@northlight.example", 6000).await;
        let grace = stage.server.person("grace@northlight.example", 400).await;
        for email in ["lin@northlight.example", "omar@northlight.example", "press@northlight.example"] {
            stage.server.person(email, 25).await;
        }
        for day in 0..DAYS {
            clock.advance(DAY);
            work_a_day(&ada, &grace, day).await;
        }
        let mut job = String::new();
        for (prompt, file, look) in PICTURES.iter().rev() {
            let shown = show(&stage, &ada.live, prompt, picture(file, *look)).await;
            job = format!("/jobs/{}", shown["id"].as_str().unwrap());
        }
        // The month is over: the sessions of its first day with it.
        let ada = sign_in_again(&stage, ada, "ada@northlight.example").await;
        let grace = sign_in_again(&stage, grace, "grace@northlight.example").await;
        furnish(&ada, &grace).await;
        Some(Self { stage, ada, grace, job })
    }
}

async fn sign_in_again(stage: &Stage, person: Person, email: &'static str) -> Person {
    let app = stage.server.app().clone();
    let session = tokio::task::spawn_blocking(move || app.sign_in(email, PASSWORD, "Chromium on Linux").unwrap().token)
        .await
        .unwrap();
    Person { session: stage.server.client(&session), ..person }
}

/// What is in the air on the last day: keys, an invitation, deliveries that fail, a plan asked for, jobs that wait.
async fn furnish(ada: &Person, grace: &Person) {
    for (name, scopes, test) in [
        ("launch site", json!(["jobs:write", "jobs:read", "assets:read"]), false),
        ("render farm", json!(["jobs:write", "jobs:read", "assets:read", "assets:write"]), false),
        ("nightly tests", json!(["jobs:write", "jobs:read"]), true),
    ] {
        ada.session.post("/v1/keys", json!({"name": name, "scopes": scopes, "test": test})).await.expect(201);
    }
    ada.session.post("/v1/admin/invitations", json!({"note": "Noor, for the autumn campaign"})).await.expect(201);
    ada.session
        .request(reqwest::Method::PUT, "/v1/webhooks/endpoint")
        .json(&json!({"url": "http://127.0.0.1:9/hooks"}))
        .send()
        .await
        .unwrap();
    grace.session.post("/v1/account/plan", json!({"plan": "pro"})).await;
    let told = json!({"mode": "text_to_image", "prompt": "A poster that a webhook tells of", "webhook_url": "http://127.0.0.1:9/hooks"});
    let job = ada.session.job(told).await;
    ada.session.finished(&job).await;
    let film = json!({
        "mode": "image_to_video", "input_image_asset_id": ada.session.picture().await,
        "voice_text": "Here is a quick launch update from the studio.", "voice_id": "casual_male",
    });
    let film = ada.session.job(film).await;
    ada.session.finished(&film).await;
    ada.session.post("/v1/admin/queue/pause", json!({})).await;
    for (who, prompt) in [
        (ada, "A lighthouse at dusk, long exposure"),
        (ada, "The cup again, from above"),
        (grace, "A poster for spring"),
    ] {
        who.session.job(json!({"mode": "text_to_image", "prompt": prompt})).await;
    }
    let job = ada.session.job(json!({"mode": "text_to_image", "prompt": "Something to think better of"})).await;
    ada.session.post(&format!("/v1/jobs/{}/cancel", job["id"].as_str().unwrap()), json!({})).await.expect(200);
}

async fn work_a_day(ada: &Person, grace: &Person, day: u32) {
    if day % 7 > 4 {
        return; // nobody works at weekends
    }
    for n in 0..=day % 3 {
        ada.live.painted(&format!("Catalogue picture {} of day {}", n + 1, day + 1)).await;
    }
    if day % 4 == 1 {
        let text = "Here is a quick launch update from the studio. Everything is on time.";
        let job = ada.live.job(json!({"mode": "audio", "voice_text": text, "voice_id": "cheerful_female"})).await;
        ada.live.finished(&job).await;
    }
    if day % 6 == 2 {
        let film = json!({
            "mode": "image_to_video", "input_image_asset_id": ada.live.picture().await, "voice_text": "Good morning.",
        });
        let job = ada.live.job(film).await;
        ada.live.finished(&job).await;
    }
    if day % 9 == 3 {
        grace.live.painted("A poster for the open day").await;
    }
}

/// A finished job whose result is this picture.
async fn show(stage: &Stage, who: &Client, prompt: &str, jpeg: Vec<u8>) -> Value {
    let job = who.painted(prompt).await;
    let uploaded = who.upload("image", "result.jpg", jpeg).await.expect(201);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, asset, drawn) = (text(&job["id"]), text(&uploaded["id"]), text(&job["result_asset_id"]));
    let put = move |tx: &magicpixels::db::Transaction<'_>| -> Result<(), DbError> {
        tx.execute("UPDATE assets SET job_id = ?2, file_name = NULL WHERE id = ?1", [&asset, &id])?;
        tx.execute("UPDATE jobs SET result_asset_id = ?2 WHERE id = ?1", [&id, &asset])?;
        tx.execute("DELETE FROM assets WHERE id = ?1", [&drawn])?;
        Ok(())
    };
    stage.server.app().db.write_async(put).await.unwrap();
    job
}
