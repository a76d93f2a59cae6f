//! Phrases without a head: where, on what, in front of what, of what, with what in it.

use super::{
    super::{
        lexicon::{Link, Place, Relation, Substance},
        plan::{Cover, ReadAs, ScenePlan, Subject},
        tokens::Token,
    },
    Phrase, Reader,
    heads::{is_furniture_top, top_of},
    readings::name_of,
};

impl Reader<'_, '_> {
    /// A phrase without a head says where, on what, or of what.
    pub(super) fn modify(&mut self, phrase: &Phrase) {
        let cover = phrase.cover(phrase.tokens.len());
        for unknown in phrase.tokens.iter().filter(|t| t.is_unknown()) {
            self.leave_out(unknown);
        }
        let is_extra = matches!(phrase.link, Some(Link::With | Link::And | Link::Of));
        if is_extra && phrase.tokens.last().is_some_and(Token::is_unknown) && !self.plan.subjects.is_empty() {
            // `with maple syrup`: what is said of something unknown says nothing of the rest.
            return;
        }
        if self.repeat(phrase, cover) || self.spread(phrase) {
            return;
        }
        let top = |t: &Token| t.support().or_else(|| is_furniture_top(&t.words).then(|| top_of(&t.words)));
        let support = phrase.tokens.iter().find_map(|t| top(t).map(|of| (t, of)));
        let place = phrase.tokens.iter().rev().find_map(Token::place);
        let (place, cover) = lead_through(phrase, place, cover);
        let filling = phrase.tokens.iter().find_map(|t| t.filling().map(|f| (t, f)));
        let on = matches!(phrase.link, Some(Link::To(Relation::On | Relation::Above)));
        if phrase.link == Some(Link::To(Relation::Above)) || phrase.floating {
            self.lift();
        }
        match (phrase.link, filling) {
            (Some(Link::Against), _) => self.plan.backdrop = Some(cover),
            (Some(Link::Of | Link::With | Link::From(_)), Some((token, filling))) if !self.plan.subjects.is_empty() => {
                self.fill(filling, token);
            }
            _ if support.is_some() => self.support(phrase, support, (cover, place)),
            _ if on && phrase.tokens.last().is_some_and(|t| t.place().is_some()) => self.go(place, cover),
            _ if on && cover != Cover::default() => self.lay(phrase, cover),
            _ if place.is_some() => self.go(place, cover),
            (link, Some((_, filling))) => self.pour(filling, link),
            _ => self.qualify(phrase, cover),
        }
        if on || place.is_some() {
            self.run_is_open = false;
        }
    }

    /// `a red apple next to a green one`: the same thing again, in another colour.
    fn repeat(&mut self, phrase: &Phrase, cover: Cover) -> bool {
        let is_one = phrase.count == Some(1) && phrase.determined && cover != Cover::default();
        let Some(last) = self.plan.subjects.last().filter(|_| is_one).cloned() else { return false };
        if self.plan.subjects.len() < ScenePlan::MAX_SUBJECTS {
            let substance = cover.substance.or(last.substance);
            self.plan.subjects.push(Subject { count: 1, color: cover.color.or(last.color), substance, ..last });
            self.relate(phrase.link);
        }
        true
    }

    /// `a cone, a cylinder and a sphere in red, yellow and blue`: each its own.
    fn spread(&mut self, phrase: &Phrase) -> bool {
        let colors = phrase.colors(phrase.tokens.len());
        let is_plain = !colors.is_empty() && phrase.tokens.iter().all(|t| t.color().is_some() && t.noun.is_none());
        if is_plain && phrase.link == Some(Link::In) && self.run_is_joined && self.run.len() > 1 {
            self.colorless.clone_from(&self.run);
        } else if !is_plain || !matches!(phrase.link, Some(Link::Then | Link::And)) || self.colorless.is_empty() {
            self.colorless.clear();
            return false;
        }
        for color in colors {
            if !self.colorless.is_empty() {
                let subject = self.colorless.remove(0);
                self.plan.subjects[subject].color = Some(color);
            }
        }
        true
    }

    /// `in a snowy forest`, `white kitchen`: where, and what is under and behind everything there.
    fn go(&mut self, place: Option<Place>, cover: Cover) {
        self.plan.place = place.unwrap_or_default();
        let is_indoors = matches!(self.plan.place, Place::Room | Place::Kitchen | Place::Bathroom | Place::Gallery);
        if cover.substance.is_some() || cover.finish.is_some() {
            let substance = cover.substance.or(super::super::stage::ground_of(self.plan.place));
            self.plan.surface = self.plan.surface.or(Some(Cover { substance, color: None, finish: cover.finish }));
        }
        if cover.color.is_some() && is_indoors {
            self.plan.backdrop = self.plan.backdrop.or(Some(Cover { color: cover.color, ..Cover::default() }));
        }
    }

    /// `on a marble counter`, `wooden table`: what everything stands on.
    fn support(&mut self, phrase: &Phrase, top: Option<(&Token, Substance)>, (cover, place): (Cover, Option<Place>)) {
        let Some((token, of)) = top else { return };
        if matches!(phrase.link, Some(Link::To(relation)) if !matches!(relation, Relation::On | Relation::Above)) {
            return self.leave_out(token);
        }
        self.mark(token, ReadAs::Surface, name_of(cover.substance.unwrap_or(of)));
        self.plan.surface = Some(Cover { substance: cover.substance.or(Some(of)), ..cover });
        self.plan.place = place.unwrap_or(self.plan.place);
    }

    /// `on brushed steel`: a material that everything stands on.
    fn lay(&mut self, phrase: &Phrase, cover: Cover) {
        for token in phrase.tokens.iter().filter(|t| t.substance().is_some() || t.color().is_some()) {
            let means = token.substance().and_then(name_of);
            self.mark(token, ReadAs::Surface, means.or_else(|| token.color().map(super::readings::hex)));
        }
        self.plan.surface = Some(cover);
    }

    /// Whoever was named last hangs in the air.
    fn lift(&mut self) {
        if let Some(subject) = self.run.last().and_then(|&k| self.plan.subjects.get_mut(k)) {
            subject.floating = true;
        }
    }

    /// `…, white`, `in blue`, `of marble`: says more about the newest subject.
    fn qualify(&mut self, phrase: &Phrase, cover: Cover) {
        let Some(subject) = self.plan.subjects.last_mut() else {
            if cover != Cover::default() {
                self.plan.surface = Some(cover);
            }
            return;
        };
        subject.color = subject.color.or(cover.color);
        subject.substance = subject.substance.or(cover.substance);
        subject.finish = subject.finish.or(cover.finish);
        subject.motif = subject.motif.or(phrase.motif);
        subject.height_cm = subject.height_cm.or(phrase.height_cm.map(f64::from));
        subject.piled |= phrase.piled;
        subject.lined_up |= phrase.lined_up;
        subject.floating |= phrase.floating;
        let varied = phrase.varieties(subject.count, subject.color.is_some());
        let noun = subject.noun.clone();
        for same in self.plan.subjects.iter_mut().rev().take_while(|s| s.noun == noun) {
            same.varied.extend(varied.iter().filter(|v| !same.varied.contains(v)).copied().collect::<Vec<_>>());
        }
        let Some(subject) = self.plan.subjects.last_mut() else { return };
        if (subject.piled || subject.lined_up) && subject.count == 1 {
            subject.count = 3;
        }
    }

    /// `on a pink background`, `white walls`: what is behind everything.
    pub(super) fn back(&mut self, phrase: &Phrase) {
        let mut cover = phrase.cover(phrase.tokens.len());
        if phrase.link == Some(Link::To(Relation::LeaningOn)) {
            for k in self.run.clone() {
                self.plan.subjects[k].leaning = true;
            }
            cover.substance = cover.substance.or(cover.color.is_none().then_some(Substance::Plaster));
        }
        for thing in phrase.tokens.iter().filter(|t| t.noun.is_some() || t.is_unknown()) {
            if thing.meanings.is_empty() {
                self.leave_out(thing);
            }
        }
        let place = phrase.tokens.iter().find_map(Token::place);
        self.plan.place = place.unwrap_or(self.plan.place);
        if cover.color.is_none() && cover.substance.is_none() {
            let palette = phrase.palette.map(|palette| palette.colors()[0]);
            cover.color = palette.or(match phrase.shade {
                Some(k) if k < 1.0 => Some([30, 30, 33]),
                Some(k) if k > 1.0 => Some([236, 234, 230]),
                _ => None,
            });
        }
        if cover != Cover::default() {
            self.plan.backdrop = Some(cover);
        }
    }
}

/// `a snowy mountain road`: what comes before a road says what country it leads through.
fn lead_through(phrase: &Phrase, place: Option<Place>, cover: Cover) -> (Option<Place>, Cover) {
    let is_road = matches!(place, Some(Place::Road | Place::MountainRoad));
    let country = phrase.tokens.iter().find(|t| is_road && matches!(t.place(), Some(Place::Snowfield | Place::Desert)));
    let Some(country) = country else { return (place, cover) };
    let named = |word: &str| country.words.contains(word);
    let of = match country.place() {
        Some(Place::Desert) => Some(Substance::Sand),
        _ if named("snow") || named("winter") || named("arctic") => Some(Substance::Snow),
        _ => None,
    };
    let is_high = named("mountain") || named("alps") || place == Some(Place::MountainRoad);
    let place = if is_high { Place::MountainRoad } else { Place::Road };
    (Some(place), Cover { substance: cover.substance.or(of), ..cover })
}
