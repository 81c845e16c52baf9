//! Writing plain text into HTML.

/// `text` with the five characters that mean something to HTML replaced; right for content and for quoted attributes.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_html(&mut out, text);
    out
}

/// Appends `text`, escaped as [`html`] does, to `out`.
pub fn push_html(out: &mut String, text: &str) {
    for c in text.chars() {
        push_char(out, c);
    }
}

/// Appends `c`, escaped as [`html`] does, to `out`.
pub fn push_char(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_the_five_characters_and_no_other() {
        assert_eq!(
            html(r#"<a href='x'>"Сом" & ёж</a>"#),
            "&lt;a href=&#39;x&#39;&gt;&quot;Сом&quot; &amp; ёж&lt;/a&gt;"
        );
    }
}
