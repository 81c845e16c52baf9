//! Arithmetic as at school, on digits in a row: what the server's own is compared with. No big numbers are used.

use std::cmp::Ordering;

/// A whole number: its digits, the first of which is not zero. Zero has none.
type Whole = Vec<u8>;

/// The digits of a decimal text, and how many of them stand behind the point.
fn read(text: &str) -> (Whole, usize) {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
    (without_zeros(digits), fraction.len())
}

fn without_zeros(digits: Whole) -> Whole {
    digits.into_iter().skip_while(|digit| *digit == 0).collect()
}

fn compare(one: &Whole, other: &Whole) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// Takes the smaller from the larger.
fn minus(larger: &Whole, smaller: &Whole) -> Whole {
    let mut digits = larger.clone();
    let mut borrowed = 0;
    for place in 0..digits.len() {
        let at = digits.len() - 1 - place;
        let taken = borrowed + smaller.len().checked_sub(place + 1).map_or(0, |from| smaller[from]);
        borrowed = u8::from(digits[at] < taken);
        digits[at] = digits[at] + 10 * borrowed - taken;
    }
    without_zeros(digits)
}

/// Adds one in the last place.
fn increment(digits: &mut Whole) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
}

/// Divides with `places` more digits than a whole quotient has; half of the last one and more counts as a whole one.
fn long_division(dividend: &Whole, divisor: &Whole, places: usize) -> Whole {
    let (mut quotient, mut rest) = (Whole::new(), Whole::new());
    let mut bring_down = |digit: u8| {
        rest.push(digit);
        rest = without_zeros(rest.clone());
        let mut times = 0;
        while compare(&rest, divisor) != Ordering::Less {
            rest = minus(&rest, divisor);
            times += 1;
        }
        times
    };
    for digit in dividend.iter().copied().chain(std::iter::repeat_n(0, places)) {
        quotient.push(bring_down(digit));
    }
    if bring_down(0) >= 5 {
        increment(&mut quotient);
    }
    without_zeros(quotient)
}

fn write(digits: &Whole, places: usize) -> String {
    let digits = [vec![0; (places + 1).saturating_sub(digits.len())], digits.clone()].concat();
    let text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    let (whole, fraction) = text.split_at(text.len() - places);
    if places == 0 { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// `dividend / divisor` with `places` decimals, rounded half up.
pub fn divided(dividend: &str, divisor: &str, places: usize) -> String {
    let ((mut upper, behind), (mut lower, below)) = (read(dividend), read(divisor));
    upper.extend(std::iter::repeat_n(0, below));
    lower.extend(std::iter::repeat_n(0, behind));
    write(&long_division(&upper, &lower, places), places)
}

/// `dividend / divisor` with the most decimals that show no more than `digits` significant digits, or as a whole number.
pub fn divided_to(dividend: &str, divisor: &str, digits: usize) -> String {
    let longer = (0..).map(|places| divided(dividend, divisor, places));
    let fitting = longer.take_while(|text| significant(text) <= digits).last();
    fitting.unwrap_or_else(|| divided(dividend, divisor, 0))
}

/// A decimal text with its point moved to the left.
pub fn moved(text: &str, places: usize) -> String {
    let (digits, behind) = read(text);
    write(&digits, behind + places)
}

/// The significant digits of a decimal text.
pub fn significant(text: &str) -> usize {
    read(text).0.len()
}

/// A decimal text, greater by one in its last place.
pub fn next_up(text: &str) -> String {
    let (mut digits, behind) = read(text);
    increment(&mut digits);
    write(&digits, behind)
}

#[test]
fn it_divides_as_on_paper() {
    assert_eq!(divided("1", "3", 4), "0.3333");
    assert_eq!(divided("2", "3", 4), "0.6667");
    assert_eq!(divided("22", "7", 0), "3");
    assert_eq!(divided("1", "8", 2), "0.13");
    assert_eq!(divided("999.96", "1", 1), "1000.0");
    assert_eq!(divided("1", "12194.21", 10), "0.0000820061");
    assert_eq!((divided("0.5", "1", 0), divided("0.49", "1", 0)), ("1".to_owned(), "0".to_owned()));
    assert_eq!(divided("10.00", "0.0100", 2), "1000.00");
}

#[test]
fn it_counts_moves_and_adds_digits() {
    assert_eq!(divided_to("1", "87.4500", 6), "0.0114351");
    assert_eq!((divided_to("0.9999996", "1", 6), divided_to("9.999996", "1", 6)), ("1.00000".into(), "10.0000".into()));
    assert_eq!((divided_to("0.96", "1", 2), divided_to("0.999996", "1", 6)), ("0.96".into(), "0.999996".into()));
    assert_eq!(divided_to("12345678.5", "1", 6), "12345679");
    assert_eq!(
        (moved("87.4500", 3).as_str(), moved("5", 0).as_str(), moved("500", 2).as_str()),
        ("0.0874500", "5", "5.00")
    );
    assert_eq!((significant("0.0071"), significant("87.4500"), significant("100")), (2, 6, 3));
    assert_eq!((next_up("0.99"), next_up("1.09"), next_up("0.00")), ("1.00".into(), "1.10".into(), "0.01".into()));
}
