//! Whether a quote may be served at once, or is held until something confirms it.

use jiff::civil::Date;

use super::super::money::{Digits, Exact};

/// A rate to compare with, and whose it is.
#[derive(Debug, Clone)]
pub struct Reference {
    pub value: Exact,
    pub about: String,
}

/// The largest step from one publication to the next, in percent.
const STEP: i64 = 10;
/// The largest distance from an independent source, in percent.
const DISTANCE: i64 = 3;

/// Why `value` is held; `None` when it isn't. `rounding` is what the published digits leave open.
pub fn judge(
    value: &Exact,
    rounding: &Exact,
    last: Option<&Reference>,
    independent: Option<&Reference>,
) -> Option<String> {
    let stepped = last.filter(|last| differs(value, &last.value, STEP, rounding));
    let apart = independent.filter(|other| differs(value, &other.value, DISTANCE, rounding));
    let words = |verb: &str, reference: &Reference| {
        let moved = &(&(value / &reference.value) - &Exact::one()) * &Exact::whole(100);
        format!("{verb} {} % from {}", moved.to_decimals(1), reference.about)
    };
    stepped.map(|last| words("moved", last)).or_else(|| apart.map(|other| words("lies", other)))
}

/// Whether two rates of the same pair are as near to each other as one publication to the next.
pub fn agree(one: &Exact, other: &Exact) -> bool {
    !differs(one, other, STEP, &Exact::whole(0))
}

/// Whether `value` lies more than `percent` from `reference`, and more than `slack`.
fn differs(value: &Exact, reference: &Exact, percent: i64, slack: &Exact) -> bool {
    let gap = (value - reference).magnitude();
    let allowed = &(reference * &Exact::whole(percent)) / &Exact::whole(100);
    &gap - slack > allowed
}

/// The half unit by which the last digit may have been rounded.
pub fn rounding(digits: &Digits, nominal: i64) -> Exact {
    let unit = Exact::scaled(1.into(), digits.decimals());
    &unit / &Exact::whole(2 * nominal)
}

/// How a reference is named in a reason.
pub fn about(digits: &Digits, nominal: i64, whose: &str, date: Date) -> String {
    if nominal == 1 {
        format!("{whose}'s {digits} of {date}")
    } else {
        format!("{whose}'s {digits} for {nominal} of {date}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Digits::read(text, '.').expect(text).value()
    }

    fn held(value: &str, last: Option<&str>, other: Option<&str>) -> Option<String> {
        let reference = |text: &str| Reference { value: exact(text), about: text.to_owned() };
        judge(&exact(value), &Exact::whole(0), last.map(reference).as_ref(), other.map(reference).as_ref())
    }

    #[test]
    fn a_step_of_ten_percent_passes_and_more_is_held() {
        assert_eq!(held("110", Some("100"), None), None);
        assert_eq!(held("90", Some("100"), None), None);
        assert_eq!(held("110.01", Some("100"), None).as_deref(), Some("moved 10.0 % from 100"));
        assert_eq!(held("335.14", Some("478.77"), None).as_deref(), Some("moved -30.0 % from 478.77"));
        assert_eq!(held("7", None, None), None, "a first quote has nothing to differ from");
    }

    #[test]
    fn three_percent_from_an_independent_source_is_held() {
        assert_eq!(held("103", Some("100"), Some("100")), None);
        assert_eq!(held("103.1", Some("100"), Some("100")).as_deref(), Some("lies 3.1 % from 100"));
    }

    #[test]
    fn few_digits_leave_room() {
        let (digits, other) = (Digits::read("0.07", '.').expect("digits"), exact("0.0745"));
        let reference = Reference { value: other, about: String::new() };
        assert_eq!(judge(&digits.value(), &rounding(&digits, 1), None, Some(&reference)), None);
        let (digits, last) = (Digits::read("0.09", '.').expect("digits"), exact("0.10"));
        let reference = Reference { value: last, about: String::new() };
        let held = judge(&digits.value(), &rounding(&digits, 1), Some(&reference), None);
        assert_eq!(held, None, "one step of the last digit is no news");
    }
}
