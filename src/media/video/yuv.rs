//! Colour conversion between RGB and I420, in fixed point.
//!
//! Films are written in BT.709 with limited range (ITU-R BT.709-6 item 4.6) and with chroma where H.264 has it unless
//! told otherwise: beside the left luma column, between two rows (ITU-T H.264 E.2.1, `chroma_sample_loc_type` 0).

use image::RgbImage;

/// The I420 planes of one frame: `y` is `width * height`, `u` and `v` a quarter of that each.
#[derive(Debug, Clone)]
pub struct Planes {
    /// Width in pixels, even.
    pub width: usize,
    /// Height in pixels, even.
    pub height: usize,
    /// Luma, 16 to 235.
    pub y: Vec<u8>,
    /// Blue difference, 16 to 240.
    pub u: Vec<u8>,
    /// Red difference, 16 to 240.
    pub v: Vec<u8>,
    /// Column sums of two rows, with the first column repeated before and the last after: R, G, B.
    sums: Vec<[i32; 3]>,
}

/// 2^16 fixed point: BT.709 scaled to 219 luma and 224 chroma steps of 255.
const LUMA: [i32; 3] = [11_966, 40_254, 4_064];
const BLUE: [i32; 3] = [-6_596, -22_189, 28_785];
const RED: [i32; 3] = [28_785, -26_145, -2_640];

fn dot(weights: [i32; 3], rgb: [i32; 3]) -> i32 {
    weights[0] * rgb[0] + weights[1] * rgb[1] + weights[2] * rgb[2]
}

impl Planes {
    /// Planes for frames of `width` x `height` pixels, both even.
    pub fn new(width: usize, height: usize) -> Self {
        let quarter = (width / 2) * (height / 2);
        let (y, u, v) = (vec![16; width * height], vec![128; quarter], vec![128; quarter]);
        Self { width, height, y, u, v, sums: vec![[0; 3]; width + 2] }
    }

    /// Converts `frame`, which is of these planes' size; what lies beyond either of them is left alone.
    pub fn fill(&mut self, frame: &RgbImage) {
        let (width, stride) = (self.width, self.width * 3);
        if frame.width() as usize != width {
            return;
        }
        let rows = frame.as_raw().chunks_exact(stride * 2).zip(self.y.chunks_exact_mut(width * 2));
        let chroma = self.u.chunks_exact_mut(width / 2).zip(self.v.chunks_exact_mut(width / 2));
        for ((rgb, luma), (blue, red)) in rows.zip(chroma) {
            let (top, bottom) = rgb.split_at(stride);
            let (luma_top, luma_bottom) = luma.split_at_mut(width);
            luma_row(top, luma_top);
            luma_row(bottom, luma_bottom);
            let sums = &mut self.sums;
            for ((sum, a), b) in sums[1..=width].iter_mut().zip(top.chunks_exact(3)).zip(bottom.chunks_exact(3)) {
                *sum = [0, 1, 2].map(|c| i32::from(a[c]) + i32::from(b[c]));
            }
            sums[0] = sums[1];
            for ((x, u), v) in (0..width / 2).zip(blue.iter_mut()).zip(red.iter_mut()) {
                // 1-2-1 about the even column, which is where the chroma sample sits; the weights sum to 8.
                let (left, mid, right) = (sums[2 * x], sums[2 * x + 1], sums[2 * x + 2]);
                let rgb = [0, 1, 2].map(|c| left[c] + 2 * mid[c] + right[c]);
                *u = ((dot(BLUE, rgb) + (128 << 19) + (1 << 18)) >> 19) as u8;
                *v = ((dot(RED, rgb) + (128 << 19) + (1 << 18)) >> 19) as u8;
            }
        }
    }
}

fn luma_row(rgb: &[u8], luma: &mut [u8]) {
    for (pixel, y) in rgb.chunks_exact(3).zip(luma) {
        let rgb = [i32::from(pixel[0]), i32::from(pixel[1]), i32::from(pixel[2])];
        *y = ((dot(LUMA, rgb) + (16 << 16) + (1 << 15)) >> 16) as u8;
    }
}

/// Which weights turn colour differences into colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matrix {
    /// ITU-R BT.601, standard definition.
    Bt601,
    /// ITU-R BT.709, high definition.
    Bt709,
}

/// A decoded picture in I420.
#[derive(Debug, Clone, Copy)]
pub struct Yuv<'a> {
    /// Y, U and V.
    pub planes: (&'a [u8], &'a [u8], &'a [u8]),
    /// Width and height in pixels.
    pub size: (usize, usize),
    /// Bytes a row of Y, and of U and V.
    pub strides: (usize, usize),
    /// The weights.
    pub matrix: Matrix,
    /// 0 to 255 rather than 16 to 235.
    pub full_range: bool,
}

/// Converts to RGB, chroma interpolated between its samples; `None` where a plane is too short for the size.
pub fn i420_to_rgb(yuv: &Yuv<'_>) -> Option<RgbImage> {
    let (width, height) = yuv.size;
    let (kr, kb) = match yuv.matrix {
        Matrix::Bt601 => (0.299f32, 0.114),
        Matrix::Bt709 => (0.2126, 0.0722),
    };
    let kg = 1.0 - kr - kb;
    let (black, luma_gain, chroma_gain) =
        if yuv.full_range { (0.0, 1.0, 1.0) } else { (16.0, 255.0 / 219.0, 255.0 / 224.0) };
    let (red_v, blue_u) = (2.0 * (1.0 - kr) * chroma_gain, 2.0 * (1.0 - kb) * chroma_gain);
    let (green_u, green_v) = (blue_u * kb / kg, red_v * kr / kg);
    let (chroma_width, chroma_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut out = Vec::with_capacity(width * height * 3);
    for row in 0..height {
        let luma = yuv.planes.0.get(row * yuv.strides.0..)?.get(..width)?;
        // Vertically chroma lies a quarter of a chroma row off: weights 3/4 and 1/4.
        let near = row / 2;
        let far = if row % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(chroma_height - 1) };
        let line = |plane: &'_ [u8], at: usize| -> Option<Vec<f32>> {
            let cells = plane.get(at * yuv.strides.1..)?.get(..chroma_width)?;
            Some(cells.iter().map(|&c| f32::from(c) - 128.0).collect())
        };
        let blend = |plane: &[u8]| -> Option<Vec<f32>> {
            let (a, b) = (line(plane, near)?, line(plane, far)?);
            Some(a.iter().zip(&b).map(|(a, b)| 0.75 * a + 0.25 * b).collect())
        };
        let (blue, red) = (blend(yuv.planes.1)?, blend(yuv.planes.2)?);
        for (x, &y) in luma.iter().enumerate() {
            let next = (x / 2 + x % 2).min(chroma_width - 1);
            let (u, v) = (blue[x / 2].midpoint(blue[next]), red[x / 2].midpoint(red[next]));
            let y = (f32::from(y) - black) * luma_gain;
            let rgb = [y + red_v * v, y - green_u * u - green_v * v, y + blue_u * u];
            out.extend(rgb.map(|c| c.round().clamp(0.0, 255.0) as u8));
        }
    }
    RgbImage::from_raw(width as u32, height as u32, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(colour: [u8; 3]) -> (u8, u8, u8) {
        let mut planes = Planes::new(4, 4);
        planes.fill(&RgbImage::from_pixel(4, 4, image::Rgb(colour)));
        assert!(planes.y.iter().all(|&y| y == planes.y[0]) && planes.u.iter().all(|&u| u == planes.u[0]));
        (planes.y[0], planes.u[0], planes.v[0])
    }

    #[test]
    fn the_colour_bars_have_the_values_of_bt_709() {
        // ITU-R BT.709 at eight bits: the published 100 % bars.
        assert_eq!(convert([0, 0, 0]), (16, 128, 128));
        assert_eq!(convert([255, 255, 255]), (235, 128, 128));
        assert_eq!(convert([255, 0, 0]), (63, 102, 240));
        assert_eq!(convert([0, 255, 0]), (173, 42, 26));
        assert_eq!(convert([0, 0, 255]), (32, 240, 118));
    }

    #[test]
    fn chroma_sits_on_the_left_column() {
        // A red column at x = 2, which has a chroma sample of its own, weighs 1/2 there and 1/4 at no other sample.
        let mut frame = RgbImage::new(8, 2);
        for y in 0..2 {
            frame.put_pixel(2, y, image::Rgb([255, 0, 0]));
        }
        let mut planes = Planes::new(8, 2);
        planes.fill(&frame);
        assert_eq!(planes.v, [128, 184, 128, 128]);
        // A red column at x = 3 lies between two samples and gives each a quarter.
        let mut frame = RgbImage::new(8, 2);
        for y in 0..2 {
            frame.put_pixel(3, y, image::Rgb([255, 0, 0]));
        }
        planes.fill(&frame);
        assert_eq!(planes.v, [128, 156, 156, 128]);
    }

    #[test]
    fn there_and_back_keeps_smooth_colour() {
        let frame = RgbImage::from_fn(64, 48, |x, y| image::Rgb([(x * 4) as u8, (y * 5) as u8, (255 - x - y) as u8]));
        let mut planes = Planes::new(64, 48);
        planes.fill(&frame);
        let yuv = Yuv {
            planes: (&planes.y, &planes.u, &planes.v),
            size: (64, 48),
            strides: (64, 32),
            matrix: Matrix::Bt709,
            full_range: false,
        };
        let back = i420_to_rgb(&yuv).unwrap();
        let worst = frame.iter().zip(back.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(worst <= 5, "off by {worst}");
        assert!(i420_to_rgb(&Yuv { size: (64, 50), ..yuv }).is_none());
    }
}
