//! Every page there is.

/// What a signed-in person has.
pub const PERSONAL: [&str; 6] =
    ["/", "/library", "/account", "/account/keys", "/account/webhooks", "/account/security"];
/// What whoever runs the appliance has beside it.
pub const ADMIN: [&str; 12] = [
    "/admin",
    "/admin/queue",
    "/admin/accounts",
    "/admin/jobs",
    "/admin/models",
    "/admin/storage",
    "/admin/metrics",
    "/admin/settings",
    "/admin/audit",
    "/admin/backups",
    "/admin/logs",
    "/admin/doctor",
];
/// What anybody can read.
pub const DOCS: [&str; 8] = [
    "/docs",
    "/docs/five-calls",
    "/docs/webhooks",
    "/docs/idempotency",
    "/docs/test-keys",
    "/docs/air-gap",
    "/docs/reference",
    "/docs/errors",
];
/// The ways in.
pub const ENTRANCES: [&str; 2] = ["/sign-in", "/sign-up"];

/// All of them for a person who is signed in and runs the appliance.
pub fn all<'a>() -> impl Iterator<Item = &'a str> {
    PERSONAL.into_iter().chain(ADMIN).chain(DOCS)
}

/// `/admin/queue` as a file's name: `admin-queue`.
pub fn name(path: &str) -> String {
    let name = path.trim_matches('/').replace('/', "-");
    if name.is_empty() { "studio".into() } else { name }
}
