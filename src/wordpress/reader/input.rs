//! Bytes of any encoding in, UTF-8 out, a bounded amount at a time.
//!
//! Old blogs declare `windows-1251`, others hold a few broken bytes. quick-xml stops at the first byte that isn't UTF-8,
//! which would abort a whole import, so the text is decoded here and what can't be decoded becomes U+FFFD.

use std::io::{self, BufRead, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

/// How far into the file the XML declaration may be.
const DECLARATION_REACH: usize = 1024;

/// The error inside the [`io::Error`] that says the allowance was used up.
#[derive(Debug, thiserror::Error)]
#[error("one value is too large")]
pub struct AllowanceSpent;

/// A reader that decodes to UTF-8 and stops when its allowance is used up.
pub struct Utf8Input<R> {
    inner: R,
    decoder: Option<Decoder>,
    decoded: Vec<u8>,
    at: usize,
    ended: bool,
    allowance: usize,
}

impl<R: BufRead> Utf8Input<R> {
    /// Decodes `inner`, of which nothing may have been read.
    pub fn new(inner: R, allowance: usize) -> Self {
        Self { inner, decoder: None, decoded: Vec::new(), at: 0, ended: false, allowance }
    }

    /// Permits `bytes` from here on.
    pub fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let source = self.inner.fill_buf()?;
        let decoder = self.decoder.get_or_insert_with(|| declared_encoding(source).new_decoder());
        let last = source.is_empty();
        let room = decoder.max_utf8_buffer_length(source.len()).unwrap_or(source.len() * 3 + 16);
        self.decoded.resize(room, 0);
        let (result, read, written, _) = decoder.decode_to_utf8(source, &mut self.decoded, last);
        self.decoded.truncate(written);
        self.at = 0;
        self.ended = last && result == CoderResult::InputEmpty;
        self.inner.consume(read);
        Ok(())
    }
}

impl<R: BufRead> BufRead for Utf8Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.decoded.len() && !self.ended {
            self.decode_more()?;
        }
        if self.allowance == 0 && self.at < self.decoded.len() {
            return Err(io::Error::other(AllowanceSpent));
        }
        let end = self.decoded.len().min(self.at.saturating_add(self.allowance));
        Ok(&self.decoded[self.at..end])
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
        self.allowance = self.allowance.saturating_sub(amount);
    }
}

impl<R: BufRead> Read for Utf8Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let amount = available.len().min(buffer.len());
        buffer[..amount].copy_from_slice(&available[..amount]);
        self.consume(amount);
        Ok(amount)
    }
}

/// What the XML declaration says. A byte order mark overrides it, which the decoder sees to.
fn declared_encoding(start: &[u8]) -> &'static Encoding {
    let head = String::from_utf8_lossy(&start[..start.len().min(DECLARATION_REACH)]).into_owned();
    let declaration = head.split_once("<?xml").and_then(|(_, rest)| rest.split_once("?>")).map(|(inside, _)| inside);
    let label = declaration.and_then(|inside| inside.split_once("encoding")).and_then(|(_, value)| {
        let value = value.trim_start().strip_prefix('=')?.trim_start();
        value.strip_prefix(['"', '\''])?.split(['"', '\'']).next()
    });
    label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        let mut text = String::new();
        // Three bytes at a time, so that characters are split between reads.
        Utf8Input::new(io::BufReader::with_capacity(3, bytes), usize::MAX).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_byte_order_mark_is_dropped_and_broken_bytes_are_replaced() {
        assert_eq!(decoded("\u{feff}салом".as_bytes()), "салом");
        assert_eq!(decoded(b"a\xffb"), "a\u{fffd}b");
    }

    #[test]
    fn the_declared_encoding_is_used() {
        let mut bytes = b"<?xml version=\"1.0\" encoding='windows-1251'?>".to_vec();
        bytes.extend([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]);
        let mut text = String::new();
        Utf8Input::new(&bytes[..], usize::MAX).read_to_string(&mut text).unwrap();
        assert!(text.ends_with("?>Привет"), "{text}");
    }

    #[test]
    fn the_allowance_ends_reading_and_can_be_renewed() {
        let mut input = Utf8Input::new(&b"abcdef"[..], 4);
        let mut four = [0; 4];
        input.read_exact(&mut four).unwrap();
        assert!(input.read(&mut four).unwrap_err().get_ref().is_some_and(|error| error.is::<AllowanceSpent>()));
        input.allow(2);
        assert_eq!(input.read(&mut four).unwrap(), 2);
        assert_eq!(input.read(&mut four).unwrap(), 0);
    }
}
