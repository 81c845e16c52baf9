//! New rows as SQLite is given them: one after the other, by a statement that stays prepared.
//!
//! What diesel makes of an `Insertable` is the same statement, but it goes through each row some ten times, to see which of its columns
//! have a default and whether the statement may be kept. In an import that took as long as binding the values.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sqlite::Sqlite;

/// A row of which every column is written; [`row!`](crate::row) makes a struct one.
pub trait Row {
    /// What diesel knows the statement by, which no other row's has.
    type Id: 'static;

    /// The statement that inserts it.
    fn insert<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
}

/// Inserts a row.
#[derive(Debug, Clone, Copy)]
pub struct Insert<'a, R>(pub &'a R);

impl<R: Row> QueryId for Insert<'_, R> {
    type QueryId = R::Id;
}

impl<R: Row> QueryFragment<Sqlite> for Insert<'_, R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.insert(out)
    }
}

impl<R, C> RunQueryDsl<C> for Insert<'_, R> {}

/// Makes a struct a [`Row`] of a table: `row! { Struct => table { its fields } }`, each of which has the name of its column. Fields of a
/// struct within it follow a semicolon. One that is left out does not compile.
#[macro_export]
#[doc(hidden)]
macro_rules! row {
    ($row:ident $(<$life:lifetime>)? => $table:ident {
        $($column:ident),+ $(; $inner:ident: $Inner:ident { $($of_inner:ident),+ $(,)? })? $(,)?
    }) => {
        const _: () = {
            use diesel::query_builder::AstPass;
            use diesel::sqlite::Sqlite;
            use diesel::{Column, Expression, QueryResult};

            pub struct Id;

            impl $crate::db::Row for $row $(<$life>)? {
                type Id = Id;

                fn insert<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                    let Self { $($column,)+ $($inner: $Inner { $($of_inner,)+ })? } = self;
                    let names = [$($table::$column::NAME,)+ $($($table::$of_inner::NAME,)+)?];
                    out.push_sql("INSERT INTO ");
                    out.push_identifier(stringify!($table))?;
                    for (name, before) in names.into_iter().zip(std::iter::once(" (").chain(std::iter::repeat(", "))) {
                        out.push_sql(before);
                        out.push_identifier(name)?;
                    }
                    let mut before = std::iter::once(") VALUES (").chain(std::iter::repeat(", "));
                    $(
                        before.next().into_iter().for_each(|before| out.push_sql(before));
                        out.push_bind_param::<<$table::$column as Expression>::SqlType, _>($column)?;
                    )+
                    $($(
                        before.next().into_iter().for_each(|before| out.push_sql(before));
                        out.push_bind_param::<<$table::$of_inner as Expression>::SqlType, _>($of_inner)?;
                    )+)?
                    out.push_sql(")");
                    Ok(())
                }
            }
        };
    };
}
