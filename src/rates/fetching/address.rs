//! Where the client may go: the rules for addresses, for redirects and for what a host's name stands for.
//!
//! A name is resolved once, and the connection goes to the address that was checked; so a name can't lead into the
//! operator's own network, however it or its address is spelt.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use url::Url;

use super::error::{Astray, FetchError};

/// Reads an address: https, or http to this machine.
pub fn checked(address: &str) -> Result<Url, FetchError> {
    let url = Url::parse(address).map_err(|_| FetchError::Insecure)?;
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(host)) if is_this_machine(host) => Ok(url),
        _ => Err(FetchError::Insecure),
    }
}

/// Where a redirect leads; it has to stay with the same scheme, host and port.
pub fn redirected(from: &Url, location: Option<&str>) -> Result<Url, FetchError> {
    let location = location.ok_or(FetchError::Redirect(Astray::Nowhere))?;
    let to = from.join(location).map_err(|_| FetchError::Redirect(Astray::Nowhere))?;
    if to.origin() == from.origin() { Ok(to) } else { Err(FetchError::Redirect(Astray::Elsewhere)) }
}

/// Whether a host as a URL holds it, in lower case and with brackets around IPv6, is `localhost` or a loopback address.
fn is_this_machine(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The machine's resolver, less the addresses that a host may not have.
#[derive(Debug, Default)]
pub struct CheckedResolver(DefaultResolver);

impl Resolver for CheckedResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Timeout(_) => error,
            _ => ureq::Error::HostNotFound,
        })?;
        let here = uri.host().is_some_and(is_this_machine);
        let mut allowed = self.empty();
        for address in found.iter().filter(|found| if here { found.ip().is_loopback() } else { is_public(found.ip()) })
        {
            allowed.push(*address);
        }
        if allowed.is_empty() { Err(ureq::Error::Other(Box::new(FetchError::Private))) } else { Ok(allowed) }
    }
}

/// Whether an address belongs to the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match carried_v4(ip) {
            Some(ip) => is_public_v4(ip),
            None => is_public_v6(ip),
        },
    }
}

/// IANA's special-purpose registry; what is left is assigned to somebody.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let shared = matches!(ip.octets(), [100, 64..=127, ..]);
    let benchmarks = matches!(ip.octets(), [198, 18 | 19, ..]);
    let special = matches!(ip.octets(), [0, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..]);
    let local = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_documentation();
    !(shared || benchmarks || special || local)
}

/// 2000::/3 is all that has been given out; the protocols' own blocks and the documentation's lie inside.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        [0x2001, 0..0x200, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`) or 6to4 (`2002::/16`).
fn carried_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => of(high, low),
        [0x2002, high, low, ..] => of(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_this_machine_are_fetched() {
        for address in [
            "https://www.nbkr.kg/XML/daily.xml",
            "HTTPS://CBU.UZ/en/",
            "http://127.0.0.1:8080/x",
            "http://127.9.9.9/",
            "http://[::1]:81/",
            "http://LocalHost/daily.xml?key=1",
        ] {
            assert!(checked(address).is_ok(), "{address}");
        }
        for address in [
            "http://www.nbkr.kg/XML/daily.xml",
            "http://localhost.example/",
            "http://localhost@example.org/",
            "http://127.0.0.1.example.org/",
            "http://10.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "/XML/daily.xml",
            "https://",
            "",
        ] {
            assert_eq!(checked(address), Err(FetchError::Insecure), "{address}");
        }
    }

    #[test]
    fn a_redirect_stays_with_its_host() {
        let from = checked("https://nbt.tj/en/kurs/export.php?date=2026-04-01").expect("a good address");
        for (location, to) in [
            ("/a?b=c", "https://nbt.tj/a?b=c"),
            ("xml", "https://nbt.tj/en/kurs/xml"),
            ("?date=2026-04-02", "https://nbt.tj/en/kurs/export.php?date=2026-04-02"),
            ("https://NBT.tj:443/x", "https://nbt.tj/x"),
            ("//nbt.tj/y", "https://nbt.tj/y"),
        ] {
            assert_eq!(redirected(&from, Some(location)).map(|url| url.to_string()), Ok(to.to_owned()));
        }
        for location in ["http://nbt.tj/x", "https://www.nbt.tj/", "https://nbt.tj:8443/", "//evil.example/", "data:,1"]
        {
            assert_eq!(redirected(&from, Some(location)), Err(FetchError::Redirect(Astray::Elsewhere)), "{location}");
        }
        assert_eq!(redirected(&from, None), Err(FetchError::Redirect(Astray::Nowhere)));
        assert_eq!(redirected(&from, Some("https://:0")), Err(FetchError::Redirect(Astray::Nowhere)));
    }

    #[test]
    fn addresses_of_private_networks_are_known_in_every_spelling() {
        for ip in ["8.8.8.8", "91.213.233.153", "100.128.0.1", "2a00:1450::1", "64:ff9b::808:808", "2002:808:808::1"] {
            assert!(is_public(ip.parse().expect("an address")), "{ip}");
        }
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(ip.parse().expect("an address")), "{ip}");
        }
    }
}
