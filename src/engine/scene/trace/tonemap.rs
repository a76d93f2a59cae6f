//! From linear light to a picture: automatic exposure, a filmic curve, sRGB.
//!
//! Exposure is the log-average of Reinhard et al. (2002) between two percentiles; the curve is Narkowicz's fit of ACES
//! (2016), applied in the `AgX` inset primaries (Troy Sobotka, 2022) so that highlights go to white without changing hue. Refuses
//! to know scenes.

use glam::{Mat3, Vec3};
use image::{Rgb, RgbImage};

use super::environment::luminance;

/// How a picture is developed.
#[derive(Debug, Clone)]
pub struct ToneSettings {
    /// Stops added to the automatic exposure.
    pub exposure_bias: f32,
    /// 1 is neutral; more is deeper shadows.
    pub contrast: f32,
    /// 1 is the curve's own, 0 is grey.
    pub saturation: f32,
}

impl Default for ToneSettings {
    fn default() -> Self {
        Self { exposure_bias: 0.0, contrast: 1.12, saturation: 1.08 }
    }
}

/// What the typical luminance is brought to: a product photograph is brighter than the eighteen percent of a landscape.
const KEY: f32 = 0.25;

/// Maps `color` (`width * height`, rows from the top, linear) to an sRGB picture. Numbers that are none become black.
pub fn tonemap(color: &[Vec3], width: u32, height: u32, settings: &ToneSettings) -> RgbImage {
    let exposure = auto_exposure(color) * settings.exposure_bias.clamp(-12.0, 12.0).exp2();
    RgbImage::from_fn(width, height, |x, y| {
        let c = color.get((y * width + x) as usize).copied().unwrap_or(Vec3::ZERO);
        let c = if c.is_finite() { c.max(Vec3::ZERO) } else { Vec3::ZERO };
        let shown = curve(c * exposure, settings) * 255.0;
        Rgb([(shown.x + 0.5) as u8, (shown.y + 0.5) as u8, (shown.z + 0.5) as u8])
    })
}

/// The factor that brings the log-average between the 5th and the 95th percentile to [`KEY`], held back where that
/// would burn out more than a little of the picture.
pub(super) fn auto_exposure(color: &[Vec3]) -> f32 {
    let mut bright: Vec<f32> = color.iter().map(|c| luminance(*c)).filter(|l| l.is_finite() && *l > 1e-7).collect();
    if bright.is_empty() {
        return 1.0;
    }
    bright.sort_unstable_by(f32::total_cmp);
    let n = bright.len();
    let middle = &bright[n / 20..(n - n / 20).max(n / 20 + 1)];
    let mean = (middle.iter().map(|l| l.ln()).sum::<f32>() / middle.len() as f32).exp();
    let high = bright[(n - 1) * 97 / 100];
    (KEY / mean).min(4.0 / high).max(0.5 * KEY / mean)
}

fn curve(c: Vec3, settings: &ToneSettings) -> Vec3 {
    // The `AgX` inset: pulls the primaries towards white, so that what is too bright for the screen pales instead of
    // turning into a flat patch of pure colour.
    let inset = Mat3::from_cols(
        Vec3::new(0.842_479, 0.042_328_2, 0.042_375_7),
        Vec3::new(0.078_433_6, 0.878_469, 0.078_433_6),
        Vec3::new(0.079_223_7, 0.079_166_1, 0.879_143),
    );
    let x = inset * c.min(Vec3::splat(1e4));
    let filmic = (x * (x * 2.51 + 0.03)) / (x * (x * 2.43 + 0.59) + 0.14);
    let linear = (inset.inverse() * filmic.min(Vec3::ONE)).max(Vec3::ZERO);
    let graded = linear.powf(settings.contrast.clamp(0.2, 4.0));
    let grey = Vec3::splat(luminance(graded));
    let colored = grey + (graded - grey) * settings.saturation.clamp(0.0, 3.0);
    let encode = |v: f32| if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    let shown = colored.clamp(Vec3::ZERO, Vec3::ONE);
    Vec3::new(encode(shown.x), encode(shown.y), encode(shown.z))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(c: Vec3) -> Vec3 {
        curve(c, &ToneSettings::default())
    }

    #[test]
    fn the_curve_rises_keeps_grey_grey_and_ends_in_white() {
        let mut before = -1.0;
        for i in -10..=4 {
            let v = shown(Vec3::splat((i as f32).exp2()));
            assert!(
                v.x >= before && (i > 0 || v.x > before) && (v.x - v.y).abs() < 0.01 && (v.y - v.z).abs() < 0.01,
                "{i}: {v}"
            );
            before = v.x;
        }
        assert!(before > 0.97 && shown(Vec3::ZERO).x < 0.01);
        let middle = shown(Vec3::splat(0.18)).x;
        assert!(middle > 0.4 && middle < 0.6, "{middle}");
    }

    #[test]
    fn exposure_does_not_depend_on_the_light_meter() {
        let ramp: Vec<Vec3> = (1..500).map(|i| Vec3::splat(i as f32 * 0.01)).collect();
        let bright: Vec<Vec3> = ramp.iter().map(|c| *c * 37.0).collect();
        let one = tonemap(&ramp, 499, 1, &ToneSettings::default());
        assert_eq!(one, tonemap(&bright, 499, 1, &ToneSettings::default()));
    }

    #[test]
    fn bad_numbers_and_darkness_are_harmless() {
        let bad = [Vec3::NAN, Vec3::INFINITY, Vec3::ZERO, Vec3::NEG_ONE];
        let picture = tonemap(&bad, 2, 2, &ToneSettings::default());
        assert!(picture.pixels().all(|p| p.0.iter().all(|v| *v < 5)));
        assert_eq!(tonemap(&[], 0, 0, &ToneSettings::default()).len(), 0);
    }
}
