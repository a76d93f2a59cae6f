//! How the things of a prompt stand to each other.

use super::{
    super::{
        catalogue::Entry,
        lexicon::{Link, Relation},
        plan::{Placement, Subject},
        shapes::Shape,
    },
    Reader,
};

/// Furniture from here on stands on the floor, whoever has it.
const TALL_CM: f32 = 60.0;

impl Reader<'_, '_> {
    /// Relates the newest subject to those before it.
    pub(super) fn relate(&mut self, link: Option<Link>) {
        let new = self.plan.subjects.len() - 1;
        if let Some((relation, to)) = self.ahead.take_if(|_| matches!(link, Some(Link::Then) | None)) {
            self.place(new, relation, to);
            return self.begin_run(new);
        }
        let left = self.left();
        let Some(&last) = left.last() else {
            if let Some(Link::To(relation)) = link {
                self.ahead = Some((relation, new));
            } else if link == Some(Link::In) {
                self.ahead = Some((Relation::Inside, new));
            }
            return self.begin_run(new);
        };
        match link {
            Some(Link::To(Relation::Between)) => self.place_between(&left, new),
            Some(Link::To(relation)) => self.place_all(&left, relation, new),
            Some(Link::In) => self.place_all(&left, Relation::Inside, new),
            Some(Link::Against) => self.place_all(&left, Relation::InFrontOf, new),
            Some(Link::From(Relation::HeldBy)) if !self.is_alive(last) => self.give(new, last),
            Some(Link::From(relation)) => self.place(new, relation, last),
            Some(Link::Of) => {
                let relation = if self.is_vessel(last) { Relation::Inside } else { Relation::On };
                let holds = self.is_vessel(last) || self.carries(last, new);
                self.place(new, if holds { relation } else { Relation::Beside }, last);
            }
            Some(Link::With) => {
                self.owner = Some(last);
                self.give(new, last);
            }
            Some(Link::And | Link::Then | Link::Without) | None => self.append(new, link),
        }
    }

    /// One more of a list: the second that something is between, a further accessory, or one more of the run.
    fn append(&mut self, new: usize, link: Option<Link>) {
        if let Some(k) = self.half_between.take_if(|_| link == Some(Link::And)) {
            self.plan.placements[k].and = Some(new);
        } else if let Some(owner) = self.owner {
            self.give(new, owner);
        } else if self.run_is_open {
            self.run.push(new);
            self.run_is_joined |= link == Some(Link::And);
        } else {
            self.begin_run(new);
        }
    }

    fn begin_run(&mut self, new: usize) {
        self.run = vec![new];
        (self.run_is_joined, self.run_is_open, self.owner) = (false, true, None);
    }

    /// Who a relation is about: all of `a cat and a dog`, the last of what stands apart.
    fn left(&self) -> Vec<usize> {
        match (self.owner, self.run.last()) {
            (Some(owner), _) => vec![owner],
            (None, Some(_)) if self.run_is_joined => self.run.clone(),
            (None, Some(last)) => vec![*last],
            (None, None) => Vec::new(),
        }
    }

    fn place_all(&mut self, left: &[usize], relation: Relation, to: usize) {
        for &subject in left {
            // `an armchair and a book on a small table`: what can't be on it stands beside it.
            let is_light = self.plan.subjects[subject].noun.contains("balloon");
            let is_low = is_light || self.size_cm(subject)[1] <= TALL_CM;
            let fits = left.len() == 1 || (is_low && self.fits(subject, to));
            let relation = match relation {
                Relation::Inside if self.is_dish(to) => Relation::On,
                Relation::On if !fits => Relation::Beside,
                relation => relation,
            };
            self.place(subject, relation, to);
        }
        // What follows is about the newest: a book on a table beside a lamp.
        self.begin_run(to);
        self.run_is_open = false;
    }

    /// `a vase between two candles`: the two are told apart; `between a cup and a book` waits for the second.
    fn place_between(&mut self, left: &[usize], new: usize) {
        let mut and = None;
        if self.plan.subjects[new].count == 2 && self.plan.subjects.len() < super::ScenePlan::MAX_SUBJECTS {
            let one = Subject { count: 1, ..self.plan.subjects[new].clone() };
            self.plan.subjects[new] = one.clone();
            self.plan.subjects.push(one);
            and = Some(new + 1);
        }
        for &subject in left.iter().take(1) {
            self.plan.placements.push(Placement { and, ..Placement::new(subject, Relation::Between, new) });
        }
        self.half_between = and.is_none().then(|| self.plan.placements.len() - 1);
        self.run_is_open = false;
        self.run_is_joined = false;
    }

    /// Gives `owner` what it comes with: in a vessel, on a top, round a table, else beside it.
    fn give(&mut self, accessory: usize, owner: usize) {
        let table = self.plan.subjects[owner].noun.ends_with("table");
        let relation = if self.is_alive(owner) && self.is_carried(accessory) {
            Relation::HeldBy
        } else if self.is_vessel(owner) {
            Relation::Inside
        } else if self.garnishes(accessory, owner) || self.carries(owner, accessory) {
            Relation::On
        } else if table && self.plan.subjects[accessory].count > 1 {
            Relation::Around
        } else {
            Relation::Beside
        };
        self.place(accessory, relation, owner);
    }

    /// A relation to what was named before: `a table with a vase on it`.
    pub(super) fn refer(&mut self, relation: Relation) {
        let newest = self.plan.subjects.len().saturating_sub(1);
        let (subject, to) = match self.owner {
            Some(owner) if owner != newest => (newest, owner),
            _ if newest > 0 => (
                newest,
                match self.run.first() {
                    Some(&first) if first != newest => first,
                    _ => newest - 1,
                },
            ),
            _ => {
                if matches!(relation, Relation::LeftOf | Relation::RightOf) && !self.plan.subjects.is_empty() {
                    self.sides.push((newest, relation));
                }
                return;
            }
        };
        if matches!(relation, Relation::LeftOf | Relation::RightOf) {
            return self.sides.push((subject, relation));
        }
        self.plan.placements.retain(|p| (p.subject, p.to) != (subject, to));
        self.place(subject, relation, to);
        self.run.retain(|&k| k != subject || k == to);
    }

    pub(super) fn place(&mut self, subject: usize, relation: Relation, to: usize) {
        let known = self.plan.placements.iter().any(|p| p.subject == subject && p.to == to);
        if subject != to && !known {
            self.plan.placements.push(Placement::new(subject, relation, to));
        }
    }

    fn entry(&self, subject: usize) -> Option<Entry> {
        self.catalogue.by_id(&self.plan.subjects[subject].entry)
    }

    /// Width, height and depth of one of them in cm.
    fn size_cm(&self, subject: usize) -> [f32; 3] {
        let of = &self.plan.subjects[subject];
        let scale = of.size.factor();
        self.entry(subject).map_or([10.0; 3], |entry| self.catalogue.size_cm(entry).map(|s| s * scale))
    }

    /// Whether `above` is small enough to stand on `below`.
    fn fits(&self, above: usize, below: usize) -> bool {
        if self.entry(below) == Some(Entry::Shape(Shape::Plinth)) {
            // It is made as large as what it carries.
            return true;
        }
        let (a, b) = (self.size_cm(above), self.size_cm(below));
        a[0].max(a[2]) <= 1.1 * b[0].max(b[2])
    }

    /// Whether it has hands, or paws: people, animals and what is made like them.
    fn is_alive(&self, subject: usize) -> bool {
        let Some(entry) = self.entry(subject) else { return false };
        let words = &self.plan.subjects[subject].noun;
        let people = ["person", "man", "woman", "girl", "boy", "child", "lady", "gentleman", "robot", "bear", "doll"];
        self.catalogue
            .card(entry)
            .is_some_and(|(_, card)| matches!(card.category.as_str(), "animal" | "person" | "people"))
            || self.catalogue.model(entry).is_some_and(|(_, model)| model.category == "characters")
            || people.iter().any(|name| words == name || words.ends_with(&format!(" {name}")))
    }

    /// Whether people have it in a hand as a matter of course.
    fn is_carried(&self, subject: usize) -> bool {
        let words = &self.plan.subjects[subject].noun;
        let named = [
            "umbrella",
            "balloon",
            "bag",
            "handbag",
            "suitcase",
            "briefcase",
            "lantern",
            "flower",
            "cup",
            "mug",
            "book",
        ];
        named.iter().any(|name| words.strip_suffix('s').unwrap_or(words).ends_with(name))
    }

    /// Whether it is put on the rim of a drink.
    fn garnishes(&self, subject: usize, to: usize) -> bool {
        use Shape::{CitrusSlice, Cup, Mug, Tumbler, WineGlass};
        let drink = matches!(self.entry(to), Some(Entry::Shape(Tumbler | WineGlass | Cup | Mug)));
        drink && self.entry(subject) == Some(Entry::Shape(CitrusSlice))
    }

    fn is_vessel(&self, subject: usize) -> bool {
        use Shape::{Bowl, Jar, Vase};
        let words = &self.plan.subjects[subject].noun;
        let holds = |name: &str| words == name || words.ends_with(&format!(" {name}"));
        let named = ["basket", "box", "crate", "barrel", "bucket", "planter", "pot", "chest", "bag", "jug", "pitcher"];
        matches!(self.entry(subject), Some(Entry::Shape(Bowl | Vase | Jar))) || named.into_iter().any(holds)
    }

    /// What things lie on rather than in, whatever the prompt says.
    fn is_dish(&self, subject: usize) -> bool {
        let words = &self.plan.subjects[subject].noun;
        let lies = ["plate", "dish", "platter", "tray", "saucer", "bed", "sofa", "couch", "armchair", "chair"];
        matches!(self.entry(subject), Some(Entry::Shape(Shape::Plate))) || lies.iter().any(|end| words.ends_with(end))
    }

    /// Whether things are put on it as a matter of course, and this one can be.
    fn carries(&self, below: usize, above: usize) -> bool {
        let words = &self.plan.subjects[below].noun;
        let tops = [
            "plinth", "pedestal", "podium", "table", "desk", "shelf", "shelves", "bookcase", "bench", "bed", "sofa",
            "couch", "armchair",
        ];
        let is_top = self.is_dish(below) || tops.iter().any(|end| words.ends_with(end));
        let lit = ["cake", "cupcake", "muffin"].iter().any(|end| words.ends_with(end))
            && self.plan.subjects[above].noun.starts_with("candle");
        let stands = self.plan.subjects[above].noun.starts_with("floor");
        lit || (is_top && !stands && self.size_cm(above)[1] <= TALL_CM && self.fits(above, below))
    }
}
