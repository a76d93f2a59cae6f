//! Speech: text to 24 kHz sound with the time of every phoneme. Owns text normalisation, grapheme to phoneme, the
//! two built-in voice models and their voices.
//!
//! The way of a text: [`normalise`] writes out what is not a word, [`script`] splits it into passages and has
//! [`g2p`] turn each into phonemes, [`kokoro`] or [`hibari`] renders a passage, [`track`] trims, joins and levels
//! them. Both models share one phoneme alphabet (misaki's) and need no espeak. Knows nothing of jobs, files or WAV.

pub mod estimate;
pub mod g2p;
pub mod hibari;
pub mod kokoro;
pub mod lexicon;
pub mod loudness;
pub mod normalise;
pub mod script;
pub mod track;
mod vocoder;
pub mod voices;
mod words;

pub use estimate::estimate_seconds;
pub use hibari::HibariModel;
pub use kokoro::KokoroModel;
pub use voices::{resolve, voices};
pub use words::time_words;

use self::{
    g2p::Phonemizer,
    script::{Passage, Script},
    track::{Track, Utterance},
};
use super::{EngineError, RunContext, Speech, SpeechTask};

/// The speeds that can be asked for; 1 is natural.
const SPEEDS: std::ops::RangeInclusive<f32> = 0.5..=2.0;

/// Samples a second of everything that is spoken here.
pub const RATE: u32 = 24_000;

/// An accent of English: it decides spelling-to-sound rules and how numbers and dates are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// General American.
    American,
    /// Southern British.
    British,
}

/// Speaks a task's text passage by passage: `render` makes the sound of each, given its index too.
fn perform(
    task: &SpeechTask,
    dialect: Dialect,
    phonemizer: &Phonemizer,
    ctx: &RunContext<'_>,
    mut render: impl FnMut(&Passage, usize) -> Result<Utterance, EngineError>,
) -> Result<Speech, EngineError> {
    if !SPEEDS.contains(&task.speed) {
        let message = format!("The speed {} is not between {} and {}.", task.speed, SPEEDS.start(), SPEEDS.end());
        return Err(EngineError::Input(message));
    }
    let script = Script::new(&task.text, phonemizer, dialect)?;
    let ctx = ctx.part("speaking", 0.0, 1.0);
    let mut track = Track::default();
    let mut pause = 0.0;
    for (index, passage) in script.passages.iter().enumerate() {
        ctx.step(index, script.passages.len())?;
        track.push(&render(passage, index)?, pause);
        pause = passage.pause_seconds / task.speed;
    }
    ctx.step(1, 1)?;
    track.finish(script.warnings)
}
