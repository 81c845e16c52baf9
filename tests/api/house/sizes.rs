//! A file that nobody can take in at once is two files.

use super::rust_files;

const LONGEST: usize = 500;

#[test]
fn every_file_is_under_500_lines() {
    let files = [rust_files("src"), rust_files("tests")].concat();
    assert!(files.len() > 100, "{} files were found", files.len());
    let long: Vec<String> = files
        .iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines >= LONGEST)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn main_is_under_80_lines() {
    let main = rust_files("src").into_iter().find(|(name, _)| name == "src/main.rs").expect("src/main.rs");
    assert!(main.1.lines().count() < 80);
}

#[test]
fn every_file_of_the_library_says_what_it_is_for() {
    let silent: Vec<String> = rust_files("src")
        .into_iter()
        .filter(|(name, text)| !text.starts_with("//! ") && !name.contains("/tests"))
        .map(|(name, _)| name)
        .collect();
    assert!(silent.is_empty(), "these begin without `//!`: {silent:?}");
}
