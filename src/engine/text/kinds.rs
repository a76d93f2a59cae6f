//! What a noun is a kind of, for things that one can see: an ocelot is a cat, a cat is a carnivore. From `WordNet`
//! (`models/wordnet/recipe.py` has the format).

use std::collections::HashMap;

use super::super::bundle;
use crate::engine::EngineError;

/// Words of one meaning and what they are a kind of.
#[derive(Debug)]
struct Node {
    words: &'static str,
    parent: Option<u32>,
    /// The first node that is no kind of this one.
    end: u32,
}

/// The nouns of `WordNet` that name what one can see, as a tree.
#[derive(Debug)]
pub struct Kinds {
    nodes: Vec<Node>,
    index: HashMap<&'static str, u32>,
}

/// One meaning in a [`Kinds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind(u32);

impl Kinds {
    /// Reads the tree: about 30 ms and 4 MB.
    ///
    /// # Errors
    /// [`EngineError::Model`] where the part is missing or no text.
    pub fn load() -> Result<Self, EngineError> {
        let text = std::str::from_utf8(bundle::bytes("wordnet/kinds.txt")?)
            .map_err(|e| EngineError::Model(format!("wordnet/kinds.txt: {e}")))?;
        Ok(Self::parse(text))
    }

    fn parse(text: &'static str) -> Self {
        let mut kinds = Self { nodes: Vec::new(), index: HashMap::new() };
        let mut rarer: HashMap<&'static str, u32> = HashMap::new();
        let mut path: Vec<u32> = Vec::new();
        for line in text.lines() {
            let (&[_, depth], Some(words)) = (line.as_bytes().get(..2).unwrap_or(&[]), line.get(2..)) else { continue };
            let (depth, at) = (depth.saturating_sub(b'a'), kinds.nodes.len() as u32);
            for done in path.split_off(path.len().min(usize::from(depth))) {
                kinds.nodes[done as usize].end = at;
            }
            kinds.nodes.push(Node { words, parent: path.last().copied(), end: at + 1 });
            path.push(at);
            for word in words.split('|') {
                match word.strip_prefix('~') {
                    Some(word) => rarer.entry(word).or_insert(at),
                    None => kinds.index.entry(word).or_insert(at),
                };
            }
        }
        let end = kinds.nodes.len() as u32;
        for done in path {
            kinds.nodes[done as usize].end = end;
        }
        for (word, at) in rarer {
            kinds.index.entry(word).or_insert(at);
        }
        kinds
    }

    /// What a word means first, in the singular or the plural.
    pub fn find(&self, word: &str) -> Option<Kind> {
        let stems = ["s", "es"].iter().filter_map(|end| word.strip_suffix(end));
        std::iter::once(word).chain(stems).find_map(|word| self.index.get(word)).map(|at| Kind(*at))
    }

    /// The words of one meaning.
    pub fn words(&self, kind: Kind) -> impl Iterator<Item = &'static str> + use<> {
        self.nodes[kind.0 as usize].words.split('|').map(|word| word.trim_start_matches('~'))
    }

    /// The meaning itself and all that it is a kind of, the nearest first.
    pub fn chain(&self, kind: Kind) -> impl Iterator<Item = Kind> + '_ {
        std::iter::successors(Some(kind), |at| self.nodes[at.0 as usize].parent.map(Kind))
    }

    /// The words that first of all mean a kind of this.
    pub fn below(&self, kind: Kind) -> impl Iterator<Item = &'static str> + '_ {
        let nodes = kind.0..self.nodes[kind.0 as usize].end;
        nodes.flat_map(move |at| self.words(Kind(at)).filter(move |word| self.index.get(word) == Some(&at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ocelot_is_a_cat() {
        let kinds = Kinds::load().unwrap();
        let chain = |word: &str| -> Vec<&str> {
            let kind = kinds.find(word).unwrap();
            kinds.chain(kind).map(|k| kinds.words(k).next().unwrap()).collect()
        };
        assert!(chain("ocelot").contains(&"cat"), "{:?}", chain("ocelot"));
        assert_eq!(chain("ocelots"), chain("ocelot"));
        assert!(chain("limousine").contains(&"car"));
        assert!(kinds.below(kinds.find("stringed instrument").unwrap()).any(|word| word == "guitar"));
        assert!(kinds.find("democracy").is_none() && kinds.find("frobnicator").is_none());
    }

    #[test]
    fn the_tree_hangs_together() {
        let kinds = Kinds::load().unwrap();
        assert!(kinds.nodes.len() > 28_000);
        for (at, node) in kinds.nodes.iter().enumerate() {
            assert!(node.end as usize > at && node.end as usize <= kinds.nodes.len());
            let above = node.parent.map(|p| &kinds.nodes[p as usize]);
            assert!(above.is_none_or(|p| p.end >= node.end), "{}", node.words);
        }
        assert!(Kinds::parse("").find("cat").is_none() && Kinds::parse("A\n\nAb\nAacat").find("cat").is_some());
    }
}
