use jiff::civil::date;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

fn calendar() -> Calendar {
    Calendar::default()
}

#[test]
fn almaty_changed_its_zone_on_the_first_of_march_2024() {
    let date_at = |text: &str| calendar().date(Source::Nbk, at(text));
    assert_eq!(date_at("2024-02-28T17:59:59Z"), date(2024, 2, 28));
    assert_eq!(date_at("2024-02-28T18:00:00Z"), date(2024, 2, 29), "midnight was at 18:00 UTC");
    assert_eq!(date_at("2024-02-29T18:30:00Z"), date(2024, 2, 29), "the last hour of February came twice");
    assert_eq!(date_at("2024-02-29T19:00:00Z"), date(2024, 3, 1));
    assert_eq!(date_at("2024-03-01T18:30:00Z"), date(2024, 3, 1), "midnight is at 19:00 UTC");
    assert_eq!(calendar().midnight(Source::Nbk, date(2024, 3, 2)), at("2024-03-01T19:00:00Z"));
}

#[test]
fn nauryz_of_2026_has_two_substitute_days_in_kazakhstan() {
    let works = |day| calendar().works(Source::Nbk, date(2026, 3, day));
    let working: Vec<i8> = (16..=31).filter(|day| works(*day)).collect();
    assert_eq!(working, [16, 17, 18, 19, 20, 26, 27, 30, 31]);
}

#[test]
fn christmas_on_a_weekend_has_no_substitute_in_kazakhstan() {
    assert!(calendar().works(Source::Nbk, date(2024, 1, 8)), "2024-01-07 was a Sunday");
    assert!(!calendar().works(Source::Nbkr, date(2024, 1, 8)));
}

#[test]
fn the_configuration_has_the_last_word_on_a_day() {
    let mut calendar = calendar();
    calendar.tell(Source::Nbkr, date(2026, 5, 23), true);
    calendar.tell(Source::Nbkr, date(2026, 5, 25), false);
    assert!(calendar.works(Source::Nbkr, date(2026, 5, 23)) && !calendar.works(Source::Nbk, date(2026, 5, 23)));
    assert_eq!(calendar.table(FeedKey::NbkrDaily, date(2026, 5, 24)).map(|table| table.date), Some(date(2026, 5, 24)));
    assert_eq!(calendar.table(FeedKey::NbkrDaily, date(2026, 5, 26)), None);
}

#[test]
fn each_bank_has_its_own_way_over_a_weekend() {
    // 2026-04-03 is a Friday.
    let dates =
        |feed| -> Vec<i8> { (2..=8).filter(|day| calendar().table(feed, date(2026, 4, *day)).is_some()).collect() };
    assert_eq!(dates(FeedKey::NbkrDaily), [2, 3, 4, 7], "in force on the day after; 7 April is a holiday in Bishkek");
    assert_eq!(dates(FeedKey::Nbk), [2, 3, 6, 7, 8]);
    assert_eq!(dates(FeedKey::Nbt), [2, 3, 6, 7, 8]);
    assert_eq!(dates(FeedKey::NbkrWeekly), [4]);
    let monday = calendar().table(FeedKey::Nbk, date(2026, 4, 6)).expect("a working day");
    assert_eq!((monday.opens, monday.closes), (at("2026-04-03T09:00:00Z"), at("2026-04-03T11:00:00Z")));
}

#[test]
fn a_table_is_due_when_its_window_closes() {
    let due = |feed, day, text| calendar().due(feed, date(2026, 4, day), at(text));
    assert_eq!(due(FeedKey::Nbt, 2, "2026-04-02T05:59:00Z"), Some(date(2026, 4, 1)));
    assert_eq!(due(FeedKey::Nbt, 2, "2026-04-02T06:00:00Z"), Some(date(2026, 4, 2)));
    assert_eq!(due(FeedKey::Nbk, 2, "2026-04-01T20:00:00Z"), Some(date(2026, 4, 2)), "it was out on the day before");
    assert_eq!(calendar().missed(FeedKey::Nbt, date(2026, 4, 1), date(2026, 4, 7), at("2026-04-07T07:00:00Z")), 4);
}

#[test]
fn knows_what_comes_next() {
    let awaited = |feed, last, text| calendar().awaited(feed, Some(last), at(text)).map(|table| table.date);
    assert_eq!(awaited(FeedKey::Nbk, date(2026, 4, 3), "2026-04-03T10:00:00Z"), Some(date(2026, 4, 6)));
    assert_eq!(awaited(FeedKey::Nbk, date(2026, 4, 6), "2026-04-03T10:00:00Z"), Some(date(2026, 4, 7)));
    assert_eq!(
        awaited(FeedKey::Nbt, date(2026, 4, 2), "2026-04-03T08:00:00Z"),
        Some(date(2026, 4, 6)),
        "missed 3 April"
    );
    let newest = |feed, text| calendar().newest(feed, at(text)).map(|table| table.date);
    assert_eq!(newest(FeedKey::Nbk, "2026-04-03T08:59:00Z"), Some(date(2026, 4, 3)));
    assert_eq!(newest(FeedKey::Nbk, "2026-04-03T09:00:00Z"), Some(date(2026, 4, 6)), "Friday's session is for Monday");
}

#[test]
fn a_week_s_table_is_published_on_the_last_working_day_before_it() {
    let table =
        |day| calendar().table(FeedKey::NbkrWeekly, day).map(|table| calendar().date(Source::Nbkr, table.opens));
    assert_eq!(table(date(2026, 4, 4)), Some(date(2026, 4, 3)), "a Friday");
    assert_eq!(table(date(2026, 5, 2)), Some(date(2026, 4, 30)), "the Friday is May Day");
    assert_eq!(table(date(2026, 4, 3)), None);
}

#[test]
fn a_date_may_lie_ahead_by_two_days_or_until_work_goes_on() {
    let horizon = |feed, text| calendar().horizon(feed, at(text));
    assert_eq!(horizon(FeedKey::NbkrDaily, "2026-04-03T10:00:00Z"), date(2026, 4, 5));
    assert_eq!(horizon(FeedKey::Nbk, "2026-04-03T10:00:00Z"), date(2026, 4, 6));
    assert_eq!(horizon(FeedKey::Nbk, "2026-03-20T10:00:00Z"), date(2026, 3, 26), "Nauryz lies between");
    assert_eq!(horizon(FeedKey::Cbu, "2026-04-01T10:00:00Z"), date(2026, 4, 3));
    // Thursday and Friday, the 7th and the 8th of November, are holidays, and Wednesday's table is Saturday's.
    assert_eq!(horizon(FeedKey::NbkrWeekly, "2030-11-06T07:00:00Z"), date(2030, 11, 8), "before its hours");
    assert_eq!(horizon(FeedKey::NbkrWeekly, "2030-11-06T09:00:00Z"), date(2030, 11, 9));
    assert_eq!(horizon(FeedKey::NbkrDaily, "2030-11-06T09:00:00Z"), date(2030, 11, 8));
}
