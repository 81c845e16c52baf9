//! The excerpt, by the rule that front ends rely on to the word.

use serde_json::Value;

use crate::on_both;
use crate::support::{TestApp, article};

fn excerpt(app: &TestApp, words: usize) -> Value {
    app.get(&format!("/v1/articles?excerpt_words={words}")).json()["data"][0]["excerpt"].clone()
}

on_both! {
    fn dots_follow_if_and_only_if_something_was_cut(app: &TestApp) {
        app.store([article("a").with("body", "<p>one two three</p>")]);

        assert_eq!(excerpt(app, 1), "one...");
        assert_eq!(excerpt(app, 2), "one two...");
        assert_eq!(excerpt(app, 3), "one two three");
        assert_eq!(excerpt(app, 500), "one two three");
    }

    fn a_text_that_ends_in_dots_gets_no_more(app: &TestApp) {
        app.store([article("a").with("body", "<p>one two...</p>")]);

        assert_eq!(excerpt(app, 2), "one two...");
        assert_eq!(excerpt(app, 1), "one...");
    }

    fn a_non_breaking_space_does_not_part_words(app: &TestApp) {
        app.store([article("a").with("body", "<p>5&nbsp;000&#160;soms rose\u{a0}fast now</p>")]);

        assert_eq!(excerpt(app, 1), "5\u{a0}000\u{a0}soms...");
        assert_eq!(excerpt(app, 2), "5\u{a0}000\u{a0}soms rose\u{a0}fast...");
        assert_eq!(app.get("/v1/articles/a").json()["word_count"], 3);
    }

    fn other_unicode_spaces_do_not_part_words_either(app: &TestApp) {
        app.store([article("a").with("body", "<p>a\u{2003}b\u{2009}c d</p>")]);

        assert_eq!(excerpt(app, 1), "a\u{2003}b\u{2009}c...");
    }

    fn a_dash_between_spaces_is_a_word(app: &TestApp) {
        app.store([article("a").with("body", "<p>Алматы — город - сад</p>")]);

        assert_eq!(excerpt(app, 2), "Алматы —...");
        assert_eq!(excerpt(app, 4), "Алматы — город -...");
        assert_eq!(app.get("/v1/articles/a").json()["word_count"], 5);
    }

    fn runs_of_white_space_become_one_space(app: &TestApp) {
        app.store([article("a").with("body", "<p>one\t \r\n two</p>\n\n<p>three<br>four</p>")]);

        assert_eq!(excerpt(app, 4), "one two three four");
    }

    fn entities_are_decoded(app: &TestApp) {
        let body = "<p>R&amp;D &lt;tag&gt; &#8220;caf&eacute;&#8221; &amp;amp; &mdash; end</p>";
        app.store([article("a").with("body", body)]);

        assert_eq!(excerpt(app, 500), "R&D <tag> “café” &amp; — end");
    }

    fn markup_is_removed_without_joining_or_parting_words(app: &TestApp) {
        let body = "<h2>Head</h2><p>in<em>line</em> <a href=\"/x\">link</a></p><ul><li>one</li><li>two</li></ul>\
            <table><tr><td>a</td><td>b</td></tr></table>";
        app.store([article("a").with("body", body)]);

        assert_eq!(excerpt(app, 500), "Head inline link one two a b");
    }

    fn comments_and_programs_are_left_out(app: &TestApp) {
        let body = "<!-- wp:paragraph {\"a\":1} --><p>one</p><!-- /wp:paragraph -->\
            <script>no</script><style>no</style><p>two</p>";
        app.store([article("a").with("body", body)]);

        assert_eq!(excerpt(app, 500), "one two");
        assert_eq!(excerpt(app, 1), "one...");
    }

    fn a_caption_is_not_part_of_the_text(app: &TestApp) {
        let caption = "<figcaption>Photo: <b>somebody</b></figcaption>";
        let figure = format!("<figure><img src=\"/a.jpg\" alt=\"hidden\">{caption}</figure>");
        app.store([article("a").with("body", format!("{figure}<p>one</p>{figure}<p>two</p>{figure}"))]);

        assert_eq!(excerpt(app, 2), "one two", "what is left out is not cut");
        assert_eq!(app.get("/v1/articles/a").json()["word_count"], 2);
    }

    fn a_standfirst_does_not_replace_it(app: &TestApp) {
        app.store([article("a").with("standfirst", "A lead.").with("body", "<p>one two</p>")]);

        let card = app.get("/v1/articles").json()["data"][0].clone();

        assert_eq!((&card["standfirst"], &card["excerpt"]), (&"A lead.".into(), &"one two".into()));
    }

    fn it_has_55_words_unless_told_and_500_at_most(app: &TestApp) {
        let words = |count: usize| (1..=count).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        app.store([article("a").with("body", format!("<p>{}</p>", words(501)))]);

        let card = app.get("/v1/articles").json()["data"][0].clone();
        assert_eq!(card["excerpt"], format!("{}...", words(55)));
        assert_eq!(app.get("/v1/articles/a").json()["excerpt"], format!("{}...", words(55)));
        assert_eq!(excerpt(app, 500), format!("{}...", words(500)));
        assert_eq!((&card["word_count"], &card["reading_minutes"]), (&501.into(), &3.into()));

        app.store([article("a").with("body", format!("<p>{}</p>", words(500)))]);
        assert_eq!(excerpt(app, 500), words(500));
    }

    fn a_number_out_of_range_is_refused(app: &TestApp) {
        app.store([article("a")]);
        for (words, code) in [
            ("501", "limit-too-large"),
            ("0", "invalid-parameter"),
            ("-5", "invalid-parameter"),
            ("", "invalid-parameter"),
        ] {
            for path in ["/v1/articles", "/v1/articles/a", "/v1/articles/a/related"] {
                let answer = app.get(&format!("{path}?excerpt_words={words}"));
                assert_eq!((answer.status, answer.code().as_str()), (400, code), "{path} {words}");
            }
        }
    }

    fn an_empty_body_has_an_empty_excerpt(app: &TestApp) {
        app.store([article("a").with("body", "")]);

        let card = app.get("/v1/articles").json()["data"][0].clone();

        assert_eq!(card["excerpt"], "");
        assert_eq!((&card["word_count"], &card["reading_minutes"]), (&0.into(), &1.into()));
    }
}
