//! Bytes to write: each one's every page tells whose it is, so that pages that change places are found too.

use std::sync::LazyLock;

use rand::{Rng, rngs::StdRng};

const SMALLEST_BYTES: usize = 1_000;
const LARGEST_BYTES: usize = 1_500_000;
/// All parts of an upload but the last have this size at least (S3, multipart upload limits).
pub(super) const PART_BYTES: usize = 5 << 20;
const PAGE_BYTES: usize = 4_096;
/// The smallest JPEG (ITU-T T.81, annex B): 8 by 8 pixels of one grey, with tables of one code each.
static PICTURE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let one_code = [&[1][..], &[0; 16]].concat();
    [
        &[0xFF, 0xD8][..],
        &[&[0xFF, 0xDB, 0, 67, 0][..], &[1; 64]].concat(),
        &[0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0],
        &[&[0xFF, 0xC4, 0, 20, 0x00][..], &one_code].concat(),
        &[&[0xFF, 0xC4, 0, 20, 0x10][..], &one_code].concat(),
        &[0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F],
        &[0xFF, 0xD9],
    ]
    .concat()
});

/// Of Knuth's MMIX generator: no two places look alike, and a debug build makes it at once.
static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    };
    std::iter::repeat_with(next).take((PART_BYTES + PAGE_BYTES) / 4).flat_map(u32::to_be_bytes).collect()
});

/// As many small ones as large ones, on a logarithmic scale: 1 kB to 1.5 MB.
pub(crate) fn random(rng: &mut StdRng) -> Vec<u8> {
    let exponent = rng.random_range((SMALLEST_BYTES as f64).ln()..=(LARGEST_BYTES as f64).ln());
    of_size(rng, exponent.exp() as usize)
}

/// `size_bytes` that begin with a picture.
pub(super) fn of_size(rng: &mut StdRng, size_bytes: usize) -> Vec<u8> {
    let start = rng.random_range(0..PAGE_BYTES);
    let mut bytes = NOISE[start..start + size_bytes].to_vec();
    let name = rng.random::<u64>().to_be_bytes();
    for page in bytes.chunks_mut(PAGE_BYTES) {
        let named = page.len().min(name.len());
        page[..named].copy_from_slice(&name[..named]);
    }
    bytes[..PICTURE.len()].copy_from_slice(&PICTURE);
    bytes[PICTURE.len()..][..name.len()].copy_from_slice(&name);
    bytes
}
