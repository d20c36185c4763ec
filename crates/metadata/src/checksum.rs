//! The checksum that names a photo's bytes.

use sha2::Digest;

/// SHA-256 (FIPS 180-4) over bytes that arrive in pieces.
#[derive(Clone, Default)]
pub struct Sha256(sha2::Sha256);

impl Sha256 {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything that was given.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::Sha256;

    /// FIPS 180-4's example "abc".
    const ABC: [u8; 32] = [
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03,
        0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    ];

    #[test]
    fn pieces_give_the_digest_of_the_whole() {
        let mut sha256 = Sha256::new();
        sha256.update(b"a");
        sha256.update(b"");
        sha256.update(b"bc");
        assert_eq!(sha256.finish(), ABC);
    }
}
