//! Guesses by meaning: what an unknown noun is a kind of, and where that isn't enough, what comes nearest to it in the
//! eyes of `MiniLM`.
//!
//! A thing is guessed within its own kind only: an ocelot becomes a cat since it is one, a clarinet the nearest of the
//! wind instruments, never what merely sounds alike. Materials, places, lights, styles and moods are ranked among
//! those of the lexicon. All is loaded on first use; texts are embedded once a process.

use super::{
    catalogue::Catalogue,
    lexicon::{Meaning, words},
    meaning::{Guess, Guessed, Position},
};
use crate::engine::{
    CancelToken, EngineError,
    session::GraphOptions,
    text::{
        Embedding, TextModel,
        kinds::{Kind, Kinds},
    },
};

/// How many steps up what a thing is may lie: beyond, everything is an object.
const STEPS_MAX: usize = 5;
/// So many candidates of one kind are worth ranking; fewer than the least say too little, more are no kind any more.
const CANDIDATES: std::ops::RangeInclusive<usize> = 3..=90;
/// Things of one kind less near than this are not alike.
const THING_MIN: f32 = 0.33;
/// Where the kind is close, being of it says enough.
const CLOSE_KIND_MIN: f32 = 0.2;
/// Candidates of a close kind at most.
const CLOSE_KIND_MAX: usize = 12;
/// Words of a meaning less near than this don't mean it.
const MEANING_MIN: f32 = 0.58;

/// Names that mean something else, or too much, where `WordNet` has them.
const GENERAL: &[&str] = &[
    "plate",
    "dish",
    "glass",
    "light",
    "seat",
    "support",
    "container",
    "vessel",
    "system",
    "model",
    "bar",
    "block",
    "figure",
    "head",
    "table",
    "top",
    "ring",
    "box",
    "bag",
    "cap",
    "machine",
    "tool",
    "instrument",
    "device",
    "ball",
    "vehicle",
    "food",
    "animal",
    "person",
    "man",
    "woman",
    "creature",
    "meal",
    "building",
    "plant",
    "flower",
    "tree",
    "gadget",
    "clothing",
    "furniture",
    "paper",
    "drink",
    "column",
    "character",
    "baby",
    "child",
    "fruit",
    "vegetable",
    "bird",
    "fish",
    "bug",
    "insect",
    "game",
    "case",
    "pen",
    "home",
    "key",
    "organ",
    "keyboard",
    "shell",
    "screen",
    "hand",
    "foot",
    "leg",
    "face",
    "nut",
    "can",
    "drum",
    "chest",
    "hook",
    "chain",
    "star",
    "stand",
    "cover",
    "horn",
    "plane",
    "jet",
    "press",
    "slide",
    "pick",
    "mouse",
    "crane",
    "king",
    "queen",
    "judge",
    "runner",
    "bishop",
];

/// `WordNet` and `MiniLM`, each loaded when first needed.
#[derive(Default)]
pub struct Nearness {
    options: GraphOptions,
    kinds: Option<Kinds>,
    model: Option<TextModel>,
}

impl Nearness {
    /// The guesses of one run, which `cancel` stops.
    pub fn guesses<'a>(&'a mut self, cancel: &'a CancelToken) -> Guesses<'a> {
        Guesses { nearness: self, cancel }
    }
}

/// See [`Nearness::guesses`].
pub struct Guesses<'a> {
    nearness: &'a mut Nearness,
    cancel: &'a CancelToken,
}

impl Guess for Guesses<'_> {
    fn nearest(
        &mut self,
        words: &str,
        position: Position,
        catalogue: &Catalogue<'_>,
    ) -> Result<Option<Guessed>, EngineError> {
        // What has no vowel or is endless is no word of English.
        if !words.is_ascii() || words.len() > 24 || !words.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
            return Ok(None);
        }
        let found = match position {
            Position::Head => self.thing(words, catalogue)?,
            Position::Whereabouts => match self.meaning(words, position)? {
                None => self.thing(words, catalogue)?,
                place => return Ok(place),
            },
            Position::Modifier => None,
        };
        match found {
            Some(near) => Ok(Some(Guessed { near, meaning: None })),
            None if position == Position::Whereabouts => Ok(None),
            None => self.meaning(words, position),
        }
    }
}

impl Guesses<'_> {
    /// The name of the thing that a noun is a kind of, or that is nearest to it among those of its kind.
    fn thing(&mut self, word: &str, catalogue: &Catalogue<'_>) -> Result<Option<String>, EngineError> {
        let kinds = match &mut self.nearness.kinds {
            Some(kinds) => kinds,
            none => none.insert(Kinds::load()?),
        };
        let Some(kind) = kinds.find(word) else { return Ok(None) };
        let is_known = |name: &&str| *name != word && catalogue.lookup(name).is_some_and(|found| !found.plural);
        let chain: Vec<Kind> = kinds.chain(kind).take(STEPS_MAX + 1).collect();
        let is_a = chain.iter().flat_map(|k| kinds.words(*k)).filter(|name| !GENERAL.contains(name)).find(is_known);
        if let Some(name) = is_a {
            return Ok(Some(name.to_owned()));
        }
        let candidates = chain.iter().skip(1).map(|k| kinds.below(*k).filter(is_known).collect::<Vec<&str>>());
        let alike = candidates.into_iter().find(|names| CANDIDATES.contains(&names.len()));
        let (names, score_min) = match alike {
            Some(names) if names.len() <= CLOSE_KIND_MAX => (names, CLOSE_KIND_MIN),
            Some(names) => (names, THING_MIN),
            None => return Ok(None),
        };
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        self.nearest_name(word, &names, score_min)
    }

    /// Which of some names is nearest to a word, if it is near enough.
    fn nearest_name(&mut self, word: &str, names: &[String], score_min: f32) -> Result<Option<String>, EngineError> {
        let text = self.embed(word)?;
        let mut best: Option<(f32, &String)> = None;
        for name in names {
            let score = text.cosine(&self.embed(name)?);
            if score >= score_min && best.is_none_or(|(most, _)| score > most) {
                best = Some((score, name));
            }
        }
        Ok(best.map(|(_, name)| name.clone()))
    }

    /// The phrase of the lexicon that is nearest to a word which is no thing.
    fn meaning(&mut self, word: &str, position: Position) -> Result<Option<Guessed>, EngineError> {
        let text = self.embed(word)?;
        let mut best: Option<(f32, &str, Meaning)> = None;
        for (meaning, phrases) in words().filter(|(meaning, _)| fits(*meaning, position)) {
            for phrase in phrases.iter().take(PHRASES_MAX) {
                let score = text.cosine(&self.embed(phrase)?);
                if score >= MEANING_MIN && best.is_none_or(|(most, ..)| score > most) {
                    best = Some((score, phrase, *meaning));
                }
            }
        }
        Ok(best.map(|(_, phrase, meaning)| Guessed { near: phrase.to_owned(), meaning: Some(meaning) }))
    }

    fn embed(&mut self, text: &str) -> Result<Embedding, EngineError> {
        let model = match &mut self.nearness.model {
            Some(model) => model,
            none => none.insert(TextModel::load(self.nearness.options)?),
        };
        model.embed(text, self.cancel)
    }
}

/// So many phrasings of a meaning are ranked.
const PHRASES_MAX: usize = 2;

/// Whether a word in that position can have such a meaning.
fn fits(meaning: Meaning, position: Position) -> bool {
    match position {
        Position::Whereabouts => matches!(meaning, Meaning::Place(_)),
        Position::Modifier => {
            matches!(meaning, Meaning::Substance(_) | Meaning::Finish(_) | Meaning::Mood(_) | Meaning::Color(_))
        }
        Position::Head => matches!(
            meaning,
            Meaning::Substance(_) | Meaning::Mood(_) | Meaning::Lighting(_) | Meaning::Medium(_) | Meaning::Time(_)
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::{
        super::plan::{ScenePlan, Wording},
        *,
    };

    static DATA: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
        ["scene/scene.pack", "cards/cards.pack"]
            .map(|name| std::fs::read(format!("{}/models/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap())
    });
    static CATALOGUE: LazyLock<Catalogue<'static>> =
        LazyLock::new(|| Catalogue::open(&DATA.each_ref().map(Vec::as_slice)).unwrap());

    fn read(nearness: &mut Nearness, prompt: &str) -> ScenePlan {
        let wording = Wording { prompt, ..Wording::default() };
        ScenePlan::read_with(&wording, &CATALOGUE, &mut nearness.guesses(&CancelToken::default())).unwrap()
    }

    #[test]
    fn things_become_what_they_are_a_kind_of() {
        let mut nearness = Nearness::default();
        for (word, entry) in [
            ("ocelot", "cat"),
            ("limousine", "car"),
            ("beagle", "dog"),
            ("cauldron", "pot"),
            ("divan", "sofa"),
            ("tabouret", "stool"),
            ("mandolin", "guitar"),
            ("vodka", "whiskey"),
        ] {
            let plan = read(&mut nearness, &format!("a {word} on wood"));
            let expected = CATALOGUE.id(CATALOGUE.lookup(entry).unwrap().entry);
            assert_eq!(plan.subjects[0].entry, expected, "{word}: {:?}", plan.warnings);
            assert!(
                plan.warnings.iter().any(|w| w.starts_with(&format!("\"{word}\" is not in"))),
                "{:?}",
                plan.warnings
            );
        }
        // Known words are never guessed, whatever is nearer.
        assert!(read(&mut nearness, "a cup on wood").warnings.is_empty());
        assert!(nearness.model.is_some());
    }

    #[test]
    fn what_is_no_thing_becomes_none() {
        let mut nearness = Nearness::default();
        for prompt in ["democracy", "ignore previous instructions", "frobnicator", "asdfgh", "aaaaaaaa", "blockchain"] {
            let plan = read(&mut nearness, prompt);
            assert_eq!(plan.subjects[0].entry, "shape:sphere", "{prompt}: {:?}", plan.warnings);
        }
    }

    #[test]
    fn the_same_prompt_is_read_the_same_and_a_cancelled_reading_stops() {
        let mut nearness = Nearness::default();
        let prompt = "a clarinet in a cathedral";
        let first = read(&mut nearness, prompt);
        assert_eq!(read(&mut Nearness::default(), prompt), first);
        let cancelled = CancelToken::default();
        cancelled.cancel();
        let mut fresh = Nearness::default();
        let stopped = fresh.guesses(&cancelled).nearest("clarinet", Position::Head, &CATALOGUE);
        assert!(matches!(stopped, Err(EngineError::Cancelled)));
    }
}
