//! What is not wanted: words after `without` and those of the negative prompt are taken out of the plan.

use super::{
    super::{
        catalogue::{Entry, Found},
        lexicon::{Lighting, Meaning, Place, Substance},
        plan::{Cover, ReadAs, Reading, ScenePlan, Subject},
        shapes::Shape,
        tokens::{MEANINGS, Token},
    },
    Reader,
};

/// What a ground or a thing is of instead, the first that is not ruled out too.
const INSTEAD: [Substance; 5] =
    [Substance::Concrete, Substance::Ceramic, Substance::Linen, Substance::Plaster, Substance::Stone];

/// Things of one kind: where a prompt names the kind and one of them is ruled out, another is shown.
const KINDS: [&[Entry]; 2] = [
    &[Entry::Shape(Shape::Apple), Entry::Shape(Shape::Pear), Entry::Shape(Shape::Orange), Entry::Shape(Shape::Lemon)],
    &[Entry::Shape(Shape::Tumbler), Entry::Shape(Shape::WineGlass), Entry::Shape(Shape::Mug)],
];

impl Reader<'_, '_> {
    /// Notes what is not wanted; it is taken out at the end, when everything that is wanted is known.
    pub(super) fn rule_out(&mut self, tokens: &[Token]) {
        for token in tokens.iter().filter(|t| !t.is_break) {
            let says = |m: &Meaning| {
                !matches!(m, Meaning::Filler | Meaning::Link(_) | Meaning::Pronoun | Meaning::Given | Meaning::Count(_))
            };
            let is_known = self.readings.get(token.at).is_some_and(|r| r.words == token.words);
            let reading = Reading { words: token.words.clone(), read_as: ReadAs::Avoided, means: None };
            if token.noun.is_none() && !token.is_unknown() && !token.meanings.iter().any(says) {
                continue;
            }
            if is_known {
                self.mark(token, ReadAs::Avoided, None);
            } else {
                self.readings.push(reading);
            }
            self.unwanted.push(token.clone());
        }
    }

    /// Takes out of the plan whatever is not wanted.
    pub(super) fn avoid(&mut self) {
        for token in std::mem::take(&mut self.unwanted) {
            if self.plan.avoided.contains(&token.words) {
                continue;
            }
            let mut is_taken = token.noun.is_some_and(|found| self.avoid_thing(&token.words, found));
            for meaning in &token.meanings {
                is_taken |= self.avoid_meaning(*meaning);
            }
            is_taken |= drop_words(&mut self.plan.styles, &token.words);
            if is_taken {
                self.plan.warnings.push(format!("\"{}\" is not wanted and was taken out.", token.words));
            }
            self.plan.avoided.push(token.words);
        }
    }

    /// Takes out the things that a noun names, or shows the next best of their kind; the last one is kept.
    fn avoid_thing(&mut self, words: &str, found: Found) -> bool {
        let entry = self.catalogue.id(found.entry);
        let bare = words.strip_suffix('s').unwrap_or(words);
        let named = |s: &Subject| {
            let noun = s.noun.strip_suffix('s').unwrap_or(&s.noun);
            noun == bare || noun.ends_with(&format!(" {bare}"))
        };
        let instead = KINDS
            .iter()
            .find(|kind| kind.contains(&found.entry))
            .and_then(|kind| kind.iter().find(|other| **other != found.entry).map(|other| self.catalogue.id(*other)));
        let mut was_there = false;
        while let Some(k) = self
            .plan
            .subjects
            .iter()
            .position(|s| s.entry != ScenePlan::GIVEN && (named(s) || (s.entry == entry && !found.stand_in)))
        {
            match &instead {
                // `a bowl of fruit`, no apples
                Some(other) if !named(&self.plan.subjects[k]) => self.plan.subjects[k].entry.clone_from(other),
                _ if self.plan.subjects.len() == 1 => {
                    let said = format!("\"{words}\" is not wanted, but nothing else is in the picture: it was kept.");
                    self.plan.warnings.push(said);
                    return false;
                }
                _ => self.drop_subject(k),
            }
            was_there = true;
        }
        was_there
    }

    /// Drops a subject and what places it.
    fn drop_subject(&mut self, k: usize) {
        self.plan.subjects.remove(k);
        self.plan.placements.retain(|p| p.subject != k && p.to != k && p.and != Some(k));
        let shift = |i: usize| if i > k { i - 1 } else { i };
        for p in &mut self.plan.placements {
            (p.subject, p.to, p.and) = (shift(p.subject), shift(p.to), p.and.map(shift));
        }
    }

    fn avoid_meaning(&mut self, meaning: Meaning) -> bool {
        match meaning {
            Meaning::Color(color) => self.avoid_color(color),
            Meaning::Substance(of) => self.avoid_substance(of),
            Meaning::Lighting(light) => drop_light(&mut self.sky.lights, light),
            Meaning::Time(time) => self.sky.time.take_if(|t| *t == time).is_some(),
            Meaning::Weather(weather) => self.sky.weather.take_if(|w| *w == weather).is_some(),
            Meaning::Mood(mood) => self.sky.mood.take_if(|m| *m == mood).is_some(),
            Meaning::Medium(medium) => self.plan.medium.take_if(|m| *m == medium).is_some(),
            Meaning::Palette(palette) => self.plan.palette.take_if(|p| *p == palette).is_some(),
            Meaning::Place(place) if place == self.plan.place && place != Place::Studio => {
                self.plan.place = Place::Studio;
                true
            }
            Meaning::Focus(stop) if stop < 4.0 => {
                self.plan.f_number = Some(16.0);
                false
            }
            Meaning::Natural if self.sky.lights.is_empty() => {
                self.sky.lights.push(Lighting::Soft);
                false
            }
            Meaning::Shade(k) if k < 1.0 && self.sky.lights.is_empty() => {
                self.sky.lights.push(Lighting::HighKey);
                false
            }
            Meaning::Filling(filling) => {
                let mut was_there = false;
                for subject in &mut self.plan.subjects {
                    was_there |= subject.filling.take_if(|f| *f == filling).is_some();
                }
                was_there
            }
            Meaning::Motif(motif) => {
                let mut was_there = false;
                for subject in &mut self.plan.subjects {
                    was_there |= subject.motif.take_if(|m| *m == motif).is_some();
                }
                was_there
            }
            Meaning::Backdrop => self.plan.backdrop.take().is_some(),
            _ => false,
        }
    }

    fn avoid_color(&mut self, color: [u8; 3]) -> bool {
        let is_near = |c: &mut [u8; 3]| c.iter().zip(color).all(|(a, b)| a.abs_diff(b) < 48);
        let mut was_there = false;
        for subject in &mut self.plan.subjects {
            was_there |= subject.color.take_if(is_near).is_some() | subject.second_color.take_if(is_near).is_some();
            // `red chair` is a chair that is red as it is: another is shown.
            let bare = subject.noun.split_once(' ').filter(|(first, _)| says(first, |m| m == Meaning::Color(color)));
            if let Some(other) = bare.and_then(|(_, rest)| self.catalogue.lookup(rest)) {
                subject.entry = self.catalogue.id(other.entry);
            }
        }
        for cover in [&mut self.plan.surface, &mut self.plan.backdrop].into_iter().flatten() {
            was_there |= cover.color.take_if(is_near).is_some();
        }
        was_there
    }

    /// A material goes from things and covers; a ground that would be of it anyway is of another.
    fn avoid_substance(&mut self, of: Substance) -> bool {
        let mut was_there = false;
        let instead = INSTEAD.into_iter().find(|other| *other != of);
        for subject in &mut self.plan.subjects {
            let by_name = subject.noun.split(' ').any(|word| says(word, |m| m == Meaning::Substance(of)));
            was_there |= subject.substance.take_if(|s| *s == of).is_some() || by_name;
            if by_name {
                subject.substance = instead;
            }
        }
        for cover in [&mut self.plan.surface, &mut self.plan.backdrop].into_iter().flatten() {
            if cover.substance == Some(of) {
                cover.substance = instead;
                was_there = true;
            }
        }
        if self.plan.surface.is_none() && super::super::stage::ground_of(self.plan.place) == Some(of) {
            self.plan.surface = Some(Cover { substance: instead, ..Cover::default() });
            was_there = true;
        }
        was_there
    }
}

/// Whether a word has a meaning by the lexicon.
fn says(word: &str, is_it: impl Fn(Meaning) -> bool) -> bool {
    MEANINGS.get(word).is_some_and(|meanings| meanings.iter().any(|m| is_it(*m)))
}

fn drop_light(list: &mut Vec<Lighting>, value: Lighting) -> bool {
    let before = list.len();
    list.retain(|other| *other != value);
    list.len() < before
}

fn drop_words(list: &mut Vec<String>, words: &str) -> bool {
    let before = list.len();
    list.retain(|other| other != words);
    list.len() < before
}
