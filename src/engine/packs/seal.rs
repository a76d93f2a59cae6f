//! What makes an exported pack one signed file: behind an ordinary tar.zst archive stands a frame that every zstd tool
//! skips, with the signer's public key and their Ed25519 signature over all bytes before it. So any machine opens the
//! archive, and no byte of the file can change without being found.

use std::io::{self, Read as _, Write};

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::{
    PackError,
    source::{Joined, damaged},
};
use crate::domain::digest::Digest;

/// A skippable frame of zstd (RFC 8878, 3.1.2), then its length without these eight bytes.
const FRAME: [u8; 8] = [0x50, 0x2a, 0x4d, 0x18, 104, 0, 0, 0];
/// What the frame begins with, so that another's frame is not taken for ours.
const MARK: [u8; 8] = *b"MPPACK01";
/// Frame, mark, public key, signature.
const SEAL_BYTES: usize = 8 + 8 + 32 + 64;
/// Signed before the digest: a signature for one thing must not pass for another.
const CONTEXT: &[u8] = b"magicpixels pack 1\0";

/// Who signs packs: an instance's own key.
pub struct Signer {
    key: SigningKey,
}

impl Signer {
    /// The signer of this secret.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(seed) }
    }

    /// What others know the signer by: the SHA-256 of the public key.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(self.key.verifying_key().as_bytes())
    }
}

/// Passes bytes on and signs them in the end.
pub(super) struct SealingWriter<W> {
    inner: W,
    hasher: Sha256,
}

impl<W: Write> SealingWriter<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new() }
    }

    /// Appends the seal.
    pub(super) fn finish(mut self, signer: &Signer) -> io::Result<W> {
        let signature = signer.key.sign(&message(self.hasher));
        for part in [&FRAME[..], &MARK, signer.key.verifying_key().as_bytes(), &signature.to_bytes()] {
            self.inner.write_all(part)?;
        }
        self.inner.flush()?;
        Ok(self.inner)
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn message(hasher: Sha256) -> Vec<u8> {
    [CONTEXT, &hasher.finalize()].concat()
}

/// Who signed a file, once every byte of it was held to the signature; `None` for a file that nobody signed. `step`
/// hears of bytes that were read, of all.
pub(super) fn check(
    mut file: Joined,
    step: &mut dyn FnMut(u64, u64) -> Result<(), PackError>,
) -> Result<Option<Digest>, PackError> {
    let Some(signed_bytes) = file.len().checked_sub(SEAL_BYTES as u64) else { return Ok(None) };
    let refuse = |what: &str| PackError::Refused(format!("the signed file is damaged: {what}"));
    let mut seal = [0; SEAL_BYTES];
    file.seek_to(signed_bytes);
    file.read_exact(&mut seal).map_err(damaged)?;
    let (frame, rest) = seal.split_at(FRAME.len());
    let (mark, rest) = rest.split_at(MARK.len());
    // Any half of it tells that the file was signed: a byte that changed must not make it pass for one that wasn't.
    let found = [frame[..4] == FRAME[..4], frame[4..] == FRAME[4..], mark == MARK];
    if !found.contains(&true) {
        return Ok(None);
    }
    if found.contains(&false) {
        return Err(refuse("its seal can't be read"));
    }
    let (key, signature) = rest.split_at(32);
    let key = key.try_into().ok().and_then(|bytes| VerifyingKey::from_bytes(bytes).ok());
    let key = key.ok_or_else(|| refuse("its seal has no key"))?;
    let signature = Signature::from_slice(signature).map_err(|_| refuse("its seal has no signature"))?;
    file.seek_to(0);
    let (mut hasher, mut buffer, mut count) = (Sha256::new(), vec![0; 1 << 20], 0);
    while count < signed_bytes {
        let room = buffer.len().min(usize::try_from(signed_bytes - count).unwrap_or(usize::MAX));
        let read = file.read(&mut buffer[..room]).map_err(damaged)?;
        if read == 0 {
            return Err(refuse("it ends too soon"));
        }
        hasher.update(&buffer[..read]);
        count += read as u64;
        step(count, signed_bytes)?;
    }
    key.verify_strict(&message(hasher), &signature).map_err(|_| refuse("the signature is not that of its bytes"))?;
    Ok(Some(Digest::of(key.as_bytes())))
}
