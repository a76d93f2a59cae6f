use image::Rgba;

use super::*;

fn scene(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        Rgba([(x * 255 / width) as u8, (y * 255 / height) as u8, ((x + y) * 3) as u8, 255])
    })
}

fn jpeg(picture: &RgbaImage) -> Vec<u8> {
    encode_jpeg(&flatten(picture, [0; 3]), 92).unwrap()
}

/// An EXIF block (TIFF, little-endian) with one entry, the orientation, followed by a name to look for.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    block.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
    block.extend_from_slice(b"Secret Owner");
    block
}

fn jpeg_with(bytes: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&bytes[..2], &[0xFF, marker], &length, body, &bytes[2..]].concat()
}

fn png_with(bytes: &[u8], kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let crc = kind.iter().chain(body).fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xEDB8_8320 } else { c >> 1 })
    });
    let size = (body.len() as u32).to_be_bytes();
    // After IHDR, which ends at byte 33.
    [&bytes[..33], &size, &kind, body, &(!crc).to_be_bytes(), &bytes[33..]].concat()
}

/// The lossless WebP of `bytes` in the extended format, with an EXIF chunk.
fn webp_with_exif(bytes: &[u8], size: (u32, u32), orientation: u8) -> Vec<u8> {
    let mut body = b"WEBPVP8X\x0a\0\0\0\x08\0\0\0".to_vec();
    body.extend_from_slice(&(size.0 - 1).to_le_bytes()[..3]);
    body.extend_from_slice(&(size.1 - 1).to_le_bytes()[..3]);
    body.extend_from_slice(&bytes[12..]);
    let block = exif(orientation);
    body.extend_from_slice(b"EXIF");
    body.extend_from_slice(&(block.len() as u32).to_le_bytes());
    body.extend_from_slice(&block);
    body.resize(body.len().next_multiple_of(2), 0);
    [b"RIFF".to_vec(), (body.len() as u32).to_le_bytes().to_vec(), body].concat()
}

fn names_nobody(bytes: &[u8]) -> bool {
    !bytes.windows(6).any(|w| w == b"Secret")
}

fn close(a: &RgbaImage, b: &RgbaImage, tolerance: u8) -> bool {
    a.dimensions() == b.dimensions() && a.iter().zip(b.iter()).all(|(a, b)| a.abs_diff(*b) <= tolerance)
}

#[test]
fn whose_a_picture_is_goes_into_its_exif() {
    use image::ImageDecoder as _;
    let (picture, whose) = (scene(16, 16), "\"Vase\" by Ada (vases.example), CC-BY-3.0, adapted");
    let told = encode_credited_jpeg(&flatten(&picture, [0; 3]), 92, whose).unwrap();
    let jpeg_exif =
        image::codecs::jpeg::JpegDecoder::new(std::io::Cursor::new(&told)).unwrap().exif_metadata().unwrap();
    let told = encode_credited_webp(&picture, whose).unwrap();
    assert_eq!(decode(&told, &Limits::default()).unwrap(), picture);
    let webp_exif =
        image::codecs::webp::WebPDecoder::new(std::io::Cursor::new(&told)).unwrap().exif_metadata().unwrap();
    for exif in [jpeg_exif.unwrap(), webp_exif.unwrap()] {
        let word = |at: usize| u32::from_le_bytes(exif[at..at + 4].try_into().unwrap()) as usize;
        let entry = word(4) + 2;
        assert_eq!(exif[entry..entry + 4], [0x98, 0x82, 2, 0], "the copyright, as text");
        let (count, at) = (word(entry + 4), word(entry + 8));
        assert_eq!(exif[at..at + count], *format!("{whose}\0").as_bytes());
    }
    assert_eq!(encode_credited_webp(&picture, "").unwrap(), encode_webp(&picture).unwrap());
}

#[test]
fn lossless_formats_come_back_exactly() {
    let limits = Limits::default();
    let mut cut = scene(33, 21);
    assert_eq!(decode(&encode_png(&cut, &[]).unwrap(), &limits).unwrap(), cut);
    assert_eq!(decode(&encode_webp(&cut).unwrap(), &limits).unwrap(), cut);
    cut.put_pixel(3, 3, Rgba([9, 8, 7, 100]));
    assert_eq!(decode(&encode_png(&cut, &[]).unwrap(), &limits).unwrap(), cut);
    assert_eq!(decode(&encode_webp(&cut).unwrap(), &limits).unwrap(), cut);
    assert!(close(&decode(&jpeg(&scene(64, 64)), &limits).unwrap(), &scene(64, 64), 40));
}

#[test]
fn how_a_picture_was_made_is_in_its_png_and_comes_out_again() {
    let texts = [("parameters", "a café at dusk\nSteps: 20, Seed: 7"), ("Software", "MagicPixels")];
    let bytes = encode_png(&scene(8, 8), &texts).unwrap();
    let reader = png::Decoder::new(Cursor::new(&bytes)).read_info().unwrap();
    let found: Vec<_> = reader.info().utf8_text.iter().map(|t| (t.keyword.clone(), t.get_text().unwrap())).collect();
    assert_eq!(found, texts.map(|(k, t)| (k.to_owned(), t.to_owned())));
    let stripped = normalise_upload(&bytes, &Limits::default()).unwrap();
    assert!(stripped.changed && !stripped.bytes.windows(4).any(|w| w == b"iTXt"));
    assert!(encode_png(&scene(4, 4), &[("", "x")]).is_err());
}

#[test]
fn every_orientation_is_applied() {
    // The corner that is red tells where the top left went; EXIF 2.32, 4.6.4 A.
    let mut picture = RgbaImage::from_pixel(48, 32, Rgba([0, 0, 0, 255]));
    for (x, y) in (0..16).flat_map(|x| (0..16).map(move |y| (x, y))) {
        picture.put_pixel(x, y, Rgba([255, 0, 0, 255]));
    }
    let corners = [(1, 4, 4), (2, 44, 4), (3, 44, 28), (4, 4, 28), (5, 4, 4), (6, 28, 4), (7, 28, 44), (8, 4, 44)];
    let plain_jpeg = jpeg(&picture);
    let plain_png = encode_png(&picture, &[]).unwrap();
    let plain_webp = encode_webp(&picture).unwrap();
    for (orientation, x, y) in corners {
        let size = if orientation > 4 { (32, 48) } else { (48, 32) };
        let app1 = [b"Exif\0\0".to_vec(), exif(orientation)].concat();
        let files = [
            jpeg_with(&plain_jpeg, 0xE1, &app1),
            png_with(&plain_png, *b"eXIf", &exif(orientation)),
            webp_with_exif(&plain_webp, (48, 32), orientation),
        ];
        for file in files {
            let shown = decode(&file, &Limits::default()).unwrap();
            assert_eq!(shown.dimensions(), size, "orientation {orientation}");
            assert!(shown.get_pixel(x, y).0[0] > 200, "orientation {orientation}: {:?}", shown.get_pixel(x, y));
            let normal = normalise_upload(&file, &Limits::default()).unwrap();
            assert!(normal.changed && normal.size == size && names_nobody(&normal.bytes));
            assert_eq!(sniff(&normal.bytes), sniff(&file));
            assert!(close(&decode(&normal.bytes, &Limits::default()).unwrap(), &shown, 60), "{orientation}");
        }
    }
}

#[test]
fn metadata_goes_without_a_pixel_changing() {
    let picture = scene(40, 30);
    let plain = jpeg(&picture);
    let mut file = jpeg_with(&plain, 0xE1, &[b"Exif\0\0".to_vec(), exif(1)].concat());
    file = jpeg_with(&file, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>Secret</x>");
    file = jpeg_with(&file, 0xED, b"Photoshop 3.0\0Secret");
    file = jpeg_with(&file, 0xFE, b"Secret comment");
    file.extend_from_slice(b"Secret appended file");
    let normal = normalise_upload(&file, &Limits::default()).unwrap();
    assert_eq!(normal.bytes, plain, "nothing but the metadata is gone");

    let plain = encode_png(&picture, &[]).unwrap();
    let file = png_with(&png_with(&plain, *b"tEXt", b"Author\0Secret"), *b"tIME", &[7, 0xE0, 1, 1, 1, 1, 1]);
    let file = [file, b"Secret".to_vec()].concat();
    assert_eq!(normalise_upload(&file, &Limits::default()).unwrap().bytes, plain);

    let plain = encode_webp(&picture).unwrap();
    let normal = normalise_upload(&webp_with_exif(&plain, (40, 30), 1), &Limits::default()).unwrap();
    assert!(names_nobody(&normal.bytes));
    assert_eq!(normal.bytes[20] & 0x0C, 0, "VP8X no longer promises metadata");
    assert_eq!(decode(&normal.bytes, &Limits::default()).unwrap(), picture);

    let mut gif = Vec::new();
    picture.write_to(&mut Cursor::new(&mut gif), ImageFormat::Gif).unwrap();
    let end = gif.len() - 1;
    let file = [&gif[..end], b"\x21\xFE\x06Secret\0\x3B"].concat();
    let normal = normalise_upload(&file, &Limits::default()).unwrap();
    assert!(names_nobody(&normal.bytes));
    let (a, b) = (decode(&normal.bytes, &Limits::default()), decode(&gif, &Limits::default()));
    assert_eq!(a.unwrap(), b.unwrap());
}

#[test]
fn a_clean_file_is_left_alone() {
    let picture = scene(20, 20);
    let mut bmp = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bmp), ImageFormat::Bmp).unwrap();
    for file in [jpeg(&picture), encode_png(&picture, &[]).unwrap(), encode_webp(&picture).unwrap(), bmp] {
        let normal = normalise_upload(&file, &Limits::default()).unwrap();
        assert!(!normal.changed && normal.bytes == file);
        assert_eq!(normal.size, (20, 20));
    }
}

#[test]
fn a_wide_gamut_is_brought_to_srgb() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let mut bytes = Vec::new();
    let mut info = png::Info::with_size(4, 4);
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Eight;
    info.icc_profile = Some(profile.into());
    let mut writer = png::Encoder::with_info(&mut bytes, info).unwrap().write_header().unwrap();
    writer.write_image_data(&[200u8, 100, 50].repeat(16)).unwrap();
    writer.finish().unwrap();
    let [r, g, b, _] = decode(&bytes, &Limits::default()).unwrap().get_pixel(1, 1).0;
    // P3 (200, 100, 50) is more saturated than the same numbers in sRGB: about (212, 95, 34).
    assert!(r > 206 && g < 100 && b < 42, "{r} {g} {b}");
    let normal = normalise_upload(&bytes, &Limits::default()).unwrap();
    assert!(normal.bytes.windows(4).any(|w| w == b"iCCP"), "the profile stays where pixels are not touched");
}

#[test]
fn bombs_are_refused_by_their_header() {
    let limits = Limits { max_pixels: 1_000_000, max_side: 4000, ..Limits::default() };
    let mut png = encode_png(&scene(8, 8), &[]).unwrap();
    png[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    // The checksum of the changed IHDR is wrong too: either reason will do, the pixels must not be allocated.
    assert!(decode(&png, &limits).is_err());
    let wide = encode_png(&RgbaImage::new(4001, 1), &[]).unwrap();
    assert!(matches!(decode(&wide, &limits), Err(MediaError::TooLarge(_))));
    let many = encode_png(&RgbaImage::new(1001, 1000), &[]).unwrap();
    assert!(matches!(decode(&many, &limits), Err(MediaError::TooLarge(_))));
    assert!(matches!(normalise_upload(&many, &limits), Err(MediaError::TooLarge(_))));
    let small = Limits { max_image_bytes: 10, ..Limits::default() };
    assert!(matches!(decode(&many, &small), Err(MediaError::TooLarge(_))));
    let mut jpeg = jpeg(&scene(8, 8));
    let frame = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    assert!(matches!(decode(&jpeg, &Limits::default()), Err(MediaError::TooLarge(_))));
}

#[test]
fn what_is_cut_off_is_refused() {
    let picture = scene(64, 48);
    let mut gif = Vec::new();
    picture.write_to(&mut Cursor::new(&mut gif), ImageFormat::Gif).unwrap();
    let mut bmp = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bmp), ImageFormat::Bmp).unwrap();
    for file in [jpeg(&picture), encode_png(&picture, &[]).unwrap(), encode_webp(&picture).unwrap(), gif, bmp] {
        assert!(decode(&file, &Limits::default()).is_ok());
        for part in [1, 10, 25, 50, 75, 90, 98] {
            let cut = &file[..file.len() * part / 100];
            assert!(decode(cut, &Limits::default()).is_err(), "{part} % of {:?}", sniff(&file));
        }
    }
}

#[test]
fn transparency_is_laid_over_a_colour() {
    let half = RgbaImage::from_pixel(2, 2, Rgba([255, 0, 0, 128]));
    assert_eq!(flatten(&half, [255; 3]).get_pixel(0, 0).0, [255, 127, 127]);
}
