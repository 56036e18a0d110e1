//! The settings as data: a row for each, which is its flag, its variables, its line of `--help` and its parser.

mod places;
pub(super) mod services;

use std::ffi::OsString;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use super::{Draft, Ports, listen};
use crate::log::{Format, Level};
use crate::model::settings::{Binary, EndpointStyle, Parity};

/// A node worker takes some 40 MB.
pub(super) const DEFAULT_WORKERS: usize = 64;
/// Starting a worker waits for the disk as much as for a processor.
pub(super) const LEAST_STARTING: usize = 4;
/// Ten times what Lambda lets an account run at once (1,000), since nothing here scales out.
pub(super) const QUEUE: usize = 10_000;
/// LocalStack: `LAMBDA_KEEPALIVE_MS` is 600,000.
pub(super) const DEFAULT_KEEP: Duration = Duration::from_secs(600);
/// Lambda: "The Init phase is limited to 10 seconds."
pub(super) const INIT: Duration = Duration::from_secs(10);
/// AWS closes a client's connection that was idle this long.
pub(super) const DEFAULT_CLIENT_TIMEOUT: Duration = Duration::from_secs(60);
/// LocalStack: `EXTERNAL_SERVICE_PORTS_START` is 4510.
pub(super) const DEFAULT_WS_PORT: u16 = 4510;
/// AWS: where services come first.
pub(super) const DEFAULT_REGION: &str = "us-east-1";
/// Where Debian and others have their programs.
pub(super) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// More than any machine runs.
const MOST_WORKERS: usize = 10_000;

/// A thing that can be set.
pub(super) struct Setting {
    /// Without the dashes; empty: a variable only.
    pub(super) flag: &'static str,
    /// How `--help` names the value.
    value: &'static str,
    /// Later ones override earlier ones, and the flag overrides them all.
    pub(super) variables: &'static [&'static str],
    default: &'static str,
    what: &'static str,
    /// Parses; `Err` says what would be right.
    pub(super) set: fn(&mut Draft, &str) -> Result<(), String>,
}

/// All that can be set, in the order of `--help`.
pub(super) fn settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().chain(places::SETTINGS).chain(services::SETTINGS)
}

const SETTINGS: &[Setting] = &[
    Setting {
        flag: "listen",
        value: "ADDRESS[,ADDRESS...]",
        variables: &["GATEWAY_LISTEN"],
        default: "127.0.0.1:4566",
        what: "Where to listen. A missing host is 127.0.0.1, a missing port 4566; [::]:4566 takes IPv4 too",
        set: |draft, value| listen::parse(value).map(|listen| draft.listen = Some(listen)),
    },
    Setting {
        flag: "public-host",
        value: "HOST[:PORT]",
        variables: &["LOCALSTACK_HOST"],
        default: "localhost.localstack.cloud and the first port",
        what: "What goes into every returned URL",
        set: |draft, value| public_host(value).map(|host| draft.public_host = Some(host)),
    },
    Setting {
        flag: "api-endpoint-style",
        value: "host|url",
        variables: &["API_ENDPOINT_STYLE"],
        default: "host",
        what: "ApiEndpoint of an HTTP API: without a scheme, as LocalStack shows it, or with http://",
        set: |draft, value| {
            let styles = [("host", EndpointStyle::Host), ("url", EndpointStyle::Url)];
            one_of(value, &styles).map(|style| draft.endpoint_style = Some(style))
        },
    },
    Setting {
        flag: "parity",
        value: "localstack|aws",
        variables: &["GATELET_PARITY"],
        default: "localstack",
        what: "Whom to follow where they differ; aws switches the conveniences off",
        set: |draft, value| {
            let parities = [("localstack", Parity::LocalStack), ("aws", Parity::Aws)];
            one_of(value, &parities).map(|parity| draft.parity = Some(parity))
        },
    },
    Setting {
        flag: "allow-origin",
        value: "ORIGIN[,ORIGIN...]",
        variables: &["EXTRA_CORS_ALLOWED_ORIGINS"],
        default: "pages of this machine",
        what: "Whose pages may also ask the control plane from a browser, such as http://app.test:3000; * is any",
        set: |draft, value| {
            draft.allowed_origins.extend(value.split(',').map(|origin| origin.trim().to_owned()));
            Ok(())
        },
    },
    Setting {
        flag: "",
        value: "1",
        variables: &["DISABLE_CORS_CHECKS"],
        default: "0",
        what: "The same as EXTRA_CORS_ALLOWED_ORIGINS=*",
        set: |draft, value| {
            if is_true(value) {
                draft.allowed_origins.push("*".into());
            }
            Ok(())
        },
    },
    Setting {
        flag: "",
        value: "1",
        variables: &["DEBUG"],
        default: "0",
        what: "The same as LS_LOG=debug",
        set: |draft, value| {
            if is_true(value) {
                draft.log_level = Some(Level::Debug);
            }
            Ok(())
        },
    },
    Setting {
        flag: "credentials",
        value: "KEY=SECRET[,KEY=SECRET...]",
        variables: &["GATELET_CREDENTIALS"],
        default: "test=test",
        what: "Who may sign requests to routes of HTTP APIs that ask for it (AWS_IAM), besides test, accounts' ids \
               with the secret test, and those who assumed a role",
        set: |draft, value| {
            for pair in value.split(',') {
                let pair = pair.trim().split_once('=');
                let (key, secret) = pair
                    .filter(|(key, secret)| is_access_key(key) && !secret.is_empty())
                    .ok_or("give KEY=SECRET, such as AKIAIOSFODNN7EXAMPLE=wJalrXUtnFEMI")?;
                draft.credentials.insert(key.into(), secret.into());
            }
            Ok(())
        },
    },
    Setting {
        flag: "log",
        value: "LEVEL",
        variables: &["LS_LOG"],
        default: "info",
        what: "What to log on stderr: off, error, warn, info, debug or trace",
        set: |draft, value| one_of(value, LEVELS).map(|level| draft.log_level = Some(level)),
    },
    Setting {
        flag: "log-format",
        value: "text|json",
        variables: &["LOG_FORMAT"],
        default: "text",
        what: "Lines for people, or one JSON object a line",
        set: |draft, value| {
            let formats = [("text", Format::Text), ("json", Format::Json)];
            one_of(value, &formats).map(|format| draft.log_format = Some(format))
        },
    },
    Setting {
        flag: "access-log",
        value: "-|FILE",
        variables: &["GATELET_ACCESS_LOG"],
        default: "none",
        what: "Where lines of stages' access logs go besides their log groups: - is stderr, a file is appended to",
        set: |draft, value| {
            if value.is_empty() {
                return Err("give a file, or - for stderr".into());
            }
            draft.access_log = Some(PathBuf::from(value));
            Ok(())
        },
    },
    Setting {
        flag: "runtime",
        value: "NAME=PROGRAM",
        variables: &["GATELET_RUNTIMES"],
        default: "none",
        what: "The program that runs functions of a runtime, over the Lambda Runtime API, such as \
               ruby3.3=/opt/ruby/bootstrap. The flag may be repeated; the variable takes a comma list",
        set: |draft, value| {
            for pair in value.split(',') {
                let pair = pair.split_once('=').map(|(name, program)| (name.trim(), program.trim()));
                let Some((name, program)) =
                    pair.filter(|(name, program)| !name.is_empty() && !program.is_empty())
                else {
                    return Err("give NAME=PROGRAM, such as ruby3.3=/opt/ruby/bootstrap".into());
                };
                draft.runtimes.insert(name.into(), PathBuf::from(program));
            }
            Ok(())
        },
    },
    Setting {
        flag: "max-workers",
        value: "N",
        variables: &["GATELET_MAX_WORKERS"],
        default: "64",
        what: "Function processes at once, of all functions together",
        set: |draft, value| {
            number(value, 1, MOST_WORKERS as u64).map(|workers| draft.workers = Some(workers as usize))
        },
    },
    Setting {
        flag: "lambda-keepalive-ms",
        value: "MS",
        variables: &["LAMBDA_KEEPALIVE_MS"],
        default: "600000",
        what: "How long an idle function process is kept",
        set: |draft, value| {
            number(value, 0, u64::from(u32::MAX)).map(|ms| draft.keep = Some(Duration::from_millis(ms)))
        },
    },
    Setting {
        flag: "client-timeout-ms",
        value: "MS",
        variables: &["GATELET_CLIENT_TIMEOUT_MS"],
        default: "60000",
        what: "How long a client may take: over a head, to go on with a body, to read on, between requests",
        set: |draft, value| {
            number(value, 1, u64::from(u32::MAX))
                .map(|ms| draft.client_timeout = Some(Duration::from_millis(ms)))
        },
    },
    Setting {
        flag: "",
        value: "PORT",
        variables: &["EXTERNAL_SERVICE_PORTS_START"],
        default: "4510",
        what: "The first of the ports of WebSocket APIs' own",
        set: |draft, value| {
            number(value, 1, u64::from(u16::MAX)).map(|port| draft.ws_ports.start = Some(port as u16))
        },
    },
    Setting {
        flag: "",
        value: "PORT",
        variables: &["EXTERNAL_SERVICE_PORTS_END"],
        default: "the first and 50",
        what: "The end of the ports of WebSocket APIs' own; it is not one of them",
        set: |draft, value| {
            number(value, 1, u64::from(u16::MAX)).map(|port| draft.ws_ports.end = Some(port as u16))
        },
    },
    Setting {
        flag: "websocket-ports",
        value: "START-END",
        variables: &["GATELET_WEBSOCKET_PORTS"],
        default: "4510-4560",
        what: "The ports of WebSocket APIs' own; the end is not one of them, so that 0-0 is none",
        set: |draft, value| {
            let ports =
                value.split_once('-').and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
            let (start, end) = ports.ok_or("give two ports, such as 4510-4560")?;
            draft.ws_ports = Ports { start: Some(start), end: Some(end) };
            Ok(())
        },
    },
    Setting {
        flag: "ws-binary",
        value: "close|base64",
        variables: &["GATELET_WS_BINARY"],
        default: "close",
        what: "A binary message closes its connection (1003), as on AWS, or is delivered encoded in base64",
        set: |draft, value| {
            let ways = [("close", Binary::Close), ("base64", Binary::Base64)];
            one_of(value, &ways).map(|binary| draft.ws_binary = Some(binary))
        },
    },
    Setting {
        flag: "ws-idle-ms",
        value: "MS",
        variables: &["GATELET_WS_IDLE_MS"],
        default: "600000",
        what: "How long nothing may happen on a WebSocket before it is closed; 0: forever",
        set: |draft, value| {
            number(value, 0, u64::from(u32::MAX)).map(|ms| draft.ws_idle = Some(Duration::from_millis(ms)))
        },
    },
    Setting {
        flag: "ws-lifetime-ms",
        value: "MS",
        variables: &["GATELET_WS_LIFETIME_MS"],
        default: "7200000",
        what: "How long a WebSocket may live in all; 0: forever",
        set: |draft, value| {
            number(value, 0, u64::from(u32::MAX))
                .map(|ms| draft.ws_lifetime = Some(Duration::from_millis(ms)))
        },
    },
];

/// LocalStack's names, in any case.
const LEVELS: &[(&str, Level)] = &[
    ("off", Level::Off),
    ("error", Level::Error),
    ("warn", Level::Warn),
    ("warning", Level::Warn),
    ("info", Level::Info),
    ("debug", Level::Debug),
    ("trace", Level::Trace),
    ("trace-internal", Level::Trace),
];

/// Variables of LocalStack that ask for what is not done here, and what is said of it. All its others are
/// accepted in silence, since what they switch has no counterpart.
const NOT_DONE: &[(&str, When, &str)] = &[
    ("PERSISTENCE", When::True, "state is not kept yet: it ends with the process"),
    ("USE_SSL", When::True, "returned URLs say http all the same; https is served on the same port"),
    ("DATA_DIR", When::Set, "state is not kept yet: it ends with the process"),
    ("EDGE_PORT", When::Set, "no longer a variable of LocalStack's; use GATEWAY_LISTEN"),
    ("EDGE_BIND_HOST", When::Set, "no longer a variable of LocalStack's; use GATEWAY_LISTEN"),
    ("HOSTNAME_EXTERNAL", When::Set, "no longer a variable of LocalStack's; use LOCALSTACK_HOST"),
];

#[derive(Clone, Copy)]
enum When {
    Set,
    True,
}

/// The warnings that the environment calls for.
pub(super) fn warnings(lookup: &impl Fn(&str) -> Option<OsString>) -> Vec<String> {
    let calls = |name: &str, when| {
        lookup(name).is_some_and(|value| match when {
            When::Set => true,
            When::True => value.to_str().is_some_and(is_true),
        })
    };
    let called = NOT_DONE.iter().filter(|(name, when, _)| calls(name, *when));
    called.map(|(name, _, text)| format!("{name} is set, but {text}")).collect()
}

/// The text of `--help`.
pub(super) fn help() -> String {
    let mut text = String::from(HEAD);
    for setting in settings() {
        let _ = match (setting.flag, setting.variables) {
            ("", variables) => writeln!(text, "  {}={}", variables.join(", "), setting.value),
            (flag, _) => writeln!(text, "  --{flag} {}", setting.value),
        };
        for line in wrapped(setting.what) {
            let _ = writeln!(text, "        {line}");
        }
        let _ = writeln!(text, "        [{}; default: {}]", setting.variables.join(", "), setting.default);
    }
    text.push_str(TAIL);
    text
}

const HEAD: &str = "\
gatelet: AWS API Gateway and Lambda on your own machine

Usage: gatelet [FLAGS]
       gatelet up [FOLDER] [--once] [FLAGS]

The first serves what clients make. The second also deploys the CloudFormation template
(template.yaml, .yml, .json) of FOLDER, or of this folder, and follows its edits. In it,
the Code of a function may name a folder beside it: Code: ./functions/hello
  --once
        Don't follow edits, and exit with 1 if the deployment fails

Flags, with the variables that say the same (a flag overrides its variable):
";

const TAIL: &str = "  -h, --help
  -V, --version

Every variable may have the prefix LOCALSTACK_, and then counts before the one without.
PATH is where the programs of functions are looked for; NODE_PATH and PYTHONPATH where
packages are that functions don't bring themselves. SSL_CERT_FILE names more certificates
(PEM) that https back ends may be signed by.
Other variables of LocalStack are accepted and change nothing.

An API is reached at any of
  http://{apiId}.execute-api.localhost.localstack.cloud:4566/{stage}/{path}
  http://localhost:4566/restapis/{apiId}/{stage}/_user_request_/{path}
  http://localhost:4566/_aws/execute-api/{apiId}/{stage}/{path}
A stage named $default is left out.

Example:
  gatelet &
  aws --endpoint-url http://localhost:4566 apigatewayv2 create-api --name pets \\
      --protocol-type HTTP --target https://example.com --tags _custom_id_=pets
  curl http://pets.execute-api.localhost.localstack.cloud:4566/
";

/// How wide `--help` is.
const WIDTH: usize = 72;

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
            lines.push(word.into());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines
}

/// LocalStack: `1` and `true`, in any case; all else is false.
fn is_true(value: &str) -> bool {
    let value = value.trim();
    value == "1" || value.eq_ignore_ascii_case("true")
}

fn one_of<T: Copy>(value: &str, among: &[(&str, T)]) -> Result<T, String> {
    let found = among.iter().find(|(name, _)| name.eq_ignore_ascii_case(value));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = among.iter().map(|(name, _)| *name).collect();
        format!("not known here; give one of {}", names.join(", "))
    })
}

/// IAM: `[\w]+`
fn is_access_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn number(value: &str, least: u64, most: u64) -> Result<u64, String> {
    let number = value.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("give a whole number from {least} to {most}"))
}

/// What goes into URLs: a host's characters and perhaps a port, nothing that would end the host.
fn public_host(value: &str) -> Result<String, String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    let port = if listen::has_port(value) { value.rsplit(':').next() } else { None };
    if value.is_empty() || !value.bytes().all(fits) || value.starts_with(':') {
        return Err("give a host name, perhaps with a port: localhost.localstack.cloud:4566".into());
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("its port is no number from 0 to 65535".into());
    }
    Ok(value.into())
}
