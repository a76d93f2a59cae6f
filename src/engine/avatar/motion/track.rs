//! One number over time, [`super::RATE`] values a second.

use super::RATE;

/// A track.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Track {
    pub(super) values: Vec<f32>,
}

impl Track {
    /// Zeros.
    pub(super) fn zeros(length: usize) -> Self {
        Self { values: vec![0.0; length] }
    }

    pub(super) fn from_fn(length: usize, value: impl Fn(usize) -> f32) -> Self {
        Self { values: (0..length).map(value).collect() }
    }

    /// The value at a time, between values linear; the ends repeat.
    pub(super) fn at(&self, seconds: f32) -> f32 {
        let at = (seconds * RATE).max(0.0);
        let i = at as usize;
        let last = self.values.last().copied().unwrap_or(0.0);
        let a = self.values.get(i).copied().unwrap_or(last);
        let b = self.values.get(i + 1).copied().unwrap_or(last);
        a + (b - a) * (at - i as f32)
    }

    /// Sets the values of a stretch of time.
    pub(super) fn fill(&mut self, start_seconds: f32, end_seconds: f32, value: f32) {
        let index = |seconds: f32| ((seconds * RATE).max(0.0) as usize).min(self.values.len());
        let (start, end) = (index(start_seconds), index(end_seconds));
        if start < end {
            self.values[start..end].fill(value);
        }
    }

    /// Smoothed by a Gaussian of this standard deviation; the ends are mirrored.
    #[must_use]
    pub(super) fn smoothed(&self, milliseconds: f32) -> Self {
        let sigma = milliseconds / 1000.0 * RATE;
        let reach = (4.0 * sigma).ceil() as usize;
        let n = self.values.len();
        if n == 0 || sigma < 0.1 {
            return self.clone();
        }
        let kernel: Vec<f32> = (0..=reach).map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp()).collect();
        let total = kernel[0] + 2.0 * kernel[1..].iter().sum::<f32>();
        let mirror = |i: i64| -> usize {
            let period = 2 * n as i64;
            let i = i.rem_euclid(period);
            if i < n as i64 { i as usize } else { (period - 1 - i) as usize }
        };
        Self::from_fn(n, |at| {
            let at = at as i64;
            let sides = (1..=reach as i64)
                .map(|d| (self.values[mirror(at - d)] + self.values[mirror(at + d)]) * kernel[d as usize]);
            (self.values[at as usize] * kernel[0] + sides.sum::<f32>()) / total
        })
    }

    #[must_use]
    pub(super) fn map(&self, f: impl Fn(f32) -> f32) -> Self {
        Self { values: self.values.iter().map(|v| f(*v)).collect() }
    }

    /// Two tracks of one length combined.
    #[must_use]
    pub(super) fn zip(&self, other: &Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self { values: self.values.iter().zip(&other.values).map(|(a, b)| f(*a, *b)).collect() }
    }

    /// The value below which this share of the values lies; 0 where there are none.
    pub(super) fn percentile(&self, share: f32) -> f32 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f32::total_cmp);
        let at = (share * sorted.len().saturating_sub(1) as f32).round() as usize;
        sorted.get(at).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_keeps_the_sum_and_spreads_a_step_by_its_width() {
        let step = Track::from_fn(400, |i| if i < 200 { 0.0 } else { 1.0 });
        let smooth = step.smoothed(50.0);
        assert!((smooth.values[200] - 0.5).abs() < 0.05);
        // One standard deviation after the step a Gaussian has 84 %.
        assert!((smooth.values[210] - 0.84).abs() < 0.03, "{}", smooth.values[210]);
        assert!((smooth.values.iter().sum::<f32>() - 200.0).abs() < 0.1);
        assert_eq!(Track::zeros(3).smoothed(500.0).values.len(), 3);
    }

    #[test]
    fn times_between_values_are_between_them() {
        let ramp = Track::from_fn(10, |i| i as f32);
        assert!((ramp.at(0.0125) - 2.5).abs() < 1e-4);
        assert_eq!((ramp.at(-1.0), ramp.at(9.0)), (0.0, 9.0));
        assert!(Track::default().at(1.0).abs() < 1e-6);
    }
}
