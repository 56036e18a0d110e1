//! What a worker process is and sees: its program, arguments and environment, as data. It starts nothing and
//! looks at no disk, so whether a program exists shows when it is started.
//!
//! | runtime | program | channel |
//! |---|---|---|
//! | named by `--runtime NAME=PROGRAM` | that program | Runtime API |
//! | `nodejs*` | `node` with our bootstrap | frames |
//! | `python3.*` | `python3` with our bootstrap, whatever its version | frames |
//! | `provided*` | the code's own `bootstrap` | Runtime API |
//!
//! A worker that speaks frames reads them from descriptor 3 and writes them to descriptor 4; whatever it prints,
//! on stdout or stderr, is its log. It is to be started through a shell that moves the descriptors, with stdin,
//! stdout and stderr piped:
//!
//! ```text
//! /bin/sh -c 'exec 3<&0 4>&1 1>&2 0</dev/null; exec "$@"' sh PROGRAM ARGUMENTS...
//! ```
//!
//! A layer lies in a folder of its own, and not in `/opt`: the paths lead there that Lambda has in `/opt`, later layers
//! first, since they hide what earlier ones have.
//!
//! The shell ends with 127 where there is no such program; [`missing_program`] says so to the user.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::Exit;
use crate::base::{Now, Rng, clock, ids};
use crate::model::arn::DEFAULT_ACCOUNT;
use crate::model::function::Version;

/// Our own bootstraps by file name. They lie in [`Host::bootstraps`] before the first worker starts.
pub const BOOTSTRAPS: &[(&str, &str)] = &[
    (NODE, include_str!("bootstrap/node.cjs")),
    ("callback.cjs", include_str!("bootstrap/callback.cjs")),
    ("modules.cjs", include_str!("bootstrap/modules.cjs")),
    (PYTHON, include_str!("bootstrap/python.py")),
];

const NODE: &str = "node.cjs";
const PYTHON: &str = "python.py";

/// How much of a function's memory its Node.js objects may take, as Lambda's own start of Node.js has it: then a
/// function that keeps too much is told so by the collector, before its process is ended.
const NODE_HEAP_PERCENT: u32 = 90;

/// Where Lambda unpacks a function; some variables name files in it.
const TASK_ROOT: &str = "/var/task/";

/// Where Lambda unpacks layers.
const LAYERS: &str = "/opt/";

/// Runs a program with the runtime's own command as its arguments.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html>
const WRAPPER: &str = "AWS_LAMBDA_EXEC_WRAPPER";

/// The machine's side of a worker's environment.
#[derive(Clone, Debug)]
pub struct Host {
    /// Where functions reach us: `AWS_ENDPOINT_URL`.
    pub endpoint_url: String,
    /// `PATH` of our own environment. Besides these three, nothing of it is passed on.
    pub path: String,
    /// `NODE_PATH` of it: packages that the machine has for functions that bring none.
    pub node_path: String,
    /// `PYTHONPATH` of it.
    pub python_path: String,
    /// Bootstraps for runtimes named by `--runtime NAME=PROGRAM`.
    pub runtimes: BTreeMap<String, PathBuf>,
    /// The folder where our own bootstraps were written.
    pub bootstraps: PathBuf,
}

/// How a worker talks with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Frames over stdin and stdout, which the shell moves to descriptors 3 and 4: our own bootstraps.
    Frames,
    /// The Lambda Runtime API over loopback TCP, on a port of the worker's own.
    RuntimeApi,
}

/// A process to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// How it talks.
    pub channel: Channel,
    /// A path, or a name to look up in the `PATH` of `environment`.
    pub program: PathBuf,
    /// Where else the program may be, if it isn't there: in layers.
    pub alternatives: Vec<PathBuf>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub environment: BTreeMap<String, String>,
    /// Its working directory.
    pub folder: PathBuf,
}

/// Which channel workers of this function use. `Err`: the runtime is unknown here; the text says what to do.
pub fn channel(function: &Version, host: &Host) -> Result<Channel, String> {
    match Runtime::of(&function.runtime, host)? {
        Runtime::Node | Runtime::Python => Ok(Channel::Frames),
        Runtime::Provided | Runtime::Named(_) => Ok(Channel::RuntimeApi),
    }
}

/// The process that runs `function` and prints to the log stream `stream`; `runtime_api` is the worker's own port,
/// for that channel.
pub fn command(
    function: &Version,
    host: &Host,
    stream: &str,
    runtime_api: Option<SocketAddr>,
) -> Result<Command, String> {
    let runtime = Runtime::of(&function.runtime, host)?;
    let folder = function.code.folder.path();
    let ours = |file: &str| vec![host.bootstraps.join(file).to_string_lossy().into_owned()];
    let (channel, mut program, mut arguments) = match runtime {
        Runtime::Node => {
            let mut arguments = ours(NODE);
            arguments
                .insert(0, format!("--max-old-space-size={}", function.memory_mb * NODE_HEAP_PERCENT / 100));
            (Channel::Frames, PathBuf::from("node"), arguments)
        }
        Runtime::Python => (Channel::Frames, PathBuf::from("python3"), ours(PYTHON)),
        Runtime::Provided => (Channel::RuntimeApi, folder.join("bootstrap"), Vec::new()),
        Runtime::Named(program) => (Channel::RuntimeApi, program.clone(), Vec::new()),
    };
    let mut alternatives: Vec<PathBuf> = match runtime {
        Runtime::Provided => layers(function).map(|layer| layer.join("bootstrap")).collect(),
        Runtime::Node | Runtime::Python | Runtime::Named(_) => Vec::new(),
    };
    let wrapper = function.environment.as_ref().and_then(|variables| variables.get(WRAPPER));
    if let (Channel::Frames, Some(wrapper)) = (channel, wrapper) {
        arguments.insert(0, program.to_string_lossy().into_owned());
        program = PathBuf::from(wrapper);
        if let Some(file) = wrapper.strip_prefix(TASK_ROOT) {
            program = folder.join(file);
        } else if let Some(file) = wrapper.strip_prefix(LAYERS) {
            alternatives = layers(function).map(|layer| layer.join(file)).collect();
        }
    }
    let mut environment = variables(function, host, stream, runtime);
    if let (Channel::RuntimeApi, Some(address)) = (channel, runtime_api) {
        environment.insert("AWS_LAMBDA_RUNTIME_API".into(), address.to_string());
    }
    Ok(Command { channel, program, alternatives, arguments, environment, folder: folder.to_path_buf() })
}

/// What to tell the user of a worker that ended so before it said a word: that its program is missing, if that
/// is what it was.
pub fn missing_program(function: &Version, exit: Exit) -> Option<String> {
    let runtime = &function.runtime;
    let (program, what) = match (Builtin::of(runtime)?, exit) {
        (Builtin::Node, Exit::Code(127)) => ("node", "Node.js"),
        (Builtin::Python, Exit::Code(127)) => ("python3", "Python 3"),
        (Builtin::Node | Builtin::Python | Builtin::Provided, _) => return None,
    };
    let wrapped = function.environment.as_ref().is_some_and(|variables| variables.contains_key(WRAPPER));
    (!wrapped).then(|| {
        format!(
            "The function's runtime is {runtime}, and there is no program '{program}' on PATH to run it. \
             Install {what}, or name a program that speaks the Lambda Runtime API: \
             --runtime {runtime}=/path/to/bootstrap"
        )
    })
}

/// The runtimes that we can run without being told how.
#[derive(Clone, Copy)]
enum Builtin {
    Node,
    Python,
    Provided,
}

impl Builtin {
    fn of(name: &str) -> Option<Self> {
        match name {
            _ if name.starts_with("nodejs") => Some(Self::Node),
            _ if name.starts_with("python3.") => Some(Self::Python),
            _ if name.starts_with("provided") => Some(Self::Provided),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
enum Runtime<'a> {
    Node,
    Python,
    Provided,
    Named(&'a PathBuf),
}

impl<'a> Runtime<'a> {
    fn of(name: &str, host: &'a Host) -> Result<Self, String> {
        if let Some(program) = host.runtimes.get(name) {
            return Ok(Self::Named(program));
        }
        match Builtin::of(name) {
            Some(Builtin::Node) => Ok(Self::Node),
            Some(Builtin::Python) => Ok(Self::Python),
            Some(Builtin::Provided) => Ok(Self::Provided),
            None => Err(format!(
                "The runtime '{name}' needs a program that gatelet does not have: it runs nodejs*, python3.* \
                 and provided* by itself. Name a program that speaks the Lambda Runtime API: \
                 --runtime {name}=/path/to/bootstrap"
            )),
        }
    }
}

/// The whole environment, but for the Runtime API's address.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
fn variables(
    function: &Version,
    host: &Host,
    stream: &str,
    runtime: Runtime<'_>,
) -> BTreeMap<String, String> {
    let folder = function.code.folder.path().to_string_lossy();
    let (endpoint_host, endpoint_port) = host_and_port(&host.endpoint_url);
    let region = function.owner.region.as_str();
    let mut all: BTreeMap<String, String> = function.environment.clone().unwrap_or_default();
    // What the function may set itself.
    for (name, value) in [
        ("AWS_ENDPOINT_URL", host.endpoint_url.as_str()),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"),
        ("EDGE_PORT", endpoint_port),
        ("LANG", "en_US.UTF-8"),
        ("LOCALSTACK_HOSTNAME", endpoint_host),
        ("TZ", ":UTC"),
    ] {
        all.entry(name.into()).or_insert_with(|| value.into());
    }
    for (name, member) in
        [("AWS_LAMBDA_LOG_FORMAT", "LogFormat"), ("AWS_LAMBDA_LOG_LEVEL", "ApplicationLogLevel")]
    {
        if let Some(value) = logging_config(function, member) {
            all.insert(name.into(), value.into());
        }
    }
    // What the function may add to: its own paths come first.
    let modules = format!("{folder}/node_modules:{folder}");
    let (own_modules, own_packages) = match runtime {
        Runtime::Node => (modules.as_str(), ""),
        Runtime::Python => ("", &*folder),
        Runtime::Provided | Runtime::Named(_) => ("", ""),
    };
    let mut node = paths(function, own_modules, &[&node_folder(&function.runtime), "nodejs/node_modules"]);
    let packages = format!("python/lib/{}/site-packages", function.runtime);
    let mut python = paths(function, own_packages, &[&packages, "python"]);
    for (path, machine) in [(&mut node, &host.node_path), (&mut python, &host.python_path)] {
        if !path.is_empty() && !machine.is_empty() {
            path.push(':');
            path.push_str(machine);
        }
    }
    let (programs, libraries) = (paths(function, &host.path, &["bin"]), paths(function, "", &["lib"]));
    for (name, value) in
        [("PATH", programs), ("NODE_PATH", node), ("PYTHONPATH", python), ("LD_LIBRARY_PATH", libraries)]
    {
        match all.get_mut(name) {
            _ if value.is_empty() => {}
            Some(own) => *own = format!("{own}:{value}"),
            None => drop(all.insert(name.into(), value)),
        }
    }
    // What Lambda reserves. A call back with the access key that is the account's id lands in that account.
    let account = function.owner.account.as_str();
    let key = if account == DEFAULT_ACCOUNT { "test" } else { account };
    let memory = function.memory_mb.to_string();
    let group = &function.log_group;
    let runtime_dir = host.bootstraps.to_string_lossy();
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", key),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", &function.version),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        ("AWS_REGION", region),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_SESSION_TOKEN", "test"),
        ("LAMBDA_RUNTIME_DIR", &runtime_dir),
        ("LAMBDA_TASK_ROOT", &folder),
        ("PWD", &folder),
        ("_HANDLER", &function.handler),
    ] {
        all.insert(name.into(), value.into());
    }
    if !matches!(runtime, Runtime::Provided) {
        all.insert("AWS_EXECUTION_ENV".into(), format!("AWS_Lambda_{}", function.runtime));
    }
    for reserved in ["AWS_ACCESS_KEY", "AWS_LAMBDA_RUNTIME_API", "_X_AMZN_TRACE_ID"] {
        all.remove(reserved);
    }
    all
}

/// The folders of the function's layers, those first that hide what others have.
fn layers(function: &Version) -> impl Iterator<Item = &Path> {
    function.layers.iter().rev().map(|layer| layer.code.folder.path())
}

/// `first`, then what layers have in each of these folders.
fn paths(function: &Version, first: &str, folders: &[&str]) -> String {
    let mut paths = first.to_owned();
    for folder in folders {
        for layer in layers(function) {
            if !paths.is_empty() {
                paths.push(':');
            }
            paths.push_str(&layer.join(folder).to_string_lossy());
        }
    }
    paths
}

/// Where layers have the modules for one version of Node.js alone: `nodejs/node20/node_modules`.
fn node_folder(runtime: &str) -> String {
    let version = runtime.trim_start_matches("nodejs").trim_end_matches(".x");
    format!("nodejs/node{version}/node_modules")
}

/// A member of `LoggingConfig`, where the function has JSON logs: only then Lambda tells the runtime.
fn logging_config<'a>(function: &'a Version, member: &str) -> Option<&'a str> {
    let config = function.stored.get("LoggingConfig")?;
    let said = |name: &str| config.get(name).and_then(serde_json::Value::as_str);
    (said("LogFormat") == Some("JSON")).then(|| said(member).unwrap_or("INFO"))
}

/// The name of a worker's log stream, in Lambda's form: `2026/11/24/[$LATEST]0123456789abcdef0123456789abcdef`.
pub fn log_stream(now: Now, function: &Version, rng: &mut Rng) -> String {
    let day = clock::iso8601(now.unix_seconds());
    format!("{}/[{}]{}", day[..10].replace('-', "/"), function.version, ids::hex(rng, 32))
}

/// Host and port of a URL of ours.
fn host_and_port(url: &str) -> (&str, &str) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        Some(_) | None => (authority, if scheme == "https" { "443" } else { "80" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::fixture;

    const STREAM: &str = "2025/04/14/[$LATEST]0";

    fn host() -> Host {
        Host {
            endpoint_url: "http://127.0.0.1:4566".into(),
            path: "/usr/bin:/bin".into(),
            node_path: String::new(),
            python_path: String::new(),
            runtimes: BTreeMap::from([("ruby3.3".into(), PathBuf::from("/opt/ruby/bootstrap"))]),
            bootstraps: PathBuf::from("/work"),
        }
    }

    fn version(runtime: &str, variables: &[(&str, &str)]) -> Version {
        let mut version = fixture::version(1);
        version.runtime = runtime.into();
        version.environment =
            Some(variables.iter().map(|(name, value)| (String::from(*name), String::from(*value))).collect());
        version
    }

    #[test]
    fn programs() {
        for (runtime, channel_of, program, arguments) in [
            ("nodejs20.x", Channel::Frames, "node", vec!["--max-old-space-size=115", "/work/node.cjs"]),
            ("python3.12", Channel::Frames, "python3", vec!["/work/python.py"]),
            ("provided.al2023", Channel::RuntimeApi, "/code/bootstrap", vec![]),
            ("ruby3.3", Channel::RuntimeApi, "/opt/ruby/bootstrap", vec![]),
        ] {
            let version = version(runtime, &[]);
            assert_eq!(channel(&version, &host()), Ok(channel_of));
            let address = Some(([127, 0, 0, 1], 9001).into());
            let command = command(&version, &host(), STREAM, address).unwrap();
            assert_eq!(
                (command.program.to_str().unwrap(), command.arguments.iter().map(String::as_str).collect()),
                (program, arguments)
            );
            assert_eq!(command.channel, channel_of);
            assert_eq!(command.folder, PathBuf::from("/code"));
            let expected = (channel_of == Channel::RuntimeApi).then_some("127.0.0.1:9001");
            assert_eq!(command.environment.get("AWS_LAMBDA_RUNTIME_API").map(String::as_str), expected);
        }
        let why = channel(&version("java21", &[]), &host()).unwrap_err();
        assert!(why.contains("'java21'") && why.contains("--runtime java21=/path/to/bootstrap"), "{why}");
    }

    #[test]
    fn a_wrapper_gets_the_command_as_its_arguments() {
        let version = version("nodejs20.x", &[(WRAPPER, "/var/task/wrap.sh")]);
        let command = command(&version, &host(), STREAM, None).unwrap();
        assert_eq!(command.program, PathBuf::from("/code/wrap.sh"));
        assert_eq!(command.arguments, ["node", "--max-old-space-size=115", "/work/node.cjs"]);
    }

    #[test]
    fn layers_are_on_the_paths_that_lead_to_opt() {
        let check = |runtime: &str, variables: &[(&str, &str)], expected: &[(&str, &str)]| {
            let mut version = version(runtime, variables);
            version.layers = vec![fixture::layer("/a"), fixture::layer("/b")];
            let environment = command(&version, &host(), STREAM, None).unwrap().environment;
            for (name, value) in expected {
                assert_eq!(environment.get(*name).map(String::as_str), Some(*value), "{runtime} {name}");
            }
        };
        let node = "/code/node_modules:/code:/b/nodejs/node20/node_modules:/a/nodejs/node20/node_modules:\
                    /b/nodejs/node_modules:/a/nodejs/node_modules";
        check("nodejs20.x", &[], &[("NODE_PATH", node), ("PATH", "/usr/bin:/bin:/b/bin:/a/bin")]);
        let python = "/mine:/code:/b/python/lib/python3.12/site-packages:/a/python/lib/python3.12/site-packages:\
                      /b/python:/a/python";
        check("python3.12", &[("PYTHONPATH", "/mine")], &[("PYTHONPATH", python)]);
        check("provided.al2023", &[], &[("LD_LIBRARY_PATH", "/b/lib:/a/lib")]);
    }

    #[test]
    fn what_the_machine_has_comes_last() {
        let host = Host { node_path: "/npm".into(), python_path: "/pip".into(), ..host() };
        let path = |runtime: &str, name: &str| {
            let environment = command(&version(runtime, &[]), &host, STREAM, None).unwrap().environment;
            environment.get(name).cloned().unwrap_or_default()
        };
        assert_eq!(path("nodejs20.x", "NODE_PATH"), "/code/node_modules:/code:/npm");
        assert_eq!(path("python3.12", "PYTHONPATH"), "/code:/pip");
        assert_eq!(path("provided.al2", "NODE_PATH"), "");
    }

    #[test]
    fn programs_may_be_in_layers() {
        let alternatives = |runtime: &str, variables: &[(&str, &str)]| {
            let mut version = version(runtime, variables);
            version.layers = vec![fixture::layer("/a"), fixture::layer("/b")];
            let command = command(&version, &host(), STREAM, None).unwrap();
            let paths = std::iter::once(&command.program).chain(&command.alternatives);
            paths.map(|path| path.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        let bootstraps = ["/code/bootstrap", "/b/bootstrap", "/a/bootstrap"];
        assert_eq!(alternatives("provided.al2023", &[]), bootstraps);
        assert_eq!(alternatives("nodejs20.x", &[]), ["node"]);
        let wrapper = [(WRAPPER, "/opt/bin/wrap")];
        assert_eq!(alternatives("nodejs20.x", &wrapper), ["/opt/bin/wrap", "/b/bin/wrap", "/a/bin/wrap"]);
    }

    #[test]
    fn the_environment_is_lambdas_and_nothing_of_ours() {
        let version = version(
            "nodejs20.x",
            &[
                ("TABLE", "t"),
                ("TZ", "Europe/Berlin"),
                ("PATH", "/mine"),
                ("AWS_REGION", "mars"),
                ("_X_AMZN_TRACE_ID", "x"),
                ("AWS_LAMBDA_RUNTIME_API", "x"),
            ],
        );
        let environment = command(&version, &host(), STREAM, None).unwrap().environment;
        let text: Vec<String> = environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            text,
            [
                "AWS_ACCESS_KEY_ID=test",
                "AWS_DEFAULT_REGION=us-east-1",
                "AWS_ENDPOINT_URL=http://127.0.0.1:4566",
                "AWS_EXECUTION_ENV=AWS_Lambda_nodejs20.x",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
                "AWS_LAMBDA_FUNCTION_NAME=f1",
                "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
                "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
                "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f1",
                &format!("AWS_LAMBDA_LOG_STREAM_NAME={STREAM}"),
                "AWS_REGION=us-east-1",
                "AWS_SECRET_ACCESS_KEY=test",
                "AWS_SESSION_TOKEN=test",
                "AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
                "AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:2000",
                "EDGE_PORT=4566",
                "LAMBDA_RUNTIME_DIR=/work",
                "LAMBDA_TASK_ROOT=/code",
                "LANG=en_US.UTF-8",
                "LOCALSTACK_HOSTNAME=127.0.0.1",
                "NODE_PATH=/code/node_modules:/code",
                "PATH=/mine:/usr/bin:/bin",
                "PWD=/code",
                "TABLE=t",
                "TZ=Europe/Berlin",
                "_HANDLER=index.handler",
            ]
        );
    }

    #[test]
    fn streams_are_named_by_day_and_version() {
        let now = Now { instant: std::time::Instant::now(), unix_ms: 1_744_632_000_000 };
        let stream = log_stream(now, &version("nodejs20.x", &[]), &mut Rng::with_seed(1));
        let hex = stream.strip_prefix("2025/04/14/[$LATEST]").expect("it begins so");
        assert!(hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()), "{stream}");
    }

    #[test]
    fn json_logs_are_told_to_the_runtime() {
        let mut version = version("nodejs20.x", &[]);
        let mut log = |config: serde_json::Value| {
            version.stored.insert("LoggingConfig".into(), config);
            let environment = command(&version, &host(), STREAM, None).unwrap().environment;
            ["FORMAT", "LEVEL"].map(|name| environment.get(&format!("AWS_LAMBDA_LOG_{name}")).cloned())
        };
        let some = |text: &str| Some(String::from(text));
        assert_eq!(log(serde_json::json!({"LogFormat": "Text"})), [None, None]);
        assert_eq!(log(serde_json::json!({"LogFormat": "JSON"})), [some("JSON"), some("INFO")]);
        let config = serde_json::json!({"LogFormat": "JSON", "ApplicationLogLevel": "WARN"});
        assert_eq!(log(config), [some("JSON"), some("WARN")]);
    }

    #[test]
    fn another_accounts_functions_call_back_into_it() {
        let mut version = version("python3.12", &[]);
        version.owner.account = "111111111111".into();
        let environment = command(&version, &host(), STREAM, None).unwrap().environment;
        assert_eq!(environment["AWS_ACCESS_KEY_ID"], "111111111111");
        assert_eq!(environment["PYTHONPATH"], "/code");
    }

    #[test]
    fn missing_programs_are_named() {
        for (runtime, exit, expected) in [
            ("nodejs20.x", Exit::Code(127), Some("'node'")),
            ("python3.9", Exit::Code(127), Some("'python3'")),
            ("nodejs20.x", Exit::Code(1), None),
            ("provided.al2", Exit::Code(127), None),
            ("ruby3.3", Exit::Code(127), None),
        ] {
            let why = missing_program(&version(runtime, &[]), exit);
            assert_eq!(why.is_some(), expected.is_some());
            assert!(expected.is_none_or(|name| why.unwrap().contains(name)));
        }
        assert_eq!(missing_program(&version("nodejs20.x", &[(WRAPPER, "x")]), Exit::Code(127)), None);
    }

    #[test]
    fn endpoints() {
        for (url, expected) in [
            ("http://127.0.0.1:4566", ("127.0.0.1", "4566")),
            ("https://localhost.localstack.cloud/x", ("localhost.localstack.cloud", "443")),
            ("http://[::1]:80/", ("[::1]", "80")),
            ("http://[::1]", ("[::1]", "80")),
        ] {
            assert_eq!(host_and_port(url), expected);
        }
    }
}
