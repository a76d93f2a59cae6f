//! Films as a client meets them: subtitles, sizes and rates, and every kind of sound and picture that may be sent.
//! The frames are test patterns here; sound, encoding, prices and files are the real ones.

use std::io::Cursor;

use magicpixels::media::{audio, limits::Limits, mp4::read::read_movie};
use serde_json::{Value, json};

use crate::server::{Client, Person, Server, png, wav};

const TEXT: &str = "Here is a quick launch update from the studio. It costs $5 & comes with <three> new voices.";

async fn server_and_person() -> (Server, Person) {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10_000).await;
    (server, ada)
}

fn film_of(image: &str, more: &Value) -> Value {
    let mut body = json!({"mode": "image_to_video", "input_image_asset_id": image, "width": 64});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn bytes_of(client: &Client, job: &Value) -> Vec<u8> {
    let answer = client.get(job["result_asset_url"].as_str().unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "video/mp4"));
    answer.body
}

/// Codecs of the film's tracks, in order.
fn codecs(film: &[u8]) -> Vec<String> {
    let movie = read_movie(&mut Cursor::new(film)).unwrap();
    movie.tracks.iter().map(|track| String::from_utf8_lossy(&track.codec).into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn subtitles_come_inside_or_beside_the_film() {
    let (_server, ada) = server_and_person().await;
    let image = ada.live.picture().await;
    let mut films = Vec::new();
    for subtitles in [json!(null), json!("none"), json!("track"), json!("vtt")] {
        let job = ada.live.job(film_of(&image, &json!({"voice_text": TEXT, "subtitles": subtitles, "seed": 7}))).await;
        let job = ada.live.finished(&job).await;
        assert_eq!(job["status"], "completed", "{job}");
        films.push((bytes_of(&ada.live, &job).await, job));
    }
    assert_eq!(codecs(&films[0].0), ["avc1", "mp4a"]);
    assert_eq!(codecs(&films[2].0), ["avc1", "mp4a", "tx3g"]);
    assert!(films[0].0 == films[1].0 && films[0].0 == films[3].0, "beside the film means that it stays what it was");
    for (_, job) in &films[..2] {
        assert_eq!(job["subtitles_url"], Value::Null);
        let path = format!("/v1/jobs/{}/subtitles", job["id"].as_str().unwrap());
        ada.live.get(&path).await.refused(404, "not_found");
    }
    for (_, job) in &films[2..] {
        let answer = ada.live.get(job["subtitles_url"].as_str().unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/vtt; charset=utf-8"));
        let text = answer.text();
        assert!(text.starts_with("WEBVTT\n\n00:00:00.000 --> "), "{text}");
        let shown: Vec<&str> = text.lines().skip(1).filter(|l| !l.is_empty() && !l.contains(" --> ")).collect();
        let expected = TEXT.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert_eq!(shown.join(" "), expected);
    }
    let test = ada.test.get(films[3].1["subtitles_url"].as_str().unwrap()).await;
    test.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn subtitles_of_an_uploaded_sound_are_refused_by_name() {
    let (_server, ada) = server_and_person().await;
    let image = ada.live.picture().await;
    let sound = ada.live.upload("audio", "sound.wav", wav(1.0)).await.expect(201);
    let before = ada.live.credits().await;
    for subtitles in ["track", "vtt"] {
        let body = film_of(&image, &json!({"audio_asset_id": sound["id"], "subtitles": subtitles}));
        assert_eq!(ada.live.post("/v1/jobs", body).await.faults(), [("subtitles".into(), "conflict".into())]);
    }
    let body = film_of(&image, &json!({"voice_text": "Hi", "subtitles": "burnt in"}));
    assert_eq!(ada.live.post("/v1/jobs", body).await.faults(), [("subtitles".into(), "invalid".into())]);
    let body = film_of(&image, &json!({"audio_asset_id": sound["id"], "subtitles": "none"}));
    ada.live.post("/v1/quote", body).await.expect(200);
    assert_eq!(ada.live.credits().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_and_sizes_are_those_asked_for_or_refused() {
    let (_server, ada) = server_and_person().await;
    let image = ada.live.picture().await;
    for fps in [24, 25, 30] {
        let job = ada.live.job(film_of(&image, &json!({"voice_text": "Hello there", "fps": fps}))).await;
        let job = ada.live.finished(&job).await;
        let movie = read_movie(&mut Cursor::new(bytes_of(&ada.live, &job).await)).unwrap();
        let (video, sound) = (&movie.tracks[0], &movie.tracks[1]);
        let length = sound.duration_seconds(&movie);
        assert_eq!(video.sample_count() as u64, (length * f64::from(fps) - 1e-3).ceil() as u64, "{fps}");
        let frame = 1.0 / f64::from(fps);
        assert!((video.duration_seconds(&movie) - length).abs() <= frame, "the picture lasts as long as the sound");
    }
    for (size, field) in [
        (json!({"width": 2048}), "width"),
        (json!({"width": 1200, "height": 1200}), "height"),
        (json!({"fps": 26}), "fps"),
    ] {
        let mut body = film_of(&image, &json!({"voice_text": "Hi"}));
        for (name, value) in size.as_object().unwrap() {
            body[name] = value.clone();
        }
        assert_eq!(ada.live.post("/v1/jobs", body).await.faults(), [(field.into(), "out_of_range".into())]);
    }
}

/// A WAV of two channels, or one, from a function of time.
fn recording(rate: u32, channels: u16, seconds: f64, sample: impl Fn(f64, u16) -> f64) -> Vec<u8> {
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for i in 0..(seconds * f64::from(rate)).round() as u64 {
        for channel in 0..channels {
            writer.write_sample((sample(i as f64 / f64::from(rate), channel) * 32_000.0) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn chord(t: f64, _: u16) -> f64 {
    [220.0, 277.2, 329.6, 1318.5].iter().map(|hz| (t * hz * std::f64::consts::TAU).sin() * 0.2).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_sound_makes_a_film_of_its_length() {
    let (_server, ada) = server_and_person().await;
    let image = ada.live.picture().await;
    let speech_like = |t: f64, _: u16| (t * 150.0 * std::f64::consts::TAU).sin() * (t * 3.0).sin().max(0.0) * 0.5;
    for (what, bytes, seconds) in [
        ("silence", recording(44_100, 1, 2.0, |_, _| 0.0), 2.0),
        ("music", recording(48_000, 1, 3.0, chord), 3.0),
        ("a fifth of a second", recording(24_000, 1, 0.2, speech_like), 0.2),
        ("a telephone", recording(8_000, 1, 2.5, speech_like), 2.5),
        ("stereo", recording(44_100, 2, 1.5, |t, c| if c == 0 { speech_like(t, c) } else { 0.0 }), 1.5),
        ("a high rate", recording(96_000, 2, 1.0, chord), 1.0),
        ("three minutes", recording(16_000, 1, 180.0, speech_like), 180.0),
    ] {
        let sound = ada.live.upload("audio", "sound.wav", bytes).await.expect(201);
        let before = ada.live.credits().await;
        let body = film_of(&image, &json!({"audio_asset_id": sound["id"]}));
        let job = ada.live.finished(&ada.live.job(body).await).await;
        assert_eq!(job["status"], "completed", "{what}: {job}");
        let price = 22 * f64::ceil(seconds) as u64;
        assert_eq!(job["credits"]["charged"], price, "{what}: each started second");
        assert_eq!(ada.live.credits().await, before - price);
        let film = bytes_of(&ada.live, &job).await;
        let movie = read_movie(&mut Cursor::new(&film)).unwrap();
        assert_eq!(movie.tracks[0].sample_count() as u64, (seconds * 25.0 - 1e-3).ceil() as u64, "{what}");
        let heard = audio::decode(Cursor::new(&film), &Limits::default()).unwrap();
        assert!((heard.duration_seconds() - seconds).abs() < 0.02, "{what}: {}", heard.duration_seconds());
        assert!(heard.samples.iter().any(|s| s.abs() > 0.05) == (what != "silence"), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_that_is_too_long_is_refused_before_anything_is_charged() {
    let (_server, ada) = server_and_person().await;
    let image = ada.live.picture().await;
    let sound = ada.live.upload("audio", "long.wav", recording(8_000, 1, 181.0, |_, _| 0.0)).await.expect(201);
    let before = ada.live.credits().await;
    let body = film_of(&image, &json!({"audio_asset_id": sound["id"]}));
    assert_eq!(ada.live.post("/v1/jobs", body).await.faults(), [("audio_asset_id".into(), "too_long".into())]);
    let empty = ada.live.upload("audio", "empty.wav", recording(8_000, 1, 0.0, |_, _| 0.0)).await;
    empty.refused(422, "damaged_media");
    assert_eq!(ada.live.credits().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn small_and_large_pictures_make_films() {
    let (_server, ada) = server_and_person().await;
    for (width, height) in [(64, 64), (8000, 8000)] {
        let image = ada.live.upload("image", "picture.png", png(width, height)).await.expect(201);
        let body = film_of(image["id"].as_str().unwrap(), &json!({"voice_text": "Hi"}));
        let job = ada.live.finished(&ada.live.job(body).await).await;
        assert_eq!(job["status"], "completed", "{width}: {job}");
        let movie = read_movie(&mut Cursor::new(bytes_of(&ada.live, &job).await)).unwrap();
        assert_eq!(movie.tracks[0].size, (64, 128));
    }
    let image = ada.live.upload("image", "picture.png", png(8001, 8000)).await;
    image.refused(413, "too_large");
}
