//! The mel spectrogram that Wav2Lip was trained on: its `hparams.py` and `audio.py`, number for number.
//!
//! Prajwal and others, "A Lip Sync Expert Is All You Need for Speech to Lip Generation In the Wild", ACM MM 2020. 16 kHz,
//! pre-emphasis 0.97, windows of 800 samples every 200, 80 Slaney bands from 55 to 7600 Hz, decibels above -100 scaled
//! to -4..4.

use realfft::{RealFftPlanner, num_complex::Complex};

use crate::{
    engine::EngineError,
    media::audio::{self, Pcm},
};

/// Samples a second.
const RATE: u32 = 16_000;
/// Samples of a window.
const WINDOW: usize = 800;
/// Samples from a window to the next.
const HOP: usize = 200;
/// Bands.
pub(super) const BANDS: usize = 80;
/// Columns that the network sees at once: 200 ms.
pub(super) const COLUMNS: usize = 16;
/// What silence is.
const SILENCE: f32 = -4.0;

/// One window's bands.
type Column = [f32; BANDS];

/// The spectrogram of a whole sound, at least [`COLUMNS`] columns.
#[derive(Debug, Clone)]
pub(super) struct Mel {
    columns: Vec<Column>,
}

impl Mel {
    /// Computes it.
    ///
    /// # Errors
    /// [`EngineError::Input`] where the sound is of a rate that cannot be converted.
    pub(super) fn new(sound: &Pcm) -> Result<Self, EngineError> {
        let sound = audio::resample(sound, RATE).map_err(|e| EngineError::Input(format!("The sound: {e}.")))?;
        let mut columns = compute(&sound.samples);
        while columns.len() < COLUMNS {
            columns.push([SILENCE; BANDS]);
        }
        Ok(Self { columns })
    }

    /// What is heard around frame `index`: [`BANDS`] rows of [`COLUMNS`].
    pub(super) fn window(&self, index: usize, fps: u32) -> Vec<f32> {
        // 80 columns a second, as the authors count them; the last frames see the last columns.
        let start = index * 80 / fps.max(1) as usize;
        let start = start.min(self.columns.len() - COLUMNS);
        let seen = &self.columns[start..start + COLUMNS];
        (0..BANDS).flat_map(|band| seen.iter().map(move |column| column[band])).collect()
    }
}

fn compute(samples: &[f32]) -> Vec<Column> {
    let Some(&first) = samples.first() else { return Vec::new() };
    let mut emphasised = vec![first];
    emphasised.extend(samples.windows(2).map(|w| w[1] - 0.97 * w[0]));
    // The mirror at both ends needs more than half a window.
    emphasised.resize(emphasised.len().max(WINDOW), 0.0);
    let half = WINDOW as i64 / 2;
    let length = emphasised.len() as i64;
    let mirrored = |i: i64| {
        let i = i.abs();
        emphasised[(if i < length { i } else { 2 * (length - 1) - i }) as usize]
    };
    let window: Vec<f32> =
        (0..WINDOW).map(|i| (0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / WINDOW as f64).cos()) as f32).collect();
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
    let (mut input, mut spectrum) = (fft.make_input_vec(), fft.make_output_vec());
    let filters = filters();
    (0..=emphasised.len() / HOP)
        .map(|column| {
            let start = (column * HOP) as i64 - half;
            for (i, (slot, weight)) in input.iter_mut().zip(&window).enumerate() {
                *slot = mirrored(start + i as i64) * weight;
            }
            // The lengths are the plan's own.
            let _ = fft.process(&mut input, &mut spectrum);
            std::array::from_fn(|band| scale(filters[band].iter().map(|&(bin, w)| w * magnitude(spectrum[bin])).sum()))
        })
        .collect()
}

fn magnitude(value: Complex<f32>) -> f32 {
    value.norm()
}

/// Decibels above -100 less the reference of 20, as -4 to 4.
fn scale(amplitude: f32) -> f32 {
    let decibels = 20.0 * amplitude.max(1e-5).log10() - 20.0;
    (8.0 * (decibels + 100.0) / 100.0 - 4.0).clamp(-4.0, 4.0)
}

/// Slaney's mel bands as librosa makes them: triangles of equal area; each band's bins with their weights.
fn filters() -> Vec<Vec<(usize, f32)>> {
    let (low, high) = (to_mel(55.0), to_mel(7600.0));
    let edges: Vec<f64> = (0..BANDS + 2).map(|i| to_hz(low + (high - low) * i as f64 / (BANDS + 1) as f64)).collect();
    let hz = |bin: usize| bin as f64 * f64::from(RATE) / WINDOW as f64;
    edges
        .windows(3)
        .map(|edge| {
            let area = 2.0 / (edge[2] - edge[0]);
            let weight = |bin: usize| {
                let rise = (hz(bin) - edge[0]) / (edge[1] - edge[0]);
                let fall = (edge[2] - hz(bin)) / (edge[2] - edge[1]);
                rise.min(fall).max(0.0) * area
            };
            (0..=WINDOW / 2).map(|bin| (bin, weight(bin) as f32)).filter(|(_, w)| *w > 0.0).collect()
        })
        .collect()
}

/// Linear below 1 kHz, logarithmic above (Slaney's Auditory Toolbox).
fn to_mel(hz: f64) -> f64 {
    if hz < 1000.0 { hz * 3.0 / 200.0 } else { 15.0 + (hz / 1000.0).ln() / (6.4f64.ln() / 27.0) }
}

fn to_hz(mel: f64) -> f64 {
    if mel < 15.0 { mel * 200.0 / 3.0 } else { 1000.0 * ((mel - 15.0) * 6.4f64.ln() / 27.0).exp() }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        samples: usize,
        columns: usize,
        /// Some columns, by index.
        values: Vec<(usize, Vec<f32>)>,
    }

    /// The sound of the goldens: two tones that slide, and a click. `fixtures/recipe.py` makes the same.
    fn sound(samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|i| {
                let t = i as f64 / 16_000.0;
                let slide = (std::f64::consts::TAU * (200.0 * t + 900.0 * t * t)).sin() * 0.4;
                let high = (std::f64::consts::TAU * 3100.0 * t).sin() * 0.05;
                (slide + high + if i == 4000 { 0.8 } else { 0.0 }) as f32
            })
            .collect()
    }

    #[test]
    fn the_spectrogram_is_librosas() {
        let goldens: Vec<Golden> = serde_json::from_str(include_str!("fixtures/mel.json")).unwrap();
        assert!(!goldens.is_empty());
        for golden in goldens {
            let columns = compute(&sound(golden.samples));
            assert_eq!(columns.len(), golden.columns);
            for (index, values) in golden.values {
                for (band, (found, wanted)) in columns[index].iter().zip(&values).enumerate() {
                    assert!((found - wanted).abs() < 2e-3, "column {index}, band {band}: {found} for {wanted}");
                }
            }
        }
    }

    #[test]
    fn windows_follow_the_frames_and_stay_inside() {
        let mel = Mel::new(&Pcm { samples: sound(16_000), rate: 16_000 }).unwrap();
        assert_eq!(mel.window(0, 25).len(), BANDS * COLUMNS);
        // Frame 10 of 25 a second begins at column 32.
        assert!((mel.window(10, 25)[COLUMNS] - mel.columns[32][1]).abs() < 1e-9);
        assert_eq!(mel.window(24, 25), mel.window(1000, 25));
        for samples in [vec![], vec![0.1], vec![0.0; 300]] {
            let short = Mel::new(&Pcm { samples, rate: 16_000 }).unwrap();
            assert!(short.window(0, 30).iter().all(|v| v.is_finite() && (-4.0..=4.0).contains(v)));
        }
    }
}
