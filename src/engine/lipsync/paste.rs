//! The face box that a mouth network works on: cut out at 96 pixels, put back with a soft edge.

use image::RgbImage;

use crate::engine::restyle::raster;

/// The side of the network's pictures.
pub(super) const SIDE: usize = 96;
/// Values of one picture of three channels.
pub(super) const FACE: usize = 3 * SIDE * SIDE;

/// A part of a frame, in whole pixels, inside the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FaceBox {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl FaceBox {
    /// The box from `low` to `high`, both in pixels, as far as it lies inside a frame; `None` where that is next to
    /// nothing.
    pub(super) fn within(low: (f32, f32), high: (f32, f32), (width, height): (u32, u32)) -> Option<Self> {
        let clip = |value: f32, most: u32| (value.round().max(0.0) as u32).min(most);
        let (left, top) = (clip(low.0, width), clip(low.1, height));
        let (right, bottom) = (clip(high.0, width), clip(high.1, height));
        let found = Self { left, top, width: right.saturating_sub(left), height: bottom.saturating_sub(top) };
        (found.width >= 16 && found.height >= 16).then_some(found)
    }

    /// The face as the network takes it, before the sound: blue, green, red planes 0 to 1 with the lower half black,
    /// then the same whole.
    pub(super) fn cut(self, frame: &RgbImage) -> Vec<f32> {
        let part = image::imageops::crop_imm(frame, self.left, self.top, self.width, self.height).to_image();
        let small = raster::resize(&part, SIDE as u32, SIDE as u32);
        let whole: Vec<f32> =
            (0..3).rev().flat_map(|channel| small.pixels().map(move |p| f32::from(p.0[channel]) / 255.0)).collect();
        let masked = whole.iter().enumerate().map(|(i, &v)| if i / SIDE % SIDE < SIDE / 2 { v } else { 0.0 });
        masked.chain(whole.iter().copied()).collect()
    }

    /// Lays the network's face over the frame's, its lower half only, with edges that nobody sees.
    pub(super) fn paste(self, face: &[f32], frame: &mut RgbImage) {
        let small = RgbImage::from_fn(SIDE as u32, SIDE as u32, |x, y| {
            let at = |plane: usize| face.get(plane * SIDE * SIDE + y as usize * SIDE + x as usize).copied();
            image::Rgb([2, 1, 0].map(|plane| raster::byte(at(plane).unwrap_or(0.0))))
        });
        let filter = image::imageops::FilterType::CatmullRom;
        let large = image::imageops::resize(&small, self.width, self.height, filter);
        for (x, y, new) in large.enumerate_pixels() {
            let weight = mask((x as f32 + 0.5) / self.width as f32, (y as f32 + 0.5) / self.height as f32);
            if weight > 0.0 {
                let pixel = frame.get_pixel_mut(self.left + x, self.top + y);
                for (old, &new) in pixel.0.iter_mut().zip(&new.0) {
                    *old = (f32::from(*old) * (1.0 - weight) + f32::from(new) * weight).round() as u8;
                }
            }
        }
    }
}

/// How much of the network's face shows at a place of the box, 0 to 1 from left and top: nothing above the middle and
/// at the other three edges, all of it around the mouth.
fn mask(x: f32, y: f32) -> f32 {
    let step = |low: f32, high: f32, value: f32| {
        let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    };
    step(0.48, 0.62, y) * step(0.0, 0.10, 1.0 - y) * step(0.02, 0.18, x) * step(0.02, 0.18, 1.0 - x)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn the_cut_is_blue_first_and_black_below() {
        let frame = RgbImage::from_pixel(200, 160, Rgb([255, 128, 0]));
        let face = FaceBox::within((40.2, 30.0), (140.0, 150.0), frame.dimensions()).unwrap();
        let values = face.cut(&frame);
        assert_eq!(values.len(), 2 * FACE);
        let plane = SIDE * SIDE;
        assert!(values[..plane].iter().all(|v| *v < 0.01), "blue");
        assert!((values[2 * plane] - 1.0).abs() < 0.01 && values[3 * plane - 1] < 0.01, "red, masked below");
        assert!((values[FACE + 2 * plane..].iter().sum::<f32>() / plane as f32 - 1.0).abs() < 0.01, "red, whole");
    }

    #[test]
    fn only_the_mouths_surroundings_change_and_no_edge_shows() {
        let old = RgbImage::from_pixel(200, 160, Rgb([100, 100, 100]));
        let face = FaceBox::within((40.0, 20.0), (160.0, 150.0), old.dimensions()).unwrap();
        let mut frame = old.clone();
        face.paste(&vec![1.0; FACE], &mut frame);
        let at = |x: u32, y: u32| frame.get_pixel(x, y).0[0];
        assert_eq!(at(100, 115), 255, "the mouth");
        for (x, y) in [(100, 60), (39, 110), (160, 110), (100, 151), (41, 110), (100, 149)] {
            assert!(at(x, y) <= 104, "{x} {y}: {}", at(x, y));
        }
        let steepest = (1..200).map(|x| at(x, 115).abs_diff(at(x - 1, 115))).max().unwrap();
        assert!(steepest < 20, "a step of {steepest}");
    }

    #[test]
    fn a_box_stays_inside_the_frame() {
        let size = (100, 80);
        let found = FaceBox::within((-20.0, -5.0), (300.0, 60.0), size).unwrap();
        assert_eq!((found.left, found.top, found.width, found.height), (0, 0, 100, 60));
        assert_eq!(FaceBox::within((90.0, 0.0), (100.0, 80.0), size), None);
        assert_eq!(FaceBox::within((f32::NAN, 0.0), (5.0, 80.0), size), None);
    }
}
