//! What a phrase is about: its head, and what the words before it say of that.

use super::{
    super::{
        catalogue::{Entry, Found},
        lexicon::{Filling, Link, Meaning, Relation, Size, Substance},
        nouns::comes_in_pairs,
        plan::{ReadAs, ScenePlan, Subject},
        protected,
        shapes::Shape,
        tokens::{MEANINGS, Token},
    },
    Phrase, Reader,
    readings::name_of,
};

impl Reader<'_, '_> {
    /// Where the phrase's head is among its tokens, if it names a thing at all.
    pub(super) fn head(&self, phrase: &Phrase) -> Option<usize> {
        let is_noun = |t: &Token| t.noun.is_some();
        let Some(at) = phrase.tokens.iter().rposition(is_noun) else {
            // `brushed steel xyz`: a material as the last known word makes the rest a modifier.
            let at = phrase.tokens.iter().rposition(Token::is_unknown)?;
            let covers = |t: &Token| t.substance().is_some() || t.support().is_some() || t.place().is_some();
            return (!phrase.tokens.iter().any(covers) && !phrase.is_picture).then_some(at);
        };
        let token = &phrase.tokens[at];
        let follows = !self.plan.subjects.is_empty();
        // Something after the noun decides: `stone floor`, `chair room`; not what says where: `a cup in a studio`.
        let is_where = |t: &Token| t.words.starts_with("in ") || t.words.starts_with("at ");
        let mut after = phrase.tokens[at + 1..].iter().filter(|t| !is_where(t));
        if after.any(|t| t.support().is_some() || t.place().is_some()) {
            return None;
        }
        let is_sized = phrase.size != Size::Normal || phrase.height_cm.is_some();
        let on = matches!(phrase.link, Some(Link::To(Relation::On) | Link::In));
        let is_top = token.support().is_some() || is_furniture_top(&token.words);
        if on && follows && is_top && !is_sized && phrase.count.is_none() {
            return None;
        }
        let into = matches!(phrase.link, Some(Link::Of | Link::With | Link::From(Relation::Inside)));
        if token.filling().is_some() && into && follows {
            return None;
        }
        let modifies = token.substance().is_some() || token.color().is_some();
        let is_counted = phrase.determined || phrase.count.is_some() || token.noun.is_some_and(|f| f.plural);
        if modifies && !is_counted && (on || into || phrase.link == Some(Link::Against)) {
            return None;
        }
        // `in a house` is where, `a house` is what.
        (token.place().is_none() || !on).then_some(at)
    }

    /// Adds what the phrase is about to the subjects.
    pub(super) fn add(&mut self, phrase: &Phrase, at: usize) {
        let token = &phrase.tokens[at];
        for (i, other) in phrase.tokens.iter().enumerate() {
            if i != at && (other.is_unknown() || (other.noun.is_some() && other.meanings.is_empty())) {
                self.leave_out(other);
            }
        }
        let Some(mut found) = token.noun else { return self.leave_out(token) };
        // `two glasses` are for drinking.
        if token.words == "glasses" && phrase.count.is_some() {
            found = self.catalogue.lookup("glass").unwrap_or(found);
            found.plural = true;
        }
        let mut others = phrase.tokens[..at].iter().chain(&phrase.tokens[at + 1..]);
        if let Some(place) = others.find_map(Token::place) {
            self.plan.place = place;
        }
        if self.is_nameless && phrase.relation().is_none() && !matches!(phrase.link, Some(Link::With | Link::From(_))) {
            return self.take_given(phrase);
        }
        if self.plan.subjects.len() >= ScenePlan::MAX_SUBJECTS {
            return self.leave_out(token);
        }
        // A fire gives light too.
        let light = token.meanings.iter().find_map(|m| if let Meaning::Lighting(l) = m { Some(*l) } else { None });
        self.sky.lights.extend(light);
        if found.stand_in && !token.is_protected {
            let name = self.catalogue.name(found.entry);
            let said = format!("\"{}\" is not in the catalogue; the nearest to it is shown: {name}.", token.words);
            self.plan.warnings.push(said);
        }
        if matches!(found.entry, Entry::Card(_)) && !token.is_protected {
            self.plan.warnings.push(format!("\"{}\" is shown as a 3D toy figure.", token.words));
        }
        let id = self.catalogue.id(found.entry);
        if !token.is_protected {
            self.mark(token, ReadAs::Subject, Some(id));
        }
        if self.decant(phrase, at, found) {
            return;
        }
        for subject in self.dress(phrase, at, found) {
            if self.plan.subjects.len() < ScenePlan::MAX_SUBJECTS {
                let is_first = self.plan.subjects.is_empty() || phrase.motif.is_none();
                self.plan.subjects.push(subject);
                self.relate(if is_first { phrase.link } else { Some(Link::And) });
            }
        }
    }

    /// `tea in a tall glass`: the drink is poured into the vessel that is named after it.
    fn decant(&mut self, phrase: &Phrase, at: usize, found: Found) -> bool {
        let is_in = matches!(phrase.link, Some(Link::In | Link::To(Relation::Inside)));
        let Some(poured) = self.poured.take().filter(|_| is_in && holds_liquid(found.entry)) else { return false };
        let Some(vessel) = self.dress(phrase, at, found).pop() else { return false };
        let filling = self.plan.subjects[poured].filling;
        self.plan.subjects[poured] = Subject { filling, ..vessel };
        true
    }

    /// The head with everything that its phrase says of it: one subject, or two of `red and blue balloons`.
    fn dress(&mut self, phrase: &Phrase, at: usize, found: Found) -> Vec<Subject> {
        let token = &phrase.tokens[at];
        let mut colors = phrase.colors(at);
        colors.extend(token.carried.iter().filter_map(|m| if let Meaning::Color(c) = m { Some(*c) } else { None }));
        let carried = || token.carried.iter().find_map(|m| if let Meaning::Substance(s) = m { Some(*s) } else { None });
        let filling = phrase.tokens[..at].iter().find_map(Token::filling).or_else(|| filling_in(&token.words));
        let noun = if token.is_protected { protected::brand(&token.words).unwrap_or("person") } else { &token.words };
        let count = self.count(phrase, found, noun);
        let carved = phrase.is_carved.then_some(Substance::Stone);
        let subject = Subject {
            count,
            color: colors.first().copied(),
            second_color: None,
            motif: phrase.motif,
            substance: phrase.substance(at).or_else(carried).or(carved),
            finish: phrase.finish,
            size: if phrase.height_cm.is_some() { Size::Normal } else { phrase.size },
            height_cm: phrase.height_cm.map(|cm| (f64::from(cm) * 10.0).round() / 10.0),
            piled: phrase.piled,
            lined_up: phrase.lined_up && count > 1,
            varied: phrase.varieties(count, !colors.is_empty()),
            floating: phrase.floating,
            filling: filling.filter(|_| holds_liquid(found.entry)),
            ..Subject::new(noun, self.catalogue.id(found.entry))
        };
        let second = colors.get(1).copied();
        match second {
            Some(second)
                if count > 1 && phrase.motif.is_none() && self.plan.subjects.len() + 2 <= ScenePlan::MAX_SUBJECTS =>
            {
                let half = count / 2;
                vec![
                    Subject { count: count - half, ..subject.clone() },
                    Subject { count: half, color: Some(second), ..subject },
                ]
            }
            Some(_) => vec![Subject { second_color: second, ..subject }],
            None => vec![subject],
        }
    }

    /// How many there are of the head.
    fn count(&mut self, phrase: &Phrase, found: Found, words: &str) -> u8 {
        let id = self.catalogue.id(found.entry);
        let is_pair = ["booties", "scissors", "slippers", "shape:headphones"].contains(&id.as_str());
        // `a cone, a cylinder and a sphere in a row` are one of each.
        let lined_up = phrase.lined_up && (self.run.is_empty() || !matches!(phrase.link, Some(Link::And | Link::Then)));
        let singular = words.strip_suffix('s').and_then(|w| self.catalogue.lookup(w));
        let is_many = found.plural
            || (comes_in_pairs(words) && words.ends_with('s'))
            || (found.stand_in && singular.is_some_and(|one| one.entry == found.entry));
        let count = match phrase.count {
            Some(2) if is_pair => 1,
            Some(n) => n,
            None if is_many && comes_in_pairs(words) && !is_pair => 2,
            None if (is_many || phrase.piled || lined_up) && !is_pair => 3,
            // A mass of something in something.
            None if words == "fruit" && matches!(phrase.link, Some(Link::Of | Link::From(Relation::Inside))) => 3,
            None => 1,
        };
        if count > ScenePlan::MAX_COUNT {
            let most = ScenePlan::MAX_COUNT;
            self.plan.warnings.push(format!("At most {most} of a kind are shown: so many of \"{words}\"."));
        }
        count.clamp(1, ScenePlan::MAX_COUNT)
    }

    /// The prompt speaks of what was uploaded.
    pub(super) fn take_given(&mut self, phrase: &Phrase) {
        self.is_nameless = false;
        if let Some(noun) = phrase.tokens.iter().rfind(|t| t.noun.is_some()) {
            self.plan.subjects[0].noun.clone_from(&noun.words);
            self.mark(noun, ReadAs::Subject, Some(ScenePlan::GIVEN.into()));
        }
        let others: Vec<usize> = self.run.iter().copied().filter(|&k| k > 0).collect();
        match phrase.relation() {
            Some(relation) => others.into_iter().for_each(|k| self.place(k, relation, 0)),
            None => self.plan.subjects[0].floating |= phrase.floating,
        }
        self.run = vec![0];
        (self.run_is_joined, self.owner) = (false, None);
    }

    pub(super) fn fill(&mut self, filling: Filling, token: &Token) {
        let Some(subject) = self.plan.subjects.last_mut() else { return };
        if self.catalogue.by_id(&subject.entry).is_some_and(holds_liquid) {
            subject.filling = Some(filling);
            self.mark(token, ReadAs::Contents, name_of(filling));
        } else {
            self.leave_out(token);
        }
    }

    /// A drink without a vessel: `coffee on a table`, `red wine`.
    pub(super) fn pour(&mut self, filling: Filling, link: Option<Link>) {
        let shape = match filling {
            Filling::Coffee | Filling::Tea | Filling::Cocoa => Shape::Cup,
            Filling::RedWine | Filling::WhiteWine => Shape::WineGlass,
            _ => Shape::Tumbler,
        };
        if self.plan.subjects.len() < ScenePlan::MAX_SUBJECTS {
            let entry = Entry::Shape(shape);
            let subject = Subject::new(self.catalogue.name(entry), self.catalogue.id(entry));
            self.plan.subjects.push(Subject { filling: Some(filling), ..subject });
            self.poured = Some(self.plan.subjects.len() - 1);
            self.relate(link.filter(|link| matches!(link, Link::With | Link::To(_))).or(Some(Link::And)));
        }
    }
}

/// Whether the words name a piece of furniture that is there for its top.
pub(super) fn is_furniture_top(words: &str) -> bool {
    [" table", " desk", " counter", " shelf"].iter().any(|end| words.ends_with(end))
}

/// What the top of the furniture that `words` name is made of.
pub(super) fn top_of(words: &str) -> Substance {
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
