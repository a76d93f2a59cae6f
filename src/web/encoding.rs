//! How the pages' own files travel: in Brotli or gzip, each compressed once, or as they are.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::Write,
    sync::{LazyLock, Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// How a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    /// RFC 7932; browsers read it over TLS and from this machine.
    Brotli,
    /// RFC 1952.
    Gzip,
    /// As it is.
    Identity,
}

/// Compressed files by encoding and digest.
type Compressed = HashMap<(Encoding, [u8; 32]), Bytes>;

/// What was compressed so far: each file once in the life of the process.
static COMPRESSED: LazyLock<Mutex<Compressed>> = LazyLock::new(Mutex::default);

impl Encoding {
    /// The smallest that the client reads.
    pub(super) fn best(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        [Self::Brotli, Self::Gzip].into_iter().find(|one| one.is_in(accepted)).unwrap_or(Self::Identity)
    }

    /// Whether an `Accept-Encoding` names it (or anything) and doesn't rule it out.
    fn is_in(self, accepted: &str) -> bool {
        accepted.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let wanted = self.name().unwrap_or_default();
            let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted) || name == "*");
            is_named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    }

    /// Its name in the headers.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// The bytes, as small as the encoding makes them. `digest` is of whatever they were made from.
    pub(super) fn encode(self, digest: [u8; 32], data: Cow<'_, [u8]>) -> Bytes {
        if self == Self::Identity {
            return data.into_owned().into();
        }
        let mut known = COMPRESSED.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((self, digest)).or_insert_with(|| self.compress(&data).into()).clone()
    }

    fn compress(self, data: &[u8]) -> Vec<u8> {
        let mut compressed = Vec::new();
        // Writing into memory doesn't fail.
        if self == Self::Brotli {
            let parameters = BrotliEncoderParams { quality: 11, ..BrotliEncoderParams::default() };
            let _ = brotli::BrotliCompress(&mut &data[..], &mut compressed, &parameters);
        } else {
            let mut encoder = GzEncoder::new(&mut compressed, Compression::best());
            let _ = encoder.write_all(data).and_then(|()| encoder.try_finish());
        }
        compressed
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_smallest_encoding_that_the_client_reads_is_taken() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            Encoding::best(&headers)
        };
        assert_eq!(with("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(with("*"), Encoding::Brotli);
        for value in ["gzip", "GZip;q=0.5", "br;q=0, gzip"] {
            assert_eq!(with(value), Encoding::Gzip, "{value}");
        }
        for value in ["deflate", "gzip;q=0", "identity", ""] {
            assert_eq!(with(value), Encoding::Identity, "{value}");
        }
        assert_eq!(Encoding::best(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn what_was_compressed_is_what_was_given() {
        let data = b"the same words again, the same words again, the same words again".repeat(9);
        for (encoding, digest) in
            [(Encoding::Gzip, [1; 32]), (Encoding::Brotli, [1; 32]), (Encoding::Identity, [1; 32])]
        {
            let sent = encoding.encode(digest, Cow::Borrowed(&data));
            let mut read = Vec::new();
            match encoding {
                Encoding::Brotli => brotli::BrotliDecompress(&mut &sent[..], &mut read).unwrap(),
                Encoding::Gzip => drop(std::io::copy(&mut flate2::read::GzDecoder::new(&sent[..]), &mut read).unwrap()),
                Encoding::Identity => read = sent.to_vec(),
            }
            assert_eq!(read, data, "{encoding:?}");
        }
    }
}
