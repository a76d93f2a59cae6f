//! Speaks each line of standard input to a WAV file, and tells how long that took: `speak VOICE FOLDER < lines`.
//!
//! A developer's tool: `tests/asr/transcribe.py` reads its files back.

use std::{io::BufRead as _, path::PathBuf, time::Instant};

use anyhow::{Context as _, anyhow};
use magicpixels::engine::{
    CancelToken, RunContext, SpeechModel, SpeechTask,
    session::GraphOptions,
    speech::{self, HibariModel, KokoroModel, loudness},
};

#[expect(clippy::print_stdout, reason = "this is its output")]
fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let voice = arguments.next().context("usage: speak VOICE FOLDER < lines")?;
    let folder = PathBuf::from(arguments.next().context("usage: speak VOICE FOLDER < lines")?);
    std::fs::create_dir_all(&folder)?;
    let speaker = speech::resolve(&voice).with_context(|| format!("no voice {voice}"))?;
    let mut model: Box<dyn SpeechModel> = match speaker.model {
        speech::hibari::ID => Box::new(HibariModel::load(GraphOptions::default())?),
        _ => Box::new(KokoroModel::load(GraphOptions::default())?),
    };
    for (index, line) in std::io::stdin().lock().lines().enumerate() {
        let task = SpeechTask { text: line?, voice: voice.clone(), speed: 1.0, seed: 1 };
        let begun = Instant::now();
        let spoken = model
            .speak(&task, &RunContext::new(CancelToken::default(), &|_| {}))
            .map_err(|e| anyhow!("line {}: {e}", index + 1))?;
        let (wall, seconds) = (begun.elapsed().as_secs_f64(), spoken.audio.duration_seconds());
        let path = folder.join(format!("{voice}_{index:02}.wav"));
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: spoken.audio.rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec)?;
        for sample in &spoken.audio.samples {
            writer.write_sample((sample.clamp(-1.0, 1.0) * 32767.0) as i16)?;
        }
        writer.finalize()?;
        let lufs = loudness::integrated_lufs(&spoken.audio.samples, spoken.audio.rate).unwrap_or(f64::NEG_INFINITY);
        let peak = spoken.audio.samples.iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
        let estimate = speech::estimate_seconds(&task.text, &voice, task.speed);
        println!(
            "{} {seconds:.2} s, estimate {estimate:.2} s, {:.3} s of work a second, {lufs:.1} LUFS, peak {:.1} dBFS {:?}",
            path.display(),
            wall / seconds,
            20.0 * peak.log10(),
            spoken.warnings
        );
    }
    Ok(())
}
