//! Lambda's control plane: functions, versions, aliases, policies, tags, and Invoke.
//!
//! One file a resource. It says what exists and what is asked for; that something runs is the pool's work, of which
//! it knows nothing but [`Invocation`](super::Invocation). Texts and shapes follow what AWS answers; a function is
//! ready as soon as it is there, so `State` is always `Active`.

mod account;
mod alias;
mod code;
mod concurrency;
mod configuration;
mod function;
mod invoke;
mod layer;
mod members;
mod named;
mod page;
mod permission;
mod refusal;
mod shape;
mod tag;
mod url;
mod version;

use super::SERVICES;
use super::operation::{Operation, Service};

pub use code::HOT_RELOAD;
pub use invoke::event_for;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::quick("AddPermission", "POST /2015-03-31/functions/{FunctionName}/policy", permission::add),
    Operation::quick("CreateAlias", "POST /2015-03-31/functions/{FunctionName}/aliases", alias::create),
    Operation::slow("CreateFunction", "POST /2015-03-31/functions", function::create),
    Operation::quick(
        "DeleteAlias",
        "DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name}",
        alias::delete,
    ),
    Operation::quick("CreateFunctionUrlConfig", "POST /2021-10-31/functions/{FunctionName}/url", url::create),
    Operation::quick(
        "DeleteFunctionUrlConfig",
        "DELETE /2021-10-31/functions/{FunctionName}/url",
        url::delete,
    ),
    Operation::quick("GetFunctionUrlConfig", "GET /2021-10-31/functions/{FunctionName}/url", url::get),
    Operation::quick("ListFunctionUrlConfigs", "GET /2021-10-31/functions/{FunctionName}/urls", url::list),
    Operation::quick("UpdateFunctionUrlConfig", "PUT /2021-10-31/functions/{FunctionName}/url", url::update),
    Operation::quick("DeleteFunction", "DELETE /2015-03-31/functions/{FunctionName}", function::delete),
    Operation::quick(
        "DeleteLayerVersion",
        "DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}",
        layer::delete,
    ),
    Operation::quick(
        "DeleteFunctionConcurrency",
        "DELETE /2017-10-31/functions/{FunctionName}/concurrency",
        concurrency::delete,
    ),
    // Ours, not AWS's: where `Code.Location` of GetFunction points to.
    Operation::slow(
        "DownloadPackage",
        "GET /_gatelet/code/{Account}/{Region}/{FunctionName}/{Version}",
        code::download,
    ),
    Operation::slow(
        "DownloadLayer",
        "GET /_gatelet/layer/{Account}/{Region}/{LayerName}/{VersionNumber}",
        layer::download,
    ),
    Operation::quick("GetAccountSettings", "GET /2016-08-19/account-settings", account::settings),
    Operation::quick("GetAlias", "GET /2015-03-31/functions/{FunctionName}/aliases/{Name}", alias::get),
    Operation::quick("GetFunction", "GET /2015-03-31/functions/{FunctionName}", function::get),
    Operation::quick(
        "GetFunctionCodeSigningConfig",
        "GET /2020-06-30/functions/{FunctionName}/code-signing-config",
        account::code_signing,
    ),
    Operation::quick(
        "GetFunctionConcurrency",
        "GET /2019-09-30/functions/{FunctionName}/concurrency",
        concurrency::get,
    ),
    Operation::quick(
        "GetFunctionConfiguration",
        "GET /2015-03-31/functions/{FunctionName}/configuration",
        function::get_configuration,
    ),
    Operation::quick(
        "GetLayerVersion",
        "GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}",
        layer::get,
    ),
    Operation::quick("GetPolicy", "GET /2015-03-31/functions/{FunctionName}/policy", permission::get),
    Operation::invoke("Invoke", "POST /2015-03-31/functions/{FunctionName}/invocations", invoke::invoke),
    Operation::invoke(
        "InvokeAsync",
        "POST /2014-11-13/functions/{FunctionName}/invoke-async",
        invoke::invoke_async,
    ),
    Operation::quick("ListAliases", "GET /2015-03-31/functions/{FunctionName}/aliases", alias::list),
    Operation::quick("ListFunctions", "GET /2015-03-31/functions", function::list),
    Operation::quick(
        "ListLayerVersions",
        "GET /2018-10-31/layers/{LayerName}/versions",
        layer::list_versions,
    ),
    // GetLayerVersionByArn too: only a parameter of the query tells them apart.
    Operation::quick("ListLayers", "GET /2018-10-31/layers", layer::list),
    Operation::quick("ListTags", "GET /2017-03-31/tags/{Resource}", tag::list),
    Operation::quick(
        "ListVersionsByFunction",
        "GET /2015-03-31/functions/{FunctionName}/versions",
        version::list,
    ),
    Operation::slow("PublishLayerVersion", "POST /2018-10-31/layers/{LayerName}/versions", layer::publish),
    Operation::quick(
        "PublishVersion",
        "POST /2015-03-31/functions/{FunctionName}/versions",
        version::publish_version,
    ),
    Operation::quick(
        "PutFunctionConcurrency",
        "PUT /2017-10-31/functions/{FunctionName}/concurrency",
        concurrency::put,
    ),
    Operation::quick(
        "RemovePermission",
        "DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}",
        permission::remove,
    ),
    Operation::quick("TagResource", "POST /2017-03-31/tags/{Resource}", tag::tag),
    Operation::quick("UntagResource", "DELETE /2017-03-31/tags/{Resource}", tag::untag),
    Operation::quick("UpdateAlias", "PUT /2015-03-31/functions/{FunctionName}/aliases/{Name}", alias::update),
    Operation::slow(
        "UpdateFunctionCode",
        "PUT /2015-03-31/functions/{FunctionName}/code",
        function::update_code,
    ),
    Operation::quick(
        "UpdateFunctionConfiguration",
        "PUT /2015-03-31/functions/{FunctionName}/configuration",
        function::update_configuration,
    ),
];

/// Paths that carry code, and so may have large bodies.
pub const UPLOADS: &[&str] = &["/2015-03-31/functions", "/2018-10-31/layers"];

/// What AWS has besides.
pub const UNSUPPORTED: &[(&str, &str)] = &[
    ("AddLayerVersionPermission", "POST /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy"),
    ("CheckpointDurableExecution", "POST /2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint"),
    ("CreateCapacityProvider", "POST /2025-11-30/capacity-providers"),
    ("CreateCodeSigningConfig", "POST /2020-04-22/code-signing-configs"),
    ("CreateEventSourceMapping", "POST /2015-03-31/event-source-mappings"),
    ("DeleteCapacityProvider", "DELETE /2025-11-30/capacity-providers/{CapacityProviderName}"),
    ("DeleteCodeSigningConfig", "DELETE /2020-04-22/code-signing-configs/{CodeSigningConfigArn}"),
    ("DeleteEventSourceMapping", "DELETE /2015-03-31/event-source-mappings/{UUID}"),
    ("DeleteFunctionCodeSigningConfig", "DELETE /2020-06-30/functions/{FunctionName}/code-signing-config"),
    ("DeleteFunctionEventInvokeConfig", "DELETE /2019-09-25/functions/{FunctionName}/event-invoke-config"),
    (
        "DeleteProvisionedConcurrencyConfig",
        "DELETE /2019-09-30/functions/{FunctionName}/provisioned-concurrency",
    ),
    ("GetCapacityProvider", "GET /2025-11-30/capacity-providers/{CapacityProviderName}"),
    ("GetCodeSigningConfig", "GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn}"),
    ("GetDurableExecution", "GET /2025-12-01/durable-executions/{DurableExecutionArn}"),
    ("GetDurableExecutionHistory", "GET /2025-12-01/durable-executions/{DurableExecutionArn}/history"),
    ("GetDurableExecutionState", "GET /2025-12-01/durable-executions/{DurableExecutionArn}/state"),
    ("GetEventSourceMapping", "GET /2015-03-31/event-source-mappings/{UUID}"),
    ("GetFunctionEventInvokeConfig", "GET /2019-09-25/functions/{FunctionName}/event-invoke-config"),
    ("GetFunctionRecursionConfig", "GET /2024-08-31/functions/{FunctionName}/recursion-config"),
    ("GetFunctionScalingConfig", "GET /2025-11-30/functions/{FunctionName}/function-scaling-config"),
    ("GetLayerVersionPolicy", "GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy"),
    ("GetProvisionedConcurrencyConfig", "GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency"),
    ("GetRuntimeManagementConfig", "GET /2021-07-20/functions/{FunctionName}/runtime-management-config"),
    ("InvokeWithResponseStream", "POST /2021-11-15/functions/{FunctionName}/response-streaming-invocations"),
    ("ListCapacityProviders", "GET /2025-11-30/capacity-providers"),
    ("ListCodeSigningConfigs", "GET /2020-04-22/code-signing-configs"),
    ("ListDurableExecutionsByFunction", "GET /2025-12-01/functions/{FunctionName}/durable-executions"),
    ("ListEventSourceMappings", "GET /2015-03-31/event-source-mappings"),
    ("ListFunctionEventInvokeConfigs", "GET /2019-09-25/functions/{FunctionName}/event-invoke-config/list"),
    (
        "ListFunctionVersionsByCapacityProvider",
        "GET /2025-11-30/capacity-providers/{CapacityProviderName}/function-versions",
    ),
    (
        "ListFunctionsByCodeSigningConfig",
        "GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions",
    ),
    ("ListProvisionedConcurrencyConfigs", "GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency"),
    ("PutFunctionCodeSigningConfig", "PUT /2020-06-30/functions/{FunctionName}/code-signing-config"),
    ("PutFunctionEventInvokeConfig", "PUT /2019-09-25/functions/{FunctionName}/event-invoke-config"),
    ("PutFunctionRecursionConfig", "PUT /2024-08-31/functions/{FunctionName}/recursion-config"),
    ("PutFunctionScalingConfig", "PUT /2025-11-30/functions/{FunctionName}/function-scaling-config"),
    ("PutProvisionedConcurrencyConfig", "PUT /2019-09-30/functions/{FunctionName}/provisioned-concurrency"),
    ("PutRuntimeManagementConfig", "PUT /2021-07-20/functions/{FunctionName}/runtime-management-config"),
    (
        "RemoveLayerVersionPermission",
        "DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}",
    ),
    ("SendDurableExecutionCallbackFailure", "POST /2025-12-01/durable-execution-callbacks/{CallbackId}/fail"),
    (
        "SendDurableExecutionCallbackHeartbeat",
        "POST /2025-12-01/durable-execution-callbacks/{CallbackId}/heartbeat",
    ),
    (
        "SendDurableExecutionCallbackSuccess",
        "POST /2025-12-01/durable-execution-callbacks/{CallbackId}/succeed",
    ),
    ("StopDurableExecution", "POST /2025-12-01/durable-executions/{DurableExecutionArn}/stop"),
    ("UpdateCapacityProvider", "PUT /2025-11-30/capacity-providers/{CapacityProviderName}"),
    ("UpdateCodeSigningConfig", "PUT /2020-04-22/code-signing-configs/{CodeSigningConfigArn}"),
    ("UpdateEventSourceMapping", "PUT /2015-03-31/event-source-mappings/{UUID}"),
    ("UpdateFunctionEventInvokeConfig", "POST /2019-09-25/functions/{FunctionName}/event-invoke-config"),
];

/// The service itself, for answers that are given when no call is at hand any more.
const SERVICE: &Service = {
    let mut row = 0;
    while !matches!(SERVICES[row].name.as_bytes(), b"lambda") {
        row += 1;
    }
    &SERVICES[row]
};

#[cfg(test)]
mod tests;
