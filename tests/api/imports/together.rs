//! Articles that are new are written together, and come out as if each had come alone.

use std::io::{BufReader, Read};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};
use xabar::access::Scope;
use xabar::articles::input::Prepared;
use xabar::articles::queries::{set_cards, store_all};
use xabar::db::schema::article_cards;
use xabar::db::{Backend, DbConnection, DbError};
use xabar::imports::ndjson;
use xabar::records::checked;

use crate::on_both;
use crate::support::{Random, TestApp, article};

const STORIES: usize = 45;

/// A line of a file in which slugs, identities, names and pictures meet in every way that a file can have them.
fn line(random: &mut Random, number: usize) -> String {
    if random.one_in(20) {
        return "{\"slug\": 7}".to_owned();
    }
    if random.one_in(15) {
        return json!({"type": "tag", "slug": "water", "name": format!("Water {number}"), "aliases": ["river"]})
            .to_string();
    }
    let slug = format!("s-{}", random.below(STORIES));
    let day = 1 + random.below(28);
    let mut story = article(&slug)
        .at(&format!("2026-0{}-{day:02}T0{}:00:00Z", 3 + random.below(3), random.below(9)))
        .with("title", format!("Story {}", random.below(3)))
        .with("lang", random.pick(&["en", "ru"]))
        .with("kind", random.pick(&["news", "news", "opinion", "page"]));
    for _ in 0..random.below(4) {
        story = story.tags(&[random.pick(&["water", "river", "energy", "border", "grain"])]);
    }
    for _ in 0..random.below(3) {
        story = story.author(random.pick(&["dina", "aziz", "timur"]));
    }
    let picture = |random: &mut Random| {
        let name = random.below(5);
        let guid = if random.one_in(2) { Value::from(format!("picture-{name}")) } else { Value::Null };
        json!({"guid": guid, "url": format!("https://media.example.org/{name}.jpg"), "alt": format!("{}", random.below(9) / 8)})
    };
    if random.one_in(2) {
        story = story.with("hero", picture(random));
    }
    if random.one_in(4) {
        story = story.with("media", json!([picture(random), picture(random)]));
    }
    // A card stores the first sixty words of a text.
    if random.one_in(3) {
        let words: Vec<String> = (0..[59, 60, 61, 600][random.below(4)]).map(|word| format!("word{word}")).collect();
        story = story.with("body", format!("<p>{}</p><ul><li>a \n b</li></ul>", words.join("&nbsp; \n\t")));
    }
    if random.one_in(5) {
        story = story.with("guid", format!("guid-{}", random.below(STORIES)));
    }
    if random.one_in(6) {
        story = story
            .with("former_slugs", json!([format!("s-{}", random.below(STORIES)), format!("old-{}", random.below(9))]));
    }
    if random.one_in(8) {
        story = story.with("translation_group", random.pick(&["a", "b"]));
    }
    if random.one_in(8) {
        story = story.with("corrections", json!([
            {"at": "2026-05-04T09:00:00Z", "text": "A place was misspelt."}, {"at": "2026-05-03T09:00:00Z", "text": "A name was misspelt."}
        ]));
    }
    match random.below(20) {
        0 => story.with("status", "draft").line(),
        1 => story.at("2026-06-02T09:00:00Z").with("status", "scheduled").line(),
        2 => story.with("embargo_until", "2026-06-05T09:00:00Z").line(),
        3 => story.killed("It was not so.").line(),
        4 => story.with("expires_at", "2026-05-30T09:00:00Z").line(),
        _ => story.line(),
    }
}

/// All that readers and the newsroom are shown, without what is numbered in the order of writing.
fn shown(app: &TestApp) -> Vec<String> {
    let key = app.key(&[Scope::ContentRead, Scope::ContentEmbargoed]);
    let without_numbers = |mut value: Value| {
        scrub(&mut value);
        value.to_string()
    };
    let export = app.get_as("/v1/export/articles.ndjson", &key).body;
    let export = String::from_utf8(export).expect("an export is text");
    let records = export.lines().map(|line| serde_json::from_str::<Value>(line).expect("a record"));
    let mut all: Vec<String> = records.filter(|record| record["type"] != "end").map(without_numbers).collect();
    all.sort();
    let lists =
        ["", "&kind=page", "&lang=ru", "&tag=water", "&tag=energy", "&author=dina", "&q=story", "&q=%22body+of%22"];
    let mut paths: Vec<String> = lists.map(|filter| format!("/v1/articles?limit=100&sort=title{filter}")).to_vec();
    paths.extend(["/v1/tags?limit=100".to_owned(), "/v1/authors?limit=100".to_owned()]);
    paths.extend((0..9).map(|number| format!("/v1/articles/old-{number}")));
    paths.extend((0..STORIES).map(|number| format!("/v1/articles/s-{number}")));
    for path in paths {
        let (open, keyed) = (app.get(&path), app.get_as(&path, &key));
        all.push(format!("{path} {} {}", open.status, keyed.status));
        all.extend(
            [open, keyed]
                .into_iter()
                .filter(|answer| answer.status == 200)
                .map(|answer| without_numbers(answer.json())),
        );
    }
    all.push(without_numbers(app.get_as("/v1/manage/articles?limit=100&sort=title", &key).json()));
    all
}

/// Takes away ids, orders by them, and the microseconds by which a later touch of one instant is told from an earlier one.
fn scrub(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in ["id", "links", "token", "related", "request_id"] {
                members.remove(name);
            }
            if let Some(Value::String(at)) = members.get_mut("updated_at") {
                at.truncate("2026-06-01T12:00:00".len());
            }
            members.values_mut().for_each(scrub);
        }
        Value::Array(items) => {
            items.iter_mut().for_each(scrub);
            items.sort_by_key(Value::to_string);
        }
        _ => {}
    }
}

/// The last word of the log on each thing.
fn last_words(app: &TestApp) -> Vec<String> {
    let mut words = std::collections::BTreeMap::new();
    for line in app.log_after(0) {
        let mut parts = line.splitn(4, ' ');
        let (op, type_, slug) = (parts.next(), parts.next(), parts.next());
        // A medium's slug is its number.
        if type_ != Some("media") {
            words.insert(
                (type_.map(str::to_owned), slug.map(str::to_owned)),
                (op.map(str::to_owned), parts.next().map(str::to_owned)),
            );
        }
    }
    words.into_iter().map(|word| format!("{word:?}")).collect()
}

/// The cards that are stored.
fn cards(conn: &mut DbConnection) -> Result<Vec<StoredRow>, DbError> {
    Ok(article_cards::table.order(article_cards::article_id).load(conn)?)
}

/// A row of `article_cards`.
type StoredRow = (i64, i64, String, String, String, String, String, Option<String>, Option<i64>);

/// Ends or fails, and panics when it is read once more, as a terminal would wait.
struct End(Option<std::io::Result<usize>>);

impl Read for End {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        self.0.take().expect("nobody reads on")
    }
}

on_both! {
    fn a_file_is_stored_as_its_lines_would_be_one_by_one(app: &TestApp) {
        let mut random = Random::seeded(0x746f_6765);
        let alone = TestApp::start(app.db.backend());
        for round in 0..3 {
            let lines: Vec<String> = (0..120).map(|number| line(&mut random, number)).collect();
            let together = app.import(&lines.join("\n"));
            let (mut created, mut updated, mut faults) = (0, 0, 0);
            for line in &lines {
                let report = alone.import(line);
                created += report.created;
                updated += report.updated;
                faults += report.faults.len();
            }
            app.db
                .write_here(|conn| {
                    let stored = cards(conn)?;
                    let ids: Vec<i64> = stored.iter().map(|row| row.0).collect();
                    set_cards(conn, &ids)?;
                    assert!(stored.len() > 10);
                    assert_eq!(stored, cards(conn)?, "round {round}");
                    Ok::<_, DbError>(())
                })
                .expect("cards that are set anew");
            assert_eq!((together.created, together.updated, together.faults.len()), (created, updated, faults), "round {round}");
            for (together, alone) in shown(app).iter().zip(&shown(&alone)) {
                assert_eq!(together, alone, "round {round}");
            }
            assert_eq!(last_words(app), last_words(&alone), "round {round}");
            app.set_time("2026-06-03T00:00:00Z");
            alone.set_time("2026-06-03T00:00:00Z");
            app.let_the_clock_work();
            alone.let_the_clock_work();
        }
        assert!(app.get("/v1/articles").json()["page"]["total"].as_i64() > Some(10));
    }

    fn what_a_first_import_refers_to_is_there(app: &TestApp) {
        let mut random = Random::seeded(0x6669_7273);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("stories.ndjson");
        let lines: Vec<String> = (0..400).map(|number| line(&mut random, number)).collect();
        std::fs::write(&file, lines.join("\n")).expect("a file");
        let done = app.command().args(["import", "ndjson"]).arg(&file).output().expect("the command runs");
        assert!(String::from_utf8_lossy(&done.stdout).contains(" created"), "{done:?}");
        let dangling = |conn: &mut DbConnection| match conn {
            // PostgreSQL would have refused it.
            DbConnection::Postgres(_) => Ok(0),
            DbConnection::Sqlite(conn) => {
                sql::<BigInt>("SELECT COUNT(*) FROM pragma_foreign_key_check").get_result::<i64>(conn)
            }
        };
        assert_eq!(app.db.read_here(|conn| Ok::<_, DbError>(dangling(conn)?)).expect("a count"), 0);
        assert!(app.get("/v1/articles").json()["page"]["total"].as_i64() > Some(10));
    }

    fn the_search_index_is_not_written_before_the_transaction_ends(app: &TestApp) {
        let prepared = |slug: &str| {
            let record = serde_json::from_str(&article(slug).tags(&["a", "b"]).author("c").line()).expect("a record");
            Prepared::new(checked(record).expect("an article")).expect("a digest")
        };
        let (first, second) = (prepared("one"), prepared("two"));
        let blocks = |conn: &mut DbConnection| match conn {
            // PostgreSQL gathers nothing within a transaction.
            DbConnection::Postgres(_) => Ok(0),
            DbConnection::Sqlite(conn) => sql::<BigInt>("SELECT COUNT(*) FROM article_search_data").get_result::<i64>(conn),
        };
        let written = |conn: &mut DbConnection| -> Result<[i64; 2], DbError> {
            let before = blocks(conn)?;
            store_all(conn, app.clock.now(), &[&first])?;
            store_all(conn, app.clock.now(), &[&second])?;
            Ok([before, blocks(conn)?])
        };
        let [before, within] = app.db.write_here(written).expect("two articles");
        let after = app.db.read_here(|conn| Ok::<_, DbError>(blocks(conn)?)).expect("a count");
        assert_eq!((within, after > within), (before, app.db.backend() == Backend::Sqlite));
    }

    fn a_picture_of_drafts_alone_is_told_to_nobody(app: &TestApp) {
        let picture = |alt: &str| json!({"guid": "m", "url": "https://media.example.org/1.jpg", "alt": alt});
        let draft = |slug: &str, alt: &str| article(slug).with("status", "draft").with("hero", picture(alt));
        app.store([draft("a", "one"), draft("b", "two").with("media", json!([picture("three")]))]);
        let told = app.log_after(0).into_iter().filter(|line| line.contains(" media "));
        assert_eq!(told.collect::<Vec<_>>(), ["delete media 1 v1 updated"]);
        assert_eq!(app.get("/v1/changes").json()["data"], json!([]));
        let key = app.key(&[Scope::ContentRead]);
        assert_eq!(app.get_as("/v1/manage/media", &key).each("alt"), ["three"]);
    }

    fn a_former_slug_leads_on_while_the_story_that_takes_it_is_hidden(app: &TestApp) {
        app.store([article("a").with("former_slugs", json!(["b"])), article("b").with("status", "draft")]);
        let answer = app.get("/v1/articles/b");
        assert_eq!((answer.status, answer.header("location")), (301, "/v1/articles/a"));
    }

    fn what_stands_before_a_fault_of_the_input_is_stored(app: &TestApp) {
        let lines: String = (0..1200).map(|number| article(&format!("s-{number}")).line() + "\n").collect();
        let input = || BufReader::new(lines.as_bytes().chain(End(Some(Err(std::io::Error::other("the disk is gone"))))));
        let first = ndjson::import_first(&app.db, &app.clock, input(), |_| {});
        for done in [first, ndjson::import(&app.db, &app.clock, input(), |_| {})] {
            let error = done.expect_err("the input breaks off");
            assert!(error.to_string().contains("the disk is gone"), "{error}");
            assert_eq!(app.get("/v1/articles").json()["page"]["total"], 1000, "whole batches");
        }
    }

    fn an_input_that_has_ended_is_not_read_again(app: &TestApp) {
        let lines: String = (0..1200).map(|number| article(&format!("s-{number}")).line() + "\n").collect();
        let input = || BufReader::new(lines.as_bytes().chain(End(Some(Ok(0)))));
        let first = ndjson::import_first(&app.db, &app.clock, input(), |_| {}).expect("an import");
        assert_eq!((first.created, first.faults.len()), (1200, 0), "{first}");
        let again = ndjson::import(&app.db, &app.clock, input(), |_| {}).expect("an import");
        assert_eq!((again.unchanged, again.faults.len()), (1200, 0), "{again}");
    }

    fn a_story_renamed_here_is_known_again_by_the_slug_that_named_it(app: &TestApp) {
        let file = article("grain").line();
        app.import(&file);
        let key = app.key(&[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish]);
        let id = app.get("/v1/articles/grain").json()["id"].clone();
        let renamed = app.patch(&format!("/v1/manage/articles/{id}"), &key, &json!({"slug": "wheat"}));
        assert_eq!(renamed.status, 200);
        let report = app.import(&file);
        assert_eq!((report.unchanged, report.faults.len()), (1, 0), "{report}");
        assert_eq!(app.get("/v1/articles").slugs(), ["wheat"]);
    }
}
