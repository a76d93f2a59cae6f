//! MagicPixels appliance: a whole MagicPixels studio in one binary.
//!
//! A module imports only from layers below it (`tests/tidy.rs` enforces it); ARCHITECTURE.md draws the layers.

pub mod app;
pub mod cache;
pub mod cli;
pub mod config;
pub mod courier;
pub mod db;
pub mod domain;
pub mod engine;
pub mod failpoint;
pub mod logbook;
pub mod machine;
pub mod media;
pub mod startup;
pub mod store;
pub mod web;
pub mod wire;
