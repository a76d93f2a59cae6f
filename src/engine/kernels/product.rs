//! Products of a few rows with a panel of columns: the inner loop of the convolution.

use pulp::{Simd, WithSimd};

/// Columns of a panel: two of the widest vectors.
pub(super) const PANEL: usize = 32;

/// Rows that are multiplied at once: their sums, two vectors each, leave registers for what is multiplied.
const ROWS: usize = 6;

/// A panel's row: one number for each column.
pub(super) type Lanes = [f32; PANEL];

/// `out = rows * panel`. `rows` is row-major with `depth` numbers a row, `panel` has `depth` rows of [`PANEL`] columns,
/// `out` takes a row of [`PANEL`] for each of `rows`.
///
/// Every sum runs over the depth in order, by fused multiply-add: its bits don't depend on how wide vectors are.
pub(super) struct Product<'a> {
    pub(super) rows: &'a [f32],
    pub(super) panel: &'a [f32],
    pub(super) out: &'a mut [f32],
    pub(super) depth: usize,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Product { rows, panel, out, depth } = self;
        let (mut rows, mut outs) = (rows.chunks_exact(ROWS * depth), out.chunks_exact_mut(ROWS * PANEL));
        for (rows, out) in (&mut rows).zip(&mut outs) {
            block::<S, ROWS>(simd, (rows, panel, depth), out);
        }
        for (row, out) in rows.remainder().chunks_exact(depth).zip(outs.into_remainder().chunks_exact_mut(PANEL)) {
            block::<S, 1>(simd, (row, panel, depth), out);
        }
    }
}

/// The product of `N` rows.
#[inline(always)]
fn block<S: Simd, const N: usize>(simd: S, (rows, panel, depth): (&[f32], &[f32], usize), out: &mut [f32]) {
    let rows: [&[f32]; N] = std::array::from_fn(|r| &rows[r * depth..(r + 1) * depth]);
    let ((panel, _), (out, _)) = (S::as_simd_f32s(panel), S::as_mut_simd_f32s(out));
    let vectors = PANEL / S::F32_LANES;
    for v in (0..vectors).step_by(2) {
        let mut sums = [[simd.splat_f32s(0.0); 2]; N];
        for d in 0..depth {
            let right = &panel[d * vectors + v..d * vectors + v + 2];
            for r in 0..N {
                let left = simd.splat_f32s(rows[r][d]);
                sums[r][0] = simd.mul_add_f32s(left, right[0], sums[r][0]);
                sums[r][1] = simd.mul_add_f32s(left, right[1], sums[r][1]);
            }
        }
        for r in 0..N {
            out[r * vectors + v] = sums[r][0];
            out[r * vectors + v + 1] = sums[r][1];
        }
    }
}

#[cfg(test)]
mod tests {
    use pulp::Arch;

    use super::*;

    #[test]
    fn a_product_is_the_sum_of_products_in_order() {
        let (count, depth) = (2 * ROWS + 1, 5);
        let rows: Vec<f32> = (0..count * depth).map(|i| (i as f32 * 0.37).sin()).collect();
        let panel: Vec<f32> = (0..depth * PANEL).map(|i| (i as f32 * 0.11).cos()).collect();
        let mut out = vec![f32::NAN; count * PANEL];
        Arch::new().dispatch(Product { rows: &rows, panel: &panel, out: &mut out, depth });
        for (r, row) in rows.chunks_exact(depth).enumerate() {
            for column in 0..PANEL {
                let sum = (0..depth).fold(0.0, |sum: f32, d| row[d].mul_add(panel[d * PANEL + column], sum));
                assert_eq!(out[r * PANEL + column].to_bits(), sum.to_bits());
            }
        }
    }
}
