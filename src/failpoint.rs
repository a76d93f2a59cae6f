//! Named points at which a test can make the process die, to prove that nothing is lost or charged twice.
//!
//! `MAGICPIXELS_FAIL_AT=name` kills the process with SIGKILL's abruptness (no destructor, no flush) when it reaches
//! the point. Debug builds only: in a release build the call is empty.

/// The points, in the order a job passes them.
pub const POINTS: [&str; 5] = ["after_claim", "before_store", "after_store", "before_settle_commit", "after_settle"];

/// The points of a restore, in the order in which it passes them.
pub const RESTORE_POINTS: [&str; 5] =
    ["restore_unpacked", "restore_kept", "restore_media", "restore_placed", "restore_opened"];

/// The points that a webhook passes.
pub const WEBHOOK_POINTS: [&str; 1] = ["before_webhook_record"];

/// Dies here, if a test asked for it.
pub fn reach(point: &'static str) {
    #[cfg(debug_assertions)]
    if std::env::var_os("MAGICPIXELS_FAIL_AT").is_some_and(|wanted| wanted == point) {
        std::process::abort();
    }
    let is_named = [&POINTS[..], &RESTORE_POINTS, &WEBHOOK_POINTS].iter().any(|points| points.contains(&point));
    debug_assert!(is_named, "{point} is not a named fail point");
}
