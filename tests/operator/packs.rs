//! Packs and what they run on, as an operator meets them.

use crate::instance::Instance;
use serde_json::json;

#[test]
fn a_device_that_is_not_there_falls_back_aloud_and_an_unknown_one_is_refused() {
    let instance = Instance::empty();
    std::fs::create_dir_all(instance.data()).unwrap();
    let settings = instance.data().join("magicpixels.toml");
    std::fs::write(&settings, "[work]\ndevice = \"gpu\"\n").unwrap();
    let refused = instance.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("setting `work.device`: `gpu` is no device; there is auto, cpu, cuda"), "{said}");

    std::fs::write(&settings, "[work]\ndevice = \"cuda\"\n").unwrap();
    let findings = instance.json(&["--json", "doctor"]);
    let found = findings.as_array().unwrap().iter().find(|finding| finding["name"] == "device").unwrap();
    assert_eq!(found["state"], "warning", "{found}");
    assert!(found["message"].as_str().unwrap().contains("the CPU is used"), "{found}");
    let log = instance.data().join("log");
    let mut serve = instance.command(&["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
    let mut server = serve.stderr(std::fs::File::create(&log).unwrap()).spawn().unwrap();
    let said = loop {
        let said = std::fs::read_to_string(&log).unwrap();
        if said.contains("the CPU is used") || server.try_wait().unwrap().is_some() {
            break said;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(said.matches("`cuda` was asked for").count(), 1, "{said}");
    let listed = instance.json(&["--json", "models", "list"]);
    let scene = listed.as_array().unwrap().iter().find(|model| model["id"] == "scene").unwrap();
    assert_eq!((&scene["device"], &scene["device_note"]), (&json!("cpu"), &json!(null)), "made for the CPU");
}

#[test]
fn a_pack_travels_as_one_signed_file_between_instances() {
    let (online, offline) = (Instance::empty(), Instance::empty());
    let brought = tempfile::tempdir().unwrap();
    unpack_tiny_packs(brought.path());
    let path = |name: &str| brought.path().join(name).display().to_string();
    online.ok(&["models", "install", &path("sd15"), "--licence", "MIT"]);
    let signer = online.ok(&["models", "signer"]);
    assert!(signer.len() == 64 && signer == online.ok(&["models", "signer"]), "{signer}");
    let stick = path("stick.pack");
    let exported = online.json(&["--json", "models", "export", "sd15", "--to", &stick]);
    assert_eq!(exported["signed_by"], signer.as_str());
    assert_eq!(online.run(&["models", "export", "sd15", "--to", &stick]).status.code(), Some(1), "never written over");

    let refused = |args: &[&str], word: &str| {
        let output = offline.run(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains(word), "{args:?}: {said}");
        let left = std::fs::read_dir(offline.data().join("packs")).into_iter().flatten().count();
        assert_eq!(left, 0, "{args:?} left something behind");
    };
    refused(&["models", "import", &stick], &signer);
    refused(&["models", "import", &path("sd15"), "--trust", &signer], "is not signed");
    assert_eq!(offline.run(&["models", "import", &stick, "--trust", "me"]).status.code(), Some(2));
    let whole = std::fs::read(&stick).unwrap();
    for at in [10, whole.len() / 2, whole.len() - 50] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&stick, bytes).unwrap();
        refused(&["models", "import", &stick, "--trust", &signer], "damaged");
        refused(&["models", "install", &stick, "--trust", &signer], "damaged");
    }
    std::fs::write(&stick, &whole).unwrap();
    let imported = offline.json(&["--json", "models", "import", &stick, "--trust", &signer]);
    assert_eq!((&imported["name"], &imported["signed_by"]), (&json!("sd15"), &json!(signer)));
    assert_eq!((&imported["digest"], &imported["licence"]), (&exported_digest(&online), &json!("MIT")));
    offline.ok(&["models", "verify"]);

    // Trusted for good, by the settings; as a file in parts, by `install`.
    offline.ok(&["models", "remove", "sd15"]);
    let settings = format!("[packs]\ntrusted_signers = [\"{signer}\"]\n");
    std::fs::write(offline.data().join("magicpixels.toml"), settings).unwrap();
    for (at, part) in whole.chunks(whole.len().div_ceil(3)).enumerate() {
        std::fs::write(format!("{stick}.{:03}", at + 1), part).unwrap();
    }
    std::fs::remove_file(&stick).unwrap();
    assert!(offline.ok(&["models", "install", &format!("{stick}.001")]).contains(&signer));
    assert_ne!(offline.ok(&["models", "signer"]), signer, "each instance has its own key");
}

fn exported_digest(instance: &Instance) -> serde_json::Value {
    let listed = instance.json(&["--json", "models", "list"]);
    listed.as_array().unwrap().iter().find(|model| model["id"] == "sd15").unwrap()["digest"].clone()
}

fn unpack_tiny_packs(folder: &std::path::Path) {
    let packed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/diffusion/packs.tar.zst");
    let mut decoder = zstd::Decoder::new(std::fs::File::open(packed).unwrap()).unwrap();
    decoder.window_log_max(27).unwrap();
    tar::Archive::new(decoder).unpack(folder).unwrap();
}
