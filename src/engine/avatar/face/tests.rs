//! The networks against numbers of other programs, and the demo portrait.

use std::collections::HashMap;

use super::*;
use crate::engine::{
    CancelToken, bundle,
    restyle::raster,
    session::{Graph, GraphOptions, Value},
};

/// The committed portrait.
pub(in crate::engine::avatar) fn portrait() -> RgbImage {
    image::load_from_memory(bundle::bytes("demo/portrait.jpg").unwrap()).unwrap().to_rgb8()
}

pub(in crate::engine::avatar) fn find(picture: &RgbImage) -> Vec<Face> {
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    FaceFinder::load().unwrap().find(picture, &ctx).unwrap()
}

#[derive(serde::Deserialize)]
struct Golden {
    step: usize,
    values: Vec<f32>,
}

#[test]
fn the_networks_give_what_other_programs_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let picture = image::open(format!("{folder}/face.png")).unwrap().to_rgb8();
    let golden = std::fs::read_to_string(format!("{folder}/face.json")).unwrap();
    let golden: HashMap<String, HashMap<String, Golden>> = serde_json::from_str(&golden).unwrap();
    assert_eq!(golden.len(), 3);
    for (name, outputs) in golden {
        let (side, low) = match name.as_str() {
            "detect_full.onnx" => (192, -1.0),
            "detect_short.onnx" => (128, -1.0),
            _ => (192, 0.0),
        };
        let corner = (192 - side) / 2;
        let part = image::imageops::crop_imm(&picture, corner, corner, side, side).to_image();
        let values = raster::to_chw(&part, side as usize, side as usize).into_iter().map(|v| v * (1.0 - low) + low);
        let input = Value::F32(vec![1, 3, side as usize, side as usize], values.collect());
        let bytes = bundle::bytes(&format!("face/{name}")).unwrap();
        let mut graph = Graph::from_bytes(bytes, GraphOptions::default()).unwrap();
        let mut found = graph.run(vec![("input", input)], &CancelToken::default()).unwrap();
        for (output, golden) in outputs {
            let (_, values) = found.remove(&output).unwrap().into_f32().unwrap();
            for (index, wanted) in golden.values.iter().enumerate() {
                let value = values[index * golden.step];
                assert!(
                    (value - wanted).abs() < 2e-3 * wanted.abs().max(1.0),
                    "{name} {output} {index}: {value} {wanted}"
                );
            }
        }
    }
}

#[test]
fn the_portrait_has_one_frontal_face_where_it_is() {
    let picture = portrait();
    let faces = find(&picture);
    assert_eq!(faces.len(), 1);
    let face = &faces[0];
    assert!(face.score > 0.7 && face.flag > 0.9, "{} {}", face.score, face.flag);
    let near = |i: usize, x: f32, y: f32| face.points[i].distance(Vec2::new(x, y)) < 12.0;
    // Eyes, tip of the nose, corners of the mouth, read off the picture.
    assert!(near(468, 276.0, 201.0) && near(473, 369.0, 205.0), "{} {}", face.points[468], face.points[473]);
    assert!(near(61, 280.0, 285.0) && near(291, 358.0, 286.0), "{} {}", face.points[61], face.points[291]);
    let fitness = face.judge(&picture).unwrap();
    assert!(fitness.pose.yaw.abs() < 12.0 && fitness.pose.roll.abs() < 8.0, "{:?}", fitness.pose);
    assert!(!fitness.drawn && fitness.freedom > 0.99);
}

#[test]
fn flat_colours_are_a_drawing() {
    let picture = portrait();
    let flat = RgbImage::from_fn(640, 640, |x, y| image::Rgb(picture.get_pixel(x, y).0.map(|v| v / 40 * 40)));
    let faces = find(&flat);
    assert!(faces[0].judge(&flat).unwrap().drawn);
}

#[test]
fn several_faces_come_largest_first_and_empty_pictures_have_none() {
    let portrait = portrait();
    let mut two = RgbImage::from_pixel(1000, 640, image::Rgb([200, 200, 200]));
    image::imageops::replace(&mut two, &raster::resize(&portrait, 400, 400), 0, 100);
    image::imageops::replace(&mut two, &raster::resize(&portrait, 600, 600), 400, 0);
    let faces = find(&two);
    assert_eq!(faces.len(), 2);
    assert!(faces[0].points[1].x > 400.0 && faces[1].points[1].x < 400.0);
    for (width, height) in [(64, 64), (1, 1), (3, 400)] {
        assert!(find(&RgbImage::from_pixel(width, height, image::Rgb([90, 120, 90]))).is_empty());
    }
}

#[test]
fn small_cut_and_missing_faces_are_told_apart() {
    let portrait = portrait();
    let tiny = raster::resize(&portrait, 64, 64);
    for face in find(&tiny) {
        assert_eq!(face.judge(&tiny).unwrap_err(), Unfit::Small);
    }
    // The border goes through the mouth.
    let cut = image::imageops::crop_imm(&portrait, 0, 0, 640, 286).to_image();
    for face in find(&cut) {
        assert_eq!(face.judge(&cut).unwrap_err(), Unfit::Cut);
    }
    let product = image::load_from_memory(bundle::bytes("demo/product.jpg").unwrap()).unwrap().to_rgb8();
    assert!(find(&product).is_empty());
}
