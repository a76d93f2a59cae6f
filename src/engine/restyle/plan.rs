//! Reads a prompt into the changes that this model can make, in the order they are made.
//!
//! Owns the reading only: a [`Plan`] is plain data that goes into the job's `plan`. What could not be read is said in
//! warnings, never passed over. Makes no picture.

use serde::{Deserialize, Serialize};

use super::{
    catalogue::{DEFAULT_STYLE, STYLES, Style},
    words::{Meaning, Token, colour_at, emphasis, is_filler, negates, phrase_at, tokens},
};

/// How strongly a style is put on where nobody says.
const DEFAULT_STRENGTH: f32 = 0.85;
/// How many unread words a warning quotes, and how much of each.
const QUOTED_WORDS: usize = 8;
const QUOTED_CHARS: usize = 24;

/// A style's part in a blend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StyleShare {
    /// Its index in the network.
    pub style: usize,
    /// Its name.
    pub name: String,
    /// Its weight; those of a blend sum to 1.
    pub weight: f32,
}

/// What a cut-out stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backdrop {
    /// Nothing: the result has an alpha channel.
    Transparent,
    /// One colour.
    Colour {
        /// Its name, or `#rrggbb`.
        name: String,
        /// Red, green and blue.
        rgb: [u8; 3],
    },
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum Operation {
    /// Puts what is not the main object out of focus.
    BlurBackground,
    /// Paints in a blend of styles.
    Style {
        /// The blend.
        blend: Vec<StyleShare>,
        /// 0 is the original, 1 the paint alone.
        strength: f32,
        /// Whether the original's colours stay.
        keep_colours: bool,
    },
    /// Paints as the second picture is painted.
    StyleOfPicture {
        /// 0 is the original, 1 the paint alone.
        strength: f32,
        /// Whether the original's colours stay.
        keep_colours: bool,
    },
    /// Turns it grey.
    BlackAndWhite,
    /// Turns it brown.
    Sepia,
    /// Warmer above 0, cooler below.
    Warmth {
        /// 1 is strong.
        amount: f32,
    },
    /// Brighter above 0, darker below.
    Exposure {
        /// In photographic stops.
        stops: f32,
    },
    /// More contrast above 0, less below.
    Contrast {
        /// 1 is strong.
        amount: f32,
    },
    /// More colour above 0, less below.
    Saturation {
        /// 1 doubles it.
        amount: f32,
    },
    /// Crisper edges.
    Sharpen {
        /// 1 is strong.
        amount: f32,
    },
    /// Larger, with detail that the upscaler draws.
    Upscale {
        /// 2 or 4.
        factor: u32,
    },
    /// Takes away what is not the main object.
    CutOut {
        /// What it stands on then.
        backdrop: Backdrop,
    },
}

impl Operation {
    /// Its place in the order in which changes are made.
    const fn rank(&self) -> u8 {
        match self {
            Self::BlurBackground => 0,
            Self::Style { .. } | Self::StyleOfPicture { .. } => 1,
            Self::BlackAndWhite | Self::Sepia => 2,
            Self::Warmth { .. } | Self::Exposure { .. } | Self::Contrast { .. } | Self::Saturation { .. } => 3,
            Self::Upscale { .. } => 4,
            Self::Sharpen { .. } => 5,
            Self::CutOut { .. } => 6,
        }
    }

    /// Whether it needs to know the main object.
    pub const fn needs_mask(&self) -> bool {
        matches!(self, Self::BlurBackground | Self::CutOut { .. })
    }
}

/// All changes to one picture, in the order they are made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// The changes.
    pub operations: Vec<Operation>,
}

/// Reads a prompt. `strength` overrules the prompt's own words; with a second picture its style is taken where the
/// prompt names none. The second value holds what the owner should know.
pub fn read(prompt: &str, strength: Option<f32>, second_picture: bool) -> (Plan, Vec<String>) {
    let tokens = tokens(prompt);
    let reader = Reader::over(&tokens);
    let unread = reader.unread(&tokens);
    let mut warnings = reader.warnings.clone();
    let plan = reader.finish(strength, second_picture, &mut warnings);
    if let Some(warning) = unread_words(&unread) {
        warnings.push(warning);
    }
    (plan, warnings)
}

/// Whether a prompt says anything that is no change of this model.
pub fn leaves_words(prompt: &str) -> bool {
    let tokens = tokens(prompt);
    !Reader::over(&tokens).unread(&tokens).is_empty()
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    used: Vec<bool>,
    styles: Vec<(usize, f32)>,
    /// What "a painting" or "a drawing" is where no style says it better.
    vague_style: Option<(usize, f32)>,
    strength_factor: f32,
    keep_colours: bool,
    operations: Vec<Operation>,
    warnings: Vec<String>,
}

impl Reader {
    fn over(tokens: &[Token]) -> Self {
        let mut reader = Self { used: vec![false; tokens.len()], ..Self::default() };
        reader.read_backdrop(tokens);
        reader.read_phrases(tokens);
        reader
    }

    /// The words that had no effect.
    fn unread<'a>(&self, tokens: &'a [Token]) -> Vec<&'a Token> {
        tokens.iter().zip(&self.used).filter(|(t, used)| !**used && !is_filler(t)).map(|(t, _)| t).collect()
    }

    /// `on a red background`, `white backdrop`, `change the background to blue`.
    fn read_backdrop(&mut self, tokens: &[Token]) {
        for at in (0..tokens.len()).filter(|&i| tokens[i].is_any(&["background", "backdrop"])) {
            let before = [2, 1]
                .into_iter()
                .filter_map(|back| at.checked_sub(back).map(|start| (start, back)))
                .find_map(|(start, back)| colour_at(tokens, start).filter(|c| c.2 == back).map(|c| (start, at, c)));
            let linked = tokens.get(at + 1).is_some_and(|t| t.is_any(&["to", "with", "in", "into"]));
            let after =
                linked.then(|| colour_at(tokens, at + 2)).flatten().map(|colour| (at, at + 1 + colour.2, colour));
            let Some((start, end, (name, rgb, _))) = before.or(after) else { continue };
            self.used[start..=end].fill(true);
            // What the colour replaces was said too: "remove the background and put a white background".
            if start == 0 || !negates(&tokens[start - 1]) {
                self.put(Operation::CutOut { backdrop: Backdrop::Colour { name, rgb } });
            }
        }
    }

    fn read_phrases(&mut self, tokens: &[Token]) {
        let mut at = 0;
        while at < tokens.len() {
            let found = if self.used[at] { None } else { phrase_at(tokens, at) };
            let Some((meaning, count)) = found else {
                at += 1;
                continue;
            };
            self.used[at..(at + count).min(tokens.len())].fill(true);
            let before = &tokens[at.saturating_sub(2)..at];
            if !before.iter().any(negates) {
                let factor = before.iter().rev().find_map(emphasis).unwrap_or(1.0);
                let less = before.last().is_some_and(|t| t.is("less"));
                self.take(meaning, if less { -factor } else { factor });
            }
            at += count;
        }
    }

    /// Takes up one phrase; `factor` is its emphasis, negative where less of it is wanted.
    fn take(&mut self, meaning: Meaning, factor: f32) {
        match meaning {
            Meaning::Style(index) => {
                self.strength_factor = factor.abs();
                match self.styles.iter_mut().find(|(i, _)| *i == index) {
                    Some((_, share)) => *share = share.max(factor.abs()),
                    None => self.styles.push((index, factor.abs())),
                }
            }
            Meaning::AnyStyle(index) => self.vague_style = Some((index, factor.abs())),
            Meaning::KeepColours => self.keep_colours = true,
            Meaning::CutOut => {
                // A colour read before says what the cut-out stands on.
                if !self.operations.iter().any(|o| matches!(o, Operation::CutOut { .. })) {
                    self.put(Operation::CutOut { backdrop: Backdrop::Transparent });
                }
            }
            Meaning::BlurBackground => self.put(Operation::BlurBackground),
            Meaning::BlackAndWhite => self.put(Operation::BlackAndWhite),
            Meaning::Sepia => self.put(Operation::Sepia),
            Meaning::Warmth(amount) => self.put(Operation::Warmth { amount: (amount * factor).clamp(-2.0, 2.0) }),
            Meaning::Exposure(stops) => self.put(Operation::Exposure { stops: (stops * factor).clamp(-1.5, 1.5) }),
            Meaning::Contrast(amount) => self.put(Operation::Contrast { amount: (amount * factor).clamp(-1.0, 1.0) }),
            Meaning::Saturation(amount) => {
                self.put(Operation::Saturation { amount: (amount * factor).clamp(-1.0, 1.0) });
            }
            Meaning::Sharpen => self.put(Operation::Sharpen { amount: (0.6 * factor).clamp(0.0, 1.0) }),
            Meaning::Enhance => {
                self.put(Operation::Contrast { amount: 0.25 });
                self.put(Operation::Saturation { amount: 0.1 });
                self.put(Operation::Sharpen { amount: 0.5 });
            }
            Meaning::Upscale(factor) => self.put(Operation::Upscale { factor }),
        }
    }

    /// Adds a change; the later word on the same matter replaces the earlier.
    fn put(&mut self, operation: Operation) {
        let kind = std::mem::discriminant(&operation);
        self.operations.retain(|o| std::mem::discriminant(o) != kind);
        self.operations.push(operation);
    }

    fn finish(mut self, strength: Option<f32>, second_picture: bool, warnings: &mut Vec<String>) -> Plan {
        if let (true, Some(vague)) = (self.styles.is_empty() && !second_picture, self.vague_style) {
            self.strength_factor = vague.1;
            self.styles.push(vague);
        }
        let by_words = match self.strength_factor {
            f if self.styles.len() == 1 && f > 0.0 && f < 1.0 => 0.5,
            f if self.styles.len() == 1 && f > 1.0 => 1.0,
            _ => DEFAULT_STRENGTH,
        };
        let strength = strength.filter(|s| s.is_finite()).map_or(by_words, |s| s.clamp(0.0, 1.0));
        let keep_colours = self.keep_colours;
        if !self.styles.is_empty() {
            if second_picture {
                warnings.push("The prompt names a style, so the second picture's style was not used.".into());
            }
            let sum: f32 = self.styles.iter().map(|(_, share)| share).sum();
            let blend = self.styles.iter().map(|&(i, share)| share_of(&STYLES[i], share / sum)).collect();
            self.operations.push(Operation::Style { blend, strength, keep_colours });
        } else if second_picture {
            self.operations.push(Operation::StyleOfPicture { strength, keep_colours });
        } else if self.operations.is_empty() {
            let name = DEFAULT_STYLE.name;
            warnings.push(format!(
                "The prompt names nothing that this model can do, so the picture was painted in its default style, {name}."
            ));
            self.operations.push(Operation::Style {
                blend: vec![share_of(DEFAULT_STYLE, 1.0)],
                strength,
                keep_colours,
            });
        } else if keep_colours {
            warnings.push("\u{201c}Keep the colours\u{201d} had no effect: the prompt names no style.".into());
        }
        self.operations.sort_by_key(Operation::rank);
        Plan { operations: self.operations }
    }
}

fn share_of(style: &Style, weight: f32) -> StyleShare {
    StyleShare { style: style.index, name: style.name.into(), weight }
}

/// Says which words had no effect.
fn unread_words(unread: &[&Token]) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for token in unread {
        let mut word: String = token.word.chars().take(QUOTED_CHARS).collect();
        if word.len() < token.word.len() {
            word.push('\u{2026}');
        }
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() {
        return None;
    }
    let more = words.len().saturating_sub(QUOTED_WORDS);
    words.truncate(QUOTED_WORDS);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!(
        "These words had no effect: {}{rest}. This model changes how a picture looks, not what is in it.",
        words.join(", ")
    ))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
