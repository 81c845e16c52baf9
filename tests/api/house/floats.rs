//! No binary fraction comes near a rate: neither a type nor a number of that kind stands in `src/rates/`.

use super::paths::passed_over;
use super::rust_files;

const TYPES: [&str; 4] = ["f16", "f32", "f64", "f128"];

/// The lines on which `text` names a float type, also as a part of a name such as `to_f64`, or writes a float.
fn floats(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    // The last two signs that are no white space.
    let mut before = [' ', ' '];
    while at < chars.len() {
        let rest = &chars[at..];
        let skipped = passed_over(rest);
        let length = skipped.unwrap_or_else(|| match rest[0] {
            c if c.is_alphabetic() || c == '_' => run(rest, 0),
            c if c.is_ascii_digit() && is_field(before) => digits(rest, 0),
            c if c.is_ascii_digit() => number(rest),
            _ => 1,
        });
        let token: String = rest[..length].iter().collect();
        if skipped.is_none() && is_float(&token, is_field(before)) {
            found.push(format!("{line}: {token}"));
        }
        line += token.matches('\n').count();
        if let Some(last) = token.chars().last().filter(|last| !last.is_whitespace()) {
            before = [before[1], if skipped.is_none() { last } else { '"' }];
        }
        at += length;
    }
    found
}

/// Whether a number that follows is a field of a tuple: after a point, of which there are two in a range.
fn is_field([first, second]: [char; 2]) -> bool {
    second == '.' && first != '.'
}

fn is_float(token: &str, field: bool) -> bool {
    if !token.starts_with(|c: char| c.is_ascii_digit()) {
        return token.split('_').any(|part| TYPES.contains(&part));
    }
    let behind_digits = token.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    !field && (behind_digits.starts_with(['.', 'e', 'E']) || TYPES.contains(&behind_digits))
}

/// Where the letters, digits and underscores that begin at `from` end.
fn run(rest: &[char], from: usize) -> usize {
    (from..rest.len()).find(|&i| !(rest[i].is_alphanumeric() || rest[i] == '_')).unwrap_or(rest.len())
}

fn digits(rest: &[char], from: usize) -> usize {
    (from..rest.len()).find(|&i| !(rest[i].is_ascii_digit() || rest[i] == '_')).unwrap_or(rest.len())
}

/// The length of a number with its fraction, exponent and suffix.
fn number(rest: &[char]) -> usize {
    let letter = |i: usize| rest.get(i).is_some_and(|c| c.is_alphabetic() || *c == '_');
    if rest[0] == '0' && matches!(rest.get(1), Some('x' | 'o' | 'b')) {
        return run(rest, 2);
    }
    let mut end = digits(rest, 0);
    // `1..2` is a range, and `1.max(2)` a call.
    if rest.get(end) == Some(&'.') && rest.get(end + 1) != Some(&'.') && !letter(end + 1) {
        end = digits(rest, end + 1);
    }
    let signed = matches!(rest.get(end + 1), Some('+' | '-'));
    if matches!(rest.get(end), Some('e' | 'E')) && signed && rest.get(end + 2).is_some_and(char::is_ascii_digit) {
        end += 2;
    }
    run(rest, end)
}

#[test]
fn rates_know_no_float() {
    let files: Vec<(String, String)> =
        rust_files("src").into_iter().filter(|(name, _)| name.starts_with("src/rates/")).collect();
    assert!(files.len() > 40, "{} files were found", files.len());
    let found: Vec<String> = files
        .iter()
        .flat_map(|(name, text)| floats(text).into_iter().map(move |float| format!("{name}:{float}")))
        .collect();
    assert!(found.is_empty(), "a float in src/rates:\n{}", found.join("\n"));
}

#[test]
fn planted_floats_are_caught() {
    for line in [
        "fn f(x: f64) {}",
        "let x: Vec<f32> = vec![];",
        "use std::f64::consts::PI;",
        "text.parse::<f64>()",
        "x as f64",
        "number.to_f64()",
        "Duration::from_secs_f32(x)",
        "serde_json::Value::as_f64(&x)",
        "let x = 1.5;",
        "let x = 0.1 + y;",
        "let x = 1.;",
        "f(1.)",
        "let x = 1e3;",
        "let x = 1E-3;",
        "let x = 2.5e+7;",
        "let x = 1_000.000_1;",
        "let x = 1f64;",
        "let x = 1_f32;",
        "for x in 0..5.5 {}",
        "let x = (\"0.5\", 0.5);",
        "let x = 'e'; let y = 1e3;",
        "/* 1 */ 1.5",
        "// 1.5\n1.5",
        "let x = x.0 * 1.5;",
        "assert_eq!(\"a\\\"\", 1.5);",
    ] {
        assert_eq!(floats(line).len(), 1, "{line}: {:?}", floats(line));
    }
    assert_eq!(floats("fn f() {\n    1.5 * x as f64\n}"), ["2: 1.5", "2: f64"]);
}

#[test]
fn what_is_no_float_is_not_caught() {
    for line in [
        "let x = \"0.5\";",
        "let x = b\"1.5\"; let y = r#\"1.5 \" f64\"#; let z = br\"1e3\";",
        "for x in 0..5 {}",
        "for x in 0..=5 {}",
        "let x = &all[1..];",
        "let x = pair.0.1;",
        "let x = pair.0 .1;",
        "let x = f(a).0.1.2;",
        "/// Costs 1.5, as `f64` would say.",
        "//! 1e3 f64",
        "/* 1.5\n f64 */",
        "let x = 1; // 1.5",
        "1.max(2)",
        "let x = 1_000_u64 + 2usize;",
        "let x = 0x1e3 + 0xf32 + 0b11 + 0o7;",
        "let x = 0xE1;",
        "let x = ['.', '1', 'e'];",
        "fn f<'a>(x: &'a str) {}",
        "let half = x.e1;",
        "let f = 64; let f640 = 1;",
        "let x = \"a\\\\\"; f(1)",
    ] {
        assert_eq!(floats(line), Vec::<String>::new(), "{line}");
    }
}
