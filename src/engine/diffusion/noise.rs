//! Normal noise as torch's CPU generator makes it, so that a seed chosen in Python gives the same picture here.
//!
//! MT19937 (Matsumoto and Nishimura 1998) and the Box-Muller transforms of `torch.randn`: blocks of sixteen in 32-bit
//! floats from sixteen values on, pairs in 64-bit floats below that (`ATen`'s `DistributionTemplates.h`).

use std::f64::consts::TAU;

const STATE_LEN: usize = 624;
const SHIFT: usize = 397;
/// Values that one block of the large transform makes: eight radii, eight angles.
const BLOCK: usize = 16;

/// The generator `torch.Generator("cpu").manual_seed(seed)`.
#[derive(Clone)]
pub(super) struct TorchGenerator {
    state: [u32; STATE_LEN],
    next: usize,
    /// The second value of the last pair, which the small transform keeps for the next call.
    spare: Option<f64>,
}

impl TorchGenerator {
    /// Seeds it. As in torch, only the low 32 bits of a seed matter.
    pub(super) fn new(seed: u32) -> Self {
        let mut state = [0; STATE_LEN];
        state[0] = seed;
        for i in 1..STATE_LEN {
            let before: u32 = state[i - 1];
            state[i] = (before ^ (before >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        Self { state, next: STATE_LEN, spare: None }
    }

    fn twist(&mut self) {
        for i in 0..STATE_LEN {
            let joined = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % STATE_LEN] & 0x7fff_ffff);
            let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + SHIFT) % STATE_LEN] ^ (joined >> 1) ^ odd;
        }
        self.next = 0;
    }

    fn next_u32(&mut self) -> u32 {
        if self.next >= STATE_LEN {
            self.twist();
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// Uniform on [0, 1) with 24 bits.
    fn next_f32(&mut self) -> f32 {
        (self.next_u32() & 0x00ff_ffff) as f32 * (1.0 / 16_777_216.0)
    }

    /// Uniform on [0, 1) with 53 bits; the first draw is the high half.
    fn next_f64(&mut self) -> f64 {
        let high = u64::from(self.next_u32());
        let bits = (high << 32) | u64::from(self.next_u32());
        (bits & ((1 << 53) - 1)) as f64 / (1_u64 << 53) as f64
    }

    /// `torch.randn(count, generator=self)`: standard normal values, row-major for whatever shape they fill.
    pub(super) fn normal(&mut self, count: usize) -> Vec<f32> {
        if count < BLOCK {
            return (0..count).map(|_| self.next_normal() as f32).collect();
        }
        let mut values: Vec<f32> = (0..count).map(|_| self.next_f32()).collect();
        for block in values.chunks_exact_mut(BLOCK) {
            to_normal(block);
        }
        if !count.is_multiple_of(BLOCK) {
            // The last sixteen are drawn anew, over values that are done already.
            let tail = &mut values[count - BLOCK..];
            for value in &mut *tail {
                *value = self.next_f32();
            }
            to_normal(tail);
        }
        values
    }

    fn next_normal(&mut self) -> f64 {
        if let Some(value) = self.spare.take() {
            return value;
        }
        let (angle, squeeze) = (TAU * self.next_f64(), self.next_f64());
        let radius = (-2.0 * (-squeeze).ln_1p()).sqrt();
        self.spare = Some(radius * angle.sin());
        radius * angle.cos()
    }
}

/// Sixteen uniform values to sixteen normal ones: the first eight give radii, the last eight angles.
fn to_normal(block: &mut [f32]) {
    for i in 0..BLOCK / 2 {
        let radius = (-2.0 * (1.0 - block[i]).ln()).sqrt();
        let angle = std::f32::consts::TAU * block[i + BLOCK / 2];
        block[i] = radius * angle.cos();
        block[i + BLOCK / 2] = radius * angle.sin();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::diffusion::golden;

    #[test]
    fn the_noise_is_torchs() {
        for case in golden::read("noise.json").as_array().unwrap() {
            let seed = case["seed"].as_u64().unwrap() as u32;
            let mut generator = TorchGenerator::new(seed);
            for draw in case["draws"].as_array().unwrap() {
                let count = draw["count"].as_u64().unwrap() as usize;
                let values = generator.normal(count);
                for (at, wanted) in golden::floats(&draw["head"]).iter().enumerate() {
                    assert!((values[at] - wanted).abs() < 2e-6, "seed {seed}, {count} values, value {at}");
                }
                let tail = golden::floats(&draw["tail"]);
                for (value, wanted) in values[count - tail.len()..].iter().zip(&tail) {
                    assert!((value - wanted).abs() < 2e-6, "seed {seed}, {count} values, the tail");
                }
                let sum: f64 = values.iter().map(|v| f64::from(*v)).sum();
                let wanted = draw["sum"].as_f64().unwrap();
                assert!((sum - wanted).abs() < 1e-6 * count as f64, "seed {seed}, {count}: {sum} for {wanted}");
            }
        }
    }
}
