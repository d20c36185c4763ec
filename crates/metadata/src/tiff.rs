//! TIFF 6.0 (section 2): the image file directories that a TIFF file and every EXIF block are made of.
//!
//! Values are looked up where they lie, so nothing is copied, and only the directories that are asked for are read: a
//! block whose directories point at each other a thousandfold costs no more than an honest one.

use std::cell::Cell;
use std::ops::Range;

use crate::bytes::{array, u16_be, u16_le, u32_be, u32_le};
use crate::limits::{IFD_ENTRIES, IFDS};

const SUB_IFDS: u16 = 0x014a;

/// A TIFF structure.
pub(crate) struct Tiff<'a> {
    bytes: &'a [u8],
    order: Order,
    points_outside: Cell<bool>,
}

impl<'a> Tiff<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let order = match bytes {
            // TIFF itself, Panasonic's RW2, and Olympus's ORF.
            [b'I', b'I', 42 | 0x55, 0, ..] | [b'I', b'I', b'R', b'O' | b'S', ..] => Order::Little,
            [b'M', b'M', 0, 42, ..] | [b'M', b'M', b'O', b'R', ..] => Order::Big,
            _ => return None,
        };
        Some(Self { bytes, order, points_outside: Cell::new(false) })
    }

    /// The first directory, which describes the main image.
    pub(crate) fn directory(&self) -> Directory<'_> {
        self.directory_at(self.order.u32(self.bytes, 4))
    }

    /// The first directory, those below it, and those that follow it: at most [`IFDS`]. Such a directory may point at
    /// the others in circles; each pointer is followed once.
    pub(crate) fn directories(&self) -> Vec<Directory<'_>> {
        let first = self.directory();
        let mut below: Vec<_> = first.children(SUB_IFDS).collect();
        let mut next = first.next();
        let mut all = vec![first];
        all.append(&mut below);
        while let Some(directory) = next.filter(|_| all.len() < IFDS) {
            next = directory.next();
            all.push(directory);
        }
        all
    }

    pub(crate) fn order(&self) -> Order {
        self.order
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether anything that was looked up lies behind the end of the bytes.
    pub(crate) fn points_outside(&self) -> bool {
        self.points_outside.get()
    }

    /// The directory at `offset`, as far as the bytes go.
    fn directory_at(&self, offset: Option<u32>) -> Directory<'_> {
        let block = offset.and_then(|offset| self.bytes.get(offset as usize..)).unwrap_or_default();
        let count = self.order.u16(block, 0).map(|count| usize::from(count).min(IFD_ENTRIES));
        let entries = block.get(2..).unwrap_or_default();
        let size = count.unwrap_or_default() * Directory::ENTRY_SIZE;
        if count.is_none() || entries.len() < size {
            self.points_outside.set(true);
        }
        let next = self.order.u32(entries, size).filter(|next| *next != 0);
        let entries_at = self.bytes.len() - entries.len();
        Directory { tiff: self, entries: entries.get(..size).unwrap_or(entries), entries_at, next }
    }
}

/// An image file directory: its entries, each a tag, a type, a count, and a value or the offset of one.
pub(crate) struct Directory<'a> {
    tiff: &'a Tiff<'a>,
    entries: &'a [u8],
    entries_at: usize,
    /// Where the directory that follows this one begins.
    next: Option<u32>,
}

impl<'a> Directory<'a> {
    const ENTRY_SIZE: usize = 12;

    /// The directory that follows this one.
    fn next(&self) -> Option<Directory<'a>> {
        self.next.map(|offset| self.tiff.directory_at(Some(offset)))
    }

    /// The directories that the values of `tag` point at.
    fn children(&self, tag: u16) -> impl Iterator<Item = Directory<'a>> {
        let (tiff, value) = (self.tiff, self.value(tag));
        let offsets = (0..IFDS).map_while(move |index| value?.number(index));
        offsets.map(|offset| tiff.directory_at(Some(offset as u32)))
    }

    /// Whether there is such a tag, wherever its value lies.
    pub(crate) fn has(&self, tag: u16) -> bool {
        self.entry(tag).is_some()
    }

    /// Where in the TIFF structure the value of `tag` lies, if it is not inside its entry.
    pub(crate) fn place(&self, tag: u16) -> Option<Range<usize>> {
        self.entry(tag)?.place().filter(|place| place.len() > 4)
    }

    /// The directory that the value of `tag` points at.
    pub(crate) fn child(&self, tag: u16) -> Option<Directory<'a>> {
        let offset = self.value(tag)?.uint();
        Some(self.tiff.directory_at(offset))
    }

    pub(crate) fn value(&self, tag: u16) -> Option<Value<'a>> {
        let entry = self.entry(tag)?;
        let bytes = self.tiff.bytes.get(entry.place()?);
        if bytes.is_none() {
            self.tiff.points_outside.set(true);
        }
        Some(Value { kind: entry.kind, bytes: bytes?, order: self.tiff.order })
    }

    /// What the directory holds, in its order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        let order = self.tiff.order;
        self.entries.chunks_exact(Self::ENTRY_SIZE).enumerate().filter_map(move |(index, entry)| {
            Some(Entry {
                tag: order.u16(entry, 0)?,
                kind: order.u16(entry, 2)?,
                count: order.u32(entry, 4)?,
                offset: order.u32(entry, 8)?,
                at: self.entries_at + index * Self::ENTRY_SIZE,
            })
        })
    }

    /// Where in the TIFF structure the entries lie and before them their number, as far as they are there.
    pub(crate) fn own_place(&self) -> Option<Range<usize>> {
        (!self.entries.is_empty()).then(|| self.entries_at - 2..self.entries_at + self.entries.len())
    }

    fn entry(&self, tag: u16) -> Option<Entry> {
        self.entries().find(|entry| entry.tag == tag)
    }
}

/// An entry of a directory.
pub(crate) struct Entry {
    pub(crate) tag: u16,
    pub(crate) kind: u16,
    pub(crate) count: u32,
    offset: u32,
    at: usize,
}

impl Entry {
    /// Where in the TIFF structure the value lies, inside the entry or outside; `None` for a type that nobody knows.
    pub(crate) fn place(&self) -> Option<Range<usize>> {
        let size = (self.count as usize).checked_mul(unit_size(self.kind)?)?;
        let start = if size <= 4 { self.at + 8 } else { self.offset as usize };
        Some(start..start.checked_add(size)?)
    }
}

// The types of values (TIFF 6.0 section 2; 13: TIFF Technical Note 1; 129: CIPA DC-008-2023 4.6.2).
const BYTE: u16 = 1;
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;
const SBYTE: u16 = 6;
const UNDEFINED: u16 = 7;
const SSHORT: u16 = 8;
const SLONG: u16 = 9;
const SRATIONAL: u16 = 10;
const FLOAT: u16 = 11;
const DOUBLE: u16 = 12;
const IFD: u16 = 13;
const UTF8: u16 = 129;

fn unit_size(kind: u16) -> Option<usize> {
    match kind {
        BYTE | ASCII | SBYTE | UNDEFINED | UTF8 => Some(1),
        SHORT | SSHORT => Some(2),
        LONG | SLONG | FLOAT | IFD => Some(4),
        RATIONAL | SRATIONAL | DOUBLE => Some(8),
        _ => None,
    }
}

/// A value as it lies in the file, to be read as what its tag wants: cameras do not always choose the type that the
/// standard asks for.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    kind: u16,
    bytes: &'a [u8],
    order: Order,
}

impl<'a> Value<'a> {
    pub(crate) fn text(self) -> Option<&'a [u8]> {
        matches!(self.kind, BYTE | ASCII | UNDEFINED | UTF8).then_some(self.bytes)
    }

    /// Whether there are bytes, and each is 0.
    pub(crate) fn is_zeros(self) -> bool {
        !self.bytes.is_empty() && self.bytes.iter().all(|&byte| byte == 0)
    }

    /// The first number, where it is a whole one and not negative.
    pub(crate) fn uint(self) -> Option<u32> {
        let number = self.number(0)?;
        (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number)).then_some(number as u32)
    }

    /// The number at `index`, whatever its type; `None` for a division by zero.
    pub(crate) fn number(self, index: usize) -> Option<f64> {
        let at = index.checked_mul(unit_size(self.kind)?)?;
        let u16 = || self.order.u16(self.bytes, at);
        let u32 = |at| self.order.u32(self.bytes, at);
        let number = match self.kind {
            BYTE => f64::from(*self.bytes.get(at)?),
            SBYTE => f64::from(*self.bytes.get(at)? as i8),
            SHORT => f64::from(u16()?),
            SSHORT => f64::from(u16()? as i16),
            LONG | IFD => f64::from(u32(at)?),
            SLONG => f64::from(u32(at)? as i32),
            RATIONAL => f64::from(u32(at)?) / f64::from(u32(at + 4)?),
            SRATIONAL => f64::from(u32(at)? as i32) / f64::from(u32(at + 4)? as i32),
            FLOAT => f64::from(f32::from_bits(u32(at)?)),
            DOUBLE => self.order.f64(self.bytes, at)?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        match self {
            Self::Little => u16_le(bytes, at),
            Self::Big => u16_be(bytes, at),
        }
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        match self {
            Self::Little => u32_le(bytes, at),
            Self::Big => u32_be(bytes, at),
        }
    }

    fn f64(self, bytes: &[u8], at: usize) -> Option<f64> {
        match self {
            Self::Little => array(bytes, at).map(f64::from_le_bytes),
            Self::Big => array(bytes, at).map(f64::from_be_bytes),
        }
    }

    pub(crate) fn bytes_of_u16(self, number: u16) -> [u8; 2] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    pub(crate) fn bytes_of_u32(self, number: u32) -> [u8; 4] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }
}
