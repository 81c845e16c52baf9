//! What is taken for one caller where only its address is known.

use std::net::{IpAddr, Ipv6Addr};

/// The network of an address that is counted as one caller: of IPv6 a /64, which is what one connection to the Internet is given.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}
