//! The catalogue: which words mean which model or card of the packs or which procedural shape.
//!
//! Owns lookup by noun (synonyms, plurals, several words, misspellings, stand-ins); refuses to know what the rest of a
//! prompt says. It borrows the packs; nothing is decoded here.

use std::{collections::HashMap, sync::Arc};

use super::{
    library::{Credit, Library},
    nouns::{NEAREST, SHAPES},
    pack::{Pack, PackCard, PackModel},
    shapes::Shape,
};
use crate::engine::EngineError;

/// One thing that can be put on the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// One of [`Pack::models`].
    Model(Stored),
    /// One of [`Pack::cards`].
    Card(Stored),
    /// A shape that is made rather than stored.
    Shape(Shape),
}

/// Where something lies in the packs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    pack: usize,
    index: usize,
}

/// How a noun was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// What it means.
    pub entry: Entry,
    /// Whether it was written as a plural that is not itself a name (`apples`, not `scissors`).
    pub plural: bool,
    /// Whether something near stands in for it.
    pub stand_in: bool,
}

/// The words for everything that can be staged.
#[derive(Debug)]
pub struct Catalogue<'a> {
    shelves: Vec<Shelf<'a>>,
    names: HashMap<String, (Entry, bool)>,
}

/// A pack, and the library that it is of unless it is the binary's own.
#[derive(Debug)]
struct Shelf<'a> {
    pack: Arc<Pack<'a>>,
    library: Option<String>,
}

impl<'a> Catalogue<'a> {
    /// The longest name in words.
    pub const MAX_WORDS: usize = 4;

    /// Opens the packs in `data` and indexes their words. A shape wins over a model of the same name, a model over a
    /// card, an earlier pack over a later one.
    pub fn open(data: &[&'a [u8]]) -> Result<Self, EngineError> {
        let packs = data.iter().map(|data| Pack::open(data)).collect::<Result<Vec<_>, _>>()?;
        let mut names: HashMap<String, (Entry, bool)> = HashMap::new();
        for (shape, words) in SHAPES {
            for word in *words {
                names.entry((*word).to_owned()).or_insert((Entry::Shape(*shape), false));
            }
        }
        let stored = |pack: usize, index: usize| Stored { pack, index };
        let mut known: Vec<(Entry, &str, &[String])> = Vec::new();
        for (p, pack) in packs.iter().enumerate() {
            let models = pack.models().iter().enumerate();
            known.extend(models.map(|(i, m)| (Entry::Model(stored(p, i)), m.name.as_str(), m.also.as_slice())));
        }
        for (p, pack) in packs.iter().enumerate() {
            let cards = pack.cards().iter().enumerate();
            known.extend(cards.map(|(i, c)| (Entry::Card(stored(p, i)), c.name.as_str(), c.also.as_slice())));
        }
        // A thing's own name wins over another's synonym.
        for (entry, name, _) in &known {
            names.entry(normalise(name)).or_insert((*entry, false));
        }
        let own: HashMap<String, Entry> = names.iter().map(|(name, (entry, _))| (name.clone(), *entry)).collect();
        for (entry, word) in known.iter().flat_map(|(entry, _, also)| also.iter().map(move |word| (*entry, word))) {
            let word = normalise(word);
            // `sneakers` is no synonym of boots where there is a sneaker.
            if !singulars(&word).iter().any(|one| own.get(one).is_some_and(|other| *other != entry)) {
                names.entry(word).or_insert((entry, false));
            }
        }
        for (name, words) in NEAREST {
            let Some((entry, _)) = names.get(*name).copied() else { continue };
            for word in *words {
                names.entry((*word).to_owned()).or_insert((entry, true));
            }
        }
        let shelves = packs.into_iter().map(|pack| Shelf { pack: Arc::new(pack), library: None });
        Ok(Self { shelves: shelves.collect(), names })
    }

    /// The same with the things of `libraries` after all others, the first library's first. Their words win where
    /// there was nothing yet, or only what stands in or a cut-out; a shape or a model of the same name stays.
    #[must_use]
    pub fn with_libraries(mut self, libraries: &[Arc<Library>]) -> Self {
        let first = self.shelves.len();
        for library in libraries {
            let shelf = |pack: &Arc<Pack<'static>>| Shelf { pack: pack.clone(), library: Some(library.name.clone()) };
            self.shelves.extend(library.packs().iter().map(shelf));
        }
        let mut words: Vec<(String, Entry)> = Vec::new();
        let mut synonyms: Vec<(String, Entry)> = Vec::new();
        for (pack, shelf) in self.shelves.iter().enumerate().skip(first) {
            for (index, model) in shelf.pack.models().iter().enumerate() {
                let entry = Entry::Model(Stored { pack, index });
                words.push((normalise(&model.name), entry));
                synonyms.extend(model.also.iter().map(|word| (normalise(word), entry)));
            }
        }
        // A thing's own name wins over another's synonym.
        words.append(&mut synonyms);
        for (word, entry) in words.into_iter().filter(|(word, _)| word.split(' ').count() <= Self::MAX_WORDS) {
            let known = self.names.get(&word);
            if known.is_none_or(|(known, stand_in)| *stand_in || matches!(known, Entry::Card(_))) {
                self.names.insert(word, (entry, false));
            }
        }
        self
    }

    /// Whether an entry is of a library. Its colours are in its textures, whatever its names say of them.
    pub fn is_brought(&self, entry: Entry) -> bool {
        matches!(entry, Entry::Model(at) if self.shelves.get(at.pack).is_some_and(|shelf| shelf.library.is_some()))
    }

    /// Whose the things of libraries are that a plan's entries name, each once.
    pub fn credits<'e>(&self, entries: impl IntoIterator<Item = &'e str>) -> Vec<Credit> {
        let mut credits: Vec<Credit> = Vec::new();
        for id in entries {
            let model = self.by_id(id).filter(|entry| self.is_brought(*entry)).and_then(|entry| self.model(entry));
            if let Some((_, model)) = model.filter(|_| credits.iter().all(|credit| credit.entry != id)) {
                credits.push(Credit::of(id.to_owned(), model));
            }
        }
        credits
    }

    /// The model behind an entry and the pack that it is in, if it is one.
    pub fn model(&self, entry: Entry) -> Option<(&Pack<'a>, &PackModel)> {
        let Entry::Model(Stored { pack, index }) = entry else { return None };
        let pack = &*self.shelves.get(pack)?.pack;
        Some((pack, pack.models().get(index)?))
    }

    /// The card behind an entry and the pack that it is in, if it is one.
    pub fn card(&self, entry: Entry) -> Option<(&Pack<'a>, &PackCard)> {
        let Entry::Card(Stored { pack, index }) = entry else { return None };
        let pack = &*self.shelves.get(pack)?.pack;
        Some((pack, pack.cards().get(index)?))
    }

    /// The card that shows the face of a whole figure, where there is one.
    pub fn face(&self, entry: Entry) -> Option<Entry> {
        let (_, figure) = self.card(entry)?;
        let Entry::Card(Stored { pack, .. }) = entry else { return None };
        let cards = self.shelves.get(pack)?.pack.cards();
        let index = cards.iter().position(|card| card.of.as_ref() == Some(&figure.id))?;
        Some(Entry::Card(Stored { pack, index }))
    }

    /// The entry's id in plans, such as `chesterfield-sofa`, `shape:cup`, `card:cat` or, of a library, `garden/oak`.
    pub fn id(&self, entry: Entry) -> String {
        match entry {
            Entry::Shape(shape) => format!("shape:{}", shape.name()),
            Entry::Model(at) => {
                let library = self.shelves.get(at.pack).and_then(|shelf| shelf.library.as_deref());
                let id = self.model(entry).map_or("", |(_, m)| m.id.as_str());
                library.map_or_else(|| id.to_owned(), |library| format!("{library}/{id}"))
            }
            Entry::Card(_) => self.card(entry).map_or_else(String::new, |(_, c)| format!("card:{}", c.id)),
        }
    }

    /// The entry with that id.
    pub fn by_id(&self, id: &str) -> Option<Entry> {
        if let Some(name) = id.strip_prefix("shape:") {
            return SHAPES.iter().map(|(s, _)| *s).find(|s| s.name() == name).map(Entry::Shape);
        }
        let mut shelves = self.shelves.iter().enumerate();
        if let Some(id) = id.strip_prefix("card:") {
            return shelves.find_map(|(pack, shelf)| {
                let index = shelf.pack.cards().iter().position(|c| c.id == id)?;
                Some(Entry::Card(Stored { pack, index }))
            });
        }
        let (library, id) = id.rsplit_once('/').map_or((None, id), |(library, id)| (Some(library), id));
        shelves.filter(|(_, shelf)| shelf.library.as_deref() == library).find_map(|(pack, shelf)| {
            let index = shelf.pack.models().iter().position(|m| m.id == id)?;
            Some(Entry::Model(Stored { pack, index }))
        })
    }

    /// The entry's name for people.
    pub fn name(&self, entry: Entry) -> &str {
        match entry {
            Entry::Shape(shape) => shape.name(),
            Entry::Model(_) => self.model(entry).map_or("", |(_, m)| &m.name),
            Entry::Card(_) => self.card(entry).map_or("", |(_, c)| &c.name),
        }
    }

    /// Width, height and depth in cm.
    pub fn size_cm(&self, entry: Entry) -> [f32; 3] {
        match entry {
            Entry::Shape(shape) => shape.size_cm(),
            Entry::Model(_) => self.model(entry).map_or([10.0; 3], |(_, m)| m.size_cm),
            Entry::Card(_) => self
                .card(entry)
                .map_or([10.0; 3], |(_, PackCard { size_cm: [w, h], .. })| [*w, *h, w.min(*h) * super::card::DEPTH]),
        }
    }

    /// What exactly these words name, singular or plural; lower case, single spaces.
    pub fn lookup(&self, words: &str) -> Option<Found> {
        let known = |word: &str| self.names.get(word).copied();
        let exact = known(words).map(|(entry, stand_in)| Found { entry, plural: false, stand_in });
        if exact.is_some_and(|found| !found.stand_in) {
            return exact;
        }
        // The thing itself, if in the singular only, before what stands in for several.
        let many = singulars(words).into_iter().filter_map(|word| known(&word));
        let many = many.map(|(entry, stand_in)| Found { entry, plural: true, stand_in }).min_by_key(|f| f.stand_in);
        many.filter(|found| !found.stand_in).or(exact).or(many)
    }

    /// The known word that a misspelt one is nearest to, among the names here and `more`, if it is near enough.
    pub fn nearest_spelling<'w>(&'w self, word: &str, more: impl Iterator<Item = &'w str>) -> Option<String> {
        let length = word.chars().count();
        let allowed = match length {
            0..=3 => return None,
            4..=6 => 1,
            _ => 2,
        };
        let mut best: Option<(usize, &str)> = None;
        for name in self.names.keys().map(String::as_str).chain(more) {
            let size = name.chars().count();
            if name.contains(' ') || size < 4 || size.abs_diff(length) > allowed || strangers(word, name) > 2 * allowed
            {
                continue;
            }
            let far = distance(word, name);
            // Ties go to the alphabet, so that the order of a hash map never decides.
            if far <= allowed && best.is_none_or(|b| (far, name) < b) {
                best = Some((far, name));
            }
        }
        best.map(|(_, name)| name.to_owned())
    }
}

/// Lower case, hyphens as spaces, apostrophes gone.
pub fn normalise(text: &str) -> String {
    text.to_lowercase().replace('-', " ").replace(['\'', '’'], "")
}

/// What `words` may be the plural of; the last word changes.
fn singulars(words: &str) -> Vec<String> {
    const IRREGULAR: &[(&str, &str)] = &[
        ("mice", "mouse"),
        ("men", "man"),
        ("women", "woman"),
        ("children", "child"),
        ("geese", "goose"),
        ("cacti", "cactus"),
        ("dice", "die"),
        ("people", "person"),
        ("feet", "foot"),
    ];
    let (front, last) = words.rsplit_once(' ').map_or(("", words), |(a, b)| (a, b));
    // `bottles of wine`, `cups of coffee`
    if let Some((head, tail)) = words.split_once(" of ")
        && !head.contains(" of ")
    {
        return singulars(head).into_iter().map(|h| format!("{h} of {tail}")).collect();
    }
    let join = |w: &str| if front.is_empty() { w.to_owned() } else { format!("{front} {w}") };
    let mut out = Vec::new();
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == last) {
        out.push(join(one));
    }
    let endings = [("ves", "fe"), ("ves", "f"), ("ies", "y"), ("es", ""), ("s", "")];
    for (many, one) in endings {
        if let Some(stem) = last.strip_suffix(many)
            && stem.chars().count() >= 2
            && !last.ends_with("ss")
        {
            out.push(join(&format!("{stem}{one}")));
        }
    }
    out
}

/// How many letters one of two words has and the other has not; a slip changes two at most.
fn strangers(a: &str, b: &str) -> usize {
    let mut counts = [0i8; 32];
    a.bytes().for_each(|c| counts[usize::from(c & 31)] += 1);
    b.bytes().for_each(|c| counts[usize::from(c & 31)] -= 1);
    counts.iter().map(|n| usize::from(n.unsigned_abs())).sum()
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<u8> {
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/scene/scene.pack")).unwrap()
    }

    #[test]
    fn nouns_plurals_and_synonyms_find_their_entry() {
        let data = bytes();
        let catalogue = Catalogue::open(&[&data]).unwrap();
        let id = |w: &str| catalogue.lookup(w).map(|f| (catalogue.id(f.entry), f.plural, f.stand_in)).unwrap();
        assert_eq!(id("sofa"), ("fabric-sofa".into(), false, false));
        assert_eq!(id("couches"), ("couch".into(), true, false));
        assert_eq!(id("cup"), ("shape:cup".into(), false, false));
        assert_eq!(id("scissors"), ("scissors".into(), false, false));
        assert_eq!(id("apples"), ("shape:apple".into(), true, false));
        assert_eq!(id("knives"), ("knives".into(), false, false));
        assert_eq!(id("wine glasses"), ("shape:wine_glass".into(), true, false));
        assert_eq!(id("bottles of wine"), ("shape:bottle".into(), true, false));
        assert_eq!(id("cacti").0, "cactus");
        assert_eq!(id("cat"), ("teddy-bear".into(), false, true));
        assert_eq!(catalogue.lookup("zxqv"), None);
        let spelling = |word| catalogue.nearest_spelling(word, ["marble"].into_iter());
        assert_eq!(spelling("hedphones").as_deref(), Some("headphones"));
        assert_eq!(spelling("marbel").as_deref(), Some("marble"));
        assert_eq!(spelling("zxqvzxqv"), None);
    }

    #[test]
    fn every_stand_in_and_every_id_resolves() {
        let data = bytes();
        let catalogue = Catalogue::open(&[&data]).unwrap();
        for (name, _) in NEAREST {
            assert!(catalogue.lookup(name).is_some_and(|f| !f.stand_in), "{name}");
        }
        for (_, meaning) in super::super::protected::brands().iter().filter(|(_, m)| !m.is_empty()) {
            assert!(catalogue.lookup(meaning).is_some(), "{meaning}");
        }
        for entry in catalogue.names.values().map(|(e, _)| *e) {
            assert_eq!(catalogue.by_id(&catalogue.id(entry)), Some(entry));
        }
        assert!(catalogue.names.keys().all(|n| n.split(' ').count() <= Catalogue::MAX_WORDS));
    }

    #[test]
    fn distance_counts_a_swap_as_one() {
        assert_eq!(distance("teapto", "teapot"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
