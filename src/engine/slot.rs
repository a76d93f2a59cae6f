//! One model's place in the registry: its description always, the model itself while it is in memory.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError},
    time::{Duration, Instant},
};

use super::{
    CancelToken, EngineError, ImageModel, ImageTask, Limit, ModelInfo, built_in, bundle,
    device::{self, Placement},
    fake,
    memory::{Pool, Seat, Tenant},
    packs::Pack,
    registry::ModelDetail,
};
use crate::{config::Device, domain::field::FieldError, machine};

/// Makes a model, or gives up when it is cancelled; called on first use and again after it was unloaded.
pub(super) type Maker<M> = Box<dyn Fn(&CancelToken) -> Result<Box<M>, EngineError> + Send + Sync>;

/// One model: its description, and the model itself while it is in memory.
pub(super) struct Slot<M: ?Sized> {
    pub(super) info: ModelInfo,
    pub(super) make: Maker<M>,
    loaded: Arc<Home<M>>,
    /// What it counts in the memory that all models share.
    bytes: u64,
    /// What its graphs are asked to run on.
    device: Device,
    /// The pack that it was installed in; `None` for what travels in the binary or was laid down by hand.
    pack: Option<Pack>,
    /// Wall seconds a run takes, as an exponential average over runs; starts from a guess.
    pub(super) run_seconds: Mutex<f64>,
    /// What its use told of it.
    seen: Mutex<Seen>,
}

/// How often who waits for a run of another's to end looks again; also how soon it sees that it was cancelled.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Where a model is while it is in memory. Held while it runs.
type Home<M> = Mutex<Option<Loaded<M>>>;

/// That place, to whoever runs the model now.
type Entered<'m, M> = MutexGuard<'m, Option<Loaded<M>>>;

/// A model in memory.
struct Loaded<M: ?Sized> {
    model: Box<M>,
    /// Given back after the model: fields are dropped in order.
    seat: Seat,
    used: Instant,
}

/// What a run begins with: the model, or room for it.
enum Entry<M: ?Sized> {
    There(Loaded<M>),
    Room(Seat),
}

impl<M: ?Sized + Send + 'static> Tenant for Home<M> {
    fn evict(&self) -> bool {
        let Some(loaded) = try_lock(self).and_then(|mut home| home.take()) else { return false };
        // Apart, since gigabytes take a while to give back, and who wants the room may be cancelled meanwhile. The seat
        // goes last. Where no thread starts, it happens here.
        drop(std::thread::Builder::new().name("unloading".into()).spawn(move || drop(loaded)));
        true
    }
}

/// What a model's use told of it.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// When its last run ended.
    last_used: Option<Instant>,
    /// By how much the process grew while the model was loaded and ran for the first time.
    memory_bytes: Option<u64>,
}

impl<M: ?Sized + Send + 'static> Slot<M> {
    /// A model of the binary, or one that takes no memory to speak of.
    pub(super) fn new(info: ModelInfo, guess_seconds: f64, make: Maker<M>) -> Self {
        let parts =
            built_in::weights(&info.id).iter().filter_map(|name| bundle::pack(name)).flat_map(bundle::Pack::parts);
        Self {
            bytes: parts.map(|part| part.bytes).sum(),
            info,
            make,
            loaded: Arc::default(),
            device: Device::Cpu,
            pack: None,
            run_seconds: Mutex::new(guess_seconds),
            seen: Mutex::default(),
        }
    }

    /// The same of a pack, whose graphs count so many bytes and are asked to run on that device.
    pub(super) fn of_pack(self, pack: Pack, bytes: u64, device: Device) -> Self {
        Self { bytes, device, pack: Some(pack), ..self }
    }

    /// Runs the model when nobody else does, loading it first if it isn't in memory: then it waits until there is room
    /// for it.
    pub(super) fn with<T>(
        &self,
        pool: &Arc<Pool>,
        cancel: &CancelToken,
        run: impl FnOnce(&mut M) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        self.lend(pool, None, cancel, |model| {
            let begun = Instant::now();
            let result = run(model);
            if result.is_ok() {
                let mut average = lock(&self.run_seconds);
                *average += 0.3 * (begun.elapsed().as_secs_f64() - *average);
            }
            result
        })
    }

    /// The same for something else than a run of its own; `user` is the id of the model whose run needs it.
    pub(super) fn lend<T>(
        &self,
        pool: &Arc<Pool>,
        user: Option<&str>,
        cancel: &CancelToken,
        work: impl FnOnce(&mut M) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let (mut loaded, entry) = self.enter(pool, user, cancel)?;
        // Taken out while it runs: a model that panicked is not used again.
        let (mut model, seat, grown_from) = match entry {
            Entry::There(Loaded { model, seat, .. }) => (model, seat, None),
            Entry::Room(seat) => {
                let before = machine::resident_bytes();
                ((self.make)(cancel)?, seat, before)
            }
        };
        let result = work(&mut model);
        let now = Instant::now();
        let mut seen = lock(&self.seen);
        seen.last_used = Some(now);
        if let (Some(before), Some(after)) = (grown_from, machine::resident_bytes()) {
            seen.memory_bytes = Some(after.saturating_sub(before));
        }
        seat.touch();
        *loaded = Some(Loaded { model, seat, used: now });
        result
    }

    /// Waits until nobody runs the model and it is in memory or there is room for it. While it waits for room it keeps
    /// nobody from the model: the run that must end before there is room may be one that needs it.
    fn enter(
        &self,
        pool: &Arc<Pool>,
        user: Option<&str>,
        cancel: &CancelToken,
    ) -> Result<(Entered<'_, M>, Entry<M>), EngineError> {
        loop {
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            let Some(mut home) = try_lock(&self.loaded) else {
                std::thread::sleep(LOOK_EVERY);
                continue;
            };
            if let Some(loaded) = home.take() {
                return Ok((home, Entry::There(loaded)));
            }
            let tenant = Arc::downgrade(&self.loaded);
            if let Some(seat) = pool.try_admit((&self.info.id, self.bytes), user, tenant) {
                return Ok((home, Entry::Room(seat)));
            }
            drop(home);
            pool.wait(cancel)?;
        }
    }

    pub(super) fn detail(&self) -> ModelDetail {
        let (seen, is_loaded) = (*lock(&self.seen), self.is_loaded());
        ModelDetail {
            info: self.info.clone(),
            is_loaded,
            placement: self.placement(),
            memory_bytes: seen.memory_bytes.filter(|_| is_loaded),
            idle: seen.last_used.map(|used| used.elapsed()),
            run_seconds: *lock(&self.run_seconds),
            packs: built_in::packs(&self.info.id).iter().filter_map(|name| bundle::pack(name)).collect(),
            is_built_in: self.info.id == fake::MODEL || !built_in::packs(&self.info.id).is_empty(),
            installed: self.pack.clone(),
        }
    }

    /// Where its graphs run, or will.
    pub(super) fn placement(&self) -> Placement {
        device::place(self.device)
    }

    /// In memory; a model that runs right now is.
    pub(super) fn is_loaded(&self) -> bool {
        try_lock(&self.loaded).is_none_or(|loaded| loaded.is_some())
    }

    /// `None` while it runs.
    pub(super) fn unload(&self) -> Option<bool> {
        try_lock(&self.loaded).map(|mut loaded| loaded.take().is_some())
    }

    pub(super) fn unload_if_idle(&self, idle: Duration) -> bool {
        let Some(mut loaded) = try_lock(&self.loaded) else { return false };
        let due = loaded.as_ref().is_some_and(|loaded| loaded.used.elapsed() >= idle);
        if due {
            *loaded = None;
        }
        due
    }
}

/// `None` while somebody holds it; what a panic left is looked at all the same.
fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A picture model: its slot, and what judges tasks while the model itself may be busy with one.
pub(super) struct ImageSlot {
    pub(super) slot: Slot<dyn ImageModel>,
    /// Made on first use.
    checker: OnceLock<Mutex<Box<dyn ImageModel>>>,
    /// The ranges of the numbers that a job may set, where the model tells.
    pub(super) limits: Vec<Limit>,
}

impl ImageSlot {
    /// A model of the binary.
    pub(super) fn built_in(slot: Slot<dyn ImageModel>) -> Self {
        Self { slot, checker: OnceLock::new(), limits: Vec::new() }
    }

    /// A model of an installed pack.
    pub(super) fn of_pack(slot: Slot<dyn ImageModel>, limits: Vec<Limit>) -> Self {
        Self { slot, checker: OnceLock::new(), limits }
    }

    /// What the model cannot do of a task, by field.
    pub(super) fn check(&self, task: &ImageTask) -> Result<Vec<FieldError>, EngineError> {
        if self.checker.get().is_none() {
            // Losing a race to another request only makes one model too many.
            let _ = self.checker.set(Mutex::new((self.slot.make)(&CancelToken::default())?));
        }
        Ok(self.checker.get().map_or_else(Vec::new, |checker| lock(checker).check(task)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fake::Fake;

    #[test]
    fn who_waits_for_a_run_of_anothers_can_be_cancelled() {
        let slot: Slot<dyn ImageModel> = Slot::new(fake::info(), 0.1, Box::new(|_| Ok(Box::new(Fake::default()))));
        let (pool, going, cancelled) = (Arc::default(), CancelToken::default(), CancelToken::default());
        let entered = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            let running = scope.spawn(|| {
                slot.with(&pool, &going, |_| {
                    entered.wait();
                    while !going.is_cancelled() {
                        std::thread::yield_now();
                    }
                    Ok(())
                })
            });
            entered.wait();
            let waiting = scope.spawn(|| slot.with(&pool, &cancelled, |_| Ok(())));
            cancelled.cancel();
            assert!(matches!(waiting.join().unwrap(), Err(EngineError::Cancelled)), "while the other runs");
            going.cancel();
            assert!(running.join().unwrap().is_ok());
        });
        assert!(slot.with(&pool, &CancelToken::default(), |_| Ok(())).is_ok());
    }

    #[test]
    fn who_waits_for_room_keeps_nobody_from_the_model() {
        let slot = |id: &str, bytes| -> Slot<dyn ImageModel> {
            let info = ModelInfo { id: id.into(), ..fake::info() };
            Slot { bytes, ..Slot::new(info, 0.1, Box::new(|_| Ok(Box::new(Fake::default())))) }
        };
        let (user, needed) = (slot("user", 6), slot("needed", 6));
        let (pool, going): (Arc<Pool>, _) = (Arc::default(), CancelToken::default());
        pool.set_limit(Some(10));
        std::thread::scope(|scope| {
            let mut waiting = None;
            let run = user.with(&pool, &going, |_| {
                waiting = Some(scope.spawn(|| needed.with(&pool, &going, |_| Ok(()))));
                std::thread::sleep(10 * LOOK_EVERY);
                assert!(waiting.as_ref().is_some_and(|waiting| !waiting.is_finished()), "there is no room for both");
                needed.lend(&pool, Some("user"), &going, |_| Ok(()))
            });
            assert!(run.is_ok() && waiting.unwrap().join().unwrap().is_ok());
        });
        assert_eq!(pool.bytes().0, 12, "what is in memory already stays until somebody needs its room");
    }
}
