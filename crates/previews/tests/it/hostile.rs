//! Damaged files of every format: previews or a reason, and never a panic.

use metadata::FileType;
use previews::{Limits, make};

use crate::support::{DECODED, encoded, scene};

/// What these small photos may need at most, so that a lie about their size stands out.
const LIMITS: Limits = Limits { max_pixels: 1 << 20, max_side: 10_000, max_decoding_bytes: 32 << 20 };

#[test]
fn mutated_and_cut_photos_give_previews_or_a_reason() {
    let mut random = Random(0x5eed);
    let scene = scene(24, 20);
    for file_type in DECODED {
        let sound = encoded(&scene, file_type);
        let mut shown = 0;
        for _ in 0..1_500 {
            let orientation = random.below(10) as u8;
            shown += usize::from(make(&random.damage(&sound), file_type, orientation, &LIMITS).is_ok());
        }
        assert!(shown > 20, "{file_type:?}: only {shown} survive damage");
    }
}

#[test]
fn a_file_of_another_type_is_no_danger() {
    let scene = scene(24, 20);
    for actual in DECODED {
        for claimed in DECODED.into_iter().filter(|claimed| *claimed != actual) {
            let outcome = make(&encoded(&scene, actual), claimed, 1, &LIMITS);
            let both_heif = |file_type| matches!(file_type, FileType::Heic | FileType::Avif);
            assert_eq!(outcome.is_ok(), both_heif(actual) && both_heif(claimed), "{actual:?} as {claimed:?}");
        }
    }
}

/// Marsaglia's xorshift64: the same damage in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn damage(&mut self, sound: &[u8]) -> Vec<u8> {
        let mut bytes = sound.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 => bytes.truncate(at + 1),
                1 => bytes.insert(at, self.below(256) as u8),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                // The numbers that sizes and offsets break at.
                3 => bytes[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][self.below(6)],
                4 => bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xff),
                _ => bytes[at] ^= 1 << self.below(8),
            }
        }
        bytes
    }
}
