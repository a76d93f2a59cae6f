//! Pictures of every page for a person to look at: `MAGICPIXELS_SCREENSHOTS=DIR cargo test --test browser screenshots`.

use std::{env, fs, path::PathBuf};

use crate::{page::Page, pages, scenery::Scenery};

const SIZES: [(u32, u32); 3] = [(390, 844), (1280, 800), (2560, 1440)];

async fn shoot(page: &Page, folder: &std::path::Path, path: &str, name: &str) {
    for (width, height) in SIZES {
        page.size(width, height).await;
        for scheme in ["light", "dark"] {
            page.scheme(scheme).await;
            page.go(path).await;
            page.settles().await;
            page.picture(&folder.join(format!("{name}-{width}-{scheme}.png"))).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn screenshots() {
    let Some(folder) = env::var_os("MAGICPIXELS_SCREENSHOTS").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).unwrap();
    let Some(scenery) = Scenery::play("").await else { return };
    let ada = scenery.stage.visit(&scenery.ada, "/").await;
    for path in ["/"] {
        shoot(&ada, &folder, path, &pages::name(path)).await;
    }
}
