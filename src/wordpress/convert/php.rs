//! Reads what PHP's `serialize` wrote, as far as attachment metadata needs it.
//!
//! Lengths in it count bytes of the database's text and are wrong wherever an export re-encoded or cleaned that text, so a
//! string whose length doesn't lead to its closing quote ends at the next `";` instead.

const DEEPEST: usize = 16;

/// A PHP value; objects are read as arrays.
#[derive(Debug, Clone, PartialEq)]
pub enum Php {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Array(Vec<(String, Php)>),
}

impl Php {
    /// Reads one value; `None` when the text is no serialised value at all.
    pub fn parse(text: &str) -> Option<Self> {
        Cursor { rest: text.trim() }.value(0)
    }

    /// The entry of an array under a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The entries of an array, in order; none for other values.
    pub fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Array(entries) => entries,
            _ => &[],
        }
    }

    /// The value as text, when it is text and not empty.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// The value as a positive whole number, also when it was stored as text or float.
    pub fn positive(&self) -> Option<i64> {
        let number = match self {
            Self::Int(number) => *number,
            Self::Float(number) => *number as i64,
            Self::Text(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        (number > 0).then_some(number)
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn value(&mut self, depth: usize) -> Option<Php> {
        let kind = self.rest.chars().next()?;
        self.rest = &self.rest[kind.len_utf8()..];
        if kind == 'N' {
            return self.literal(";").map(|()| Php::Null);
        }
        self.literal(":")?;
        match kind {
            'b' => self.until(";").map(|value| Php::Bool(value == "1")),
            'i' => self.until(";")?.parse().ok().map(Php::Int),
            'd' => self.until(";")?.parse().ok().map(Php::Float),
            's' => self.string(";").map(|text| Php::Text(text.to_owned())),
            'a' => self.array(depth),
            'O' => {
                self.string(":")?;
                self.array(depth)
            }
            _ => None,
        }
    }

    fn array(&mut self, depth: usize) -> Option<Php> {
        if depth == DEEPEST {
            return None;
        }
        self.until(":")?;
        self.literal("{")?;
        let mut entries = Vec::new();
        while !self.rest.is_empty() && self.literal("}").is_none() {
            let key = match self.value(depth + 1)? {
                Php::Text(key) => key,
                Php::Int(key) => key.to_string(),
                _ => return None,
            };
            // What is broken still tells what came before the break.
            let Some(value) = self.value(depth + 1) else {
                self.rest = "";
                break;
            };
            entries.push((key, value));
        }
        Some(Php::Array(entries))
    }

    fn string(&mut self, terminator: &str) -> Option<&'a str> {
        let length: usize = self.until(":")?.parse().ok()?;
        self.literal("\"")?;
        let end = format!("\"{terminator}");
        let counted = self.rest.get(length..).is_some_and(|after| after.starts_with(&end));
        let length = if counted { length } else { self.rest.find(&end)? };
        let text = &self.rest[..length];
        self.rest = &self.rest[length + end.len()..];
        Some(text)
    }

    fn until(&mut self, end: &str) -> Option<&'a str> {
        let (before, after) = self.rest.split_once(end)?;
        self.rest = after;
        Some(before)
    }

    fn literal(&mut self, expected: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_arrays_are_read() {
        let value = Php::parse(
            r#"a:3:{s:5:"width";i:640;s:5:"sizes";a:1:{s:5:"thumb";a:1:{s:4:"file";s:5:"a.jpg";}}s:1:"x";b:1;}"#,
        )
        .unwrap();
        assert_eq!(value.get("width").and_then(Php::positive), Some(640));
        let thumb = value.get("sizes").and_then(|sizes| sizes.get("thumb")).unwrap();
        assert_eq!(thumb.get("file").and_then(Php::text), Some("a.jpg"));
        assert_eq!(value.get("x"), Some(&Php::Bool(true)));
    }

    #[test]
    fn a_wrong_length_is_forgiven() {
        let value = Php::parse("a:2:{s:6:\"credit\";s:3:\"Айгуль \"А\"\";s:5:\"width\";s:3:\"640\";}").unwrap();
        assert_eq!(value.get("credit").and_then(Php::text), Some("Айгуль \"А\""));
        assert_eq!(value.get("width").and_then(Php::positive), Some(640));
    }

    #[test]
    fn nonsense_is_refused_and_depth_is_bounded() {
        assert_eq!(Php::parse("hello"), None);
        assert_eq!(Php::parse(""), None);
        assert!(format!("{:?}", Php::parse(&"a:1:{i:0;".repeat(100_000))).len() < 1000);
        assert_eq!(Php::parse("a:1:{i:0;i:7;"), Some(Php::Array(vec![("0".into(), Php::Int(7))])));
    }
}
