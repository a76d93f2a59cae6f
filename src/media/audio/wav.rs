//! WAV: what the appliance writes as its own sound format.

use std::io::Cursor;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use super::{super::MediaError, Pcm};

/// Encodes as 16-bit mono WAV. `info` are RIFF INFO entries: four-character ids (`INAM`, `ISFT`, `ICMT`) and texts.
///
/// Samples beyond -1..1 are clipped; anything that is no number is silence.
///
/// # Errors
/// [`MediaError::Encode`] for a rate of zero, an id that is not four ASCII characters, or more than 4 GiB.
pub fn encode_wav(sound: &Pcm, info: &[(&str, &str)]) -> Result<Vec<u8>, MediaError> {
    let refused = |error: hound::Error| MediaError::Encode(format!("WAV: {error}"));
    if sound.rate == 0 || sound.samples.len() > (u32::MAX as usize - 65_536) / 2 {
        return Err(MediaError::Encode("WAV: no sample rate, or too many samples".into()));
    }
    let spec = WavSpec { channels: 1, sample_rate: sound.rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut out = Cursor::new(Vec::with_capacity(sound.samples.len() * 2 + 44));
    let mut writer = WavWriter::new(&mut out, spec).map_err(refused)?;
    for &sample in &sound.samples {
        // `as` turns what is no number into zero.
        writer.write_sample((sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16).map_err(refused)?;
    }
    writer.finalize().map_err(refused)?;
    let mut bytes = out.into_inner();
    if !info.is_empty() {
        append_info(&mut bytes, info)?;
    }
    Ok(bytes)
}

/// Appends a `LIST`/`INFO` chunk and corrects the RIFF size.
fn append_info(bytes: &mut Vec<u8>, info: &[(&str, &str)]) -> Result<(), MediaError> {
    let mut list = b"INFO".to_vec();
    for (id, text) in info {
        if id.len() != 4 || !id.is_ascii() {
            return Err(MediaError::Encode(format!("WAV: {id} is no RIFF id")));
        }
        list.extend_from_slice(id.as_bytes());
        // Zero-terminated, padded to an even length; the size is without the padding.
        list.extend_from_slice(&(text.len() as u32 + 1).to_le_bytes());
        list.extend_from_slice(text.as_bytes());
        list.push(0);
        list.resize(list.len().next_multiple_of(2), 0);
    }
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes.extend_from_slice(b"LIST");
    bytes.extend_from_slice(&(list.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&list);
    let riff = (bytes.len() as u32 - 8).to_le_bytes();
    bytes[4..8].copy_from_slice(&riff);
    Ok(())
}

/// Decodes a WAV of 8 to 32 bits or float, any number of channels mixed to one.
///
/// # Errors
/// [`MediaError::Damaged`] for what is no such WAV.
pub fn decode_wav(bytes: &[u8]) -> Result<Pcm, MediaError> {
    let damaged = |error: hound::Error| MediaError::Damaged(format!("WAV: {error}"));
    let reader = WavReader::new(Cursor::new(bytes)).map_err(damaged)?;
    let spec = reader.spec();
    if spec.channels == 0 || spec.sample_rate == 0 || spec.bits_per_sample == 0 {
        return Err(MediaError::Damaged("WAV: no channels, rate or bits".into()));
    }
    let samples: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => reader.into_samples::<f32>().collect::<Result<_, _>>().map_err(damaged)?,
        SampleFormat::Int => {
            let scale = 1.0 / (1u64 << (spec.bits_per_sample - 1).min(31)) as f32;
            let whole = reader.into_samples::<i32>().map(|s| s.map(|s| s as f32 * scale));
            whole.collect::<Result<_, _>>().map_err(damaged)?
        }
    };
    let channels = usize::from(spec.channels);
    let mono = samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32).collect();
    Ok(Pcm { samples: mono, rate: spec.sample_rate })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_survives_with_its_information() {
        let sound = Pcm { samples: (0..1001).map(|i| (i as f32 / 30.0).sin() * 0.8).collect(), rate: 24_000 };
        let bytes = encode_wav(&sound, &[("ISFT", "MagicPixels"), ("ICMT", "Grüße, seed 7")]).unwrap();
        let back = decode_wav(&bytes).unwrap();
        assert_eq!((back.rate, back.samples.len()), (24_000, 1001));
        let worst = sound.samples.iter().zip(&back.samples).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1.0 / 16_000.0, "{worst}");
        assert_eq!(u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize, bytes.len() - 8);
        let text = "Grüße, seed 7".as_bytes();
        assert!(bytes.windows(text.len()).any(|w| w == text));
        assert!(encode_wav(&sound, &[("LONGID", "x")]).is_err());
    }

    #[test]
    fn what_is_no_number_is_silence_and_loud_is_clipped() {
        let sound = Pcm { samples: vec![f32::NAN, 9.0, -9.0, f32::INFINITY], rate: 8000 };
        let back = decode_wav(&encode_wav(&sound, &[]).unwrap()).unwrap();
        assert!(back.samples[0].abs() < 1e-6);
        assert!(back.samples[1] > 0.999 && back.samples[2] < -0.999 && back.samples[3] > 0.999);
    }

    #[test]
    fn channels_are_mixed() {
        let spec = WavSpec { channels: 2, sample_rate: 8000, bits_per_sample: 24, sample_format: SampleFormat::Int };
        let mut out = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut out, spec).unwrap();
        for _ in 0..10 {
            writer.write_sample(1 << 22).unwrap();
            writer.write_sample(0).unwrap();
        }
        writer.finalize().unwrap();
        let back = decode_wav(out.get_ref()).unwrap();
        assert_eq!(back.samples, vec![0.25; 10]);
    }
}
