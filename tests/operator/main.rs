//! The appliance as an operator meets it: the real binary, its commands, its server, its crashes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "one binary, nobody reaches in")]

mod cli;
mod crash;
mod instance;
mod network;
mod packs;
#[expect(dead_code, reason = "the API's tests use more of it")]
#[path = "../api/receiver.rs"]
mod receiver;
mod restore;
mod webhooks;
