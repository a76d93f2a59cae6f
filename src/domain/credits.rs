//! Whole credits with checked arithmetic only: there is no way to overflow or to go below zero by accident.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount of credits, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credits(u32);

impl Credits {
    /// No credits.
    pub const ZERO: Self = Self(0);

    /// This many credits.
    pub const fn new(amount: u32) -> Self {
        Self(amount)
    }

    /// The amount as a plain number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The sum, or `None` past `u32::MAX`.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The product, or `None` past `u32::MAX`.
    pub fn checked_mul(self, times: u32) -> Option<Self> {
        self.0.checked_mul(times).map(Self)
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
