//! Where requests end.

/// Where the first request ends whose head is there: with as much of its body as came along, so that the server knows when it has
/// all of a short one, whether it looks at it or not.
pub fn end_of_request(bytes: &[u8]) -> Option<usize> {
    let end = end_of_head(bytes)?;
    let fields = bytes[..end].split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    });
    let mut body = 0;
    for (name, value) in fields {
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Some(end + end_of_chunks(&bytes[end..]).unwrap_or(bytes.len() - end));
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            body = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0_usize);
        }
    }
    Some(end.saturating_add(body).min(bytes.len()))
}

/// Where a body in chunks ends, with its trailers; `None` when it is not all there.
fn end_of_chunks(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = at + memchr::memchr(b'\n', bytes.get(at..)?)?;
        let size = std::str::from_utf8(&bytes[at..line]).ok()?.split(';').next()?.trim();
        match usize::from_str_radix(size, 16).ok()? {
            0 => return Some(at + end_of_head(&bytes[at..])?),
            size => at = line.checked_add(1)?.checked_add(size)?.checked_add(2)?,
        }
    }
}

/// Where the first empty line after something ends, be it with or without carriage returns.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let before = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let bytes = &bytes[before..];
    memchr::memchr_iter(b'\n', bytes).find_map(|newline| match &bytes[newline + 1..] {
        [b'\n', ..] => Some(before + newline + 2),
        [b'\r', b'\n', ..] => Some(before + newline + 3),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_the_first_empty_line() {
        assert_eq!(end_of_head(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"), Some(27));
        assert_eq!(end_of_head(b"GET / HTTP/1.1\n\nGET"), Some(16));
        assert_eq!(end_of_head(b"GET / HTTP/1.1\n\r\n"), Some(17));
        assert_eq!(end_of_head(b"GET / HTTP/1.1\r\nHost: a\r\n\r"), None);
        assert_eq!(end_of_head(b""), None);
        assert_eq!(end_of_head(b"\r\n\n\nGET /\n\nGET"), Some(11), "what some send after a body");
        assert_eq!(end_of_head(b"\n\n\r\n\r\n"), None);
    }

    #[test]
    fn a_request_ends_with_its_body() {
        let get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET";
        assert_eq!(end_of_request(get), Some(27));
        let post = b"POST / HTTP/1.1\ncontent-LENGTH: 2 \n\n{}GET /";
        assert_eq!(end_of_request(post), Some(post.len() - 5));
        let more = b"POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\n{}";
        assert_eq!(end_of_request(more), Some(more.len()));
        let chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\n\n\r\n0\r\n\r\n";
        assert_eq!(end_of_request(chunked), Some(chunked.len()));
        let more = [&chunked[..], b"GET / HTTP/1.1\r\n\r\n"].concat();
        assert_eq!(end_of_request(&more), Some(chunked.len()), "what follows is another request");
        let trailed = b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0;x=y\r\nA: b\r\n\r\nGET /";
        assert_eq!(end_of_request(trailed), Some(trailed.len() - 5));
        let overlong = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx\r\n\r\n";
        assert_eq!(end_of_request(overlong), Some(overlong.len()));
        let huge = b"POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\nx";
        assert_eq!(end_of_request(huge), Some(huge.len()));
        assert_eq!(end_of_request(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n"), None);
    }
}
