//! Tells whoever waits that some job changed: threads wait for [`Bell::wait_past`], async code for [`Bell::watch`].

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

/// A counter that only goes up, and those who wait for it.
pub(super) struct Bell {
    count: Mutex<u64>,
    rung: Condvar,
    watched: watch::Sender<u64>,
}

impl Default for Bell {
    fn default() -> Self {
        Self { count: Mutex::default(), rung: Condvar::new(), watched: watch::Sender::new(0) }
    }
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, u64> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes everyone.
    pub(super) fn ring(&self) {
        let mut count = self.lock();
        *count += 1;
        self.watched.send_replace(*count);
        self.rung.notify_all();
    }

    /// The count so far: take it before the look for work, so that nothing slips in between.
    pub(super) fn count(&self) -> u64 {
        *self.lock()
    }

    /// Waits until the count is past `seen`, at most for `longest`.
    pub(super) fn wait_past(&self, seen: u64, longest: Duration) {
        let waited = self.rung.wait_timeout_while(self.lock(), longest, |count| *count <= seen);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// A receiver that changes with every ring.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.watched.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Instant};

    use super::*;

    #[test]
    fn a_ring_before_the_wait_is_not_missed() {
        let bell = Bell::default();
        let seen = bell.count();
        bell.ring();
        let begun = Instant::now();
        bell.wait_past(seen, Duration::from_mins(1));
        assert!(begun.elapsed() < Duration::from_secs(30), "the wait ends at once");
    }

    #[test]
    fn a_ring_wakes_a_waiting_thread_and_a_receiver() {
        let bell = Arc::new(Bell::default());
        let (seen, waiting) = (bell.count(), bell.clone());
        let receiver = bell.watch();
        let thread = std::thread::spawn(move || waiting.wait_past(seen, Duration::from_mins(1)));
        bell.ring();
        thread.join().unwrap();
        assert!(receiver.has_changed().unwrap());
    }
}
