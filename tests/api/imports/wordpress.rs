//! WordPress exports: imported, and imported again.

use std::io::Cursor;

use xabar::wordpress::{Options, Outcome, WxrImportError, import};

use crate::on_both;
use crate::support::{TestApp, article};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Habar</title><link>https://habar.example</link>
<language>ru-RU</language><wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://habar.example</wp:base_blog_url>
<wp:author><wp:author_login>aida</wp:author_login><wp:author_display_name>Aida</wp:author_display_name></wp:author>"#;

/// An item; `more` holds further elements.
fn item(id: u32, kind: &str, name: &str, status: &str, body: &str, more: &str) -> String {
    format!(
        "<item><title>Item {id}</title><dc:creator>aida</dc:creator><guid>https://habar.example/?p={id}</guid>\
         <content:encoded><![CDATA[{body}]]></content:encoded><excerpt:encoded></excerpt:encoded>\
         <wp:post_id>{id}</wp:post_id><wp:post_date_gmt>2024-02-06 10:00:00</wp:post_date_gmt>\
         <wp:post_name>{name}</wp:post_name><wp:status>{status}</wp:status><wp:post_parent>0</wp:post_parent>\
         <wp:post_type>{kind}</wp:post_type>{more}</item>"
    )
}

fn run(app: &TestApp, items: &[String], options: &Options) -> Result<Outcome, WxrImportError> {
    let export = format!("{HEAD}{}</channel></rss>", items.concat());
    import(&app.db, &app.clock, &[|| Ok(Cursor::new(export.clone()))], options, |_, _| {})
}

/// Imports, twice: the second time must change nothing.
fn twice(app: &TestApp, items: &[String]) -> Outcome {
    let first = run(app, items, &Options::default()).expect("the import runs");
    assert_eq!(first.stored.faults, [], "{first}");
    let second = run(app, items, &Options::default()).expect("the import runs again");
    assert_eq!((second.stored.changes(), second.stored.faults.as_slice()), (0, &[][..]), "{second}");
    first
}

on_both! {
    fn a_post_brings_its_author_tags_hero_and_old_slugs(app: &TestApp) {
        let more = r#"<category domain="category" nicename="mir"><![CDATA[Мир]]></category>
            <category domain="post_tag" nicename="%d0%b3%d0%b0%d0%b7"><![CDATA[Газ]]></category>
            <wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>7</wp:meta_value></wp:postmeta>
            <wp:postmeta><wp:meta_key>_wp_old_slug</wp:meta_key><wp:meta_value>staryj</wp:meta_value></wp:postmeta>"#;
        let picture = "<wp:attachment_url>https://habar.example/wp-content/моё фото.jpg</wp:attachment_url>\
            <wp:postmeta><wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>Труба</wp:meta_value></wp:postmeta>";
        twice(app, &[
            item(5, "post", "%d0%ba%d1%83%d1%80%d1%81", "publish", "Первый\n\n[caption]<img src='a.jpg'/> Подпись[/caption]", more),
            item(7, "attachment", "pic", "inherit", "", picture),
        ]);

        let article = app.get("/v1/articles/курс").json();
        assert_eq!((&article["lang"], &article["authors"][0]["name"]), (&"ru".into(), &"Aida".into()));
        assert_eq!(article["published_at"], "2024-02-06T10:00:00Z");
        let tags: Vec<_> = article["tags"].as_array().expect("tags").iter().map(|tag| (&tag["slug"], &tag["kind"])).collect();
        assert_eq!(tags, [(&"mir".into(), &"section".into()), (&"газ".into(), &"topic".into())]);
        assert_eq!(article["hero"]["alt"], "Труба");
        assert_eq!(article["hero"]["url"], "https://habar.example/wp-content/моё%20фото.jpg");
        let body = article["body"].as_str().expect("a body");
        assert!(body.contains("<figcaption>Подпись</figcaption>") && !body.contains('['), "{body}");
        assert_eq!(app.get("/v1/articles/staryj").status, 301);
    }

    fn private_and_protected_posts_are_never_public(app: &TestApp) {
        twice(app, &[
            item(1, "post", "secret", "private", "x", ""),
            item(2, "post", "locked", "publish", "x", "<wp:post_password>key</wp:post_password>"),
            item(92, "post", "locked-by-a-space", "publish", "x", "<wp:post_password><![CDATA[ ]]></wp:post_password>"),
            item(3, "post", "begun", "draft", "x", ""),
        ]);

        assert_eq!(app.get("/v1/articles").json()["page"]["total"], 0);
        for slug in ["secret", "locked", "begun"] {
            assert_eq!(app.get(&format!("/v1/articles/{slug}")).status, 404, "{slug}");
        }
    }

    fn a_post_thrown_away_since_is_withdrawn(app: &TestApp) {
        twice(app, &[item(1, "post", "life", "publish", "x", "")]);
        assert_eq!(app.get("/v1/articles/life").status, 200);

        twice(app, &[item(1, "post", "life", "trash", "x", ""), item(2, "post", "other", "trash", "x", "")]);

        assert_eq!(app.get("/v1/articles/life").status, 404);
        assert_eq!(app.get("/v1/articles").json()["page"]["total"], 0);
    }

    fn a_story_keeps_its_slug_when_another_of_the_same_name_comes_before_it(app: &TestApp) {
        twice(app, &[item(403, "post", "team", "publish", "x", "")]);

        twice(app, &[item(390, "page", "team", "publish", "x", ""), item(403, "post", "team", "publish", "x", "")]);

        assert_eq!(app.get("/v1/articles/team").json()["title"], "Item 403");
        assert_eq!(app.get("/v1/articles/team-2").json()["title"], "Item 390");
    }

    fn a_slug_goes_from_one_post_to_another_in_one_import(app: &TestApp) {
        let old = |slug: &str| format!("<wp:postmeta><wp:meta_key>_wp_old_slug</wp:meta_key><wp:meta_value>{slug}</wp:meta_value></wp:postmeta>");
        let post = |id, slug: &str, more: &str| item(id, "post", slug, "publish", "x", more);
        twice(app, &[post(1, "rates-2023", ""), post(2, "rates", ""), post(3, "one", ""), post(4, "two", "")]);
        twice(app, &[
            post(1, "rates", &old("rates-2023")),
            post(2, "rates-january", &old("rates")),
            post(3, "two", &old("one")),
            post(4, "one", &old("two")),
        ]);
        for (slug, id) in [("rates", 1), ("rates-january", 2), ("two", 3), ("one", 4)] {
            assert_eq!(app.get(&format!("/v1/articles/{slug}")).json()["title"], format!("Item {id}"), "{slug}");
        }
        assert_eq!(app.get("/v1/articles/rates-2023").status, 301);
        assert_eq!(app.get("/v1/articles").json()["page"]["total"], 4);
    }

    fn of_a_post_that_an_export_has_twice_the_last_one_counts(app: &TestApp) {
        app.store([article("taken")]);
        let post = |slug: &str, body: &str| item(5, "post", slug, "publish", body, "");
        run(app, &[post("taken", "Older."), post("own", "Newer.")], &Options::default()).expect("the import runs");
        assert_eq!(app.get("/v1/articles/own").json()["excerpt"], "Newer.");
        assert_eq!(app.get("/v1/articles").json()["page"]["total"], 2);
    }

    fn escaped_shortcodes_are_shown(app: &TestApp) {
        twice(app, &[item(5, "post", "canal", "publish", "Write [[gallery ids=\"1\"]] and [gallery ids=\"1\"].", "")]);
        assert_eq!(app.get("/v1/articles/canal").json()["excerpt"], "Write [\u{2060}gallery ids=\"1\"] and .");
    }

    fn a_draft_takes_no_slug_that_readers_know_a_later_post_by(app: &TestApp) {
        twice(app, &[
            item(10, "post", "gold-price", "draft", "An early version.", ""),
            item(12, "post", "gold-price", "publish", "What was printed.", ""),
        ]);
        assert_eq!(app.get("/v1/articles/gold-price").json()["title"], "Item 12");
        let begun = item(20, "post", "copper", "draft", "An early version.", "");
        twice(app, std::slice::from_ref(&begun));
        run(app, &[begun, item(21, "post", "copper", "publish", "Printed since.", "")], &Options::default()).expect("the import runs");
        assert_eq!(app.get("/v1/articles/copper").json()["title"], "Item 21");
    }

    fn a_post_finds_what_stands_in_another_file_of_the_export(app: &TestApp) {
        let hero = "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>7</wp:meta_value></wp:postmeta>";
        let body = "<!-- wp:block {\"ref\":8} /-->\n\n[gallery]";
        let picture = "<wp:attachment_url>https://habar.example/a.jpg</wp:attachment_url>";
        let uploaded = item(7, "attachment", "pic", "inherit", "", picture).replace("<wp:post_parent>0<", "<wp:post_parent>5<");
        let files = [
            vec![item(5, "post", "canal", "publish", body, hero)],
            vec![uploaded, item(8, "wp_block", "note", "publish", "<p>Of all stories.</p>", "")],
        ];
        let exports = files.map(|items| format!("{HEAD}{}</channel></rss>", items.concat()));
        let opened = exports.each_ref().map(|export| || Ok(Cursor::new(export.clone())));
        let outcome = import(&app.db, &app.clock, &opened, &Options::default(), |_, _| {}).expect("the import runs");
        assert_eq!((outcome.stored.faults.as_slice(), outcome.export.posts, outcome.export.media), (&[][..], 1, 1), "{outcome}");
        let article = app.get("/v1/articles/canal").json();
        let body = article["body"].as_str().expect("a body");
        assert!(body.contains("Of all stories.") && body.contains("https://habar.example/a.jpg"), "{body}");
        assert_eq!(article["hero"]["url"], "https://habar.example/a.jpg");
    }

    fn a_reusable_block_that_is_not_published_shows_nothing(app: &TestApp) {
        let body = "<p>Open.</p><!-- wp:block {\"ref\":8} /--><!-- wp:block {\"ref\":9} /--><!-- wp:block {\"ref\":10} /-->";
        let locked = "<wp:post_password>key</wp:post_password>";
        let report = twice(app, &[
            item(5, "post", "canal", "publish", body, ""),
            item(8, "wp_block", "a", "trash", "<p>Thrown away.</p>", ""),
            item(9, "wp_block", "b", "draft", "<p>Begun.</p>", ""),
            item(10, "wp_block", "c", "publish", "<p>Locked.</p>", locked),
        ]);
        assert_eq!(app.get("/v1/articles/canal").json()["body"], "<p>Open.</p>");
        assert!(report.to_string().contains("dropped block block 3 times"), "{report}");
    }

    fn files_of_two_sites_are_no_export(app: &TestApp) {
        let export = |site: &str, items: &str| format!("{}{items}</channel></rss>", HEAD.replace("<wp:base_blog_url>https://habar.example<", &format!("<wp:base_blog_url>{site}<")));
        let files = |sites: [&str; 2]| sites.map(|site| export(site, &item(1, "post", "a", "publish", "x", "")));
        let import = |files: [String; 2]| {
            let opened = files.each_ref().map(|file| || Ok(Cursor::new(file.clone())));
            import(&app.db, &app.clock, &opened, &Options::default(), |_, _| {})
        };
        let error = import(files(["https://habar.example", "https://kabar.example"])).expect_err("two sites").to_string();
        assert!(error.contains("https://kabar.example") && error.contains("import each site by itself"), "{error}");
        assert_eq!(app.get("/v1/authors").json()["page"]["total"], 0, "nothing of either is stored");
        import(files(["http://habar.example", "https://habar.example"])).expect("one site");
    }

    fn what_is_written_in_custom_fields_is_told(app: &TestApp) {
        let field = |key: &str, value: &str| format!("<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{value}</wp:meta_value></wp:postmeta>");
        let built = field("_elementor_data", "[{}]") + &field("lead", "Water.") + &field("_edit_last", "1") + &field("rating", "");
        let report = twice(app, &[item(5, "post", "canal", "publish", "", &built), item(6, "post", "b", "draft", "", "")]).to_string();
        assert!(report.contains("\n1 published posts without a text\n"), "{report}");
        assert!(report.contains("left out 1 custom fields _elementor_data:") && report.contains("left out 1 custom fields lead:"), "{report}");
        assert!(!report.contains("_edit_last") && !report.contains("rating"), "{report}");
    }

    fn the_original_on_another_site_is_named(app: &TestApp) {
        let field = |key: &str, value: &str| format!("<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{value}</wp:meta_value></wp:postmeta>");
        twice(app, &[
            item(5, "post", "taken", "publish", "x", &field("_yoast_wpseo_canonical", "https://kabar.example/orig")),
            item(6, "post", "own", "publish", "x", &field("rank_math_canonical_url", "https://www.habar.example/own")),
        ]);
        let original = |slug: &str| app.get(&format!("/v1/articles/{slug}")).json()["canonical_url"].clone();
        assert_eq!((original("taken"), original("own")), ("https://kabar.example/orig".into(), serde_json::Value::Null));
    }

    fn guest_authors_are_known_by_their_names(app: &TestApp) {
        let term = r#"<category domain="author" nicename="cap-aigul-j"><![CDATA[aigul-j]]></category>"#;
        let guest = "<wp:postmeta><wp:meta_key>cap-user_login</wp:meta_key><wp:meta_value>aigul-j</wp:meta_value></wp:postmeta>\
            <wp:postmeta><wp:meta_key>cap-display_name</wp:meta_key><wp:meta_value>Aigul J.</wp:meta_value></wp:postmeta>\
            <wp:postmeta><wp:meta_key>cap-description</wp:meta_key><wp:meta_value>Writes of water.</wp:meta_value></wp:postmeta>";
        let report = twice(app, &[
            item(5, "post", "canal", "publish", "Text.", term),
            item(6, "guest-author", "cap-aigul-j", "publish", "", guest),
        ]);
        let byline = app.get("/v1/articles/canal").json()["authors"].clone();
        assert_eq!(byline, serde_json::json!([{"slug": "aigul-j", "name": "Aigul J."}]));
        assert_eq!(app.get("/v1/authors/aigul-j").json()["bio"], "Writes of water.");
        assert!(report.to_string().contains("guest author"), "{report}");
    }

    fn what_has_no_kind_of_tag_is_told_and_the_default_category_is_none(app: &TestApp) {
        let terms = r#"<category domain="region" nicename="osh"><![CDATA[Ош]]></category>
            <category domain="nav_menu" nicename="main"><![CDATA[Main]]></category>
            <category domain="category" nicename="bez-rubriki"><![CDATA[Без рубрики]]></category>"#;
        let report = twice(app, &[item(5, "post", "canal", "publish", "Text.", terms)]).to_string();
        assert!(report.contains("left out 1 terms of the taxonomy region") && !report.contains("nav_menu"), "{report}");
        assert_eq!(app.get("/v1/articles/canal").json()["tags"], serde_json::json!([]));
    }

    fn the_languages_of_a_plugin_go_by_their_locale(app: &TestApp) {
        let language = r#"<wp:term><wp:term_id>3</wp:term_id><wp:term_taxonomy>language</wp:term_taxonomy>
            <wp:term_slug>kg</wp:term_slug><wp:term_name>Кыргызча</wp:term_name>
            <wp:term_description>a:3:{s:6:"locale";s:5:"ky_KG";s:3:"rtl";i:0;s:9:"flag_code";s:2:"kg";}</wp:term_description></wp:term>"#;
        let own = r#"<category domain="language" nicename="kg"><![CDATA[Кыргызча]]></category>"#;
        twice(app, &[language.to_owned(), item(5, "post", "canal", "publish", "Text.", own)]);
        assert_eq!(app.get("/v1/articles/canal").json()["lang"], "ky");
    }

    fn a_blank_in_a_file_s_name_is_no_fault(app: &TestApp) {
        let file = "<wp:attachment_url>https://habar.example/files/my photo.jpg</wp:attachment_url>\
            <wp:postmeta><wp:meta_key>_wp_attachment_metadata</wp:meta_key><wp:meta_value><![CDATA[a:1:{s:5:\"sizes\";a:1:{s:6:\"medium\";\
            a:3:{s:4:\"file\";s:20:\"my photo-300x200.jpg\";s:5:\"width\";i:300;s:6:\"height\";i:200;}}}]]></wp:meta_value></wp:postmeta>";
        let hero = "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>7</wp:meta_value></wp:postmeta>";
        twice(app, &[item(5, "post", "canal", "publish", "Text.", hero), item(7, "attachment", "pic", "inherit", "", file)]);
        let hero = app.get("/v1/articles/canal").json()["hero"].clone();
        assert_eq!(hero["renditions"][0]["url"], "https://habar.example/files/my%20photo-300x200.jpg", "{hero}");
    }

    fn posts_with_one_guid_are_two_posts(app: &TestApp) {
        let twin = item(2, "post", "b", "publish", "x", "").replace("?p=2", "?p=1");
        twice(app, &[item(1, "post", "a", "publish", "x", ""), twin]);

        assert_eq!(app.get("/v1/articles?sort=title").slugs(), ["a", "b"]);
    }

    fn a_post_that_nothing_tells_from_another_is_refused(app: &TestApp) {
        let nameless = |slug: &str| {
            let item = item(7, "post", slug, "publish", "x", "");
            let guid = item.find("<guid").and_then(|at| Some(at..item[at..].find("</guid>")? + at + 7)).expect("a guid");
            item.replace(&item[guid], "").replace("<wp:post_id>7</wp:post_id>", "")
        };
        let items = [nameless("a"), nameless("b"), item(2, "post", "c", "publish", "x", "")];
        let outcome = run(app, &items, &Options::default()).expect("the import runs");
        assert_eq!(outcome.stored.faults.len(), 2, "{outcome:?}");
        assert_eq!(app.get("/v1/articles").slugs(), ["c"]);
    }

    fn a_dry_run_counts_all_and_keeps_nothing(app: &TestApp) {
        let options = Options { dry_run: true, ..Options::default() };
        let outcome = run(app, &[item(1, "post", "a", "publish", "x", "")], &options).expect("the import runs");

        assert_eq!(outcome.stored.changes(), 2, "an author and a post: {outcome}");
        assert_eq!(app.get("/v1/articles").json()["page"]["total"], 0);
        assert_eq!(app.get("/v1/authors").json()["page"]["total"], 0);
    }

    fn titles_and_names_have_no_shortcodes(app: &TestApp) {
        let titled = item(1, "post", "a", "publish", "x", "").replace("Item 1", "Gas [gallery ids=\"1\"] &amp; oil [sic]");
        twice(app, &[titled]);

        assert_eq!(app.get("/v1/articles/a").json()["title"], "Gas & oil [sic]");
    }
}

#[test]
fn what_is_no_export_is_refused() {
    let app = TestApp::start(xabar::db::Backend::Sqlite);
    for (input, reason) in [
        ("<!DOCTYPE html><html></html>", "DOCTYPE"),
        ("<html><body>Sign in</body></html>", "not a WordPress export"),
        (HEAD, "ends too early"),
        ("", "not a WordPress export"),
    ] {
        let error = import(&app.db, &app.clock, &[|| Ok(Cursor::new(input))], &Options::default(), |_, _| {});
        let error = error.expect_err(reason).to_string();
        assert!(error.contains(reason), "{error}");
    }
}
