//! Sealed texts: what this installation hands out and takes back unaltered, such as a place in a list or leave to read a draft.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const MAC_BYTES: usize = 16;

/// Seals and opens bytes for one purpose.
#[derive(Clone)]
pub struct Seal {
    key: [u8; 32],
}

impl Seal {
    /// With the installation's secret, from which each purpose derives a key of its own.
    pub fn new(secret: &str, purpose: &str) -> Self {
        Self { key: blake3::derive_key(purpose, secret.as_bytes()) }
    }

    /// `content` with its seal, as text that a URL can hold. It is not hidden.
    pub fn seal(&self, content: &[u8]) -> String {
        let mac = blake3::keyed_hash(&self.key, content);
        URL_SAFE_NO_PAD.encode([&mac.as_bytes()[..MAC_BYTES], content].concat())
    }

    /// What was sealed; `None` when it was altered, or sealed for another purpose.
    pub fn open(&self, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (mac, content) = bytes.split_at_checked(MAC_BYTES)?;
        let expected = blake3::keyed_hash(&self.key, content);
        // In constant time: some seals are leave to read.
        let mac = blake3::Hash::from_slice(&[mac, &expected.as_bytes()[MAC_BYTES..]].concat()).ok()?;
        (mac == expected).then(|| content.to_vec())
    }
}
