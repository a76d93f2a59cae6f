//! Loading that can be let go of. ONNX Runtime heeds a cancellation between its passes over a graph only, and one pass
//! over gigabytes of weights takes longer than anybody wants to wait: so a load has a thread of its own.
//!
//! Owns that thread until it has ended, and with it the promise that no two loads of a pack go on at once.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};

use crate::engine::{CancelToken, EngineError};

/// How often who waits for a load looks whether it was cancelled.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// For how long a cancelled load may come to its own end before it is let go of.
const GRACE: Duration = Duration::from_millis(500);

/// Loads one thing at a time.
#[derive(Default)]
pub(super) struct Loader {
    /// A cancelled load that nobody waits for any more.
    stray: Option<JoinHandle<()>>,
}

impl Loader {
    /// What `load` gives. Cancelling `cancel` ends the wait with [`EngineError::Cancelled`] even where `load` goes on.
    pub(super) fn load<T: Send + 'static>(
        &mut self,
        load: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
        cancel: &CancelToken,
    ) -> Result<T, EngineError> {
        self.settle(cancel)?;
        let (give, take) = mpsc::channel();
        let work = move || drop(give.send(load()));
        let thread = Builder::new().name("loading".into()).spawn(work);
        let thread = thread.map_err(|e| EngineError::Model(format!("loading does not start: {e}")))?;
        let mut cancelled: Option<Instant> = None;
        loop {
            match take.recv_timeout(LOOK_EVERY) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Disconnected) => return Err(EngineError::Model("loading panicked".into())),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if cancel.is_cancelled() && cancelled.get_or_insert_with(Instant::now).elapsed() >= GRACE {
                self.stray = Some(thread);
                return Err(EngineError::Cancelled);
            }
        }
    }

    /// Waits until what was let go of has ended: two loads at once would take twice the memory.
    fn settle(&mut self, cancel: &CancelToken) -> Result<(), EngineError> {
        while let Some(stray) = self.stray.take() {
            if stray.is_finished() {
                break;
            }
            self.stray = Some(stray);
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }
}

impl Drop for Loader {
    /// A pack has left memory when its last load has: whoever counts its memory counts it until then.
    fn drop(&mut self) {
        if let Some(stray) = self.stray.take() {
            let _ = stray.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_that_heeds_no_cancellation_is_let_go_of_and_waited_for_by_the_next() {
        let mut loader = Loader::default();
        let going = CancelToken::default();
        assert_eq!(loader.load(|| Ok(7), &going).unwrap(), 7);
        let panicked = loader.load(|| -> Result<(), _> { panic!("in the load") }, &going);
        assert!(matches!(panicked, Err(EngineError::Model(message)) if message.contains("panicked")));

        let cancelled = CancelToken::default();
        let (release, released) = mpsc::channel::<()>();
        let (stopping, ended) = (cancelled.clone(), mpsc::channel());
        let load = move || {
            stopping.cancel();
            let _ = released.recv();
            ended.0.send(()).map_err(|e| EngineError::Model(e.to_string()))
        };
        assert!(matches!(loader.load(load, &cancelled), Err(EngineError::Cancelled)));
        assert!(ended.1.try_recv().is_err(), "it goes on");
        assert!(matches!(loader.load(|| Ok(()), &cancelled), Err(EngineError::Cancelled)), "so does its memory");
        release.send(()).unwrap();
        let seen = loader.load(move || Ok(ended.1.try_recv().is_ok()), &going).unwrap();
        assert!(seen, "the next load began when it was over");
    }

    #[test]
    fn what_was_let_go_of_is_over_when_its_pack_has_left() {
        let mut loader = Loader::default();
        let cancelled = CancelToken::default();
        let (stopping, ended) = (cancelled.clone(), mpsc::channel());
        let load = move || {
            stopping.cancel();
            std::thread::sleep(2 * GRACE);
            ended.0.send(()).map_err(|e| EngineError::Model(e.to_string()))
        };
        assert!(matches!(loader.load(load, &cancelled), Err(EngineError::Cancelled)));
        drop(loader);
        assert!(ended.1.try_recv().is_ok());
    }
}
