//! Codecs: bytes to pictures, sound and film, and back. No files, no network, no knowledge of jobs.

pub mod audio;
pub mod image;
pub mod limits;
pub mod mp4;
pub mod probe;
pub mod sniff;
pub mod subtitles;
pub mod video;

/// Bytes that cannot be used as media, with the reason in words for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The content is of no kind that the appliance reads.
    #[error("unsupported media: {0}")]
    Unsupported(String),
    /// The content claims a kind but is damaged, truncated or hostile.
    #[error("damaged media: {0}")]
    Damaged(String),
    /// The content is of a usable kind but exceeds a limit.
    #[error("media too large: {0}")]
    TooLarge(String),
    /// An encoder refused what it was given.
    #[error("encoding failed: {0}")]
    Encode(String),
    /// There is no room for what an encoder makes.
    #[error("the disk is full")]
    StorageFull,
}
