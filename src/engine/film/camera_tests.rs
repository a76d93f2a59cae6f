//! Films of small pictures, frame by frame.

use image::Rgb;

use super::*;
use crate::{
    engine::{CancelToken, bundle, restyle::colour::to_linear},
    media::audio::Pcm,
};

fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |v: u32, k: f32| (127.0 + 100.0 * (v as f32 * k).sin()) as u8;
        Rgb([wave(x, 0.3), wave(y, 0.2), wave(x + y, 0.1)])
    })
}

fn task(picture: RgbImage, seconds: f64, prompt: &str) -> FilmTask {
    let audio = Pcm { samples: vec![0.0; (seconds * 24_000.0) as usize], rate: 24_000 };
    FilmTask { audio, prompt: prompt.into(), seed: 1, ..FilmTask::still(picture) }
}

fn film(task: &FilmTask) -> Vec<RgbImage> {
    let mut frames = Vec::new();
    let mut sink = |frame: &RgbImage| {
        frames.push(frame.clone());
        Ok(())
    };
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let report = CameraMove::new().animate(task, &mut sink, &ctx).unwrap();
    assert_eq!(report.motion, Motion::Camera);
    frames
}

#[test]
fn makes_exactly_the_frames_that_cover_the_sound() {
    for (seconds, count) in [(0.0, 1), (0.04, 1), (0.5, 13), (1.0, 25), (1.01, 26)] {
        let mut short = task(picture(64, 48), seconds, "");
        short.width = Some(64);
        let frames = film(&short);
        assert_eq!(frames.len(), count, "{seconds} s");
        assert!(frames.iter().all(|f| f.dimensions() == CameraMove::new().frame_size(&short)));
    }
}

#[test]
fn sizes_are_even_and_keep_the_aspect() {
    for ((w, h), wanted, expected) in [
        ((640, 640), (None, None), (768, 768)),
        ((600, 800), (None, None), (576, 768)),
        ((1001, 333), (None, None), (768, 256)),
        ((4000, 2250), (Some(4000), None), (1920, 1080)),
        ((2250, 4000), (None, Some(5000)), (1080, 1920)),
        ((800, 600), (Some(641), Some(641)), (640, 480)),
        ((3, 5000), (None, None), (64, 768)),
        ((1, 1), (None, None), (768, 768)),
        ((4000, 4000), (Some(1920), Some(1920)), (1080, 1080)),
    ] {
        let size = frame_size((w, h), wanted.0, wanted.1);
        assert!(size.0.is_multiple_of(2) && size.1.is_multiple_of(2));
        assert!(size.0.abs_diff(expected.0) <= 2 && size.1.abs_diff(expected.1) <= 2, "{w}x{h}: {size:?}");
    }
}

#[test]
fn starts_on_the_whole_picture_and_repeats_itself_exactly() {
    let mut still = task(picture(128, 96), 0.2, "");
    still.width = Some(128);
    let frames = film(&still);
    assert_eq!(frames, film(&still));
    // Mitchell's filter softens a little; nothing more may differ.
    let error: f64 = frames[0].iter().zip(still.picture.iter()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    assert!(error / (128.0 * 96.0 * 3.0) < 2.5, "{}", error / 36864.0);
    assert_ne!(frames[0], frames[4]);
    for seed_and_size in [(1, 1), (2, 700), (700, 2)] {
        assert_eq!(film(&task(picture(seed_and_size.0, seed_and_size.1), 0.05, "zoom out")).len(), 2);
    }
}

#[test]
fn moves_smoothly_by_parts_of_a_pixel() {
    // One bright dot: its centre of mass must follow the camera evenly, its light must not flicker.
    let picture = RgbImage::from_fn(160, 120, |x, y| {
        let (dx, dy) = (x as f32 - 100.3, y as f32 - 60.7);
        let light = (-(dx * dx + dy * dy) / 18.0).exp();
        Rgb([raster::byte(to_srgb(light)); 3])
    });
    let stage = Stage::new(None, scaled(&picture, (160, 120), 1.12));
    let path = Move::read("pan left").0.over(&Subject::NONE);
    let mut frame = RgbImage::new(160, 120);
    let mut seen: Vec<(f64, f64)> = Vec::new();
    for i in 0..60 {
        let shot = path.shot(0.4 + f64::from(i) * 0.003);
        stage.draw(&shot, &shot, &mut frame);
        let (mut sum, mut along) = (0.0, 0.0);
        for (x, _, p) in frame.enumerate_pixels() {
            let light = f64::from(to_linear(f32::from(p.0[1]) / 255.0));
            sum += light;
            along += light * f64::from(x);
        }
        seen.push((along / sum, sum));
    }
    let (low, high) = seen.iter().fold((f64::MAX, f64::MIN), |(l, h), s| (l.min(s.1), h.max(s.1)));
    assert!(high / low < 1.01, "the dot's light flickers by {:.2} %", (high / low - 1.0) * 100.0);
    let steps: Vec<f64> = seen.windows(2).map(|w| w[1].0 - w[0].0).collect();
    let mean = steps.iter().sum::<f64>() / steps.len() as f64;
    assert!(mean > 0.05, "panning left moves things right: {mean}");
    assert!(steps.iter().all(|s| (s - mean).abs() < 0.35 * mean), "uneven steps {steps:?}");
}

#[test]
fn the_centre_is_where_the_object_is() {
    let dot = |cx: usize, cy: usize| {
        Plane::from_fn(100, 100, |x, y| if x.abs_diff(cx) < 12 && y.abs_diff(cy) < 12 { 1.0 } else { 0.02 })
    };
    let subject = find_subject(&dot(75, 30)).unwrap();
    let (x, y) = subject.centre;
    assert!((x - 0.75).abs() < 0.03 && (y - 0.30).abs() < 0.03, "{x} {y}");
    let (left, top, right, bottom) = subject.bounds;
    for (found, wanted) in [(left, 0.64), (top, 0.19), (right, 0.87), (bottom, 0.42)] {
        assert!((found - wanted).abs() < 0.011, "{found} for {wanted}");
    }
    assert_eq!(find_subject(&Plane::from_fn(100, 100, |_, _| 0.0)), None);
}

#[test]
fn a_cancelled_film_and_a_failing_sink_stop_at_once() {
    let token = CancelToken::default();
    let ctx = RunContext::new(token.clone(), &|_| {});
    let mut drawn = 0;
    let mut sink = |_: &RgbImage| {
        drawn += 1;
        if drawn == 3 {
            token.cancel();
        }
        Ok(())
    };
    let result = CameraMove::new().animate(&task(picture(64, 64), 2.0, ""), &mut sink, &ctx);
    assert!(matches!(result, Err(EngineError::Cancelled)));
    assert_eq!(drawn, 3);
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let mut full = |_: &RgbImage| Err(EngineError::Model("disk".into()));
    assert!(matches!(
        CameraMove::new().animate(&task(picture(64, 64), 1.0, ""), &mut full, &ctx),
        Err(EngineError::Model(_))
    ));
}

#[test]
fn a_portrait_keeps_its_hair_and_comes_apart_from_the_wall() {
    let picture = image::load_from_memory(bundle::bytes("demo/portrait.jpg").unwrap()).unwrap().to_rgb8();
    let picture = raster::resize(&picture, 256, 256);
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let (subject, alpha) = CameraMove::new().look(&picture, &ctx).unwrap();
    assert!(layers::is_sure(&alpha), "{subject:?}");
    let mut long = task(picture.clone(), 0.4, "dramatic zoom in");
    long.width = Some(256);
    let frames = film(&long);
    // The first frame is the picture.
    let error: f64 = frames[0].iter().zip(picture.iter()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    assert!(error / f64::from(256 * 256 * 3) < 2.5, "{}", error / f64::from(256 * 256 * 3));
    // And in the last one the hair is still there.
    let (seen, _) = CameraMove::new().look(frames.last().unwrap(), &ctx).unwrap();
    assert!(subject.bounds.1 < 0.012 || seen.bounds.1 > 0.0, "{subject:?} {seen:?}");
}
