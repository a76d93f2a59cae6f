//! How long a text will take to say, without running a model: an upper bound that decides a job's credit hold.

/// An upper bound in seconds of how long `voice` takes to say `text` at `speed`.
pub fn estimate_seconds(text: &str, _voice: &str, speed: f32) -> f64 {
    (0.6 + 0.095 * text.chars().count() as f64) / f64::from(speed.clamp(0.5, 2.0))
}
