//! Where the seconds of one picture go, and how much noise is left at that time: CPU seconds by stage at full size, then
//! the error of a lattice of its pixels against the same pixels of 4,096 samples each, before and after denoising.
//!
//!     cargo bench --bench scene -- "a ceramic cup on brushed steel" ...

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
            trace::{self, Film, RenderSettings, ToneSettings},
        },
        session::GraphOptions,
    },
    machine,
};

const SIDE: u32 = 1024;
const SAMPLES: u32 = 2;
const NOISE_TARGET: f32 = 0.004;
/// Pixels along the side of the lattice, and the samples of each.
const LATTICE: u32 = 48;
const REFERENCE_SAMPLES: u32 = 4096;
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

fn settings(samples: u32, noise_target: f32, seed: u32) -> RenderSettings {
    RenderSettings { width: SIDE, height: SIDE, samples, noise_target, seed, ..RenderSettings::default() }
}

fn main() {
    let said: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let usual = ["Editorial product photo of a ceramic cup on brushed steel".to_owned()];
    for prompt in if said.is_empty() { &usual[..] } else { &said } {
        measure(prompt);
    }
}

fn measure(prompt: &str) {
    println!("\n{prompt}\n\n| stage, {SIDE} x {SIDE}, {SAMPLES} samples a pixel | CPU s |\n| --- | --- |");
    let begun = machine::processor_ticks().unwrap();
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let packs = ["scene/scene.pack", "cards/cards.pack"].map(|name| bundle::bytes(name).unwrap());
    let catalogue = timed("catalogue", || Catalogue::open(&packs).unwrap());
    let plan = timed("reading", || ScenePlan::read(prompt, &catalogue));
    let staged = timed("staging", || stage::stage(&plan, &catalogue, None, 1, 1.0).unwrap());
    let quick = settings(SAMPLES, NOISE_TARGET, 1);
    let film = timed("hierarchy and tracing", || trace::render(&staged.world, &quick, &ctx).unwrap());
    let mut denoiser = OpenImageDenoise::new(GraphOptions::default());
    let clean = timed("loading and denoising", || denoiser.denoise(&film, &ctx).unwrap());
    let tone = ToneSettings { exposure_bias: staged.exposure_bias, ..ToneSettings::default() };
    let picture = timed("developing", || trace::tonemap(&clean, &film, &tone));
    timed("PNG", || {
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        png.into_inner().len()
    });
    println!("| all | {:.2} |", (machine::processor_ticks().unwrap() - begun) as f64 / TICKS_PER_SECOND);
    let triangles: usize = staged.world.meshes.iter().map(|mesh| mesh.triangles.len()).sum();
    let taken = film.samples.iter().map(|n| f64::from(*n)).sum::<f64>() / film.samples.len() as f64;
    println!("\n{triangles} triangles, {taken:.2} samples a pixel");

    // Each in its own corner of its field of the lattice, so that no pattern of the picture keeps step with them.
    let field = SIDE / LATTICE;
    let at: Vec<[u32; 2]> = (0..LATTICE * LATTICE)
        .map(|i| (i % LATTICE, i / LATTICE, i.wrapping_mul(0x9e37_79b9) >> 16))
        .map(|(x, y, chance)| [x * field + chance % field, y * field + chance / 256 % field])
        .collect();
    let truth = trace::render_pixels(&staged.world, &settings(REFERENCE_SAMPLES, 0.0, 2), &at).unwrap();
    let places: Vec<usize> = at.iter().map(|[x, y]| (y * SIDE + x) as usize).collect();
    // All are developed with the same exposure: the clean picture's, into which the pixels are put.
    let with = |colors: &dyn Fn(usize) -> Vec3| {
        let mut whole = clean.clone();
        for (i, place) in places.iter().enumerate() {
            whole[*place] = colors(i);
        }
        whole
    };
    let wanted = with(&|i| truth[i]);
    for (name, color) in [("as traced", with(&|i| film.color[places[i]])), ("denoised", clean.clone())] {
        let (relative, decibels) = error((&color, &wanted), &places, (&film, &tone));
        println!("{name}: relative MSE {relative:.5}, PSNR {decibels:.1} dB as shown");
    }
}

/// Mean squared error over the squared truth at some places, and the PSNR of the developed pictures there.
fn error((color, wanted): (&[Vec3], &[Vec3]), places: &[usize], (film, tone): (&Film, &ToneSettings)) -> (f32, f64) {
    let pairs = places.iter().map(|place| (color[*place], wanted[*place]));
    let relative =
        pairs.map(|(a, b)| (a - b).length_squared() / (b.length_squared() + 0.01)).sum::<f32>() / places.len() as f32;
    let (ours, theirs) = (trace::tonemap(color, film, tone), trace::tonemap(wanted, film, tone));
    let shown = |place: usize| place * 3..place * 3 + 3;
    let squares: f64 = places
        .iter()
        .flat_map(|place| ours.as_raw()[shown(*place)].iter().zip(&theirs.as_raw()[shown(*place)]))
        .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2))
        .sum();
    (relative, 10.0 * (255.0f64.powi(2) / (squares / (3 * places.len()) as f64).max(1e-9)).log10())
}
