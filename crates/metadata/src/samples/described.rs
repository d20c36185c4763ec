//! Photos that somebody has described: XMP and IPTC, where each container has its place for them.

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::directory::{Directory, TIFF, write};
use super::heif::{self, boxed};
use super::{Photo, camera, jxl};
use crate::{FileType, Metadata};

const XMP: &str = "<?xpacket begin='\u{feff}' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
 <rdf:Description rdf:about='' xmlns:xap='http://ns.adobe.com/xap/1.0/' xmlns:exif='http://ns.adobe.com/exif/1.0/'
   xap:Rating='4' exif:GPSLatitude='48,51.5N' exif:GPSLongitude='2,17.7E'
   photoshop:City='Sometown' xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' exif:DateTimeOriginal='2025-04-03T02:01:00.5Z'/>
 <rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/'>
  <dc:title><rdf:Alt><rdf:li xml:lang='de'>Titel</rdf:li><rdf:li xml:lang='x-default'>A &lt;title&gt; &#x5199;</rdf:li></rdf:Alt></dc:title>
  <dc:description><rdf:Alt><rdf:li xml:lang='x-default'>One line&#10;and <![CDATA[another]]></rdf:li></rdf:Alt></dc:description>
  <dc:creator><rdf:Seq><rdf:li>Me</rdf:li><rdf:li>You</rdf:li></rdf:Seq></dc:creator>
  <dc:subject><rdf:Bag><rdf:li>tree</rdf:li><rdf:li>house, old</rdf:li></rdf:Bag></dc:subject>
  <xmpMM:Pantry><rdf:Bag><rdf:li rdf:parseType='Resource'><dc:title>Of another picture</dc:title></rdf:li></rdf:Bag></xmpMM:Pantry>
 </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>";

const IPTC: &[u8] = b"\x1c\x01\x5a\0\x03\x1b%G\x1c\x02\0\0\x02\0\x04\x1c\x02\x05\0\x05Title\x1c\x02\x19\0\x04tree\
\x1c\x02\x37\0\x0820250403\x1c\x02\x3c\0\x0b020100+0200\x1c\x02\x50\0\x02Me\x1c\x02\x5a\0\x08Sometown\x1c\x02\x78\0\x07Caption";

/// The XMP of a photo of this type, without EXIF; `None` for a format that has no sample with XMP.
pub(super) fn with_xmp(photo: &Photo, file_type: FileType) -> Option<Vec<u8>> {
    let photo = photo.without_exif();
    let plain = photo.bytes(file_type);
    let xmp = XMP.as_bytes();
    Some(match file_type {
        FileType::Jpeg => jpeg_segment(&plain, 0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp].concat()),
        FileType::Png => png_chunk(&plain, b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", xmp].concat()),
        FileType::WebP => webp_chunk(&photo, &plain, xmp),
        FileType::Tiff => write(TIFF, &[], &[picture(&photo).value(0x02bc, xmp)]),
        FileType::Heic => heif::with_xmp(&photo, xmp),
        FileType::Jxl => jxl::with_boxes(&photo, &boxed(b"xml ", xmp)),
        _ => return None,
    })
}

/// What is to be read of [`with_xmp`].
pub(super) fn xmp_expected(photo: &Photo, file_type: FileType) -> Metadata {
    let text = |text: &str| Some(text.to_owned());
    Metadata {
        taken_at: text("2025-04-03T02:01:00.500000+00:00"),
        title: text("A <title> 写"),
        caption: text("One line\nand another"),
        creator: text("Me, You"),
        keywords: vec!["tree".to_owned(), "house, old".to_owned()],
        rating: Some(4.0),
        ..photo.without_exif().expected(file_type)
    }
}

/// With IPTC, without EXIF.
pub(super) fn jpeg_with_iptc(photo: &Photo) -> Vec<u8> {
    jpeg_segment(&photo.without_exif().bytes(FileType::Jpeg), 0xed, &[b"Photoshop 3.0\0", &resource()[..]].concat())
}

pub(super) fn iptc_expected(photo: &Photo, file_type: FileType) -> Metadata {
    let text = |text: &str| Some(text.to_owned());
    Metadata {
        taken_at: text("2025-04-03T02:01:00+02:00"),
        title: text("Title"),
        caption: text("Caption"),
        creator: text("Me"),
        keywords: vec!["tree".to_owned()],
        ..photo.without_exif().expected(file_type)
    }
}

/// EXIF and IPTC in compressed texts, as ImageMagick writes them.
pub(super) fn png_with_profiles(photo: &Photo) -> Vec<u8> {
    let exif = photo.orientation.map(|turned| [b"Exif\0\0", &camera::exif(photo, turned)[..]].concat());
    let plain = photo.without_exif().bytes(FileType::Png);
    let with_exif = png_chunk(&plain, b"zTXt", &profile("APP1", &exif.unwrap_or_default()));
    png_chunk(&with_exif, b"zTXt", &profile("iptc", &resource()))
}

pub(super) fn profiles_expected(photo: &Photo) -> Metadata {
    let of_iptc = iptc_expected(photo, FileType::Png);
    let of_exif = photo.expected(FileType::Png);
    Metadata {
        title: of_iptc.title,
        caption: of_iptc.caption,
        creator: of_iptc.creator,
        keywords: of_iptc.keywords,
        ..of_exif
    }
}

/// Photoshop's resource of IPTC.
fn resource() -> Vec<u8> {
    let padding = &[0][..IPTC.len() % 2];
    [&b"8BIM\x04\x04\0\0"[..], &(IPTC.len() as u32).to_be_bytes(), IPTC, padding].concat()
}

fn profile(name: &str, bytes: &[u8]) -> Vec<u8> {
    let lines: Vec<String> =
        bytes.chunks(36).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
    let text = format!("\n{}\n{:8}\n{}\n", name.to_lowercase(), bytes.len(), lines.join("\n"));
    [format!("Raw profile type {name}\0\0").as_bytes(), &compress_to_vec_zlib(text.as_bytes(), 6)].concat()
}

/// Behind SOI.
fn jpeg_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let size = (body.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &size, body, &jpeg[2..]].concat()
}

/// Before IEND, whose chunk has twelve bytes.
fn png_chunk(png: &[u8], kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let (before, end) = png.split_at(png.len() - 12);
    let typed = [kind, body].concat();
    [before, &(body.len() as u32).to_be_bytes(), &typed, &crc32fast::hash(&typed).to_be_bytes(), end].concat()
}

/// The simple file format becomes the extended one (RFC 9649 2.7), with its flag for XMP.
fn webp_chunk(photo: &Photo, webp: &[u8], xmp: &[u8]) -> Vec<u8> {
    let side = |pixels: u32| (pixels - 1).to_le_bytes()[..3].to_vec();
    let head = [&b"VP8X\x0a\0\0\0\x04\0\0\0"[..], &side(photo.width), &side(photo.height)].concat();
    let padding = &[0][..xmp.len() % 2];
    let chunk = [&b"XMP "[..], &(xmp.len() as u32).to_le_bytes(), xmp, padding].concat();
    let body = [&b"WEBP"[..], &head, &webp[12..], &chunk].concat();
    [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

/// A directory of one grey strip.
fn picture(photo: &Photo) -> Directory {
    let grey = vec![0x80; (photo.width * photo.height) as usize];
    Directory::default()
        .long(0x0100, photo.width)
        .long(0x0101, photo.height)
        .short(0x0102, 8)
        .short(0x0103, 1)
        .short(0x0106, 1)
        .blob(0x0111, 0x0117, &grey)
}
