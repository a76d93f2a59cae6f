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
