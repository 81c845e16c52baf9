use super::*;
use crate::wordpress::element::{Author, Item, ItemTerm, Term};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<!-- generator -->\n<rss version=\"2.0\"\n\txmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:wp=\"http://wordpress.org/export/1.2/\">\n<channel><title>T&amp;T</title><link>https://a.example/</link><language>ru-RU</language><wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://net.example/</wp:base_site_url>";

fn read(text: &str) -> Result<Vec<Element>, WxrError> {
    WxrReader::new(text.as_bytes()).collect()
}

fn items(inside: &str) -> Vec<Item> {
    let elements = read(&format!("{HEAD}{inside}</channel></rss>")).unwrap();
    elements
        .into_iter()
        .filter_map(|element| if let Element::Item(item) = element { Some(*item) } else { None })
        .collect()
}

fn error(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn the_site_comes_first_and_falls_back_to_the_link() {
    let elements = read(&format!("{HEAD}</channel></rss>\n<!-- cached -->")).unwrap();
    let site = Site {
        title: "T&T".into(),
        base_url: "https://a.example".into(),
        language: "ru-RU".into(),
        wxr_version: "1.2".into(),
    };
    assert_eq!(elements, [Element::Site(site)]);
}

#[test]
fn authors_and_terms_are_read_from_all_three_spellings() {
    let inside = "<wp:author><wp:author_login>ann</wp:author_login><wp:author_display_name></wp:author_display_name>\
        <wp:author_first_name><![CDATA[Ann]]></wp:author_first_name><wp:author_last_name>Lee &amp; Co</wp:author_last_name>\
        <wp:author_description>Writes</wp:author_description></wp:author>\
        <wp:category><wp:category_nicename>world</wp:category_nicename><wp:category_parent/><wp:cat_name><![CDATA[The &amp; World]]></wp:cat_name></wp:category>\
        <wp:tag><wp:tag_slug>gold</wp:tag_slug><wp:tag_name>Gold</wp:tag_name></wp:tag>\
        <wp:term><wp:term_taxonomy>region</wp:term_taxonomy><wp:term_slug>osh</wp:term_slug><wp:term_name>Osh</wp:term_name><wp:termmeta><wp:meta_key>x</wp:meta_key></wp:termmeta></wp:term>";
    let elements = read(&format!("{HEAD}{inside}</channel></rss>")).unwrap();
    let term = |taxonomy: &str, slug: &str, name: &str| {
        Element::Term(Term { taxonomy: taxonomy.into(), slug: slug.into(), name: name.into(), ..Term::default() })
    };
    let author = Author { login: "ann".into(), display_name: "Ann Lee & Co".into(), bio: "Writes".into() };
    assert_eq!(
        elements[1..],
        [
            Element::Author(author),
            term("category", "world", "The & World"),
            term("post_tag", "gold", "Gold"),
            term("region", "osh", "Osh")
        ]
    );
}

#[test]
fn an_item_keeps_what_an_import_uses() {
    let item = &items(
        "<item><title><![CDATA[Tom &amp; <em>Jerry</em>]]></title><dc:creator>ann</dc:creator><guid isPermaLink=\"false\">g</guid>\
        <content:encoded><![CDATA[a]]]]><![CDATA[>b\r\n]]></content:encoded><excerpt:encoded><![CDATA[short]]></excerpt:encoded>\
        <wp:post_id>7</wp:post_id><wp:status>publish</wp:status><wp:post_type><![CDATA[post]]></wp:post_type>\
        <category domain=\"category\" nicename=\"a&amp;b\"><![CDATA[A &amp; B]]></category>\
        <wp:postmeta><wp:meta_key>_elementor_data</wp:meta_key><wp:meta_value>big</wp:meta_value></wp:postmeta>\
        <wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value><![CDATA[9]]></wp:meta_value></wp:postmeta>\
        <wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_content>hi <b>x</b></wp:comment_content><wp:commentmeta><wp:meta_key>k</wp:meta_key></wp:commentmeta></wp:comment>\
        <wp:comment></wp:comment></item>",
    )[0];
    let expected = Item {
        id: 7,
        post_type: "post".into(),
        status: "publish".into(),
        title: "Tom & Jerry".into(),
        guid: "g".into(),
        creator: "ann".into(),
        content: "a]]>b".into(),
        excerpt: "short".into(),
        terms: vec![ItemTerm { taxonomy: "category".into(), slug: "a&b".into(), name: "A & B".into() }],
        meta: vec![("_thumbnail_id".into(), "9".into())],
        left_out: vec!["_elementor_data".into()],
        comments: 2,
        ..Item::default()
    };
    assert_eq!(*item, expected);
}

#[test]
fn what_xml_forbids_but_exports_hold_does_not_stop_an_import() {
    let inside = "<item><title>A &nbsp; B &#7; &laquo;C&raquo; D & E</title><content:encoded><![CDATA[x\u{0}\u{8}y & \u{b}z &nbsp;]]></content:encoded><description/></item>";
    let item = &items(inside)[0];
    assert_eq!(item.title, "A \u{a0} B «C» D & E");
    assert_eq!(item.content, "xy & z &nbsp;");
}

#[test]
fn blank_lines_and_a_byte_order_mark_may_come_first() {
    assert_eq!(read(&format!("\n\n\u{feff}{HEAD}</channel></rss>")).unwrap().len(), 1);
    assert_eq!(read(&format!("\u{feff}\r\n{HEAD}</channel></rss>")).unwrap().len(), 1);
}

#[test]
fn prefixes_may_be_declared_differently() {
    let text = "<rss xmlns:ex='http://wordpress.org/export/1.0/excerpt/'><channel><w:wxr_version>1.0</w:wxr_version>\
        <item><c:encoded>body</c:encoded><ex:encoded>short</ex:encoded></item></channel></rss>";
    let Element::Item(item) = &read(text).unwrap()[1] else { panic!("an item") };
    assert_eq!((item.content.as_str(), item.excerpt.as_str()), ("body", "short"));
}

#[test]
fn other_files_are_refused_with_what_they_are() {
    assert_eq!(error("<html><body/></html>"), "this is not a WordPress export: an HTML page (at byte 6)");
    assert_eq!(
        error("<!DOCTYPE html><html/>"),
        "the file has a DOCTYPE at byte 0; an export has none, so it is refused"
    );
    assert_eq!(error("Warning: x <rss>"), "this is not a WordPress export: `Warning: x` (at byte 11)");
    assert_eq!(error(""), "this is not a WordPress export: the file holds no element (at byte 0)");
    let feed = "<rss><channel><title>x</title><item/></channel></rss>";
    assert_eq!(error(feed), "this is not a WordPress export: RSS without a wp:wxr_version (at byte 37)");
    let text = HEAD.replace("wxr_version>1.2", "wxr_version>2.0") + "<item/></channel></rss>";
    assert_eq!(error(&text), "WXR version `2.0` is not known here; 1.0, 1.1 and 1.2 are");
    let text = HEAD.replace("<rss", "<!DOCTYPE rss [<!ENTITY a \"b\">]><rss");
    assert!(matches!(read(&text), Err(WxrError::Doctype { position: 59 })), "{:?}", read(&text));
}

#[test]
fn a_file_that_ends_early_gives_its_whole_items_and_then_an_error() {
    let text = format!("{HEAD}<item><wp:post_id>1</wp:post_id></item><item><content:encoded><![CDATA[half");
    let mut reader = WxrReader::new(text.as_bytes());
    assert!(matches!(reader.next(), Some(Ok(Element::Site(_)))));
    assert!(matches!(reader.next(), Some(Ok(Element::Item(_)))));
    let position = text.find("<![CDATA[half").unwrap();
    let message = format!("the file ends too early: a CDATA section at byte {position} is never closed");
    assert_eq!(reader.next().unwrap().unwrap_err().to_string(), message);
    assert!(reader.next().is_none());
    for cut in ["<item>", "<item><title>x", "</channel>", ""] {
        let result = read(&format!("{HEAD}{cut}"));
        assert!(matches!(result, Err(WxrError::Truncated { .. })), "{cut}: {result:?}");
    }
    let crossed = read(&format!("{HEAD}<item></channel>"));
    assert!(matches!(crossed, Err(WxrError::Malformed { .. })), "{crossed:?}");
}

#[test]
fn an_item_over_the_limit_is_refused_but_long_comments_are_not() {
    let half = "x".repeat(ITEM_LIMIT / 2 + 1);
    let over = format!(
        "{HEAD}<item><content:encoded>{half}</content:encoded><excerpt:encoded>{half}</excerpt:encoded></item></channel></rss>"
    );
    assert!(error(&over).starts_with("`item` that starts at byte "), "{}", error(&over));
    let one = format!("{HEAD}<item><title><![CDATA[{half}{half}]]></title></item></channel></rss>");
    assert!(error(&one).starts_with("a value that starts at byte "), "{}", error(&one));
    let comment = format!("<wp:comment><wp:comment_content>{half}</wp:comment_content></wp:comment>");
    assert_eq!(items(&format!("<item>{comment}{comment}{comment}</item>"))[0].comments, 3);
}
