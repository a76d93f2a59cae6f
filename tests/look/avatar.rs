//! Looks at the talking avatar: contact sheets of mouth shapes and of a spoken sentence, and lip sync in figures.
//!
//!     cargo run --release --example avatar -- OUT PICTURE...
//!
//! For each picture: OUT/NAME-shapes.jpg has every mouth shape, blink and turn; OUT/NAME-film.jpg has every second frame
//! of [`SENTENCE`], the face alone; one line has the figures. docs/avatar-gallery.md is made of them.

#![allow(clippy::print_stdout, reason = "a program for a person at a terminal")]

use std::{error::Error, fs, path::Path, time::Instant};

use image::{RgbImage, imageops};
use magicpixels::{
    engine::{
        AvatarModel as _, CancelToken, FilmTask, RunContext, Speech, SpeechModel as _, SpeechTask,
        avatar::{Avatar, study},
        session::GraphOptions,
        speech::KokoroModel,
    },
    media,
};

/// What every portrait says: p, b and m thirteen times among all the vowels.
const SENTENCE: &str = "Please buy five beautiful blue mugs before Friday, and maybe bring a map for my mother.";
/// Pixels of one picture on a sheet.
const CELL: u32 = 160;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("usage: avatar OUT PICTURE...")?;
    fs::create_dir_all(&out)?;
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let task = SpeechTask { text: SENTENCE.into(), voice: "casual_female".into(), speed: 1.0, seed: 1 };
    let speech = KokoroModel::load(GraphOptions::default())?.speak(&task, &ctx)?;
    for path in args {
        look(Path::new(&path), &speech, Path::new(&out))?;
    }
    Ok(())
}

fn look(path: &Path, speech: &Speech, out: &Path) -> Result<(), Box<dyn Error>> {
    let name = path.file_stem().ok_or("a picture's name is wanted")?.to_string_lossy().into_owned();
    let task = FilmTask {
        picture: image::open(path)?.to_rgb8(),
        audio: speech.audio.clone(),
        phonemes: speech.phonemes.clone(),
        prompt: String::new(),
        width: None,
        height: Some(512),
        fps: 25,
        face: None,
        seed: 7,
    };
    let Some(sync) = study::measure(&task)? else {
        println!("{name}: no face that can speak");
        return Ok(());
    };
    let shapes: Vec<RgbImage> = study::shapes(&task)?.into_iter().map(|(_, picture)| picture).collect();
    save(&sheet(&shapes, 8), &out.join(format!("{name}-shapes.jpg")))?;
    let mut faces = Vec::new();
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let begun = Instant::now();
    let mut count = 0;
    let report = Avatar::new(GraphOptions::default()).animate(
        &task,
        &mut |frame| {
            if count % 2 == 0 {
                faces.push(frame.clone());
            }
            count += 1;
            Ok(())
        },
        &ctx,
    )?;
    let took = begun.elapsed().as_secs_f64();
    let part = study::face_box(&task)?;
    let faces: Vec<RgbImage> =
        faces.iter().map(|frame| imageops::crop_imm(frame, part.0, part.1, part.2, part.2).to_image()).collect();
    save(&sheet(&faces, 12), &out.join(format!("{name}-film.jpg")))?;
    println!(
        "{name}: correlation {:.3} (with loudness {:.2} at {:.2} s), {} of {} closures closed, widest {:.2}, resting {:.3}, \
         {count} frames in {took:.1} s {:?}",
        sync.correlation,
        sync.correlation_with_loudness,
        sync.lag_seconds,
        sync.closed,
        sync.closures,
        sync.widest,
        sync.resting,
        report.warnings
    );
    Ok(())
}

/// Pictures beside each other, row by row.
fn sheet(pictures: &[RgbImage], columns: u32) -> RgbImage {
    let rows = (pictures.len() as u32).div_ceil(columns);
    let mut sheet = RgbImage::from_pixel(columns * CELL, rows * CELL, image::Rgb([255; 3]));
    for (i, picture) in (0u32..).zip(pictures) {
        let small = imageops::resize(picture, CELL - 2, CELL - 2, imageops::FilterType::CatmullRom);
        imageops::replace(&mut sheet, &small, i64::from(i % columns * CELL), i64::from(i / columns * CELL));
    }
    sheet
}

fn save(picture: &RgbImage, path: &Path) -> Result<(), Box<dyn Error>> {
    fs::write(path, media::image::encode_jpeg(picture, 82)?)?;
    Ok(())
}
