//! The keys of the objects, as the server itself makes them: the n-th is always the same, and they come in no order.

/// A photo's key, or that of an upload that has not been checked.
pub(super) fn key(number: usize) -> String {
    let mut state = number as u64;
    let [a, b, c, d] = std::array::from_fn(|_| random(&mut state));
    if is_incoming(number) {
        let (time, version, variant) = (a >> 32, a >> 16 & 0xFFFF, a & 0xFFFF);
        format!(
            "incoming/{time:08x}-{version:04x}-{variant:04x}-{:04x}-{:012x}/DSC_{:04}.jpg",
            b >> 48,
            c >> 16,
            d % 10_000
        )
    } else {
        format!("photos/{a:016x}{b:016x}{c:016x}{d:016x}.jpg")
    }
}

fn is_incoming(number: usize) -> bool {
    number.is_multiple_of(4)
}

/// SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
pub(super) fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
