//! Stages: a deployment under a name, and what is live about it.

use std::collections::BTreeMap;

use super::AccessLog;

/// A stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// `stageName`: letters, digits, `-`, `_`.
    pub name: String,
    /// `deploymentId`: what it serves.
    pub deployment_id: String,
    /// `description`
    pub description: Option<String>,
    /// `variables`
    pub variables: BTreeMap<String, String>,
    /// `cacheClusterEnabled`: stored and returned; nothing is cached.
    pub cache_cluster_enabled: bool,
    /// `cacheClusterSize`
    pub cache_cluster_size: Option<String>,
    /// `clientCertificateId`
    pub client_certificate_id: Option<String>,
    /// `documentationVersion`
    pub documentation_version: Option<String>,
    /// `tracingEnabled`
    pub tracing_enabled: bool,
    /// `methodSettings`, by `{resource path without its first slash}/{method}`, slashes in the path as `~1`; `*/*`: all.
    pub method_settings: BTreeMap<String, MethodSetting>,
    /// `accessLogSettings`
    pub access_log: Option<AccessLog>,
    /// `canarySettings`: a second deployment for a share of the requests.
    pub canary: Option<Canary>,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub created: u64,
    /// Seconds since 1970.
    pub updated: u64,
}

impl Stage {
    /// A stage that serves this deployment, with the defaults of CreateStage.
    pub fn new(name: impl Into<String>, deployment_id: impl Into<String>, created: u64) -> Self {
        Self {
            name: name.into(),
            deployment_id: deployment_id.into(),
            description: None,
            variables: BTreeMap::new(),
            cache_cluster_enabled: false,
            cache_cluster_size: None,
            client_certificate_id: None,
            documentation_version: None,
            tracing_enabled: false,
            method_settings: BTreeMap::new(),
            access_log: None,
            canary: None,
            tags: BTreeMap::new(),
            created,
            updated: created,
        }
    }
}

/// `canarySettings`
#[derive(Clone, Debug, PartialEq)]
pub struct Canary {
    /// `deploymentId`
    pub deployment_id: String,
    /// `percentTraffic`, 0.0 to 100.0.
    pub percent_traffic: f64,
    /// `stageVariableOverrides`
    pub stage_variable_overrides: BTreeMap<String, String>,
    /// `useStageCache`
    pub use_stage_cache: bool,
}

/// One of `methodSettings`.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodSetting {
    /// `metricsEnabled`
    pub metrics_enabled: bool,
    /// `loggingLevel`: `OFF`, `ERROR` or `INFO`.
    pub logging_level: Option<String>,
    /// `dataTraceEnabled`
    pub data_trace_enabled: bool,
    /// `throttlingBurstLimit`
    pub throttling_burst_limit: i32,
    /// `throttlingRateLimit`
    pub throttling_rate_limit: f64,
    /// `cachingEnabled`
    pub caching_enabled: bool,
    /// `cacheTtlInSeconds`
    pub cache_ttl_seconds: i32,
    /// `cacheDataEncrypted`
    pub cache_data_encrypted: bool,
    /// `requireAuthorizationForCacheControl`
    pub require_authorization_for_cache_control: bool,
    /// `unauthorizedCacheControlHeaderStrategy`
    pub unauthorized_cache_control: UnauthorizedCacheControl,
}

impl Default for MethodSetting {
    /// As AWS shows what was not said of a method of which something was said.
    fn default() -> Self {
        Self {
            metrics_enabled: false,
            logging_level: None,
            data_trace_enabled: false,
            throttling_burst_limit: 5000,
            throttling_rate_limit: 10_000.0,
            caching_enabled: false,
            cache_ttl_seconds: 300,
            cache_data_encrypted: false,
            require_authorization_for_cache_control: true,
            unauthorized_cache_control: UnauthorizedCacheControl::SucceedWithHeader,
        }
    }
}

/// `unauthorizedCacheControlHeaderStrategy`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnauthorizedCacheControl {
    /// `FAIL_WITH_403`
    Fail,
    /// `SUCCEED_WITH_RESPONSE_HEADER`
    SucceedWithHeader,
    /// `SUCCEED_WITHOUT_RESPONSE_HEADER`
    SucceedWithoutHeader,
}

impl UnauthorizedCacheControl {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "FAIL_WITH_403",
            Self::SucceedWithHeader => "SUCCEED_WITH_RESPONSE_HEADER",
            Self::SucceedWithoutHeader => "SUCCEED_WITHOUT_RESPONSE_HEADER",
        }
    }
}
