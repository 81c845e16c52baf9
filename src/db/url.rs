//! `DATABASE_URL`, read once. A string without a known scheme is refused, so that a stray word or path never becomes a
//! new, empty SQLite file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Which database, and where.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://PATH`: relative without a further slash, absolute with one.
    Sqlite(PathBuf),
    /// `postgres://` or `postgresql://`, handed to libpq as it is.
    Postgres(String),
}

/// Why a string names no database.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    #[error("expected sqlite://PATH or postgres://USER@HOST/NAME")]
    UnknownScheme,
    #[error("sqlite:// needs the path of a file")]
    NoPath,
    #[error("an in-memory SQLite database can't be shared by several connections; give the path of a file")]
    InMemory,
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            return match path {
                "" => Err(DatabaseUrlError::NoPath),
                path if path.starts_with(":memory:") => Err(DatabaseUrlError::InMemory),
                path => Ok(Self::Sqlite(Path::new(path).to_path_buf())),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(DatabaseUrlError::UnknownScheme)
    }
}

impl fmt::Display for DatabaseUrl {
    /// For logs: a password is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                let rest = rest.split('?').next().unwrap_or(rest);
                match rest.rsplit_once('@') {
                    Some((user, host)) => write!(f, "{scheme}://{}@{host}", user.split(':').next().unwrap_or("")),
                    None => write!(f, "{scheme}://{rest}"),
                }
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_schemes_and_nothing_else() {
        assert_eq!("sqlite://xabar.db".parse(), Ok(DatabaseUrl::Sqlite("xabar.db".into())));
        assert_eq!("sqlite:///var/lib/x.db".parse(), Ok(DatabaseUrl::Sqlite("/var/lib/x.db".into())));
        assert!(matches!("postgresql://h/d".parse(), Ok(DatabaseUrl::Postgres(_))));
        for stray in ["xabar.db", "/tmp/x.db", "mysql://h/d", "sqlite:x.db", ""] {
            assert_eq!(stray.parse::<DatabaseUrl>(), Err(DatabaseUrlError::UnknownScheme), "{stray}");
        }
        assert_eq!("sqlite://".parse::<DatabaseUrl>(), Err(DatabaseUrlError::NoPath));
        assert_eq!("sqlite://:memory:".parse::<DatabaseUrl>(), Err(DatabaseUrlError::InMemory));
    }

    #[test]
    fn hides_the_password() {
        let url = DatabaseUrl::Postgres("postgres://editor:se@cret@db:5432/news?sslkey=x".into());
        assert_eq!(url.to_string(), "postgres://editor@db:5432/news");
    }
}
