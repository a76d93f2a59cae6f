//! scene
pub mod trace;
