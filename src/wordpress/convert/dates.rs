//! The dates of an item, which WordPress writes in three ways and sometimes not at all.

use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::Offset;

use crate::clock::Timestamp;
use crate::wordpress::element::Item;

/// When the item went or goes live: in GMT, else as the feed said, else in the blog's own time taken for GMT.
pub fn published(item: &Item) -> Option<Timestamp> {
    gmt(&item.date_gmt).or_else(|| rfc2822(&item.pub_date)).or_else(|| gmt(&item.date))
}

/// When the item was last changed.
pub fn updated(item: &Item) -> Option<Timestamp> {
    gmt(&item.modified_gmt)
}

/// `2024-02-05 15:53:10`; `0000-00-00 00:00:00` stands for none.
fn gmt(text: &str) -> Option<Timestamp> {
    if text.starts_with("0000") {
        return None;
    }
    let at: DateTime = text.trim().parse().ok()?;
    Timestamp::from_jiff(Offset::UTC.to_timestamp(at).ok()?)
}

/// `Mon, 05 Feb 2024 15:53:10 +0000`; drafts have the year -0001.
fn rfc2822(text: &str) -> Option<Timestamp> {
    Timestamp::from_jiff(DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Timestamp::from_jiff(text.parse().unwrap())
    }

    #[test]
    fn gmt_comes_before_the_feed_and_the_feed_before_the_blog() {
        let mut item = Item {
            date: "2020-01-01 05:00:00".into(),
            date_gmt: "2019-12-31 23:00:00".into(),
            pub_date: "Tue, 31 Dec 2019 23:30:00 +0000".into(),
            ..Item::default()
        };
        assert_eq!(published(&item), at("2019-12-31T23:00:00Z"));
        item.date_gmt = "0000-00-00 00:00:00".into();
        assert_eq!(published(&item), at("2019-12-31T23:30:00Z"));
        item.pub_date = "Mon, 30 Nov -0001 00:00:00 +0000".into();
        assert_eq!(published(&item), at("2020-01-01T05:00:00Z"));
        item.date = "0000-00-00 00:00:00".into();
        assert_eq!(published(&item), None);
        assert_eq!(updated(&item), None);
    }
}
