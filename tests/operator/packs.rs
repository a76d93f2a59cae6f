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
