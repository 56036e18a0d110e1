//! Bytes to values and back: the protocols, without sockets, clocks or knowledge of what gatelet serves.

pub mod authority;
pub mod aws_chunked;
pub mod certificate;
pub mod http1;
pub mod jwt;
pub mod query;
pub mod sigv4;
pub mod ws;
pub mod xml;
