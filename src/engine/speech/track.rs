//! Rendered passages put one after another: silence trimmed, natural pauses between, one level, one time axis.

use super::{RATE, loudness};
use crate::{
    engine::{EngineError, Speech, TimedPhoneme},
    media::audio::Pcm,
};

/// Sound counts as silence while a window's level is below this fraction of the passage's loudest window (-42 dB).
const SILENCE: f32 = 0.008;
/// The window of that measurement.
const WINDOW: usize = RATE as usize / 200;
/// What is kept before the first and after the last sound, so that soft onsets and endings survive.
const KEPT_BEFORE: usize = RATE as usize * 45 / 1000;
const KEPT_AFTER: usize = RATE as usize * 90 / 1000;
/// Both cuts are faded over this many samples.
const FADE: usize = RATE as usize / 200;
/// The symbol of the silence before, between and after passages.
const SILENT: char = ' ';

/// Kokoro, and hibari that learned from it, sound earlier than their durations say, by two frames and a half of 25 ms:
/// then vowels are loudest against stops within 10 ms of their times, and the dip of level of a stop between vowels is at
/// its middle. Kokoro's own time stamps take three frames off the first pad (kokoro, `join_timestamps`).
const EARLY_FRAMES: f32 = 2.5;

/// What a model made of one passage.
#[derive(Debug, Clone, Default)]
pub struct Utterance {
    /// 24 kHz mono.
    pub samples: Vec<f32>,
    /// Contiguous from 0 to the end of `samples`.
    pub phonemes: Vec<TimedPhoneme>,
}

impl Utterance {
    /// Sound and the duration in frames of each id the model was given: a pad, the symbols of `phonemes`, a pad.
    ///
    /// Fails when the model gave another number of durations, since no time could be trusted then.
    pub fn new(samples: Vec<f32>, phonemes: &str, frames: &[f32], frame_seconds: f32) -> Result<Self, EngineError> {
        let symbols: Vec<char> = std::iter::once(SILENT).chain(phonemes.chars()).chain([SILENT]).collect();
        if symbols.len() != frames.len() {
            let message = format!("the voice model timed {} of {} phonemes", frames.len(), symbols.len());
            return Err(EngineError::Model(message));
        }
        let mut start = 0.0;
        let phonemes = symbols
            .into_iter()
            .zip(frames)
            .map(|(symbol, count)| {
                let start_seconds = start as f32;
                start += f64::from(*count) * f64::from(frame_seconds);
                TimedPhoneme { symbol, start_seconds, end_seconds: start as f32 }
            })
            .collect();
        Ok(Self { samples, phonemes })
    }

    /// The part that sounds, with a little air around it; empty when nothing does.
    fn sounding(&self) -> std::ops::Range<usize> {
        let power = |window: &[f32]| window.iter().map(|s| s * s).sum::<f32>() / window.len() as f32;
        let powers: Vec<f32> = self.samples.chunks(WINDOW).map(power).collect();
        let threshold = powers.iter().copied().fold(0.0, f32::max) * SILENCE * SILENCE;
        let first = powers.iter().position(|p| *p > threshold);
        let last = powers.iter().rposition(|p| *p > threshold);
        match (first, last) {
            (Some(first), Some(last)) => {
                let start = (first * WINDOW).saturating_sub(KEPT_BEFORE);
                start..((last + 1) * WINDOW + KEPT_AFTER).min(self.samples.len())
            }
            _ => 0..0,
        }
    }
}

/// The growing soundtrack.
#[derive(Debug, Default)]
pub struct Track {
    samples: Vec<f32>,
    phonemes: Vec<TimedPhoneme>,
}

impl Track {
    /// Adds a passage after `pause_seconds` of silence (none before the first).
    pub fn push(&mut self, utterance: &Utterance, pause_seconds: f32) {
        let range = utterance.sounding();
        if range.is_empty() {
            return;
        }
        if !self.samples.is_empty() {
            // What is kept at the cuts is nearly silent: it counts as part of the pause.
            let pause = (pause_seconds * RATE as f32) as usize;
            let silence = pause.saturating_sub(KEPT_BEFORE + KEPT_AFTER);
            self.samples.resize(self.samples.len() + silence, 0.0);
            let end = self.seconds(self.samples.len());
            if let Some(last) = self.phonemes.last_mut() {
                last.end_seconds = end;
            }
        }
        let offset = self.seconds(self.samples.len());
        let from = self.seconds(range.start);
        let until = self.seconds(range.end);
        let mut part = utterance.samples[range].to_vec();
        fade(&mut part);
        self.samples.extend(part);
        let kept = utterance.phonemes.iter().filter_map(|phoneme| {
            let start = phoneme.start_seconds.clamp(from, until);
            let end = phoneme.end_seconds.clamp(from, until);
            // A symbol in the trimmed silence is gone, unless it is a sound: then it keeps its place with no length.
            (end > start || phoneme.symbol.is_alphabetic()).then_some(TimedPhoneme {
                symbol: phoneme.symbol,
                start_seconds: offset + start - from,
                end_seconds: offset + end - from,
            })
        });
        self.phonemes.extend(kept);
        let end = self.seconds(self.samples.len());
        if let Some(last) = self.phonemes.last_mut() {
            last.end_seconds = end;
        }
    }

    /// The whole at one level; fails when nothing sounds.
    pub fn finish(mut self, warnings: Vec<String>) -> Result<Speech, EngineError> {
        if self.samples.is_empty() || self.samples.iter().any(|sample| !sample.is_finite()) {
            return Err(EngineError::Model("the voice model gave no usable sound".to_owned()));
        }
        loudness::level(&mut self.samples, RATE);
        Ok(Speech { audio: Pcm { samples: self.samples, rate: RATE }, phonemes: self.phonemes, warnings })
    }

    #[expect(clippy::unused_self, reason = "reads as the track's own clock")]
    fn seconds(&self, samples: usize) -> f32 {
        (samples as f64 / f64::from(RATE)) as f32
    }
}

/// Moves every phoneme to where it is heard, by time that the first pad gives to the last.
pub(super) fn advance(frames: &mut [f32]) {
    if let [first, .., last] = frames {
        let early = first.min(EARLY_FRAMES);
        *first -= early;
        *last += early;
    }
}

/// Fades both ends linearly, so that a cut in a quiet sound makes no click.
fn fade(samples: &mut [f32]) {
    let reach = FADE.min(samples.len() / 2);
    let last = samples.len();
    for i in 0..reach {
        let gain = i as f32 / reach as f32;
        samples[i] *= gain;
        samples[last - 1 - i] *= gain;
    }
}

/// Asserts what every [`Speech`] promises of its times: contiguous, ordered, from 0 to the end of the sound.
#[cfg(test)]
pub(super) fn assert_times_cover(speech: &Speech) {
    let phonemes = &speech.phonemes;
    assert!(!phonemes.is_empty());
    assert!(phonemes[0].start_seconds.abs() < 1e-4, "starts at {}", phonemes[0].start_seconds);
    for pair in phonemes.windows(2) {
        assert!((pair[0].end_seconds - pair[1].start_seconds).abs() < 1e-3, "{pair:?}");
    }
    assert!(phonemes.iter().all(|p| p.end_seconds >= p.start_seconds));
    let end = f64::from(phonemes.last().unwrap().end_seconds);
    assert!((end - speech.audio.duration_seconds()).abs() < 1e-3, "{end} of {}", speech.audio.duration_seconds());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.4 s silence, 0.5 s tone, 0.3 s silence; "a" takes the tone.
    fn utterance() -> Utterance {
        let samples: Vec<f32> = (0..RATE as usize * 12 / 10)
            .map(|i| {
                let seconds = i as f32 / RATE as f32;
                if (0.4..0.9).contains(&seconds) { (seconds * 1500.0).sin() * 0.2 } else { 0.0 }
            })
            .collect();
        Utterance::new(samples, "a", &[16.0, 20.0, 12.0], 0.025).unwrap()
    }

    #[test]
    fn phonemes_are_moved_to_where_they_are_heard() {
        let mut frames = [10.0, 2.0, 3.0, 4.0];
        advance(&mut frames);
        assert_eq!(frames.map(|v| (v * 2.0) as i32), [15, 4, 6, 13]);
        let mut short = [1.0, 2.0, 4.0];
        advance(&mut short);
        assert_eq!(short.map(|v| v as i32), [0, 2, 5], "never before the start");
    }

    #[test]
    fn trims_joins_and_keeps_time() {
        let mut track = Track::default();
        track.push(&utterance(), 0.0);
        track.push(&utterance(), 0.4);
        let speech = track.finish(Vec::new()).unwrap();
        assert_times_cover(&speech);
        let duration = speech.audio.duration_seconds();
        assert!((duration - (0.045 + 0.5 + 0.4 + 0.5 + 0.09)).abs() < 0.02, "{duration}");
        let tones: Vec<f32> = speech.phonemes.iter().filter(|p| p.symbol == 'a').map(|p| p.start_seconds).collect();
        assert_eq!(tones.len(), 2);
        assert!((tones[0] - 0.045).abs() < 0.01 && (tones[1] - 0.945).abs() < 0.02, "{tones:?}");
        // The sound is where the times say: silent just before "a", loud within it.
        let at = |seconds: f32| {
            let i = (seconds * RATE as f32) as usize;
            speech.audio.samples[i..i + 240].iter().fold(0f32, |peak, s| peak.max(s.abs()))
        };
        assert!(at(tones[1] - 0.06) < 0.01 && at(tones[1] + 0.05) > 0.1);
    }

    #[test]
    fn silence_and_wrong_timings_are_failures() {
        let mut track = Track::default();
        track.push(&Utterance::new(vec![0.0; 4800], "a", &[2.0; 3], 0.025).unwrap(), 0.0);
        assert!(matches!(track.finish(Vec::new()), Err(EngineError::Model(_))));
        assert!(matches!(Utterance::new(vec![0.0; 9], "abc", &[1.0; 3], 0.025), Err(EngineError::Model(_))));
    }
}
