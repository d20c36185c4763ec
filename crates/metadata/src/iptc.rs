//! IPTC: the datasets of the Information Interchange Model (IIM 4.2, chapter 1.5), of which record 2 describes a picture.

use crate::bytes::Cursor;
use crate::description::Description;
use crate::limits::{CAPTION_CHARS, KEYWORDS};
use crate::{taken_at, text};

const OBJECT_NAME: u8 = 5;
const KEYWORD: u8 = 25;
const DATE_CREATED: u8 = 55;
const TIME_CREATED: u8 = 60;
const BY_LINE: u8 = 80;
const CAPTION: u8 = 120;

pub(crate) fn read(datasets: &[u8]) -> Description {
    let mut found = Description::default();
    let (mut date, mut time, mut creators) = (None, None, Vec::new());
    let mut cursor = Cursor(datasets);
    while let Some((record, number, value)) = dataset(&mut cursor) {
        match number {
            _ if record != 2 => {}
            OBJECT_NAME if found.title.is_none() => found.title = title(value),
            CAPTION if found.caption.is_none() => found.caption = text::caption(&text::decode(value, CAPTION_CHARS)),
            KEYWORD if found.keywords.len() < KEYWORDS => {
                found.keywords.extend(text::keyword(&text::decode(value, CAPTION_CHARS)));
            }
            BY_LINE if creators.len() < KEYWORDS => creators.extend(title(value)),
            DATE_CREATED => date = date.or(Some(value)),
            TIME_CREATED => time = time.or(Some(value)),
            _ => {}
        }
    }
    found.creator = text::title(&creators.join(", "));
    found.taken_at = date.zip(time).and_then(|(date, time)| taken_at::of_iptc(date, time));
    found
}

fn title(value: &[u8]) -> Option<String> {
    text::title(&text::decode(value, CAPTION_CHARS))
}

/// Record, number and value of the next dataset.
fn dataset<'a>(cursor: &mut Cursor<'a>) -> Option<(u8, u8, &'a [u8])> {
    let [0x1c, record, number] = cursor.array()? else { return None };
    let size = cursor.uint(2)? as usize;
    // 1.5.3: of an extended dataset these bits count the bytes of its size.
    let size = if size & 0x8000 == 0 { size } else { usize::try_from(cursor.uint(size & 0x7fff)?).ok()? };
    Some((record, number, cursor.take(size)?))
}

#[cfg(test)]
mod tests {
    use super::{Description, read};

    #[test]
    fn record_2_describes_the_picture() {
        let datasets = [
            &b"\x1c\x01\x5a\0\x03\x1b%G\x1c\x02\x05\0\x05Title\x1c\x02\x19\0\x03one\x1c\x02\x19\0\x03two"[..],
            b"\x1c\x02\x37\0\x0820050907\x1c\x02\x3c\0\x0b150740-0700\x1c\x02\x50\0\x02Me\x1c\x02\x78\0\x03a\nb",
        ]
        .concat();
        let text = |text: &str| Some(text.to_owned());
        let expected = Description {
            taken_at: text("2005-09-07T15:07:40-07:00"),
            title: text("Title"),
            caption: text("a\nb"),
            creator: text("Me"),
            keywords: vec!["one".to_owned(), "two".to_owned()],
            rating: None,
        };
        assert_eq!(read(&datasets), expected);
    }

    #[test]
    fn what_is_cut_off_ends_the_reading() {
        assert_eq!(read(b"\x1c\x02\x05\0\x05Titl"), Description::default());
        assert_eq!(read(b"\x1c\x02\x05\xff\xff"), Description::default());
    }
}
