//! `srcset`: the sizes in which a picture is there.

/// The addresses of a `srcset`, which may hold commas, each with what is said of it: `800w`, `2x` or nothing.
pub fn candidates(srcset: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = srcset;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        let (word, after) = rest.split_at(rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len()));
        let address = word.trim_end_matches(',');
        rest = after;
        let mut descriptor = "";
        if address.len() == word.len() {
            (descriptor, rest) = after.split_at(after.find(',').unwrap_or(after.len()));
        }
        (!address.is_empty()).then_some((address, descriptor.trim_ascii()))
    })
}

/// Written out again.
pub fn joined<'a>(candidates: impl Iterator<Item = (impl AsRef<str>, &'a str)>) -> String {
    let one = |(address, descriptor): (_, &str)| {
        let address = AsRef::<str>::as_ref(&address).to_owned();
        if descriptor.is_empty() { address } else { format!("{address} {descriptor}") }
    };
    candidates.map(one).collect::<Vec<_>>().join(", ")
}
