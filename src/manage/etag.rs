//! Versions as entity tags: what an editor read is what an editor changes.

use actix_web::HttpRequest;
use actix_web::http::header::{ETag, EntityTag, HeaderValue, IF_MATCH, TryIntoHeaderValue};

use crate::clock::Timestamp;
use crate::http::{Code, Problem};

/// The tag of something at a version, as it was last changed.
pub fn of(version: i64, modified_at: Timestamp) -> String {
    format!("{version}-{:x}", modified_at.micros())
}

/// What `If-Match` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    Absent,
    Any,
    Tags(Vec<String>),
    /// No list of tags: it names no version, and so not the present one.
    Malformed,
}

impl Precondition {
    /// Reads the header.
    pub fn of(req: &HttpRequest) -> Self {
        // Several lines are one list (RFC 9110, 5.3).
        let lines: Option<Vec<&str>> = req.headers().get_all(IF_MATCH).map(|line| line.to_str().ok()).collect();
        match lines.as_deref() {
            Some([]) => Self::Absent,
            Some(lines) => Self::read(&lines.join(",")).unwrap_or(Self::Malformed),
            None => Self::Malformed,
        }
    }

    fn read(list: &str) -> Option<Self> {
        const BETWEEN: [char; 3] = [' ', '\t', ','];
        if list.trim_matches(BETWEEN) == "*" {
            return Some(Self::Any);
        }
        let (mut tags, mut rest, mut any) = (Vec::new(), list.trim_start_matches(BETWEEN), false);
        while !rest.is_empty() {
            let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
            let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
            let next = after.trim_start_matches([' ', '\t']);
            if !(next.is_empty() || next.starts_with(',')) {
                return None;
            }
            // A weak tag never matches here (RFC 9110, 13.1.1).
            if !weak {
                tags.push(tag.to_owned());
            }
            (rest, any) = (next.trim_start_matches(BETWEEN), true);
        }
        any.then_some(Self::Tags(tags))
    }

    /// Checks it against the present tag; an absent one passes.
    pub fn check(&self, present: &str) -> Result<(), Problem> {
        match self {
            Self::Malformed => Err(Problem::new(
                Code::PreconditionFailed,
                format!("`If-Match` is not `*` or a list of entity tags in quotes; the present tag is \"{present}\"."),
            )),
            Self::Tags(tags) if !tags.iter().any(|tag| tag == present) => Err(Problem::new(
                Code::PreconditionFailed,
                format!("It was changed since you read it; its entity tag is now \"{present}\"."),
            )),
            _ => Ok(()),
        }
    }

    /// The same where it must be there.
    pub fn demand(&self, present: &str) -> Result<(), Problem> {
        if *self == Self::Absent {
            return Err(Problem::new(
                Code::PreconditionRequired,
                "Say in `If-Match` which version you change: the `ETag` of what you read.",
            ));
        }
        self.check(present)
    }
}

/// The header of a tag.
pub fn header(tag: &str) -> Option<HeaderValue> {
    ETag(EntityTag::new_strong(tag.to_owned())).try_into_value().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_tags_in_quotes_or_a_star() {
        let tags = |tags: &[&str]| Some(Precondition::Tags(tags.iter().map(|tag| (*tag).to_owned()).collect()));
        for (list, expected) in [
            ("*", Some(Precondition::Any)),
            (" * ", Some(Precondition::Any)),
            ("\"a\"", tags(&["a"])),
            ("\"a\" , \"b,c\",", tags(&["a", "b,c"])),
            ("\"\"", tags(&[""])),
            ("W/\"a\", \"b\"", tags(&["b"])),
            ("W/\"a\"", tags(&[])),
            ("", None),
            (",", None),
            ("a", None),
            ("\"a", None),
            ("\"a\"b", None),
            ("\"a\" \"b\"", None),
            ("*, \"a\"", None),
            ("w/\"a\"", None),
        ] {
            assert_eq!(Precondition::read(list), expected, "{list}");
        }
    }
}
