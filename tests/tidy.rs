//! The rules of the house that a compiler doesn't check: layers, sizes, where unsafe and the environment may be.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// The file's lines before its tests.
fn code(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let end = lines
        .windows(2)
        .position(|pair| pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with("mod "))
        .unwrap_or(lines.len());
    lines[..end].to_vec()
}

fn is_test_file(path: &Path) -> bool {
    let name = name(path);
    name.ends_with("tests.rs") || name.contains("/tests/")
}

/// Lowest first. A module imports from lower layers only; modules of one layer don't know each other.
const LAYERS: [&[&str]; 8] = [
    &["failpoint", "machine"],
    &["domain"],
    &["media", "config", "logbook"],
    &["db", "store", "engine", "cache", "courier"],
    &["wire"],
    &["app"],
    &["web"],
    &["startup", "cli"],
];

fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&module))
        .unwrap_or_else(|| panic!("src/{module} is in no layer: add it to LAYERS and to ARCHITECTURE.md"))
}

/// Modules of this crate that the text names as `crate::module` or inside `use crate::{…}`.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue; // $crate and the like keep their own
        }
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut start) = (0_i32, true);
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if depth == 0 && start && (c.is_alphanumeric() || c == '_') => word.push(c),
                    c if c.is_whitespace() => {}
                    _ => start = false,
                }
                if !(word.is_empty() || c.is_alphanumeric() || c == '_') {
                    found.push(std::mem::take(&mut word));
                    start = c == ',';
                }
            }
            if !word.is_empty() {
                found.push(word);
            }
        } else {
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn a_module_imports_from_lower_layers_only() {
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let relative = name(&path);
        let module = relative.trim_start_matches("src/").split(['/', '.']).next().unwrap().to_owned();
        if ["lib", "main"].contains(&module.as_str()) || is_test_file(&path) {
            continue;
        }
        let own = layer(&module);
        for import in imports(&code(&path).join("\n")) {
            let known = LAYERS.iter().any(|layer| layer.contains(&import.as_str()));
            if known && import != module && layer(&import) >= own && !(module == "cli" && import == "startup") {
                wrong.push(format!("{relative} imports {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_found_in_every_spelling() {
    let text = "use crate::domain::ids;\nuse crate::{\n    app::{App, AppError},\n    db,\n    media::audio::Pcm,\n};\ncrate::web::x()";
    assert_eq!(imports(text), ["domain", "app", "db", "media", "web"]);
}

#[test]
fn files_stay_readable() {
    let mut long: Vec<String> = Vec::new();
    for folder in ["src", "tests"] {
        for path in rust_files(&root().join(folder)) {
            let lines = code(&path).len();
            if lines > 500 && !is_test_file(&path) {
                long.push(format!("{}: {lines} lines", name(&path)));
            }
        }
    }
    assert!(long.is_empty(), "split by concept: {}", long.join(", "));
}

#[test]
fn every_module_says_what_it_owns() {
    for path in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(is_test_file(&path) || text.starts_with("//! "), "{} begins without //!", name(&path));
    }
}

#[test]
fn unsafe_lives_in_one_module() {
    for path in rust_files(&root().join("src")) {
        let has = code(&path).iter().any(|line| line.contains("unsafe {") || line.contains("unsafe fn"));
        assert!(!has || name(&path) == "src/engine/runtime.rs", "{} has unsafe code", name(&path));
    }
}

#[test]
fn ort_and_sled_have_one_home_each() {
    for path in rust_files(&root().join("src")) {
        let relative = name(&path);
        let text = code(&path).join("\n");
        let uses = |krate: &str| text.contains(&format!("use {krate}::")) || text.contains(&format!(" {krate}::"));
        let knows_ort =
            ["session.rs", "runtime.rs", "device.rs", "kernels/mod.rs"].map(|file| format!("src/engine/{file}"));
        assert!(!uses("ort") || knows_ort.contains(&relative), "{relative} uses ort");
        assert!(!uses("sled") || relative.starts_with("src/cache"), "{relative} uses sled");
        assert!(!uses("rusqlite") || relative.starts_with("src/db"), "{relative} uses rusqlite");
    }
}

#[test]
fn every_end_of_a_job_passes_the_outbox() {
    for path in rust_files(&root().join("src/app")) {
        let ends = code(&path).iter().any(|line| line.contains("jobs::apply(") || line.contains("jobs::recover("));
        assert!(!ends || name(&path) == "src/app/webhooks/outbox.rs", "{} ends jobs past the outbox", name(&path));
    }
}

#[test]
fn only_the_courier_connects() {
    // `demo` is a client of the appliance's own API.
    for path in rust_files(&root().join("src")) {
        let relative = name(&path);
        let connects = code(&path).iter().any(|line| line.contains("ureq") || line.contains("TcpStream"));
        let allowed = relative.starts_with("src/courier/") || relative == "src/cli/demo.rs";
        assert!(!connects || allowed || is_test_file(&path), "{relative} connects");
    }
}

#[test]
fn the_environment_is_read_in_few_places() {
    // clap reads it for `cli`; the runtime's own override and the fail points are named in docs.
    let allowed = ["src/engine/runtime.rs", "src/failpoint.rs"];
    for path in rust_files(&root().join("src")) {
        let relative = name(&path);
        let reads = code(&path).iter().any(|line| line.contains("env::var") || line.contains("env::set_var"));
        assert!(
            !reads || allowed.contains(&relative.as_str()) || is_test_file(&path),
            "{relative} reads the environment"
        );
    }
}

/// The scripts of the pages, but for the table of texts.
fn scripts() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut files = Vec::new();
    walk(&root().join("assets"), &mut files);
    files.retain(|path| path.extension().is_some_and(|e| e == "js") && !name(path).contains("strings"));
    files.sort();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// What stands between quotes in a line of a script, up to a comment.
fn quoted(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line.split(" // ").next().unwrap_or_default();
    while let Some(start) = rest.find(['\'', '"', '`']) {
        let quote = &rest[start..=start];
        let Some(length) = rest[start + 1..].find(quote) else { break };
        found.push(&rest[start + 1..start + 1 + length]);
        rest = &rest[start + length + 2..];
    }
    found
}

#[test]
fn every_text_of_the_pages_is_in_the_one_table() {
    let is_prose = |text: &str| {
        let capital = text.starts_with(|c: char| c.is_ascii_uppercase());
        let words = text.split(' ').filter(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase()));
        capital && words.count() >= 1 && !text.contains("${")
    };
    let mut found = Vec::new();
    for (file, text) in scripts() {
        // Code that is shown to be copied is no text of ours.
        if file.ends_with("snippets.js") {
            continue;
        }
        for line in text.lines().filter(|line| !line.trim_start().starts_with(['/', '*'])) {
            found.extend(quoted(line).into_iter().filter(|text| is_prose(text)).map(|text| format!("{file}: {text}")));
        }
    }
    assert!(found.is_empty(), "texts belong into assets/strings.js: {found:#?}");
    assert_eq!(quoted("t('a') + \"Some text\" // 'not this'"), ["a", "Some text"]);
    assert!(is_prose("Some text") && !is_prose("Ctrl Enter") && !is_prose("some css"));
}

#[test]
fn scripts_stay_readable_and_parse_no_markup() {
    for (file, text) in scripts() {
        assert!(text.lines().count() <= 500, "{file} has {} lines", text.lines().count());
        assert!(text.starts_with("// "), "{file} begins without saying what it is");
        for word in
            [".innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "new Function"]
        {
            assert!(!text.contains(word), "{file} has {word}");
        }
    }
}

#[test]
fn every_pack_is_in_the_notice() {
    let notice = fs::read_to_string(root().join("NOTICE")).unwrap();
    for entry in fs::read_dir(root().join("models")).unwrap().flatten() {
        if entry.path().join("pack.toml").is_file() {
            let pack = entry.file_name().into_string().unwrap();
            assert!(notice.contains(&format!("models/{pack}")), "NOTICE does not name models/{pack}");
        }
    }
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() <= 150, "ARCHITECTURE.md has {} lines", text.lines().count());
    let sources: String = ["src", "tests"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut named = 0;
    for line in text.lines().filter(|line| line.starts_with("| ") && line.contains("`t:")) {
        for part in line.split("`t:").skip(1) {
            let test = part.split('`').next().unwrap();
            assert!(
                sources.contains(&format!("fn {test}(")),
                "ARCHITECTURE.md names the test {test}, which is not there"
            );
            named += 1;
        }
    }
    assert!(named >= 15, "only {named} tests are named");
}

#[test]
fn the_documentation_names_every_magic_word() {
    let page = fs::read_to_string(root().join("assets/account/new-key.js")).unwrap();
    for file in ["docs/api.md", "assets/guides/test-keys.md"] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        for (word, outcome) in magicpixels::app::rehearsal::MAGIC_WORDS {
            assert!(text.contains(&format!("| `{word}` | {outcome} |")), "{file} does not say what {word} does");
            assert!(page.contains(&format!("'{word}'")), "the keys page does not name {word}");
        }
    }
}

#[test]
fn the_readmes_settings_are_the_defaults() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let block = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("magicpixels.toml"), block).unwrap();
    let shown = magicpixels::config::Config::load(dir.path(), magicpixels::config::Overrides::default()).unwrap();
    let mut default = magicpixels::config::File::default();
    default.plans.truncate(1);
    assert_eq!(shown.file, default);
}
