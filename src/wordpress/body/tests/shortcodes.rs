use super::*;

const PICTURE: &str = "<figure><img src=\"https://m.example/a.jpg\" alt=\"Alt\" width=\"6\" height=\"4\"><figcaption>A &amp; B</figcaption></figure>";

#[test]
fn captions_in_both_forms() {
    let new = body(
        "[caption id=\"attachment_1\" align=\"left\" width=\"3\"]<a href=\"/big\"><img src=\"/x.jpg\" alt=\"\" /></a> By <em>Ann</em> [AFP][/caption]\nText",
    );
    assert_eq!(
        new.html,
        "<figure><a href=\"/big\"><img src=\"/x.jpg\" alt=\"\"></a><figcaption>By <em>Ann</em> [AFP]</figcaption></figure>\n<p>Text</p>"
    );
    assert_eq!(new.media, [1]);
    becomes(
        "[wp_caption width='3' caption='Old [sic] form']<img src=\"/x.jpg\">[/wp_caption]",
        "<figure><img src=\"/x.jpg\"><figcaption>Old [sic] form</figcaption></figure>",
    );
    becomes("[caption width=\"3\"]<img src=\"/x.jpg\">[/caption]", "<figure><img src=\"/x.jpg\"></figure>");
    becomes(
        "<p>a [caption]<img src=\"/x.jpg\">c[/caption] b</p>",
        "<p>a</p>\n<figure><img src=\"/x.jpg\"><figcaption>c</figcaption></figure>\n<p>b</p>",
    );
}

#[test]
fn galleries_show_what_they_list_or_what_was_uploaded() {
    let listed = body("[gallery ids=\"1,77\" columns=2]");
    assert_eq!(listed.html, format!("<figure>{PICTURE}</figure>"));
    assert_eq!((listed.media, listed.losses.missing_media), (vec![1], BTreeSet::from([77])));
    for space in ["&nbsp;", "\u{a0}", "&#160;", "\t"] {
        assert_eq!(
            body(&format!("[gallery{space}ids=\"1\"]")).html,
            format!("<figure>{PICTURE}</figure>"),
            "{space:?}"
        );
    }
    becomes(
        "a\n[gallery]\nb",
        "<p>a</p>\n<figure><figure><img src=\"https://m.example/b.jpg\" alt=\"\"></figure></figure>\n<p>b</p>",
    );
    assert_eq!(counts(&body("[gallery id=5]").losses.shortcodes), [("gallery", 1)]);
}

#[test]
fn embeds_are_links() {
    let link = |url: &str| format!("<figure><a href=\"{url}\">{url}</a></figure>");
    becomes("[embed width=\"5\"]https://y.example/v[/embed]", &link("https://y.example/v"));
    becomes("[embed]<a href=\"https://y.example/v\">https://y.example/v</a>[/embed]", &link("https://y.example/v"));
    becomes("[youtube=https://y.example/v]", &link("https://y.example/v"));
    becomes("[youtube id=\"a-b_c\"]", &link("https://www.youtube.com/watch?v=a-b_c"));
    becomes("[vimeo 123]", &link("https://vimeo.com/123"));
}

#[test]
fn players_have_sources_and_controls() {
    becomes("[audio src=\"/a.mp3\"]", "<figure><audio controls src=\"/a.mp3\"></audio></figure>");
    becomes(
        "[audio mp3=\"/a.mp3\" ogg=\"/a.ogg\"][/audio]",
        "<figure><audio controls><source src=\"/a.mp3\"><source src=\"/a.ogg\"></audio></figure>",
    );
    becomes(
        "[audio:http://a.example/x.mp3|titles=X]",
        "<figure><audio controls src=\"http://a.example/x.mp3\"></audio></figure>",
    );
    becomes(
        "[video width=\"640\" height=\"360\" mp4=\"/v.mp4\" poster=\"/p.jpg\"][/video]",
        "<figure><video controls src=\"/v.mp4\" poster=\"/p.jpg\" width=\"640\" height=\"360\"></video></figure>",
    );
    becomes(
        "[audio]",
        "<figure><audio controls src=\"https://m.example/c.mp3\"></audio><figcaption>Song</figcaption></figure>",
    );
    becomes("[video]", "");
    let playlist = "<ol><li><figure><video controls src=\"https://m.example/d.mp4\"></video></figure></li></ol>";
    becomes("[playlist type=\"video\" ids=\"4\"]", playlist);
}

#[test]
fn unknown_shortcodes_are_removed_and_counted_and_their_content_stays() {
    let found = body(
        "a [contact-form-7 id=\"3\" title='x]y'] [vc_row][vc_column width=1/2]<b>b</b>[/vc_column][/vc_row] [x /] [su_note] [poll id=5]\n\n[recent-posts]\n\nc[/stray]",
    );
    assert_eq!(found.html, "<p>a  <b>b</b></p>\n<p>c</p>");
    let expected = [
        ("contact-form-7", 1),
        ("poll", 1),
        ("recent-posts", 1),
        ("stray", 1),
        ("su_note", 1),
        ("vc_column", 1),
        ("vc_row", 1),
        ("x", 1),
    ];
    assert_eq!(counts(&found.losses.shortcodes), expected);
    becomes("a[vc_raw_html]PGI+[/vc_raw_html]b", "<p>ab</p>");
    becomes("[box]a [box]b[/box] c[/box][code]1 < 2[/code]", "<p>a b c</p>\n<pre><code>1 &lt; 2</code></pre>");
}

#[test]
fn prose_in_brackets_stays() {
    let prose = "[sic] [1] [...] [a, b] [Editor's note: x] [update] [the ex-president] said [ex-president] of [and/or] [Фото] [video shows it] [facebook] [gallery of art] x[i] [see [1]]";
    becomes(prose, &format!("<p>{prose}</p>"));
    becomes(
        "[see <a href=\"/x\">this</a>] [text](https://a.example)",
        "<p>[see <a href=\"/x\">this</a>] [text](https://a.example)</p>",
    );
    assert_eq!(body(prose).losses, Losses::default());
}

#[test]
fn escaped_shortcodes_and_code_are_shown() {
    becomes("[[gallery ids=\"1\"]] [[b]x[/b]] [[escaped]]", "<p>[\u{2060}gallery ids=\"1\"] [b]x[/b] [escaped]</p>");
    becomes(
        "<code>[gallery ids=\"1\"] a[b_c]</code><pre>[[audio]] [[ -f x ]]</pre>",
        "<p><code>[gallery ids=\"1\"] a[b_c]</code></p>\n<pre>[audio] [[ -f x ]]</pre>",
    );
    becomes("&#91;gallery&#93;", "<p>[gallery]</p>");
}

#[test]
fn shortcodes_in_attributes_do_not_break_the_tag() {
    becomes(
        "<a title=\"[foo_bar]x [b c='d']\" href=\"/?f[by_date]=1\">y</a>",
        "<p><a title=\"x \" href=\"/?f[by_date]=1\">y</a></p>",
    );
}

#[test]
fn hyphenated_names_with_numbers_and_quotes_are_shortcodes() {
    let found = body(
        "a [contact-form 1 \"Form 1\"] b [contact-form-7 404 'Not Found'] c [contact-form 2 “Form 2”]\n\n[recent-posts 5]\n\n[home-slider \"Top\"]\n\nd",
    );
    assert_eq!(found.html, "<p>a  b  c</p>\n<p>d</p>");
    let expected = [("contact-form", 2), ("contact-form-7", 1), ("home-slider", 1), ("recent-posts", 1)];
    assert_eq!(counts(&found.losses.shortcodes), expected);
    let block = body("<!-- wp:paragraph --><p>[recent-posts 5]</p><!-- /wp:paragraph --><p>x</p>");
    assert_eq!(block.html, "<p>x</p>");
    let prose = "An [ex-president], [x-ray], [sic], [Editor's note: foo], [so-called \"experts\" say], [so-called \"experts\"], [mid-2019 5 men] [Covid-19 5 \"x\"] in [apollo-soyuz 1975] x";
    becomes(prose, &format!("<p>{prose}</p>"));
    assert_eq!(body(prose).losses, Losses::default());
    becomes("[so-called \"experts\" say]", "<p>[so-called \"experts\" say]</p>");
}

#[test]
fn texts_of_two_removed_shortcodes_are_two_paragraphs() {
    let columns = body(
        "[vc_row][vc_column width=\"1/2\"][vc_column_text]Left[/vc_column_text][/vc_column][vc_column width=\"1/2\"][vc_column_text]Right.[/vc_column_text][/vc_column][/vc_row]",
    );
    assert_eq!(columns.html, "<p>Left</p>\n<p>Right.</p>");
    assert_eq!(counts(&columns.losses.shortcodes), [("vc_column", 2), ("vc_column_text", 2), ("vc_row", 1)]);
    becomes("[t_a]x[/t_a][t_b][/t_b][t_c /][t_a]y[/t_a]", "<p>x</p>\n<p>y</p>");
    becomes("[t_a]x[/t_a][vc_raw_html]PGI+[/vc_raw_html][t_a]y[/t_a]", "<p>x</p>\n<p>y</p>");
    becomes("[t_a]<p>x</p>[/t_a][t_a]<b>y[/t_a][t_a]</b>[/t_a]", "<p>x</p>\n<p><b>y</b></p>");
    becomes("<h2>[t_a]x[/t_a][t_a]y[/t_a]</h2>", "<h2>x<br>y</h2>");
    becomes(
        "[caption]<img src=\"/x.jpg\">[t_a]x[/t_a][t_a]y[/t_a][/caption]",
        "<figure><img src=\"/x.jpg\"><figcaption>x\n\ny</figcaption></figure>",
    );
    becomes("<!-- wp:paragraph --><p>[t_a]x[/t_a][t_a]y[/t_a]</p><!-- /wp:paragraph -->", "<p>x\n\ny</p>");
    assert_eq!(plain_without_shortcodes("[t_a]x[/t_a][t_a]y[/t_a]"), "x y");
}

#[test]
fn words_between_the_tags_of_one_shortcode_stay_in_their_sentence() {
    becomes("a [highlight]word[/highlight], b", "<p>a word, b</p>");
    becomes("x[foo_bar a=\"1\"]y[/foo_bar]z", "<p>xyz</p>");
    becomes("a [b_c]d[/b_c] [b_c]e[/b_c] f", "<p>a d e f</p>");
    becomes("a [my_icon][/my_icon][highlight]word[/highlight], b", "<p>a word, b</p>");
    becomes("a[b_c][/d_e][d_e /]", "<p>a</p>");
}

#[test]
fn what_an_unknown_shortcode_names_is_kept() {
    let link = |url: &str| format!("<figure><a href=\"{url}\">{url}</a></figure>");
    becomes("[vc_single_image image=\"1\" img_size=\"full\"]", &format!("<figure>{PICTURE}</figure>"));
    becomes("[et_pb_gallery gallery_ids=\"1,77\"][/et_pb_gallery]", &format!("<figure>{PICTURE}</figure>"));
    becomes(
        "[et_pb_image src=\"https://a.example/a.JPG?x=1\" alt=\"A\"][/et_pb_image]",
        "<figure><img src=\"https://a.example/a.JPG?x=1\" alt=\"A\"></figure>",
    );
    becomes("[vc_video link=\"https://y.example/v\"]", &link("https://y.example/v"));
    becomes("[pdf-embedder url=\"https://a.example/a.pdf\"]", &link("https://a.example/a.pdf"));
    becomes("[vc_custom_heading text=\"A & B\" use_theme_fonts=\"yes\"]", "<h2>A &amp; B</h2>");
    becomes("[vc_row full_width=\"stretch\" title=\"x\"]a[/vc_row]", "<p>a</p>");
    // What it encloses is what it shows.
    let boxed = body("Read [su_button url=\"https://a.example/\"]this[/su_button] now.");
    assert_eq!(
        (boxed.html.as_str(), counts(&boxed.losses.shortcodes)),
        ("<p>Read this now.</p>", vec![("su_button", 1)])
    );
    becomes("[x_image image=\"0\" link=\"https://a.example/\"]", &link("https://a.example/"));
    becomes(
        "[x_image image=\"https://a.example/w_1,2,h_3/a.jpg\"]",
        "<figure><img src=\"https://a.example/w_1,2,h_3/a.jpg\" alt=\"\"></figure>",
    );
    assert_eq!(plain_without_shortcodes("[button url=\"https://a.example/\" /] Buy"), "Buy");
}
