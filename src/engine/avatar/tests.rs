//! Whole films of the demo portrait, looked at with the landmark network.

use super::{face::tests::portrait, motion::tests::spoken, *};
use crate::{
    engine::{CancelToken, TimedPhoneme},
    media::audio::Pcm,
};

fn task(picture: RgbImage, audio: Pcm, phonemes: Vec<TimedPhoneme>) -> FilmTask {
    FilmTask {
        picture,
        audio,
        phonemes,
        prompt: String::new(),
        width: None,
        height: Some(384),
        fps: 25,
        face: None,
        seed: 7,
    }
}

/// Bilabials between open vowels, a tenth of a second each.
fn babble(picture: RgbImage) -> FilmTask {
    let (audio, phonemes) = spoken("hɑmɑpɑbimɛ ", 0.1);
    task(picture, audio, phonemes)
}

fn film(task: &FilmTask) -> (Vec<RgbImage>, FilmReport) {
    let mut frames = Vec::new();
    let mut sink = |frame: &RgbImage| {
        frames.push(frame.clone());
        Ok(())
    };
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let report = Avatar::new(GraphOptions::default()).animate(task, &mut sink, &ctx).unwrap();
    (frames, report)
}

fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    a.iter().zip(b.iter()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
}

#[test]
fn the_portrait_opens_on_vowels_and_closes_on_bilabials() {
    let sync = study::measure(&babble(portrait())).unwrap().unwrap();
    assert!(sync.correlation > 0.9, "{sync:?}");
    assert_eq!((sync.closures, sync.closed), (4, 4), "{sync:?}");
    assert!(sync.widest > 0.1, "{sync:?}");
}

#[test]
fn a_film_begins_with_the_portrait_and_moves_the_face_alone() {
    let mut still = babble(portrait());
    still.prompt = "static shot".into();
    let (frames, report) = film(&still);
    assert_eq!((report.motion, frames.len()), (Motion::Face, 28));
    let picture = raster::resize(&still.picture, 384, 384);
    assert!(difference(&frames[0], &picture) < 1.5, "{}", difference(&frames[0], &picture));
    // The mouth, the wall at the left, the wall at the right.
    let part = |frame: &RgbImage, x, y, w, h| image::imageops::crop_imm(frame, x, y, w, h).to_image();
    let moved = |x, y, w, h| {
        frames.iter().map(|f| difference(&part(f, x, y, w, h), &part(&frames[0], x, y, w, h))).fold(0.0, f64::max)
    };
    assert!(moved(165, 155, 55, 40) > 8.0, "the mouth moved by {}", moved(165, 155, 55, 40));
    assert!(moved(0, 0, 40, 220) < 0.3 && moved(340, 0, 44, 220) < 0.3, "{}", moved(0, 0, 40, 220));
}

#[test]
fn the_same_task_gives_the_same_frames_on_any_number_of_threads() {
    let (audio, phonemes) = spoken("mɑm", 0.1);
    let mut short = task(portrait(), audio, phonemes);
    short.height = Some(160);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| film(&short).0)
    };
    let one = on(1);
    assert_eq!(one.len(), 8);
    assert!(one == on(3) && one == film(&short).0);
    short.seed = 8;
    assert!(one != film(&short).0, "another seed moves the head another way");
}

#[test]
fn without_a_usable_face_the_camera_moves_and_says_why() {
    let (audio, phonemes) = spoken("mɑ", 0.1);
    let plain = RgbImage::from_pixel(200, 150, image::Rgb([90, 140, 90]));
    let (frames, report) = film(&task(plain, audio.clone(), phonemes.clone()));
    assert_eq!((report.motion, frames.len()), (Motion::Camera, 5));
    assert!(report.warnings[0].starts_with("No face was found"), "{:?}", report.warnings);
    let mut second = task(portrait(), audio, phonemes);
    second.face = Some(1);
    let (_, report) = film(&second);
    assert_eq!(report.motion, Motion::Camera);
    assert!(report.warnings[0].contains("has one face, so there is no face 1"), "{:?}", report.warnings);
}

#[test]
fn a_face_at_the_border_speaks() {
    // Hair, one ear and the chin's lower half are cut off.
    let cut = image::imageops::crop_imm(&portrait(), 215, 120, 300, 225).to_image();
    let (frames, report) = film(&babble(cut));
    assert_eq!(report.motion, Motion::Face, "{:?}", report.warnings);
    assert!(frames.windows(2).any(|pair| difference(&pair[0], &pair[1]) > 0.5));
}

#[test]
fn silence_keeps_the_mouth_and_a_small_face_comes_nearer() {
    let mut small = RgbImage::from_pixel(1200, 900, image::Rgb([120, 130, 140]));
    image::imageops::replace(&mut small, &raster::resize(&portrait(), 300, 300), 450, 300);
    let silence = Pcm { samples: vec![0.0; 12_000], rate: 24_000 };
    let (frames, report) = film(&task(small, silence, Vec::new()));
    assert_eq!(report.motion, Motion::Face, "{:?}", report.warnings);
    let size = |frame: &RgbImage| face::tests::find(frame)[0].size();
    let (first, last) = (size(&frames[0]), size(frames.last().unwrap()));
    assert!(last > 1.5 * first, "{first} {last}");
}
