//! Addresses to listen on, as `GATEWAY_LISTEN` spells them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where to listen unless told otherwise: this machine only.
pub(super) const DEFAULT_HOST: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// LocalStack's edge port.
pub(super) const DEFAULT_PORT: u16 = 4566;
/// More addresses than anyone has interfaces for.
const MOST_ADDRESSES: usize = 64;

/// Parses `0.0.0.0:4566,[::]:4566`: a missing host is 127.0.0.1, a missing port 4566. An address that another
/// one of the same port covers (`0.0.0.0`, `[::]`) is left out, as LocalStack does.
pub(super) fn parse(list: &str) -> Result<Vec<SocketAddr>, String> {
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for item in list.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let address = parse_one(item)?;
        if addresses.iter().any(|known| covers(*known, address)) {
            continue;
        }
        addresses.retain(|known| !covers(address, *known));
        addresses.push(address);
    }
    match addresses.len() {
        0 => Err("names no address; give host:port, or several with commas between".into()),
        1..=MOST_ADDRESSES => Ok(addresses),
        _ => Err(format!("names more than {MOST_ADDRESSES} addresses")),
    }
}

/// Whether a host as URLs have it already names a port.
pub(super) fn has_port(host: &str) -> bool {
    let after_brackets = host.rsplit(']').next().unwrap_or(host);
    after_brackets.contains(':')
}

fn parse_one(item: &str) -> Result<SocketAddr, String> {
    let (host, port) = match item.rfind(':') {
        // The colon of a bare or bracketed IPv6 address is not a port's.
        Some(_) if item.parse::<std::net::Ipv6Addr>().is_ok() || item.ends_with(']') => (item, ""),
        Some(colon) => (&item[..colon], &item[colon + 1..]),
        None if item.bytes().all(|b| b.is_ascii_digit()) => ("", item),
        None => (item, ""),
    };
    let port = match port {
        "" => DEFAULT_PORT,
        port => port.parse().map_err(|_| format!("{port:?} is no port; give a number from 0 to 65535"))?,
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let ip = match bare {
        "" => IpAddr::V4(DEFAULT_HOST),
        "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        _ => bare.parse().map_err(|_| {
            format!("{bare:?} is no IP address; give one such as 127.0.0.1, 0.0.0.0 or [::], or localhost")
        })?,
    };
    Ok(SocketAddr::new(ip, port))
}

/// Whether listening on `one` also takes what `other` would: the same, or the unspecified address of its port.
/// On `[::]` the kernel takes IPv4 too.
fn covers(one: SocketAddr, other: SocketAddr) -> bool {
    let wider = match one.ip() {
        IpAddr::V4(ip) => ip.is_unspecified() && other.is_ipv4(),
        IpAddr::V6(ip) => ip.is_unspecified(),
    };
    // Port 0 is a new port each time, so it covers nothing.
    one.port() != 0 && one.port() == other.port() && (wider || one.ip() == other.ip())
}
