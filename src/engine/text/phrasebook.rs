//! Meanings with several phrasings each, and which of them a text comes nearest.

use super::Embedding;

/// Phrasings and what each of them means.
#[derive(Debug, Clone)]
pub struct Phrasebook<K> {
    entries: Vec<(K, Embedding)>,
}

/// A meaning and how near it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match<K> {
    /// What is meant.
    pub key: K,
    /// The cosine of its nearest phrasing, -1 to 1.
    pub score: f32,
}

impl<K: Copy + PartialEq> Phrasebook<K> {
    /// A phrasebook; a meaning may have any number of entries.
    pub const fn new(entries: Vec<(K, Embedding)>) -> Self {
        Self { entries }
    }

    /// Every meaning once, by its nearest phrasing, the nearest meaning first.
    pub fn rank(&self, text: &Embedding) -> Vec<Match<K>> {
        let mut found: Vec<Match<K>> = Vec::new();
        for (key, phrase) in &self.entries {
            let score = text.cosine(phrase);
            match found.iter_mut().find(|known| known.key == *key) {
                Some(known) => known.score = known.score.max(score),
                None => found.push(Match { key: *key, score }),
            }
        }
        // Stable: of two that are equally near, the one that was named first.
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }

    /// The nearest meaning, where it is at least as near as `score_min`.
    pub fn nearest(&self, text: &Embedding, score_min: f32) -> Option<Match<K>> {
        self.rank(text).into_iter().next().filter(|best| best.score >= score_min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_phrasing_stands_for_its_meaning() {
        let at = |x: f32, y: f32| Embedding::new(vec![x, y]);
        let book = Phrasebook::new(vec![('a', at(1.0, 0.0)), ('b', at(0.0, 1.0)), ('a', at(-1.0, 0.0))]);
        let ranked = book.rank(&at(-0.8, 0.6));
        assert_eq!(ranked.iter().map(|m| m.key).collect::<Vec<_>>(), ['a', 'b']);
        assert!((ranked[0].score - 0.8).abs() < 1e-6 && (ranked[1].score - 0.6).abs() < 1e-6);
        assert_eq!(book.nearest(&at(-0.8, 0.6), 0.81), None);
        assert_eq!(Phrasebook::<char>::new(Vec::new()).nearest(&at(1.0, 0.0), 0.0), None);
    }
}
