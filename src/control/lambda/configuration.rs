//! The configuration of a function, as CreateFunction and UpdateFunctionConfiguration say it. How answers show it:
//! [`super::shape`].

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::layer;
use super::members::Members;
use super::refusal::{self, Constraints};
use crate::control::answer::Error;
use crate::model::arn::{self, LayerRef};
use crate::model::function::Version;
use crate::model::layer::LayerVersion;
use crate::model::{Settings, Store};

/// AWS: seconds.
const MAX_TIMEOUT: i64 = 900;

/// AWS: MB.
const MEMORY: (i64, i64) = (128, 10_240);

/// AWS: MB.
const EPHEMERAL: (i64, i64) = (512, 10_240);

/// AWS: 4 KB, of all variables as JSON.
const MAX_ENVIRONMENT: usize = 4096;

/// AWS: of a description.
const MAX_DESCRIPTION: usize = 256;

/// AWS: of a handler.
const MAX_HANDLER: usize = 128;

/// The runtimes that Lambda names when it refuses one. Others of these families are taken too: older ones still run
/// on the machine's own interpreter, and newer ones will be there before this list knows them.
const RUNTIMES: &str = "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, \
    java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, \
    dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2";

/// What runtimes begin with.
const RUNTIME_FAMILIES: &[&str] =
    &["nodejs", "python", "ruby", "java", "dotnetcore", "dotnet", "provided", "go"];

const ROLE_PATTERN: &str = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";

/// Variables that Lambda sets itself.
const RESERVED_VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Members that are kept and returned as they are.
pub const STORED_AS_IS: &[&str] = &["DeadLetterConfig", "FileSystemConfigs", "KMSKeyArn"];

/// What a call says of a function's configuration: checked, and ready to be applied.
#[derive(Debug, Default)]
pub struct Configuration {
    runtime: Option<String>,
    handler: Option<String>,
    role: Option<String>,
    description: Option<String>,
    timeout_s: Option<u32>,
    memory_mb: Option<u32>,
    ephemeral_mb: Option<u32>,
    environment: Option<BTreeMap<String, String>>,
    layers: Option<Vec<LayerRef>>,
    architectures: Option<Vec<String>>,
    tracing: Option<String>,
    log_group: Option<String>,
    stored: Map<String, Value>,
}

impl Configuration {
    /// What these members say. All of them may be missing.
    ///
    /// # Errors
    /// Something is of the wrong type, out of its range, or not supported.
    pub fn of(members: &Members, settings: &Settings) -> Result<Self, Error> {
        let mut constraints = Constraints::default();
        let text = |name: &str| members.text(name);
        let (runtime, handler, role) = (text("Runtime")?, text("Handler")?, text("Role")?);
        let description = text("Description")?;
        let (timeout, memory) = (members.integer("Timeout")?, members.integer("MemorySize")?);
        let ephemeral = match members.object("EphemeralStorage")? {
            Some(storage) => storage.integer("Size")?,
            None => None,
        };
        let tracing = match members.object("TracingConfig")? {
            Some(tracing) => tracing.text("Mode")?.map(str::to_owned),
            None => None,
        };
        constraints.pattern(role, "role", is_role, ROLE_PATTERN);
        constraints.length(handler, "handler", 0, MAX_HANDLER);
        constraints.pattern(
            handler,
            "handler",
            |text| !text.is_empty() && !text.contains(char::is_whitespace),
            r"[^\s]+",
        );
        constraints.length(description, "description", 0, MAX_DESCRIPTION);
        constraints.range(timeout, "timeout", 1, MAX_TIMEOUT);
        constraints.range(memory, "memorySize", MEMORY.0, MEMORY.1);
        constraints.range(ephemeral, "ephemeralStorage.size", EPHEMERAL.0, EPHEMERAL.1);
        constraints.one_of(tracing.as_deref(), "tracingConfig.mode", &["Active", "PassThrough"]);
        let architectures = architectures(members, &mut constraints)?;
        let environment = environment(members, &mut constraints)?;
        let (log_group, logging) = logging(members, &mut constraints)?;
        let snap_start = snap_start(members, &mut constraints)?;
        let layers = members.texts("Layers")?;
        let layers = layers.map(|arns| layer::references(&arns, &mut constraints));
        constraints.end()?;

        if let Some(runtime) =
            runtime.filter(|runtime| !is_runtime(runtime) && !settings.runtimes.contains(*runtime))
        {
            return Err(refusal::invalid(format!(
                "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \
                 [{RUNTIMES}] or be a valid ARN"
            )));
        }
        if let Some(environment) = &environment {
            check_environment(environment)?;
        }
        let mut stored = Map::new();
        for name in STORED_AS_IS {
            if let Some(value) = members.value(name) {
                stored.insert((*name).into(), value.clone());
            }
        }
        if let Some(vpc) = members.object("VpcConfig")? {
            stored.insert("VpcConfig".into(), vpc_config(&vpc)?);
        }
        stored.extend(logging.map(|logging| ("LoggingConfig".into(), logging)));
        stored.extend(snap_start.map(|apply_on| ("SnapStart".into(), apply_on.into())));
        // The ranges above fit into 32 bits.
        let small = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Self {
            runtime: owned(runtime),
            handler: owned(handler),
            role: owned(role),
            description: owned(description),
            timeout_s: small(timeout),
            memory_mb: small(memory),
            ephemeral_mb: small(ephemeral),
            environment,
            layers,
            architectures,
            tracing,
            log_group,
            stored,
        })
    }

    /// Whether both were said that a zip can't run without.
    pub fn can_run(&self) -> bool {
        self.runtime.is_some() && self.handler.is_some()
    }

    /// The layers that were said, looked up.
    ///
    /// # Errors
    /// One of them does not exist.
    pub fn layers(&self, store: &Store) -> Result<Option<Vec<Arc<LayerVersion>>>, Error> {
        self.layers.as_ref().map(|named| layer::resolve(store, named)).transpose()
    }

    /// Writes what was said over what `version` has; `layers` are [`Configuration::layers`].
    pub fn apply(self, layers: Option<Vec<Arc<LayerVersion>>>, version: &mut Version) {
        fn put<T>(said: Option<T>, into: &mut T) {
            if let Some(said) = said {
                *into = said;
            }
        }
        put(self.runtime, &mut version.runtime);
        put(self.handler, &mut version.handler);
        put(self.role, &mut version.role);
        put(self.description, &mut version.description);
        put(self.timeout_s, &mut version.timeout_s);
        put(self.memory_mb, &mut version.memory_mb);
        put(self.ephemeral_mb, &mut version.ephemeral_mb);
        put(layers, &mut version.layers);
        put(self.architectures, &mut version.architectures);
        put(self.tracing, &mut version.tracing);
        version.environment = self.environment.or(version.environment.take());
        put(self.log_group.map(String::into_boxed_str), &mut version.log_group);
        for (name, value) in self.stored {
            match (version.stored.get_mut(&name), value) {
                // An update says only what changes of the log's format; anything else it says whole.
                (Some(Value::Object(kept)), Value::Object(said)) if name == "LoggingConfig" => {
                    kept.extend(said)
                }
                (_, value) => {
                    version.stored.insert(name, value);
                }
            }
        }
    }
}

/// `Architectures`, where it was said.
pub fn architectures(members: &Members, constraints: &mut Constraints) -> Result<Option<Vec<String>>, Error> {
    let Some(said) = members.texts("Architectures")? else { return Ok(None) };
    let shown = format!("[{}]", said.join(", "));
    constraints.check(said.len() <= 1, &shown, "architectures", "have length less than or equal to 1");
    constraints.check(!said.is_empty(), &shown, "architectures", "have length greater than or equal to 1");
    let known = said.iter().all(|name| matches!(name.as_str(), "x86_64" | "arm64"));
    let rule =
        "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]";
    constraints.check(known, &shown, "architectures", rule);
    Ok(Some(said))
}

fn environment(
    members: &Members,
    constraints: &mut Constraints,
) -> Result<Option<BTreeMap<String, String>>, Error> {
    let Some(environment) = members.object("Environment")? else { return Ok(None) };
    let variables = environment.text_map("Variables")?.unwrap_or_default();
    // A name that an environment can't hold, such as one with `=` or NUL in it, must not come further.
    let good =
        variables.keys().all(|name| is_variable(name)) && variables.values().all(|v| !v.contains('\0'));
    let pairs: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let rule = "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \
                [a-zA-Z]([a-zA-Z0-9_])+]";
    constraints.check_inner(good, format!("{{{}}}", pairs.join(", ")), "environment.variables", rule);
    Ok(Some(variables))
}

fn check_environment(variables: &BTreeMap<String, String>) -> Result<(), Error> {
    let unable = "Lambda was unable to configure your environment variables because the environment variables you \
                  have provided";
    let reserved: Vec<&str> =
        variables.keys().map(String::as_str).filter(|name| RESERVED_VARIABLES.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(refusal::invalid(format!(
            "{unable} contains reserved keys that are currently not supported for modification. Reserved keys used \
             in this request: {}",
            reserved.join(", ")
        )));
    }
    let measured = json!(variables).to_string();
    if measured.len() > MAX_ENVIRONMENT {
        return Err(refusal::invalid(format!(
            "{unable} exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(())
}

fn logging(
    members: &Members,
    constraints: &mut Constraints,
) -> Result<(Option<String>, Option<Value>), Error> {
    let Some(logging) = members.object("LoggingConfig")? else { return Ok((None, None)) };
    let group = logging.text("LogGroup")?;
    constraints.length(group, "loggingConfig.logGroup", 1, 512);
    constraints.pattern(group, "loggingConfig.logGroup", arn::is_log_group, r"[\.\-_/#A-Za-z0-9]+");
    let mut kept = Map::new();
    for (name, at, words) in [
        ("LogFormat", "loggingConfig.logFormat", &["JSON", "Text"][..]),
        (
            "ApplicationLogLevel",
            "loggingConfig.applicationLogLevel",
            &["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"],
        ),
        ("SystemLogLevel", "loggingConfig.systemLogLevel", &["DEBUG", "INFO", "WARN"]),
    ] {
        let word = logging.text(name)?;
        constraints.one_of(word, at, words);
        kept.extend(word.map(|word| (name.into(), word.into())));
    }
    Ok((group.map(str::to_owned), Some(Value::Object(kept))))
}

fn snap_start(members: &Members, constraints: &mut Constraints) -> Result<Option<String>, Error> {
    let Some(snap_start) = members.object("SnapStart")? else { return Ok(None) };
    let apply_on = snap_start.text("ApplyOn")?;
    constraints.one_of(apply_on, "snapStart.applyOn", &["PublishedVersions", "None"]);
    Ok(apply_on.map(str::to_owned))
}

fn vpc_config(vpc: &Members) -> Result<Value, Error> {
    let (subnets, groups) = (vpc.texts("SubnetIds")?, vpc.texts("SecurityGroupIds")?);
    let (subnets, groups) = (subnets.unwrap_or_default(), groups.unwrap_or_default());
    // Nobody can ask us what network a subnet belongs to; that there is one is what clients look for.
    let id = if subnets.is_empty() { "" } else { "vpc-00000000" };
    let dual_stack = vpc.flag("Ipv6AllowedForDualStack")?;
    Ok(json!({
        "SubnetIds": subnets,
        "SecurityGroupIds": groups,
        "VpcId": id,
        "Ipv6AllowedForDualStack": dual_stack,
    }))
}

fn is_role(text: &str) -> bool {
    let account =
        text.strip_prefix("arn:").and_then(|rest| rest.split_once(":iam::")).and_then(|(partition, rest)| {
            let name = partition.strip_prefix("aws").unwrap_or(partition);
            let plain = (partition.is_empty() || partition.starts_with("aws"))
                && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
            plain.then(|| rest.split_once(":role")).flatten()
        });
    account.is_some_and(|(account, name)| {
        account.len() == 12
            && account.bytes().all(|b| b.is_ascii_digit())
            && !name.trim_start_matches('/').is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&b))
    })
}

fn is_runtime(text: &str) -> bool {
    let version = RUNTIME_FAMILIES.iter().find_map(|family| text.strip_prefix(family));
    version.is_some_and(|version| {
        version.len() <= 16
            && version.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'x' | b'a' | b'l'))
    })
}

/// `[a-zA-Z]([a-zA-Z0-9_])+`
fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.as_bytes()[0].is_ascii_alphabetic()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        || RESERVED_VARIABLES.contains(&name)
}
