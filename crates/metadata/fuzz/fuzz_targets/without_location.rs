//! Copies without a place: of any file, a copy is put together from parts of it and tells no place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use metadata::{Piece, read, without_location};

fuzz_target!(|bytes: &[u8]| {
    let Ok(pieces) = without_location(bytes) else { return };
    for piece in &pieces {
        assert!(!matches!(piece, Piece::Kept(part) if part.end > bytes.len() as u64));
    }
    let mut copy = Vec::new();
    pieces.iter().for_each(|piece| piece.append_to(&mut copy, bytes));
    assert_eq!(copy.len() as u64, pieces.iter().map(Piece::size).sum::<u64>());
    let reading = read(&copy);
    assert_eq!((reading.metadata.latitude, reading.metadata.longitude, reading.metadata.altitude), (None, None, None));
});
