//! What a job costs. The defaults are the seed's own prices; an operator may set others in the configuration.

use serde::{Deserialize, Serialize};

use super::{credits::Credits, job::Mode};

/// Credits for each kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PriceTable {
    /// One picture, in either image mode.
    pub image: Credits,
    /// Generated voice, for each ten seconds begun.
    pub voice_per_ten_seconds: Credits,
    /// Video, for each second begun; the voice generated for it is included.
    pub video_per_second: Credits,
}

impl Default for PriceTable {
    fn default() -> Self {
        Self { image: Credits::new(1), voice_per_ten_seconds: Credits::new(1), video_per_second: Credits::new(22) }
    }
}

impl PriceTable {
    /// The price of a job of `mode` whose sound or film lasts `duration_seconds` (ignored for pictures).
    ///
    /// Begun units count whole, at least one; a millisecond of slack absorbs rounding of sample counts.
    /// `None` when the price exceeds what [`Credits`] can hold.
    pub fn price(&self, mode: Mode, duration_seconds: f64) -> Option<Credits> {
        let begun = |unit_seconds: f64| -> u32 { ((duration_seconds - 0.001) / unit_seconds).ceil().max(1.0) as u32 };
        match mode {
            Mode::TextToImage | Mode::ImageToImage => Some(self.image),
            Mode::Audio => self.voice_per_ten_seconds.checked_mul(begun(10.0)),
            Mode::ImageToVideo => self.video_per_second.checked_mul(begun(1.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_what_the_seed_says() {
        let prices = PriceTable::default();
        let price = |mode, seconds| prices.price(mode, seconds).unwrap().get();
        assert_eq!(price(Mode::TextToImage, 0.0), 1);
        assert_eq!(price(Mode::ImageToImage, 0.0), 1);
        for (seconds, credits) in [(0.2, 1), (9.99, 1), (10.0, 1), (10.01, 2), (40.0, 4)] {
            assert_eq!(price(Mode::Audio, seconds), credits, "{seconds} s of voice");
        }
        for (seconds, credits) in [(0.2, 22), (1.0, 22), (1.04, 44), (10.0, 220)] {
            assert_eq!(price(Mode::ImageToVideo, seconds), credits, "{seconds} s of video");
        }
    }
}
