//! Where the seconds of one picture go, and how much noise is left: CPU seconds by stage at full size, then the error of
//! the same samples a pixel against a reference of many, at a quarter of the side.
//!
//!     CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo bench --profile dev --bench scene -- "a ceramic cup on brushed steel"

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a bench tells a person")]

use glam::Vec3;
use magicpixels::{
    engine::{
        CancelToken, RunContext, bundle,
        scene::{
            catalogue::Catalogue,
            denoiser::{Denoiser as _, OpenImageDenoise},
            plan::ScenePlan,
            stage,
            trace::{self, Film, RenderSettings, ToneSettings, World},
        },
        session::GraphOptions,
    },
    machine,
};

const SIDE: u32 = 1024;
const SAMPLES: u32 = 2;
const NOISE_TARGET: f32 = 0.004;
const REFERENCE_SIDE: u32 = 256;
const REFERENCE_SAMPLES: u32 = 1024;
/// Linux counts the processor's time in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

/// Runs a stage and prints its CPU seconds.
fn timed<T>(name: &str, run: impl FnOnce() -> T) -> T {
    let begun = machine::processor_ticks().unwrap();
    let made = run();
    let seconds = (machine::processor_ticks().unwrap() - begun) as f64 / TICKS_PER_SECOND;
    println!("| {name} | {seconds:.2} |");
    made
}

fn shoot(world: &World, side: u32, samples: u32, noise_target: f32) -> Film {
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let settings =
        RenderSettings { width: side, height: side, samples, noise_target, seed: 1, ..RenderSettings::default() };
    trace::render(world, &settings, &ctx).unwrap()
}

fn main() {
    let said = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let prompt = said.unwrap_or_else(|| "Editorial product photo of a ceramic cup on brushed steel".into());
    println!("{prompt}\n\n| stage, {SIDE} x {SIDE}, {SAMPLES} samples a pixel | CPU s |\n| --- | --- |");
    let begun = machine::processor_ticks().unwrap();
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let packs = ["scene/scene.pack", "cards/cards.pack"].map(|name| bundle::bytes(name).unwrap());
    let catalogue = timed("catalogue", || Catalogue::open(&packs).unwrap());
    let plan = timed("reading", || ScenePlan::read(&prompt, &catalogue));
    let staged = timed("staging", || stage::stage(&plan, &catalogue, None, 1, 1.0).unwrap());
    let film = timed("hierarchy and tracing", || shoot(&staged.world, SIDE, SAMPLES, NOISE_TARGET));
    let mut denoiser = OpenImageDenoise::new(GraphOptions::default());
    let color = timed("loading and denoising", || denoiser.denoise(&film, &ctx).unwrap());
    let tone = ToneSettings { exposure_bias: staged.exposure_bias, ..ToneSettings::default() };
    let picture = timed("developing", || trace::tonemap(&color, &film, &tone));
    timed("PNG", || {
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        png.into_inner().len()
    });
    println!("| all | {:.2} |", (machine::processor_ticks().unwrap() - begun) as f64 / TICKS_PER_SECOND);
    let triangles: usize = staged.world.meshes.iter().map(|mesh| mesh.triangles.len()).sum();
    let taken = film.samples.iter().map(|n| f64::from(*n)).sum::<f64>() / film.samples.len() as f64;
    println!("\n{triangles} triangles, {taken:.2} samples a pixel");

    let reference = shoot(&staged.world, REFERENCE_SIDE, REFERENCE_SAMPLES, 0.0);
    let quick = shoot(&staged.world, REFERENCE_SIDE, SAMPLES, NOISE_TARGET);
    let clean = denoiser.denoise(&quick, &ctx).unwrap();
    for (name, color) in [("as traced", &quick.color), ("denoised", &clean)] {
        let (relative, decibels) = error(color, &reference, &tone);
        println!("{name}: relative MSE {relative:.5}, PSNR {decibels:.1} dB as shown");
    }
}

/// Mean squared error over the squared reference, and the PSNR of the developed pictures.
fn error(color: &[Vec3], reference: &Film, tone: &ToneSettings) -> (f32, f64) {
    let pairs = || color.iter().zip(&reference.color);
    let relative = pairs().map(|(a, b)| (*a - *b).length_squared() / (b.length_squared() + 0.01)).sum::<f32>()
        / color.len() as f32;
    let shown = |color: &[Vec3]| trace::tonemap(color, reference, tone);
    let (ours, wanted) = (shown(color), shown(&reference.color));
    let squares: f64 = ours.iter().zip(wanted.iter()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    (relative, 10.0 * (255.0f64.powi(2) / (squares / ours.len() as f64).max(1e-9)).log10())
}
