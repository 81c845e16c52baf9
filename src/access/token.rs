//! The form of a key: `xabar_live_` or `xabar_test_`, 32 random bytes in base62, and a checksum.
//!
//! The prefix and the checksum let secret scanners recognise a key that has leaked, and a mistyped one be told from an
//! unknown one. The environment keeps a copy of a live database from taking live keys.

use std::fmt;

use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use crate::config::Environment;
use crate::text::secrets::HINT;

/// Bytes of randomness.
const SECRET_BYTES: usize = 32;
/// Their length in base62.
const SECRET: usize = 43;
/// The length of a CRC-32 in base62.
const CHECKSUM: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A whole key. It is shown once, and neither logged nor stored: `Debug` shows the hint alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
    environment: Environment,
}

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    #[error("the key does not have the form of one")]
    Form,
    #[error("the key's checksum is wrong: it was mistyped or cut")]
    Checksum,
}

impl Token {
    /// Makes a new one from the system's randomness.
    pub fn generate(environment: Environment) -> Result<Self, getrandom::Error> {
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret)?;
        let head = format!("{}{}", prefix(environment), base62(BigUint::from_bytes_be(&secret), SECRET));
        let checksum = base62(BigUint::from(crc32fast::hash(head.as_bytes())), CHECKSUM);
        Ok(Self { text: head + &checksum, environment })
    }

    /// Reads one, and checks its form and checksum.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let known = [Environment::Live, Environment::Test].into_iter().find(|at| text.starts_with(prefix(*at)));
        let environment = known.ok_or(NotAKey::Form)?;
        let rest = &text[prefix(environment).len()..];
        if rest.len() != SECRET + CHECKSUM || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(NotAKey::Form);
        }
        let (head, checksum) = text.split_at(text.len() - CHECKSUM);
        if base62(BigUint::from(crc32fast::hash(head.as_bytes())), CHECKSUM) != checksum {
            return Err(NotAKey::Checksum);
        }
        Ok(Self { text: text.to_owned(), environment })
    }

    /// Whether a whole and true key is somewhere in what was sent.
    pub fn is_in(bytes: &[u8]) -> bool {
        let length = prefix(Environment::Live).len() + SECRET + CHECKSUM;
        let candidates = bytes.windows(length).filter(|window| window.starts_with(b"xabar_"));
        candidates.filter_map(|window| std::str::from_utf8(window).ok()).any(|text| Self::parse(text).is_ok())
    }

    /// The key itself, to be shown to its owner.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Where it is valid.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// Its start, by which it is found and recognised; of no use without the rest.
    pub fn hint(&self) -> &str {
        &self.text[..prefix(self.environment).len() + HINT]
    }

    /// Its SHA-256 in hexadecimal. The key is random, so that no slow hash is called for.
    pub fn digest(&self) -> String {
        Sha256::digest(self.text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.hint())
    }
}

fn prefix(environment: Environment) -> &'static str {
    match environment {
        Environment::Live => "xabar_live_",
        Environment::Test => "xabar_test_",
    }
}

/// A number in base62, padded with zeros to `length` digits.
fn base62(number: BigUint, length: usize) -> String {
    let digits = number.to_radix_be(62);
    let padding = std::iter::repeat_n(0, length.saturating_sub(digits.len()));
    padding.chain(digits).map(|digit| char::from(ALPHABET[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::secrets::redacted;

    #[test]
    fn a_key_has_its_form() {
        let key = Token::generate(Environment::Live).expect("randomness");
        assert!(key.reveal().starts_with("xabar_live_"));
        assert_eq!(key.reveal().len(), 11 + 43 + 6);
        assert_eq!(Token::parse(key.reveal()), Ok(key.clone()));
        assert_eq!(key.hint().len(), 17);
        assert_eq!(key.digest().len(), 64);
        assert!(!format!("{key:?}").contains(&key.reveal()[18..]), "debug output is logged");
        assert_ne!(key.reveal(), Token::generate(Environment::Live).expect("randomness").reveal());
        assert_eq!(Token::generate(Environment::Test).expect("randomness").environment(), Environment::Test);
    }

    #[test]
    fn a_key_is_found_and_hidden_wherever_it_stands() {
        for environment in [Environment::Live, Environment::Test] {
            let key = Token::generate(environment).expect("randomness");
            let text = format!("{{\"name\":\"{}\"}}", key.reveal());
            assert!(Token::is_in(text.as_bytes()));
            assert!(!Token::is_in(text.replace(key.reveal(), &key.reveal()[..59]).as_bytes()));
            assert_eq!(redacted(&text), format!("{{\"name\":\"{}(hidden)\"}}", key.hint()));
        }
    }

    #[test]
    fn every_single_mistake_is_seen() {
        let key = Token::generate(Environment::Test).expect("randomness");
        let text = key.reveal();
        for i in 11..text.len() {
            let mut wrong = text.as_bytes().to_vec();
            wrong[i] = if wrong[i] == b'a' { b'b' } else { b'a' };
            let wrong = String::from_utf8(wrong).expect("ASCII");
            assert_eq!(Token::parse(&wrong), Err(NotAKey::Checksum), "at {i}");
        }
        for wrong in ["", "xabar_live_", "xabar_prod_abc", &text[..text.len() - 1], &format!("{text}0"), "xabar_live_й"]
        {
            assert_eq!(Token::parse(wrong), Err(NotAKey::Form), "{wrong}");
        }
    }
}
