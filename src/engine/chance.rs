//! Chance by seed: `SplitMix64` (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).

/// A stream of numbers; the same key gives the same stream.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// The stream of a key: a seed, mixed with what sets one use of it apart from another.
    pub(super) fn new(key: u64) -> Self {
        Self(key)
    }

    /// From 0 to 1, 1 excluded.
    pub(super) fn draw(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }

    /// From `low` to `high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.draw()
    }

    /// From -1 to 1.
    pub(super) fn signed(&mut self) -> f32 {
        2.0 * self.draw() - 1.0
    }
}
