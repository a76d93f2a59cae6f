//! Colour as the eye sees it: Oklab (Ottosson 2020), blends in it, and the tone changes a prompt can ask for.
//!
//! Owns arithmetic on single pixels of sRGB pictures. Knows no networks and no words.

use image::RgbImage;
use rayon::prelude::*;

use super::raster::{byte, map_pixels};

/// sRGB 0 to 1 to linear light.
pub fn to_linear(value: f32) -> f32 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// Linear light to sRGB; values below 0 count as 0.
pub fn to_srgb(value: f32) -> f32 {
    let value = value.max(0.0);
    if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 }
}

/// sRGB to Oklab: lightness, green-red, blue-yellow.
pub fn to_oklab(rgb: [f32; 3]) -> [f32; 3] {
    let [r, g, b] = rgb.map(to_linear);
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

/// Oklab to sRGB, not clipped above 1.
pub fn from_oklab([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    [
        to_srgb(4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s),
        to_srgb(-1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s),
        to_srgb(-0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s),
    ]
}

/// `styled` over `original` (same size): lightness by `lightness`, colour by `chroma`, each 0 to 1, in Oklab.
pub fn blend(original: &RgbImage, styled: &RgbImage, lightness: f32, chroma: f32) -> RgbImage {
    let mut out = styled.clone();
    let samples = out.as_flat_samples_mut().samples;
    samples.par_chunks_mut(3).zip(original.as_raw().par_chunks(3)).with_min_len(4096).for_each(|(new, old)| {
        let lab = |pixel: &[u8]| to_oklab([0, 1, 2].map(|c| f32::from(pixel[c]) / 255.0));
        let (from, to) = (lab(old), lab(new));
        let shares = [lightness, chroma, chroma];
        let mixed = from_oklab([0, 1, 2].map(|c| from[c] + (to[c] - from[c]) * shares[c]));
        for (slot, value) in new.iter_mut().zip(mixed) {
            *slot = byte(value);
        }
    });
    out
}

/// Grey by Oklab lightness, with a gentle S-curve so that it doesn't look drained.
pub fn black_and_white(image: &mut RgbImage) {
    map_pixels(image, |rgb| from_oklab([s_curve(to_oklab(rgb)[0], 0.25), 0.0, 0.0]));
}

/// Grey, toned brown more in the middle than in black and white.
pub fn sepia(image: &mut RgbImage) {
    map_pixels(image, |rgb| {
        let lightness = to_oklab(rgb)[0] * 0.96 + 0.02;
        let tone = (4.0 * lightness * (1.0 - lightness)).max(0.0).sqrt();
        from_oklab([lightness, 0.018 * tone, 0.055 * tone])
    });
}

/// Warmer above 0, cooler below; 1 is strong. Shifts along the daylight locus and keeps the lightness.
pub fn warm(image: &mut RgbImage, amount: f32) {
    map_pixels(image, |rgb| {
        let [l, a, b] = to_oklab(rgb);
        // Neither black nor white has a colour to shift.
        let room = (4.0 * l * (1.0 - l) + 0.25).clamp(0.0, 1.0);
        from_oklab([l, a + 0.008 * amount * room, b + 0.032 * amount * room])
    });
}

/// Brighter above 0, darker below, in photographic stops; highlights roll off instead of clipping.
pub fn expose(image: &mut RgbImage, stops: f32) {
    let gain = stops.exp2();
    map_pixels(image, |rgb| {
        let bright = rgb.map(|v| to_linear(v) * gain);
        let peak = bright.into_iter().fold(0.0f32, f32::max);
        let rolled = if peak > 0.8 { 0.8 + 0.2 * (1.0 - (-(peak - 0.8) / 0.2).exp()) } else { peak };
        let scale = if gain > 1.0 && peak > 0.0 { rolled / peak } else { 1.0 };
        bright.map(|v| to_srgb(v * scale))
    });
}

/// More contrast above 0, less below; 1 is strong. Black and white stay where they are.
pub fn contrast(image: &mut RgbImage, amount: f32) {
    map_pixels(image, |rgb| {
        let [l, a, b] = to_oklab(rgb);
        let new = if amount >= 0.0 { s_curve(l, amount) } else { 0.5 + (l - 0.5) * (1.0 + 0.6 * amount) };
        from_oklab([new, a, b])
    });
}

/// More colour above 0, less below; -1 is none.
pub fn saturate(image: &mut RgbImage, amount: f32) {
    map_pixels(image, |rgb| {
        let [l, a, b] = to_oklab(rgb);
        from_oklab([l, a * (1.0 + amount), b * (1.0 + amount)])
    });
}

/// A curve from 0 to 1 that is steeper in the middle by `amount`.
fn s_curve(value: f32, amount: f32) -> f32 {
    let v = value.clamp(0.0, 1.0);
    v + (v * v * (3.0 - 2.0 * v) - v) * amount
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn ramp() -> RgbImage {
        RgbImage::from_fn(64, 16, |x, y| Rgb([(x * 4) as u8, (y * 16) as u8, 255 - (x * 2) as u8]))
    }

    #[test]
    fn oklab_round_trips_and_knows_the_published_white() {
        for pixel in ramp().pixels() {
            let back = from_oklab(to_oklab(pixel.0.map(|v| f32::from(v) / 255.0))).map(byte);
            assert!(back.iter().zip(pixel.0).all(|(a, b)| a.abs_diff(b) <= 1), "{back:?} {pixel:?}");
        }
        let [l, a, b] = to_oklab([1.0; 3]);
        assert!((l - 1.0).abs() < 1e-3 && a.abs() < 1e-3 && b.abs() < 1e-3);
        // Ottosson's own table, by way of CSS Color 4: pure red.
        let red = to_oklab([1.0, 0.0, 0.0]);
        assert!(red.iter().zip([0.628, 0.2249, 0.1258]).all(|(x, y)| (x - y).abs() < 2e-3), "{red:?}");
    }

    #[test]
    fn blends_reach_both_ends_and_keep_colour_when_asked() {
        let (a, b) = (ramp(), RgbImage::from_pixel(64, 16, Rgb([30, 90, 160])));
        assert!(blend(&a, &b, 0.0, 0.0).iter().zip(a.iter()).all(|(x, y)| x.abs_diff(*y) <= 1));
        assert!(blend(&a, &b, 1.0, 1.0).iter().zip(b.iter()).all(|(x, y)| x.abs_diff(*y) <= 1));
        let kept = to_oklab(blend(&a, &b, 1.0, 0.0).get_pixel(40, 8).0.map(|v| f32::from(v) / 255.0));
        let style = to_oklab([30.0 / 255.0, 90.0 / 255.0, 160.0 / 255.0]);
        assert!((kept[0] - style[0]).abs() < 0.05);
    }

    #[test]
    fn tones_go_the_way_their_names_say() {
        let mean = |image: &RgbImage, c: usize| {
            image.pixels().map(|p| f32::from(p.0[c])).sum::<f32>() / image.pixels().len() as f32
        };
        let with = |f: &dyn Fn(&mut RgbImage)| {
            let mut image = ramp();
            f(&mut image);
            image
        };
        let before = ramp();
        let warm_one = with(&|i| warm(i, 1.0));
        assert!(mean(&warm_one, 0) > mean(&before, 0) && mean(&warm_one, 2) < mean(&before, 2));
        let bright = with(&|i| expose(i, 0.7));
        assert!((0..3).all(|c| mean(&bright, c) > mean(&before, c)));
        assert!((0..3).all(|c| mean(&with(&|i| expose(i, -0.7)), c) < mean(&before, c)));
        assert!(with(&black_and_white).pixels().all(|p| p.0[0].abs_diff(p.0[1]) <= 1 && p.0[1].abs_diff(p.0[2]) <= 1));
        assert!(with(&|i| saturate(i, -1.0)).pixels().all(|p| p.0[0].abs_diff(p.0[2]) <= 1));
        let brown = with(&sepia);
        assert!(mean(&brown, 0) > mean(&brown, 1) && mean(&brown, 1) > mean(&brown, 2));
    }
}
