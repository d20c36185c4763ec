//! What a worker writes to its standard output: two parts, so that the first is there even where the photo breaks the
//! worker while it makes the second.
//!
//! ```text
//! u32 big-endian: length of the JSON that follows    {"reading": metadata::Reading, "protections": Protections}
//! u32 big-endian: length of the JSON that follows    {"previews": {…}} or {"problem": "too_many_pixels"}
//! the bytes of the small preview, then those of the large one, as many as the JSON says
//! ```
//!
//! Of a copy without its location there is one part:
//!
//! ```text
//! u32 big-endian: length of the JSON that follows    {"Ok": [metadata::Piece, …]} or {"Err": metadata::NoCopy}
//! ```
//!
//! The parent takes an answer for hostile: whoever has broken the worker wrote it.

use std::io::{self, Write};

use metadata::{NoCopy, Piece, Reading};
use serde::{Deserialize, Serialize};

use super::{ContentType, Previews, Problem, Protections};

/// Longest answer: the larger preview without loss (1600 by 1600 pixels of 4 bytes), and what is around it.
pub(super) const MAX_ANSWER_BYTES: u64 = 12 << 20;
/// ThumbHash's own bounds.
const MAX_THUMB_HASH_BYTES: usize = 25;

#[derive(Serialize, Deserialize)]
pub(super) struct First {
    pub(super) reading: Reading,
    pub(super) protections: Protections,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Second {
    Previews(Header),
    Problem(Problem),
}

#[derive(Serialize, Deserialize)]
struct Header {
    content_type: ContentType,
    small_bytes: usize,
    large_bytes: usize,
    /// In hexadecimal digits.
    thumb_hash: String,
    /// 16 hexadecimal digits: a JSON number holds 53 bits for sure.
    perceptual_hash: String,
    width: u32,
    height: u32,
    is_partial: bool,
}

pub(super) fn write_first(out: &mut impl Write, first: &First) -> io::Result<()> {
    write_json(out, first)?;
    out.flush()
}

pub(super) fn write_second(out: &mut impl Write, previews: &Result<previews::Previews, Problem>) -> io::Result<()> {
    match previews {
        Err(problem) => write_json(out, &Second::Problem(*problem))?,
        Ok(previews) => {
            write_json(out, &Second::Previews(header(previews)))?;
            out.write_all(&previews.small)?;
            out.write_all(&previews.large)?;
        }
    }
    out.flush()
}

fn header(previews: &previews::Previews) -> Header {
    Header {
        content_type: match previews.content_type {
            previews::ContentType::Jpeg => ContentType::Jpeg,
            previews::ContentType::WebP => ContentType::WebP,
        },
        small_bytes: previews.small.len(),
        large_bytes: previews.large.len(),
        thumb_hash: hex::encode(&previews.thumb_hash),
        perceptual_hash: format!("{:016x}", previews.perceptual_hash),
        width: previews.width,
        height: previews.height,
        is_partial: previews.is_partial,
    }
}

pub(super) fn write_copy(out: &mut impl Write, copy: &Result<Vec<Piece>, NoCopy>) -> io::Result<()> {
    write_json(out, copy)?;
    out.flush()
}

fn write_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_vec(value)?;
    out.write_all(&(json.len() as u32).to_be_bytes())?;
    out.write_all(&json)
}

/// The parts of an answer, each as far as it is whole and means something.
pub(super) fn read(answer: &[u8]) -> (Option<First>, Option<Result<Previews, Problem>>) {
    let Some((first, rest)) = read_json(answer) else { return (None, None) };
    (Some(first), read_second(rest))
}

/// Of a file of `length` bytes. `None`: what was answered makes no copy of it.
pub(super) fn read_copy(answer: &[u8], length: u64) -> Option<Result<Vec<Piece>, NoCopy>> {
    let (copy, rest): (Result<Vec<Piece>, NoCopy>, _) = read_json(answer)?;
    let makes_sense = match &copy {
        Ok(pieces) => are_in_order(pieces, length) && size(pieces) <= length.saturating_add(MAX_ANSWER_BYTES),
        Err(_) => true,
    };
    (makes_sense && rest.is_empty()).then_some(copy)
}

/// The parts that are kept follow each other and lie in the file.
fn are_in_order(pieces: &[Piece], length: u64) -> bool {
    let kept = pieces.iter().filter_map(|piece| if let Piece::Kept(part) = piece { Some(part) } else { None });
    let end = kept
        .map(|part| (part.start, part.end))
        .try_fold(0, |before, (start, end)| (before <= start && start <= end && end <= length).then_some(end));
    end.is_some()
}

fn size(pieces: &[Piece]) -> u64 {
    pieces.iter().map(Piece::size).fold(0, u64::saturating_add)
}

fn read_second(bytes: &[u8]) -> Option<Result<Previews, Problem>> {
    let (second, files) = read_json(bytes)?;
    let header: Header = match second {
        Second::Problem(problem) => return Some(Err(problem)),
        Second::Previews(header) => header,
    };
    let (small, large) = files.split_at_checked(header.small_bytes)?;
    let thumb_hash = hex::decode(&header.thumb_hash).ok()?;
    if large.len() != header.large_bytes || thumb_hash.len() > MAX_THUMB_HASH_BYTES {
        return None;
    }
    Some(Ok(Previews {
        small: small.to_vec(),
        large: large.to_vec(),
        content_type: header.content_type,
        thumb_hash,
        perceptual_hash: u64::from_str_radix(&header.perceptual_hash, 16).ok()?,
        width: header.width,
        height: header.height,
        is_partial: header.is_partial,
    }))
}

fn read_json<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Option<(T, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (json, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((serde_json::from_slice(json).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Vec<u8> {
        let mut answer = Vec::new();
        let protections = Protections { landlock: true, seccomp: false };
        write_first(&mut answer, &First { reading: Reading::default(), protections }).unwrap();
        let previews = previews::Previews {
            small: b"small".to_vec(),
            large: b"larger".to_vec(),
            content_type: previews::ContentType::WebP,
            thumb_hash: vec![1, 2, 3, 4, 5],
            perceptual_hash: u64::MAX - 1,
            width: 4000,
            height: 3000,
            is_partial: true,
        };
        write_second(&mut answer, &Ok(previews)).unwrap();
        answer
    }

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        let (first, second) = read(&answer());
        assert_eq!(first.unwrap().protections, Protections { landlock: true, seccomp: false });
        let previews = second.unwrap().unwrap();
        assert_eq!((&previews.small[..], &previews.large[..]), (&b"small"[..], &b"larger"[..]));
        assert_eq!((previews.content_type, previews.perceptual_hash), (ContentType::WebP, u64::MAX - 1));
        assert_eq!((previews.width, previews.height, previews.is_partial), (4000, 3000, true));
    }

    #[test]
    fn an_answer_that_was_cut_off_is_read_as_far_as_it_goes() {
        let whole = answer();
        let first_bytes = 4 + u32::from_be_bytes(*whole.first_chunk().unwrap()) as usize;
        for length in 0..whole.len() {
            let (first, second) = read(&whole[..length]);
            assert_eq!((first.is_some(), second.is_some()), (length >= first_bytes, false), "{length}");
        }
    }

    #[test]
    fn a_copy_is_taken_only_if_it_is_one_of_the_file() {
        let answered = |pieces: &[Piece]| {
            let mut answer = Vec::new();
            write_copy(&mut answer, &Ok(pieces.to_vec())).unwrap();
            read_copy(&answer, 10)
        };
        let copy =
            [Piece::Kept(0..4), Piece::Written(vec![1, 2]), Piece::Kept(4..6), Piece::Blank { byte: 0, count: 4 }];
        assert_eq!(answered(&copy), Some(Ok(copy.to_vec())));
        let reversed = std::ops::Range { start: 6, end: 4 };
        for pieces in [
            &[Piece::Kept(0..11)][..],
            &[Piece::Kept(4..6), Piece::Kept(0..4)],
            &[Piece::Kept(0..4), Piece::Kept(3..6)],
            &[Piece::Kept(reversed)],
            &[Piece::Blank { byte: 0, count: u64::MAX }, Piece::Blank { byte: 0, count: u64::MAX }],
        ] {
            assert_eq!(answered(pieces), None, "{pieces:?}");
        }
        let mut refusal = Vec::new();
        write_copy(&mut refusal, &Err(NoCopy::Format)).unwrap();
        assert_eq!(read_copy(&refusal, 10), Some(Err(NoCopy::Format)));
        assert_eq!(read_copy(&[&refusal[..], b" "].concat(), 10), None);
    }

    #[test]
    fn a_long_answer_is_none() {
        let (_, second) = read(&[answer(), vec![0]].concat());
        assert!(second.is_none());
    }
}
