//! How the head is held, where the eyes look and when they blink: slow chance, and nods where the voice is strong.

use std::f32::consts::TAU;

use glam::Vec2;

use super::{RATE, Score, loudness::Loudness, track::Track};
use crate::engine::{avatar::expression::Expression, chance::Chance};

/// The first half second goes from the still picture into motion.
const FADE_IN_SECONDS: f32 = 0.5;

/// Tracks of the head.
pub(super) struct Head {
    yaw: Track,
    pitch: Track,
    roll: Track,
    right: Track,
    up: Track,
    brow: Track,
    blink: Track,
    smile: Track,
    gaze_right: Track,
    gaze_up: Track,
    breath: Track,
}

impl Head {
    pub(super) fn new(loudness: &Loudness, score: &Score<'_>) -> Self {
        let n = loudness.len();
        let mut chance = Chance::new(u64::from(score.seed) ^ 0x0fac_e000_0000_0000);
        let manner = score.manner;
        let steady = 1.0 - manner.stillness;
        let lively = manner.energy * score.freedom * steady;
        let time = |i: usize| i as f32 / RATE;
        let mut sway = |waves: &[(f32, f32)]| {
            let waves: Vec<(f32, f32, f32)> = waves.iter().map(|(f, a)| (*f, *a, chance.between(0.0, TAU))).collect();
            Track::from_fn(n, |i| waves.iter().map(|(f, a, phase)| a * (TAU * f * time(i) + phase).sin()).sum())
        };
        let mut yaw = sway(&[(0.11, 0.028), (0.23, 0.018), (0.41, 0.008)]);
        let mut pitch = sway(&[(0.13, 0.012), (0.29, 0.009), (0.53, 0.005)]);
        let mut roll = sway(&[(0.09, 0.010), (0.21, 0.007), (0.37, 0.003)]);
        let mut right = sway(&[(0.08, 0.07), (0.19, 0.04), (0.33, 0.02)]);
        let mut up = sway(&[(0.10, 0.05), (0.27, 0.03)]);
        let stress = stress(loudness);
        let speaking = speaking(loudness);
        let fade = Track::from_fn(n, |i| {
            let t = (time(i) / FADE_IN_SECONDS).min(1.0);
            t * t * (3.0 - 2.0 * t)
        });
        // The head is quieter while nothing is said.
        let gain = fade.zip(&speaking, |fade, speaking| fade * (0.55 + 0.45 * speaking) * lively);
        for track in [&mut yaw, &mut pitch, &mut roll, &mut right, &mut up] {
            *track = track.zip(&gain, |v, gain| v * gain);
        }
        let nod = stress.smoothed(60.0).zip(&fade, |v, fade| v * fade * score.freedom * steady);
        let nods = 0.5 * manner.energy + manner.nod;
        // A stressed word takes the head down.
        pitch = pitch.zip(&nod, |v, nod| v - 0.045 * nods * nod);
        up = up.zip(&nod, |v, nod| v - 0.10 * nods * nod);
        pitch = pitch.zip(&beats(n, manner.nod, &speaking), |v, beat| v - 0.05 * beat);
        let brow =
            stress.map(|v| (v - 0.1).max(0.0)).smoothed(80.0).zip(&fade, |v, fade| 0.24 * manner.energy * v * fade);
        let smile = fade.map(|fade| fade * manner.smile * 0.55);
        let (gaze_right, gaze_up) = gaze(n, &mut chance, score, &yaw, &pitch);
        Self {
            blink: if score.blinks { blinks(n, &mut chance) } else { Track::zeros(n) },
            breath: Track::from_fn(n, |i| 0.06 * (TAU * 0.24 * time(i)).sin() * fade.values[i]),
            yaw,
            pitch,
            roll,
            right,
            up,
            brow,
            smile,
            gaze_right,
            gaze_up,
        }
    }

    /// The head's part of the expression at a time.
    pub(super) fn at(&self, seconds: f32) -> Expression {
        Expression {
            smile: self.smile.at(seconds),
            brow: self.brow.at(seconds),
            blink: self.blink.at(seconds),
            gaze: Vec2::new(self.gaze_right.at(seconds), self.gaze_up.at(seconds)),
            yaw: self.yaw.at(seconds),
            pitch: self.pitch.at(seconds),
            roll: self.roll.at(seconds),
            shift: Vec2::new(self.right.at(seconds), self.up.at(seconds)),
            breath: self.breath.at(seconds),
            ..Expression::default()
        }
    }
}

/// Where the voice is stronger than around, 0 to 1.
fn stress(loudness: &Loudness) -> Track {
    let level = loudness.level.smoothed(100.0);
    let strong = level.percentile(0.95).max(1e-6);
    let level = level.map(|v| if loudness.usual > 0.0 { v / strong } else { 0.0 });
    level.zip(&level.smoothed(450.0), |v, slow| (v - slow).clamp(0.0, 1.0))
}

/// 1 while something is said, with soft borders.
fn speaking(loudness: &Loudness) -> Track {
    loudness.level.map(|v| if v > 0.08 * loudness.usual && loudness.usual > 0.0 { 1.0 } else { 0.0 }).smoothed(300.0)
}

/// Nods that are asked for: one every second and a half while something is said.
fn beats(length: usize, amount: f32, speaking: &Track) -> Track {
    Track::from_fn(length, |i| {
        let t = i as f32 / RATE;
        let phase = ((t - 0.6) / 1.5).rem_euclid(1.0);
        let beat = if t > 0.6 && phase < 0.4 { (std::f32::consts::PI * phase / 0.4).sin().powi(2) } else { 0.0 };
        amount * beat * speaking.values[i]
    })
}

/// Lids: shut in 75 ms, held for 40, open again in 130; every two to five seconds, now and then twice.
fn blinks(length: usize, chance: &mut Chance) -> Track {
    let mut track = Track::zeros(length);
    let mut next = 0.9 + chance.draw();
    while next < length as f32 / RATE - 0.25 {
        let first = ((next - 0.08) * RATE).max(0.0) as usize;
        for (i, value) in track.values.iter_mut().enumerate().skip(first).take((0.27 * RATE) as usize) {
            let d = i as f32 / RATE - next;
            let shut = if d < 0.0 { 1.0 + d / 0.075 } else { 1.0 - (d - 0.04).max(0.0) / 0.13 };
            let shut = shut.clamp(0.0, 1.0);
            *value = value.max(shut * shut * (3.0 - 2.0 * shut));
        }
        next += if chance.draw() < 0.15 { 0.38 } else { chance.between(2.2, 4.8) };
    }
    track
}

/// Eyes stay on the camera while the head turns, and glance aside now and then unless they shall look at the camera.
fn gaze(length: usize, chance: &mut Chance, score: &Score<'_>, yaw: &Track, pitch: &Track) -> (Track, Track) {
    let mut right = Track::zeros(length);
    let mut up = Track::zeros(length);
    let wander = (1.0 - score.manner.gaze) * score.freedom;
    let end = length as f32 / RATE;
    let mut from = chance.between(1.5, 3.5);
    while from < end {
        let hold = chance.between(0.35, 0.9);
        let (x, y) = (chance.between(-0.05, 0.05), chance.between(-0.03, 0.02));
        right.fill(from, from + hold, x * wander);
        up.fill(from, from + hold, y * wander);
        from += hold + chance.between(1.6, 4.5);
    }
    // An eye's radius is 1.2 cm: a turn of the head is taken back by the eyes.
    let right = right.smoothed(14.0).zip(yaw, |v, yaw| v - 0.6 * yaw);
    let up = up.smoothed(14.0).zip(pitch, |v, pitch| v - 0.6 * pitch);
    (right, up)
}
