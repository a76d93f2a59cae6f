//! The ISO base media file format (ISO/IEC 14496-12): writing films, and reading uploads without trusting them.

mod entry;
pub mod read;
pub mod track;
pub mod write;
