//! The ISO base media file format (ISO/IEC 14496-12): writing films, and reading uploads without trusting them.

pub mod read;
pub mod write;
