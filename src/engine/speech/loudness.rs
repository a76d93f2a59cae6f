//! How loud speech is and how it is brought to a common level: ITU-R BS.1770-4 loudness, and a peak limiter.
//!
//! Mono only. Measures sample peaks, not true peaks.

/// The level of everything that is spoken here, in LUFS; what podcasts in mono are delivered at.
pub const TARGET_LUFS: f64 = -19.0;
/// The highest sample, as a fraction of full scale: -1 dBFS.
pub const CEILING: f32 = 0.891_25;
/// The limiter looks this far to each side of a peak.
const LOOKAHEAD_SECONDS: f64 = 0.005;
/// Silence is not raised to speech level.
const LARGEST_GAIN: f64 = 30.0;

/// One second-order filter section (direct form II transposed), `a0` = 1.
struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Biquad {
    fn step(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// BS.1770's two pre-filters for any rate (the standard tabulates 48 kHz only): the same analogue prototypes through the
/// bilinear transform, as De Man, "Evaluation of implementations of the EBU R128 loudness measurement" (2014).
fn k_weighting(rate: f64) -> [Biquad; 2] {
    let shelf = {
        let (gain, q, frequency) = (3.999_843_853_973_347, 0.707_175_236_955_419_6, 1_681.974_450_955_533);
        let k = (std::f64::consts::PI * frequency / rate).tan();
        let high = 10f64.powf(gain / 20.0);
        let band = high.powf(0.499_666_774_154_541_6);
        let a0 = 1.0 + k / q + k * k;
        Biquad {
            b: [(high + band * k / q + k * k) / a0, 2.0 * (k * k - high) / a0, (high - band * k / q + k * k) / a0],
            a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0],
            state: [0.0; 2],
        }
    };
    let high_pass = {
        let (q, frequency) = (0.500_327_037_323_877_3, 38.135_470_876_024_44);
        let k = (std::f64::consts::PI * frequency / rate).tan();
        let a0 = 1.0 + k / q + k * k;
        Biquad { b: [1.0, -2.0, 1.0], a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0], state: [0.0; 2] }
    };
    [shelf, high_pass]
}

/// Integrated loudness of mono sound in LUFS: 400 ms blocks every 100 ms, gated at -70 LUFS and at 10 LU below what
/// remains. Sound shorter than a block is measured as one block. `None` for silence.
pub fn integrated_lufs(samples: &[f32], rate: u32) -> Option<f64> {
    let mut filters = k_weighting(f64::from(rate));
    let squares: Vec<f64> = samples
        .iter()
        .map(|&sample| filters.iter_mut().fold(f64::from(sample), |x, filter| filter.step(x)).powi(2))
        .collect();
    let block = (rate as usize * 2 / 5).clamp(1, squares.len().max(1));
    let powers: Vec<f64> = squares
        .windows(block)
        .step_by((rate as usize / 10).max(1))
        .map(|window| window.iter().sum::<f64>() / block as f64)
        .collect();
    let mean_above = |gate: f64| {
        let loud: Vec<f64> = powers.iter().copied().filter(|power| *power > gate).collect();
        (!loud.is_empty()).then(|| loud.iter().sum::<f64>() / loud.len() as f64)
    };
    let absolute = 10f64.powf((-70.0 + 0.691) / 10.0);
    let relative = mean_above(absolute)? / 10.0;
    mean_above(relative.max(absolute)).map(|power| -0.691 + 10.0 * power.log10())
}

/// Brings mono sound to [`TARGET_LUFS`] with no sample above [`CEILING`]. Silence stays silence.
pub fn level(samples: &mut [f32], rate: u32) {
    let Some(loudness) = integrated_lufs(samples, rate) else { return };
    let gain = 10f64.powf((TARGET_LUFS - loudness).min(LARGEST_GAIN) / 20.0) as f32;
    for sample in samples.iter_mut() {
        *sample *= gain;
    }
    limit(samples, (f64::from(rate) * LOOKAHEAD_SECONDS) as usize);
}

/// Turns the sound down around peaks above [`CEILING`]: the least gain within `reach` samples, smoothed over as many,
/// so that the gain at a peak is never above what the peak needs.
fn limit(samples: &mut [f32], reach: usize) {
    if samples.iter().all(|sample| sample.abs() <= CEILING) {
        return;
    }
    let needed: Vec<f32> = samples.iter().map(|sample| (CEILING / sample.abs().max(CEILING)).min(1.0)).collect();
    let around = |i: usize| i.saturating_sub(reach)..(i + reach + 1).min(needed.len());
    let least: Vec<f32> = (0..needed.len()).map(|i| needed[around(i)].iter().copied().fold(1.0, f32::min)).collect();
    let mut sum: f64 = least[around(0)].iter().copied().map(f64::from).sum();
    for i in 0..samples.len() {
        let range = around(i);
        let gain = (sum / range.len() as f64) as f32;
        samples[i] = (samples[i] * gain).clamp(-CEILING, CEILING);
        if i >= reach {
            sum -= f64::from(least[i - reach]);
        }
        if let Some(next) = least.get(i + reach + 1) {
            sum += f64::from(*next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(rate: u32, hertz: f64, amplitude: f64, seconds: f64) -> Vec<f32> {
        let count = (f64::from(rate) * seconds) as usize;
        let angle = std::f64::consts::TAU * hertz / f64::from(rate);
        (0..count).map(|i| (amplitude * (angle * i as f64).sin()) as f32).collect()
    }

    #[test]
    fn a_full_scale_sine_at_997_hertz_is_minus_3_01_lufs_at_any_rate() {
        for rate in [16_000, 24_000, 44_100, 48_000] {
            let loudness = integrated_lufs(&sine(rate, 997.0, 1.0, 3.0), rate).unwrap();
            assert!((loudness + 3.01).abs() < 0.05, "{rate} Hz: {loudness}");
        }
    }

    #[test]
    fn pauses_do_not_count_and_silence_has_no_loudness() {
        let mut sound = sine(24_000, 997.0, 0.1, 2.0);
        let spoken = integrated_lufs(&sound, 24_000).unwrap();
        sound.extend(vec![0.0; 24_000 * 6]);
        assert!((integrated_lufs(&sound, 24_000).unwrap() - spoken).abs() < 0.5);
        assert_eq!(integrated_lufs(&vec![0.0; 48_000], 24_000), None);
        assert_eq!(integrated_lufs(&[], 24_000), None);
    }

    #[test]
    fn levelling_hits_the_target_and_keeps_peaks_down() {
        let mut sound = sine(24_000, 300.0, 0.01, 2.0);
        level(&mut sound, 24_000);
        assert!((integrated_lufs(&sound, 24_000).unwrap() - TARGET_LUFS).abs() < 0.2);
        // A click 30 dB above the rest must be caught, and nothing but its surroundings changed.
        let mut clicked = sine(24_000, 300.0, 0.02, 2.0);
        clicked[24_000] = 0.9;
        level(&mut clicked, 24_000);
        assert!(clicked.iter().all(|sample| sample.abs() <= CEILING));
        let early = clicked[..12_000].iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
        assert!(early > 0.1, "the rest is still loud: {early}");
        let mut silence = vec![0.0; 1000];
        level(&mut silence, 24_000);
        assert!(silence.iter().all(|sample| *sample == 0.0));
    }
}
