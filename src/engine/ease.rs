//! The one soft step that everything drawn here shares.

/// 0 at `from` and before, 1 at `to` and beyond, smooth between; `from` may be the greater.
#[inline]
pub(super) fn smoothstep(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// How steeply [`smoothstep`] rises at `x`.
#[inline]
pub(super) fn smoothstep_slope(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    6.0 * t * (1.0 - t) / (to - from)
}
