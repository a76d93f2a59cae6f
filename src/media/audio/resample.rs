//! Sample rate conversion.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

use super::{super::MediaError, Pcm};

/// The rates that are taken: from telephone to studio, with room to spare.
const RATES: std::ops::RangeInclusive<u32> = 1000..=384_000;

/// The same sound at `rate` Hz; its length in seconds stays, its start stays at the start to half a sample.
///
/// # Errors
/// [`MediaError::Unsupported`] for a rate outside 1 to 384 kHz on either side.
pub fn resample(sound: &Pcm, rate: u32) -> Result<Pcm, MediaError> {
    if !RATES.contains(&rate) || !RATES.contains(&sound.rate) {
        return Err(MediaError::Unsupported(format!("sound of {} Hz as {rate} Hz", sound.rate)));
    }
    if rate == sound.rate || sound.samples.is_empty() {
        return Ok(Pcm { samples: sound.samples.clone(), rate });
    }
    let failed = |error: &dyn std::fmt::Display| MediaError::Encode(format!("resampling: {error}"));
    let mut fft = Fft::<f32>::new(sound.rate as usize, rate as usize, 1024, 1, FixedSync::Input)
        .map_err(|error| failed(&error))?;
    let length = sound.samples.len();
    let input = InterleavedSlice::new(&sound.samples, 1, length).map_err(|error| failed(&error))?;
    let mut samples = fft.process_all(&input, length, None).map_err(|error| failed(&error))?.take_data();
    samples.resize((length as u64 * u64::from(rate)).div_ceil(u64::from(sound.rate)) as usize, 0.0);
    Ok(Pcm { samples, rate })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32, rate: u32, seconds: f32) -> Pcm {
        let n = (seconds * rate as f32) as usize;
        Pcm {
            samples: (0..n).map(|i| 0.5 * (i as f32 * hz * std::f32::consts::TAU / rate as f32).sin()).collect(),
            rate,
        }
    }

    #[test]
    fn a_tone_stays_the_same_tone() {
        for (from, to) in [(44_100, 24_000), (24_000, 48_000), (8000, 16_000), (48_000, 22_050)] {
            let out = resample(&tone(440.0, from, 1.0), to).unwrap();
            assert_eq!(out.samples.len(), to as usize);
            let wanted = tone(440.0, to, 1.0);
            let edge = to as usize / 50;
            let inside = edge..to as usize - edge;
            let errors = out.samples[inside.clone()].iter().zip(&wanted.samples[inside]).map(|(a, b)| (a - b).abs());
            // Where the two grids meet nowhere near the filter's middle, half a sample of delay is left.
            let half_sample = 0.5 * 440.0 * std::f32::consts::TAU / to as f32 * 0.5;
            let worst = errors.fold(0.0, f32::max);
            assert!(worst < half_sample + 2e-3, "{from} -> {to}: {worst}");
        }
    }

    #[test]
    fn what_the_new_rate_cannot_hold_is_removed() {
        let out = resample(&tone(15_000.0, 48_000, 0.5), 16_000).unwrap();
        let rms = (out.samples.iter().map(|s| s * s).sum::<f32>() / out.samples.len() as f32).sqrt();
        assert!(rms < 0.004, "alias of {rms}");
    }

    #[test]
    fn odd_rates_are_refused_or_survived() {
        assert!(resample(&tone(100.0, 8000, 0.1), 0).is_err());
        assert!(resample(&Pcm { samples: vec![0.0; 10], rate: 0 }, 8000).is_err());
        assert_eq!(resample(&Pcm { samples: vec![0.1; 3], rate: 8000 }, 24_000).unwrap().samples.len(), 9);
        assert_eq!(resample(&Pcm { samples: vec![], rate: 8000 }, 24_000).unwrap().samples.len(), 0);
        let prime = resample(&tone(200.0, 44_101, 0.2), 47_999).unwrap();
        assert!((prime.duration_seconds() - 0.2).abs() < 1e-3);
    }
}
