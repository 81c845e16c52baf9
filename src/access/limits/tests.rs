//! Whom a call counts against, and what a limit says.

use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().expect(text)
}

/// The client of a call by `peer` with these lines of `X-Forwarded-For`, where 10/8 and 2001:db8::/32 are trusted.
fn seen(peer: &str, lines: &[&str]) -> String {
    let trusted: Vec<IpNet> = ["10.0.0.0/8", "2001:db8::/32"].map(|text| text.parse().expect(text)).into();
    let lines: Vec<HeaderValue> =
        lines.iter().map(|line| HeaderValue::from_bytes(line.as_bytes()).expect(line)).collect();
    client(ip(peer), lines.iter(), &trusted).to_string()
}

#[test]
fn a_peer_that_is_not_trusted_speaks_for_itself() {
    assert_eq!(seen("192.0.2.1", &[]), "192.0.2.1");
    assert_eq!(seen("192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
    assert_eq!(client(ip("10.0.0.1"), [HeaderValue::from_static("198.51.100.1")].iter(), &[]), ip("10.0.0.1"));
}

#[test]
fn a_trusted_peer_names_the_client() {
    assert_eq!(seen("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    assert_eq!(seen("2001:db8::1", &["198.51.100.1"]), "198.51.100.1");
    assert_eq!(seen("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    assert_eq!(seen("10.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
    for written in ["198.51.100.1:4711", " 198.51.100.1\t", "203.0.113.1,198.51.100.1", "a b c, 198.51.100.1"] {
        assert_eq!(seen("10.0.0.1", &[written]), "198.51.100.1", "{written}");
    }
    for written in ["2001:4860::8", "[2001:4860::8]", "[2001:4860::8]:443"] {
        assert_eq!(seen("10.0.0.1", &[written]), "2001:4860::8", "{written}");
    }
}

#[test]
fn the_walk_goes_from_the_right_past_trusted_proxies_and_over_lines() {
    assert_eq!(seen("10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.3, 10.0.0.2"]), "198.51.100.1");
    assert_eq!(seen("10.0.0.1", &["1.1.1.1, 198.51.100.1", "10.0.0.3", "10.0.0.2"]), "198.51.100.1");
    assert_eq!(seen("10.0.0.1", &["10.0.0.4, 10.0.0.3"]), "10.0.0.4", "none but proxies: the outermost one");
    assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
}

#[test]
fn a_malformed_entry_ends_the_walk() {
    for malformed in ["unknown", "", "198.51.100.1.5", "1.1.1.1;10.0.0.2", "\u{fc}", "_hidden", "fe80::1%eth0"] {
        assert_eq!(seen("10.0.0.1", &[&format!("198.51.100.1, {malformed}, 10.0.0.2")]), "10.0.0.2", "{malformed}");
        assert_eq!(seen("10.0.0.1", &[&format!("198.51.100.1, {malformed}")]), "10.0.0.1", "{malformed}");
    }
}

#[test]
fn an_ipv6_caller_is_its_64() {
    assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
    assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
    assert_eq!(network(ip("192.0.2.77")), ip("192.0.2.77"));
}

fn rate(text: &str) -> Rate {
    text.parse().expect(text)
}

#[test]
fn a_limit_counts_down_and_then_says_how_long_to_wait() {
    let limit = Limit::new("address", rate("3/3600"), MOST);
    let said: Vec<(String, Option<u64>)> = (0..4).map(|_| limit.count(&7_i64)).map(|s| (s.limit, s.wait)).collect();
    assert_eq!(said[0], ("\"address\";r=2;t=1200".into(), None));
    assert_eq!(said[2], ("\"address\";r=0;t=1200".into(), None));
    assert_eq!(said[3], ("\"address\";r=0;t=1200".into(), Some(1200)));
    assert_eq!(limit.count(&8).limit, "\"address\";r=2;t=1200", "another caller has a count of its own");
}

#[test]
fn every_rate_that_can_be_set_holds_to_the_request() {
    for text in ["1/1", "1/86400", "7/60", "1000/86400", "1000000/86400"] {
        let (limit, rate) = (Limit::new("key", rate(text), MOST), rate(text));
        let first = limit.count(&1_i64);
        assert_eq!(first.policy, format!("\"key\";q={};w={}", rate.requests, rate.seconds));
        assert!(first.limit.starts_with(&format!("\"key\";r={};", rate.requests.get() - 1)), "{text}: {first:?}");
    }
}

#[test]
fn what_is_idle_is_forgotten_and_the_memory_has_a_bound() {
    let limit = Limit::new("address", rate("1/3600"), 10);
    (0..10).for_each(|caller: i64| assert_eq!(limit.count(&caller).wait, None));
    limit.tidy();
    assert_eq!(limit.each.len(), 10, "none of them is idle");
    // So many that each of the shared counts is certainly hit, whatever the hasher was seeded with.
    (10..200_000).for_each(|caller| {
        limit.count(&caller);
    });
    assert_eq!((limit.each.len(), limit.shared.len() <= SHARED as usize), (10, true));
    assert!(limit.count(&0).wait.is_some() && limit.count(&200_000).wait.is_some(), "a flood is slowed down");
    let quick = Limit::new("address", rate("1000000/1"), 10);
    (0..20).for_each(|caller: i64| assert_eq!(quick.count(&caller).wait, None));
    std::thread::sleep(Duration::from_millis(5));
    quick.tidy();
    assert_eq!((quick.each.len(), quick.full.load(Ordering::Relaxed)), (0, false));
}
