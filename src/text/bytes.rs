//! Looking through the bytes of a text, many at a time: without a branch for each of them the compiler uses wide registers. What is looked
//! for must be said without one too, of several bytes with `|` and `&`.

/// So many are looked at together. A byte counts them.
const TOGETHER: usize = 64;

/// Where the first byte is that is looked for.
pub fn find(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let some_in = |some: &&[u8; TOGETHER]| some.iter().fold(false, |found, byte| found | wanted(*byte));
    let (whole, _) = bytes.as_chunks();
    let passed = TOGETHER * whole.iter().take_while(|some| !some_in(some)).count();
    bytes[passed..].iter().position(|byte| wanted(*byte)).map(|at| passed + at)
}

/// Where the first byte is that is looked for together with the one after it. The last byte has none after it.
pub fn find_pair(bytes: &[u8], wanted: impl Fn(u8, u8) -> bool) -> Option<usize> {
    let pairs_in = |(some, next): &(&[u8], &[u8])| {
        some.iter().zip(*next).fold(false, |found, (byte, next)| found | wanted(*byte, *next))
    };
    let (place, (some, next)) = pairs(bytes).enumerate().find(|(_, some)| pairs_in(some))?;
    some.iter().zip(next).position(|(byte, next)| wanted(*byte, *next)).map(|at| place * TOGETHER + at)
}

/// How many bytes are of a kind.
pub fn count(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    let (whole, rest) = bytes.as_chunks();
    whole.iter().map(|some| count_in(some, &wanted)).sum::<usize>() + rest.iter().filter(|byte| wanted(**byte)).count()
}

/// How many bytes are of a kind together with the one after each.
pub fn count_pairs(bytes: &[u8], wanted: impl Fn(u8, u8) -> bool) -> usize {
    let count_in = |(some, next): (&[u8], &[u8])| {
        usize::from(some.iter().zip(next).map(|(byte, next)| u8::from(wanted(*byte, *next))).sum::<u8>())
    };
    pairs(bytes).map(count_in).sum()
}

/// Where the byte of a kind is that has this number, from 0.
pub fn nth(bytes: &[u8], number: usize, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let (mut passed, mut left) = (0, number);
    for some in bytes.as_chunks().0 {
        let here = count_in(some, &wanted);
        if here > left {
            break;
        }
        (passed, left) = (passed + TOGETHER, left - here);
    }
    let rest = bytes[passed..].iter().enumerate();
    rest.filter(|(_, byte)| wanted(**byte)).nth(left).map(|(at, _)| passed + at)
}

fn count_in(some: &[u8; TOGETHER], wanted: impl Fn(u8) -> bool) -> usize {
    usize::from(some.iter().map(|byte| u8::from(wanted(*byte))).sum::<u8>())
}

fn pairs(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    bytes.chunks(TOGETHER).zip(bytes.get(1..).unwrap_or_default().chunks(TOGETHER))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_found_is_what_is_found_byte_by_byte(bytes in "[ab]{0,3}|[a-z ]{0,300}|b{60,70}a{60,70}", number in 0usize..200) {
            let (bytes, is_a) = (bytes.as_bytes(), |byte: u8| byte == b'a');
            let all: Vec<usize> = (0..bytes.len()).filter(|at| is_a(bytes[*at])).collect();
            prop_assert_eq!(find(bytes, is_a), all.first().copied());
            prop_assert_eq!(count(bytes, is_a), all.len());
            prop_assert_eq!(nth(bytes, number, is_a), all.get(number).copied());
            let is_pair = |byte: u8, next: u8| byte == b'a' && next == b'a';
            let all: Vec<usize> = (1..bytes.len()).filter(|at| is_pair(bytes[at - 1], bytes[*at])).map(|at| at - 1).collect();
            prop_assert_eq!(find_pair(bytes, is_pair), all.first().copied());
            prop_assert_eq!(count_pairs(bytes, is_pair), all.len());
        }
    }
}
