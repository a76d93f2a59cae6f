//! The whole model on small pictures, with its real networks.

use std::sync::Mutex;

use super::*;
use crate::engine::{CancelToken, Progress};

fn portrait(side: u32) -> RgbaImage {
    let image = image::load_from_memory(bundle::bytes("demo/portrait.jpg").unwrap()).unwrap().to_rgb8();
    image::DynamicImage::from(raster::resize(&image, side, side)).to_rgba8()
}

fn task(prompt: &str, input: RgbaImage) -> ImageTask {
    ImageTask { seed: 1, input: Some(input), ..ImageTask::new(prompt) }
}

fn run(task: &ImageTask) -> ImageResult {
    Restyler::new().generate(task, &RunContext::new(CancelToken::default(), &|_| {})).unwrap()
}

#[test]
fn paints_and_the_same_task_gives_the_same_bytes() {
    let task = task("watercolour, warmer", portrait(96));
    let first = run(&task);
    assert_eq!(first.image.dimensions(), (96, 96));
    assert!(first.warnings.is_empty(), "{:?}", first.warnings);
    assert_eq!(first.plan.as_ref().unwrap()["operations"][0]["blend"][0]["name"], "watercolour");
    assert!(first.image.pixels().all(|p| p.0[3] == 255));
    let again = run(&ImageTask { seed: 99, ..task });
    assert_eq!(first.image, again.image);
}

#[test]
fn strength_zero_is_the_picture_itself() {
    let input = portrait(64);
    let result = run(&ImageTask { strength: Some(0.0), ..task("cubist", input.clone()) });
    assert!(result.image.iter().zip(input.iter()).all(|(a, b)| a.abs_diff(*b) <= 1));
}

#[test]
fn cuts_out_with_alpha_or_onto_a_colour() {
    let cut = run(&task("remove the background", portrait(160))).image;
    assert_eq!((cut.get_pixel(20, 20).0[3], cut.get_pixel(80, 60).0[3]), (0, 255));
    let blue = run(&task("on a #0000ff background", portrait(160))).image;
    assert_eq!(blue.get_pixel(20, 20).0, [0, 0, 255, 255]);
    let empty = RgbaImage::from_pixel(64, 48, Rgba([120, 120, 120, 255]));
    let none = run(&task("remove the background", empty.clone()));
    assert!(none.image == empty || none.image.pixels().any(|p| p.0[3] > 0), "something must be left");
}

#[test]
fn sizes_fit_and_enlarge_and_are_bounded() {
    let mut small = task("sharpen", portrait(40));
    (small.width, small.height) = (Some(100), Some(70));
    let result = run(&small);
    assert_eq!(result.image.dimensions(), (70, 70));
    assert!(result.warnings.iter().any(|w| w.contains("70 x 70")), "{:?}", result.warnings);
    assert_eq!(run(&task("upscale 2x", portrait(40))).image.dimensions(), (80, 80));
    let wide = RgbaImage::from_pixel(2100, 3, Rgba([9, 200, 30, 255]));
    let result = run(&task("sepia", wide));
    assert_eq!(result.image.dimensions(), (2048, 3));
    assert!(result.warnings[0].contains("2100 x 3"));
    assert_eq!(run(&task("comic", RgbaImage::from_pixel(1, 1, Rgba([9, 200, 30, 0])))).image.dimensions(), (1, 1));
}

#[test]
fn transparency_of_the_input_stays() {
    let mut input = portrait(64);
    input.enumerate_pixels_mut().filter(|(x, _, _)| *x < 32).for_each(|(_, _, p)| p.0[3] = 0);
    let result = run(&task("black and white", input));
    assert_eq!((result.image.get_pixel(5, 5).0[3], result.image.get_pixel(60, 60).0[3]), (0, 255));
}

#[test]
fn blurs_behind_the_object_only() {
    let input = portrait(200);
    let result = run(&task("portrait mode", input.clone())).image;
    let roughness = |image: &RgbaImage, x0: u32, y0: u32, w: u32, h: u32| -> f64 {
        // Squared: blur spreads a step but keeps its sum.
        let step = |x, y| f64::from(image.get_pixel(x, y).0[1].abs_diff(image.get_pixel(x + 1, y).0[1])).powi(2);
        (x0..x0 + w).flat_map(|x| (y0..y0 + h).map(move |y| (x, y))).map(|(x, y)| step(x, y)).sum()
    };
    let face = (80, 50, 50, 60);
    let kept = roughness(&result, face.0, face.1, face.2, face.3) / roughness(&input, face.0, face.1, face.2, face.3);
    assert!(kept > 0.9, "the face lost its detail: {kept}");
    let flag = roughness(&result, 0, 60, 16, 60) / roughness(&input, 0, 60, 16, 60);
    assert!(flag < 0.5, "the flag is still sharp: {flag}");
}

#[test]
fn refuses_what_it_cannot_do_and_stops_when_told() {
    let mut bad = task("sketch", portrait(32));
    (bad.width, bad.height, bad.strength) = (Some(4096), Some(3), Some(1.5));
    let fields: Vec<String> = Restyler::new().check(&bad).into_iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["width", "height", "strength"]);
    bad.input = None;
    let token = CancelToken::default();
    let ctx = RunContext::new(token.clone(), &|_| {});
    assert!(matches!(Restyler::new().generate(&bad, &ctx), Err(EngineError::Input(_))));
    token.cancel();
    let result = Restyler::new().generate(&task("sketch", portrait(32)), &ctx);
    assert!(matches!(result, Err(EngineError::Cancelled)));
}

#[test]
fn progress_only_grows() {
    let seen = Mutex::new(Vec::new());
    let report = |p: Progress| seen.lock().unwrap().push(p.fraction);
    let ctx = RunContext::new(CancelToken::default(), &report);
    Restyler::new().generate(&task("sketch, cut out, upscale 2x", portrait(48)), &ctx).unwrap();
    let seen = seen.into_inner().unwrap();
    assert!(seen.windows(2).all(|w| w[1] >= w[0] - 1e-5), "{seen:?}");
    assert!((seen.last().unwrap() - 1.0).abs() < 1e-3);
}
