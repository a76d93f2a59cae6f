//! Looks at the scene renderer: every prompt of a list as a picture, and contact sheets with the prompts beneath.
//!
//!     cargo run --release --example gallery -- OUT [--prompts FILE] [--side PIXELS] [--samples N] [--only 1,5,7]
//!         [--packs DIR]
//!
//! FILE has one prompt a line, its kind before a bar, and is tests/look/gallery.txt where none is named; `#` begins a
//! comment, `[512x768]` before a prompt sets the size of its picture. OUT gets NN.jpg and NN.json (the plan) of each and
//! `prompts.txt`, from which `tests/look/gallery_sheets.py` makes the sheets. `--samples` are those of a pixel; without it
//! the pictures are what a job gives. DIR has installed packs, whose libraries the renderer draws from.
//! docs/scene-gallery.md is made of them.

#![allow(clippy::print_stdout, reason = "a program for a person at a terminal")]

use std::{error::Error, fmt::Write as _, fs, path::PathBuf, time::Instant};

use image::DynamicImage;
use magicpixels::{
    engine::{
        CancelToken, ImageTask, RunContext,
        diffusion::Resources,
        packs::PackStore,
        registry::{Engine, EngineOptions},
        scene::SceneRenderer,
    },
    media,
};

/// What the command line says.
struct Options {
    out: PathBuf,
    prompts: String,
    side: u32,
    samples: Option<u32>,
    only: Vec<usize>,
    packs: Option<PathBuf>,
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let out = args
        .next()
        .ok_or("usage: gallery OUT [--prompts FILE] [--side PIXELS] [--samples N] [--only 1,5,7] [--packs DIR]")?;
    let prompts = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/look/gallery.txt").to_owned();
    let mut options = Options { out: out.into(), prompts, side: 768, samples: None, only: Vec::new(), packs: None };
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("{name} wants a value"))?;
        match name.as_str() {
            "--prompts" => options.prompts = value,
            "--side" => options.side = value.parse()?,
            "--samples" => options.samples = Some(value.parse()?),
            "--packs" => options.packs = Some(value.into()),
            "--only" => options.only = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
            _ => return Err(format!("{name} is not known").into()),
        }
    }
    Ok(options)
}

/// The prompts of a list with the sizes of their pictures; `side` where a line says none.
fn read(list: &str, side: u32) -> Vec<(String, (u32, u32))> {
    let shape = |line: &str| -> Option<(String, (u32, u32))> {
        let (shape, prompt) = line.strip_prefix('[')?.split_once(']')?;
        let (width, height) = shape.split_once('x')?;
        Some((prompt.trim().to_owned(), (width.parse().ok()?, height.parse().ok()?)))
    };
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let bare = |line: &'_ str| line.split_once(" | ").map_or(line, |(_, prompt)| prompt).to_owned();
    lines.map(bare).map(|line| shape(&line).unwrap_or((line, (side, side)))).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    fs::create_dir_all(&options.out)?;
    let mut engine = Engine::built_in(EngineOptions::default());
    if let Some(packs) = options.packs {
        engine = engine.with_installed(PackStore::new(packs), Resources::default());
    }
    let mut captions = String::new();
    for (i, (prompt, (width, height))) in
        read(&fs::read_to_string(&options.prompts)?, options.side).into_iter().enumerate()
    {
        let number = i + 1;
        writeln!(captions, "{number:02} {prompt}")?;
        if !options.only.is_empty() && !options.only.contains(&number) {
            continue;
        }
        let task = ImageTask {
            width: Some(width),
            height: Some(height),
            steps: options.samples,
            seed: 7,
            ..ImageTask::new(prompt.clone())
        };
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let begun = Instant::now();
        let result = match engine.paint(SceneRenderer::ID, &task, &ctx) {
            Ok(result) => result,
            Err(fault) => {
                println!("{number:02} {prompt}: {fault}");
                continue;
            }
        };
        let picture = media::image::encode_jpeg(&DynamicImage::ImageRgba8(result.image).into_rgb8(), 92)?;
        fs::write(options.out.join(format!("{number:02}.jpg")), picture)?;
        let plan = serde_json::to_string_pretty(&result.plan)?;
        fs::write(options.out.join(format!("{number:02}.json")), plan)?;
        println!("{number:02} {prompt}: {:.1} s {:?}", begun.elapsed().as_secs_f64(), result.warnings);
    }
    fs::write(options.out.join("prompts.txt"), captions)?;
    Ok(())
}
