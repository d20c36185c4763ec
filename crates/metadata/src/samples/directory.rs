//! TIFF files with directories below and behind each other (TIFF 6.0, section 2), which `kamadak-exif` does not write.

use exif::{Field, Value};

// Types of values.
const BYTE: u16 = 1;
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;
const UNDEFINED: u16 = 7;

/// The head of a TIFF file, and then its first directory's offset.
pub(super) const TIFF: [u8; 4] = *b"II\x2a\0";

/// A directory, as it is put together.
#[derive(Default)]
pub(super) struct Directory {
    entries: Vec<Entry>,
    blobs: Vec<(Place, Vec<u8>)>,
    children: Vec<(u16, Vec<Directory>)>,
}

/// The tags that tell offset and length of a blob; or the one whose value it is.
enum Place {
    Told { offset: u16, length: u16 },
    Value(u16),
}

struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    data: Vec<u8>,
}

impl Directory {
    pub(super) fn of(fields: &[Field]) -> Self {
        fields.iter().fold(Self::default(), |directory, field| {
            let (kind, count, data) = encode(&field.value);
            directory.entry(field.tag.number(), kind, count, data)
        })
    }

    pub(super) fn short(self, tag: u16, value: u16) -> Self {
        self.entry(tag, SHORT, 1, value.to_le_bytes().to_vec())
    }

    pub(super) fn long(self, tag: u16, value: u32) -> Self {
        self.entry(tag, LONG, 1, value.to_le_bytes().to_vec())
    }

    pub(super) fn bytes(self, tag: u16, value: &[u8]) -> Self {
        self.entry(tag, BYTE, value.len(), value.to_vec())
    }

    pub(super) fn text(self, tag: u16, value: &str) -> Self {
        self.entry(tag, ASCII, value.len() + 1, [value.as_bytes(), b"\0"].concat())
    }

    /// Bytes outside, with the tags that tell their offset and length.
    pub(super) fn blob(mut self, offset: u16, length: u16, bytes: &[u8]) -> Self {
        self.blobs.push((Place::Told { offset, length }, bytes.to_vec()));
        self
    }

    /// Bytes of the type "undefined".
    pub(super) fn value(mut self, tag: u16, bytes: &[u8]) -> Self {
        self.blobs.push((Place::Value(tag), bytes.to_vec()));
        self
    }

    pub(super) fn below(mut self, tag: u16, children: Vec<Directory>) -> Self {
        self.children.push((tag, children));
        self
    }

    pub(super) fn without(mut self, tags: &[u16]) -> Self {
        self.entries.retain(|entry| !tags.contains(&entry.tag));
        self
    }

    fn entry(mut self, tag: u16, kind: u16, count: usize, data: Vec<u8>) -> Self {
        self.entries.retain(|entry| entry.tag != tag);
        self.entries.push(Entry { tag, kind, count: count as u32, data });
        self
    }

    /// Appends the directory; answers where it and the offset of the next one lie.
    fn put(&self, out: &mut Vec<u8>) -> (u32, usize) {
        out.resize(out.len().next_multiple_of(2), 0);
        let of_blobs: usize = self.blobs.iter().map(|(place, _)| if let Place::Value(_) = place { 1 } else { 2 }).sum();
        let count = self.entries.len() + of_blobs + self.children.len();
        let at = out.len();
        let next_at = at + 2 + 12 * count;
        out.resize(next_at + 4, 0);
        let mut entries = Vec::new();
        for Entry { tag, kind, count, data } in &self.entries {
            entries.push((*tag, *kind, *count, inline_or_put(data, out)));
        }
        for (place, bytes) in &self.blobs {
            let offset = put_bytes(bytes, out).to_le_bytes();
            let size = bytes.len() as u32;
            match place {
                Place::Value(tag) => entries.push((*tag, UNDEFINED, size, offset)),
                Place::Told { offset: tag, length } => {
                    entries.push((*tag, LONG, 1, offset));
                    entries.push((*length, LONG, 1, size.to_le_bytes()));
                }
            }
        }
        for (tag, children) in &self.children {
            let offsets: Vec<_> = children.iter().flat_map(|child| child.put(out).0.to_le_bytes()).collect();
            entries.push((*tag, LONG, children.len() as u32, inline_or_put(&offsets, out)));
        }
        entries.sort_by_key(|(tag, ..)| *tag);
        let entries = entries.iter().flat_map(|(tag, kind, count, value)| {
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), value].concat()
        });
        let block: Vec<u8> = (count as u16).to_le_bytes().into_iter().chain(entries).collect();
        out[at..next_at].copy_from_slice(&block);
        (at as u32, next_at)
    }
}

/// A file of these directories, each behind the other; `more` stands between its head and the first of them.
pub(super) fn write(head: [u8; 4], more: &[u8], directories: &[Directory]) -> Vec<u8> {
    let mut out = [&head[..], &[0; 4], more].concat();
    let mut pointer = 4;
    for directory in directories {
        let (at, next_at) = directory.put(&mut out);
        out[pointer..pointer + 4].copy_from_slice(&at.to_le_bytes());
        pointer = next_at;
    }
    out
}

fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) -> u32 {
    out.resize(out.len().next_multiple_of(2), 0);
    let at = out.len() as u32;
    out.extend(bytes);
    at
}

fn inline_or_put(data: &[u8], out: &mut Vec<u8>) -> [u8; 4] {
    let mut inline = [0; 4];
    match inline.get_mut(..data.len()) {
        Some(start) => start.copy_from_slice(data),
        None => inline = put_bytes(data, out).to_le_bytes(),
    }
    inline
}

fn encode(value: &Value) -> (u16, usize, Vec<u8>) {
    match value {
        Value::Byte(bytes) => (BYTE, bytes.len(), bytes.clone()),
        Value::Ascii(texts) => {
            let bytes = [&texts.concat()[..], b"\0"].concat();
            (ASCII, bytes.len(), bytes)
        }
        Value::Short(numbers) => (SHORT, numbers.len(), numbers.iter().flat_map(|n| n.to_le_bytes()).collect()),
        Value::Long(numbers) => (LONG, numbers.len(), numbers.iter().flat_map(|n| n.to_le_bytes()).collect()),
        Value::Rational(numbers) => {
            let bytes = numbers.iter().flat_map(|n| [n.num.to_le_bytes(), n.denom.to_le_bytes()].concat());
            (RATIONAL, numbers.len(), bytes.collect())
        }
        Value::Undefined(bytes, _) => (UNDEFINED, bytes.len(), bytes.clone()),
        other => panic!("no sample has {other:?}"),
    }
}
