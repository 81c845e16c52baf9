//! The index by which articles are listed by title.

use std::fs::write;

use xabar::articles::queries::{index_titles, leave_titles};
use xabar::jobs::titles::look;

use super::sql::schema;
use crate::on_both;
use crate::support::article;

on_both! {
    fn a_first_import_may_leave_the_index_of_titles_to_its_end(app: &TestApp) {
        let whole = schema(&app.db);
        assert!(leave_titles(&app.db).expect("no index"));
        assert_eq!(schema(&app.db).len(), whole.len() - 1);
        app.store(["b", "c", "a"].map(article));
        assert_eq!(app.get("/v1/articles?sort=title").slugs(), ["a", "b", "c"]);

        index_titles(&app.db).expect("an index");
        assert_eq!(schema(&app.db), whole);
        assert!(!leave_titles(&app.db).expect("no change"));
        assert_eq!(schema(&app.db), whole, "with articles there it stays");
    }

    fn an_import_makes_the_index_whether_it_succeeds_or_not(app: &TestApp) {
        let whole = schema(&app.db);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("stories.ndjson");
        for (lines, succeeds) in [("", true), ("{\"type\":\"page\"}", false), ("{", false)] {
            write(&file, lines).expect("a file");
            let done = app.command().args(["import", "ndjson"]).arg(&file).output().expect("the command runs");
            assert_eq!(done.status.success(), succeeds, "{lines:?}: {done:?}");
            assert_eq!(schema(&app.db), whole, "{lines:?}");
        }
        let done = app.command().args(["import", "ndjson", "/nowhere"]).output().expect("the command runs");
        assert!(!done.status.success());
        assert_eq!(schema(&app.db), whole);
    }

    fn an_index_that_a_killed_import_left_out_is_made_when_nothing_is_written(app: &TestApp) {
        let whole = schema(&app.db);
        let runtime = actix_web::rt::System::new();
        let look = |before| runtime.block_on(look(&app.db, before)).expect("it can be read");
        assert_eq!(look(None), None, "it is there");
        leave_titles(&app.db).expect("no index");
        app.store([article("a")]);
        let end = look(None);
        app.store([article("b")]);
        let grown = look(end);
        assert!(end.is_some() && grown > end, "an import is under way: {end:?}, {grown:?}");
        assert_eq!(schema(&app.db).len(), whole.len() - 1);
        assert_eq!(look(grown), None);
        assert_eq!(schema(&app.db), whole);
    }
}
