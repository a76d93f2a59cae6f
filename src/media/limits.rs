//! How much an upload may ask for before it is refused, and the guard around third-party decoders.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::MediaError;

/// What an upload may be at most. Checked on headers, before memory is spent on the content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Width times height of a picture or of a film's frame.
    pub max_pixels: u64,
    /// The longer side of a picture or of a film's frame, in pixels.
    pub max_side: u32,
    /// The length of a sound or of a film.
    pub max_duration_seconds: f64,
    /// The size of a picture's file, which is read into memory whole (sounds and films are not).
    pub max_image_bytes: u64,
}

impl Default for Limits {
    /// 64 megapixels, 16,384 a side, 10 minutes, 64 MiB.
    fn default() -> Self {
        Self { max_pixels: 64_000_000, max_side: 16_384, max_duration_seconds: 600.0, max_image_bytes: 64 << 20 }
    }
}

impl Limits {
    /// Refuses a picture of `width` x `height` pixels that is empty or over a limit.
    pub fn check_size(&self, width: u32, height: u32) -> Result<(), MediaError> {
        if width == 0 || height == 0 {
            return Err(MediaError::Damaged(format!("the picture is {width}x{height} pixels")));
        }
        let pixels = u64::from(width) * u64::from(height);
        if width.max(height) > self.max_side || pixels > self.max_pixels {
            return Err(MediaError::TooLarge(format!(
                "the picture is {width}x{height} pixels, at most {} a side and {} in all are taken",
                self.max_side, self.max_pixels
            )));
        }
        Ok(())
    }

    /// Refuses a sound or film of `seconds` that is over the limit; `seconds` that is no number is damage.
    pub fn check_duration(&self, seconds: f64) -> Result<(), MediaError> {
        if !seconds.is_finite() || seconds < 0.0 {
            return Err(MediaError::Damaged("the length makes no sense".into()));
        }
        if seconds > self.max_duration_seconds {
            return Err(MediaError::TooLarge(format!(
                "it lasts longer than {} seconds, the most that is taken",
                self.max_duration_seconds
            )));
        }
        Ok(())
    }
}

/// Runs a third-party decoder over hostile bytes; a panic in it becomes [`MediaError::Damaged`].
///
/// The decoders promise errors, not panics, but each of them has had panics fixed before; whatever state unwinds is
/// dropped with the decoder, so nothing broken is seen afterwards.
pub(crate) fn guarded<T>(what: &str, decode: impl FnOnce() -> Result<T, MediaError>) -> Result<T, MediaError> {
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err(MediaError::Damaged(format!("the {what} cannot be decoded"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_are_refused_at_their_edges() {
        let limits = Limits { max_pixels: 100, max_side: 20, max_duration_seconds: 2.0, ..Limits::default() };
        assert!(limits.check_size(10, 10).is_ok());
        assert!(limits.check_size(20, 5).is_ok());
        assert!(matches!(limits.check_size(21, 1), Err(MediaError::TooLarge(_))));
        assert!(matches!(limits.check_size(11, 10), Err(MediaError::TooLarge(_))));
        assert!(matches!(limits.check_size(0, 10), Err(MediaError::Damaged(_))));
        assert!(matches!(limits.check_size(u32::MAX, u32::MAX), Err(MediaError::TooLarge(_))));
        assert!(limits.check_duration(2.0).is_ok());
        assert!(matches!(limits.check_duration(2.1), Err(MediaError::TooLarge(_))));
        assert!(matches!(limits.check_duration(f64::NAN), Err(MediaError::Damaged(_))));
    }

    #[test]
    fn a_panicking_decoder_is_damage() {
        let result: Result<(), _> = guarded("thing", || panic!("index out of bounds"));
        assert!(matches!(result, Err(MediaError::Damaged(_))));
    }
}
