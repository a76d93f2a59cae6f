//! The film encoder side by side with ffmpeg's libx264 veryfast, on the same frames, at equal quality, in one run.
//!
//!     CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo bench --profile dev --bench film
//!
//! 250 frames of 512 x 512 of a real camera move. Both encoders have one thread. Ours takes RGB and so pays for the
//! conversion too; x264 is given the very planes that ours encodes, from a file in memory's cache. x264's rate factor is
//! searched until its PSNR is within 0.05 dB of ours; then both are run three times and the fastest counts.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a bench tells a person")]

use std::{
    io::{BufWriter, Cursor, Write as _},
    path::Path,
    process::Command,
    time::Instant,
};

use image::RgbImage;
use magicpixels::{
    engine::{AvatarModel as _, CancelToken, FilmTask, RunContext, bundle, film::camera::CameraMove},
    media::{
        audio::Pcm,
        video::{FilmFormat, FilmWriter, yuv::Planes},
    },
};

const SIDE: u32 = 512;
const FPS: u32 = 25;
const FRAMES: usize = 250;
const RUNS: usize = 3;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let frames = render();
    let (raw, ours, theirs) = (dir.path().join("frames.yuv"), dir.path().join("ours.mp4"), dir.path().join("x264.mp4"));
    write_planes(&frames, &raw);
    let seconds = (0..RUNS).map(|_| encode(&frames, &ours)).fold(f64::MAX, f64::min);
    let quality = measure(&ours, &raw);
    let factor = search(&raw, &theirs, quality);
    let x264_seconds = (0..RUNS).map(|_| x264(&raw, &theirs, factor)).fold(f64::MAX, f64::min);
    let x264_quality = measure(&theirs, &raw);
    let (bytes, x264_bytes) = (size(&ours), size(&theirs));
    println!("| encoder | frames a second | bytes | PSNR-Y dB |");
    println!("| --- | --- | --- | --- |");
    println!("| ours | {:.0} | {bytes} | {quality:.2} |", FRAMES as f64 / seconds);
    let x264_rate = FRAMES as f64 / x264_seconds;
    println!("| libx264 veryfast, crf {factor:.2} | {x264_rate:.0} | {x264_bytes} | {x264_quality:.2} |");
    println!("| ours : x264 | {:.2} | {:.2} | |", x264_seconds / seconds, bytes as f64 / x264_bytes as f64);
}

/// Ten seconds of the demo's portrait.
fn render() -> Vec<RgbImage> {
    let portrait = image::load_from_memory(bundle::bytes("demo/portrait.jpg").unwrap()).unwrap().to_rgb8();
    let samples = vec![0.0; FRAMES * 24_000 / FPS as usize];
    let audio = Pcm { samples, rate: 24_000 };
    let task = FilmTask { audio, width: Some(SIDE), height: Some(SIDE), fps: FPS, ..FilmTask::still(portrait) };
    let mut frames = Vec::new();
    let mut sink = |frame: &RgbImage| {
        frames.push(frame.clone());
        Ok(())
    };
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    CameraMove::new().animate(&task, &mut sink, &ctx).unwrap();
    assert_eq!((frames.len(), frames[0].dimensions()), (FRAMES, (SIDE, SIDE)));
    frames
}

fn write_planes(frames: &[RgbImage], path: &Path) {
    let mut planes = Planes::new(SIDE as usize, SIDE as usize);
    let mut out = BufWriter::new(std::fs::File::create(path).unwrap());
    for frame in frames {
        planes.fill(frame);
        for plane in [&planes.y, &planes.u, &planes.v] {
            out.write_all(plane).unwrap();
        }
    }
    out.flush().unwrap();
}

/// Encodes the frames as the appliance does; wall seconds.
fn encode(frames: &[RgbImage], path: &Path) -> f64 {
    let silent = Pcm { samples: Vec::new(), rate: 24_000 };
    let format = FilmFormat { width: SIDE, height: SIDE, fps: FPS };
    let begun = Instant::now();
    let mut writer = FilmWriter::new(format, &silent, Box::new(Cursor::new(Vec::new()))).unwrap();
    for frame in frames {
        writer.push(frame).unwrap();
    }
    let mut out = Vec::new();
    writer.finish(None, &mut out).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    std::fs::write(path, out).unwrap();
    seconds
}

fn raw_input() -> [String; 8] {
    ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", &format!("{SIDE}x{SIDE}"), "-r", &FPS.to_string()]
        .map(str::to_owned)
}

fn x264(raw: &Path, out: &Path, factor: f64) -> f64 {
    let begun = Instant::now();
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-threads", "1"])
        .args(raw_input())
        .arg("-i")
        .arg(raw)
        .args(["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-crf", &format!("{factor:.3}")])
        .arg(out)
        .status()
        .unwrap();
    assert!(done.success(), "ffmpeg with libx264 is needed");
    begun.elapsed().as_secs_f64()
}

/// Bisects the rate factor for this PSNR.
fn search(raw: &Path, out: &Path, quality: f64) -> f64 {
    let (mut low, mut high) = (5.0, 40.0);
    for _ in 0..12 {
        let factor = f64::midpoint(low, high);
        x264(raw, out, factor);
        let found = measure(out, raw);
        if (found - quality).abs() < 0.05 {
            return factor;
        }
        if found > quality { low = factor } else { high = factor }
    }
    f64::midpoint(low, high)
}

/// The mean PSNR of luma over the whole film, in decibels.
fn measure(film: &Path, raw: &Path) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-i"])
        .arg(film)
        .args(raw_input())
        .arg("-i")
        .arg(raw)
        .args(["-lavfi", "[0:v][1:v]psnr", "-f", "null", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let at = text.rfind("PSNR y:").unwrap_or_else(|| panic!("{text}")) + "PSNR y:".len();
    text[at..].split_whitespace().next().unwrap().parse().unwrap()
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}
