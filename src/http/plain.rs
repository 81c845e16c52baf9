//! Plain requests: a GET or HEAD of HTTP/1.1 without a body, on a connection that goes on after it. Where one ends is beyond doubt.
//! Nearly all requests are plain, and one for what is in memory is answered as it comes off the wire, without the server and
//! the application.

use std::mem::MaybeUninit;
use std::time::Instant;

use actix_web::http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, HeaderName, IF_NONE_MATCH};
use actix_web::http::header::{CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING, UPGRADE};

use super::admission::Admission;
use super::fields::{CONSISTENCY_TOKEN, REQUEST_ID};
use super::message::Outgoing;

/// One with more fields is no plain one; the server takes 96.
const FIELDS: usize = 64;

/// Fields with which a request is no plain one: it has a body, or expects more than an answer.
const MORE: [HeaderName; 4] = [CONTENT_LENGTH, TRANSFER_ENCODING, EXPECT, UPGRADE];
/// Fields with which the URL does not say what a request is answered.
pub const OWN: [HeaderName; 2] = [AUTHORIZATION, CONSISTENCY_TOKEN];

/// What some bytes begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun<'a> {
    Plain(Plain<'a>),
    /// A head, so far: there may be more to come of a plain request.
    Partial,
    /// Something else, which the server knows how to take.
    Other,
}

/// A plain request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain<'a> {
    /// How many bytes it has.
    pub length: usize,
    /// What a GET asks for. `None` where the answer depends on more than this and the fields below: the application knows.
    pub url: Option<&'a str>,
    pub accept_encoding: Option<&'a [u8]>,
    pub if_none_match: Option<&'a [u8]>,
    pub request_id: Option<&'a [u8]>,
}

/// What a request finds in memory.
#[derive(Debug)]
pub enum Recalled {
    /// Its answer.
    Answer(Outgoing),
    /// Nothing: its answer has to be read, for which there has to be a place.
    Nothing,
    /// Something that is no answer yet, or it asks for nothing that would be kept: the application knows what to do.
    Unsure,
}

/// Where answers to plain requests may be.
pub trait Memory: Send + Sync {
    /// What there is for a request.
    fn recall(&self, request: &Plain<'_>) -> Recalled;

    /// Places for requests whose answer has to be read.
    fn admission(&self) -> &Admission;

    /// What is sent to who has waited for a place in vain; `since` is for the log.
    fn refuse(&self, request: &Plain<'_>, since: Option<Instant>) -> Outgoing;
}

impl<'a> Begun<'a> {
    pub fn read(bytes: &'a [u8]) -> Self {
        let mut fields = [const { MaybeUninit::uninit() }; FIELDS];
        let mut head = httparse::Request::new(&mut []);
        match head.parse_with_uninit_headers(bytes, &mut fields) {
            Ok(httparse::Status::Complete(length)) => Plain::of(&head, length).map_or(Self::Other, Self::Plain),
            Ok(httparse::Status::Partial) => Self::Partial,
            Err(_) => Self::Other,
        }
    }
}

impl<'a> Plain<'a> {
    /// The request that some bytes begin with; `None` where it is not all there, or is none that is plain.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        match Begun::read(bytes) {
            Begun::Plain(plain) => Some(plain),
            Begun::Partial | Begun::Other => None,
        }
    }

    /// The request with this head of so many bytes, if it is plain.
    fn of(head: &httparse::Request<'_, 'a>, length: usize) -> Option<Self> {
        if head.version != Some(1) || !matches!(head.method, Some("GET" | "HEAD")) {
            return None;
        }
        let url = head.path.filter(|url| head.method == Some("GET") && url.starts_with('/'));
        let mut hosts = 0;
        let mut plain = Self { length, url, accept_encoding: None, if_none_match: None, request_id: None };
        for httparse::Header { name, value } in head.headers.iter() {
            let is = |known: &HeaderName| name.eq_ignore_ascii_case(known.as_str());
            if MORE.iter().any(is) || is(&CONNECTION) && !value.eq_ignore_ascii_case(b"keep-alive") {
                return None;
            }
            hosts += u32::from(is(&HOST));
            let place = if is(&ACCEPT_ENCODING) {
                &mut plain.accept_encoding
            } else if is(&IF_NONE_MATCH) {
                &mut plain.if_none_match
            } else if is(&REQUEST_ID) {
                &mut plain.request_id
            } else {
                if OWN.iter().any(is) {
                    plain.url = None;
                }
                continue;
            };
            if place.replace(value).is_some() {
                plain.url = None;
            }
        }
        // Without one, or with two, the server refuses it.
        (hosts == 1).then_some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A head with these lines, after a `Host`.
    fn read(lines: &[&str]) -> Option<Plain<'static>> {
        let lines: Vec<&str> = lines[..1].iter().chain(&["Host: a"]).chain(&lines[1..]).copied().collect();
        let head: &'static str = Box::leak((lines.join("\r\n") + "\r\n\r\n").into_boxed_str());
        let read = Plain::read(head.as_bytes());
        assert!(read.is_none_or(|plain| plain.length == head.len()), "{head}");
        read
    }

    #[test]
    fn says_what_a_request_asks_for() {
        let plain = read(&["GET /a?b=c HTTP/1.1", "accept-ENCODING: br", "Connection: Keep-Alive", "Cookie: d"]);
        let plain = plain.expect("a plain request");
        assert_eq!((plain.url, plain.accept_encoding, plain.if_none_match), (Some("/a?b=c"), Some(&b"br"[..]), None));
        let more = b"\r\nGET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"a\"\r\nX-Request-Id: b\r\n\r\nGET /";
        let plain = Plain::read(more).expect("a plain request");
        assert_eq!(plain.length, more.len() - 5);
        assert_eq!((plain.if_none_match, plain.request_id), (Some(&b"\"a\""[..]), Some(&b"b"[..])));
    }

    #[test]
    fn where_the_answer_depends_on_more_no_url_is_given() {
        let twice = "Accept-Encoding: br\r\nAccept-Encoding: gzip";
        for field in ["Authorization: Bearer a", "consistency-token: a", twice] {
            assert_eq!(read(&["GET / HTTP/1.1", field]).expect(field).url, None, "{field}");
        }
        for line in ["HEAD / HTTP/1.1", "GET http://a/ HTTP/1.1", "GET * HTTP/1.1"] {
            assert_eq!(read(&[line]).expect(line).url, None, "{line}");
        }
    }

    #[test]
    fn what_goes_beyond_a_head_or_ends_the_connection_is_not_plain() {
        let fields = [
            "Content-Length: 0",
            "transfer-encoding: chunked",
            "Expect: 100-continue",
            "Upgrade: h2c",
            "Connection: close",
            "Connection: ",
            "Host: b",
        ];
        for field in fields {
            assert_eq!(read(&["GET / HTTP/1.1", field]), None, "{field}");
        }
        let lines = [
            "GET / HTTP/1.0",
            "GET /",
            "GET / HTTP/2.0",
            "",
            "GET  / HTTP/1.1",
            "GET /\u{1} HTTP/1.1",
            "get / HTTP/1.1",
            "POST / HTTP/1.1",
            "OPTIONS / HTTP/1.1",
            "CONNECT a:1 HTTP/1.1",
        ];
        for line in lines {
            assert_eq!(read(&[line]), None, "{line}");
        }
        let many: Vec<String> = (0..FIELDS).map(|number| format!("A{number}: b")).collect();
        let many: Vec<&str> = ["GET / HTTP/1.1"].into_iter().chain(many.iter().map(String::as_str)).collect();
        assert!(read(&many).is_none() && read(&many[..FIELDS]).is_some());
        for bytes in ["GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\n\r\n", ""] {
            assert_eq!(Plain::read(bytes.as_bytes()), None, "{bytes}");
        }
    }
}
