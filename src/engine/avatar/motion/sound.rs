//! The mouth from the sound alone, for voices that are not ours: no phonemes, no model.
//!
//! 20 ms windows every 10 ms at 16 kHz. The jaw follows loudness and the first formant's height, wide and round lips the
//! second formant's; a dip of the middle band against both sides is a closure; hiss is a narrow mouth with teeth.

use realfft::RealFftPlanner;

use super::{MouthTracks, RATE, loudness::Loudness, track::Track};
use crate::{
    engine::avatar::expression::Mouth,
    media::audio::{self, Pcm},
};

const SOUND_RATE: u32 = 16_000;
const WINDOW: usize = 320;
const HOP: usize = 160;
const FFT: usize = 512;
/// Windows a second.
const WINDOWS: f32 = SOUND_RATE as f32 / HOP as f32;
/// How far to both sides a closure is looked for, in windows.
const BESIDE: usize = 9;
/// Shapes of the mouth at full.
const WIDE: f32 = 0.26;
const PUCKER: f32 = 0.65;

/// What the sound says of the mouth, a value each window.
struct Features {
    jaw: Track,
    wide: Track,
    round: Track,
    closed: Track,
    hiss: Track,
}

/// The mouth's tracks.
pub(super) fn follow(sound: &Pcm, loudness: &Loudness) -> MouthTracks {
    let n = loudness.len();
    let silent = || std::array::from_fn(|_| Track::zeros(n));
    if loudness.usual <= 0.0 {
        return silent();
    }
    let Ok(sound) = audio::resample(sound, SOUND_RATE) else { return silent() };
    let Some(features) = Features::of(&sound.samples) else { return silent() };
    let at = |track: &Track, width: f32| {
        // Values are of windows' middles.
        let resampled = Track::from_fn(n, |i| {
            let at = i as f32 / RATE * WINDOWS - 1.0;
            let j = at.max(0.0) as usize;
            let value = |j: usize| track.values.get(j).copied().unwrap_or(0.0);
            value(j) + (value(j + 1) - value(j)) * (at.max(0.0) - j as f32)
        });
        resampled.smoothed(width)
    };
    let shut = at(&features.closed, 14.0).map(|v| v.min(1.0));
    let open = shut.map(|v| 1.0 - (1.2 * v).min(1.0));
    let voiced = features.jaw.map(|v| f32::from(v > 0.05));
    let speaking = at(&voiced, 45.0).zip(&at(&voiced, 140.0), |quick, slow| quick.max(0.9 * (1.2 * slow).min(1.0)));
    let lips = features.jaw.zip(&features.hiss, |jaw, hiss| jaw.max(0.8 * hiss));
    let lips = at(&lips, 32.0).zip(&open, |v, open| 0.12 * v * open);
    let jaw = at(&features.jaw, 34.0).zip(&open, |v, open| v * open);
    let hiss = at(&features.hiss, 30.0);
    let wide = at(&features.wide, 55.0).zip(&at(&features.hiss, 40.0), |wide, hiss| WIDE * wide + 0.10 * hiss);
    let round = at(&features.round, 55.0);
    let rows: Vec<Mouth> = (0..n)
        .map(|i| Mouth {
            jaw: jaw.values[i],
            upper_lip: lips.values[i],
            lower_lip: lips.values[i],
            wide: wide.values[i],
            pucker: PUCKER * round.values[i],
            press: 0.2 * shut.values[i],
            close: speaking.values[i],
            seal: (1.2 * shut.values[i]).min(1.0) * (shut.values[i] > 0.25) as u8 as f32,
            tongue: 0.0,
            lower_teeth: 0.22 * hiss.values[i],
        })
        .collect();
    std::array::from_fn(|k| Track { values: rows.iter().map(|mouth| mouth.to_array()[k]).collect() })
}

impl Features {
    /// `None` where nothing is voiced.
    fn of(samples: &[f32]) -> Option<Self> {
        let spectra = Spectra::of(samples);
        let n = spectra.windows.len();
        let decibels = |low: f32, high: f32| Track::from_fn(n, |i| 10.0 * spectra.power(i, low, high).log10());
        let whole = decibels(80.0, 7500.0);
        let middle = decibels(300.0, 3000.0);
        let reference = whole.percentile(0.95);
        let loud = whole.map(|v| ((v - (reference - 32.0)) / 22.0).clamp(0.0, 1.0));
        // Where next to nothing sounds, nothing hisses either.
        let floor = 1e-5 * 10f32.powf(reference / 10.0);
        let high = Track::from_fn(n, |i| spectra.power(i, 3500.0, 7600.0) / (spectra.power(i, 80.0, 7600.0) + floor));
        let vowel = high.zip(&loud, |high, loud| (1.0 - high / 0.35).clamp(0.0, 1.0) * loud);
        let voiced: Vec<usize> = (0..n).filter(|&i| vowel.values[i] > 0.5).collect();
        if voiced.is_empty() {
            return None;
        }
        // Heights of the formants within this voice's own range.
        let height = |low: f32, high: f32, shares: (f32, f32)| {
            let track = Track::from_fn(n, |i| spectra.centre(i, low, high));
            let own = Track { values: voiced.iter().map(|&i| track.values[i]).collect() };
            let (bottom, top) = (own.percentile(shares.0), own.percentile(shares.1));
            track.map(|v| ((v - bottom) / (top - bottom + 1e-6)).clamp(0.0, 1.0))
        };
        let first = height(250.0, 1100.0, (0.10, 0.92));
        let second = height(900.0, 3000.0, (0.08, 0.92));
        let jaw = vowel.zip(&first, |vowel, first| vowel * (0.22 + 0.78 * first));
        let wide = vowel.zip(&second, |vowel, second| vowel * ((second - 0.55) / 0.45).clamp(0.0, 1.0));
        let round = vowel.zip(&second, |vowel, second| vowel * ((0.40 - second) / 0.40).clamp(0.0, 1.0));
        let round = round.zip(&first, |round, first| round * (1.0 - 0.5 * first));
        let peak = |range: std::ops::RangeInclusive<usize>| range.map(|i| middle.values[i]).fold(f32::MIN, f32::max);
        let closed = Track::from_fn(n, |i| {
            let beside = peak(i.saturating_sub(BESIDE)..=i).min(peak(i..=(i + BESIDE).min(n - 1)));
            let dip = beside - middle.values[i];
            ((dip - 7.0) / 7.0).clamp(0.0, 1.0) * (1.0 - high.values[i] / 0.3).clamp(0.0, 1.0)
        });
        let hiss = high.zip(&whole, |high, whole| {
            ((high - 0.3) / 0.4).clamp(0.0, 1.0) * ((whole - (reference - 38.0)) / 15.0).clamp(0.0, 1.0)
        });
        Some(Self { jaw, wide, round, closed, hiss })
    }
}

/// Power spectra of Hann windows.
struct Spectra {
    windows: Vec<Vec<f32>>,
}

impl Spectra {
    fn of(samples: &[f32]) -> Self {
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FFT);
        let hann: Vec<f32> =
            (0..WINDOW).map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / (WINDOW - 1) as f32).cos()).collect();
        let mut buffer = fft.make_input_vec();
        let mut bins = fft.make_output_vec();
        let count = samples.len().saturating_sub(WINDOW) / HOP + 1;
        let windows = (0..count)
            .map(|w| {
                buffer.fill(0.0);
                let part = &samples[(w * HOP).min(samples.len())..(w * HOP + WINDOW).min(samples.len())];
                for ((slot, sample), weight) in buffer.iter_mut().zip(part).zip(&hann) {
                    *slot = if sample.is_finite() { sample * weight } else { 0.0 };
                }
                // The plan's own buffers always fit.
                let _ = fft.process(&mut buffer, &mut bins);
                bins.iter().map(realfft::num_complex::Complex::norm_sqr).collect()
            })
            .collect();
        Self { windows }
    }

    fn bins(low: f32, high: f32) -> std::ops::Range<usize> {
        let bin = |hz: f32| (hz * FFT as f32 / SOUND_RATE as f32).ceil() as usize;
        bin(low)..bin(high).min(FFT / 2 + 1)
    }

    /// The power between two frequencies, never quite 0.
    fn power(&self, window: usize, low: f32, high: f32) -> f32 {
        self.windows[window][Self::bins(low, high)].iter().sum::<f32>() + 1e-12
    }

    /// The centre of the power between two frequencies in Hz, high ones raised by 6 dB an octave so that the first
    /// formant doesn't drown the second.
    fn centre(&self, window: usize, low: f32, high: f32) -> f32 {
        let (mut sum, mut along) = (1e-12, 0.0);
        for bin in Self::bins(low, high) {
            let hz = bin as f32 * SOUND_RATE as f32 / FFT as f32;
            let power = self.windows[window][bin] * hz / 1000.0;
            sum += power;
            along += power * hz;
        }
        along / sum
    }
}
