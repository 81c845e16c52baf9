//! Addresses in a body, which WordPress read relative to the post's own.

use url::Url;

use crate::text::srcset::{candidates, joined};

/// The address of the page that a body stood on.
#[derive(Debug, Clone, Default)]
pub struct Page(Option<Url>);

impl Page {
    /// Where this is no web address, relative ones stay as they are.
    pub fn at(address: &str) -> Self {
        Self(Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https")))
    }

    /// A relative address in full; `None` for one that is whole already, and for a place in the page.
    pub fn whole(&self, address: &str) -> Option<String> {
        let address = address.trim();
        if address.is_empty() || address.starts_with('#') || Url::parse(address).is_ok() {
            return None;
        }
        self.0.as_ref()?.join(address).ok().map(String::from)
    }

    /// A `srcset` with whole addresses.
    pub fn whole_srcset(&self, srcset: &str) -> String {
        let whole = |address: &str| self.whole(address).unwrap_or_else(|| address.to_owned());
        joined(candidates(srcset).map(|(address, size)| (whole(address), size)))
    }
}

/// The largest picture of a `srcset`.
pub fn largest(srcset: &str) -> Option<&str> {
    let size = |size: &str| size.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().unwrap_or(1.0);
    let sized = candidates(srcset).map(|(address, descriptor)| (address, size(descriptor)));
    sized.max_by(|(_, one), (_, other)| f64::total_cmp(one, other)).map(|(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_addresses_are_those_of_the_page() {
        let page = Page::at("https://habar.example/2020/01/canal/");
        for (address, whole) in [
            ("/wp-content/a b.jpg", Some("https://habar.example/wp-content/a%20b.jpg")),
            ("//cdn.example/a.jpg", Some("https://cdn.example/a.jpg")),
            ("../gas/", Some("https://habar.example/2020/01/gas/")),
            ("?p=12", Some("https://habar.example/2020/01/canal/?p=12")),
            ("#notes", None),
            ("", None),
            ("https://other.example/", None),
            ("mailto:a@b.example", None),
            ("tel:+996", None),
        ] {
            assert_eq!(page.whole(address).as_deref(), whole, "{address}");
        }
        assert_eq!(Page::at("").whole("/a.jpg"), None);
        assert_eq!(
            page.whole_srcset("/a.jpg 300w, https://m.example/w_1,h_2/b.jpg 600w"),
            "https://habar.example/a.jpg 300w, https://m.example/w_1,h_2/b.jpg 600w"
        );
    }

    #[test]
    fn the_largest_picture_is_found() {
        assert_eq!(largest("a.jpg 300w, b.jpg 1024w,c.jpg 768w"), Some("b.jpg"));
        assert_eq!(largest("a.jpg, b.jpg 1.5x"), Some("b.jpg"));
        assert_eq!(largest(" , "), None);
    }
}
