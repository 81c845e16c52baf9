//! Every path that a Rust file names: those of its `use` lines, taken apart, and those in its code and attributes.
//!
//! Comments, texts and test modules are left out. `super::` and `self::` are resolved from the file's place, and `crate::`
//! is taken off, so that `articles::wire` is written one way only.

/// A path that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    /// `crate::articles::wire::ArticleCard` for our own, `diesel::prelude::*` for others'.
    pub path: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Joint,
    Sign(char),
}

/// The module that a file is: `src/articles/queries/store.rs` is articles, queries, store.
pub fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod" || module.len() == 1 && (last == "lib" || last == "main")) {
        module.pop();
    }
    module
}

/// What `text`, the content of `file`, names.
pub fn named(file: &str, text: &str) -> Vec<Named> {
    let tokens = without_test_modules(tokens(text));
    let module = module_of(file);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (line, token) = &tokens[at];
        let line = *line;
        match token {
            Token::Word(word) if word == "use" => {
                let end = (at..tokens.len()).find(|&i| tokens[i].1 == Token::Sign(';')).unwrap_or(tokens.len());
                tree(&tokens[at + 1..end], &mut Vec::new(), &mut found);
                at = end;
            }
            Token::Word(word) => {
                let (mut path, start) = (vec![word.clone()], at);
                while let (Some((_, Token::Joint)), Some((_, Token::Word(next)))) =
                    (tokens.get(at + 1), tokens.get(at + 2))
                {
                    path.push(next.clone());
                    at += 2;
                }
                let attribute =
                    start >= 2 && tokens[start - 1].1 == Token::Sign('[') && tokens[start - 2].1 == Token::Sign('#');
                if path.len() > 1 || attribute {
                    found.push(Named { line, path });
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    found.into_iter().map(|named| Named { path: resolve(&module, named.path), ..named }).collect()
}

/// Takes a use tree apart. `tokens` is one branch list, without its braces.
fn tree(tokens: &[(usize, Token)], stem: &mut Vec<String>, found: &mut Vec<Named>) {
    let known = stem.len();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at].1 {
            Token::Word(word) if word == "as" => at += 2,
            Token::Word(word) => {
                stem.push(word.clone());
                at += 1;
            }
            Token::Sign('*') => {
                stem.push("*".to_owned());
                at += 1;
            }
            Token::Sign('{') => {
                let end = closing(tokens, at);
                tree(&tokens[at + 1..end], stem, found);
                stem.truncate(known);
                at = end + 1;
                continue;
            }
            Token::Sign(',') => {
                take(tokens[at - 1].0, stem, known, found);
                at += 1;
            }
            _ => at += 1,
        }
    }
    if let Some((line, _)) = tokens.last() {
        take(*line, stem, known, found);
    }
}

fn take(line: usize, stem: &mut Vec<String>, known: usize, found: &mut Vec<Named>) {
    if stem.len() > known {
        let mut path = stem.clone();
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        found.push(Named { line, path });
    }
    stem.truncate(known);
}

fn closing(tokens: &[(usize, Token)], open: usize) -> usize {
    let mut depth = 0;
    for (at, (_, token)) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') if depth == 1 => return at,
            Token::Sign('}') => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

fn resolve(module: &[String], mut path: Vec<String>) -> Vec<String> {
    let mut base = match path[0].as_str() {
        "crate" | "xabar" => return [vec!["crate".to_owned()], path.split_off(1)].concat(),
        "self" | "super" => module.to_vec(),
        _ => return path,
    };
    while path.first().is_some_and(|first| first == "super" || first == "self") {
        if path.remove(0) == "super" {
            base.pop();
        }
    }
    [vec!["crate".to_owned()], base, path].concat()
}

/// Takes out `#[cfg(test)]` with what it stands before, up to the end of its braces or its semicolon.
fn without_test_modules(tokens: Vec<(usize, Token)>) -> Vec<(usize, Token)> {
    let word = |text: &str| Token::Word(text.to_owned());
    let mark = [
        Token::Sign('#'),
        Token::Sign('['),
        word("cfg"),
        Token::Sign('('),
        word("test"),
        Token::Sign(')'),
        Token::Sign(']'),
    ];
    let (mut kept, mut at) = (Vec::with_capacity(tokens.len()), 0);
    while at < tokens.len() {
        let here = tokens[at..].iter().map(|(_, token)| token).take(mark.len());
        if !here.eq(mark.iter()) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let end = (at..tokens.len()).find(|&i| matches!(tokens[i].1, Token::Sign('{' | ';'))).unwrap_or(tokens.len());
        at = if tokens.get(end).is_some_and(|(_, token)| *token == Token::Sign('{')) {
            closing(&tokens, end)
        } else {
            end
        } + 1;
    }
    kept
}

fn tokens(text: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < chars.len() {
        let rest = &chars[at..];
        let length = passed_over(rest).unwrap_or_else(|| match rest[0] {
            c if c.is_alphabetic() || c == '_' => {
                let length = until(rest, |i| !(rest[i].is_alphanumeric() || rest[i] == '_'));
                found.push((line, Token::Word(rest[..length].iter().collect())));
                length
            }
            ':' if rest.starts_with(&[':', ':']) => {
                found.push((line, Token::Joint));
                2
            }
            c => {
                if !c.is_whitespace() {
                    found.push((line, Token::Sign(c)));
                }
                1
            }
        });
        line += rest[..length].iter().filter(|c| **c == '\n').count();
        at += length;
    }
    found
}

/// The length of the comment or text that begins `rest`, or of a lifetime's quote.
pub fn passed_over(rest: &[char]) -> Option<usize> {
    Some(match rest[0] {
        '/' if rest.starts_with(&['/', '/']) => until(rest, |i| rest[i] == '\n'),
        '/' if rest.starts_with(&['/', '*']) => until(rest, |i| i >= 3 && rest[i - 2..].starts_with(&['*', '/'])),
        '"' => quoted(rest),
        'b' if rest.starts_with(&['b', '"']) => 1 + quoted(&rest[1..]),
        'r' if raw_hashes(rest).is_some() => raw(rest),
        'b' if rest.len() > 1 && raw_hashes(&rest[1..]).is_some() => 1 + raw(&rest[1..]),
        '\'' => character(rest),
        _ => return None,
    })
}

fn until(rest: &[char], stop: impl Fn(usize) -> bool) -> usize {
    (1..rest.len()).find(|&i| stop(i)).unwrap_or(rest.len())
}

/// The length of a text in quotes, which begins `rest`.
fn quoted(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The number of hashes of a raw text, if one begins `rest`.
fn raw_hashes(rest: &[char]) -> Option<usize> {
    let hashes = rest.get(1..)?.iter().take_while(|c| **c == '#').count();
    (rest[0] == 'r' && rest.get(1 + hashes) == Some(&'"')).then_some(hashes)
}

fn raw(rest: &[char]) -> usize {
    let hashes = raw_hashes(rest).unwrap_or(0);
    let end = [vec!['"'], vec!['#'; hashes]].concat();
    let start = 2 + hashes;
    (start..rest.len()).find(|&i| rest[i..].starts_with(&end)).map_or(rest.len(), |i| i + end.len())
}

/// The length of a character in quotes, or of the quote of a lifetime.
fn character(rest: &[char]) -> usize {
    match rest.get(1) {
        Some('\\') => (3..rest.len()).find(|&i| rest[i] == '\'').map_or(rest.len(), |i| i + 1),
        Some(_) if rest.get(2) == Some(&'\'') => 3,
        _ => 1,
    }
}

fn paths(file: &str, text: &str) -> Vec<String> {
    named(file, text).into_iter().map(|named| format!("{}: {}", named.line, named.path.join("::"))).collect()
}

#[test]
fn a_use_line_is_taken_apart() {
    let text = "use crate::a::{self, b::{C, D as E}, *};\npub use super::wire::X;\nuse super::super::db;\nuse diesel;";
    let expected = [
        "1: crate::a",
        "1: crate::a::b::C",
        "1: crate::a::b::D",
        "1: crate::a::*",
        "2: crate::tags::wire::X",
        "3: crate::db",
        "4: diesel",
    ];
    assert_eq!(paths("src/tags/routes.rs", text), expected);
}

#[test]
fn a_use_over_several_lines_is_one() {
    let text = "use crate::a::{\n    b,\n    c,\n};\n";
    assert_eq!(paths("src/x.rs", text), ["2: crate::a::b", "3: crate::a::c"]);
}

#[test]
fn paths_in_code_and_attributes_are_found() {
    let text = "#[diesel(table_name = x)]\n#[derive(diesel::Queryable)]\nfn f() -> crate::a::B { self::g(std::env::var(\"X\")) }";
    assert_eq!(
        paths("src/tags/mod.rs", text),
        ["1: diesel", "2: derive", "2: diesel::Queryable", "3: crate::a::B", "3: crate::tags::g", "3: std::env::var"]
    );
    assert_eq!(paths("src/tags/mod.rs", "fn f<'a>(x: &'a str, c: char) { c == '\"'; a::b(x) }"), ["1: a::b"]);
}

#[test]
fn comments_texts_and_tests_are_left_out() {
    let text = "// crate::a::b\n/* c::d */\nconst X: &str = \"e::f \\\" g::h\"; const Y: &str = r#\"i::\"j\"#;\n\
                #[cfg(test)]\nmod tests { use k::l; fn f() { { m::n() } } }\nuse o::p;\n#[cfg(test)]\nmod q;\nuse r::s;";
    assert_eq!(paths("src/x.rs", text), ["6: o::p", "9: r::s"]);
}
