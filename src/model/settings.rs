//! The settings that change what gatelet answers. `config` reads them; here they are values.

use std::collections::BTreeSet;

/// See the README's table of flags and variables.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `LOCALSTACK_HOST`: host and port that go into every returned URL.
    pub public_host: String,
    /// `API_ENDPOINT_STYLE`.
    pub endpoint_style: EndpointStyle,
    /// `--parity`.
    pub parity: Parity,
    /// `--runtime`: runtimes of the user's own, which functions may name besides Lambda's.
    pub runtimes: BTreeSet<String>,
    /// `EXTRA_CORS_ALLOWED_ORIGINS`: whose pages may ask the control plane, besides this machine's; `*`: any.
    pub allowed_origins: Vec<String>,
}

/// How `apiEndpoint` of an HTTP API is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointStyle {
    /// `my-api.execute-api.localhost.localstack.cloud:4566`, as LocalStack's page shows it.
    Host,
    /// The same with `http://` before it.
    Url,
}

/// Whom to follow where AWS and LocalStack differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// AWS, with LocalStack's conveniences.
    LocalStack,
    /// AWS, to the letter.
    Aws,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_host: "localhost.localstack.cloud:4566".into(),
            endpoint_style: EndpointStyle::Host,
            parity: Parity::LocalStack,
            runtimes: BTreeSet::new(),
            allowed_origins: Vec::new(),
        }
    }
}
