//! The shape of a sound, for an eye: peaks for a player, a small picture as its thumbnail.

use image::{Rgba, RgbaImage};

use super::Pcm;

/// The lowest and the highest sample in each of `buckets` equal parts of `sound`, at most one bucket a sample.
pub fn peaks(sound: &Pcm, buckets: usize) -> Vec<(f32, f32)> {
    let length = sound.samples.len();
    let buckets = buckets.min(length);
    let clean = |s: f32| if s.is_finite() { s } else { 0.0 };
    (0..buckets)
        .map(|i| {
            // In u128: samples times buckets may overflow a word on long recordings of long lists.
            let edge = |i: usize| (i as u128 * length as u128 / buckets as u128) as usize;
            let part = &sound.samples[edge(i)..edge(i + 1)];
            part.iter().fold((f32::MAX, f32::MIN), |(low, high), &s| (low.min(clean(s)), high.max(clean(s))))
        })
        .collect()
}

/// Bars of this many pixels, with a gap of half of it between them.
const BAR: u32 = 4;
const GAP: u32 = 2;

/// Draws `sound` as rounded bars in `colour` on nothing, `width` x `height` pixels (at most 4096 each), scaled so that
/// quiet recordings can be seen too.
pub fn waveform_picture(sound: &Pcm, width: u32, height: u32, colour: [u8; 3]) -> RgbaImage {
    let (width, height) = (width.clamp(1, 4096), height.clamp(1, 4096));
    let mut picture = RgbaImage::new(width, height);
    let bars = (width + GAP) / (BAR + GAP);
    let shape = peaks(sound, bars as usize);
    let loudest = shape.iter().fold(0.05f32, |m, (low, high)| m.max(high.abs()).max(low.abs()));
    let (middle, radius) = (height as f32 / 2.0, BAR as f32 / 2.0);
    let inset = (width + GAP).saturating_sub(bars * (BAR + GAP)) / 2;
    for (i, (low, high)) in shape.iter().enumerate() {
        let reach = (high.abs().max(low.abs()) / loudest * (middle - 1.0 - radius)).max(0.0);
        let centre = (inset + i as u32 * (BAR + GAP)) as f32 + radius;
        for y in 0..height {
            for x in (centre - radius) as u32..((centre + radius).ceil() as u32).min(width) {
                // Distance to a segment from (centre, middle - reach) to (centre, middle + reach): a capsule.
                let (dx, dy) = (x as f32 + 0.5 - centre, (y as f32 + 0.5 - middle).abs() - reach);
                let cover = (radius + 0.5 - dx.hypot(dy.max(0.0))).clamp(0.0, 1.0);
                if cover > 0.0 {
                    picture.put_pixel(x, y, Rgba([colour[0], colour[1], colour[2], (cover * 255.0) as u8]));
                }
            }
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_cover_every_sample_once() {
        let sound = Pcm { samples: (0..103).map(|i| i as f32 / 103.0).collect(), rate: 100 };
        let shape = peaks(&sound, 10);
        assert_eq!(shape.len(), 10);
        assert!(shape[0].0.abs() < 1e-9);
        assert!((shape[9].1 - 102.0 / 103.0).abs() < 1e-6);
        assert!(shape.windows(2).all(|w| w[0].1 < w[1].0), "neighbours join without overlap");
        assert_eq!(peaks(&sound, 1000).len(), 103);
        assert!(peaks(&Pcm { samples: vec![], rate: 1 }, 10).is_empty());
        assert_eq!(peaks(&Pcm { samples: vec![f32::NAN], rate: 1 }, 1), [(0.0, 0.0)]);
    }

    #[test]
    fn the_picture_shows_where_it_is_loud() {
        let samples = (0..8000).map(|i| if i > 4000 { (i as f32 * 0.3).sin() * 0.3 } else { 0.0 }).collect();
        let picture = waveform_picture(&Pcm { samples, rate: 8000 }, 240, 80, [90, 80, 220]);
        let ink = |xs: std::ops::Range<u32>| {
            xs.flat_map(|x| (0..80).map(move |y| (x, y)))
                .map(|(x, y)| u32::from(picture.get_pixel(x, y).0[3]))
                .sum::<u32>()
        };
        assert!(ink(120..240) > 8 * ink(0..118));
        assert!(ink(0..118) > 0, "silence is a line of dots");
        let _ = waveform_picture(&Pcm { samples: vec![], rate: 0 }, 0, 0, [0; 3]);
    }
}
