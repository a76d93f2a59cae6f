//! Which models there are, and which are asked for by name.

use serde_json::json;

use super::*;
fn request(body: &serde_json::Value) -> Request {
    Request::parse(body).unwrap()
}

#[test]
fn resolves_model_voice_and_speed() {
    let engine = Engine::fake();
    let mut audio = request(&json!({"mode": "audio", "voice_text": "Hi"}));
    assert_eq!(engine.resolve(&mut audio).unwrap().id, "test");
    let speech = audio.speech().unwrap();
    assert_eq!((speech.voice_id.as_deref(), speech.speed), (Some("casual_male"), Some(1.0)));
    assert_eq!(audio.common().model.as_deref(), Some("test"));
}

#[test]
fn names_unknown_models_voices_and_fields() {
    let engine = Engine::fake();
    let mut wrong = request(&json!({"mode": "audio", "voice_text": "Hi", "voice_id": "casual_mail", "model": "tost"}));
    let faults = engine.resolve(&mut wrong).unwrap_err();
    let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["voice_id", "model"]);
    assert!(faults[0].message.contains("casual_male") && faults[1].message.contains("`test`"));

    let mut info = fake::info();
    info.fields.retain(|field| field != "steps");
    let steps = request(&json!({"mode": "text_to_image", "prompt": "cup", "steps": 4, "width": 64}));
    let faults = unsupported(&steps, &info);
    assert_eq!((faults.len(), faults[0].field.as_str(), faults[0].code), (1, "steps", "unsupported"));
}

#[test]
fn packs_are_listed_and_asked_for_by_their_names() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("mouths", &include_bytes!("../lipsync/fixtures/random.onnx")[..]),
        ("test", include_bytes!("../lipsync/fixtures/random.onnx")),
        ("broken", b"no network"),
    ] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
        std::fs::write(dir.path().join(name).join("network.onnx"), bytes).unwrap();
    }
    let engine = Engine::fake().with_packs(dir.path(), EngineOptions::default());
    let ids: Vec<String> = engine.models().into_iter().map(|model| model.info.id).collect();
    assert_eq!(ids, ["test", "mouths"], "a broken one and one of a taken name are left out");
    let image = crate::domain::ids::AssetId::new();
    let body = json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": "Hi", "model": "mouths"});
    assert_eq!(engine.resolve(&mut request(&body)).unwrap().id, "mouths");
}

#[test]
fn loads_on_first_use_and_unloads_when_idle() {
    let engine = Engine::fake();
    let loaded = |engine: &Engine| engine.speech[0].is_loaded();
    assert!(!loaded(&engine));
    let task = SpeechTask { text: "Hi".into(), voice: "casual_male".into(), speed: 1.0, seed: 0 };
    engine.speak(&task, &RunContext::new(CancelToken::default(), &|_| {})).unwrap();
    assert!(loaded(&engine));
    assert!(engine.unload_idle(Duration::from_hours(1)).is_empty());
    assert_eq!(engine.unload_idle(Duration::ZERO), ["test"]);
    assert!(!loaded(&engine));
}
