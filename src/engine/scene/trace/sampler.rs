//! Low-discrepancy random numbers: padded two-dimensional Sobol points with hashed Owen scrambling.
//!
//! After Burley, "Practical Hash-based Owen Scrambling" (JCGT 2020), with the second Sobol dimension in closed form
//! (its generator matrix is Pascal's triangle modulo 2). A value depends on seed, pixel, sample and dimension alone, so
//! that a picture is the same whatever thread makes it.

use glam::Vec2;

/// The points of one pixel's one sample, dimension by dimension.
pub(super) struct Sampler {
    seed: u32,
    index: u32,
    dimension: u32,
}

impl Sampler {
    /// Starts at the first dimension of sample `index` of a pixel.
    pub(super) fn new(seed: u32, pixel: u32, index: u32) -> Self {
        Self { seed: hash(hash(seed) ^ pixel), index, dimension: 0 }
    }

    /// The next point of the unit square.
    pub(super) fn next_2d(&mut self) -> Vec2 {
        let seed = self.next_seed();
        let index = scramble(self.index.reverse_bits(), seed).reverse_bits();
        let x = scramble(index, hash(seed ^ 0x5f35_6495)).reverse_bits();
        let y = scramble(pascal(index), hash(seed ^ 0x2c1b_3c6d)).reverse_bits();
        Vec2::new(to_unit(x), to_unit(y))
    }

    /// The next number in [0, 1).
    pub(super) fn next_1d(&mut self) -> f32 {
        let seed = self.next_seed();
        let index = scramble(self.index.reverse_bits(), seed).reverse_bits();
        to_unit(scramble(index, hash(seed ^ 0x5f35_6495)).reverse_bits())
    }

    fn next_seed(&mut self) -> u32 {
        self.dimension += 1;
        hash(self.seed ^ self.dimension.wrapping_mul(0x9e37_79b9))
    }
}

/// A good integer mixer (Wellons' lowbias32).
#[inline]
pub(super) fn hash(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// The upper 24 bits as a number in [0, 1).
#[inline]
pub(super) fn to_unit(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Laine and Karras' permutation of reversed bits: each bit is flipped depending on the bits below it only.
fn scramble(mut x: u32, seed: u32) -> u32 {
    x = x.wrapping_add(seed);
    x ^= x.wrapping_mul(0x6c50_b47c);
    x ^= x.wrapping_mul(0xb82f_1e52);
    x ^= x.wrapping_mul(0xc7af_e638);
    x ^ x.wrapping_mul(0x8d22_f6e6)
}

/// The second Sobol dimension of `index`, bits reversed: bit k is the parity of the bits whose places contain k.
fn pascal(index: u32) -> u32 {
    let mut v = index;
    v ^= (v & 0xaaaa_aaaa) >> 1;
    v ^= (v & 0xcccc_cccc) >> 2;
    v ^= (v & 0xf0f0_f0f0) >> 4;
    v ^= (v & 0xff00_ff00) >> 8;
    v ^ (v >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_dimension_matches_the_direction_numbers() {
        let mut directions = [1u32 << 31; 32];
        for i in 1..32 {
            directions[i] = directions[i - 1] ^ (directions[i - 1] >> 1);
        }
        for index in [1u32, 2, 3, 77, 1000, 123_456_789, u32::MAX] {
            let mut expected = 0;
            for (bit, direction) in directions.iter().enumerate() {
                if index >> bit & 1 == 1 {
                    expected ^= direction;
                }
            }
            assert_eq!(pascal(index).reverse_bits(), expected, "index {index}");
        }
    }

    #[test]
    fn sixteen_points_fill_every_elementary_interval() {
        for pixel in 0..20 {
            for columns in [1u32, 2, 4, 8, 16] {
                let mut seen = [0; 16];
                for index in 0..16 {
                    let mut sampler = Sampler::new(7, pixel, index);
                    sampler.next_2d();
                    let p = sampler.next_2d();
                    let rows = 16 / columns;
                    let cell = (p.x * columns as f32) as u32 * rows + (p.y * rows as f32) as u32;
                    seen[cell as usize] += 1;
                }
                assert_eq!(seen, [1; 16], "pixel {pixel}, {columns} columns");
            }
        }
    }

    #[test]
    fn pixels_and_seeds_are_decorrelated() {
        let first = |seed, pixel| Sampler::new(seed, pixel, 0).next_1d();
        let n = 4000;
        let mean: f32 = (0..n).map(|p| first(1, p)).sum::<f32>() / n as f32;
        let product: f32 = (0..n).map(|p| (first(1, p) - 0.5) * (first(2, p) - 0.5)).sum::<f32>() / n as f32;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert!(product.abs() < 0.006, "{product}");
    }
}
