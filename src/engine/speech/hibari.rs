//! hibari: a small network and a classical vocoder, some fifty times faster than real time on one core.
//!
//! Distilled from Kokoro's voice `af_heart`. The network predicts spectra, [`super::vocoder`] makes the sound; only the
//! vocoder's noise depends on the seed.

use super::{
    g2p::{Phonemizers, Vocabulary},
    perform,
    track::{self, Utterance},
    vocoder::{self, Spectra},
    voices::resolve,
};
use crate::{
    domain::job::Mode,
    engine::{
        CancelToken, EngineError, ModelInfo, RunContext, Speech, SpeechModel, SpeechTask, bundle,
        session::{Graph, GraphOptions, Value},
    },
};

/// The model's id.
pub const ID: &str = "hibari";
pub(super) const LICENCE: &str = "Apache-2.0";
/// The inner tensor that holds the length of every id in frames of 25 ms.
const DURATIONS: &str = "/Clip_output_0";
const FRAME_SECONDS: f32 = 0.025;

/// The loaded model.
pub struct HibariModel {
    info: ModelInfo,
    graph: Graph,
    vocabulary: Vocabulary,
    phonemizers: Phonemizers,
}

impl HibariModel {
    /// What the model is, without loading it.
    pub fn describe() -> ModelInfo {
        let pack = bundle::pack(ID);
        ModelInfo {
            id: ID.to_owned(),
            description: pack.map_or("", |pack| pack.description).to_owned(),
            modes: vec![Mode::Audio],
            licence: LICENCE.to_owned(),
            source: pack.map_or("", |pack| pack.source).to_owned(),
            digest: pack.map(bundle::Pack::digest).unwrap_or_default(),
            fields: ["voice_id", "speed", "seed"].map(str::to_owned).to_vec(),
        }
    }

    /// Loads the graph (8 MB, some 0.1 s).
    pub fn load(options: GraphOptions) -> Result<Self, EngineError> {
        Ok(Self {
            info: Self::describe(),
            graph: Graph::from_bytes_with_outputs(bundle::bytes("hibari/hibari.onnx")?, &[DURATIONS], options)?,
            vocabulary: Vocabulary::bundled()?,
            phonemizers: Phonemizers::default(),
        })
    }

    fn render(
        &mut self,
        phonemes: &str,
        speed: f32,
        seed: u64,
        cancel: &CancelToken,
    ) -> Result<Utterance, EngineError> {
        let ids = self.vocabulary.ids(phonemes);
        let inputs = vec![("ids", Value::I64(vec![1, ids.len()], ids)), ("speed", Value::F32(vec![1], vec![speed]))];
        let mut outputs = self.graph.run(inputs, cancel)?;
        let mut take = |name: &str| {
            let missing = || EngineError::Model(format!("hibari has no output {name}"));
            outputs.remove(name).ok_or_else(missing)?.into_f32().map(|(_, values)| values)
        };
        let spectra = Spectra {
            harmonic: take("lh")?,
            turn: take("theta")?,
            noise: take("ln")?,
            free: take("lr")?,
            phase: take("phi")?,
            pitch: take("f0")?,
        };
        let mut frames = take(DURATIONS)?;
        track::advance(&mut frames);
        Utterance::new(vocoder::synthesize(&spectra, seed)?, phonemes, &frames, FRAME_SECONDS)
    }
}

impl SpeechModel for HibariModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn speak(&mut self, task: &SpeechTask, ctx: &RunContext<'_>) -> Result<Speech, EngineError> {
        let speaker = resolve(&task.voice)
            .filter(|speaker| speaker.model == ID)
            .ok_or_else(|| EngineError::Input(format!("The model hibari has no voice {:?}.", task.voice)))?;
        let phonemizer = self.phonemizers.of(speaker.dialect)?;
        perform(task, speaker.dialect, &phonemizer, ctx, |passage, index| {
            let seed = u64::from(task.seed) << 32 | index as u64;
            self.render(&passage.phonemes, task.speed, seed, ctx.cancel_token())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::engine::speech::{loudness, track::assert_times_cover};

    fn task(text: &str) -> SpeechTask {
        SpeechTask { text: text.to_owned(), voice: "hibari".to_owned(), speed: 1.0, seed: 7 }
    }

    fn speak(task: &SpeechTask) -> Result<Speech, EngineError> {
        let mut model = HibariModel::load(GraphOptions { threads: 1 }).unwrap();
        model.speak(task, &RunContext::new(CancelToken::default(), &|_| {}))
    }

    #[test]
    fn speaks_at_one_level_with_times_that_cover_the_sound() {
        let speech = speak(&task("Dr. Nguyen paid $45.20 for 12 cups. It was worth it!")).unwrap();
        assert_times_cover(&speech);
        let seconds = speech.audio.duration_seconds();
        assert!((3.0..7.0).contains(&seconds), "{seconds} s");
        let said: String = speech.phonemes.iter().map(|p| p.symbol).collect();
        assert!(said.contains("wˈɪn") && said.contains("dˈɑləɹz"), "{said}");
        let loudness = loudness::integrated_lufs(&speech.audio.samples, speech.audio.rate).unwrap();
        assert!((loudness - loudness::TARGET_LUFS).abs() < 1.0, "{loudness} LUFS");
        assert!(speech.audio.samples.iter().all(|sample| sample.abs() <= loudness::CEILING));
        // Vowels are louder than the pauses between sentences.
        let energy = |symbol: fn(char) -> bool| {
            let spans = speech.phonemes.iter().filter(|p| symbol(p.symbol));
            let samples = spans.flat_map(|p| {
                let at = |seconds: f32| (seconds * 24_000.0) as usize;
                &speech.audio.samples[at(p.start_seconds)..at(p.end_seconds)]
            });
            let (sum, count) = samples.fold((0.0, 1.0), |(sum, count), s| (sum + s * s, count + 1.0));
            sum / count
        };
        assert!(energy(|c| "aæɑɪiʌɜuAIOW".contains(c)) > 4.0 * energy(|c| ".!".contains(c)));
    }

    #[test]
    fn the_seed_decides_the_noise_and_the_speed_the_length() {
        let natural = speak(&task("Here is a quick update.")).unwrap();
        assert_eq!(speak(&task("Here is a quick update.")).unwrap().audio, natural.audio);
        let other = speak(&SpeechTask { seed: 8, ..task("Here is a quick update.") }).unwrap();
        assert_ne!(other.audio, natural.audio);
        assert_eq!(other.phonemes.len(), natural.phonemes.len());
        let fast = speak(&SpeechTask { speed: 1.5, ..task("Here is a quick update.") }).unwrap();
        assert!(fast.audio.duration_seconds() < 0.8 * natural.audio.duration_seconds());
        for speed in [0.1, 3.0, f32::NAN] {
            let refused = speak(&SpeechTask { speed, ..task("No.") });
            assert!(matches!(refused, Err(EngineError::Input(_))), "speed {speed}");
        }
    }

    #[test]
    fn long_texts_report_progress_and_can_be_cancelled_between_passages() {
        let text = "We have worked for eighteen months on the new studio, and today it is finally ready. ".repeat(5);
        let mut model = HibariModel::load(GraphOptions { threads: 1 }).unwrap();
        let seen = Mutex::new(Vec::new());
        let report = |p: crate::engine::Progress| seen.lock().unwrap().push(p.fraction);
        let whole = model.speak(&task(&text), &RunContext::new(CancelToken::default(), &report)).unwrap();
        assert_times_cover(&whole);
        let seen = seen.into_inner().unwrap();
        assert!(seen.len() > 5 && seen.windows(2).all(|pair| pair[0] <= pair[1]) && *seen.last().unwrap() > 0.999);

        let token = CancelToken::default();
        let cancel = |p: crate::engine::Progress| {
            if p.fraction > 0.3 {
                token.cancel();
            }
        };
        let stopped = model.speak(&task(&text), &RunContext::new(token.clone(), &cancel));
        assert!(matches!(stopped, Err(EngineError::Cancelled)));
    }

    #[test]
    fn what_cannot_be_spoken_is_refused_or_warned_of() {
        assert!(matches!(speak(&task("Привет")), Err(EngineError::Input(_))));
        assert!(matches!(speak(&SpeechTask { voice: "casual_male".into(), ..task("Hi") }), Err(EngineError::Input(_))));
        assert_eq!(speak(&task("Hello 世界")).unwrap().warnings.len(), 1);
    }
}
