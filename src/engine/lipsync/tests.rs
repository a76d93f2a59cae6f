//! Against a network of Wav2Lip's layout with random weights (`fixtures/recipe.py`).

use super::*;
use crate::{engine::bundle, media::audio::Pcm};

fn pack(dir: &Path, name: &str) -> Pack {
    let folder = dir.join(name);
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("network.onnx"), include_bytes!("fixtures/random.onnx")).unwrap();
    pack::scan(dir).into_iter().flatten().find(|pack| pack.id == name).unwrap()
}

fn load(pack: &Pack) -> LipSync {
    let (info, layout, path) = recognise(pack).unwrap().unwrap();
    LipSync::load(info, layout, &path, GraphOptions::default(), &CancelToken::default()).unwrap()
}

fn task(picture: RgbImage) -> FilmTask {
    let loud = |i: usize| if (8000..20_000).contains(&i) { (i as f32 * 0.11).sin() * 0.5 } else { 0.0 };
    FilmTask {
        audio: Pcm { samples: (0..24_000).map(loud).collect(), rate: 24_000 },
        width: Some(256),
        ..FilmTask::still(picture)
    }
}

fn film(model: &mut LipSync, task: &FilmTask) -> Result<Vec<RgbImage>, EngineError> {
    let mut frames = Vec::new();
    let mut sink = |frame: &RgbImage| {
        frames.push(frame.clone());
        Ok(())
    };
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let report = model.animate(task, &mut sink, &ctx)?;
    assert_eq!(report.motion, Motion::Face);
    Ok(frames)
}

#[test]
fn a_pack_is_known_by_its_shapes() {
    let dir = tempfile::tempdir().unwrap();
    let (info, layout, _) = recognise(&pack(dir.path(), "mouths")).unwrap().unwrap();
    assert_eq!((info.id.as_str(), info.digest.len(), info.licence.as_str()), ("mouths", 64, "LicenseRef-unknown"));
    assert_eq!((layout.sound.as_str(), layout.face.as_str()), ("mel_spectrogram", "video_frames"));
    assert_eq!((layout.mouth.as_str(), layout.batch), ("output", BATCH));
    let signature = Signature::read(include_bytes!("fixtures/random.onnx")).unwrap();
    let mut fixed = signature.clone();
    fixed.inputs[0].shape[0] = Some(1);
    assert_eq!(Layout::recognise(&fixed).unwrap().batch, 1);
    let mut other = signature;
    other.inputs[0].shape[2] = Some(81);
    assert_eq!(Layout::recognise(&other), None);
    let cutout = Signature::read(bundle::bytes("u2netp/u2netp.onnx").unwrap()).unwrap();
    assert_eq!(Layout::recognise(&cutout), None);
}

#[test]
fn the_mouth_follows_the_sound_and_nothing_else_moves() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = load(&pack(dir.path(), "mouths"));
    let portrait = image::load_from_memory(bundle::bytes("demo/portrait.jpg").unwrap()).unwrap().to_rgb8();
    let task = task(portrait);
    let frames = film(&mut model, &task).unwrap();
    assert_eq!(frames.len(), 25);
    let still = raster::resize(&task.picture, frames[0].width(), frames[0].height());
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let place = model.find_face(&still, &ctx).unwrap();
    // Pixels that differ from the still picture lie in the lower half of the face.
    for (x, y, pixel) in frames[14].enumerate_pixels() {
        let inside = x >= place.left && x < place.left + place.width;
        let lower = y >= place.top + place.height * 45 / 100 && y < place.top + place.height;
        assert!(pixel == still.get_pixel(x, y) || (inside && lower), "{x} {y}");
    }
    assert_ne!(frames[14], still);
    let moved =
        |a: &RgbImage, b: &RgbImage| a.iter().zip(b.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
    assert!(moved(&frames[0], &frames[14]) > 20 * moved(&frames[0], &frames[1]).max(1), "silence rests, sound moves");
    // One frame a run gives the same film.
    model.layout.batch = 1;
    let singly = film(&mut model, &task).unwrap();
    assert!(frames.iter().zip(&singly).all(|(a, b)| a.iter().zip(b.iter()).all(|(a, b)| a.abs_diff(*b) <= 1)));
}

#[test]
fn a_picture_without_a_face_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = load(&pack(dir.path(), "mouths"));
    let wall = RgbImage::from_pixel(200, 200, image::Rgb([120, 130, 140]));
    let refused = film(&mut model, &task(wall));
    assert!(matches!(refused, Err(EngineError::Input(message)) if message.contains("face")));
}

#[test]
fn what_is_no_such_pack_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let pack = pack(dir.path(), "mouths");
    std::fs::write(pack.folder.join("second.onnx"), b"").unwrap();
    assert!(recognise(&pack).unwrap().is_none());
    std::fs::remove_file(pack.folder.join("second.onnx")).unwrap();
    std::fs::write(pack.folder.join("network.onnx"), b"not a network").unwrap();
    assert!(recognise(&pack).unwrap().is_none());
}
