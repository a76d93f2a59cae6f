//! How much memory models take together: who is in it, and who leaves when another needs room.
//!
//! Counts weights as they lie on disk; what a run needs beside them comes and goes. A model that runs never leaves: who
//! wants in waits for it.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use super::{CancelToken, EngineError};

/// How often who waits looks again; also how soon it sees that its run was cancelled.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A model in memory, as who needs room sees it.
pub(super) trait Tenant: Send + Sync {
    /// Leaves memory unless it runs; tells whether it left.
    fn evict(&self) -> bool;
}

/// The memory that all models share.
#[derive(Default)]
pub(super) struct Pool {
    state: Mutex<State>,
    /// Rung when a model leaves or ends a run.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Bytes that may be taken; `None` sets no bound.
    limit_bytes: Option<u64>,
    seats: Vec<Taken>,
    next_key: u64,
    /// Counts up with every use.
    uses: u64,
}

/// What one model takes.
struct Taken {
    key: u64,
    id: String,
    bytes: u64,
    used: u64,
    tenant: Weak<dyn Tenant>,
}

/// A model's place in memory; dropping it gives the place back.
pub(super) struct Seat {
    pool: Arc<Pool>,
    key: u64,
}

impl Pool {
    /// From now on models take at most so many bytes together; what is there already stays.
    pub(super) fn set_limit(&self, limit_bytes: Option<u64>) {
        self.state().limit_bytes = limit_bytes;
    }

    /// Bytes taken now, and the most that may be.
    pub(super) fn bytes(&self) -> (u64, Option<u64>) {
        let state = self.state();
        (state.taken_bytes(), state.limit_bytes)
    }

    /// A seat, if `bytes` more fit when what was used longest ago has left; `None` while those who would have to leave
    /// run. A model that alone takes more than the limit comes in when nobody else is there but `user`, the model whose
    /// run needs it.
    pub(super) fn try_admit(
        self: &Arc<Self>,
        (id, bytes): (&str, u64),
        user: Option<&str>,
        tenant: Weak<dyn Tenant>,
    ) -> Option<Seat> {
        let mut stayed: Vec<u64> = Vec::new();
        loop {
            let mut state = self.state();
            if state.fits(bytes, user) {
                if let Some(limit) = state.limit_bytes.filter(|limit| bytes > *limit) {
                    tracing::warn!(model = id, bytes, limit, "the model alone takes more than work.model_memory_mib");
                }
                return Some(self.seat(&mut state, (id, bytes), tenant));
            }
            let (key, name, leaving) = state.oldest(&stayed)?;
            // Without the lock: what leaves gives its seat back.
            drop(state);
            if leaving.upgrade().is_some_and(|tenant| tenant.evict()) {
                tracing::info!(model = name, for_model = id, "unloaded to make room");
            } else {
                stayed.push(key);
            }
        }
    }

    /// Waits a moment, or until a model leaves or ends a run.
    pub(super) fn wait(&self, cancel: &CancelToken) -> Result<(), EngineError> {
        if cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        drop(self.changed.wait_timeout(self.state(), LOOK_EVERY).unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    fn seat(self: &Arc<Self>, state: &mut State, (id, bytes): (&str, u64), tenant: Weak<dyn Tenant>) -> Seat {
        let key = state.next_key;
        state.next_key += 1;
        state.uses += 1;
        state.seats.push(Taken { key, id: id.to_owned(), bytes, used: state.uses, tenant });
        Seat { pool: self.clone(), key }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn taken_bytes(&self) -> u64 {
        self.seats.iter().map(|seat| seat.bytes).sum()
    }

    fn fits(&self, bytes: u64, user: Option<&str>) -> bool {
        self.seats.iter().all(|seat| Some(seat.id.as_str()) == user)
            || self.limit_bytes.is_none_or(|limit| self.taken_bytes().saturating_add(bytes) <= limit)
    }

    /// What was used longest ago, but for those seats.
    fn oldest(&self, but: &[u64]) -> Option<(u64, String, Weak<dyn Tenant>)> {
        let others = self.seats.iter().filter(|seat| !but.contains(&seat.key));
        others.min_by_key(|seat| seat.used).map(|seat| (seat.key, seat.id.clone(), seat.tenant.clone()))
    }
}

impl Seat {
    /// The model ended a run.
    pub(super) fn touch(&self) {
        let mut state = self.pool.state();
        state.uses += 1;
        let uses = state.uses;
        if let Some(seat) = state.seats.iter_mut().find(|seat| seat.key == self.key) {
            seat.used = uses;
        }
        drop(state);
        self.pool.changed.notify_all();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.pool.state().seats.retain(|seat| seat.key != self.key);
        self.pool.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model that leaves when asked, unless it runs.
    #[derive(Default)]
    struct Model {
        seat: Mutex<Option<Seat>>,
    }

    impl Tenant for Model {
        fn evict(&self) -> bool {
            self.seat.try_lock().is_ok_and(|mut seat| seat.take().is_some())
        }
    }

    impl Model {
        fn load(self: &Arc<Self>, pool: &Arc<Pool>, id: &str, bytes: u64) {
            let tenant: Weak<dyn Tenant> = Arc::downgrade(&(self.clone() as Arc<dyn Tenant>));
            let seat = loop {
                match pool.try_admit((id, bytes), None, tenant.clone()) {
                    Some(seat) => break seat,
                    None => pool.wait(&CancelToken::default()).unwrap(),
                }
            };
            *self.seat.lock().unwrap() = Some(seat);
        }

        fn is_in(&self) -> bool {
            self.seat.lock().unwrap().is_some()
        }
    }

    fn pool(limit: u64) -> Arc<Pool> {
        let pool = Arc::new(Pool::default());
        pool.set_limit(Some(limit));
        pool
    }

    #[test]
    fn who_was_used_longest_ago_leaves_first() {
        let pool = pool(10);
        let (a, b, c) = (Arc::new(Model::default()), Arc::new(Model::default()), Arc::new(Model::default()));
        a.load(&pool, "a", 4);
        b.load(&pool, "b", 4);
        a.seat.lock().unwrap().as_ref().unwrap().touch();
        c.load(&pool, "c", 5);
        assert_eq!((a.is_in(), b.is_in(), c.is_in()), (true, false, true));
        assert_eq!(pool.bytes(), (9, Some(10)));
        b.load(&pool, "b", 99);
        assert_eq!((a.is_in(), c.is_in(), b.is_in()), (false, false, true), "too large for all, so it is alone");
    }

    #[test]
    fn what_a_run_needs_comes_in_beside_the_model_that_runs() {
        let pool = pool(10);
        let (user, other) = (Arc::new(Model::default()), Arc::new(Model::default()));
        user.load(&pool, "user", 6);
        other.load(&pool, "other", 4);
        let running = user.seat.lock().unwrap();
        let tenant: Weak<dyn Tenant> = Weak::<Model>::new();
        let seat = pool.try_admit(("needed", 8), Some("user"), tenant).unwrap();
        assert!(!other.is_in(), "who can leave does");
        assert_eq!(pool.bytes(), (14, Some(10)), "waiting for the user itself would never end");
        drop((seat, running));
        assert_eq!(pool.bytes().0, 6);
    }

    #[test]
    fn who_wants_in_waits_for_what_runs_and_can_be_cancelled() {
        let pool = pool(10);
        let busy = Arc::new(Model::default());
        busy.load(&pool, "busy", 8);
        let running = busy.seat.lock().unwrap();
        let cancelled = CancelToken::default();
        cancelled.cancel();
        assert!(matches!(pool.wait(&cancelled), Err(EngineError::Cancelled)));
        let late = Arc::new(Model::default());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| late.load(&pool, "late", 8));
            std::thread::sleep(2 * LOOK_EVERY);
            assert!(!waiting.is_finished() && pool.bytes().0 == 8, "both would be too much");
            drop(running);
        });
        assert_eq!((busy.is_in(), late.is_in()), (false, true));
    }
}
