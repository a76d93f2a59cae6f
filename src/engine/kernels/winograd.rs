//! The transforms of F(4 x 4, 3 x 3): a tile of 4 by 4 results costs 36 multiplications a channel instead of 144.
//!
//! Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016), section 4.2 and its matrices:
//! `Y = A^T [(G g G^T) * (B^T d B)] A`. All three work on many tiles or channels side by side, one in each lane.

use pulp::{Simd, WithSimd};

use super::{
    convolution::Tile,
    product::{Lanes, PANEL},
};

/// Results of a tile on a side.
pub(super) const TILE: usize = 4;

/// Inputs of a tile on a side: what its results see.
const SEEN: usize = TILE + 2;

/// Products of a tile and a channel.
pub(super) const POINTS: usize = SEEN * SEEN;

/// Weights that are transformed side by side.
const CHANNELS: usize = 16;

/// `B^T d` of one line.
#[inline(always)]
fn input_line(d: [&Lanes; SEEN]) -> [Lanes; SEEN] {
    let mut out = [[0.0; PANEL]; SEEN];
    for i in 0..PANEL {
        let [d0, d1, d2, d3, d4, d5] = std::array::from_fn(|n| d[n][i]);
        let (even, odd) = (d4 - 4.0 * d2, d3 - 4.0 * d1);
        let (even_half, odd_half) = (d4 - d2, 2.0 * (d3 - d1));
        out[0][i] = 4.0 * d0 - 5.0 * d2 + d4;
        out[1][i] = even + odd;
        out[2][i] = even - odd;
        out[3][i] = even_half + odd_half;
        out[4][i] = even_half - odd_half;
        out[5][i] = 4.0 * d1 - 5.0 * d3 + d5;
    }
    out
}

/// `G g` of one line.
#[inline(always)]
fn weight_line(g: [&[f32; CHANNELS]; 3]) -> [[f32; CHANNELS]; SEEN] {
    let mut out = [[0.0; CHANNELS]; SEEN];
    for i in 0..CHANNELS {
        let (g0, g1, g2) = (g[0][i], g[1][i], g[2][i]);
        let (outer, inner) = ((g0 + g2) * (-1.0 / 6.0), g1 * (1.0 / 6.0));
        let (outer_double, inner_double) = (g0 * (1.0 / 24.0) + g2 * (1.0 / 6.0), g1 * (1.0 / 12.0));
        out[0][i] = g0 * 0.25;
        out[1][i] = outer - inner;
        out[2][i] = outer + inner;
        out[3][i] = outer_double + inner_double;
        out[4][i] = outer_double - inner_double;
        out[5][i] = g2;
    }
    out
}

/// `A^T m` of one line.
#[inline(always)]
fn output_line(m: [&Lanes; SEEN]) -> [Lanes; TILE] {
    let mut out = [[0.0; PANEL]; TILE];
    for i in 0..PANEL {
        let [m0, m1, m2, m3, m4, m5] = std::array::from_fn(|n| m[n][i]);
        let (sum, difference) = (m1 + m2, m1 - m2);
        let (sum_double, difference_double) = (m3 + m4, m3 - m4);
        out[0][i] = m0 + sum + sum_double;
        out[1][i] = difference + 2.0 * difference_double;
        out[2][i] = sum + 4.0 * sum_double;
        out[3][i] = difference + 8.0 * difference_double + m5;
    }
    out
}

/// `B^T d B` of a panel of tiles.
pub(super) struct Inputs<'a> {
    /// `[image][channel][height][width]`; beyond its border lie zeros.
    pub(super) input: &'a [f32],
    pub(super) channels: usize,
    pub(super) size: (usize, usize),
    /// At most [`PANEL`].
    pub(super) tiles: &'a [Tile],
    /// `[POINTS][channel][PANEL]`.
    pub(super) out: &'a mut [f32],
}

impl WithSimd for Inputs<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { input, channels, size: (height, width), tiles, out } = self;
        let mut seen = [[0.0; PANEL]; POINTS];
        let mut half = [[0.0; PANEL]; POINTS];
        for channel in 0..channels {
            for (lane, tile) in tiles.iter().enumerate() {
                let plane = &input[(tile.image * channels + channel) * height * width..][..height * width];
                gather(plane, (height, width), tile, |point, value| seen[point][lane] = value);
            }
            for x in 0..SEEN {
                let line = input_line(std::array::from_fn(|y| &seen[y * SEEN + x]));
                for (y, values) in line.into_iter().enumerate() {
                    half[y * SEEN + x] = values;
                }
            }
            for y in 0..SEEN {
                let line = input_line(std::array::from_fn(|x| &half[y * SEEN + x]));
                for (x, values) in line.iter().enumerate() {
                    out[((y * SEEN + x) * channels + channel) * PANEL..][..PANEL].copy_from_slice(values);
                }
            }
        }
    }
}

/// What the results of a tile see, by point.
#[inline(always)]
fn gather(plane: &[f32], (height, width): (usize, usize), tile: &Tile, mut put: impl FnMut(usize, f32)) {
    let (top, left) = (tile.y * TILE, tile.x * TILE);
    if top >= 1 && left >= 1 && top + TILE < height && left + TILE < width {
        for y in 0..SEEN {
            let row = &plane[(top + y - 1) * width + left - 1..][..SEEN];
            for (x, value) in row.iter().enumerate() {
                put(y * SEEN + x, *value);
            }
        }
        return;
    }
    for y in 0..SEEN {
        for x in 0..SEEN {
            let inside = (1..=height).contains(&(top + y)) && (1..=width).contains(&(left + x));
            put(y * SEEN + x, if inside { plane[(top + y - 1) * width + left + x - 1] } else { 0.0 });
        }
    }
}

/// `G g G^T` of some rows of weights.
pub(super) struct Weights<'a> {
    /// `[row][channel][3][3]`.
    pub(super) taps: &'a [f32],
    pub(super) rows: usize,
    pub(super) channels: usize,
    /// `[POINTS][row][channel]`.
    pub(super) out: &'a mut [f32],
}

impl WithSimd for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { taps: all, rows, channels, out } = self;
        for row in 0..rows {
            for first in (0..channels).step_by(CHANNELS) {
                let count = CHANNELS.min(channels - first);
                let source = &all[(row * channels + first) * 9..][..count * 9];
                let mut taps = [[0.0; CHANNELS]; 9];
                for (lane, nine) in source.chunks_exact(9).enumerate() {
                    for (tap, value) in nine.iter().enumerate() {
                        taps[tap][lane] = *value;
                    }
                }
                let mut half = [[0.0; CHANNELS]; SEEN * 3];
                for x in 0..3 {
                    let line = weight_line([&taps[x], &taps[3 + x], &taps[6 + x]]);
                    for (y, values) in line.into_iter().enumerate() {
                        half[y * 3 + x] = values;
                    }
                }
                for y in 0..SEEN {
                    let line = weight_line([&half[y * 3], &half[y * 3 + 1], &half[y * 3 + 2]]);
                    for (x, values) in line.iter().enumerate() {
                        let to = ((y * SEEN + x) * rows + row) * channels + first;
                        out[to..to + count].copy_from_slice(&values[..count]);
                    }
                }
            }
        }
    }
}

/// `A^T m A` of a panel of tiles, with the bias, put where it belongs.
pub(super) struct Outputs<'a, 'p> {
    /// `[POINTS][row][PANEL]`.
    pub(super) sums: &'a [f32],
    pub(super) bias: &'a [f32],
    pub(super) tiles: &'a [Tile],
    pub(super) size: (usize, usize),
    /// `[image][row]` of `[height][width]`.
    pub(super) planes: &'a mut [&'p mut [f32]],
}

impl WithSimd for Outputs<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { sums, bias, tiles, size: (height, width), planes } = self;
        let rows = bias.len();
        let (sums, _) = sums.as_chunks::<PANEL>();
        for (row, bias) in bias.iter().enumerate() {
            let mut half = [[0.0; PANEL]; TILE * SEEN];
            for x in 0..SEEN {
                let line = output_line(std::array::from_fn(|y| &sums[(y * SEEN + x) * rows + row]));
                for (y, values) in line.into_iter().enumerate() {
                    half[y * SEEN + x] = values;
                }
            }
            let mut results = [[0.0; PANEL]; TILE * TILE];
            for y in 0..TILE {
                let line = output_line(std::array::from_fn(|x| &half[y * SEEN + x]));
                for (x, values) in line.iter().enumerate() {
                    results[y * TILE + x] = values.map(|value| value + bias);
                }
            }
            for (lane, tile) in tiles.iter().enumerate() {
                let plane = &mut planes[tile.image * rows + row];
                let (top, left) = (tile.y * TILE, tile.x * TILE);
                let (tall, wide) = (TILE.min(height - top), TILE.min(width - left));
                for y in 0..tall {
                    let to = &mut plane[(top + y) * width + left..][..wide];
                    for (x, value) in to.iter_mut().enumerate() {
                        *value = results[y * TILE + x][lane];
                    }
                }
            }
        }
    }
}
