//! The grammar: which words of a prompt belong together, which of them is the head, and how the phrases relate.
//!
//! A prompt is cut into words, known phrases are joined (the longest wins), and links (`on`, `beside`, `of`, commas)
//! cut the row into noun phrases. The last noun of a phrase is its head, what is before it modifies it. That is how a
//! cup on a table differs from a table on a cup, and a leather sofa from leather.

use super::{
    catalogue::{Catalogue, Entry},
    lexicon::{Filling, Link, Meaning, Place, Relation, Size, Substance},
    plan::{Cover, Placement, ScenePlan, Subject},
    shapes::Shape,
    tokens::{MEANINGS, Token, split, tag},
};

/// One noun phrase under way.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact about the words seen so far")]
struct Phrase {
    link: Option<Link>,
    tokens: Vec<Token>,
    determined: bool,
    count: Option<u8>,
    size: Size,
    shade: Option<f32>,
    is_backdrop: bool,
    is_picture: bool,
    piled: bool,
}

impl Phrase {
    fn linked(link: Option<Link>) -> Self {
        Self { link, ..Self::default() }
    }

    fn is_empty(&self) -> bool {
        self.tokens.is_empty() && !self.is_backdrop && !self.is_picture && self.count.is_none()
    }

    /// Whether it holds modifiers only, so that `and` goes on with it (`a black and gold vase`).
    fn wants_head(&self) -> bool {
        !self.tokens.is_empty()
            && !self.is_backdrop
            && self
                .tokens
                .iter()
                .all(|t| t.noun.is_none() && t.support().is_none() && !t.is_unknown() && t.filling().is_none())
    }

    fn color(&self, upto: usize) -> Option<[u8; 3]> {
        let color = self.tokens.iter().take(upto).find_map(Token::color)?;
        Some(match self.shade {
            Some(k) if k < 1.0 => color.map(|c| (f32::from(c) * k.sqrt()) as u8),
            Some(k) if k > 1.0 => color.map(|c| (255.0 - (255.0 - f32::from(c)) / k) as u8),
            _ => color,
        })
    }

    /// `frosted glass` beats `glass` beats nothing; the last named material is the nearest to the head.
    fn substance(&self, upto: usize) -> Option<Substance> {
        self.tokens.iter().take(upto).rev().find_map(Token::substance)
    }

    fn cover(&self, upto: usize) -> Cover {
        Cover { substance: self.substance(upto), color: self.color(upto) }
    }
}

/// Reads a prompt; see [`ScenePlan::read`].
pub(super) fn read(prompt: &str, catalogue: &Catalogue<'_>) -> ScenePlan {
    let mut reader = Reader { catalogue, plan: ScenePlan::default(), ignored: Vec::new(), phrase: Phrase::default() };
    let mut warnings = Vec::new();
    let tokens = tag(&split(prompt), catalogue, &mut warnings);
    reader.plan.warnings = warnings;
    for token in tokens {
        reader.take(token);
    }
    reader.close(None);
    reader.finish(prompt)
}

struct Reader<'a, 'b> {
    catalogue: &'a Catalogue<'b>,
    plan: ScenePlan,
    ignored: Vec<String>,
    phrase: Phrase,
}

impl Reader<'_, '_> {
    fn take(&mut self, token: Token) {
        if token.is_break {
            return self.close(Some(Link::And));
        }
        if let Some(link) = token.link() {
            return self.take_link(link);
        }
        if self.take_global(&token) {
            return;
        }
        let noun_follows_determiner = token.noun.is_some() && (self.phrase.determined || self.phrase.count.is_some());
        for meaning in &token.meanings {
            match meaning {
                Meaning::Count(n) if token.noun.is_none() => self.phrase.count = Some(*n),
                Meaning::Pile => self.phrase.piled = true,
                Meaning::Size(size) => self.phrase.size = *size,
                Meaning::Shade(shade) => self.phrase.shade = Some(*shade),
                Meaning::Backdrop => self.phrase.is_backdrop = true,
                Meaning::Picture if !noun_follows_determiner => self.phrase.is_picture = true,
                Meaning::Style if token.noun.is_none() => self.plan.styles.push(token.words.clone()),
                Meaning::Filler if token.noun.is_none() => {
                    self.phrase.determined |= matches!(token.words.as_str(), "a" | "an" | "the" | "this" | "that");
                }
                Meaning::Part => {
                    self.ignored.push(token.words.clone());
                    // The part's own modifiers must not colour the whole.
                    self.phrase = Phrase::linked(self.phrase.link);
                    return;
                }
                _ => {}
            }
        }
        let bare = |m: &Meaning| {
            matches!(
                m,
                Meaning::Count(_)
                    | Meaning::Pile
                    | Meaning::Size(_)
                    | Meaning::Shade(_)
                    | Meaning::Backdrop
                    | Meaning::Picture
                    | Meaning::Style
                    | Meaning::Filler
            )
        };
        if token.noun.is_some() || token.is_unknown() || token.meanings.iter().any(|m| !bare(m)) {
            self.phrase.tokens.push(token);
        }
    }

    /// Light and camera belong to the whole picture, wherever they are said.
    fn take_global(&mut self, token: &Token) -> bool {
        let mut taken = false;
        for meaning in &token.meanings {
            match meaning {
                Meaning::Lighting(light) => self.plan.lighting = Some(self.plan.lighting.unwrap_or(*light)),
                Meaning::Angle(angle) => self.plan.angle = *angle,
                Meaning::Distance(distance) => self.plan.distance = *distance,
                _ => continue,
            }
            taken = true;
        }
        taken && token.noun.is_none()
    }

    fn take_link(&mut self, link: Link) {
        if self.phrase.is_empty() {
            // `standing next to`, `and on`: the nearest link counts, but `without a` stays negated.
            if self.phrase.link != Some(Link::Without) {
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
        if phrase.is_empty() {
            return;
        }
        if phrase.link == Some(Link::Without) {
            return self.ignored.extend(phrase.tokens.into_iter().map(|t| format!("without {}", t.words)));
        }
        if phrase.is_backdrop {
            let cover = phrase.cover(phrase.tokens.len());
            if cover != Cover::default() {
                self.plan.backdrop = Some(cover);
            }
            return;
        }
        match self.head(&phrase) {
            Some(at) => self.add(&phrase, at),
            None => self.modify(&phrase),
        }
    }

    /// Where the phrase's head is among its tokens, if it names a thing at all.
    fn head(&self, phrase: &Phrase) -> Option<usize> {
        let at = phrase.tokens.iter().rposition(|t| t.noun.is_some() || t.is_unknown())?;
        let token = &phrase.tokens[at];
        let follows = !self.plan.subjects.is_empty();
        if token.is_unknown() {
            // `brushed steel xyz`: a material as the last known word makes the rest a modifier.
            let covers =
                phrase.tokens.iter().any(|t| t.substance().is_some() || t.support().is_some() || t.place().is_some());
            return (!covers && !phrase.is_picture).then_some(at);
        }
        // Something after the noun decides: `stone floor`, `chair room`.
        if phrase.tokens[at + 1..].iter().any(|t| t.support().is_some() || t.place().is_some()) {
            return None;
        }
        let on = matches!(phrase.link, Some(Link::To(Relation::On) | Link::In));
        if on && follows && (token.support().is_some() || furniture_top(&token.words)) {
            return None;
        }
        let into = matches!(phrase.link, Some(Link::Of | Link::With));
        if token.filling().is_some() && into && follows {
            return None;
        }
        let modifies = token.substance().is_some() || token.color().is_some();
        let counted = phrase.determined || phrase.count.is_some() || token.noun.is_some_and(|f| f.plural);
        if modifies && !counted && (on || into || phrase.link == Some(Link::Against)) {
            return None;
        }
        (token.place().is_none() || counted).then_some(at)
    }

    fn add(&mut self, phrase: &Phrase, at: usize) {
        let token = &phrase.tokens[at];
        let extra = phrase
            .tokens
            .iter()
            .enumerate()
            .filter(|(i, t)| *i != at && (t.is_unknown() || (t.noun.is_some() && t.meanings.is_empty())));
        let mut ignored: Vec<String> = extra.map(|(_, t)| t.words.clone()).collect();
        let Some(found) = token.noun else {
            ignored.push(token.words.clone());
            return self.ignored.append(&mut ignored);
        };
        self.ignored.append(&mut ignored);
        if let Some(place) = phrase.tokens[..at].iter().find_map(Token::place) {
            self.plan.place = place;
        }
        if self.plan.subjects.len() >= ScenePlan::MAX_SUBJECTS {
            return self.ignored.push(token.words.clone());
        }
        let name = self.catalogue.name(found.entry);
        if found.stand_in {
            self.plan.warnings.push(format!("there is no \"{}\"; a {name} stands in for it", token.words));
        }
        let is_pair =
            matches!(self.catalogue.id(found.entry).as_str(), "booties" | "scissors" | "slippers" | "headphones");
        let count = match phrase.count {
            Some(2) if is_pair => 1,
            Some(n) => n,
            None if found.plural && !is_pair => 3,
            None => 1,
        };
        let filling = phrase.tokens[..at].iter().find_map(Token::filling).or_else(|| filling_in(&token.words));
        self.plan.subjects.push(Subject {
            noun: token.words.clone(),
            entry: self.catalogue.id(found.entry),
            count: count.clamp(1, ScenePlan::MAX_COUNT),
            color: phrase.color(at),
            substance: phrase.substance(at),
            size: phrase.size,
            piled: phrase.piled,
            filling: filling.filter(|_| holds_liquid(found.entry)),
        });
        self.relate(phrase.link);
    }

    /// Relates the newest subject to those before it.
    fn relate(&mut self, link: Option<Link>) {
        let new = self.plan.subjects.len() - 1;
        if new == 0 {
            return;
        }
        let last = new - 1;
        let placement = match link {
            // `apples in a bowl`, `cup on a chair`: who came before stands on the new one.
            Some(Link::To(relation)) => Placement { subject: last, relation, to: new },
            Some(Link::In) => Placement { subject: last, relation: Relation::On, to: new },
            // `a bowl of apples`, `a plate with a cupcake`: the new one is in the one before.
            Some(Link::Of | Link::With) if self.is_vessel(last) => {
                Placement { subject: new, relation: Relation::On, to: last }
            }
            _ => Placement { subject: new, relation: Relation::Beside, to: 0 },
        };
        self.plan.placements.push(placement);
    }

    fn is_vessel(&self, subject: usize) -> bool {
        let entry = self.catalogue.by_id(&self.plan.subjects[subject].entry);
        matches!(entry, Some(Entry::Shape(Shape::Bowl | Shape::Plate)))
    }

    /// A phrase without a head says where, on what, or of what.
    fn modify(&mut self, phrase: &Phrase) {
        let all = phrase.tokens.len();
        let cover = phrase.cover(all);
        self.ignored.extend(phrase.tokens.iter().filter(|t| t.is_unknown()).map(|t| t.words.clone()));
        let support = phrase
            .tokens
            .iter()
            .find_map(|t| t.support().or_else(|| furniture_top(&t.words).then(|| top_of(&t.words))));
        let place = phrase.tokens.iter().find_map(Token::place);
        let filling = phrase.tokens.iter().find_map(Token::filling);
        match phrase.link {
            Some(Link::Against) => self.plan.backdrop = Some(cover),
            Some(Link::Of | Link::With) if filling.is_some() && !self.plan.subjects.is_empty() => self.fill(filling),
            _ if support.is_some() => {
                self.plan.surface = Some(Cover { substance: cover.substance.or(support), color: cover.color });
                self.plan.place = place.unwrap_or(self.plan.place);
            }
            Some(Link::To(Relation::On)) if cover != Cover::default() => self.plan.surface = Some(cover),
            Some(Link::To(Relation::On)) if place == Some(Place::Lake) => {
                self.plan.surface = Some(Cover { substance: Some(Substance::Water), color: None });
            }
            _ if place.is_some() => self.plan.place = place.unwrap_or_default(),
            _ if filling.is_some() => self.pour(filling),
            _ => self.qualify(cover),
        }
    }

    /// `…, white`, `in blue`, `of marble`: says more about the newest subject.
    fn qualify(&mut self, cover: Cover) {
        match self.plan.subjects.last_mut() {
            Some(subject) => {
                subject.color = subject.color.or(cover.color);
                subject.substance = subject.substance.or(cover.substance);
            }
            None if cover != Cover::default() => self.plan.surface = Some(cover),
            None => {}
        }
    }

    fn fill(&mut self, filling: Option<Filling>) {
        if let Some(subject) = self.plan.subjects.last_mut() {
            match self.catalogue.by_id(&subject.entry) {
                Some(entry) if holds_liquid(entry) => subject.filling = filling,
                _ => self.ignored.push("filling".into()),
            }
        }
    }

    /// A drink without a vessel: `coffee on a table`, `red wine`.
    fn pour(&mut self, filling: Option<Filling>) {
        let shape = match filling {
            Some(Filling::Coffee | Filling::Tea | Filling::Cocoa) => Shape::Cup,
            Some(Filling::RedWine | Filling::WhiteWine) => Shape::WineGlass,
            _ => Shape::Tumbler,
        };
        if self.plan.subjects.len() < ScenePlan::MAX_SUBJECTS {
            let noun = self.catalogue.name(Entry::Shape(shape)).to_owned();
            let entry = self.catalogue.id(Entry::Shape(shape));
            self.plan.subjects.push(Subject {
                noun,
                entry,
                count: 1,
                color: None,
                substance: None,
                size: Size::Normal,
                piled: false,
                filling,
            });
            self.relate(Some(Link::And));
        }
    }

    fn finish(mut self, prompt: &str) -> ScenePlan {
        if self.plan.subjects.is_empty() {
            self.ignored.retain(|w| !w.starts_with("without "));
            let noun = self.ignored.pop().unwrap_or_else(|| prompt.trim().chars().take(40).collect());
            self.plan
                .warnings
                .push(format!("nothing that the catalogue has was named; a sphere stands in for \"{noun}\""));
            let cover = self.plan.surface.filter(|_| self.plan.subjects.is_empty()).unwrap_or_default();
            self.plan.subjects.push(Subject {
                noun,
                entry: self.catalogue.id(Entry::Shape(Shape::Sphere)),
                count: 1,
                color: cover.color,
                substance: Some(Substance::Ceramic),
                size: Size::Normal,
                piled: false,
                filling: None,
            });
        }
        self.ignored.dedup();
        if !self.ignored.is_empty() {
            let list: Vec<String> = self.ignored.iter().take(12).map(|w| w.chars().take(30).collect()).collect();
            self.plan.warnings.push(format!("not understood or not possible, left out: {}", list.join(", ")));
        }
        self.plan
    }
}

/// Whether the words name a piece of furniture that is there for its top.
fn furniture_top(words: &str) -> bool {
    [" table", " desk", " counter", " shelf"].iter().any(|end| words.ends_with(end))
}

/// What the top of the furniture that `words` name is made of.
fn top_of(words: &str) -> Substance {
    let first = words.split(' ').next().unwrap_or_default();
    let mut named = MEANINGS.get(first).into_iter().flatten();
    named.find_map(|m| if let Meaning::Substance(s) = m { Some(*s) } else { None }).unwrap_or(Substance::Wood)
}

/// `cup of coffee` holds coffee.
fn filling_in(words: &str) -> Option<Filling> {
    let inside = words.split_once(" of ").map(|(_, inside)| inside)?;
    let meanings = MEANINGS.get(inside)?;
    meanings.iter().find_map(|m| if let Meaning::Filling(f) = m { Some(*f) } else { None })
}

fn holds_liquid(entry: Entry) -> bool {
    use Shape::{Bottle, Bowl, Cup, Mug, Tumbler, WineGlass};
    matches!(entry, Entry::Shape(Cup | Mug | Bowl | WineGlass | Tumbler | Bottle))
}
