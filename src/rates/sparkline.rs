//! A small chart of a rate as an SVG that says in words what it shows. Coordinates are exact to a hundredth of a pixel.

use super::money::{Exact, Pair};
use super::names::{Direction, Lang, Spoken, find, sentence};
use super::pricing::Day;
use crate::text::escape;

/// Pixels left free around the line, so that its ends and its dot are not cut.
const MARGIN: i64 = 4;

/// How it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub width: i64,
    pub height: i64,
    pub lang: Lang,
}

/// The chart of `days`, the oldest first; `None` when there is none.
pub fn draw(pair: Pair, days: &[Day], frame: Frame) -> Option<String> {
    let (first, last) = (days.first()?, days.last()?);
    let values: Vec<Exact> = days.iter().map(|day| day.value.clone()).collect();
    let points = points(&values, frame);
    let (dot_x, dot_y) = points.last()?.clone();
    let line: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
    let line = line.join("L");
    let Frame { width, height, lang } = frame;
    let (title, description) = (title(pair, first, last, lang), describe(pair, &values, last, lang));
    // Its own, so that a page that takes the drawing in keeps its other ones and its styles apart.
    let id = blake3::hash(format!("{title}{description}{line}").as_bytes()).to_hex()[..12].to_owned();
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"title-{id} description-{id}\" lang=\"{lang}\">\
         <title id=\"title-{id}\">{title}</title><desc id=\"description-{id}\">{description}</desc>\
         <style>.rate-{id}{{color:#0b5fa5}}@media(prefers-color-scheme:dark){{.rate-{id}{{color:#8cc8ff}}}}</style>\
         <g class=\"rate-{id}\"><path d=\"M{line}L{dot_x} {height}L{MARGIN} {height}Z\" fill=\"currentColor\" fill-opacity=\".14\"/>\
         <path d=\"M{line}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.75\" stroke-linejoin=\"round\" \
         stroke-linecap=\"round\"/><circle cx=\"{dot_x}\" cy=\"{dot_y}\" r=\"2.75\" fill=\"currentColor\"/></g></svg>\n",
        lang = lang.as_ref(),
        title = escape::html(&title),
        description = escape::html(&description),
    ))
}

/// Where each value lies: days from left to right, rates from the bottom up. A rate that never moved lies in the middle.
fn points(values: &[Exact], frame: Frame) -> Vec<(String, String)> {
    let (Some(least), Some(most)) = (values.iter().min(), values.iter().max()) else { return Vec::new() };
    let span = most - least;
    let (wide, high) = (Exact::whole(frame.width - 2 * MARGIN), Exact::whole(frame.height - 2 * MARGIN));
    let steps = Exact::whole((values.len() as i64 - 1).max(1));
    let margin = Exact::whole(MARGIN);
    let place = |(index, value): (usize, &Exact)| {
        let share = if least == most { &Exact::whole(1) / &Exact::whole(2) } else { &(most - value) / &span };
        let x = &margin + &(&(&wide * &Exact::whole(index as i64)) / &steps);
        let y = &margin + &(&high * &share);
        (x.to_decimals_trimmed(2), y.to_decimals_trimmed(2))
    };
    values.iter().enumerate().map(place).collect()
}

fn title(pair: Pair, first: &Day, last: &Day, lang: Lang) -> String {
    let name = |code| find(code).map_or_else(|| code.to_string(), |facts| facts.name(lang).to_owned());
    format!("{}: {} / {}, {} – {}", pair, name(pair.base), name(pair.quote), first.date, last.date)
}

/// The last rate, and how far it has come since the first one.
fn describe(pair: Pair, values: &[Exact], last: &Day, lang: Lang) -> String {
    let moved = match (values.first(), values.last()) {
        (Some(first), Some(last)) => &(&(last / first) - &Exact::one()) * &Exact::whole(100),
        _ => Exact::whole(0),
    };
    let direction = Direction::of(&moved);
    let percent = moved.magnitude().to_decimals(2);
    let spoken = Spoken { base: pair.base, quote: pair.quote, rate: &last.rate, change: Some((direction, &percent)) };
    sentence(lang, &spoken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::money::{Currency, Digits};

    const FRAME: Frame = Frame { width: 108, height: 28, lang: Lang::En };

    fn days(rates: &[&str]) -> Vec<Day> {
        let from = jiff::civil::date(2026, 4, 1);
        let day = |(index, rate): (usize, &&str)| {
            let date = from.saturating_add(jiff::Span::new().days(index as i64));
            let value = rate.parse::<Digits>().expect("digits").value();
            Day { date, rate: (*rate).to_owned(), effective_date: date, value }
        };
        rates.iter().enumerate().map(day).collect()
    }

    fn chart(rates: &[&str]) -> Option<String> {
        draw(Pair::new(Currency::KGS, Currency::USD), &days(rates), FRAME)
    }

    #[test]
    fn the_line_goes_from_edge_to_edge() {
        let chart = chart(&["0.0115", "0.0114", "0.0116"]).expect("a chart");
        assert!(chart.contains("<path d=\"M4 14L54 24L104 4\" fill=\"none\""), "{chart}");
        assert!(chart.contains("<circle cx=\"104\" cy=\"4\""), "{chart}");
    }

    #[test]
    fn it_says_what_it_shows() {
        let chart = chart(&["0.0100", "0.0101"]).expect("a chart");
        assert!(chart.contains(">KGS/USD: Kyrgyz Som / US Dollar, 2026-04-01 – 2026-04-02</title>"), "{chart}");
        assert!(chart.contains(">Kyrgyz Som to US Dollar: 0.0101, up 1.00 percent</desc>"), "{chart}");
    }

    #[test]
    fn a_step_below_the_digits_shown_is_no_standstill() {
        let mut days = days(&["0.0000820061", "0.0000820061"]);
        days[1].value = &days[1].value * &(&Exact::whole(1_000_001) / &Exact::whole(1_000_000));
        let chart = draw(Pair::new(Currency::UZS, Currency::USD), &days, FRAME).expect("a chart");
        assert!(!chart.contains("unchanged"), "{chart}");
    }

    #[test]
    fn a_rate_that_never_moves_is_a_line_in_the_middle() {
        assert!(chart(&["3.5", "3.5"]).expect("a chart").contains("M4 14L104 14"));
        assert!(chart(&["3.5"]).expect("a chart").contains("M4 14\""));
        assert_eq!(chart(&[]), None);
    }
}
