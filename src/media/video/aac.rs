//! AAC-LC encoding of the soundtrack.

use std::borrow::Cow;

use super::{AudioTrack, MediaError, Pcm, Samples, audio};

/// The sample rates of ISO/IEC 14496-3 table 1.18 that every player takes.
const RATES: [u32; 9] = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

/// The sound at a rate that AAC has, with samples that are numbers within -1..1.
pub(super) fn prepare(sound: &Pcm) -> Result<Pcm, MediaError> {
    if sound.rate == 0 {
        return Err(MediaError::Encode("a soundtrack without a sample rate".into()));
    }
    let sound = if RATES.contains(&sound.rate) || sound.samples.is_empty() {
        Cow::Borrowed(sound)
    } else {
        Cow::Owned(audio::resample(sound, 48_000)?)
    };
    // A NaN would poison the encoder's transform for the blocks around it.
    let clean = |s: &f32| if s.is_finite() { s.clamp(-1.0, 1.0) } else { 0.0 };
    Ok(Pcm { samples: sound.samples.iter().map(clean).collect(), rate: sound.rate })
}

/// Encodes `sound`, which came from [`prepare`].
pub(super) fn encode(sound: &Pcm) -> Result<AudioTrack, MediaError> {
    let refused = |error: syom::AacError| MediaError::Encode(format!("AAC: {error}"));
    if sound.samples.is_empty() {
        return Err(MediaError::Encode("there is no sound to encode".into()));
    }
    // Transparent for one voice: 4 bits a sample at 16 kHz and less, 96 kbit/s from 32 kHz on.
    let bitrate = (sound.rate * 4).clamp(32_000, 96_000);
    let options = syom::EncodeOptions::raw().with_bitrate_bps(bitrate).with_lookahead(true);
    let mut encoder = syom::Encoder::new(sound.rate, 1, &options).map_err(refused)?;
    let config = encoder.asc().to_vec();
    // A tenth of the pictures' bytes: they stay in memory.
    let mut samples = Samples::default();
    let mut kept = Ok(());
    let mut keep = |frame: syom::EncodedFrame<'_>| {
        if kept.is_ok() {
            kept = samples.push(frame.payload);
        }
        Ok(())
    };
    encoder.feed(&[&sound.samples[..]], &mut keep).map_err(refused)?;
    let info = encoder.finish(&mut keep).map_err(refused)?;
    kept?;
    let priming = u32::try_from(info.priming).map_err(|_| MediaError::Encode("AAC: absurd priming".into()))?;
    Ok(AudioTrack { rate: sound.rate, config, samples, priming, length: sound.samples.len() as u64, bitrate })
}
