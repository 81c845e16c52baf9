//! `DATABASE_URL`: what is no URL of a database makes no database.

use std::process::{Command, Output};

fn migrate(folder: &std::path::Path, url: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xabar"))
        .arg("migrate")
        .current_dir(folder)
        .env("DATABASE_URL", url)
        .env("LOG", "error")
        .output()
        .expect("the command runs")
}

#[test]
fn a_stray_url_is_refused_and_makes_no_file() {
    for stray in [
        "news.db",
        "./news.db",
        "sqlite:news.db",
        "sqlite://",
        "sqlite://:memory:",
        "mysql://host/news",
        "file:news.db",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let output = migrate(folder.path(), stray);
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1), "{stray}: {said}");
        assert!(said.starts_with(&format!("xabar: DATABASE_URL: {stray:?}: ")), "{stray}: {said}");
        let made: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
        assert!(made.is_empty(), "{stray}: {made:?}");
    }
}

#[test]
fn a_true_url_makes_and_migrates_the_file_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = migrate(folder.path(), "sqlite://news.db");
    let said = String::from_utf8(first.stdout).expect("text");
    assert!(first.status.success() && said.starts_with("migrated 20"), "{said}");
    assert!(folder.path().join("news.db").is_file());
    assert_eq!(migrate(folder.path(), "sqlite://news.db").stdout, b"up to date\n");
}

#[test]
fn an_error_shows_no_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = migrate(folder.path(), "postgres://editor:s3cret@127.0.0.1:1/news");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("postgres://editor@127.0.0.1:1/news"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
}
