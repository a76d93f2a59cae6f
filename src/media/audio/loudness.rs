//! Loudness: ITU-R BS.1770-4 and EBU R 128 measures, and bringing speech to a target without clipping.

use ebur128::{EbuR128, Mode};

use super::{super::MediaError, Pcm};

/// How loud a sound is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Integrated loudness in LUFS, gated as BS.1770-4 says; minus infinity for silence or less than 0.4 s.
    pub integrated_lufs: f64,
    /// The highest sample, linear.
    pub peak: f32,
    /// The highest value between the samples too (BS.1770-4 annex 2), linear.
    pub true_peak: f64,
    /// Root mean square, linear.
    pub rms: f32,
}

/// Measures `sound`.
///
/// # Errors
/// [`MediaError::Unsupported`] for a sample rate that cannot be measured.
pub fn measure(sound: &Pcm) -> Result<Loudness, MediaError> {
    let refused = |error: ebur128::Error| MediaError::Unsupported(format!("loudness at {} Hz: {error:?}", sound.rate));
    // Without high-pass filters and 4x oversampling to build, tiny rates have no meaning.
    if !(1000..=384_000).contains(&sound.rate) {
        return Err(MediaError::Unsupported(format!("loudness of sound at {} Hz", sound.rate)));
    }
    let mut meter = EbuR128::new(1, sound.rate, Mode::I | Mode::TRUE_PEAK).map_err(refused)?;
    // Mono is heard on both speakers; the standard's channel weights mean one, so that -3 dB are missing.
    meter.set_channel(0, ebur128::Channel::DualMono).map_err(refused)?;
    meter.add_frames_f32(&sound.samples).map_err(refused)?;
    let squares: f64 = sound.samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    Ok(Loudness {
        integrated_lufs: meter.loudness_global().map_err(refused)?,
        peak: sound.samples.iter().fold(0.0, |peak, s| peak.max(s.abs())),
        true_peak: meter.true_peak(0).map_err(refused)?,
        rms: (squares / sound.samples.len().max(1) as f64).sqrt() as f32,
    })
}

/// Brings `sound` to `target_lufs`, with no sample above `ceiling` (linear, up to 1).
///
/// Where the gain would go over the ceiling, a look-ahead limiter (5 ms, no overshoot) takes the peaks down. Silence
/// is left as it is, and never is more than 30 dB added, which would only raise noise.
///
/// # Errors
/// As [`measure`].
pub fn normalise(sound: &Pcm, target_lufs: f64, ceiling: f32) -> Result<Pcm, MediaError> {
    let loudness = measure(sound)?;
    if !loudness.integrated_lufs.is_finite() {
        return Ok(limit(sound, ceiling));
    }
    let gain = 10f64.powf((target_lufs - loudness.integrated_lufs).min(30.0) / 20.0) as f32;
    let louder = Pcm { samples: sound.samples.iter().map(|s| s * gain).collect(), rate: sound.rate };
    Ok(limit(&louder, ceiling))
}

/// Takes peaks down to `ceiling`: the gain each sample needs, its minimum over a window ahead and behind, smoothed by
/// a moving average of half that window, which never rises above what any sample in it needs.
fn limit(sound: &Pcm, ceiling: f32) -> Pcm {
    let ceiling = ceiling.clamp(1e-3, 1.0);
    if sound.samples.iter().all(|s| s.abs() <= ceiling) {
        return sound.clone();
    }
    let reach = (sound.rate as usize / 200).max(1);
    let needed: Vec<f32> =
        sound.samples.iter().map(|s| if s.abs() > ceiling { ceiling / s.abs() } else { 1.0 }).collect();
    let lowest = sliding_minimum(&needed, reach);
    // Prefix sums in f64: an hour at 48 kHz keeps more than enough digits.
    let mut sums = Vec::with_capacity(lowest.len() + 1);
    sums.push(0.0f64);
    for gain in &lowest {
        sums.push(sums[sums.len() - 1] + f64::from(*gain));
    }
    let smooth = |i: usize| {
        let (start, end) = (i.saturating_sub(reach), (i + reach + 1).min(lowest.len()));
        ((sums[end] - sums[start]) / (end - start) as f64) as f32
    };
    let samples = sound.samples.iter().enumerate().map(|(i, s)| (s * smooth(i)).clamp(-ceiling, ceiling)).collect();
    Pcm { samples, rate: sound.rate }
}

/// The minimum of each value and `reach` neighbours on both sides, by a monotone queue.
fn sliding_minimum(values: &[f32], reach: usize) -> Vec<f32> {
    let mut queue = std::collections::VecDeque::<usize>::new();
    let mut out = Vec::with_capacity(values.len());
    for i in 0..values.len() + reach {
        if let Some(&value) = values.get(i) {
            while queue.back().is_some_and(|&b| values[b] >= value) {
                queue.pop_back();
            }
            queue.push_back(i);
        }
        if i >= reach {
            let centre = i - reach;
            while queue.front().is_some_and(|&f| f + reach < centre) {
                queue.pop_front();
            }
            out.push(queue.front().map_or(1.0, |&f| values[f]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32, amplitude: f32, seconds: usize) -> Pcm {
        let step = hz * std::f32::consts::TAU / 48_000.0;
        Pcm { samples: (0..seconds * 48_000).map(|i| amplitude * (i as f32 * step).sin()).collect(), rate: 48_000 }
    }

    #[test]
    fn the_standards_reference_tone_measures_as_it_says() {
        // EBU Tech 3341 case 1: a stereo 1 kHz sine at -23 dBFS is -23 LUFS, which is what dual mono stands for.
        let loudness = measure(&tone(1000.0, 10f32.powf(-23.0 / 20.0), 5)).unwrap();
        assert!((loudness.integrated_lufs + 23.0).abs() < 0.1, "{}", loudness.integrated_lufs);
        assert!((loudness.peak - 0.0708).abs() < 1e-3);
        assert!((loudness.rms - 0.0708 / 2f32.sqrt()).abs() < 1e-3);
        assert!(loudness.true_peak >= f64::from(loudness.peak) * 0.99);
    }

    #[test]
    fn speech_comes_to_its_target_under_the_ceiling() {
        // Quiet sound with one loud click: the click must be limited, the rest must reach the target.
        let mut sound = tone(300.0, 0.02, 4);
        sound.samples[96_000] = 0.9;
        let out = normalise(&sound, -16.0, 0.89).unwrap();
        let loudness = measure(&out).unwrap();
        assert!((loudness.integrated_lufs + 16.0).abs() < 0.7, "{}", loudness.integrated_lufs);
        assert!(loudness.peak <= 0.89 + 1e-6, "{}", loudness.peak);
        // Far from the click nothing but the gain was applied.
        let ratio = out.samples[24_020] / sound.samples[24_020];
        let again = out.samples[48_030] / sound.samples[48_030];
        assert!((ratio - again).abs() < 1e-3);
    }

    #[test]
    fn silence_stays_silent_and_short_sounds_are_kept() {
        let silence = Pcm { samples: vec![0.0; 48_000], rate: 48_000 };
        assert_eq!(normalise(&silence, -16.0, 0.9).unwrap(), silence);
        assert!(measure(&silence).unwrap().integrated_lufs.is_infinite());
        let empty = Pcm { samples: vec![], rate: 24_000 };
        assert_eq!(normalise(&empty, -16.0, 0.9).unwrap(), empty);
        assert!(measure(&Pcm { samples: vec![0.0], rate: 0 }).is_err());
    }

    #[test]
    fn the_sliding_minimum_is_the_minimum() {
        let values: Vec<f32> = (0..50u32).map(|i| (i * 7919 % 97) as f32).collect();
        for reach in [1, 3, 10, 60] {
            let wanted: Vec<f32> = (0..50usize)
                .map(|i| {
                    values[i.saturating_sub(reach)..(i + reach + 1).min(50)].iter().copied().fold(f32::MAX, f32::min)
                })
                .collect();
            assert_eq!(sliding_minimum(&values, reach), wanted, "reach {reach}");
        }
    }
}
