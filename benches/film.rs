//! The film encoder side by side with ffmpeg's libx264 veryfast, on the same frames, at equal quality, in one run.
//!
//!     CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo bench --profile dev --bench film
//!
//! 250 frames of 512 x 512 of a real camera move, and of a talking face. Both encoders have one thread; seconds are those
//! of the processor, so that a busy machine changes little. Ours takes RGB and so pays for the conversion too; x264 is
//! given the very planes that ours encodes, from a file in memory's cache. x264's rate factor is searched until its PSNR
//! is within 0.05 dB of ours; then both are run three times and the fastest counts.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a bench tells a person")]

use std::{
    io::{BufWriter, Cursor, Write as _},
    path::Path,
    process::Command,
};

use image::RgbImage;
use magicpixels::{
    engine::{
        AvatarModel, CancelToken, FilmTask, RunContext, TimedPhoneme, avatar::Avatar, bundle, film::camera::CameraMove,
        session::GraphOptions,
    },
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
    println!("| film | encoder | frames a second | bytes | PSNR-Y dB |\n| --- | --- | --- | --- | --- |");
    compare("camera move", &render(&mut CameraMove::new(), &task(Vec::new())));
    compare("talking face", &render(&mut Avatar::new(GraphOptions::default()), &task(babble())));
}

fn compare(film: &str, frames: &[RgbImage]) {
    let dir = tempfile::tempdir().unwrap();
    let (raw, ours, theirs) = (dir.path().join("frames.yuv"), dir.path().join("ours.mp4"), dir.path().join("x264.mp4"));
    write_planes(frames, &raw);
    let seconds = (0..RUNS).map(|_| encode(frames, &ours)).fold(f64::MAX, f64::min);
    let quality = measure(&ours, &raw);
    let factor = search(&raw, &theirs, quality);
    let x264_seconds = (0..RUNS).map(|_| x264(&raw, &theirs, factor)).fold(f64::MAX, f64::min);
    let x264_quality = measure(&theirs, &raw);
    let (bytes, x264_bytes) = (size(&ours), size(&theirs));
    println!("| {film} | ours | {:.0} | {bytes} | {quality:.2} |", FRAMES as f64 / seconds);
    let x264_rate = FRAMES as f64 / x264_seconds;
    println!("| | libx264 veryfast, crf {factor:.2} | {x264_rate:.0} | {x264_bytes} | {x264_quality:.2} |");
    println!("| | ours : x264 | {:.2} | {:.2} | |", x264_seconds / seconds, bytes as f64 / x264_bytes as f64);
}

/// Ten seconds of the demo's portrait.
fn task(phonemes: Vec<TimedPhoneme>) -> FilmTask {
    let portrait = image::load_from_memory(bundle::bytes("demo/portrait.jpg").unwrap()).unwrap().to_rgb8();
    let samples = (0..FRAMES * 24_000 / FPS as usize).map(|i| (i as f32 * 0.05).sin() * 0.2).collect();
    let audio = Pcm { samples, rate: 24_000 };
    FilmTask { audio, phonemes, width: Some(SIDE), height: Some(SIDE), fps: FPS, ..FilmTask::still(portrait) }
}

/// A tenth of a second for each of a hundred phonemes.
fn babble() -> Vec<TimedPhoneme> {
    let symbols = "hɪɹ ɪz ə kwɪk lɔnʧ ʌpdAt fɹʌm ðə studiO ".chars().cycle().take(FRAMES * 10 / FPS as usize);
    let timed = |(i, symbol): (usize, char)| TimedPhoneme {
        symbol,
        start_seconds: i as f32 * 0.1,
        end_seconds: (i + 1) as f32 * 0.1,
    };
    symbols.enumerate().map(timed).collect()
}

fn render(model: &mut dyn AvatarModel, task: &FilmTask) -> Vec<RgbImage> {
    let mut frames = Vec::new();
    let mut sink = |frame: &RgbImage| {
        frames.push(frame.clone());
        Ok(())
    };
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    model.animate(task, &mut sink, &ctx).unwrap();
    assert_eq!((frames.len(), frames[0].dimensions()), (FRAMES, (SIDE, SIDE)));
    frames
}

/// Seconds of the processor that this process has taken in its own code.
fn own_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // Fields after the name in brackets; the 14th of all is the time in hundredths.
    let ticks: f64 = stat.rsplit(')').next().unwrap().split_whitespace().nth(11).unwrap().parse().unwrap();
    ticks / 100.0
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

/// Encodes the frames as the appliance does; seconds of the processor.
fn encode(frames: &[RgbImage], path: &Path) -> f64 {
    let silent = Pcm { samples: Vec::new(), rate: 24_000 };
    let format = FilmFormat { width: SIDE, height: SIDE, fps: FPS };
    let begun = own_seconds();
    let mut writer = FilmWriter::new(format, &silent, Box::new(Cursor::new(Vec::new()))).unwrap();
    for frame in frames {
        writer.push(frame).unwrap();
    }
    let mut out = Vec::new();
    writer.finish(None, &mut out).unwrap();
    let seconds = own_seconds() - begun;
    std::fs::write(path, out).unwrap();
    seconds
}

fn raw_input() -> [String; 8] {
    ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", &format!("{SIDE}x{SIDE}"), "-r", &FPS.to_string()]
        .map(str::to_owned)
}

/// Encodes the planes with x264; seconds of the processor, as ffmpeg counts them.
fn x264(raw: &Path, out: &Path, factor: f64) -> f64 {
    let done = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-benchmark", "-y", "-threads", "1"])
        .args(raw_input())
        .arg("-i")
        .arg(raw)
        .args(["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-crf", &format!("{factor:.3}")])
        .arg(out)
        .output()
        .unwrap();
    assert!(done.status.success(), "ffmpeg with libx264 is needed");
    after(&String::from_utf8_lossy(&done.stderr), "utime=")
}

/// The last number that follows `mark`.
fn after(text: &str, mark: &str) -> f64 {
    let at = text.rfind(mark).unwrap_or_else(|| panic!("{text}")) + mark.len();
    let number = text[at..].split(|c: char| c != '.' && !c.is_ascii_digit()).next().unwrap();
    number.parse().unwrap()
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
    after(&String::from_utf8_lossy(&output.stderr), "PSNR y:")
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}
