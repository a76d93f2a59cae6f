//! Kokoro-82M v1.0 (int8): the natural voices. Knows the graph's tensors and the table of voice styles.
//!
//! `StyleTTS` 2 (Li et al. 2023) with an `iSTFTNet` decoder. The graph draws no chance of its own: a task's seed changes
//! nothing, the same text gives the same samples.

use half::f16;

use super::{
    g2p::{Phonemizers, Vocabulary},
    perform,
    track::{self, Utterance},
    voices::{KOKORO_VOICES, Speaker, resolve},
};
use crate::{
    domain::job::Mode,
    engine::{
        CancelToken, EngineError, ModelInfo, RunContext, Speech, SpeechModel, SpeechTask, bundle,
        session::{Graph, GraphOptions, Value},
    },
};

/// The model's id.
pub const ID: &str = "kokoro";
pub(super) const LICENCE: &str = "Apache-2.0";
/// The inner tensor that holds the length of every id in frames of 25 ms.
const DURATIONS: &str = "/encoder/Clip_output_0";
const FRAME_SECONDS: f32 = 0.025;
/// A voice has one style vector of this width for each number of phonemes.
const STYLE_WIDTH: usize = 256;
const STYLE_ROWS: usize = 510;

/// The loaded model.
pub struct KokoroModel {
    info: ModelInfo,
    graph: Graph,
    vocabulary: Vocabulary,
    phonemizers: Phonemizers,
    styles: &'static [u8],
}

impl KokoroModel {
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

    /// Loads the graph (92 MB, a second or two).
    pub fn load(options: GraphOptions) -> Result<Self, EngineError> {
        let styles = bundle::bytes("kokoro/voices.f16")?;
        if styles.len() != KOKORO_VOICES.len() * STYLE_ROWS * STYLE_WIDTH * 2 {
            return Err(EngineError::Model("kokoro/voices.f16 has the wrong size".to_owned()));
        }
        let model = bundle::bytes("kokoro/model.onnx")?;
        Ok(Self {
            info: Self::describe(),
            graph: Graph::from_bytes_with_outputs(model, &[DURATIONS], options)?,
            vocabulary: Vocabulary::bundled()?,
            phonemizers: Phonemizers::default(),
            styles,
        })
    }

    /// The style vector of `voice` for a passage of `phonemes` symbols.
    fn style(&self, voice: usize, phonemes: usize) -> Vec<f32> {
        let row = (voice * STYLE_ROWS + phonemes.min(STYLE_ROWS - 1)) * STYLE_WIDTH * 2;
        self.styles[row..row + STYLE_WIDTH * 2]
            .chunks_exact(2)
            .map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32())
            .collect()
    }

    fn render(
        &mut self,
        phonemes: &str,
        speaker: Speaker,
        speed: f32,
        cancel: &CancelToken,
    ) -> Result<Utterance, EngineError> {
        let ids = self.vocabulary.ids(phonemes);
        let style = self.style(speaker.index, ids.len() - 2);
        let inputs = vec![
            ("tokens", Value::I64(vec![1, ids.len()], ids)),
            ("style", Value::F32(vec![1, STYLE_WIDTH], style)),
            ("speed", Value::F32(vec![1], vec![speed])),
        ];
        let mut outputs = self.graph.run(inputs, cancel)?;
        let mut take = |name: &str| {
            let missing = || EngineError::Model(format!("kokoro has no output {name}"));
            outputs.remove(name).ok_or_else(missing)?.into_f32().map(|(_, values)| values)
        };
        let (samples, mut frames) = (take("audio")?, take(DURATIONS)?);
        track::advance(&mut frames);
        Utterance::new(samples, phonemes, &frames, FRAME_SECONDS)
    }
}

impl SpeechModel for KokoroModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn speak(&mut self, task: &SpeechTask, ctx: &RunContext<'_>) -> Result<Speech, EngineError> {
        let speaker = resolve(&task.voice)
            .filter(|speaker| speaker.model == ID)
            .ok_or_else(|| EngineError::Input(format!("The model kokoro has no voice {:?}.", task.voice)))?;
        let phonemizer = self.phonemizers.of(speaker.dialect)?;
        perform(task, speaker.dialect, &phonemizer, ctx, |passage, _| {
            self.render(&passage.phonemes, speaker, task.speed, ctx.cancel_token())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::speech::{loudness, track::assert_times_cover};

    /// One test, since loading takes seconds.
    #[test]
    fn speaks_a_sentence_the_same_way_twice() {
        let mut model = KokoroModel::load(GraphOptions::default()).unwrap();
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let task = SpeechTask { text: "Ship it.".into(), voice: "neutral_male".into(), speed: 1.0, seed: 1 };
        let speech = model.speak(&task, &ctx).unwrap();
        assert_eq!(speech.audio.rate, 24_000);
        let seconds = speech.audio.duration_seconds();
        assert!((0.4..1.6).contains(&seconds), "{seconds} s");
        assert_times_cover(&speech);
        let said: String = speech.phonemes.iter().map(|p| p.symbol).filter(|c| c.is_alphabetic()).collect();
        assert!(said.starts_with("ʃ"), "{said}");
        let loudness = loudness::integrated_lufs(&speech.audio.samples, 24_000).unwrap();
        assert!((loudness - loudness::TARGET_LUFS).abs() < 1.0, "{loudness} LUFS");
        assert!(speech.audio.samples.iter().all(|s| s.abs() <= loudness::CEILING));
        assert_eq!(model.speak(&task, &ctx).unwrap().audio, speech.audio, "no chance of its own");

        let refused = model.speak(&SpeechTask { voice: "hibari".into(), ..task.clone() }, &ctx);
        assert!(matches!(refused, Err(EngineError::Input(_))));
        let token = CancelToken::default();
        token.cancel();
        let stopped = model.speak(&task, &RunContext::new(token, &|_| {}));
        assert!(matches!(stopped, Err(EngineError::Cancelled)));
    }
}
