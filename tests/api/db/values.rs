//! Values: what goes in comes out, and sorts alike.

use diesel::prelude::*;
use serde_json::json;
use xabar::changes::rows::NewChange;
use xabar::changes::{Audience, Op, Reason, Subject, queries};
use xabar::clock::Timestamp;
use xabar::db::schema::{changes, tags};
use xabar::db::{DbError, id_in};

use crate::on_both;
use crate::support::article;

fn change(entity_id: i64, version: i64, modified_at: Timestamp) -> NewChange<'static> {
    NewChange {
        op: Op::Upsert,
        type_: Subject::Article,
        entity_id,
        slug: "қазақ 𝔘 '\"\\",
        version,
        modified_at,
        reason: Reason::Updated,
        replaced_by: None,
        audience: Audience::Everyone,
        lists: String::new(),
    }
}

on_both! {
    fn whole_numbers_and_instants_survive_at_their_ends(app: &TestApp) {
        let ends = ["0001-01-01T00:00:00Z", "9999-12-30T21:59:59.999999Z", "2026-06-01T12:00:00.000001Z"];
        for (number, at) in [i64::MIN, i64::MAX, 1 << 53 | 1].into_iter().zip(ends) {
            let at: Timestamp = at.parse().expect("an instant");
            app.db.write_here(|conn| queries::append(conn, &change(number, number, at))).expect("it is stored");
            let columns = (changes::entity_id, changes::version, changes::modified_at, changes::slug);
            let found = app.db.read_here(|conn| {
                let newest = changes::table.order(changes::seq.desc()).select(columns);
                Ok::<(i64, i64, Timestamp, String), DbError>(newest.first(conn)?)
            });
            assert_eq!(found.expect("it is read"), (number, number, at, "қазақ 𝔘 '\"\\".to_owned()));
        }
    }

    fn forty_thousand_ids_are_one_value(app: &TestApp) {
        app.store([article("a").tags(&["one", "two", "three"])]);
        let many: Vec<i64> = (2..40_002).collect();
        let found = app.db.read_here(|conn| {
            let slugs = tags::table.filter(id_in(tags::id, &many)).order(tags::id).select(tags::slug);
            Ok::<Vec<String>, DbError>(slugs.load(conn)?)
        });
        assert_eq!(found.expect("slugs"), ["two", "three"]);
        let none = app.db.read_here(|conn| {
            Ok::<i64, DbError>(tags::table.filter(id_in(tags::id, &[])).count().get_result(conn)?)
        });
        assert_eq!(none.expect("a count"), 0);
    }

    fn names_sort_alike_whatever_their_script(app: &TestApp) {
        let names = ["яблоко", "Zebra", "Ақтау", "apple", "Ёлка", "2026", "Äpfel", "Абай", "ғарыш", "Ұлытау", "Еда", "apple pie"];
        let lines: Vec<String> = names.iter().enumerate()
            .map(|(i, name)| json!({"type": "tag", "slug": format!("t{i}"), "name": name}).to_string())
            .collect();
        assert_eq!(app.import(&lines.join("\n")).created, 12);
        // By code point of the folded name: digits, Latin, Russian letters (Ё as Е), then the letters that Kazakh adds.
        let expected = [
            "2026", "Äpfel", "apple", "apple pie", "Zebra", "Абай", "Ақтау", "Еда", "Ёлка", "яблоко", "ғарыш", "Ұлытау",
        ];
        assert_eq!(app.get("/v1/tags").each("name"), expected);
    }

    fn titles_sort_alike_and_ties_by_id(app: &TestApp) {
        let titles = ["Новости", "news", "News", "Қала", "ёж", "", "Ель", "news"];
        app.store(titles.iter().enumerate().map(|(i, title)| article(&format!("s{i}")).with("title", *title)));
        assert_eq!(app.get("/v1/articles?sort=title").slugs(), ["s5", "s1", "s2", "s7", "s4", "s6", "s0", "s3"]);
    }
}
