//! The picture models of the binary; those that draw from the operator's libraries are made anew when these change.

use std::sync::{Arc, Mutex};

use crate::engine::{
    scene::library::Library,
    slot::{ImageSlot, lock},
};

/// Makes the models, given the libraries.
type Make = Box<dyn Fn(&[Arc<Library>]) -> Vec<Arc<ImageSlot>> + Send + Sync>;

/// See the module.
pub(super) struct Stock {
    make: Make,
    now: Mutex<Made>,
}

/// What was made last, and of which libraries: their names and digests.
struct Made {
    of: Vec<(String, String)>,
    slots: Vec<Arc<ImageSlot>>,
}

impl Stock {
    pub(super) fn new(make: Make) -> Self {
        let slots = make(&[]);
        Self { make, now: Mutex::new(Made { of: Vec::new(), slots }) }
    }

    /// The models that draw from these libraries. A run that is under way ends with those that it began with.
    pub(super) fn slots(&self, libraries: &[Arc<Library>]) -> Vec<Arc<ImageSlot>> {
        let of: Vec<_> = libraries.iter().map(|l| (l.name.clone(), l.digest.clone())).collect();
        let mut now = lock(&self.now);
        if now.of != of {
            *now = Made { of, slots: (self.make)(libraries) };
        }
        now.slots.clone()
    }
}
