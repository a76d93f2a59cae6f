//! How the appliance has been in the last hours: memory, processor, jobs, requests. In memory only.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{App, AppError};
use crate::{
    db::{
        figures::{self, Hour},
        jobs,
    },
    domain::clock::Timestamp,
    machine,
};

/// How often a sample is taken.
pub const SAMPLE_EVERY: Duration = Duration::from_secs(10);
/// How often housekeeping looks whether anything is due.
pub const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(30);
/// Samples that are kept: two hours.
const SAMPLES_MAX: usize = 720;
/// How far back the hours go.
const HOURS: i64 = 48;

/// How the appliance was at a moment. Counts are of the time since the sample before.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Bytes of memory that the process had.
    pub rss_bytes: Option<u64>,
    /// Processor time over wall time: 1 is one core busy.
    pub cpu_fraction: Option<f64>,
    /// Jobs that waited.
    pub queued: u64,
    /// Jobs that ran.
    pub running: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Those of them that failed through our fault (5xx).
    pub errors: u64,
}

/// The figures of the last hours.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Jobs by the hour in which they ended, the earliest first.
    pub hours: Vec<Hour>,
    /// Samples, the earliest first.
    pub samples: Vec<Sample>,
}

/// What the process knows of itself.
pub struct Vitals {
    started_at: Timestamp,
    /// When housekeeping was last begun, in milliseconds since the Unix epoch.
    housekeeping_at: AtomicI64,
    /// When media files were last swept.
    swept: Mutex<Option<Instant>>,
    requests: AtomicU64,
    errors: AtomicU64,
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    samples: VecDeque<Sample>,
    /// When the last sample was taken, and the processor's ticks by then.
    last: Option<(Instant, Option<u64>)>,
}

impl Vitals {
    pub(super) fn new(started_at: Timestamp) -> Self {
        Self {
            started_at,
            housekeeping_at: AtomicI64::new(started_at.millis()),
            swept: Mutex::default(),
            requests: AtomicU64::default(),
            errors: AtomicU64::default(),
            ring: Mutex::default(),
        }
    }

    /// When the process began.
    pub const fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Counts an answered request.
    pub fn count_request(&self, is_our_fault: bool) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.errors.fetch_add(u64::from(is_our_fault), Ordering::Relaxed);
    }

    pub(super) fn note_housekeeping(&self, now: Timestamp) {
        self.housekeeping_at.store(now.millis(), Ordering::Relaxed);
    }

    /// When housekeeping is next due.
    pub(super) fn next_housekeeping_at(&self) -> Timestamp {
        Timestamp::from_millis(self.housekeeping_at.load(Ordering::Relaxed)).plus(HOUSEKEEPING_EVERY)
    }

    /// Whether media files were not swept for so long; if so, they count as swept now.
    pub(super) fn is_sweep_due(&self, every: Duration) -> bool {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = swept.is_none_or(|at| at.elapsed() >= every);
        if is_due {
            *swept = Some(Instant::now());
        }
        is_due
    }

    fn take(&self, at: Timestamp, (queued, running): (u64, u64)) {
        let (now, ticks) = (Instant::now(), machine::processor_ticks());
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let cpu_fraction = ring.last.and_then(|(then, before)| {
            let seconds = now.duration_since(then).as_secs_f64().max(0.001);
            Some(ticks?.saturating_sub(before?) as f64 / machine::TICKS_PER_SECOND as f64 / seconds)
        });
        ring.last = Some((now, ticks));
        if ring.samples.len() == SAMPLES_MAX {
            ring.samples.pop_front();
        }
        ring.samples.push_back(Sample {
            at,
            rss_bytes: machine::resident_bytes(),
            cpu_fraction,
            queued,
            running,
            requests: self.requests.swap(0, Ordering::Relaxed),
            errors: self.errors.swap(0, Ordering::Relaxed),
        });
    }
}

impl App {
    /// Takes a sample; whoever runs the appliance calls it every [`SAMPLE_EVERY`].
    pub fn take_sample(&self) {
        let unfinished = self.db.read(|conn| jobs::count_unfinished(conn).map_err(AppError::from));
        self.vitals.take(self.clock.now(), unfinished.unwrap_or_default());
    }

    /// The figures of the last hours.
    pub fn history(&self) -> Result<History, AppError> {
        let from = Timestamp::from_millis(self.clock.now().millis() - HOURS * 3_600_000);
        let hours = self.db.read(|conn| figures::hours(conn, from).map_err(AppError::from))?;
        let ring = self.vitals.ring.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(History { hours, samples: ring.samples.iter().cloned().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_bounded_and_count_what_came_since_the_last() {
        let vitals = Vitals::new(Timestamp::from_millis(0));
        vitals.count_request(false);
        vitals.count_request(true);
        for i in 0..SAMPLES_MAX + 5 {
            vitals.take(Timestamp::from_millis(i as i64), (1, 0));
        }
        let ring = vitals.ring.lock().unwrap();
        assert_eq!(ring.samples.len(), SAMPLES_MAX);
        assert_eq!(ring.samples[0].at.millis(), 5);
        assert!(ring.samples.iter().all(|sample| sample.requests == 0), "counted once, in a sample that has gone");
        assert!(ring.samples[9].cpu_fraction.is_some_and(|fraction| fraction >= 0.0));
        drop(ring);
        vitals.count_request(true);
        vitals.take(Timestamp::from_millis(9_000_000), (0, 0));
        let ring = vitals.ring.lock().unwrap();
        let last = ring.samples.back().unwrap();
        assert_eq!((last.requests, last.errors), (1, 1));
    }
}
