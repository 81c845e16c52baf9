//! Pages far into long lists, which are read from the nearer end and by way of the spans that are kept of each list.

use diesel::prelude::*;
use serde_json::json;
use xabar::access::Scope;
use xabar::articles::queries::complete;
use xabar::clock::Timestamp;
use xabar::db::schema::list_spans;
use xabar::db::{DbConnection, DbError};

use super::walks::{every_way, page};
use crate::on_both;
use crate::support::{ArticleBuilder, Random, TestApp, article};

const STORIES: usize = 1_500;
const DAY: i64 = 86_400_000_000;

/// Some years before 1970 and some after it, some days with many stories and most with none.
fn story(number: usize, random: &mut Random) -> ArticleBuilder {
    let day = if number.is_multiple_of(5) { 400 } else { number as i64 * 2 - 600 };
    let at = Timestamp::from_micros(day * DAY + random.below(5) as i64).expect("in range");
    let story = article(&format!("s-{number}")).with("body", "Short.").at(&at.to_string());
    let story = if number.is_multiple_of(4) { story.with("kind", "opinion") } else { story };
    let story = if number.is_multiple_of(7) { story.with("lang", "ru") } else { story };
    let story = if number.is_multiple_of(50) { story.with("kind", "page") } else { story };
    let tags: &[&str] = if number.is_multiple_of(2) { &["all", "half"] } else { &["all"] };
    story.tags(tags).author(if number.is_multiple_of(10) { "timur" } else { "dina" })
}

/// Every list that is kept in spans, from both ends, whole.
fn walk_all(app: &TestApp) -> Vec<usize> {
    let lists = ["", "tag=all&", "tag=half&", "author=dina&", "kind=news&", "lang=en&", "kind=news&lang=en&"];
    let walk = |list: &str, sort: &str| {
        let shaped = |shape| every_way(app, &format!("/v1/articles?{list}sort={sort}&limit=100&{shape}"));
        let walked = shaped("fields=slug");
        // Whole cards of a tag's list are read by what is remembered of it.
        if list.starts_with("tag") {
            assert_eq!(shaped("excerpt_words=1"), walked, "{list}");
            // So is a last page that is short, within the last span.
            for limit in [7, 8, 9] {
                let last = walked.len().div_ceil(limit);
                let link = format!("/v1/articles?{list}sort={sort}&limit={limit}&excerpt_words=1&page={last}");
                assert_eq!(page(app, &link).names, walked[(last - 1) * limit..], "{link}");
            }
        }
        walked
    };
    let whole = |list: &&str| {
        let mut oldest = walk(list, "published_at");
        oldest.reverse();
        assert_eq!(oldest, walk(list, "-published_at"), "{list}");
        oldest.len()
    };
    lists.iter().map(whole).collect()
}

on_both! {
    fn every_page_of_a_long_list_is_where_it_was_counted(app: &TestApp) {
        let app = &app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let mut random = Random::seeded(0x6465_6570);
        let stories: Vec<ArticleBuilder> = (0..STORIES).map(|number| story(number, &mut random)).collect();
        app.store(stories);
        let full = walk_all(app);
        assert_eq!(full[..2], [STORIES - STORIES / 50; 2]);

        // They change their places in every way: other dates, other names, gone, back, merged.
        let edits = (0..300).map(|_| {
            let (number, other) = (random.below(STORIES), random.below(STORIES));
            let edited = story(other, &mut random).with("slug", format!("s-{number}"));
            match random.below(4) {
                0 => edited.with("status", "draft"),
                1 => edited.with("expires_at", "2026-06-01T13:00:00Z"),
                _ => edited,
            }
        });
        app.store(edits.collect::<Vec<ArticleBuilder>>());
        app.set_time("2026-06-01T13:00:00Z");
        app.let_the_clock_work();
        let edited = walk_all(app);
        assert!(edited[0] < full[0] - 50, "{edited:?} of {full:?}");
        let key = app.key(&[Scope::ContentWrite]);
        assert_eq!(app.post("/v1/manage/tags/all/merge", &key, &json!({"into": "half"})).status, 200);
        let merged = walk_all(app);
        // A process that knows of spans and of no eras wrote: these add up to the list, and not to its spans. The next start mends it.
        let eras = || list_spans::table.filter(list_spans::list.like("~%"));
        app.db
            .write_here(|conn| {
                for (first, by) in [(true, 1), (false, -1)] {
                    let mut numbers: Vec<i64> = eras().filter(list_spans::list.eq("~all")).select(list_spans::span).order(list_spans::span).load(conn)?;
                    if !first {
                        numbers.reverse();
                    }
                    let era = eras().filter(list_spans::list.eq("~all")).filter(list_spans::span.eq(numbers[0]));
                    diesel::update(era).set(list_spans::article_count.eq(list_spans::article_count + by)).execute(conn)?;
                }
                Ok::<_, DbError>(())
            })
            .expect("a write");
        complete(&app.db).expect("the database is completed");
        assert_eq!(walk_all(app), merged);
        // A process that does not know of spans wrote: they no longer add up, and who reads them now reads the list as it is.
        app.db
            .write_here(|conn| {
                diesel::update(list_spans::table).set(list_spans::article_count.eq(list_spans::article_count + 1)).execute(conn)?;
                Ok::<_, DbError>(())
            })
            .expect("a write");
        assert_eq!(walk_all(&app.beside(&[("KEPT_ANSWERS_MB", "0")])), merged);
        assert_eq!((merged[1], merged[2], merged[0]), (edited[0], edited[0], edited[0]));
    }

    fn where_a_page_is_stays_known_until_the_log_tells_of_a_change_to_the_list(app: &TestApp) {
        let app = &app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let key = app.key(&[Scope::ContentRead, Scope::ContentWrite]);
        let day = |n: i64| Timestamp::from_micros(n * DAY).expect("in range").to_string();
        app.store((0..1_100).map(|n| article(&format!("s-{n}")).with("body", "Short.").tags(&["t"]).at(&day(n))));
        let page = |sort: &str| app.get(&format!("/v1/articles?tag=t&sort={sort}&limit=3&page=181")).slugs();
        let (newest, oldest) = (["s-559", "s-558", "s-557"], ["s-540", "s-541", "s-542"]);
        assert_eq!([page("-published_at"), page("published_at")], [newest, oldest]);
        // Nobody does this, and the log knows nothing of it.
        let half = |conn: &mut DbConnection, by: i64| {
            let spans: Vec<i64> = list_spans::table.filter(list_spans::list.like("t%")).select(list_spans::span).order(list_spans::span).load(conn)?;
            for (span, by) in [(spans[0], -by), (spans[spans.len() - 1], by)] {
                for (like, span) in [("t%", span), ("~t%", span.div_euclid(32))] {
                    let row = list_spans::table.filter(list_spans::list.like(like)).filter(list_spans::span.eq(span));
                    diesel::update(row).set(list_spans::article_count.eq(list_spans::article_count + by)).execute(conn)?;
                }
            }
            Ok::<_, DbError>(())
        };
        app.db.write_here(|conn| half(conn, 5)).expect("a write");
        assert_eq!([page("-published_at"), page("published_at")], [newest, oldest], "the spans were read again");
        // A change elsewhere is none to this list.
        app.store([article("e").tags(&["v"])]);
        assert_eq!(page("-published_at"), newest, "the spans were read again");
        app.store([article("s-0").tags(&["t"]).at(&day(1_200))]);
        assert_ne!(page("-published_at"), ["s-560", "s-559", "s-558"], "the spans were not read again");
        app.db.write_here(|conn| half(conn, -5)).expect("a write");
        assert_eq!(app.patch("/v1/manage/tags/t", &key, &json!({"name": "New"})).status, 200);
        app.store([article("s-1").tags(&["t"]).at(&day(1_201))]);
        assert_eq!(page("-published_at"), ["s-561", "s-560", "s-559"]);
    }
}
