//! The index by which articles are listed by title.

use xabar::articles::queries::{index_titles, leave_titles};

use super::sql::schema;
use crate::on_both;
use crate::support::article;

on_both! {
    fn a_first_import_may_leave_the_index_of_titles_to_its_end(app: &TestApp) {
        let whole = schema(&app.db);
        leave_titles(&app.db).expect("no index");
        assert_eq!(schema(&app.db).len(), whole.len() - 1);
        app.store(["b", "c", "a"].map(article));
        assert_eq!(app.get("/v1/articles?sort=title").slugs(), ["a", "b", "c"]);

        index_titles(&app.db).expect("an index");
        assert_eq!(schema(&app.db), whole);
        leave_titles(&app.db).expect("no change");
        assert_eq!(schema(&app.db), whole, "with articles there it stays");
    }
}
