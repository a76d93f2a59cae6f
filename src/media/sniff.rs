//! What a file is, judged by its first bytes alone; names and MIME types given by a client are never believed.
//!
//! Containers that may hold either sound or pictures (MP4, Matroska) are settled by [`super::probe`] from their tracks.

use super::MediaError;
use crate::domain::asset::AssetKind;

/// How many leading bytes [`sniff`] wants to see; fewer are fine where the file is shorter.
pub const SNIFF_BYTES: usize = 4096;

/// A file format that the appliance reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names of the formats say it all")]
pub enum Format {
    Png,
    Jpeg,
    WebP,
    Gif,
    Bmp,
    Wav,
    Mp3,
    Adts,
    M4a,
    Ogg,
    Flac,
    Mp4,
    Mov,
    WebM,
    Mkv,
}

impl Format {
    /// The kind of asset it usually is; MP4, MOV, `WebM` and MKV without pictures turn out to be sound.
    pub const fn kind(self) -> AssetKind {
        match self {
            Self::Png | Self::Jpeg | Self::WebP | Self::Gif | Self::Bmp => AssetKind::Image,
            Self::Wav | Self::Mp3 | Self::Adts | Self::M4a | Self::Ogg | Self::Flac => AssetKind::Audio,
            Self::Mp4 | Self::Mov | Self::WebM | Self::Mkv => AssetKind::Video,
        }
    }

    /// The canonical media type of the format when it holds `kind`.
    pub const fn content_type(self, kind: AssetKind) -> &'static str {
        let sound = matches!(kind, AssetKind::Audio);
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
            Self::Adts => "audio/aac",
            Self::Ogg => "audio/ogg",
            Self::Flac => "audio/flac",
            Self::M4a | Self::Mp4 | Self::Mov if sound => "audio/mp4",
            Self::M4a | Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
            Self::WebM if sound => "audio/webm",
            Self::WebM => "video/webm",
            Self::Mkv if sound => "audio/x-matroska",
            Self::Mkv => "video/x-matroska",
        }
    }

    /// The usual file name extension of the format when it holds `kind`, without the dot.
    pub const fn extension(self, kind: AssetKind) -> &'static str {
        let sound = matches!(kind, AssetKind::Audio);
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Adts => "aac",
            Self::Ogg => "ogg",
            Self::Flac => "flac",
            Self::M4a | Self::Mp4 | Self::Mov if sound => "m4a",
            Self::M4a | Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::WebM => "webm",
            Self::Mkv if sound => "mka",
            Self::Mkv => "mkv",
        }
    }
}

/// The format of a file that begins with `head`.
///
/// # Errors
/// [`MediaError::Unsupported`], by name where the content is something known that is not taken.
pub fn sniff(head: &[u8]) -> Result<Format, MediaError> {
    if head.is_empty() {
        return Err(MediaError::Damaged("the file is empty".into()));
    }
    let known = sniff_image(head).or_else(|| sniff_sound(head)).or_else(|| sniff_container(head));
    known.unwrap_or_else(|| Err(MediaError::Unsupported(format!("{} is not taken", name_stranger(head)))))
}

type Sniffed = Option<Result<Format, MediaError>>;

fn sniff_image(head: &[u8]) -> Sniffed {
    let format = match head {
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Format::Png,
        [0xFF, 0xD8, 0xFF, ..] => Format::Jpeg,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Format::WebP,
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Format::Gif,
        // "BM" alone is too common in text: the reserved words are zero and the header has a known size.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, _, _, _, _, 12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0, ..] => {
            Format::Bmp
        }
        _ => return None,
    };
    Some(Ok(format))
}

fn sniff_sound(head: &[u8]) -> Sniffed {
    match head {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Ok(Format::Wav)),
        [b'f', b'L', b'a', b'C', ..] => Some(Ok(Format::Flac)),
        [b'O', b'g', b'g', b'S', ..] => Some(sniff_ogg(head)),
        [b'I', b'D', b'3', ..] => Some(Ok(sniff_after_id3(head))),
        _ => sniff_frame(head).map(Ok),
    }
}

/// An MPEG audio or ADTS frame header (ISO/IEC 11172-3 2.4.1.3, ISO/IEC 13818-7 6.2) at the start of `data`.
fn sniff_frame(data: &[u8]) -> Option<Format> {
    let &[0xFF, second, third, ..] = data else { return None };
    let rate_index = third >> 2 & 0xF;
    match (second & 0xF6, second & 0xE0, second >> 1 & 3) {
        (0xF0, ..) if rate_index < 13 => Some(Format::Adts),
        // Layer III or II, no reserved version, no reserved bit rate or sample rate.
        (_, 0xE0, 1 | 2) if second & 0x18 != 0x08 && third >> 4 != 15 && third >> 4 != 0 && third & 0x0C != 0x0C => {
            Some(Format::Mp3)
        }
        _ => None,
    }
}

/// What follows an `ID3v2` tag: nearly always MP3, sometimes FLAC or AAC.
fn sniff_after_id3(head: &[u8]) -> Format {
    let size = head.get(6..10).map_or(0, |s| s.iter().fold(0usize, |n, &b| n << 7 | usize::from(b & 0x7F)));
    let rest = head.get(10 + size..).unwrap_or_default();
    if rest.starts_with(b"fLaC") { Format::Flac } else { sniff_frame(rest).unwrap_or(Format::Mp3) }
}

fn sniff_ogg(head: &[u8]) -> Result<Format, MediaError> {
    // The first packet follows the page header and its segment table (RFC 3533, section 6).
    let start = 27 + head.get(26).map_or(0, |&n| usize::from(n));
    let packet = head.get(start..).unwrap_or_default();
    let unsupported = |what: &str| {
        Err(MediaError::Unsupported(format!("{what} is not taken; send WAV, MP3, AAC, FLAC, Opus or Ogg Vorbis")))
    };
    match packet {
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] | [0x7F, b'F', b'L', b'A', b'C', ..] => Ok(Format::Ogg),
        p if p.starts_with(b"OpusHead") => Ok(Format::Ogg),
        p if p.starts_with(b"Speex") => unsupported("Speex sound"),
        [0x80, b't', b'h', b'e', b'o', b'r', b'a', ..] => unsupported("Ogg Theora film"),
        _ => unsupported("this kind of Ogg stream"),
    }
}

fn sniff_container(head: &[u8]) -> Sniffed {
    if head.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]) {
        // DocType (EBML id 0x4282) stands in the EBML header, within the first bytes.
        let header = &head[..head.len().min(64)];
        let says = |name: &[u8]| header.windows(name.len()).any(|w| w == name);
        return Some(match () {
            () if says(b"webm") => Ok(Format::WebM),
            () if says(b"matroska") => Ok(Format::Mkv),
            () => Err(MediaError::Unsupported("this kind of EBML file is not taken".into())),
        });
    }
    let brand = head.get(8..12);
    match (head.get(4..8)?, brand) {
        (b"ftyp", Some(b"M4A " | b"M4B " | b"M4P ")) => Some(Ok(Format::M4a)),
        (b"ftyp", Some(b"qt  ")) | (b"moov" | b"wide", _) => Some(Ok(Format::Mov)),
        (b"mdat" | b"free" | b"skip", _) if head[0] == 0 => Some(Ok(Format::Mov)),
        (b"ftyp", Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"mif1" | b"msf1")) => {
            Some(Err(MediaError::Unsupported("HEIC is not taken; send PNG, JPEG or WebP".into())))
        }
        (b"ftyp", Some(b"avif" | b"avis")) => {
            Some(Err(MediaError::Unsupported("AVIF is not taken; send PNG, JPEG or WebP".into())))
        }
        (b"ftyp", _) => Some(Ok(Format::Mp4)),
        _ => None,
    }
}

/// A name for content that is not taken, for the error message.
fn name_stranger(head: &[u8]) -> &'static str {
    let text = head.trim_ascii_start();
    match head {
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "TIFF",
        [b'%', b'P', b'D', b'F', ..] => "PDF",
        [0, 0, 1, 0, ..] => "an icon file",
        [b'P', b'K', 3 | 5, ..] => "a ZIP archive",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => "AVI",
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C', ..] => "AIFF",
        [0x30, 0x26, 0xB2, 0x75, ..] => "Windows Media",
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] | [0xFF, 0x0A, ..] => "JPEG XL",
        [0, 0, 1, 0xBA, ..] => "an MPEG programme stream",
        [b'F', b'L', b'V', 1, ..] => "Flash video",
        _ if text.starts_with(b"<svg") || text.starts_with(b"<?xml") => "SVG or XML",
        _ if text.starts_with(b"<") => "HTML",
        _ if head.iter().take(256).all(|b| matches!(b, 9 | 10 | 13 | 32..=126)) => "plain text",
        _ => "this content",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_content() {
        let cases: [(&[u8], Format); 15] = [
            (b"\x89PNG\r\n\x1a\n....", Format::Png),
            (&[0xFF, 0xD8, 0xFF, 0xE0], Format::Jpeg),
            (b"RIFF\0\0\0\0WEBPVP8 ", Format::WebP),
            (b"GIF89a....", Format::Gif),
            (b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", Format::Bmp),
            (b"RIFF\0\0\0\0WAVEfmt ", Format::Wav),
            (&[0xFF, 0xFB, 0x90, 0x64], Format::Mp3),
            (&[0xFF, 0xF1, 0x50, 0x80], Format::Adts),
            (b"ID3\x04\0\0\0\0\0\0fLaC", Format::Flac),
            (b"ID3\x04\0\0\0\0\x7f\x7f", Format::Mp3),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead", Format::Ogg),
            (b"\0\0\0\x20ftypM4A ", Format::M4a),
            (b"\0\0\0\x20ftypisom", Format::Mp4),
            (b"\0\0\0\x20ftypqt  ", Format::Mov),
            (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x82\x84webm", Format::WebM),
        ];
        for (bytes, format) in cases {
            assert_eq!(sniff(bytes), Ok(format), "{bytes:x?}");
        }
    }

    #[test]
    fn what_is_not_taken_is_named() {
        let cases: [(&[u8], &str); 9] = [
            (b"%PDF-1.7", "PDF"),
            (b"  <svg xmlns=", "SVG"),
            (b"<!doctype html>", "HTML"),
            (b"hello there", "plain text"),
            (b"\0\0\0\x18ftypheic", "HEIC"),
            (b"II*\0....", "TIFF"),
            (b"BM is how this text begins", "plain text"),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13Speex   ", "Speex"),
            (&[0xFF, 0xFF, 0xFF, 0xFF], "this content"),
        ];
        for (bytes, name) in cases {
            let Err(MediaError::Unsupported(message)) = sniff(bytes) else { panic!("{bytes:x?} was taken") };
            assert!(message.contains(name), "{message} should name {name}");
        }
        assert!(matches!(sniff(b""), Err(MediaError::Damaged(_))));
    }

    #[test]
    fn every_short_head_is_survived() {
        for length in 0..64 {
            for first in [0u8, 0xFF, b'R', b'O', b'I', 0x1A, b'B', b'f'] {
                let mut head = vec![0u8; length];
                head.fill(first);
                let _ = sniff(&head);
                let _ = sniff(&b"OggS\0\x02"[..length.min(6)]);
                let _ = sniff(&b"ID3\x04\0\0\x7f\x7f\x7f\x7f"[..length.min(10)]);
            }
        }
    }
}
