//! axe-core, which judges a page as a person with a screen reader, a keyboard or weak eyes would. It is in no binary.

use std::sync::OnceLock;

use serde_json::Value;

use crate::{
    page::Page,
    wheels::{self, Member},
};

/// axe-core 4.12.1 as this package carries it.
const SHA256: &str = "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc";

fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let member = Member {
            package: "axe-playwright-python".into(),
            version: "0.1.8".into(),
            sha256: "fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8".into(),
            platforms: Vec::new(),
            path: "axe_playwright_python/axe.min.js".into(),
        };
        std::fs::read_to_string(wheels::fetch(SHA256, &[member]).unwrap()).unwrap()
    })
}

/// What axe looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Everything.
    All,
    /// What another colour scheme can change.
    Colours,
}

/// What is wrong with the page as it stands: `serious button-name: … at <button>`.
pub async fn judge(page: &Page, look: Look) -> Vec<String> {
    if page.evaluate("typeof axe").await.unwrap() == "undefined" {
        page.evaluate(&format!("{}\n; true", source())).await.unwrap();
    }
    let only = if look == Look::Colours { "runOnly: ['color-contrast', 'link-in-text-block']," } else { "" };
    let run = format!("axe.run(document, {{ {only} resultTypes: ['violations'] }})");
    let found = page.evaluate(&run).await.unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut faults = Vec::new();
    for rule in found["violations"].as_array().unwrap() {
        for node in rule["nodes"].as_array().unwrap() {
            let (impact, id) = (text(&rule["impact"]), text(&rule["id"]));
            let why = text(&node["failureSummary"]).replace('\n', " ");
            faults.push(format!("{impact} {id}: {why} at {}", text(&node["html"])));
        }
    }
    assert!(found["passes"].is_array() || found["violations"].is_array(), "axe did not run");
    faults
}

/// The faults that no page may have.
pub fn grave(faults: &[String]) -> Vec<&String> {
    faults.iter().filter(|fault| fault.starts_with("serious") || fault.starts_with("critical")).collect()
}
