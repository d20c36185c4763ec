//! What a copy is put together from.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A piece of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// This part of the file, in bytes from its start.
    Kept(Range<u64>),
    /// Other bytes.
    Written(Vec<u8>),
    /// So many bytes that say nothing.
    Blank { byte: u8, count: u64 },
}

impl Piece {
    /// In bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Kept(part) => part.end.saturating_sub(part.start),
            Self::Written(bytes) => bytes.len() as u64,
            Self::Blank { count, .. } => *count,
        }
    }

    /// Appends the piece to `copy`.
    pub fn append_to(&self, copy: &mut Vec<u8>, file: &[u8]) {
        match self {
            Self::Kept(part) => copy.extend(file.get(part.start as usize..part.end as usize).unwrap_or_default()),
            Self::Written(bytes) => copy.extend(bytes),
            Self::Blank { byte, count } => copy.resize(copy.len() + *count as usize, *byte),
        }
    }
}

/// Pieces as they are found, one after the other.
#[derive(Default)]
pub(super) struct Pieces(Vec<Piece>);

impl Pieces {
    pub(super) fn keep(&mut self, part: Range<usize>) {
        let part = part.start as u64..part.end as u64;
        match self.0.last_mut() {
            _ if part.is_empty() => {}
            Some(Piece::Kept(last)) if last.end == part.start => last.end = part.end,
            _ => self.0.push(Piece::Kept(part)),
        }
    }

    pub(super) fn write(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.0.push(Piece::Written(bytes));
        }
    }

    pub(super) fn append(&mut self, mut others: Pieces) {
        self.0.append(&mut others.0);
    }

    pub(super) fn size(&self) -> u64 {
        self.0.iter().map(Piece::size).sum()
    }

    /// The copy itself.
    pub(super) fn bytes(&self, file: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size() as usize);
        self.0.iter().for_each(|piece| piece.append_to(&mut bytes, file));
        bytes
    }

    pub(super) fn into_vec(self) -> Vec<Piece> {
        self.0
    }
}

/// What is written over parts of a file that keeps its size.
#[derive(Default)]
pub(super) struct Overwritten(Vec<(Range<usize>, Over)>);

enum Over {
    Bytes(Vec<u8>),
    Blank(u8),
}

impl Overwritten {
    pub(super) fn blank(&mut self, part: Range<usize>, byte: u8) {
        self.0.push((part, Over::Blank(byte)));
    }

    /// Bytes for the start of a part, `padding` for the rest of it; for all of it where they do not fit.
    pub(super) fn write(&mut self, part: Range<usize>, bytes: &[u8], padding: u8) {
        let written = part.start..part.start.saturating_add(bytes.len());
        if written.end <= part.end {
            self.blank(written.end..part.end, padding);
            self.0.push((written, Over::Bytes(bytes.to_vec())));
        } else {
            self.blank(part, padding);
        }
    }

    /// The copy. Of parts that overlap, as only a forged file has them, the later one gets what the earlier one leaves.
    pub(super) fn copy(mut self, file: &[u8]) -> Pieces {
        self.0.sort_by_key(|(part, _)| (part.start, part.end));
        let (mut pieces, mut done) = (Pieces::default(), 0);
        for (part, over) in self.0 {
            let (start, end) = (part.start.clamp(done, file.len()), part.end.min(file.len()));
            if start >= end {
                continue;
            }
            pieces.keep(done..start);
            match over {
                Over::Bytes(bytes) => {
                    pieces.write(bytes.get(start - part.start..end - part.start).unwrap_or_default().to_vec())
                }
                Over::Blank(byte) => pieces.0.push(Piece::Blank { byte, count: (end - start) as u64 }),
            }
            done = end;
        }
        pieces.keep(done..file.len());
        pieces
    }
}
