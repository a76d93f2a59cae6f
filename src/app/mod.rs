//! Use cases: what people and programs do with the appliance. Synchronous; `web` calls them off its event loop.

pub mod error;
