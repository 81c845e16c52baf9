//! The inner loops, by `cargo bench`: what is done to each article when it is stored, and to each card when it is shown. The first
//! group only copies the bytes: a loop's multiple of that can be compared between machines.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use xabar::articles::input::{Body, BodyInput};
use xabar::articles::search::{Indexed, Query};
use xabar::articles::{BodyFormat, card::SetCard, card::Urls};
use xabar::text::{escape, fold, plain_text, sanitise, slug, words};

/// A story of about 600 words in two scripts, with a figure.
fn story() -> String {
    let paragraph = "<p>The caravan reached the <a href=\"https://example.org/port\">port</a> before noon, and \u{ab}the water\u{bb} was low. \
                     Қазақстан мен Өзбекстан келісімге қол қойды, говорится в сообщении.</p>\n";
    let figure = "<figure><img src=\"https://media.example.org/1.jpg\" alt=\"a bridge\"><figcaption>Bridge over the river.</figcaption></figure>\n";
    format!("{}{figure}{}", paragraph.repeat(13), paragraph.repeat(13))
}

fn storing(criterion: &mut Criterion) {
    let html = story();
    let text = plain_text(&html);
    let mut group = criterion.benchmark_group("storing");
    group.throughput(Throughput::Bytes(html.len() as u64));
    group.bench_function("copy", |bench| bench.iter(|| black_box(&html).clone()));
    group.bench_function("sanitise", |bench| bench.iter(|| sanitise(black_box(&html))));
    group.bench_function("plain_text", |bench| bench.iter(|| plain_text(black_box(&html))));
    group.bench_function("count words", |bench| bench.iter(|| words::count(black_box(&text))));
    group.bench_function("fold", |bench| bench.iter(|| fold::fold(black_box(&text))));
    group.bench_function("a whole body", |bench| {
        let input = BodyInput { source: html.clone(), format: BodyFormat::Html };
        bench.iter(|| Body::of(black_box(&input)));
    });
    group.bench_function("tsvector", |bench| {
        let indexed = Indexed::new("Caravan reaches the port", "", &text);
        bench.iter(|| black_box(&indexed).tsvector());
    });
    group.bench_function("slug", |bench| {
        bench.iter(|| slug::slugify(black_box("Қазақстан мен Өзбекстан келісімге қол қойды")))
    });
    group.finish();
}

fn showing(criterion: &mut Criterion) {
    let text = plain_text(&story());
    let (opening, count) = (words::opening(&text, 500), words::count(&text));
    let set = SetCard {
        head: format!(r#"{{"id":1,"slug":"a","url":"\u0001a\u0002","title":"{}","excerpt":"#, "Caravan ".repeat(10)),
        tail: format!(
            r#","authors":[],"tags":[{}]}}"#,
            r#"{"slug":"water","name":"Water","kind":"topic"},"#.repeat(5).trim_end_matches(',')
        ),
    };
    let mut group = criterion.benchmark_group("showing");
    group.throughput(Throughput::Bytes(opening.len() as u64));
    group.bench_function("copy", |bench| bench.iter(|| black_box(&opening).clone()));
    group.bench_function("an excerpt of 50 words", |bench| {
        bench.iter(|| words::excerpt_of_opening(black_box(&opening), 500, 50, count).concat());
    });
    group.bench_function("an excerpt of 500 words as JSON", |bench| {
        let mut out = Vec::with_capacity(16 * 1024);
        bench.iter(|| {
            out.clear();
            escape::push_json(&mut out, words::excerpt_of_opening(black_box(&opening), 500, 500, count));
        });
    });
    group.bench_function("a stored card", |bench| {
        let mut out = Vec::with_capacity(16 * 1024);
        bench.iter(|| {
            out.clear();
            set.write(&mut out, (black_box(&opening), count as i64), 500, Urls("/articles/{slug}"))
        });
    });
    group.bench_function("a query parsed", |bench| {
        bench.iter(|| Query::parse(black_box("\"port of Alat\" grain -title:wheat ferr*")))
    });
    group.finish();
}

criterion_group!(benches, storing, showing);
criterion_main!(benches);
