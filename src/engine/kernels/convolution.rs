//! Convolutions by 3 x 3 weights, stride 1 and a border of one zero, which is what diffusion networks spend most on.
//!
//! ONNX Runtime multiplies each of the nine weights with each pixel; tiles of 4 x 4 results need a quarter of the
//! products ([`super::winograd`]). Weights are transformed anew at every call, a few rows at a time: that costs a
//! twentieth of the time and no memory. Pictures of a few tiles are multiplied directly.

use std::sync::Mutex;

use pulp::Arch;

use super::{
    product::{PANEL, Product},
    winograd::{self, POINTS, TILE},
};
use crate::engine::slot::lock;

/// Bytes of transformed inputs that are made before they are used: they stay in the processor's last cache.
const INPUT_BYTES: usize = 16 << 20;

/// Rows of weights, at most, that one task takes.
const ROWS_MAX: usize = 24;

/// Rows of weights are taken by multiples of these.
const ROWS_STEP: usize = 6;

/// What is convolved with what.
pub(super) struct Problem<'a> {
    /// `[images][channels][height][width]`.
    pub(super) input: &'a [f32],
    pub(super) images: usize,
    pub(super) channels: usize,
    /// Height, width.
    pub(super) size: (usize, usize),
    /// `[rows][channels][3][3]`.
    pub(super) weights: &'a [f32],
    /// One for each row.
    pub(super) bias: &'a [f32],
}

/// Where a tile lies: its picture, and its place in it counted in tiles; a tile of the direct product is one pixel.
pub(super) struct Tile {
    pub(super) image: usize,
    pub(super) y: usize,
    pub(super) x: usize,
}

/// Runs a task for each number below the first argument, side by side.
pub(super) type Parallel<'a> = dyn Fn(usize, &(dyn Fn(usize) + Send + Sync)) + 'a;

/// How a convolution becomes products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Winograd,
    Direct,
}

impl Method {
    /// The cheaper one: products a channel and row of weights, with what the transform of the weights costs.
    fn cheaper(tiles: usize, pixels: usize) -> Self {
        let columns = |count: usize| count.next_multiple_of(PANEL);
        let transform = 10;
        if 9 * columns(pixels) <= POINTS * columns(tiles) + transform { Self::Direct } else { Self::Winograd }
    }

    /// Matrix products.
    const fn points(self) -> usize {
        match self {
            Self::Winograd => POINTS,
            Self::Direct => 1,
        }
    }

    /// Terms of each sum.
    const fn depth(self, channels: usize) -> usize {
        match self {
            Self::Winograd => channels,
            Self::Direct => channels * 9,
        }
    }
}

/// Buffers that calls leave for the next one.
#[derive(Default)]
pub(super) struct Scratch(Mutex<Vec<Vec<f32>>>);

impl Scratch {
    /// Works with a buffer of so many numbers; what stands in them is left from before.
    fn with<T>(&self, count: usize, work: impl FnOnce(&mut [f32]) -> T) -> T {
        let mut buffer = lock(&self.0).pop().unwrap_or_default();
        if buffer.len() < count {
            buffer = vec![0.0; count];
        }
        let result = work(&mut buffer[..count]);
        let mut buffers = lock(&self.0);
        buffers.push(buffer);
        buffers.sort_by_key(Vec::len);
        result
    }
}

/// `output[image][row] = bias[row] + sum over channels of input[image][channel] * weights[row][channel]`, each plane of
/// the input's size. The same bits for any number of threads.
pub(super) fn convolve(
    problem: &Problem<'_>,
    output: &mut [f32],
    (threads, parallel): (usize, &Parallel<'_>),
    scratch: &Scratch,
) {
    let Problem { images, channels, size: (height, width), bias, .. } = *problem;
    let count = bias.len();
    let method = Method::cheaper(images * height.div_ceil(TILE) * width.div_ceil(TILE), images * height * width);
    let step = if method == Method::Winograd { TILE } else { 1 };
    let (tall, wide) = (height.div_ceil(step), width.div_ceil(step));
    let places =
        (0..images).flat_map(|image| (0..tall).flat_map(move |y| (0..wide).map(move |x| Tile { image, y, x })));
    let tiles: Vec<Tile> = places.collect();

    let rows = count.div_ceil(2 * threads.max(1)).next_multiple_of(ROWS_STEP).min(ROWS_MAX);
    let mut tasks: Vec<Vec<&mut [f32]>> = (0..count.div_ceil(rows)).map(|_| Vec::new()).collect();
    for (plane, values) in output.chunks_exact_mut(height * width).enumerate() {
        tasks[plane % count / rows].push(values);
    }
    let tasks: Vec<_> = tasks.into_iter().map(Mutex::new).collect();

    let panel_length = method.points() * method.depth(channels) * PANEL;
    let panels_max = (INPUT_BYTES / size_of::<f32>() / panel_length).max(1);
    let panels_most = tiles.len().div_ceil(PANEL).min(panels_max);
    scratch.with(panels_most * panel_length, |buffer| {
        for group in tiles.chunks(panels_max * PANEL) {
            let panels: Vec<&[Tile]> = group.chunks(PANEL).collect();
            let slots: Vec<_> = buffer.chunks_exact_mut(panel_length).zip(&panels).map(Mutex::new).collect();
            parallel(slots.len(), &|index| {
                let mut slot = lock(&slots[index]);
                let (panel, tiles) = &mut *slot;
                fill(method, problem, tiles, panel);
            });
            drop(slots);
            let filled: Vec<(&[f32], &[Tile])> = buffer.chunks_exact(panel_length).zip(panels).collect();
            parallel(tasks.len(), &|index| {
                multiply(method, problem, (index * rows, &mut lock(&tasks[index])), &filled, scratch);
            });
        }
    });
}

/// A panel of inputs.
fn fill(method: Method, problem: &Problem<'_>, tiles: &[Tile], panel: &mut [f32]) {
    let Problem { input, channels, size, .. } = *problem;
    match method {
        Method::Winograd => Arch::new().dispatch(winograd::Inputs { input, channels, size, tiles, out: panel }),
        Method::Direct => {
            let (height, width) = size;
            for (lane, tile) in tiles.iter().enumerate() {
                for channel in 0..channels {
                    let plane = &input[(tile.image * channels + channel) * height * width..][..height * width];
                    for tap in 0..9 {
                        let (y, x) = (tile.y + tap / 3, tile.x + tap % 3);
                        let inside = (1..=height).contains(&y) && (1..=width).contains(&x);
                        let value = if inside { plane[(y - 1) * width + x - 1] } else { 0.0 };
                        panel[(channel * 9 + tap) * PANEL + lane] = value;
                    }
                }
            }
        }
    }
}

/// Some rows of weights with every panel: `planes` are theirs, `[image][row]`.
fn multiply(
    method: Method,
    problem: &Problem<'_>,
    (first, planes): (usize, &mut [&mut [f32]]),
    panels: &[(&[f32], &[Tile])],
    scratch: &Scratch,
) {
    let Problem { images, channels, size, weights, bias, .. } = *problem;
    let rows = planes.len() / images;
    let (points, depth) = (method.points(), method.depth(channels));
    let weights = &weights[first * channels * 9..][..rows * channels * 9];
    let bias = &bias[first..first + rows];
    let arch = Arch::new();
    scratch.with(points * rows * (depth + PANEL), |buffer| {
        let (left, sums) = buffer.split_at_mut(points * rows * depth);
        match method {
            Method::Winograd => arch.dispatch(winograd::Weights { taps: weights, rows, channels, out: left }),
            Method::Direct => left.copy_from_slice(weights),
        }
        for (panel, tiles) in panels {
            let rights = panel.chunks_exact(depth * PANEL);
            for ((rows, panel), out) in
                left.chunks_exact(rows * depth).zip(rights).zip(sums.chunks_exact_mut(rows * PANEL))
            {
                arch.dispatch(Product { rows, panel, out, depth });
            }
            match method {
                Method::Winograd => arch.dispatch(winograd::Outputs { sums, bias, tiles, size, planes }),
                Method::Direct => {
                    for ((row, sums), bias) in sums.chunks_exact(PANEL).enumerate().zip(bias) {
                        for (tile, sum) in tiles.iter().zip(sums) {
                            planes[tile.image * rows + row][tile.y * size.1 + tile.x] = sum + bias;
                        }
                    }
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::chance::Chance;

    /// As the definition has it, in 64 bits.
    fn by_definition(problem: &Problem<'_>) -> Vec<f64> {
        let Problem { input, images, channels, size: (height, width), weights, bias } = *problem;
        let mut out = Vec::new();
        for image in 0..images {
            for (row, bias) in bias.iter().enumerate() {
                for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                    let mut sum = f64::from(*bias);
                    for (channel, tap) in (0..channels).flat_map(|c| (0..9).map(move |t| (c, t))) {
                        let (y, x) = (y + tap / 3, x + tap % 3);
                        if (1..=height).contains(&y) && (1..=width).contains(&x) {
                            let at = ((image * channels + channel) * height + y - 1) * width + x - 1;
                            sum += f64::from(input[at]) * f64::from(weights[(row * channels + channel) * 9 + tap]);
                        }
                    }
                    out.push(sum);
                }
            }
        }
        out
    }

    /// Threads that take tasks in no order.
    fn threads(count: usize, work: &(dyn Fn(usize) + Send + Sync)) {
        std::thread::scope(|scope| {
            for index in (0..count).rev() {
                scope.spawn(move || work(index));
            }
        });
    }

    #[test]
    fn a_convolution_is_what_its_definition_says() {
        let mut chance = Chance::new(3);
        let mut some = |count: usize| (0..count).map(|_| chance.signed()).collect::<Vec<f32>>();
        for (images, channels, rows, size, method) in [
            (1, 1, 1, (1, 1), Method::Direct),
            (2, 5, 7, (3, 2), Method::Direct),
            (2, 40, 9, (8, 8), Method::Direct),
            (1, 3, 2, (30, 1), Method::Direct),
            (1, 19, 25, (17, 14), Method::Winograd),
            (2, 33, 50, (20, 12), Method::Winograd),
            (3, 8, 6, (40, 67), Method::Winograd),
        ] {
            let input = some(images * channels * size.0 * size.1);
            let (weights, bias) = (some(rows * channels * 9), some(rows));
            let problem = Problem { input: &input, images, channels, size, weights: &weights, bias: &bias };
            let tiles = images * size.0.div_ceil(TILE) * size.1.div_ceil(TILE);
            assert_eq!(Method::cheaper(tiles, images * size.0 * size.1), method, "{size:?}");
            let scratch = Scratch::default();
            let mut out = vec![f32::NAN; images * rows * size.0 * size.1];
            convolve(&problem, &mut out, (2, &threads), &scratch);
            let most = (channels as f64).sqrt() * 3e-5;
            for (got, wanted) in out.iter().zip(by_definition(&problem)) {
                assert!((f64::from(*got) - wanted).abs() < most, "{size:?}: {got}, not {wanted}");
            }
            let mut again = vec![0.0; out.len()];
            convolve(&problem, &mut again, (7, &|count, work| (0..count).for_each(work)), &scratch);
            assert!(out.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits()), "as many threads as one likes");
        }
    }

    #[test]
    fn a_picture_of_many_groups_of_panels_has_no_seams() {
        let (channels, size) = (40, (192, 260));
        assert!(size.0 * size.1 / 16 * channels * POINTS * 4 > INPUT_BYTES);
        let input: Vec<f32> = (0..channels * size.0 * size.1).map(|i| (i % 97) as f32 / 97.0).collect();
        let weights: Vec<f32> = (0..2 * channels * 9).map(|i| (i % 7) as f32 / 7.0 - 0.4).collect();
        let problem = Problem { input: &input, images: 1, channels, size, weights: &weights, bias: &[0.5, -0.5] };
        let mut out = vec![f32::NAN; 2 * size.0 * size.1];
        convolve(&problem, &mut out, (2, &threads), &Scratch::default());
        for (got, wanted) in out.iter().zip(by_definition(&problem)) {
            assert!((f64::from(*got) - wanted).abs() < 2e-4, "{got}, not {wanted}");
        }
    }
}
