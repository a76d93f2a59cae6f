//! hibari: a small network and a classical vocoder, some fifty times faster than real time on one core.
//!
//! Distilled from Kokoro's voice af_heart. The network predicts spectra, [`super::vocoder`] makes the sound; only the
//! vocoder's noise depends on the seed.

use super::{
    g2p::{Phonemizer, Vocabulary},
    perform,
    track::Utterance,
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
        let frames = take(DURATIONS)?;
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
        let phonemizer = Phonemizer::shared(speaker.dialect)?;
        perform(task, speaker.dialect, &phonemizer, ctx, |passage, index| {
            let seed = u64::from(task.seed) << 32 | index as u64;
            self.render(&passage.phonemes, task.speed, seed, ctx.cancel_token())
        })
    }
}
