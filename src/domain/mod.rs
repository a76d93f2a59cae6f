//! The rules of the product, free of I/O and of async: ids, credits, prices, plans, job states, request parsing.
//!
//! Owns every decision that a test can check with values alone. Refuses to know about HTTP, SQL, files or models.

pub mod asset;
pub mod clock;
pub mod credits;
pub mod digest;
pub mod field;
pub mod ids;
pub mod job;
pub mod plan;
pub mod pricing;
pub mod request;
pub mod scope;
pub mod search;
pub mod webhook;
