use super::*;

#[test]
fn comments_go_and_content_stays() {
    becomes(
        "<!-- wp:heading {\"level\":3,\"x\":\"-->\"} -->\n<h3 class=\"wp-block-heading\">a</h3>\n<!-- /wp:heading -->\n\n<!-- wp:core/paragraph -->\n<p>b\nc</p>\n<!-- /wp:core/paragraph -->",
        "<h3>a</h3>\n<p>b\nc</p>",
    );
    becomes(
        "<!-- wp:columns --><div><!-- wp:column --><div><p>a</p></div><!-- /wp:column --><div></div></div><!-- /wp:columns -->",
        "<p>a</p>",
    );
    becomes("<!--wp:paragraph--><p>a</p><!--/wp:paragraph--><!-- wp:separator/-->", "<p>a</p>");
}

#[test]
fn malformed_comments_lose_no_text() {
    becomes("<!-- wp:group {broken --><p>a</p><!-- /wp:other --><p>b</p>", "<p>a</p>\n<p>b</p>");
    becomes("<!-- /wp:x --><p>a</p><!-- wp:query --><!-- wp:post-template --><p>b</p>", "<p>a</p>\n<p>b</p>");
    becomes("<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph", "<p>a</p>");
}

#[test]
fn text_between_blocks_is_classic() {
    becomes(
        "<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph -->\nb\n\nc\n<!-- wp:html --><b>d\n\ne</b><!-- /wp:html -->",
        "<p>a</p>\n<p>b</p>\n<p>c</p>\n<p><b>d\n\ne</b></p>",
    );
    becomes("<!-- wp:freeform -->a\n\nb<!-- /wp:freeform -->", "<p>a</p>\n<p>b</p>");
}

#[test]
fn embeds_and_files_are_links() {
    becomes(
        "<!-- wp:embed {\"url\":\"https://y.example/v?a=1\\u0026b=2\"} --><figure class=\"wp-block-embed\"><div class=\"wp-block-embed__wrapper\">\nhttps://y.example/v?a=1&amp;b=2\n</div><figcaption>See <b>it</b></figcaption></figure><!-- /wp:embed -->",
        "<figure><a href=\"https://y.example/v?a=1&amp;b=2\">https://y.example/v?a=1&amp;b=2</a><figcaption>See <b>it</b></figcaption></figure>",
    );
    becomes(
        "<!-- wp:core-embed/youtube {\"url\":\"https://y.example/v\"} /-->",
        "<figure><a href=\"https://y.example/v\">https://y.example/v</a></figure>",
    );
    let file = body(
        "<!-- wp:file {\"id\":3} --><div class=\"wp-block-file\"><object class=\"wp-block-file__embed\" data=\"https://a.example/f.pdf\"></object><a href=\"/f.pdf\">F</a><a href=\"/f.pdf\" class=\"wp-block-file__button\" download>Download</a></div><!-- /wp:file -->",
    );
    assert_eq!((file.html.as_str(), file.media), ("<p><a href=\"/f.pdf\">F</a></p>", vec![3]));
}

#[test]
fn blocks_that_only_wordpress_can_fill_vanish_and_are_counted() {
    let found = body(
        "<!-- wp:latest-posts {\"order\":\"asc\"} /--><!-- wp:query --><div><h2>q</h2><!-- wp:post-template --><p>t</p><!-- wp:post-title /--><!-- /wp:post-template --></div><!-- /wp:query --><!-- wp:acf/x {\"data\":{}} /-->",
    );
    assert_eq!(found.html, "<h2>q</h2>");
    assert_eq!(
        counts(&found.losses.blocks),
        [("acf/x", 1), ("latest-posts", 1), ("post-template", 1), ("post-title", 1)]
    );
}

#[test]
fn media_blocks_keep_their_order_and_show_what_they_lost() {
    let found = body(
        "<!-- wp:video {\"id\":4} --><figure><video src=\"/v.mp4\"></video></figure><!-- /wp:video --><!-- wp:image {\"id\":2} --><figure><img class=\"wp-image-2\" src=\"/b.jpg\"/></figure><!-- /wp:image --><!-- wp:audio {\"id\":3} /--><!-- wp:gallery {\"ids\":[1]} /-->",
    );
    assert_eq!(found.media, [4, 2, 3, 1]);
    assert_eq!(
        found.html,
        "<figure><video src=\"/v.mp4\" controls></video></figure>\n<figure><img src=\"/b.jpg\"></figure>\n<figure><audio controls src=\"https://m.example/c.mp3\"></audio><figcaption>Song</figcaption></figure>\n<figure><figure><img src=\"https://m.example/a.jpg\" alt=\"Alt\" width=\"6\" height=\"4\"><figcaption>A &amp; B</figcaption></figure></figure>"
    );
}

#[test]
fn shortcode_blocks_hold_shortcodes_whatever_they_look_like() {
    let found = body(
        "<!-- wp:shortcode -->[thing]<!-- /wp:shortcode --><!-- wp:paragraph --><p>[thing]</p><!-- /wp:paragraph -->",
    );
    assert_eq!(found.html, "<p>[thing]</p>");
    assert_eq!(counts(&found.losses.shortcodes), [("thing", 1)]);
}

#[test]
fn footnotes_come_from_the_post_meta() {
    let raw = "<!-- wp:paragraph --><p>a<sup data-fn=\"x\" class=\"fn\"><a href=\"#x\" id=\"x-link\">1</a></sup></p><!-- /wp:paragraph --><!-- wp:footnotes /-->";
    let footnotes = Some("[{\"content\":\"A <em>note</em>\",\"id\":\"x\"}]");
    let found = convert(BodySource { raw, post: 9, footnotes, ..BodySource::default() }, &Shelf);
    assert_eq!(found.html, "<p>a<sup>1</sup></p>\n<ol><li>A <em>note</em></li></ol>");
}

#[test]
fn reusable_blocks_and_menus_are_rendered() {
    becomes("<!-- wp:block {\"ref\":20} /-->", "<p>shared</p>");
    assert_eq!(
        counts(&body("<!-- wp:block {\"ref\":21} /--><!-- wp:block {\"ref\":99} /-->").losses.blocks),
        [("block", 2)]
    );
    becomes(
        "<!-- wp:social-links --><ul><!-- wp:social-link {\"url\":\"https://t.example/x\",\"service\":\"telegram\"} /--><!-- wp:social-link {\"url\":\"#\",\"service\":\"x\"} /--></ul><!-- /wp:social-links -->",
        "<ul><li><a href=\"https://t.example/x\">telegram</a></li></ul>",
    );
}

#[test]
fn the_title_of_an_accordion_stays_and_other_buttons_go() {
    becomes(
        "<!-- wp:accordion-heading --><h3 class=\"wp-block-accordion-heading\"><button type=\"button\"><span>Question?</span><span class=\"wp-block-accordion-heading__toggle-icon\" aria-hidden=\"true\">+</span></button></h3><!-- /wp:accordion-heading --><p>Answer. <button>Share</button></p>",
        "<h3>Question?</h3>\n<p>Answer. </p>",
    );
}

#[test]
fn words_of_divisions_stay_apart_where_no_blocks_may_stand() {
    becomes("<ul><li><div>Bread</div><div>40 som</div></li></ul>", "<ul><li>Bread 40 som</li></ul>");
    becomes("<dl><dt><div>One</div><div>Two</div></dt></dl>", "<dl><dt>One Two</dt></dl>");
}

#[test]
fn the_picture_behind_a_cover_s_text_is_kept() {
    becomes(
        "<!-- wp:cover {\"url\":\"https://a.example/x.jpg\",\"id\":7,\"alt\":\"A pass\",\"hasParallax\":true} --><div class=\"wp-block-cover\" style=\"background-image:url(https://a.example/x.jpg)\"><p>Over it.</p></div><!-- /wp:cover -->",
        "<figure><img src=\"https://a.example/x.jpg\" alt=\"A pass\"></figure>\n<p>Over it.</p>",
    );
}

#[test]
fn a_formula_is_what_was_written() {
    becomes(
        "<!-- wp:math {\"latex\":\"a < b\"} --><p><math><mi>a</mi></math></p><!-- /wp:math -->",
        "<p><code>a &lt; b</code></p>",
    );
    assert_eq!(counts(&body("<!-- wp:math /-->").losses.blocks), [("math", 1)]);
}

#[test]
fn what_a_post_writes_into_a_reusable_block_stands_there() {
    let own = "{\"ref\":22,\"content\":{\"Head\":{\"content\":\"Own &amp; <em>only</em>\"},\"More\":{\"text\":\"Read\",\"url\":\"https://a.example/\"},\
               \"Picture\":{\"id\":1,\"url\":\"https://m.example/a.jpg\",\"alt\":\"A\"},\"Foot\":{}}}";
    let shown = body(&format!("<!-- wp:block {own} /--><!-- wp:block {{\"ref\":22}} /-->"));
    let lines: Vec<&str> = shown.html.lines().collect();
    assert_eq!(
        lines,
        [
            "<h2>Own &amp; <em>only</em></h2>",
            "<figure><img src=\"https://m.example/a.jpg\" alt=\"A\"></figure>",
            "<p><a href=\"https://a.example/\">Read</a></p>",
            "<p>foot</p>",
            "<h2>head</h2>",
            "<figure><img src=\"/x.jpg\"></figure>",
            "<p><a href=\"/y\">more</a></p>",
            "<p>foot</p>",
        ]
    );
    assert_eq!(shown.media, [1]);
    // A name by itself, as any block may have in an editor's list, opens nothing.
    let named = body("<!-- wp:block {\"ref\":23,\"content\":{\"Card\":{\"content\":\"Own\"}}} /-->");
    assert_eq!(named.html, "<p>card</p>");
}
