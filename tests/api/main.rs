//! The API as a client meets it: a real server on a port of the system's choice, and nothing but HTTP.
//!
//! Live keys run the fake engine here, so that a test takes milliseconds; what the models make is tested beside them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(missing_docs, unreachable_pub, reason = "one binary of tests")]

mod account;
mod admin;
mod assets;
mod backups;
mod browser;
mod content;
mod errors;
mod events;
mod films;
mod guides;
mod idempotency;
mod invitations;
mod isolation;
mod jobs;
mod keys;
mod library;
mod openapi;
mod packs;
mod pages;
mod receiver;
mod retention;
#[path = "../../src/engine/scene/pack/sample.rs"]
mod sample;
mod seed;
mod server;
mod sessions;
mod test_keys;
mod webhooks;
