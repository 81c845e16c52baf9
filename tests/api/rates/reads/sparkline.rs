//! `/v1/rates/{base}/{quote}/sparkline.svg`: a picture that can be read aloud.

use std::collections::BTreeMap;

use jiff::civil::date;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use xabar::rates::sources::{FeedKey, Source};

use super::published::{publish, why_not};
use crate::on_both;
use crate::support::TestApp;
use crate::support::rates::table;

const PATH: &str = "/v1/rates/USD/TJS/sparkline.svg";

/// An element of a picture, and the text directly in it.
#[derive(Debug, Default, PartialEq)]
struct Shape {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

impl Shape {
    fn get(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).map_or("", String::as_str)
    }
}

/// Reads a picture as XML; every element that is opened must be closed by its name.
fn shapes(svg: &[u8]) -> Vec<Shape> {
    let text = str::from_utf8(svg).expect("UTF-8");
    let mut reader = Reader::from_str(text);
    let (mut shapes, mut open): (Vec<Shape>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
            Event::Start(tag) => {
                open.push(shapes.len());
                shapes.push(shape(&tag));
            }
            Event::Empty(tag) => shapes.push(shape(&tag)),
            Event::End(_) => drop(open.pop().expect("something is open")),
            Event::Text(found) => {
                if let Some(at) = open.last() {
                    shapes[*at].text.push_str(&found);
                }
            }
            Event::Eof => break,
            Event::DocType(_) | Event::PI(_) => panic!("not in a picture: {text}"),
            _ => {}
        }
    }
    assert!(open.is_empty(), "{text}");
    shapes
}

fn shape(tag: &BytesStart<'_>) -> Shape {
    let attributes = tag.attributes().map(|one| one.expect("an attribute, once"));
    let attributes = attributes.map(|one| (one.key.as_ref().to_owned(), one.value.into_owned())).collect();
    Shape { name: tag.name().as_ref().to_owned(), attributes, text: String::new() }
}

fn drawn(app: &TestApp, query: &str) -> Vec<Shape> {
    let answer = app.get(&format!("{PATH}{query}"));
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/svg+xml"), "{query}");
    shapes(&answer.body)
}

fn one<'a>(shapes: &'a [Shape], name: &str) -> &'a Shape {
    let found: Vec<&Shape> = shapes.iter().filter(|shape| shape.name == name).collect();
    assert_eq!(found.len(), 1, "{name}: {shapes:?}");
    found[0]
}

/// The points of the line: the path that is not filled.
fn line(shapes: &[Shape]) -> Vec<(String, String)> {
    let path = shapes.iter().find(|shape| shape.name == "path" && shape.get("fill") == "none").expect("a line");
    let steps = path.get("d").trim_start_matches('M').split('L');
    steps.map(|step| step.split_once(' ').expect("a point")).map(|(x, y)| (x.to_owned(), y.to_owned())).collect()
}

/// NBT's dollar on the last days of May: down, up, and over a weekend.
fn publish_may(app: &TestApp) {
    for (day, digits) in [(26, "9.5000"), (28, "9.4000"), (29, "9.6000")] {
        publish(app, Source::Nbt, &table(FeedKey::Nbt, date(2026, 5, day), &[("USD", digits)]));
    }
    publish(app, Source::Nbt, &table(FeedKey::Nbt, date(2026, 6, 1), &[("USD", "9.5475")]));
}

on_both! {
    fn it_has_a_title_and_a_description(app: &TestApp) {
        publish_may(app);

        let shapes = drawn(app, "");

        let svg = &shapes[0];
        assert_eq!(
            (svg.name.as_str(), svg.get("xmlns"), svg.get("role")),
            ("svg", "http://www.w3.org/2000/svg", "img")
        );
        let (title, description) = (one(&shapes, "title"), one(&shapes, "desc"));
        assert_eq!(title.text, "USD/TJS: US Dollar / Tajikistani Somoni, 2026-05-26 – 2026-06-01");
        assert_eq!(description.text, "US Dollar to Tajikistani Somoni: 9.5475, up 0.50 percent");
        assert_eq!(svg.get("aria-labelledby"), format!("{} {}", title.get("id"), description.get("id")));
        assert!(!title.get("id").is_empty() && title.get("id") != description.get("id"));
        assert_eq!(shapes[1].name, "title", "the first thing in it");
    }

    fn it_speaks_the_language(app: &TestApp) {
        publish_may(app);

        for (lang, title, description) in [
            (
                "ru",
                "USD/TJS: доллар США / таджикский сомони, 2026-05-26 – 2026-06-01",
                "Доллар США — таджикский сомони: 9,5475, рост на 0,50\u{a0}%",
            ),
            (
                "uz-Cyrl",
                "USD/TJS: АҚШ доллари / Тожикистон сомониси, 2026-05-26 – 2026-06-01",
                "АҚШ доллари — Тожикистон сомониси: 9,5475, курс 0,50 фоизга ошди",
            ),
        ] {
            let shapes = drawn(app, &format!("?lang={lang}"));
            assert_eq!((one(&shapes, "title").text.as_str(), one(&shapes, "desc").text.as_str()), (title, description));
            assert_eq!(shapes[0].get("lang"), lang);
        }
    }

    fn it_draws_each_day(app: &TestApp) {
        publish_may(app);

        // Seven days, six steps of 20 pixels; 9.6 is the top, 9.4 the bottom of 40 pixels with 4 to spare.
        let shapes = drawn(app, "?days=7&width=128&height=48");
        let expected =
            [("4", "24"), ("24", "24"), ("44", "44"), ("64", "4"), ("84", "4"), ("104", "4"), ("124", "14.5")];
        assert_eq!(line(&shapes), expected.map(|(x, y)| (x.to_owned(), y.to_owned())));
        let dot = one(&shapes, "circle");
        assert_eq!((dot.get("cx"), dot.get("cy")), ("124", "14.5"), "where the line ends");
    }

    fn it_covers_the_days_asked_for(app: &TestApp) {
        publish_may(app);

        for (query, days, last) in [
            ("?days=2", 2, "2026-05-31 – 2026-06-01"),
            ("?days=4", 4, "2026-05-29 – 2026-06-01"),
            ("?days=7", 7, "2026-05-26 – 2026-06-01"),
            ("", 7, "2026-05-26 – 2026-06-01"),
            ("?days=3660", 7, "2026-05-26 – 2026-06-01"),
            ("?date=2026-05-28&days=2", 2, "2026-05-27 – 2026-05-28"),
            ("?date=2026-05-26", 1, "2026-05-26 – 2026-05-26"),
        ] {
            let shapes = drawn(app, query);
            assert_eq!(line(&shapes).len(), days, "{query}");
            assert!(one(&shapes, "title").text.ends_with(last), "{query}: {}", one(&shapes, "title").text);
        }
    }

    fn it_has_the_size_asked_for_and_stays_in_it(app: &TestApp) {
        publish_may(app);

        for (query, width, height) in [
            ("", 160, 40),
            ("?width=40&height=16", 40, 16),
            ("?width=2000&height=1000", 2000, 1000),
            ("?width=333", 333, 40),
        ] {
            let shapes = drawn(app, query);
            let size = ["width", "height", "viewBox"].map(|name| shapes[0].get(name).to_owned());
            assert_eq!(size, [width.to_string(), height.to_string(), format!("0 0 {width} {height}")], "{query}");
            let within = |text: &str, most: i32| {
                text.split('.').next().expect("a number").parse().is_ok_and(|whole: i32| (0..=most).contains(&whole))
            };
            assert!(line(&shapes).iter().all(|(x, y)| within(x, width) && within(y, height)), "{query}");
        }
    }

    fn without_a_rate_there_is_no_picture(app: &TestApp) {
        let why = why_not(app, "/USD/TJS/sparkline.svg");
        assert!(why.contains("National Bank of Tajikistan has no quote of USD/TJS"), "{why}");
        publish_may(app);

        let why = why_not(app, "/USD/TJS/sparkline.svg?date=2026-05-25");
        assert!(why.contains("for 2026-05-25"), "{why}");
        assert!(why_not(app, "/EUR/USD/sparkline.svg").starts_with("EUR/USD has no official rate"));
        assert_eq!(app.get("/v1/rates/EUR/USD/sparkline.svg").header("content-type"), "application/problem+json");
    }

    fn what_is_wrong_is_named(app: &TestApp) {
        publish_may(app);

        for (query, parameter, code) in [
            ("days=1", "days", "invalid-parameter"),
            ("days=3661", "days", "limit-too-large"),
            ("width=39", "width", "invalid-parameter"),
            ("width=2001", "width", "limit-too-large"),
            ("height=15", "height", "invalid-parameter"),
            ("height=1001", "height", "limit-too-large"),
            ("width=160px", "width", "invalid-parameter"),
            ("lang=%22%3E%3Cscript%3E", "lang", "invalid-parameter"),
            ("color=red", "color", "unknown-parameter"),
        ] {
            let answer = app.get(&format!("{PATH}?{query}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, code), "{query}");
            assert_eq!(answer.json()["errors"][0]["parameter"], parameter, "{query}");
        }
    }
}
