//! The plan: a prompt as a typed scene. Goes into the job's result, so that its owner sees how the prompt was read.
//!
//! Owns the types and [`ScenePlan::read`]; refuses to know geometry. Reading is deterministic and needs no model.

use serde::{Deserialize, Serialize};

use super::{
    catalogue::Catalogue,
    grammar,
    lexicon::{Angle, Distance, Filling, Lighting, Place, Relation, Size, Substance},
};

/// One kind of thing in the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The words of the prompt that name it.
    pub noun: String,
    /// The catalogue entry that depicts it.
    pub entry: String,
    /// How many, 1 to 6.
    pub count: u8,
    /// Its colour, sRGB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<[u8; 3]>,
    /// What it is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substance: Option<Substance>,
    /// Its size for its kind.
    pub size: Size,
    /// Whether its copies lie on top of each other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub piled: bool,
    /// What is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filling: Option<Filling>,
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
}

/// A prompt as a typed scene.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ScenePlan {
    /// What is in the picture; the first is what it is about. Never empty once read.
    pub subjects: Vec<Subject>,
    /// How they stand to each other; who is in none stands beside the first.
    pub placements: Vec<Placement>,
    /// What they stand on, where the prompt says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surface: Option<Cover>,
    /// What is behind them, where the prompt says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backdrop: Option<Cover>,
    /// Where they are.
    pub place: Place,
    /// How they are lit, where the prompt says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lighting: Option<Lighting>,
    /// From how high they are seen.
    pub angle: Angle,
    /// From how near they are seen.
    pub distance: Distance,
    /// Words of style, in the order of the prompt.
    pub styles: Vec<String>,
    /// What the owner should know.
    pub warnings: Vec<String>,
}

impl ScenePlan {
    /// How many kinds of thing one picture holds.
    pub const MAX_SUBJECTS: usize = 4;
    /// How many of one kind.
    pub const MAX_COUNT: u8 = 6;

    /// Reads a prompt. Any text gives a plan with at least one subject; what was not understood is in its warnings.
    pub fn read(prompt: &str, catalogue: &Catalogue<'_>) -> Self {
        grammar::read(prompt, catalogue)
    }
}
