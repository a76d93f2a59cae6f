//! Which machine a request comes from, so that tries are counted by it: the peer, or whom a trusted proxy names.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, HeaderName},
};

use crate::config::Network;

/// Each proxy adds the address that it was called from at the end.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The name under which the machine's tries are counted; empty where nothing is known of it.
pub(super) fn name(trusted: &[Network], extensions: &Extensions, headers: &HeaderMap) -> String {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.ip());
    peer.map_or_else(String::new, |peer| bucket(address(trusted, peer, headers)).to_string())
}

/// The last address of the chain that is no trusted proxy. What stands before it anyone may have written.
fn address(trusted: &[Network], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_proxy = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let mut current = peer.to_canonical();
    for text in named.into_iter().rev() {
        if !is_proxy(current) {
            break;
        }
        let Ok(next) = text.parse::<IpAddr>() else { break };
        current = next.to_canonical();
    }
    current
}

/// A machine with IPv6 has a whole /64 to itself: all of it counts as one.
fn bucket(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        bucket(address(&trusted, peer.parse().unwrap(), &headers)).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for (trusted, peer, forwarded, expected) in [
            (vec![], "127.0.0.1", vec!["1.2.3.4"], "127.0.0.1"),
            (vec!["127.0.0.1"], "127.0.0.1", vec!["1.2.3.4"], "1.2.3.4"),
            (vec!["127.0.0.1"], "::ffff:127.0.0.1", vec!["1.2.3.4"], "1.2.3.4"),
            (vec!["127.0.0.1"], "9.9.9.9", vec!["1.2.3.4"], "9.9.9.9"),
            (vec!["127.0.0.1"], "127.0.0.1", vec!["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            (vec!["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", vec!["6.6.6.6, 1.2.3.4, 10.0.0.7"], "1.2.3.4"),
            (vec!["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", vec!["1.2.3.4", "10.0.0.7"], "1.2.3.4"),
            (vec!["127.0.0.1"], "127.0.0.1", vec![], "127.0.0.1"),
            (vec!["127.0.0.1"], "127.0.0.1", vec!["nonsense"], "127.0.0.1"),
            (vec![], "2001:db8:1:2:3:4:5:6", vec![], "2001:db8:1:2::"),
        ] {
            assert_eq!(counted(&trusted, peer, &forwarded), expected, "{trusted:?} {peer} {forwarded:?}");
        }
    }
}
