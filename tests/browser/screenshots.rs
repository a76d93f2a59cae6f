//! Pictures of every page for a person to look at: `MAGICPIXELS_SCREENSHOTS=DIR cargo test --test browser screenshots`.
//!
//! A picture shows the page as far as it goes down, at most [`HEIGHT_MAX`] pixels of it. `MAGICPIXELS_PAGES=/,/admin`
//! takes only those.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{page::Page, pages, scenery::Scenery};

const SIZES: [(u32, u32); 3] = [(390, 844), (1280, 800), (2560, 1440)];
const HEIGHT_MAX: u32 = 2600;

async fn shoot(page: &Page, folder: &Path, path: &str, name: &str) {
    for (width, height) in SIZES {
        page.size(width, height).await;
        page.scheme("light").await;
        page.go(path).await;
        page.settles().await;
        // As high as the page, so that what is fixed to the window's edge lies at the page's.
        let whole = page.evaluate("document.documentElement.scrollHeight").await.unwrap();
        page.size(width, u32::try_from(whole.as_u64().unwrap()).unwrap().clamp(height, HEIGHT_MAX)).await;
        for scheme in ["light", "dark"] {
            page.scheme(scheme).await;
            page.settles().await;
            page.picture(&folder.join(format!("{name}-{width}-{scheme}.png"))).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn screenshots() {
    let Some(folder) = env::var_os("MAGICPIXELS_SCREENSHOTS").map(PathBuf::from) else { return };
    let chosen = env::var("MAGICPIXELS_PAGES").unwrap_or_default();
    let is_wanted = |path: &str| chosen.is_empty() || chosen.split(',').any(|one| one == path);
    fs::create_dir_all(&folder).unwrap();
    let Some(scenery) = Scenery::play().await else { return };
    let ada = scenery.stage.visit(&scenery.ada, "/").await;
    for path in pages::all().filter(|path| is_wanted(path)) {
        shoot(&ada, &folder, path, &pages::name(path)).await;
    }
    for (path, name) in [("/library?tab=files", "library-files"), (scenery.job.as_str(), "job")] {
        if is_wanted(path) || is_wanted(&format!("/{name}")) {
            shoot(&ada, &folder, path, name).await;
        }
    }
    let stranger = scenery.stage.stranger("/sign-in").await;
    for path in pages::ENTRANCES.into_iter().filter(|path| is_wanted(path)) {
        shoot(&stranger, &folder, path, &pages::name(path)).await;
    }
    let grace = scenery.stage.visit(&scenery.grace, "/").await;
    for (path, name) in [("/admin", "forbidden"), ("/nowhere", "not-found")] {
        if is_wanted(&format!("/{name}")) {
            grace.permit("404 ");
            shoot(&grace, &folder, path, name).await;
        }
    }
}
