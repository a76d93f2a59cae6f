//! The plan: a prompt as a typed scene. Goes into the job's result, so that its owner sees how the prompt was read.
//!
//! Owns the types and [`ScenePlan::read`]; refuses to know geometry. Reading is deterministic; only what no word of
//! the lexicon says needs a model ([`meaning`](super::meaning)).

use serde::{Deserialize, Serialize};

use super::{
    catalogue::Catalogue,
    grammar,
    lexicon::{
        Angle, Distance, Filling, Finish, Lighting, Medium, Mood, Motif, Palette, Place, Relation, Size, Substance,
        Time, Variety, Weather,
    },
    library::Credit,
    meaning::{Guess, NoGuess},
};
use crate::engine::EngineError;

/// One kind of thing in the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact that the prompt may state")]
pub struct Subject {
    /// The words of the prompt that name it.
    pub noun: String,
    /// The catalogue entry that depicts it; [`ScenePlan::GIVEN`] for what was uploaded.
    pub entry: String,
    /// How many, 1 to 6.
    pub count: u8,
    /// Its colour, sRGB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<[u8; 3]>,
    /// The colour of its motif, sRGB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_color: Option<[u8; 3]>,
    /// What is painted on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motif: Option<Motif>,
    /// What it is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substance: Option<Substance>,
    /// How its surface is worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// Its size for its kind.
    pub size: Size,
    /// Its height in cm, where the prompt says so; then `size` is `normal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_cm: Option<f64>,
    /// Whether its copies lie on top of each other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub piled: bool,
    /// Whether its copies stand in one row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lined_up: bool,
    /// What differs from one copy to the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub varied: Vec<Variety>,
    /// Whether it leans on the wall behind it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leaning: bool,
    /// Whether it hangs in the air.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub floating: bool,
    /// What is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filling: Option<Filling>,
}

impl Subject {
    /// One of an entry, as it is by itself.
    pub fn new(noun: &str, entry: String) -> Self {
        Self {
            noun: noun.to_owned(),
            entry,
            count: 1,
            color: None,
            second_color: None,
            motif: None,
            substance: None,
            finish: None,
            size: Size::Normal,
            height_cm: None,
            piled: false,
            lined_up: false,
            varied: Vec::new(),
            leaning: false,
            floating: false,
            filling: None,
        }
    }
}

/// `subject` stands in `relation` to `to`; both index [`ScenePlan::subjects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Who.
    pub subject: usize,
    /// How.
    pub relation: Relation,
    /// To whom.
    pub to: usize,
    /// The second of the two that it is between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub and: Option<usize>,
}

impl Placement {
    /// One thing to one other.
    pub const fn new(subject: usize, relation: Relation, to: usize) -> Self {
        Self { subject, relation, to, and: None }
    }
}

/// What everything stands on, or what is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cover {
    /// What it is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substance: Option<Substance>,
    /// Its colour, sRGB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<[u8; 3]>,
    /// How it is worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
}

/// What a word or phrase of the prompt was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum ReadAs {
    Subject,
    Count,
    Color,
    Material,
    Finish,
    Motif,
    Size,
    Contents,
    Relation,
    Arrangement,
    Surface,
    Backdrop,
    Place,
    Light,
    Time,
    Weather,
    Camera,
    Style,
    Mood,
    Palette,
    Picture,
    /// Holds the others together or says nothing about a picture.
    Grammar,
    /// Ruled out, by `without` or by the negative prompt.
    Avoided,
    /// The name of a brand or of a person, of whom nothing is depicted.
    Protected,
    /// Not understood or not possible, and so without effect.
    LeftOut,
}

/// How a word or phrase of the prompt was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The words, in lower case.
    pub words: String,
    /// What they were read as.
    pub read_as: ReadAs,
    /// What they stand for: an entry of the catalogue, a material, a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<String>,
}

/// A prompt as a typed scene.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ScenePlan {
    /// What is in the picture; the first is what it is about. Never empty once read.
    pub subjects: Vec<Subject>,
    /// How they stand to each other; they hang together all.
    pub placements: Vec<Placement>,
    /// What they stand on, where the prompt says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surface: Option<Cover>,
    /// What is behind them, where the prompt says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backdrop: Option<Cover>,
    /// Where they are.
    pub place: Place,
    /// How they are lit, where the prompt says so by a word of light, time, weather or mood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lighting: Option<Lighting>,
    /// When it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// What the weather is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weather: Option<Weather>,
    /// From how high they are seen.
    pub angle: Angle,
    /// From how near they are seen.
    pub distance: Distance,
    /// The lens in millimetres of 35 mm film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lens_mm: Option<u16>,
    /// How much is sharp, as the f-number of that lens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f_number: Option<f64>,
    /// What it is painted with, where it is no photograph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<Medium>,
    /// How it feels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mood: Option<Mood>,
    /// Which colours it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub palette: Option<Palette>,
    /// Words of style, in the order of the prompt.
    pub styles: Vec<String>,
    /// What was ruled out, by `without` or by the negative prompt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub avoided: Vec<String>,
    /// How each word was read, in the order of the prompt, those of the negative prompt last.
    #[serde(default)]
    pub words: Vec<Reading>,
    /// Whose the things are that come from libraries which want it said, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<Credit>,
    /// What the owner should know, in sentences.
    pub warnings: Vec<String>,
}

/// What is to be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wording<'a> {
    /// What to make.
    pub prompt: &'a str,
    /// What to avoid.
    pub negative: &'a str,
    /// Whether what it is about was uploaded: the prompt then tells what is around that.
    pub around: bool,
}

impl ScenePlan {
    /// How many kinds of thing one picture holds.
    pub const MAX_SUBJECTS: usize = 6;
    /// How many of one kind.
    pub const MAX_COUNT: u8 = 6;
    /// The entry of the subject that was uploaded.
    pub const GIVEN: &str = "given";

    /// Reads a prompt by the lexicon alone. Any text gives a plan with at least one subject; what was not understood
    /// is in its warnings.
    pub fn read(prompt: &str, catalogue: &Catalogue<'_>) -> Self {
        let wording = Wording { prompt, ..Wording::default() };
        // Who guesses nothing can't fail.
        Self::read_with(&wording, catalogue, &mut NoGuess).unwrap_or_default()
    }

    /// Reads a prompt of `image_to_image`, whose subject is the picture that was uploaded: the first subject is
    /// [`ScenePlan::GIVEN`] and stands for it, whatever the prompt calls it.
    pub fn read_around(prompt: &str, catalogue: &Catalogue<'_>) -> Self {
        let wording = Wording { prompt, around: true, ..Wording::default() };
        Self::read_with(&wording, catalogue, &mut NoGuess).unwrap_or_default()
    }

    /// Reads a prompt; what the lexicon doesn't know, `guess` may.
    ///
    /// # Errors
    /// Those of `guess`.
    pub fn read_with(
        wording: &Wording<'_>,
        catalogue: &Catalogue<'_>,
        guess: &mut dyn Guess,
    ) -> Result<Self, EngineError> {
        let mut plan = grammar::read(wording, catalogue, guess)?;
        plan.show_faces(catalogue);
        plan.credits = catalogue.credits(plan.subjects.iter().map(|subject| subject.entry.as_str()));
        Ok(plan)
    }

    /// A portrait of nobody but people who are there as cut-outs shows their faces, not their whole figures.
    fn show_faces(&mut self, catalogue: &Catalogue<'_>) {
        let is_portrait = |words: &str| words.split(' ').any(|word| matches!(word, "portrait" | "headshot" | "head"));
        let asked = self.words.iter().any(|read| read.read_as == ReadAs::Picture && is_portrait(&read.words));
        let face = |subject: &Subject| Some(catalogue.id(catalogue.face(catalogue.by_id(&subject.entry)?)?));
        let faces: Option<Vec<String>> = self.subjects.iter().map(face).collect();
        let Some(faces) = faces.filter(|_| asked) else { return };
        for (subject, face) in self.subjects.iter_mut().zip(faces) {
            for read in self.words.iter_mut().filter(|read| read.means.as_ref() == Some(&subject.entry)) {
                read.means = Some(face.clone());
            }
            subject.entry = face;
        }
    }

    /// Whether a prompt has any word that could name or describe something: not stop words, signs or digits alone, nor
    /// only what is written in another script.
    pub fn is_legible(prompt: &str) -> bool {
        grammar::is_legible(prompt)
    }
}
