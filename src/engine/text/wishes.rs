//! What a motion prompt asks of a film: eight ways to move, each wanted or ruled out.
//!
//! A clause is a wish where it comes nearest to one of a way's phrasings, near enough, and nearer than to what says
//! nothing about motion; so prompts about other things change nothing.

use super::{Match, Phrasebook, TextModel, clauses};
use crate::engine::{CancelToken, EngineError};

/// A way to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Little, slow movement.
    Calm,
    /// Much movement.
    Lively,
    /// A happy face.
    Smiling,
    /// A grave face.
    Serious,
    /// Eyes on the viewer.
    Looking,
    /// Nods of the head.
    Nodding,
    /// The camera comes slowly nearer.
    Zooming,
    /// Nothing but what speaking needs.
    Still,
}

/// One wish of a prompt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    /// What it is about.
    pub way: Way,
    /// Whether it is asked for, rather than ruled out.
    pub is_wanted: bool,
    /// How sure that is, [`SCORE_MIN`] to 1.
    pub score: f32,
}

/// Clauses less near than this to every phrasing say nothing.
pub const SCORE_MIN: f32 = 0.46;

/// What a phrasing stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Way(Way),
    /// Movement of any kind: asked for, it says nothing; ruled out, it asks for stillness.
    Movement,
    /// Nothing about motion.
    Other,
}

const PHRASINGS: [(Meaning, &[&str]); 10] = [
    (
        Meaning::Way(Way::Calm),
        &[
            "calm",
            "calmly and softly",
            "relaxed and composed",
            "gentle and soothing",
            "with quiet, subtle movement",
            "peaceful and unhurried",
            "serene and laid-back",
            "barely moving",
            "understated gestures",
            "placid and mellow",
            "gentle head motion",
        ],
    ),
    (
        Meaning::Way(Way::Lively),
        &[
            "lively",
            "energetic and animated",
            "full of enthusiasm",
            "excited and expressive",
            "dynamic and vigorous gestures",
            "bubbly and upbeat energy",
            "a high-energy performance",
            "exuberant and vivacious",
            "hyper",
        ],
    ),
    (
        Meaning::Way(Way::Smiling),
        &[
            "smiling",
            "with a warm smile",
            "a cheerful, happy face",
            "grinning broadly",
            "joyful",
            "friendly and warm",
            "looks pleased and amused",
            "laughing",
        ],
    ),
    (
        Meaning::Way(Way::Serious),
        &[
            "serious",
            "with a serious face",
            "a serious expression",
            "sad",
            "angry and severe",
            "stern and grave expression",
            "solemn and formal",
            "sad and sombre mood",
            "frowning",
            "earnest and no-nonsense",
        ],
    ),
    (
        Meaning::Way(Way::Looking),
        &[
            "looking at the camera",
            "direct eye contact with the viewer",
            "gaze straight into the lens",
            "eyes on the audience",
            "looks directly at us",
        ],
    ),
    (
        Meaning::Way(Way::Nodding),
        &[
            "nodding",
            "nods the head",
            "head nods in agreement",
            "nodding along while speaking",
            "moves the head up and down",
        ],
    ),
    (
        Meaning::Way(Way::Zooming),
        &[
            "slow zoom in",
            "the camera slowly zooms in",
            "slow push-in towards the face",
            "camera moves closer",
            "gradual dolly in",
        ],
    ),
    (
        Meaning::Way(Way::Still),
        &[
            "static",
            "completely still",
            "stay put",
            "motionless",
            "fixed tripod shot, locked camera",
            "frozen in place",
            "a still, fixed frame",
        ],
    ),
    (Meaning::Movement, &["moving", "movement", "moving around", "move a lot", "any motion"]),
    (
        Meaning::Other,
        &[
            "natural talking-avatar movement",
            "natural motion",
            "a person talking",
            "a portrait of a woman",
            "photo of a man with glasses",
            "a man in an office",
            "speaking naturally",
            "high quality, detailed, realistic, 4k",
            "a dog runs through a park",
            "a bowl of fruit on a table",
            "a city street at night",
            "a landscape with mountains",
            "red dress and blue background",
            "launch update from the studio",
            "lip sync video of a presenter",
            "video call with colleagues",
            "camera",
            "head",
            "face",
            "eyes",
            "soft lighting",
            "news reader",
            "talk to the audience",
            "realistic",
            "talking head video",
            "professional",
            "blue eyes",
            "cinematic look",
            "neutral expression",
            "natural head movement",
            "blinking eyes",
            "hand gestures",
        ],
    ),
];

/// Reads motion prompts; keeps the phrasings at hand.
pub struct WishReader {
    model: TextModel,
    book: Option<Phrasebook<Meaning>>,
}

impl WishReader {
    /// A reader on `model`; the phrasings are embedded at the first prompt.
    pub const fn new(model: TextModel) -> Self {
        Self { model, book: None }
    }

    /// The wishes of `prompt`, each way at most once: what is said last about it counts.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`], [`EngineError::Model`].
    pub fn read(&mut self, prompt: &str, cancel: &CancelToken) -> Result<Vec<Wish>, EngineError> {
        let mut wishes: Vec<Wish> = Vec::new();
        for clause in clauses::split(prompt) {
            let text = self.model.embed(&clause.text, cancel)?;
            let book = match &mut self.book {
                Some(book) => book,
                none => none.insert(self.model.phrasebook(&PHRASINGS, cancel)?),
            };
            let Some(Match { key, score }) = book.nearest(&text, SCORE_MIN) else { continue };
            let (way, is_wanted) = match key {
                Meaning::Way(way) => (way, clause.is_wanted),
                Meaning::Movement if !clause.is_wanted => (Way::Still, true),
                Meaning::Movement | Meaning::Other => continue,
            };
            wishes.retain(|wish| wish.way != way);
            wishes.push(Wish { way, is_wanted, score });
        }
        Ok(wishes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::session::GraphOptions;

    fn reader() -> impl FnMut(&str) -> Vec<(Way, bool)> {
        let mut reader = WishReader::new(TextModel::load(GraphOptions::default()).unwrap());
        move |prompt| {
            let wishes = reader.read(prompt, &CancelToken::default()).unwrap();
            wishes.into_iter().map(|wish| (wish.way, wish.is_wanted)).collect()
        }
    }

    #[test]
    fn paraphrases_land_where_they_belong() {
        let mut read = reader();
        let cases: [(Way, &[&str]); 8] = [
            (Way::Calm, &["a tranquil manner", "subdued, understated motion", "relaxed", "soothing"]),
            (Way::Lively, &["very energetic", "with lots of enthusiasm", "animated and full of life", "vivacious"]),
            (Way::Smiling, &["she smiles", "big grin", "beaming with joy", "cheerful mood", "he is laughing"]),
            (Way::Serious, &["grave tone", "stern look", "sombre", "no-nonsense, formal"]),
            (Way::Looking, &["keep eye contact", "stares into the camera", "eyes fixed on the lens"]),
            (Way::Nodding, &["nods gently", "bobbing her head", "nod your head from time to time"]),
            (Way::Zooming, &["slowly push in", "gradually zoom in on the face", "camera gets closer and closer"]),
            (
                Way::Still,
                &["static shot", "locked-off camera", "remain motionless", "don't move", "no movement at all"],
            ),
        ];
        for (way, prompts) in cases {
            for prompt in prompts {
                assert!(read(prompt).contains(&(way, true)), "{prompt:?} gave {:?}", read(prompt));
            }
        }
    }

    #[test]
    fn what_is_not_about_motion_changes_nothing() {
        let mut read = reader();
        for prompt in [
            "",
            "Natural talking-avatar movement",
            "a ceramic cup on brushed steel",
            "purple elephant",
            "quarterly financial results",
            "in the style of Van Gogh",
            "golden hour lighting",
            "wearing a black suit",
            "professional business video",
            "photo of a man with glasses",
            "a happy birthday cake",
            "rain in Tokyo",
            "speak clearly",
            "green background",
            "4k, realistic, cinematic",
            "日本語のテキスト",
        ] {
            assert_eq!(read(prompt), [], "{prompt:?}");
        }
    }

    #[test]
    fn several_wishes_and_what_is_ruled_out() {
        let mut read = reader();
        assert_eq!(read("calm, smiling and nodding"), [(Way::Calm, true), (Way::Smiling, true), (Way::Nodding, true)]);
        assert_eq!(read("lively, but don't nod"), [(Way::Lively, true), (Way::Nodding, false)]);
        assert_eq!(read("serious expression without smiling"), [(Way::Serious, true), (Way::Smiling, false)]);
        assert_eq!(read("no zooming or nodding"), [(Way::Zooming, false), (Way::Nodding, false)]);
        assert_eq!(read("smiling. No, do not smile."), [(Way::Smiling, false)]);
    }
}
