//! The crate `metadata` for the browser: the same reading of a photo there as on the server.
//!
//! `cargo xtask build` makes `web/wasm/metadata.js` of it. `tests/same.mjs` compares the two over a folder of photos.

use wasm_bindgen::prelude::wasm_bindgen;

/// The MIME type of the file that begins with `head`; `undefined` where that is no image.
#[wasm_bindgen]
pub fn sniff(head: &[u8]) -> Option<String> {
    metadata::sniff(head).map(|file_type| file_type.mime().to_owned())
}

/// JSON: `{"file_type":"image/jpeg"|null,"metadata":{…},"incomplete":false,"warnings":[…]}`, as `metadata::Reading`
/// tells it.
#[wasm_bindgen]
pub fn read(bytes: &[u8]) -> String {
    serde_json::to_string(&metadata::read(bytes)).expect("a reading has no keys but texts")
}

/// SHA-256 over bytes that arrive in pieces.
#[wasm_bindgen]
#[derive(Default)]
pub struct Sha256(metadata::Sha256);

#[wasm_bindgen]
impl Sha256 {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// 64 hex digits, lower-case. Frees the object: it cannot be used again.
    pub fn finish(self) -> String {
        hex::encode(self.0.finish())
    }
}
