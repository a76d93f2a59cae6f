//! What a prompt leaves open, decided: its light from all that it says of light, time, weather and mood; colours from
//! its palette; a stand-in where it names nothing; and the list of what had no effect.

use super::{
    super::{
        catalogue::Entry,
        lexicon::{Finish, Lighting, Mood, Motif, Place, Relation, Substance, Time, Variety, Weather},
        plan::{Cover, Placement, ReadAs, ScenePlan, Subject},
        shapes::Shape,
    },
    Reader, Sky,
};

/// How many words the last warning lists.
const LISTED_MAX: usize = 12;

impl Sky {
    /// The one light that comes nearest to all that was said: the most particular one wins, a named light over the
    /// time of day, that over the weather, that over the mood.
    fn decide(&self) -> Option<Lighting> {
        let at_time = self.time.map(|time| match time {
            Time::Dawn | Time::Evening | Time::Afternoon => Lighting::GoldenHour,
            Time::Morning => Lighting::Window,
            Time::Noon => Lighting::Daylight,
            Time::Sunset => Lighting::Sunset,
            Time::Dusk => Lighting::BlueHour,
            Time::Night => Lighting::Night,
        });
        let under = self.weather.map(|weather| match weather {
            Weather::Clear => Lighting::Daylight,
            Weather::Storm => Lighting::BlueHour,
            Weather::Cloudy | Weather::Fog | Weather::Rain | Weather::Snow => Lighting::Overcast,
        });
        let in_mood = self.mood.and_then(|mood| match mood {
            Mood::Dramatic | Mood::Moody | Mood::Luxurious => Some(Lighting::Dramatic),
            Mood::Airy | Mood::Playful => Some(Lighting::HighKey),
            Mood::Cosy | Mood::Festive => Some(Lighting::GoldenHour),
            Mood::Calm | Mood::Dreamy => Some(Lighting::Soft),
            Mood::Romantic => Some(Lighting::Candlelight),
            Mood::Melancholic => Some(Lighting::Overcast),
            Mood::Futuristic => None,
        });
        let named = self.lights.iter().copied().chain(at_time).enumerate();
        // Of equals the one that was said first.
        let best = named.max_by_key(|(i, light)| (particularity(*light), usize::MAX - i)).map(|(_, light)| light);
        best.or(under).or(in_mood)
    }
}

/// How much a light says: neon at night is neon, soft light at sunset is sunset.
fn particularity(light: Lighting) -> u8 {
    match light {
        Lighting::Neon | Lighting::Candlelight => 9,
        Lighting::Night => 8,
        Lighting::Sunset | Lighting::BlueHour => 7,
        Lighting::Dramatic | Lighting::Backlit => 6,
        Lighting::GoldenHour => 5,
        Lighting::HighKey | Lighting::Overcast => 4,
        Lighting::Window | Lighting::Daylight => 3,
        Lighting::Soft => 2,
        Lighting::Studio => 1,
    }
}

/// The backdrop of a mood in the studio.
fn backdrop_of(mood: Mood) -> Option<[u8; 3]> {
    match mood {
        Mood::Cosy => Some([222, 196, 166]),
        Mood::Airy => Some([242, 241, 238]),
        Mood::Calm => Some([208, 212, 204]),
        Mood::Romantic => Some([238, 206, 204]),
        Mood::Playful => Some([250, 206, 92]),
        Mood::Dreamy => Some([220, 212, 236]),
        Mood::Festive => Some([120, 28, 34]),
        Mood::Melancholic => Some([150, 156, 164]),
        Mood::Dramatic | Mood::Moody | Mood::Luxurious | Mood::Futuristic => None,
    }
}

impl Reader<'_, '_> {
    pub(super) fn finish(mut self, prompt: &str) -> ScenePlan {
        self.set_sides();
        self.avoid();
        if self.plan.subjects.is_empty() {
            self.stand_in(prompt);
        }
        self.tie();
        (self.plan.time, self.plan.weather, self.plan.mood) = (self.sky.time, self.sky.weather, self.sky.mood);
        self.plan.lighting = self.sky.decide();
        self.set_weather();
        self.open_umbrellas();
        self.color();
        self.confess();
        self.ignored.dedup();
        if !self.ignored.is_empty() {
            let short = |w: &String| format!("\"{}\"", w.chars().take(30).collect::<String>());
            let list: Vec<String> = self.ignored.iter().take(LISTED_MAX).map(short).collect();
            let more = if self.ignored.len() > LISTED_MAX { " and more" } else { "" };
            self.plan.warnings.push(format!("Not understood or not possible, left out: {}{more}.", list.join(", ")));
        }
        let mut seen = Vec::new();
        self.plan.warnings.retain(|w| {
            !seen.contains(w) && {
                seen.push(w.clone());
                true
            }
        });
        self.plan.words = self.readings.into_iter().filter(|r| !matches!(r.words.as_str(), "," | ".")).collect();
        self.plan
    }

    /// `a cup on the left and a plate on the right`.
    fn set_sides(&mut self) {
        for (subject, relation) in std::mem::take(&mut self.sides) {
            let placed = |k: usize| self.plan.placements.iter().any(|p| p.subject == k || p.to == k);
            let other = (0..self.plan.subjects.len()).find(|&k| k != subject);
            if let Some(other) = other.filter(|&k| !(placed(subject) && placed(k))) {
                self.place(subject, relation, other);
            }
        }
    }

    /// Nothing was named that can be shown.
    fn stand_in(&mut self, prompt: &str) {
        self.plan.placements.clear();
        if self.plan.place != Place::Studio && self.ignored.is_empty() {
            return self.furnish();
        }
        let noun = self.ignored.pop().unwrap_or_else(|| prompt.trim().chars().take(40).collect());
        let said = "Nothing that the catalogue has was named; a sphere stands in for";
        self.plan.warnings.push(format!("{said} \"{}\".", noun.chars().take(40).collect::<String>()));
        let cover = self.plan.surface.unwrap_or_default();
        let entry = self.catalogue.id(Entry::Shape(Shape::Sphere));
        let substance = Some(Substance::Ceramic);
        self.plan.subjects.push(Subject { color: cover.color, substance, ..Subject::new(&noun, entry) });
    }

    /// Only a place was named: what one finds there is shown.
    fn furnish(&mut self) {
        let names: &[&str] = match self.plan.place {
            Place::Studio | Place::Gallery => &["vase"],
            Place::Room => &["armchair", "lamp", "potted plant"],
            Place::Kitchen => &["refrigerator", "bar stool"],
            Place::Bathroom => &["washbasin"],
            Place::Meadow | Place::Forest => &["tree", "rock"],
            Place::Beach => &["deck chair", "parasol"],
            Place::Desert => &["cactus", "rock"],
            Place::Street => &["car", "lantern"],
            Place::Terrace => &["deck chair", "potted plant"],
            Place::Road | Place::MountainRoad => &["car", "rock"],
            Place::Snowfield => &["pine tree", "rock"],
            Place::Lake => &["sailing boat", "rock"],
        };
        let found: Vec<(&str, String)> = names
            .iter()
            .filter_map(|name| Some((*name, self.catalogue.id(self.catalogue.lookup(name)?.entry))))
            .collect();
        let shown: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
        self.plan.warnings.push(format!("Only a place was named; this is shown there: {}.", shown.join(", ")));
        for (name, entry) in &found {
            self.plan.subjects.push(Subject::new(name, entry.clone()));
        }
    }

    /// Ties loose groups to the first: they stand beside it.
    fn tie(&mut self) {
        loop {
            let mut near = vec![false; self.plan.subjects.len()];
            near[0] = true;
            let ends = |p: &Placement| [Some(p.subject), Some(p.to), p.and].into_iter().flatten();
            for _ in 0..near.len() {
                for p in &self.plan.placements {
                    if ends(p).any(|k| near[k]) {
                        ends(p).for_each(|k| near[k] = true);
                    }
                }
            }
            let Some(loose) = near.iter().position(|n| !n) else { return };
            let (loose, first) = (self.base(loose), self.base(0));
            self.plan.placements.push(Placement::new(loose, Relation::Beside, first));
        }
    }

    /// What carries a subject in the end.
    fn base(&self, subject: usize) -> usize {
        let mut base = subject;
        for _ in 0..self.plan.subjects.len() {
            let on = |p: &&Placement| p.subject == base && matches!(p.relation, Relation::On | Relation::Inside);
            let Some(p) = self.plan.placements.iter().find(on) else { break };
            base = p.to;
        }
        base
    }

    /// Rain and snow fall onto a ground that shows it.
    fn set_weather(&mut self) {
        match self.plan.weather {
            Some(Weather::Rain | Weather::Storm) => {
                let ground = super::super::stage::ground_of(self.plan.place);
                if self.plan.surface.is_none() && self.plan.place == Place::Studio {
                    self.plan.place = Place::Street;
                }
                let cover = self.plan.surface.unwrap_or(Cover { substance: ground, ..Cover::default() });
                if matches!(cover.substance, None | Some(Substance::Asphalt | Substance::Stone | Substance::Concrete)) {
                    let substance = cover.substance.or(Some(Substance::Asphalt));
                    let finish = Some(Finish::Wet);
                    self.plan.surface = Some(Cover { substance, finish, ..cover });
                }
            }
            Some(Weather::Snow) => {
                if self.plan.surface.is_none() && matches!(self.plan.place, Place::Studio | Place::Meadow) {
                    self.plan.place = Place::Snowfield;
                }
                self.plan.warnings.push("Falling snow is not drawn: it lies on the ground.".into());
            }
            _ => {}
        }
    }

    /// Umbrellas that are carried or rained on are open.
    fn open_umbrellas(&mut self) {
        let rains = matches!(self.plan.weather, Some(Weather::Rain | Weather::Storm));
        for k in 0..self.plan.subjects.len() {
            let held = self.plan.placements.iter().any(|p| p.subject == k && p.relation == Relation::HeldBy);
            let subject = &mut self.plan.subjects[k];
            let is_closed =
                subject.entry == "umbrella" && subject.noun.strip_suffix('s').unwrap_or(&subject.noun) == "umbrella";
            if is_closed && (rains || held) && !subject.leaning {
                subject.entry = self.catalogue.id(Entry::Shape(Shape::Umbrella));
                let named =
                    self.readings.iter_mut().filter(|r| r.read_as == ReadAs::Subject && r.words == subject.noun);
                named.for_each(|reading| reading.means = Some(subject.entry.clone()));
            }
        }
    }

    /// Palette and mood give colours to what has none.
    fn color(&mut self) {
        if let Some(palette) = self.plan.palette {
            let colors = palette.colors();
            let mut next = 1;
            for subject in &mut self.plan.subjects {
                let is_bare = subject.color.is_none() && subject.substance.is_none();
                if is_bare && subject.count > 1 && subject.entry.starts_with("shape:") {
                    // Each copy takes one of the palette.
                    if !subject.varied.contains(&Variety::Color) {
                        subject.varied.push(Variety::Color);
                    }
                } else if is_bare && subject.entry.starts_with("shape:") {
                    subject.color = Some(colors[next]);
                    next = next % 3 + 1;
                }
            }
        }
        let is_open = self.plan.place == Place::Studio && self.plan.surface.is_none() && self.plan.backdrop.is_none();
        let backdrop = self.plan.palette.map(|p| p.colors()[0]).or(self.plan.mood.and_then(backdrop_of));
        let is_dark = matches!(self.plan.lighting, Some(Lighting::Night | Lighting::Dramatic | Lighting::Neon));
        if let Some(color) = backdrop.filter(|_| is_open && !is_dark) {
            self.plan.backdrop = Some(Cover { color: Some(color), ..Cover::default() });
        }
    }

    /// Says what a plan has that no renderer shows.
    fn confess(&mut self) {
        for subject in &self.plan.subjects {
            let pattern = match subject.motif {
                Some(Motif::Floral) => "No pattern of flowers is",
                Some(Motif::Gradient) => "No run of colours is",
                Some(_) if subject.entry.starts_with("card:") => "No pattern is",
                None if subject.entry.starts_with("card:") && subject.second_color.is_some() => "No second colour is",
                _ => continue,
            };
            self.plan.warnings.push(format!("{pattern} painted: \"{}\" has one colour.", subject.noun));
        }
    }
}
