//! Who asks: the connection that a request came by, and what its client has shown of itself.

use std::net::IpAddr;
use std::sync::Arc;

use super::Client;
use crate::base::Key;
use crate::model::domain::Truststore;
use crate::proto::certificate::Certificate;

/// Who is asking, from where: what the connection knows.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The connection.
    pub client: Key<Client>,
    /// The client's address.
    pub ip: IpAddr,
    /// What the connection speaks.
    pub channel: Channel,
    /// Where it came in.
    pub via: Via,
}

/// What a connection speaks.
#[derive(Clone, Debug, Default)]
pub enum Channel {
    /// HTTP.
    #[default]
    Plain,
    /// HTTPS; perhaps the client has shown a certificate.
    Tls(Option<Arc<Shown>>),
}

/// A certificate that a client has shown, and that it holds the key of.
#[derive(Debug)]
pub struct Shown {
    /// What it says.
    pub certificate: Certificate,
    /// Who has signed it: one of these.
    pub truststore: Arc<Truststore>,
}

impl Channel {
    /// The scheme of URLs that lead there.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::Tls(_) => "https",
        }
    }

    /// The port of URLs that name none.
    pub fn port(&self) -> &'static str {
        match self {
            Self::Plain => "80",
            Self::Tls(_) => "443",
        }
    }

    /// What the client has shown of itself.
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::Tls(Some(shown)) => Some(&shown.certificate),
            Self::Tls(None) | Self::Plain => None,
        }
    }

    /// Whether one of these authorities vouches for the client.
    pub(super) fn is_trusted(&self, truststore: &Arc<Truststore>) -> bool {
        match self {
            Self::Tls(Some(shown)) => Arc::ptr_eq(&shown.truststore, truststore),
            Self::Tls(None) | Self::Plain => false,
        }
    }
}

/// Where a request came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// Where all services are: host and path say which api it is for, if any.
    Edge,
    /// At the port of the WebSocket API with this id: it is for that one, whatever host and path say.
    Port(Arc<str>),
}
