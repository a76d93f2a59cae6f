//! The grammar: which words of a prompt belong together, which of them is the head, and how the phrases relate.
//!
//! A prompt is cut into words, known phrases are joined (the longest wins), and links (`on`, `beside`, `of`, commas)
//! cut the row into noun phrases. The last noun of a phrase is its head, what is before it modifies it. That is how a
//! cup on a table differs from a table on a cup, and a leather sofa from leather.
//!
//! Here is the row of tokens and what ends a phrase; `phrase` gathers one, `heads` finds what it is about,
//! `relations` ties it to the others, `modifiers` reads phrases without a head, `avoidance` takes out what is ruled
//! out, `finish` decides what was left open.

use super::{
    catalogue::Catalogue,
    lexicon::{Finish, Lighting, Link, Meaning, Medium, Mood, Relation, Time, Weather},
    meaning::{self, Guess},
    plan::{ReadAs, Reading, ScenePlan, Subject, Wording},
    protected,
    tokens::{MEANINGS, Token, split, tag},
};
use crate::engine::EngineError;

mod avoidance;
mod finish;
mod heads;
mod modifiers;
mod phrase;
mod readings;
mod relations;

use phrase::Phrase;

/// Reads a prompt; see [`ScenePlan::read_with`].
pub(super) fn read(
    wording: &Wording<'_>,
    catalogue: &Catalogue<'_>,
    guess: &mut dyn Guess,
) -> Result<ScenePlan, EngineError> {
    let mut warnings = Vec::new();
    let people = protected::people(wording.prompt);
    let mut tokens = tag(&split(wording.prompt), catalogue, &people, &mut warnings);
    meaning::resolve(&mut tokens, catalogue, guess, &mut warnings)?;
    let mut reader = Reader::new(catalogue, &tokens, wording.around);
    reader.plan.warnings = warnings;
    for token in tokens {
        reader.take(token);
    }
    reader.close(None);
    let mut none = Vec::new();
    let mut unwanted = tag(&split(wording.negative), catalogue, &protected::people(""), &mut none);
    meaning::resolve(&mut unwanted, catalogue, guess, &mut none)?;
    reader.rule_out(&unwanted);
    Ok(reader.finish(wording.prompt))
}

/// See [`ScenePlan::is_legible`].
pub(super) fn is_legible(prompt: &str) -> bool {
    let says = |word: &String| {
        let latin = word.chars().any(|c| c.is_alphabetic() && c < '\u{250}');
        let empty = |m: &Meaning| matches!(m, Meaning::Filler | Meaning::Link(_) | Meaning::Pronoun | Meaning::Given);
        latin && MEANINGS.get(word.as_str()).is_none_or(|meanings| !meanings.iter().all(empty))
    };
    split(prompt).iter().any(says)
}

/// Whether a word stands for what was uploaded.
fn names_given(token: &Token) -> bool {
    token.meanings.iter().any(|m| matches!(m, Meaning::Given | Meaning::Pronoun | Meaning::There(_)))
}

/// What can be said of the light of a picture, until it is decided.
#[derive(Debug, Default)]
struct Sky {
    lights: Vec<Lighting>,
    time: Option<Time>,
    weather: Option<Weather>,
    mood: Option<Mood>,
}

struct Reader<'a, 'b> {
    catalogue: &'a Catalogue<'b>,
    plan: ScenePlan,
    /// How each token is read in the end; those of links and fillers stay as the lexicon says.
    readings: Vec<Reading>,
    ignored: Vec<String>,
    phrase: Phrase,
    sky: Sky,
    /// Subjects that are named one after the other, so that what follows may be about all of them.
    run: Vec<usize>,
    /// Whether an `and` holds the run together.
    run_is_joined: bool,
    /// Whether the next subject after an `and` still belongs to the run.
    run_is_open: bool,
    /// What a `with` gives accessories to.
    owner: Option<usize>,
    /// A relation to what is named next: `in a bowl, three lemons`.
    ahead: Option<(Relation, usize)>,
    /// The placement that still needs the second of the two it is between.
    half_between: Option<usize>,
    /// `a cup on the left`: who, and on which side.
    sides: Vec<(usize, Relation)>,
    /// A vessel that a drink was given because none was named yet: `tea`, before `in a tall glass`.
    poured: Option<usize>,
    /// Things that a list of colours is still given to: `in red, yellow and blue`.
    colorless: Vec<usize>,
    /// What is not wanted.
    unwanted: Vec<Token>,
    /// Whether the subject was uploaded and the prompt has not named it yet.
    is_nameless: bool,
}

impl<'a, 'b> Reader<'a, 'b> {
    fn new(catalogue: &'a Catalogue<'b>, tokens: &[Token], around: bool) -> Self {
        let mut reader = Self {
            catalogue,
            plan: ScenePlan::default(),
            readings: tokens.iter().map(readings::by_lexicon).collect(),
            ignored: Vec::new(),
            phrase: Phrase::default(),
            sky: Sky::default(),
            run: Vec::new(),
            run_is_joined: false,
            run_is_open: true,
            owner: None,
            ahead: None,
            half_between: None,
            sides: Vec::new(),
            poured: None,
            colorless: Vec::new(),
            unwanted: Vec::new(),
            is_nameless: around && !tokens.iter().any(names_given),
        };
        if around {
            reader.plan.subjects.push(Subject::new("the product", ScenePlan::GIVEN.into()));
            reader.run.push(0);
        }
        reader
    }

    fn take(&mut self, token: Token) {
        if token.is_break {
            let ends = token.words == ".";
            self.close(Some(Link::Then));
            if ends {
                self.run_is_open = false;
                self.owner = None;
            }
            return;
        }
        if let Some(link) = token.link().filter(|_| token.noun.is_none()) {
            return self.take_link(link);
        }
        if self.phrase.link == Some(Link::Without) {
            // `no text at night`: a time or a place is no part of what is ruled out.
            if !["at ", "in ", "by ", "during ", "under "].iter().any(|start| token.words.starts_with(start)) {
                return self.phrase.tokens.push(token);
            }
            self.close(None);
        }
        let is_aspect = token.meanings.iter().any(|m| matches!(m, Meaning::Aspect(_)));
        // `in different shades`: no sunglasses.
        let token = if is_aspect && (self.phrase.differs || self.phrase.differs_too) {
            Token { noun: None, ..token }
        } else {
            token
        };
        if self.take_pronoun(&token) || self.take_global(&token) {
            return;
        }
        if matches!(token.words.as_str(), "a" | "an" | "the") && self.phrase.tokens.iter().any(|t| t.noun.is_some()) {
            // `a dog chasing a ball`: another thing begins, whatever the verb says.
            self.close(Some(Link::With));
        }
        let is_named = token.noun.is_some() && (self.phrase.determined || self.phrase.count.is_some());
        let is_noun = token.noun.is_some();
        let mut is_said = is_noun || token.is_unknown();
        for meaning in &token.meanings {
            match meaning {
                Meaning::Part => {
                    self.leave_out(&token);
                    // The part's own modifiers must not colour the whole.
                    self.phrase = Phrase::linked(self.phrase.link);
                    return;
                }
                Meaning::Style if !is_noun => self.plan.styles.push(token.words.clone()),
                Meaning::Picture if !is_named => self.phrase.is_picture = true,
                meaning => is_said |= self.phrase.note(*meaning, &token),
            }
        }
        if is_said {
            self.phrase.tokens.push(token);
        }
    }

    /// `it`, `on top`, `the product`: words for what was named before.
    fn take_pronoun(&mut self, token: &Token) -> bool {
        for meaning in &token.meanings {
            match meaning {
                Meaning::There(relation) => {
                    self.close(Some(Link::To(*relation)));
                    self.phrase.is_pronoun = true;
                }
                Meaning::Pronoun if self.phrase.is_empty() && self.phrase.relation().is_some() => {
                    self.phrase.is_pronoun = true;
                }
                Meaning::Given if self.has_given() => self.phrase.is_given = true,
                Meaning::Given if token.words == "this" => self.phrase.determined = true,
                Meaning::Pronoun | Meaning::Given => {}
                _ => continue,
            }
            return token.noun.is_none();
        }
        false
    }

    /// Light, camera and style belong to the whole picture, wherever they are said.
    fn take_global(&mut self, token: &Token) -> bool {
        // `black and white striped`: two colours if a thing follows, which `close` knows.
        if token.noun.is_some() || token.words == "black and white" {
            return false;
        }
        let mut taken = false;
        for meaning in &token.meanings {
            match meaning {
                Meaning::Lighting(light) => self.sky.lights.push(*light),
                Meaning::Time(time) => self.sky.time = self.sky.time.or(Some(*time)),
                Meaning::Weather(weather) => self.sky.weather = self.sky.weather.or(Some(*weather)),
                Meaning::Mood(mood) => self.sky.mood = self.sky.mood.or(Some(*mood)),
                // `oil painting, impressionist`: the more particular one.
                Meaning::Medium(medium) => {
                    let known = self.plan.medium.filter(|known| *known != Medium::OilPainting);
                    self.plan.medium = known.or(Some(*medium));
                }
                Meaning::Angle(angle) => self.plan.angle = *angle,
                Meaning::Distance(distance) => self.plan.distance = *distance,
                Meaning::Lens(mm) => self.plan.lens_mm = Some(*mm),
                Meaning::Focus(stop) => self.plan.f_number = Some((f64::from(*stop) * 10.0).round() / 10.0),
                Meaning::Natural => {}
                _ => continue,
            }
            taken = true;
        }
        if taken && self.phrase.is_empty() && self.phrase.link == Some(Link::Against) {
            self.phrase = Phrase::default();
        }
        taken
    }

    fn take_link(&mut self, link: Link) {
        if self.phrase.is_pronoun {
            self.close(Some(link));
        } else if self.phrase.is_empty() {
            // `standing next to`, `and on`: the nearest link counts, but `without a` stays negated.
            if self.phrase.link != Some(Link::Without) || link == Link::Without {
                self.phrase.link = Some(link);
            }
        } else if link == Link::And && self.phrase.wants_head() {
            // goes on
        } else if link == Link::Of && self.phrase.is_picture && !self.phrase.tokens.iter().any(|t| t.noun.is_some()) {
            // `Editorial product photo of`: what was said so far describes the picture.
            self.phrase = Phrase::default();
        } else {
            self.close(Some(link));
        }
    }

    /// Ends the phrase under way and begins the next one after `next`.
    fn close(&mut self, next: Option<Link>) {
        let phrase = std::mem::replace(&mut self.phrase, Phrase::linked(next));
        let is_denied = phrase.link == Some(Link::Without);
        if is_denied && next == Some(Link::And) {
            self.phrase.link = Some(Link::Without);
        }
        self.phrase.differs_too = next == Some(Link::And) && !phrase.varied.is_empty();
        self.note_globals(&phrase);
        if phrase.is_given {
            return self.take_given(&phrase);
        }
        if phrase.is_pronoun && phrase.tokens.is_empty() {
            return phrase.relation().map_or((), |relation| self.refer(relation));
        }
        if phrase.is_empty() {
            if !matches!(next, Some(Link::To(_) | Link::In | Link::Of | Link::With)) {
                // `with a cat inside`
                if let Some(Link::To(relation @ (Relation::Inside | Relation::Behind | Relation::Under))) = phrase.link
                {
                    self.refer(relation);
                }
            }
            return;
        }
        if is_denied {
            return self.rule_out(&phrase.tokens);
        }
        if phrase.is_backdrop {
            return self.back(&phrase);
        }
        match self.head(&phrase) {
            Some(at) => self.add(&phrase, at),
            None => self.modify(&phrase),
        }
    }

    /// Whether the subject was uploaded.
    fn has_given(&self) -> bool {
        self.plan.subjects.first().is_some_and(|s| s.entry == ScenePlan::GIVEN)
    }

    /// What a phrase says of the whole picture.
    fn note_globals(&mut self, phrase: &Phrase) {
        let is_thing = phrase.tokens.iter().any(|t| t.noun.is_some() || t.support().is_some());
        if let Some(palette) =
            phrase.palette.filter(|_| !phrase.is_backdrop && phrase.colors(phrase.tokens.len()).is_empty())
        {
            self.plan.palette = self.plan.palette.or(Some(palette));
        }
        if phrase.is_black_and_white && !is_thing && !phrase.is_backdrop {
            self.plan.medium = self.plan.medium.or(Some(Medium::BlackAndWhite));
        }
        if phrase.finish == Some(Finish::Wet) && !is_thing && phrase.tokens.is_empty() {
            self.sky.weather = self.sky.weather.or(Some(Weather::Rain));
        }
    }

    /// Notes what a token is read as.
    fn mark(&mut self, token: &Token, read_as: ReadAs, means: Option<String>) {
        if let Some(reading) = self.readings.get_mut(token.at).filter(|r| r.words == token.words) {
            (reading.read_as, reading.means) = (read_as, means);
        }
    }

    /// Notes that a token has no effect.
    fn leave_out(&mut self, token: &Token) {
        self.ignored.push(token.words.clone());
        self.mark(token, ReadAs::LeftOut, None);
    }
}
