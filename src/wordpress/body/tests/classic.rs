use super::*;

#[test]
fn blank_lines_part_paragraphs_and_newlines_are_breaks() {
    becomes("One\r\ntwo\r\n\r\n \r\nthree", "<p>One<br>two</p>\n<p>three</p>");
    becomes("a<br />\nb<br><br>c", "<p>a<br>b</p>\n<p>c</p>");
    becomes("a\n\n&nbsp;\n\nb", "<p>a</p>\n<p>b</p>");
    becomes("", "");
    becomes("<a\nhref=\"/x\">y</a>", "<p><a href=\"/x\">y</a></p>");
}

#[test]
fn blocks_end_paragraphs_and_keep_what_is_theirs() {
    becomes(
        "a\n<h2>b\nc</h2>\nd\n<ul>\n<li>e</li>\n<li>f\n\ng</li>\n</ul>\nh",
        "<p>a</p>\n<h2>b<br>c</h2>\n<p>d</p>\n<ul><li>e</li><li><p>f</p><p>g</p></li></ul>\n<p>h</p>",
    );
    becomes("<pre>a\n\nb  c</pre>\nd", "<pre>a\n\nb  c</pre>\n<p>d</p>");
    becomes("<blockquote>a\n\nb</blockquote>", "<blockquote><p>a</p><p>b</p></blockquote>");
    becomes("<table>\n<tr>\n<td>a</td>\n</tr>\n</table>", "<table><tr><td>a</td></tr></table>");
    becomes("<p style=\"x\">a</p>b<hr />c", "<p>a</p>\n<p>b</p>\n<hr>\n<p>c</p>");
    becomes("<div class=\"box\">a\n\nb</div>", "<p>a</p>\n<p>b</p>");
    becomes("<div>a</div><div></div><p>&nbsp;</p>", "<p>a</p>");
}

#[test]
fn more_and_nextpage_part_paragraphs_and_comments_go() {
    becomes("a<!--more Read on-->b<!-- note -->c<!--nextpage-->d", "<p>a</p>\n<p>bc</p>\n<p>d</p>");
    becomes("a <!-- never closed", "<p>a  never closed</p>");
}

#[test]
fn an_address_alone_on_a_line_is_a_link_in_a_figure() {
    becomes(
        "a\nhttps://y.example/?a=1&amp;b=2\nb https://z.example",
        "<p>a</p>\n<figure><a href=\"https://y.example/?a=1&amp;b=2\">https://y.example/?a=1&amp;b=2</a></figure>\n<p>b https://z.example</p>",
    );
}

#[test]
fn frames_programs_and_forms_are_replaced_or_gone() {
    becomes(
        "a <iframe src=\"//www.youtube.com/embed/abc?rel=0\"></iframe> b",
        "<p>a</p>\n<figure><a href=\"https://www.youtube.com/watch?v=abc\">https://www.youtube.com/watch?v=abc</a></figure>\n<p>b</p>",
    );
    becomes("a<script>if (1<2) x('</p>[b_c]')</script>b<form><input>c</form><style>p{}</style>", "<p>ab</p>");
    becomes(
        "<object><param name=x><embed src=\"https://v.example/x\"></object>",
        "<figure><a href=\"https://v.example/x\">https://v.example/x</a></figure>",
    );
}

#[test]
fn malformed_markup_loses_no_text() {
    becomes("<p>a<p><b>b</p>c</b> <i>d", "<p>a</p>\n<p><b>b</b></p>\n<p><b>c</b> <i>d</i></p>");
    becomes("a < b && c > d <3", "<p>a &lt; b &amp;&amp; c &gt; d &lt;3</p>");
    becomes("</div></p>a<font color=red>b</font><span>c</span>", "<p>abc</p>");
}

#[test]
fn pictures_are_loaded_and_noted() {
    let found = body(
        "<a href=\"/x\"><img class=\"alignleft wp-image-2\" src=\"data:image/gif;x\" data-src=\"/b.jpg\"></a><img class=wp-image-7 src=/c.jpg><img class=wp-image-2 src=/b.jpg>",
    );
    assert_eq!(found.html, "<p><a href=\"/x\"><img src=\"/b.jpg\"></a><img src=\"/c.jpg\"><img src=\"/b.jpg\"></p>");
    assert_eq!(found.media, [2, 7]);
    becomes("hi <img class=\"emoji\" alt=\"😀\" src=\"https://s.w.org/x.svg\">", "<p>hi 😀</p>");
}

#[test]
fn relative_addresses_are_those_of_the_page() {
    let source = BodySource {
        raw: "<p><a href=\"/old/\">a</a> <a href=\"#b\">b</a></p><img src=\"/a.jpg\" srcset=\"/a.jpg 1x, b.jpg 2x\">\
              <iframe src=\"/player\"></iframe>",
        address: "https://habar.example/2020/canal/",
        ..BodySource::default()
    };
    assert_eq!(
        convert(source, &Shelf).html,
        "<p><a href=\"https://habar.example/old/\">a</a> <a href=\"#b\">b</a></p>\n\
         <figure><img src=\"https://habar.example/a.jpg\" srcset=\"https://habar.example/a.jpg 1x, https://habar.example/2020/canal/b.jpg 2x\"></figure>\n\
         <figure><a href=\"https://habar.example/player\">https://habar.example/player</a></figure>"
    );
}

#[test]
fn a_picture_is_found_wherever_its_address_stands() {
    becomes("<img src=\"/blank.gif\" data-src=\"/a.jpg\">", "<figure><img src=\"/a.jpg\"></figure>");
    becomes("<img src=\"/a.jpg\" data-src=\"\">", "<figure><img src=\"/a.jpg\"></figure>");
    becomes("<img src=\"data:x\" data-srcset=\"/a.jpg 1w, /b.jpg 2w\">", "<figure><img src=\"/b.jpg\"></figure>");
    becomes("<img srcset=\"/a.jpg 9w\">", "<figure><img srcset=\"/a.jpg 9w\" src=\"/a.jpg\"></figure>");
    becomes("a<img alt=\"nothing\">", "<p>a</p>");
    becomes("<img src=\"/a.jpg\" data-original=\"true\">", "<figure><img src=\"/a.jpg\"></figure>");
    becomes("<img src=\"/blank.gif\" data-srcset=\"/a.jpg 9w\">", "<figure><img src=\"/a.jpg\"></figure>");
    for source in ["src=\"about:blank\" data-src", "src=\"\" data-lazy-src", "src"] {
        becomes(
            &format!("<iframe {source}=\"https://v.example/1\"></iframe>"),
            "<figure><a href=\"https://v.example/1\">https://v.example/1</a></figure>",
        );
    }
}

#[test]
fn what_a_network_would_draw_is_led_to() {
    let link = |url: &str| format!("<figure><a href=\"{url}\">{url}</a></figure>");
    becomes(
        "<blockquote class=\"tiktok-embed\" cite=\"https://t.example/@a/video/1\"> <section><a href=\"https://t.example/@a?refer=embed\">@a</a></section> </blockquote>",
        &format!(
            "<blockquote cite=\"https://t.example/@a/video/1\"><section><a href=\"https://t.example/@a?refer=embed\">@a</a></section></blockquote>\n{}",
            link("https://t.example/@a/video/1")
        ),
    );
    becomes(
        "<blockquote class=\"instagram-media\" data-instgrm-permalink=\"https://i.example/p/1/?utm_source=x\"><a href=\"https://i.example/p/1/?utm_source=y\">View</a></blockquote>",
        "<blockquote><p><a href=\"https://i.example/p/1/?utm_source=y\">View</a></p></blockquote>",
    );
    becomes("<div class=\"fb-post\" data-href=\"https://f.example/1\"></div>", &link("https://f.example/1"));
    becomes("<div class=\"fb-post\" data-href=\"https://f.example/1\">a</div>", "<p>a</p>");
    becomes(
        "a<script async src=\"https://t.example/w.js\" data-telegram-post=\"kabar/12\" data-width=\"100%\"></script>b",
        &format!("<p>a</p>\n{}\n<p>b</p>", link("https://t.me/kabar/12")),
    );
    becomes("a<script data-telegram-post=\"&quot;><b>\"></script>", "<p>a</p>");
}

#[test]
fn words_in_a_line_stay_apart_in_what_holds_blocks() {
    becomes(
        "<details><summary>A</summary> <b>b</b> <i>c</i> </details>",
        "<details><summary>A</summary><b>b</b> <i>c</i></details>",
    );
    becomes(
        "<figure> <img src=\"/a.jpg\"> <strong>By:</strong> <a href=\"/x\">C</a> </figure>",
        "<figure><img src=\"/a.jpg\"><strong>By:</strong> <a href=\"/x\">C</a></figure>",
    );
}
