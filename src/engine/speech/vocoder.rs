//! hibari's vocoder: turns predicted spectra into a waveform. A port of the method, not of a model.
//!
//! Per 12.5 ms frame: S = e^min(lh,7) e^(i pi tanh(theta)) STFT(pulses(f0)) + e^min(ln,7) Z + e^min(lr,7) e^(i phi),
//! with Z complex Gaussian noise, then one inverse STFT (n 1200, hop 300, periodic Hann, 24 kHz).

use std::f32::consts::{PI, TAU};

use realfft::{RealFftPlanner, num_complex::Complex32};

use super::RATE;
use crate::engine::EngineError;

const SIZE: usize = 1200;
/// Samples a frame.
pub(super) const HOP: usize = 300;
/// Frequency bins.
pub(super) const BINS: usize = SIZE / 2 + 1;
/// Below this pitch in Hz a sample is unvoiced.
const VOICED_HERTZ: f32 = 40.0;
/// No harmonic of the pulse train is above this frequency in Hz.
const HIGHEST_HERTZ: f32 = 11_000.0;

/// What the network predicts: every matrix is `[BINS][frames]`, `pitch` is `[frames]` in Hz.
pub(super) struct Spectra {
    /// Log magnitude of the harmonic branch.
    pub(super) harmonic: Vec<f32>,
    /// Phase turn of the harmonic branch, before tanh.
    pub(super) turn: Vec<f32>,
    /// Log magnitude of the noise branch.
    pub(super) noise: Vec<f32>,
    /// Log magnitude of the free-phase branch.
    pub(super) free: Vec<f32>,
    /// Phase of the free-phase branch.
    pub(super) phase: Vec<f32>,
    /// Fundamental frequency.
    pub(super) pitch: Vec<f32>,
}

/// Gaussian noise from a seed: `SplitMix64` (Steele, Lea, Flood 2014) through Box-Muller.
struct Noise(u64);

impl Noise {
    /// Uniform in 0 (exclusive) to 1.
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((z ^ (z >> 31)) >> 40) as f32 + 0.5) / 16_777_216.0
    }

    /// Real and imaginary part independent, each of unit variance.
    fn complex(&mut self) -> Complex32 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        Complex32::from_polar(radius, TAU * self.uniform())
    }
}

/// The waveform of `spectra`, `frames * HOP` samples; the noise is that of `seed`.
pub(super) fn synthesize(spectra: &Spectra, seed: u64) -> Result<Vec<f32>, EngineError> {
    let frames = spectra.pitch.len();
    let matrices = [&spectra.harmonic, &spectra.turn, &spectra.noise, &spectra.free, &spectra.phase];
    if frames == 0 || matrices.iter().any(|matrix| matrix.len() != BINS * frames) {
        return Err(EngineError::Model("the voice model's spectra have unexpected shapes".to_owned()));
    }
    let failed = |e: realfft::FftError| EngineError::Model(format!("the vocoder's transform failed: {e}"));
    let pulses = pulse_train(&spectra.pitch);
    let window: Vec<f32> = (0..SIZE).map(|i| 0.5 - 0.5 * (TAU * i as f32 / SIZE as f32).cos()).collect();
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(SIZE), planner.plan_fft_inverse(SIZE));
    let mut noise = Noise(seed);
    let mut sum = vec![0f32; frames * HOP + SIZE];
    let mut weight = vec![0f32; sum.len()];
    let (mut block, mut bins) = (vec![0f32; SIZE], vec![Complex32::default(); BINS]);
    for frame in 0..frames {
        for (i, value) in block.iter_mut().enumerate() {
            // A unit cosine then peaks at 1 in its bin, so that e^lh is the harmonic's magnitude.
            *value = reflected(&pulses, frame * HOP + i) * window[i] / (SIZE / 4) as f32;
        }
        forward.process(&mut block, &mut bins).map_err(failed)?;
        for (bin, value) in bins.iter_mut().enumerate() {
            let at = bin * frames + frame;
            let voiced = Complex32::from_polar(magnitude(spectra.harmonic[at]), PI * spectra.turn[at].tanh());
            *value = *value * voiced
                + noise.complex() * magnitude(spectra.noise[at])
                + Complex32::from_polar(magnitude(spectra.free[at]), spectra.phase[at]);
        }
        bins[0].im = 0.0;
        bins[BINS - 1].im = 0.0;
        inverse.process(&mut bins, &mut block).map_err(failed)?;
        for i in 0..SIZE {
            sum[frame * HOP + i] += block[i] / SIZE as f32 * window[i];
            weight[frame * HOP + i] += window[i] * window[i];
        }
    }
    let centred = SIZE / 2..SIZE / 2 + frames * HOP;
    Ok(sum[centred.clone()].iter().zip(&weight[centred]).map(|(s, w)| s / w.max(1e-11)).collect())
}

fn magnitude(log: f32) -> f32 {
    log.min(7.0).exp()
}

/// Sample `i` of the signal padded by half a window on both sides, mirrored at its ends.
fn reflected(signal: &[f32], i: usize) -> f32 {
    let last = signal.len() as isize - 1;
    let at = i as isize - (SIZE / 2) as isize;
    let at = if at < 0 { -at } else { at };
    let at = if at > last { 2 * last - at } else { at };
    signal[at.clamp(0, last) as usize]
}

/// A band-limited pulse train that follows the pitch: every harmonic below 11 kHz at unit amplitude,
/// sum of cos(h t) for h = 1..=H, which is sin((H + 1/2) t) / (2 sin(t/2)) - 1/2. Unvoiced samples are 0.
fn pulse_train(pitch: &[f32]) -> Vec<f32> {
    let frames = pitch.len();
    let mut cycles = 0f64;
    let mut train = vec![0f32; frames * HOP];
    for (i, sample) in train.iter_mut().enumerate() {
        // Linear interpolation between frame centres.
        let position = (i as f32 + 0.5) / HOP as f32 - 0.5;
        let before = position.floor();
        let share = position - before;
        let at = |frame: f32| pitch[(frame.max(0.0) as usize).min(frames - 1)];
        let hertz = at(before) * (1.0 - share) + at(before + 1.0) * share;
        let voiced = hertz > VOICED_HERTZ;
        let hertz = hertz.max(VOICED_HERTZ);
        cycles = (cycles + f64::from(hertz) / f64::from(RATE)).fract();
        if voiced {
            let angle = (cycles * std::f64::consts::TAU) as f32;
            let harmonics = (HIGHEST_HERTZ / hertz).floor() + 0.5;
            let divisor = 2.0 * (angle * 0.5).sin();
            let sum = if divisor.abs() <= 2e-3 { harmonics } else { (harmonics * angle).sin() / divisor };
            *sample = sum - 0.5;
        }
    }
    train
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady(frames: usize, hertz: f32, harmonic: f32, noise: f32) -> Spectra {
        let matrix = |value: f32| vec![value; BINS * frames];
        Spectra {
            harmonic: matrix(harmonic),
            turn: matrix(0.0),
            noise: matrix(noise),
            free: matrix(-30.0),
            phase: matrix(0.0),
            pitch: vec![hertz; frames],
        }
    }

    #[test]
    fn a_steady_pitch_sounds_at_that_pitch() {
        let sound = synthesize(&steady(80, 200.0, 0.0, -30.0), 1).unwrap();
        assert_eq!(sound.len(), 80 * HOP);
        let middle = &sound[6000..18000];
        let correlation = |lag: usize| middle.iter().zip(&middle[lag..]).map(|(a, b)| a * b).sum::<f32>();
        let best = (60..200).max_by(|a, b| correlation(*a).total_cmp(&correlation(*b))).unwrap();
        assert!((119..=121).contains(&best), "period {best} samples, 24000 / 200 is 120");
    }

    #[test]
    fn noise_is_the_seeds_and_nothing_else() {
        let unvoiced = steady(8, 0.0, 0.0, 0.0);
        let first = synthesize(&unvoiced, 7).unwrap();
        assert_eq!(first, synthesize(&unvoiced, 7).unwrap());
        assert_ne!(first, synthesize(&unvoiced, 8).unwrap());
        assert!(pulse_train(&[0.0; 8]).iter().all(|sample| *sample == 0.0), "no pulses without a pitch");
    }

    #[test]
    fn wrong_shapes_are_refused() {
        let mut spectra = steady(4, 100.0, 0.0, 0.0);
        spectra.phase.pop();
        assert!(matches!(synthesize(&spectra, 0), Err(EngineError::Model(_))));
        assert!(synthesize(&steady(0, 0.0, 0.0, 0.0), 0).is_err());
    }
}
