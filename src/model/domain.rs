//! Custom domain names: what they look like, and which apis they lead to. Both versions of the control plane know the
//! same ones. Fields: the `apigatewayv2` API reference, "DomainName", "ApiMapping", "RoutingRule".

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Owner;
use super::rest::{Endpoint, EndpointKind};

/// A custom domain name. Unique across accounts and regions, since a URL names nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// `domainName`, in lower case; perhaps with `*` as its first label.
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// `domainNameConfigurations[0]`
    pub configuration: Configuration,
    /// `mutualTlsAuthentication`
    pub mutual_tls: Option<MutualTls>,
    /// `routingMode`
    pub routing: Routing,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// By `apiMappingId`.
    pub mappings: BTreeMap<String, Mapping>,
    /// By `routingRuleId`.
    pub rules: BTreeMap<String, Rule>,
}

impl Domain {
    /// `domainNameArn`
    pub fn arn(&self) -> String {
        format!("arn:aws:apigateway:{}::/domainnames/{}", self.owner.region, self.name)
    }

    /// `regionalDomainName`: what AWS has clients' names point to.
    pub fn regional_name(&self) -> String {
        format!("{}.execute-api.{}.amazonaws.com", self.configuration.id, self.owner.region)
    }

    /// Whether a mapping or a rule leads to the api, and to this stage of it if one is given.
    pub fn leads_to(&self, api: &str, stage: Option<&str>) -> bool {
        let is_it = |target: &Target| {
            target.api == api && stage.is_none_or(|stage| target.stage.as_deref() == Some(stage))
        };
        let mut targets = self.mappings.values().map(|mapping| &mapping.target);
        targets.any(is_it) || self.rules.values().any(|rule| is_it(&rule.target))
    }
}

/// How a domain is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// `apiGatewayDomainName` up to its first dot: `d-` and ten letters and digits.
    pub id: String,
    /// `certificateArn`: kept and returned; certificates are our own.
    pub certificate_arn: Option<String>,
    /// `certificateName`
    pub certificate_name: Option<String>,
    /// `ownershipVerificationCertificateArn`
    pub ownership_certificate_arn: Option<String>,
    /// `securityPolicy`: kept and returned.
    pub security_policy: String,
    /// `endpointConfiguration`, of V1: kept and returned, and what is EDGE is V1's alone.
    pub endpoint: Endpoint,
    /// `endpointAccessMode`, of V1: kept and returned.
    pub access_mode: Option<String>,
    /// `certificateUploadDate`: seconds since 1970.
    pub uploaded: u64,
}

impl Configuration {
    /// Whether AWS serves the domain from all over the world, and V2 knows nothing of it.
    pub fn is_edge(&self) -> bool {
        self.endpoint.kind == EndpointKind::Edge
    }
}

/// `mutualTlsAuthentication`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MutualTls {
    /// `truststoreUri`: `s3://bucket/key`.
    pub uri: String,
    /// `truststoreVersion`
    pub version: Option<String>,
    /// `truststoreWarnings`
    pub warnings: Vec<String>,
    /// What it held when it was read.
    pub truststore: Arc<Truststore>,
}

/// The authorities that clients' certificates must be signed by, in DER. One that was read is told from others by its
/// address: what was checked by a former one is not checked by this one.
#[derive(Debug, Default, PartialEq)]
pub struct Truststore(pub Vec<Vec<u8>>);

/// `routingMode`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routing {
    /// `API_MAPPING_ONLY`
    Mappings,
    /// `ROUTING_RULE_ONLY`
    Rules,
    /// `ROUTING_RULE_THEN_API_MAPPING`
    Both,
}

impl Routing {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mappings => "API_MAPPING_ONLY",
            Self::Rules => "ROUTING_RULE_ONLY",
            Self::Both => "ROUTING_RULE_THEN_API_MAPPING",
        }
    }
}

/// What a mapping or a rule leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// `apiId`
    pub api: String,
    /// `stage`; `None`, of V1: what is left of the path begins with it.
    pub stage: Option<String>,
}

/// An API mapping; V1 calls it a base path mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// `apiMappingId`
    pub id: String,
    /// `apiMappingKey`: segments by slashes, none at either end; empty: all paths.
    pub key: String,
    /// Where to.
    pub target: Target,
}

/// A routing rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `routingRuleId`
    pub id: String,
    /// `priority`: the lowest is asked first.
    pub priority: u32,
    /// `matchBasePaths.anyOf`, where there is such a condition.
    pub base_paths: Option<Vec<String>>,
    /// `matchHeaders.anyOf` of each such condition.
    pub headers: Vec<Vec<HeaderMatch>>,
    /// Where to.
    pub target: Target,
    /// `stripBasePath`
    pub strip_base_path: bool,
}

/// A header and what its value is like.
#[derive(Clone, Debug, PartialEq)]
pub struct HeaderMatch {
    /// `header`: in any case.
    pub name: String,
    /// `valueGlob`: `*` at the start, at the end, or at both stands for anything.
    pub glob: String,
}

impl HeaderMatch {
    /// Whether a header's value is like this.
    pub fn fits(&self, value: &[u8]) -> bool {
        let glob = self.glob.as_bytes();
        match (glob.strip_prefix(b"*"), glob.strip_suffix(b"*")) {
            (Some(b""), _) => true,
            (Some(rest), Some(_)) => memchr::memmem::find(value, &rest[..rest.len() - 1]).is_some(),
            (Some(end), None) => value.ends_with(end),
            (None, Some(start)) => value.starts_with(start),
            (None, None) => value == glob,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (glob, value, fits) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("*b", "ba", false),
            ("*b*", "abc", true),
            ("*b*", "ac", false),
            ("*", "", true),
            ("**", "x", true),
            ("A", "a", false),
        ] {
            let rule = HeaderMatch { name: "h".into(), glob: glob.into() };
            assert_eq!(rule.fits(value.as_bytes()), fits, "{glob} {value}");
        }
    }
}
