//! The pages as a person meets them: a real server, a real headless Chromium, real keys and clicks.
//!
//! One Chromium serves the whole binary and every visitor has a profile of their own. Elements are found by role and
//! accessible name. What a page should never do (log an error, break its own content policy, throw, ask for what is
//! not there, ask another host) fails the test that saw it. Without Chromium the tests say so and pass over; where
//! `CI=true` they fail.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(missing_docs, unreachable_pub, reason = "one binary of tests")]

mod accessibility;
mod admin;
mod axe;
mod by_keyboard;
mod chromium;
mod driver;
mod entrance;
mod hostile;
mod isolation;
mod keyboard;
mod keys;
mod library;
#[allow(dead_code, reason = "a whole vocabulary, whatever the tests of today say")]
mod locator;
mod multitude;
#[allow(dead_code, reason = "a whole vocabulary, whatever the tests of today say")]
mod page;
#[allow(dead_code, reason = "written before its pages")]
mod pages;
mod scenery;
mod screenshots;
#[allow(dead_code, reason = "shared with the API's tests, which use all of it")]
#[path = "../api/server.rs"]
mod server;
mod stage;
mod studio;
#[allow(dead_code, reason = "a whole vocabulary, whatever the tests of today say")]
mod watch;
mod weight;
#[path = "../../packaging/wheels.rs"]
mod wheels;
