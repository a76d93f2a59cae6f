//! The list of voices: who can be asked for, by which name, and which model speaks them.
//!
//! The five hosted names come first; each is an alias of one of Kokoro's own voices.

use super::{Dialect, hibari, kokoro};
use crate::engine::Voice;

/// Kokoro's voices in the order of `kokoro/voices.f16`. The first letter is the accent (`a` American, `b` British), the
/// second the gender.
pub(super) const KOKORO_VOICES: [&str; 28] = [
    "af_alloy",
    "af_aoede",
    "af_bella",
    "af_heart",
    "af_jessica",
    "af_kore",
    "af_nicole",
    "af_nova",
    "af_river",
    "af_sarah",
    "af_sky",
    "am_adam",
    "am_echo",
    "am_eric",
    "am_fenrir",
    "am_liam",
    "am_michael",
    "am_onyx",
    "am_puck",
    "am_santa",
    "bf_alice",
    "bf_emma",
    "bf_isabella",
    "bf_lily",
    "bm_daniel",
    "bm_fable",
    "bm_george",
    "bm_lewis",
];

/// How long each of them takes for a text, as a multiple of what `af_heart` takes (measured over eight texts).
const PACES: [f64; 28] = [
    0.97, 0.99, 1.04, 1.00, 0.87, 1.01, 1.55, 0.94, 0.88, 1.01, 0.96, 0.97, 0.98, 0.86, 0.99, 0.90, 1.10, 0.95, 0.96,
    1.03, 0.99, 0.98, 1.00, 0.98, 0.94, 0.97, 1.12, 1.11,
];
/// Voices differ in where they are slow: what the average of a voice may be too low by for one text.
const PACE_MARGIN: f64 = 1.06;

/// The hosted service's voice names and who speaks them here.
const HOSTED: [(&str, &str); 5] = [
    ("casual_male", "am_michael"),
    ("casual_female", "af_heart"),
    ("cheerful_female", "af_bella"),
    ("neutral_female", "bf_emma"),
    ("neutral_male", "bm_george"),
];

/// The name of the fast voice.
const HIBARI: &str = "hibari";

/// The voice of a job that names none.
pub const DEFAULT_VOICE: &str = "casual_female";

/// Who speaks when a voice is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaker {
    /// The id of the model: [`kokoro::ID`] or [`hibari::ID`].
    pub model: &'static str,
    /// The model's own name of the voice.
    pub native_id: &'static str,
    /// How text is read for it.
    pub dialect: Dialect,
    /// The voice's place in the model's own list.
    pub(super) index: usize,
}

/// Every voice that can be asked for, the hosted names first.
pub fn voices() -> Vec<Voice> {
    let own = KOKORO_VOICES.iter().map(|name| (*name, *name));
    HOSTED
        .into_iter()
        .chain(own)
        .map(|(id, native)| Voice {
            id: id.to_owned(),
            model: kokoro::ID.to_owned(),
            native_id: native.to_owned(),
            language: if native.starts_with('b') { "en-GB" } else { "en-US" }.to_owned(),
            gender: if native[1..].starts_with('m') { "male" } else { "female" }.to_owned(),
            licence: kokoro::LICENCE.to_owned(),
        })
        .chain([Voice {
            id: HIBARI.to_owned(),
            model: hibari::ID.to_owned(),
            native_id: "heart".to_owned(),
            language: "en-US".to_owned(),
            gender: "female".to_owned(),
            licence: hibari::LICENCE.to_owned(),
        }])
        .collect()
}

/// Who speaks when `voice_id` is asked for; `None` for an unknown name.
pub fn resolve(voice_id: &str) -> Option<Speaker> {
    if voice_id == HIBARI {
        return Some(Speaker { model: hibari::ID, native_id: "heart", dialect: Dialect::American, index: 0 });
    }
    let native = HOSTED.iter().find(|(id, _)| *id == voice_id).map_or(voice_id, |(_, native)| native);
    let index = KOKORO_VOICES.iter().position(|name| *name == native)?;
    let native_id = KOKORO_VOICES[index];
    let dialect = if native_id.starts_with('b') { Dialect::British } else { Dialect::American };
    Some(Speaker { model: kokoro::ID, native_id, dialect, index })
}

/// How long a speaker takes at most, as a multiple of what `af_heart` takes; for `None` the slowest speaker's.
pub(super) fn pace(speaker: Option<Speaker>) -> f64 {
    match speaker {
        Some(Speaker { native_id: "af_heart" | "heart", .. }) => 1.0,
        Some(speaker) => PACES[speaker.index] * PACE_MARGIN,
        None => PACES.into_iter().fold(1.0, f64::max) * PACE_MARGIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_voice_resolves_to_what_the_list_says() {
        let list = voices();
        assert_eq!(list.len(), 5 + 28 + 1);
        for voice in &list {
            let speaker = resolve(&voice.id).unwrap_or_else(|| panic!("{}", voice.id));
            assert_eq!((speaker.model, speaker.native_id), (voice.model.as_str(), voice.native_id.as_str()));
            assert_eq!(speaker.dialect == Dialect::British, voice.language == "en-GB");
        }
        let mut ids: Vec<_> = list.iter().map(|voice| &voice.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), list.len(), "ids are unique");
        assert!(resolve(DEFAULT_VOICE).is_some());
        assert_eq!(resolve("casual_baritone"), None);
    }

    #[test]
    fn hosted_names_keep_their_promise() {
        for (id, _) in HOSTED {
            let voice = voices().into_iter().find(|voice| voice.id == id).unwrap();
            assert!(id.ends_with(&format!("_{}", voice.gender)), "{id} is {}", voice.gender);
        }
    }
}
