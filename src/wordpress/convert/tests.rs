use super::*;
use crate::records::{AuthorRef, TagRef};
use crate::tags::TagKind;
use crate::wordpress::element::ItemTerm;

struct Shelf;

impl Library for Shelf {
    fn attachment(&self, id: u64) -> Option<MediaRecord> {
        media_record(&Item { attachment_url: format!("https://m.example/{id}.jpg"), ..Item::default() })
            .filter(|_| id < 10)
    }

    fn attached_to(&self, post: u64) -> Vec<MediaRecord> {
        if post == 7 { [1, 2, 3].iter().filter_map(|&id| self.attachment(id)).collect() } else { Vec::new() }
    }
}

fn converter() -> Converter {
    let mut converter = Converter::new(None);
    converter.note(&Element::Site(Site {
        base_url: "https://a.example".into(),
        language: "ru-RU".into(),
        ..Site::default()
    }));
    converter.note(&Element::Author(Author {
        login: "ann".into(),
        display_name: "Ann Lee".into(),
        bio: String::new(),
    }));
    converter
}

fn post() -> Item {
    Item {
        id: 7,
        post_type: "post".into(),
        status: "publish".into(),
        title: "Title".into(),
        name: "%d0%ba%d1%83%d1%80%d1%81".into(),
        guid: "https://a.example/?p=7".into(),
        creator: "ann".into(),
        date_gmt: "2020-01-02 03:04:05".into(),
        modified_gmt: "2021-01-02 03:04:05".into(),
        ..Item::default()
    }
}

fn article(item: &Item) -> Article {
    match converter().convert(item, &Shelf) {
        Converted::Article(article) => *article,
        other => panic!("{other:?}"),
    }
}

fn at(text: &str) -> Option<Timestamp> {
    Timestamp::from_jiff(text.parse().unwrap())
}

fn url(media: &MediaRecord) -> &str {
    &media.url
}

#[test]
fn a_post_becomes_an_article_with_all_that_hangs_on_it() {
    let item = Item {
        content: "<img class=\"wp-image-5\" src=\"https://m.example/5.jpg\">".into(),
        excerpt: "The <b>lead</b>".into(),
        terms: vec![ItemTerm { taxonomy: "category".into(), slug: "world".into(), name: "World".into() }],
        meta: vec![
            ("_thumbnail_id".into(), "2".into()),
            ("_wp_old_slug".into(), "old".into()),
            ("_wp_old_slug".into(), "2019".into()),
            ("_wp_old_slug".into(), "%d0%ba%d1%83%d1%80%d1%81".into()),
        ],
        comments: 3,
        ..post()
    };
    let article = article(&item);
    let record = &article.record;
    assert_eq!((record.slug.as_str(), record.title.as_str(), record.lang.as_str()), ("курс", "Title", "ru"));
    assert_eq!((record.status, record.kind), (Status::Published, Kind::News));
    assert_eq!((record.published_at, record.updated_at), (at("2020-01-02T03:04:05Z"), at("2021-01-02T03:04:05Z")));
    assert_eq!(record.guid.as_deref(), Some("https://a.example/?p=7"));
    assert_eq!(record.standfirst.as_deref(), Some("The lead"));
    assert_eq!(record.body, "<figure><img src=\"https://m.example/5.jpg\"></figure>");
    assert_eq!(record.authors, [AuthorRef { slug: "ann".into(), name: "Ann Lee".into() }]);
    assert_eq!(record.tags, [TagRef { slug: "world".into(), name: "World".into(), kind: TagKind::Section }]);
    assert_eq!(record.hero.as_ref().map(url), Some("https://m.example/2.jpg"));
    let media: Vec<&str> = record.media.iter().map(url).collect();
    assert_eq!(media, ["https://m.example/5.jpg", "https://m.example/1.jpg", "https://m.example/3.jpg"]);
    assert_eq!(record.former_slugs, ["old", "post-2019"]);
    assert_eq!((article.comments, article.privacy, article.undated), (3, Privacy::Open, false));
}

#[test]
fn only_what_was_public_is_public() {
    for (wordpress, password, expected, privacy) in [
        ("publish", "", Status::Published, Privacy::Open),
        ("future", "", Status::Scheduled, Privacy::Open),
        ("draft", "", Status::Draft, Privacy::Open),
        ("pending", "", Status::Draft, Privacy::Open),
        ("pitch", "", Status::Draft, Privacy::Open),
        ("private", "", Status::Draft, Privacy::Private),
        ("publish", "secret", Status::Draft, Privacy::Password),
        ("future", "0", Status::Draft, Privacy::Password),
    ] {
        let article = article(&Item { status: wordpress.into(), password: password.into(), ..post() });
        assert_eq!((article.record.status, article.privacy), (expected, privacy), "{wordpress} {password}");
        let dated = expected != Status::Draft || privacy != Privacy::Open;
        assert_eq!(article.record.published_at.is_some(), dated, "{wordpress}");
    }
    let undated = article(&Item { date_gmt: "0000-00-00 00:00:00".into(), ..post() });
    assert_eq!((undated.record.status, undated.record.published_at, undated.undated), (Status::Draft, None, true));
}

#[test]
fn what_has_no_place_is_skipped_with_a_reason() {
    for (post_type, status, reason) in [
        ("post", "trash", "in the trash"),
        ("page", "auto-draft", "begun and never saved"),
        ("revision", "inherit", "an older version of a post"),
        ("nav_menu_item", "publish", "a menu; the front end has its own"),
        ("wp_block", "publish", "a reusable block; shown where posts use it"),
        ("product", "publish", "a custom post type, of which nothing is known here"),
        ("attachment", "inherit", "attachment without the address of a file"),
    ] {
        let item = Item { post_type: post_type.into(), status: status.into(), guid: String::new(), ..post() };
        let expected = Skipped { title: "Title".into(), post_type: post_type.into(), reason };
        assert_eq!(converter().convert(&item, &Shelf), Converted::Skipped(expected));
    }
}

#[test]
fn attachments_keep_their_id_and_parent() {
    let item =
        Item { post_type: "attachment".into(), attachment_url: "https://m.example/x.jpg".into(), parent: 4, ..post() };
    let Converted::Media(media) = converter().convert(&item, &Shelf) else { panic!("media") };
    assert_eq!((media.post, media.parent, media.record.url.as_str()), (7, 4, "https://m.example/x.jpg"));
}

#[test]
fn missing_names_titles_and_guids_are_made_up_the_same_way_each_time() {
    let bare = Item { name: String::new(), guid: String::new(), ..post() };
    let made = article(&bare).record;
    assert_eq!((made.slug.as_str(), made.guid.as_deref()), ("title", Some("https://a.example/?p=7")));
    let empty = article(&Item { title: String::new(), ..bare.clone() }).record;
    assert_eq!((empty.slug.as_str(), empty.title.as_str()), ("post-7", ""));
    assert_eq!(article(&Item { name: "2024".into(), ..post() }).record.slug, "post-2024");
    let mut converter = converter();
    let slugs: Vec<String> = [7, 8, 7]
        .map(|id| match converter.convert(&Item { id, ..post() }, &Shelf) {
            Converted::Article(article) => article.record.slug,
            other => panic!("{other:?}"),
        })
        .into();
    assert_eq!(slugs, ["курс", "курс-8", "курс"]);
}

#[test]
fn formats_pages_and_languages_are_seen() {
    let term =
        |taxonomy: &str, slug: &str| ItemTerm { taxonomy: taxonomy.into(), slug: slug.into(), name: String::new() };
    let video = article(&Item { terms: vec![term("post_format", "post-format-video")], ..post() }).record;
    assert_eq!(video.kind, Kind::Video);
    let page =
        article(&Item { post_type: "page".into(), terms: vec![term("post_format", "post-format-image")], ..post() })
            .record;
    assert_eq!(page.kind, Kind::Page);
    let translated =
        article(&Item { terms: vec![term("language", "ky-kg"), term("post_translations", "pll_5f")], ..post() }).record;
    assert_eq!((translated.lang.as_str(), translated.translation_group.as_deref()), ("ky", Some("pll_5f")));
    let mut overridden = Converter::new(Some("uz-Cyrl-UZ".into()));
    let Converted::Article(article) = overridden.convert(&post(), &Shelf) else { panic!("an article") };
    assert_eq!(article.record.lang, "uz-Cyrl");
}
