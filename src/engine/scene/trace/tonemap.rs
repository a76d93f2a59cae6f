//! From linear light to a picture: automatic exposure, a filmic curve, sRGB.
//!
//! Exposure is metered as by a photographer's incident light meter: what falls on things, not what they send back, so that
//! black velvet stays black and snow white. The curve is Narkowicz's fit of ACES
//! (2016), applied in the `AgX` inset primaries (Troy Sobotka, 2022) so that highlights go to white without changing hue. Refuses
//! to know scenes.

use glam::{Mat3, Vec2, Vec3};
use image::{Rgb, RgbImage};

use super::{environment::luminance, render::Film};

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

/// What a perfectly white thing in the typical light is brought to, before the bias of its mood.
const WHITE: f32 = 0.5;
/// The brightest three percent of a picture may reach this and no more.
const BURNT: f32 = 4.0;

/// Maps `color` (of `film`'s size, linear, clean) to an sRGB picture. Numbers that are none become black.
pub fn tonemap(color: &[Vec3], film: &Film, settings: &ToneSettings) -> RgbImage {
    let exposure = meter(color, film) * settings.exposure_bias.clamp(-12.0, 12.0).exp2();
    RgbImage::from_fn(film.width, film.height, |x, y| {
        let c = color.get((y * film.width + x) as usize).copied().unwrap_or(Vec3::ZERO);
        let c = if c.is_finite() { c.max(Vec3::ZERO) } else { Vec3::ZERO };
        let shown = curve(c * exposure, settings) * 255.0;
        Rgb([(shown.x + 0.5) as u8, (shown.y + 0.5) as u8, (shown.z + 0.5) as u8])
    })
}

/// The factor that brings a white thing in this picture's light to [`WHITE`]: the log-average of colour over albedo,
/// most of it from the middle, where the subject is; held back where too much would burn out.
pub(super) fn meter(color: &[Vec3], film: &Film) -> f32 {
    let (w, h) = (film.width as f32, film.height as f32);
    let (mut sum, mut weights) = (0.0, 0.0);
    let mut bright = Vec::with_capacity(color.len());
    for (i, c) in color.iter().enumerate() {
        let (x, y) = (i as u32 % film.width, i as u32 / film.width);
        let light = luminance(*c);
        if !light.is_finite() || light <= 1e-7 {
            continue;
        }
        bright.push(light);
        let off = Vec2::new((x as f32 + 0.5) / w - 0.5, (y as f32 + 0.5) / h - 0.5);
        let albedo = luminance(film.albedo[i]).max(0.01);
        // The far backdrop is lit by nothing; what is very dark says more about its gloss than about the light.
        let surface = if film.normal[i].length_squared() > 0.1 { (albedo * 10.0).min(1.0) } else { 1e-3 };
        let weight = surface * (-8.0 * off.length_squared()).exp();
        sum += weight * (light / albedo).ln();
        weights += weight;
    }
    if bright.is_empty() {
        return 1.0;
    }
    let exposure = WHITE / (sum / weights).exp();
    let place = (bright.len() - 1) * 97 / 100;
    let (_, high, _) = bright.select_nth_unstable_by(place, f32::total_cmp);
    exposure.min(BURNT / *high).max(0.5 * exposure)
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

    /// A film of grey surfaces of these albedos and this light on them, in one row.
    fn film(albedo: &[f32], light: f32) -> Film {
        let n = albedo.len();
        Film {
            width: n as u32,
            height: 1,
            color: albedo.iter().map(|a| Vec3::splat(a * light)).collect(),
            albedo: albedo.iter().map(|a| Vec3::splat(*a)).collect(),
            normal: vec![Vec3::Y; n],
            depth: vec![1.0; n],
            variance: vec![0.0; n],
            samples: vec![1; n],
        }
    }

    fn developed(film: &Film) -> RgbImage {
        tonemap(&film.color, film, &ToneSettings::default())
    }

    #[test]
    fn exposure_does_not_depend_on_how_much_light_there_is() {
        let ramp: Vec<f32> = (1..90).map(|i| i as f32 * 0.01).collect();
        assert_eq!(developed(&film(&ramp, 1.0)), developed(&film(&ramp, 37.0)));
    }

    #[test]
    fn black_stays_black_and_white_white_whatever_fills_the_picture() {
        let shown = |albedo: f32| developed(&film(&[albedo; 9], 2.0)).get_pixel(4, 0)[0];
        let (black, grey, white) = (shown(0.012), shown(0.18), shown(0.85));
        assert!(black < 30, "{black}");
        assert!((75..140).contains(&grey), "{grey}");
        assert!(white > 185, "{white}");
        let mixed = developed(&film(&[0.012, 0.18, 0.85], 2.0));
        assert!(mixed.get_pixel(2, 0)[0].abs_diff(white) < 4);
    }

    #[test]
    fn bad_numbers_and_darkness_are_harmless() {
        let mut bad = film(&[0.5; 4], 1.0);
        bad.color = vec![Vec3::NAN, Vec3::INFINITY, Vec3::ZERO, Vec3::NEG_ONE];
        assert!(developed(&bad).pixels().all(|p| p.0.iter().all(|v| *v < 5)));
        assert_eq!(developed(&film(&[], 1.0)).len(), 0);
    }
}
