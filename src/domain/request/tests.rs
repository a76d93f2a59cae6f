use serde_json::json;

use super::*;

fn faults(body: &Value) -> Vec<(String, &'static str)> {
    Request::parse(body).unwrap_err().into_iter().map(|fault| (fault.field, fault.code)).collect()
}

fn names<'a>(pairs: &'a [(String, &'static str)]) -> Vec<(&'a str, &'static str)> {
    pairs.iter().map(|(field, code)| (field.as_str(), *code)).collect()
}

#[test]
fn reads_the_seeds_own_requests() {
    let image = AssetId::new();
    let request = Request::parse(&json!({
        "mode": "text_to_image",
        "prompt": "Editorial product photo of a ceramic cup on brushed steel"
    }))
    .unwrap();
    assert_eq!(request.prompt(), Some("Editorial product photo of a ceramic cup on brushed steel"));
    let request = Request::parse(&json!({
        "mode": "image_to_video",
        "input_image_asset_id": image,
        "voice_text": "Here is a quick launch update from the studio.",
        "voice_id": "casual_male",
        "prompt": "Natural talking-avatar movement"
    }))
    .unwrap();
    assert_eq!(request.inputs(), [("input_image_asset_id", image)]);
    assert_eq!(request.speech().unwrap().voice_id.as_deref(), Some("casual_male"));
}

#[test]
fn counts_unicode_scalar_values_up_to_500() {
    let body = |n: usize| json!({"mode": "text_to_image", "prompt": "é".repeat(n)});
    assert!(Request::parse(&body(500)).is_ok());
    let fault = Request::parse(&body(501)).unwrap_err().remove(0);
    assert_eq!((fault.field.as_str(), fault.code), ("prompt", "too_long"));
    assert!(fault.message.contains("501") && fault.message.contains("500"), "{}", fault.message);
    for (mode, field) in [("audio", "voice_text"), ("audio", "prompt"), ("text_to_image", "negative_prompt")] {
        let mut body = json!({"mode": mode, field: "x".repeat(501)});
        if mode == "text_to_image" {
            body["prompt"] = json!("a cup");
        }
        assert_eq!(names(&faults(&body)), [(field, "too_long")].as_slice(), "{mode} {field}");
    }
}

#[test]
fn names_every_fault_at_once_and_the_nearest_known_field() {
    let body = json!({"mode": "text_to_image", "promt": "a cup", "width": "wide", "seed": -1, "format": "gif"});
    let mut found = faults(&body);
    found.sort();
    assert_eq!(
        names(&found),
        [
            ("format", "invalid"),
            ("promt", "unknown"),
            ("prompt", "missing"),
            ("seed", "out_of_range"),
            ("width", "type")
        ]
        .into_iter()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
    let messages = Request::parse(&body).unwrap_err();
    assert!(messages.iter().any(|fault| fault.message.contains("`prompt`") && fault.code == "unknown"));
}

#[test]
fn a_film_takes_one_sound_and_not_both_and_not_none() {
    let (image, sound) = (AssetId::new(), AssetId::new());
    let both =
        json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": "Hi", "audio_asset_id": sound});
    assert_eq!(names(&faults(&both)), [("audio_asset_id", "conflict")]);
    let none = json!({"mode": "image_to_video", "input_image_asset_id": image});
    assert_eq!(names(&faults(&none)), [("voice_text", "missing")]);
    let upload = json!({"mode": "image_to_video", "input_image_asset_id": image, "audio_asset_id": sound});
    assert_eq!(Request::parse(&upload).unwrap().inputs().len(), 2);
    let voiced =
        json!({"mode": "image_to_video", "input_image_asset_id": image, "audio_asset_id": sound, "voice_id": "x"});
    assert_eq!(names(&faults(&voiced)), [("voice_id", "conflict")]);
    let empty = json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": "  "});
    assert_eq!(names(&faults(&empty)), [("voice_text", "empty")]);
}

#[test]
fn wrong_shapes_are_refused_by_name() {
    for (body, expected) in [
        (json!([]), ("", "type")),
        (json!({}), ("mode", "missing")),
        (json!({"mode": 3}), ("mode", "type")),
        (json!({"mode": "text_to_imag"}), ("mode", "invalid")),
        (json!({"mode": "audio", "voice_text": 5}), ("voice_text", "type")),
        (json!({"mode": "audio", "voice_text": "hi", "speed": 9}), ("speed", "out_of_range")),
        (json!({"mode": "audio", "voice_text": "hi", "prompt": "ho"}), ("prompt", "conflict")),
        (json!({"mode": "audio", "voice_text": "hi", "metadata": {"a": 1}}), ("metadata", "type")),
        (json!({"mode": "text_to_image", "prompt": "cup", "steps": 1.5}), ("steps", "out_of_range")),
        (json!({"mode": "text_to_image", "prompt": "cup", "width": 99999}), ("width", "out_of_range")),
        (json!({"mode": "text_to_image", "prompt": "cup", "embed_parameters": "no"}), ("embed_parameters", "type")),
        (json!({"mode": "text_to_image", "prompt": null}), ("prompt", "missing")),
        (
            json!({"mode": "image_to_image", "prompt": "cup", "input_image_asset_id": "image_asset_id"}),
            ("input_image_asset_id", "invalid"),
        ),
    ] {
        assert_eq!(names(&faults(&body)), [expected], "{body}");
    }
}

#[test]
fn a_parsed_request_survives_storage() {
    let bodies = [
        json!({"mode": "text_to_image", "prompt": "cup", "width": 512, "seed": 7, "metadata": {"k": "v"}, "format": "jpeg"}),
        json!({"mode": "text_to_image", "prompt": "cup", "embed_parameters": false}),
        json!({"mode": "image_to_image", "prompt": "oil", "input_image_asset_id": AssetId::new(), "strength": 0.35}),
        json!({"mode": "audio", "voice_text": "Hello", "voice_id": "casual_male", "speed": 1.2}),
        json!({"mode": "image_to_video", "input_image_asset_id": AssetId::new(), "voice_text": "Hi", "fps": 24}),
        json!({"mode": "image_to_video", "input_image_asset_id": AssetId::new(), "audio_asset_id": AssetId::new()}),
    ];
    for body in bodies {
        let request = Request::parse(&body).unwrap();
        let stored = serde_json::to_value(&request).unwrap();
        assert_eq!(serde_json::from_value::<Request>(stored.clone()).unwrap(), request, "{stored}");
        assert_eq!(Request::parse(&stored).unwrap(), request, "a stored request is a valid request");
        for name in ["strength", "speed"] {
            assert_eq!(stored.get(name).filter(|_| body.get(name).is_some()), body.get(name), "as it was sent");
        }
    }
}
