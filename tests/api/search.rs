//! Full-text search: `q` of `/v1/articles`.

use diesel::prelude::*;
use serde_json::json;
use xabar::access::Scope;
use xabar::db::remember;

use crate::on_both;
use crate::support::{TestApp, article};

const NOTHING: [&str; 0] = [];

/// Stores `(slug, title, body)`, each a day newer than the one before.
fn fill(app: &TestApp, texts: &[(&str, &str, &str)]) {
    app.store((1..).zip(texts).map(|(day, (slug, title, body))| {
        let at = format!("2026-05-{day:02}T09:00:00Z");
        article(slug).with("title", *title).with("body", format!("<p>{body}</p>")).at(&at)
    }));
}

/// What `q` finds, the newest first; the total must agree.
fn found(app: &TestApp, q: &str) -> Vec<String> {
    let answer = app.get_query("/v1/articles", &[("q", q)]);
    assert_eq!(answer.status, 200, "{q}: {}", answer.json());
    assert_eq!(answer.header("x-total-count"), answer.slugs().len().to_string(), "{q}");
    answer.slugs()
}

fn relevant(app: &TestApp, q: &str) -> Vec<String> {
    let answer = app.get_query("/v1/articles", &[("q", q), ("sort", "relevance")]);
    assert_eq!(answer.status, 200, "{q}: {}", answer.json());
    answer.slugs()
}

fn highlight(app: &TestApp, q: &str) -> serde_json::Value {
    app.get_query("/v1/articles", &[("q", q), ("highlight", "true")]).json()["data"][0]["highlight"].clone()
}

on_both! {
    fn every_word_must_be_somewhere(app: &TestApp) {
        fill(app, &[("a", "Rail link", "opens in Baku"), ("b", "Rail", "closed"), ("c", "Baku", "rail news")]);

        assert_eq!(found(app, "rail"), ["c", "b", "a"]);
        assert_eq!(found(app, "baku rail"), ["c", "a"]);
        assert_eq!(found(app, "RAIL Baku opens"), ["a"]);
        assert_eq!(found(app, "rail road"), NOTHING);
    }

    fn title_standfirst_and_text_are_searched_and_nothing_else(app: &TestApp) {
        app.store([
            article("in-title").with("title", "Xylograph"),
            article("in-standfirst").with("standfirst", "A xylograph."),
            article("in-text").with("body", "<p>xylograph</p>"),
            article("in-markup").with("body", "<p title=\"xylograph\">a</p><script>xylograph</script>"),
            article("in-comment").with("body", "<!-- xylograph --><img src=\"/xylograph\" alt=\"xylograph\">"),
            article("in-caption").with("body", "<figure><figcaption>xylograph</figcaption></figure>"),
            article("xylograph").with("title", "b").with("body", "<p>c</p>"),
        ]);

        assert_eq!(found(app, "xylograph"), ["in-text", "in-standfirst", "in-title"]);
    }

    fn an_edit_and_an_unpublication_show_at_once(app: &TestApp) {
        app.store([article("a").with("title", "Copper")]);
        assert_eq!(found(app, "copper"), ["a"]);

        app.store([article("a").with("title", "Nickel")]);
        assert_eq!((found(app, "copper"), found(app, "nickel")), (vec![], vec!["a".to_owned()]));

        app.store([article("a").with("title", "Nickel").with("status", "withdrawn")]);
        assert_eq!(found(app, "nickel"), NOTHING);
    }

    fn the_last_word_also_matches_what_begins_with_it(app: &TestApp) {
        fill(app, &[("a", "Railway station", "x"), ("b", "Rail strike", "y"), ("c", "Monorail", "z")]);

        assert_eq!(found(app, "rail"), ["b", "a"]);
        assert_eq!(found(app, "rail stat"), NOTHING);
        assert_eq!(found(app, "railway stat"), ["a"]);
        assert_eq!(found(app, "stat railway"), NOTHING);
        assert_eq!(found(app, "\"rail\""), ["b"]);
        assert_eq!(found(app, "rai -strike"), ["a"]);
        // Nearly every text has a word that begins with a given letter.
        assert_eq!((found(app, "ra"), found(app, "r"), found(app, "x")), (vec!["b".into(), "a".into()], vec![], vec!["a".into()]));
    }

    fn a_phrase_stands_together_and_in_order(app: &TestApp) {
        fill(app, &[
            ("a", "Green energy grows", "x"), ("b", "Energy: green or not", "x"), ("c", "Green", "energy"),
            ("d", "Wind", "more green, energy for all"),
        ]);

        assert_eq!(found(app, "green energy"), ["d", "c", "b", "a"]);
        for q in ["\"green energy\"", "«Green Energy»", "“green energy”", "\"green-energy\"", "green-energy"] {
            assert_eq!(found(app, q), ["d", "a"], "{q}");
        }
        assert_eq!(found(app, "\"green ener\""), NOTHING);
        assert_eq!(found(app, "\"green energy\" wind"), ["d"]);
    }

    fn a_phrase_is_found_however_late_and_however_common_its_words(app: &TestApp) {
        // More often than a tsvector keeps places of a word; after its last place; past the megabyte that both index.
        let common = format!("{} at last the heron came", "the river and ".repeat(400));
        let late = format!("{} alpha beta", (0..17_000).map(|n| format!("w{n} ")).collect::<String>());
        let endless = (0..170_000).map(|n| format!("unique{n} ")).collect::<String>();
        fill(app, &[("a", "Heron", &common), ("b", "Late", &late), ("c", "Endless", &endless)]);

        for (q, expected) in [
            ("\"the heron\"", vec!["a"]), ("\"heron the\"", vec![]), ("heron", vec!["a"]), ("-\"the heron\"", vec!["c", "b"]),
            ("\"alpha beta\"", vec!["b"]), ("\"beta alpha\"", vec![]), ("alpha-be", vec!["b"]), ("\"w16998 w16999 alpha\"", vec!["b"]),
            ("\"heron at\"", vec![]), ("\"unique1 unique2\"", vec!["c"]), ("\"late w0\"", vec![]),
            ("\"unique169998 unique169999\"", vec![]), ("unique169999", vec![]), ("-unique169999", vec!["c", "b", "a"]),
        ] {
            assert_eq!(found(app, q), expected, "{q}");
        }
    }

    fn an_exclusion_leaves_out(app: &TestApp) {
        fill(app, &[("a", "Rail freight", "x"), ("b", "Rail passenger", "x"), ("c", "Rail night train", "x")]);

        assert_eq!(found(app, "rail -freight"), ["c", "b"]);
        assert_eq!(found(app, "rail -freight -passenger"), ["c"]);
        assert_eq!(found(app, "rail -\"night train\""), ["b", "a"]);
        assert_eq!(found(app, "rail -\"train night\""), ["c", "b", "a"]);
        assert_eq!(found(app, "rail -frei"), ["c", "b", "a"], "an excluded word is whole");
        assert_eq!(found(app, "rail -rail"), NOTHING);
    }

    fn exclusions_alone_leave_out_of_everything(app: &TestApp) {
        fill(app, &[("a", "Rail freight", "x"), ("b", "Rail passenger", "x")]);

        assert_eq!(found(app, "-freight"), ["b"]);
        assert_eq!(found(app, "-freight -passenger"), NOTHING);
        assert_eq!(found(app, "-road"), ["b", "a"]);
        assert_eq!(relevant(app, "-road"), ["b", "a"]);
        assert_eq!(highlight(app, "-freight"), json!({"title": "Rail passenger", "excerpt": "x"}));
    }

    fn exclusions_alone_walk_by_relevance_too(app: &TestApp) {
        fill(app, &[("a", "Rail", "x"), ("b", "Road", "x"), ("c", "Air", "x")]);

        let first = app.get("/v1/articles?q=-air&sort=relevance&cursor=*&limit=1");
        assert_eq!((first.status, first.slugs()), (200, vec!["b".to_owned()]));
        let next = first.json()["links"]["next"].as_str().expect("there is more").to_owned();
        assert_eq!(app.get(&next).slugs(), ["a"]);
    }

    fn nothing_but_punctuation_finds_nothing(app: &TestApp) {
        fill(app, &[("a", "Rail -- \"!\"", "...")]);

        for q in ["", " ", "\"", "\"\"", "-", "--", "- -", "!?.,;:", "«»", "***", "-\"\"", "—", "🚂"] {
            assert_eq!(found(app, q), NOTHING, "{q:?}");
            assert_eq!(relevant(app, q), NOTHING, "{q:?}");
        }
    }

    fn an_unbalanced_quote_lasts_to_the_end(app: &TestApp) {
        fill(app, &[("a", "Green energy grows", "x"), ("b", "Energy green grows", "x")]);

        assert_eq!(found(app, "\"green energy"), ["a"]);
        assert_eq!(found(app, "grows \"green energy"), ["a"]);
        assert_eq!(found(app, "green energy\""), ["b", "a"]);
        assert_eq!(found(app, "grows -\"green energy"), ["b"]);
    }

    fn russian_matches_in_any_case_with_or_without_the_dots(app: &TestApp) {
        fill(app, &[("a", "Курс сома к доллару", "x"), ("b", "Ёлка в Бишкеке", "x")]);

        for q in ["СОМА", "курс сома", "Курс Со", "\"сома к доллару\""] {
            assert_eq!(found(app, q), ["a"], "{q}");
        }
        assert_eq!(found(app, "курса"), NOTHING);
        assert_eq!((found(app, "елка"), found(app, "ЁЛКА")), (vec!["b".to_owned()], vec!["b".to_owned()]));
    }

    fn kazakh_letters_stay_distinct(app: &TestApp) {
        fill(app, &[("a", "ҚАЗАҚСТАН теңгесі", "Әлемдік өңір, ұлттық ғылым"), ("b", "Казахстан", "тенге")]);

        for q in ["қазақстан", "Қазақ", "әлемдік", "теңге", "ӨҢІР", "ұлттық ҒЫЛЫМ"] {
            assert_eq!(found(app, q), ["a"], "{q}");
        }
        for q in ["казахстан", "тенге"] {
            assert_eq!(found(app, q), ["b"], "{q}");
        }
    }

    fn uzbek_in_latin_script_matches_with_any_apostrophe(app: &TestApp) {
        fill(app, &[
            ("a", "Oʻzbekiston soʻmi", "x"), ("b", "O‘zbekiston so‘mi", "x"), ("c", "O'zbekiston so'mi", "x"),
            ("d", "Ozodlik", "x"),
        ]);

        for q in [
            "Oʻzbekiston", "o‘zbekiston", "O’ZBEKISTON", "o'zbekiston", "o`zbek", "ozbekiston", "\"o'zbekiston so'mi\"",
        ] {
            assert_eq!(found(app, q), ["c", "b", "a"], "{q}");
        }
    }

    fn uzbek_in_cyrillic_script_matches_with_or_without_the_breve(app: &TestApp) {
        fill(app, &[("a", "Ўзбекистон сўми", "ғалаба, ҳаракат, қарор"), ("b", "Қирғизистон", "галаба")]);

        for q in ["ўзбекистон", "ЎЗБЕКИСТОН", "узбекистон", "сўми", "ғалаба ҳаракат", "Қарор"] {
            assert_eq!(found(app, q), ["a"], "{q}");
        }
        assert_eq!(found(app, "галаба"), ["b"]);
    }

    fn words_of_one_script_and_composition_match_another_form(app: &TestApp) {
        fill(app, &[("a", "Café Ergänzung", "x")]);

        for q in ["cafe", "CAFÉ", "cafe\u{301}", "erganzung"] {
            assert_eq!(found(app, q), ["a"], "{q}");
        }
    }

    fn the_newest_come_first_unless_asked_for_relevance(app: &TestApp) {
        let with = |slug: &str, day: u8| article(slug).at(&format!("2026-05-0{day}T09:00:00Z")).with("title", "Plain");
        app.store([
            with("title", 1).with("title", "Copper price"),
            with("standfirst", 2).with("standfirst", "Copper again"),
            with("old-text", 3).with("body", "<p>copper</p>"),
            with("new-text", 4).with("body", "<p>copper copper copper</p>"),
            with("both", 1).with("title", "Copper mine").with("standfirst", "Of copper."),
        ]);

        assert_eq!(found(app, "copper"), ["new-text", "old-text", "standfirst", "both", "title"]);
        assert_eq!(relevant(app, "copper"), ["both", "title", "standfirst", "new-text", "old-text"]);
    }

    fn more_words_in_the_title_are_more_relevant_and_ties_go_by_id(app: &TestApp) {
        app.store([
            article("two").with("title", "Copper exports").with("body", "<p>x</p>"),
            article("one").with("title", "Copper").with("body", "<p>exports</p>"),
            article("none").with("title", "Plain").with("body", "<p>copper exports</p>"),
            article("one-too").with("title", "Exports").with("body", "<p>copper</p>"),
        ]);

        assert_eq!(relevant(app, "copper exports"), ["two", "one-too", "one", "none"]);
    }

    fn search_narrows_together_with_filters(app: &TestApp) {
        app.store([
            article("a").tags(&["rail"]).with("lang", "ru"),
            article("b").tags(&["rail"]),
            article("c").with("lang", "ru"),
        ]);

        let list = app.get("/v1/articles?q=body&tag=rail&lang=ru");

        assert_eq!((list.slugs(), list.header("x-total-count")), (vec!["a".to_owned()], "1"));
    }

    fn highlights_mark_matches_and_escape_everything_else(app: &TestApp) {
        app.store([article("a")
            .with("title", "<b>Rail</b> & \"road\" 'x' railway")
            .with("body", "<p>a &lt;script&gt;alert(1)&lt;/script&gt; rail &amp; more</p>")]);

        let shown = highlight(app, "rail");

        assert_eq!(
            shown["excerpt"],
            "a &lt;script&gt;alert(1)&lt;/script&gt; <mark>rail</mark> &amp; more"
        );
        let title = shown["title"].as_str().expect("a text");
        assert!(title.starts_with("&lt;b&gt;<mark>Rail</mark>&lt;/b&gt; &amp; "), "{title}");
        assert!(title.ends_with("<mark>railway</mark>"), "{title}");
        assert_eq!(title.replace("<mark>", "").replace("</mark>", "").find(['<', '>']), None, "{title}");
    }

    fn a_highlight_shows_forty_words_around_the_match(app: &TestApp) {
        let words = |from: usize, to: usize| (from..=to).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        let body = format!("<p>{} needle {}</p>", words(1, 100), words(101, 600));
        app.store([article("a").with("body", body)]);

        let shown = highlight(app, "needle");

        let excerpt = shown["excerpt"].as_str().expect("a text");
        assert!(excerpt.starts_with("...w") && excerpt.ends_with("..."), "{excerpt}");
        assert!(excerpt.contains(" w100 <mark>needle</mark> w101 "), "{excerpt}");
        assert_eq!(excerpt.split(' ').count(), 40);
        assert_eq!(shown["title"], "Title of a");
    }

    fn a_match_deep_in_a_long_text_is_found_and_shown(app: &TestApp) {
        let words = (1..=2000).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        app.store([article("a").with("body", format!("<p>{words} needle</p>"))]);

        assert_eq!(found(app, "needle"), ["a"]);
        let shown = highlight(app, "needle");
        assert!(shown["excerpt"].as_str().is_some_and(|text| text.ends_with("w2000 <mark>needle</mark>")), "{shown}");
    }

    fn highlights_come_only_when_asked_for(app: &TestApp) {
        app.store([article("a")]);

        for query in ["q=title", "q=title&highlight=false"] {
            assert_eq!(app.get(&format!("/v1/articles?{query}")).json()["data"][0].get("highlight"), None, "{query}");
        }
        let sparse = app.get("/v1/articles?q=title&highlight=true&fields=slug,highlight").json();
        assert_eq!(sparse["data"], json!([{"slug": "a",
            "highlight": {"title": "<mark>Title</mark> of a", "excerpt": "Body of a."}}]));
        for query in ["highlight=true", "q=a&highlight=yes"] {
            let answer = app.get(&format!("/v1/articles?{query}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"), "{query}");
            assert_eq!(answer.json()["errors"][0]["parameter"], "highlight", "{query}");
        }
    }

    fn too_long_a_query_is_refused(app: &TestApp) {
        fill(app, &[("a", "a b", "c")]);

        let most_words = ["a"; 64].join(" ");
        assert_eq!(found(app, &most_words), ["a"]);
        assert_eq!(relevant(app, &most_words), ["a"]);
        assert_eq!(found(app, &"ў".repeat(128)), NOTHING);
        for q in ["ў".repeat(129), ["a"; 65].join(" ")] {
            let answer = app.get_query("/v1/articles", &[("q", &q)]);
            assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"), "{q}");
            assert_eq!(answer.json()["errors"][0]["parameter"], "q");
        }
    }

    fn control_characters_and_broken_utf_8_are_refused(app: &TestApp) {
        for q in ["%00", "a%00b", "%0a", "%1b%5b", "%7f", "%c2%85", "%ff", "%d1", "%ed%a0%80"] {
            let answer = app.get(&format!("/v1/articles?q={q}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"), "{q}");
        }
    }

    fn the_words_of_the_query_languages_are_words(app: &TestApp) {
        fill(app, &[("a", "To be or not to be, and near", "x"), ("b", "Plain", "x")]);

        for q in ["not", "or", "and", "near", "or not", "be AND near", "NOT near", "\"or not\""] {
            assert_eq!(found(app, q), ["a"], "{q}");
        }
        assert_eq!(found(app, "plain OR near"), NOTHING);
        assert_eq!(found(app, "title:plain"), NOTHING);
    }

    fn a_hostile_query_is_an_ordinary_one(app: &TestApp) {
        fill(app, &[("a", "Rail", "x")]);
        let nested = "(".repeat(128);

        for q in [
            "'", "''", "\\", "\\'", "'; DROP TABLE articles; --", "' OR '1'='1", "rail' --", "rail\\", "%", "_",
            "rail%", "*", "rail*", "*rail", "r*l", "rail:*", ":*", "rail & ", "& | !", "!rail", "!!", "rail <-> x",
            "<->", "<2>", "()", "(rail", "rail)", &nested, "{title}:rail", "{title} : (rail)", "title:", "^rail",
            "rail ^", "NEAR(", "NEAR(rail, 2)", "AND", "OR", "NOT", "rail AND", "AND rail", "rail NOT", "-", "rail -",
            "-\"", "\"rail", "rail\"", "\"\"rail\"\"", "\"rail\" \"", "«rail", "+rail", "$1", "$$", "?1", ":a", "@@",
            "@rail", "/*", "--", "\u{feff}", "\u{200d}", "\u{301}", "\u{301}rail", "\u{202e}rail", "👩\u{200d}🚀", "ı",
            "İ", "ß", "ﬃ", "٣", "½", "①", "ʻ", "oʻ", "'o", "o'", "𝔯𝔞𝔦𝔩", "漢字", "\u{10ffff}", "\u{e000}", "\u{fffd}",
            "1e999", "0x41", "null", "<mark>", "</mark>&lt;",
        ] {
            for (sort, highlight) in [("-published_at", "true"), ("relevance", "false")] {
                let answer = app.get_query("/v1/articles", &[("q", q), ("sort", sort), ("highlight", highlight)]);
                assert_eq!(answer.status, 200, "{q:?} {sort}: {}", answer.json());
            }
        }
        assert_eq!(found(app, "rail"), ["a"]);
    }

    fn an_apostrophe_of_any_kind_is_found_by_any(app: &TestApp) {
        fill(app, &[("a", "Sanʼat", "x"), ("b", "San'at", "x"), ("c", "San’at", "x"), ("d", "Sanoat", "x"), ("e", "Sanʻati", "x")]);

        for q in ["san'at", "sanʼat", "San‘at", "san`at", "sanʻat"] {
            assert_eq!(found(app, q), ["e", "c", "b", "a"], "{q}");
        }
        assert_eq!(highlight(app, "san'at")["title"], "<mark>Sanʻati</mark>");
    }

    fn an_index_in_another_form_is_made_anew_once_at_the_start(app: &TestApp) {
        fill(app, &[("a", "Rail", "The night train to Aktau"), ("b", "Sea", "Night train &amp; ferry")]);
        let tag = json!({"slug": "t", "name": "Sanʼat", "kind": "topic", "description": "", "aliases": []});
        assert_eq!(app.post("/v1/manage/tags", &app.key(&[Scope::ContentWrite]), &tag).status, 201);
        let begin = |form: &'static str| {
            app.db
                .write_here(|conn| {
                    diesel::sql_query("DELETE FROM article_search").execute(conn)?;
                    for (table, column) in [("articles", "title_key"), ("tags", "name_key")] {
                        diesel::sql_query(format!("UPDATE {table} SET {column} = 'x'")).execute(conn)?;
                    }
                    remember(conn, "search", form)
                })
                .expect("a write");
            let started = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
            let tags = started.get("/v1/tags?q=san'at").slugs();
            let titles = started.get("/v1/articles?sort=title").slugs();
            (started.get("/v1/articles?q=\"night train\"").slugs(), tags, titles)
        };
        // Remembered as done, it is not looked for again.
        assert_eq!(begin("2"), (vec![], vec![], vec!["a".into(), "b".into()]));
        let all = (vec!["b".into(), "a".into()], vec!["t".into()], vec!["a".into(), "b".into()]);
        assert_eq!(begin("1"), all);
        // One that ended on its way is taken over from there.
        assert_eq!(begin("2 up to 1"), (vec!["b".into()], all.1, vec!["b".into(), "a".into()]));
    }
}
