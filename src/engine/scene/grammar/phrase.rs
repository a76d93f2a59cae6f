//! One noun phrase under way: its tokens, and the facts about it that need no token.

use super::super::{
    lexicon::{Finish, Link, Meaning, Motif, Palette, Relation, Size, Substance, Variety},
    plan::Cover,
    tokens::Token,
};

/// One noun phrase under way.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact about the words seen so far")]
pub(super) struct Phrase {
    pub(super) link: Option<Link>,
    pub(super) tokens: Vec<Token>,
    /// Whether an article came before it.
    pub(super) determined: bool,
    pub(super) count: Option<u8>,
    pub(super) size: Size,
    pub(super) height_cm: Option<f32>,
    pub(super) shade: Option<f32>,
    pub(super) finish: Option<Finish>,
    pub(super) motif: Option<Motif>,
    pub(super) palette: Option<Palette>,
    pub(super) is_backdrop: bool,
    pub(super) is_picture: bool,
    pub(super) is_black_and_white: bool,
    pub(super) is_pronoun: bool,
    pub(super) is_given: bool,
    pub(super) is_carved: bool,
    pub(super) piled: bool,
    pub(super) lined_up: bool,
    pub(super) floating: bool,
    /// Whether copies are said to differ, here or, in what, in the phrase before an `and`.
    pub(super) differs: bool,
    pub(super) differs_too: bool,
    pub(super) varied: Vec<Variety>,
}

const BLACK: [u8; 3] = [20, 20, 22];
const WHITE: [u8; 3] = [244, 243, 240];

impl Phrase {
    pub(super) fn linked(link: Option<Link>) -> Self {
        Self { link, ..Self::default() }
    }

    /// Notes a meaning that needs no token; whether the token is needed nevertheless.
    pub(super) fn note(&mut self, meaning: Meaning, token: &Token) -> bool {
        let is_noun = token.noun.is_some();
        match meaning {
            // `a table set for four` is one table.
            Meaning::Count(n) if !is_noun && !self.tokens.iter().any(|t| t.noun.is_some()) => self.count = Some(n),
            Meaning::Pile => self.piled = true,
            Meaning::Row => self.lined_up = true,
            Meaning::Floating => self.floating = true,
            Meaning::Differs => self.differs = true,
            Meaning::Aspect(variety) if self.differs || self.differs_too => self.vary(variety),
            Meaning::Varied(variety) => self.vary(variety),
            Meaning::Carved => self.is_carved = true,
            Meaning::Size(size) => self.size = size,
            Meaning::Height(cm) => self.height_cm = Some(cm),
            Meaning::Shade(shade) => self.shade = Some(shade),
            Meaning::Finish(finish) => self.finish = Some(finish),
            Meaning::Motif(motif) => self.motif = Some(motif),
            Meaning::Palette(palette) => self.palette = Some(palette),
            Meaning::Backdrop => self.is_backdrop = true,
            Meaning::Medium(_) if token.words == "black and white" => self.is_black_and_white = true,
            Meaning::Filler if !is_noun => {
                self.determined |= matches!(token.words.as_str(), "a" | "an" | "the" | "this" | "that");
            }
            Meaning::Color(_)
            | Meaning::Substance(_)
            | Meaning::Place(_)
            | Meaning::Support(_)
            | Meaning::Filling(_) => return true,
            _ => {}
        }
        false
    }

    fn vary(&mut self, variety: Variety) {
        if !self.varied.contains(&variety) {
            self.varied.push(variety);
        }
    }

    /// What differs among `count` copies of a thing of a `colored` name: `assorted mugs` differ in all that may.
    pub(super) fn varieties(&self, count: u8, colored: bool) -> Vec<Variety> {
        match (&self.varied[..], count) {
            (_, 0 | 1) => Vec::new(),
            ([], _) if self.differs && colored => vec![Variety::Size],
            ([], _) if self.differs => vec![Variety::Color, Variety::Size],
            (varied, _) => varied.to_vec(),
        }
    }

    /// Whether nothing was said yet that matters.
    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
            && !self.is_backdrop
            && !self.is_picture
            && !self.is_pronoun
            && !self.is_given
            && self.count.is_none()
            && self.finish.is_none()
            && self.motif.is_none()
            && self.shade.is_none()
            && self.height_cm.is_none()
            && !self.is_black_and_white
            && self.varied.is_empty()
            && !(self.piled || self.lined_up || self.floating || self.is_carved)
    }

    /// Whether it holds modifiers only, so that `and` goes on with it (`a black and gold vase`).
    pub(super) fn wants_head(&self) -> bool {
        let modifies =
            |t: &Token| t.noun.is_none() && t.support().is_none() && !t.is_unknown() && t.filling().is_none();
        !self.tokens.is_empty() && !self.is_backdrop && self.tokens.iter().all(modifies)
    }

    /// The relation that ties it to what was named before.
    pub(super) fn relation(&self) -> Option<Relation> {
        match self.link {
            Some(Link::To(relation)) => Some(relation),
            Some(Link::In) => Some(Relation::Inside),
            Some(Link::Against) => Some(Relation::InFrontOf),
            _ => None,
        }
    }

    /// The colours before token `upto`, the first of them under the phrase's shade.
    pub(super) fn colors(&self, upto: usize) -> Vec<[u8; 3]> {
        let mut colors: Vec<[u8; 3]> = self.tokens.iter().take(upto).filter_map(Token::color).collect();
        if self.is_black_and_white {
            colors.extend([BLACK, WHITE]);
        }
        if let Some(first) = colors.first_mut() {
            *first = match self.shade {
                Some(k) if k < 1.0 => first.map(|c| (f32::from(c) * k.sqrt()) as u8),
                Some(k) if k > 1.0 => first.map(|c| (255.0 - (255.0 - f32::from(c)) / k) as u8),
                _ => *first,
            };
        }
        colors
    }

    /// `frosted glass` beats `glass` beats nothing; the last named material is the nearest to the head.
    pub(super) fn substance(&self, upto: usize) -> Option<Substance> {
        self.tokens.iter().take(upto).rev().find_map(Token::substance)
    }

    pub(super) fn cover(&self, upto: usize) -> Cover {
        Cover { substance: self.substance(upto), color: self.colors(upto).first().copied(), finish: self.finish }
    }
}
