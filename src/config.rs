//! Flags and environment to [`Config`]: the only reader of either.
//!
//! ```text
//! LOCALSTACK_X, X ──┐
//!                   ├── settings: one row each ──> Draft ──> Config ──> model::Settings, lambda::Limits, Host
//! --flag ───────────┘  (a flag overrides its variable)
//! ```
//!
//! Parsing is pure: it is given arguments and a way to look variables up. What is wrong is said in one line that
//! names the flag or variable, the value, and what would be right.

mod listen;
mod table;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::lambda;
use crate::log::{Format, Level};
use crate::model::Settings;
use crate::model::settings::{Binary, DEFAULT_PUBLIC_HOST, EndpointStyle, Parity, TEST, WsSettings};

/// All that can be configured, valid and with every default filled in.
#[derive(Clone, Debug)]
pub struct Config {
    /// `GATEWAY_LISTEN`: where to listen, at least one address, none covered by another one.
    pub listen: Vec<SocketAddr>,
    /// What changes answers.
    pub settings: Settings,
    /// `LS_LOG`, `DEBUG`: the least urgent level that is logged.
    pub log_level: Level,
    /// `LOG_FORMAT`
    pub log_format: Format,
    /// `--access-log`: a file that lines of access logs are written to as well; `-`: stderr.
    pub access_log: Option<PathBuf>,
    /// How many workers, how long.
    pub limits: lambda::Limits,
    /// How long a client may take over a head, to go on with a body, to read on, or between requests.
    pub client_timeout: Duration,
    /// `EXTERNAL_SERVICE_PORTS_START`, `EXTERNAL_SERVICE_PORTS_END`: the ports of WebSocket APIs' own.
    pub ws_ports: Range<u16>,
    /// Programs for runtimes, by name: `--runtime`.
    pub runtimes: BTreeMap<String, PathBuf>,
    /// The folder in which a fresh folder for unpacked code is made.
    pub work_dir: PathBuf,
    /// `--data-dir`: where the authority is kept; `None`: each run makes one anew.
    pub data_dir: Option<PathBuf>,
    /// `--init`: the folder of init hooks; `None`: LocalStack's, if there is one.
    pub init: Option<PathBuf>,
    /// `AWS_DEFAULT_REGION`, `AWS_REGION`: the region of init hooks, and of what `up` deploys.
    pub region: String,
    /// `up`: what to deploy once we run.
    pub up: Option<Up>,
    /// `PATH`: where workers' programs are looked for.
    pub path: String,
    /// `NODE_PATH`: packages for functions that bring none.
    pub node_path: String,
    /// `PYTHONPATH`: the same.
    pub python_path: String,
    /// `SSL_CERT_FILE`: certificates (PEM) that https back ends may be signed by, besides the public authorities.
    pub certificates: Option<PathBuf>,
    /// `--tls-cert`, `--tls-key`: the certificate to show, with its key; `None`: one of our own authority.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// What to warn about at start: variables that mean something elsewhere and nothing here.
    pub warnings: Vec<String>,
}

/// `gatelet up [FOLDER]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Up {
    /// A folder with a template, or a template.
    pub at: PathBuf,
    /// `--once`: edits are not followed, and a deployment that fails is the end.
    pub once: bool,
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Asked {
    /// To run.
    Run(Box<Config>),
    /// To print this text and no more: `--help`, `--version`.
    Print(String),
}

impl Config {
    /// Reads this process's flags and environment.
    ///
    /// # Errors
    /// One line: what is wrong, where, and what would be right.
    pub fn read() -> Result<Asked, String> {
        let mut asked = parse(std::env::args_os().skip(1), |name| std::env::var_os(name))?;
        if let Asked::Run(config) = &mut asked {
            let processors = std::thread::available_parallelism().map_or(1, usize::from);
            config.limits.starting = config.limits.starting.max(processors);
        }
        Ok(asked)
    }

    /// What workers see of this machine. `bound` is the first address that we listen on, `bootstraps` the folder
    /// where our own bootstraps lie.
    pub fn host(&self, bound: SocketAddr, bootstraps: &Path) -> lambda::environment::Host {
        lambda::environment::Host {
            endpoint_url: format!("http://{}", reachable(bound)),
            path: self.path.clone(),
            node_path: self.node_path.clone(),
            python_path: self.python_path.clone(),
            runtimes: self.runtimes.clone(),
            bootstraps: bootstraps.to_owned(),
        }
    }

    /// What init hooks see besides our own environment: a script that calls `aws` calls us.
    pub fn hook_environment(&self, bound: SocketAddr) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", reachable(bound));
        let variables = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", TEST),
            ("AWS_SECRET_ACCESS_KEY", TEST),
            ("AWS_DEFAULT_REGION", &self.region),
            ("AWS_REGION", &self.region),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }
}

/// Parses arguments (without the program's name) and variables.
///
/// # Errors
/// As [`Config::read`].
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Asked, String> {
    // A variable that is set to nothing counts as not set: compose files pass `${X-}`.
    let lookup = |name: &str| {
        let value = variable(&format!("LOCALSTACK_{name}")).filter(|v| !v.is_empty());
        value.or_else(|| variable(name)).filter(|v| !v.is_empty())
    };
    let mut draft = Draft::default();
    for setting in table::settings() {
        for name in setting.variables {
            if let Some(value) = lookup(name) {
                apply(setting, &mut draft, name, "=", value)?;
            }
        }
    }
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(unusable)? {
        let flag = match argument {
            lexopt::Arg::Short('h') => "help",
            lexopt::Arg::Short('V') => "version",
            lexopt::Arg::Long(flag) => flag,
            lexopt::Arg::Value(word) if word == "up" && draft.up.is_none() => {
                draft.up = Some(None);
                continue;
            }
            lexopt::Arg::Value(place) if draft.up == Some(None) => {
                draft.up = Some(Some(place.into()));
                continue;
            }
            other => return Err(unusable(other.unexpected())),
        };
        match flag {
            "once" => {
                draft.once = true;
                continue;
            }
            "help" => return Ok(Asked::Print(table::help())),
            "version" => return Ok(Asked::Print(format!("gatelet {}\n", env!("CARGO_PKG_VERSION")))),
            _ => {}
        }
        let setting = table::settings().find(|setting| !flag.is_empty() && setting.flag == flag);
        let Some(setting) = setting else {
            return Err(format!("--{flag}: there is no such flag; see gatelet --help"));
        };
        let value = parser.value().map_err(unusable)?;
        apply(setting, &mut draft, &format!("--{}", setting.flag), " ", value)?;
    }
    if draft.once && draft.up.is_none() {
        return Err("--once: it belongs to `gatelet up`; see gatelet --help".into());
    }
    if draft.tls_key.is_some() && draft.tls_cert.is_none() {
        return Err(
            "--tls-key: it belongs to --tls-cert, which names the certificate; see gatelet --help".into()
        );
    }
    draft.warnings = table::warnings(&lookup);
    let text = |name: &str| lookup(name).and_then(|value| value.into_string().ok());
    draft.path = text("PATH");
    draft.node_path = text("NODE_PATH").unwrap_or_default();
    draft.python_path = text("PYTHONPATH").unwrap_or_default();
    draft.region =
        ["AWS_DEFAULT_REGION", "AWS_REGION"].into_iter().find_map(|name| lookup(name)?.into_string().ok());
    draft.certificates = lookup("SSL_CERT_FILE").map(PathBuf::from);
    draft.finish().map(|config| Asked::Run(Box::new(config)))
}

/// What was said so far; what is `None` was not said.
#[derive(Default)]
struct Draft {
    listen: Option<Vec<SocketAddr>>,
    public_host: Option<String>,
    endpoint_style: Option<EndpointStyle>,
    parity: Option<Parity>,
    allowed_origins: Vec<String>,
    log_level: Option<Level>,
    log_format: Option<Format>,
    access_log: Option<PathBuf>,
    workers: Option<usize>,
    keep: Option<Duration>,
    client_timeout: Option<Duration>,
    ws_ports: Ports,
    ws_idle: Option<Duration>,
    ws_lifetime: Option<Duration>,
    ws_binary: Option<Binary>,
    services: table::services::Services,
    vpc_links: BTreeMap<String, String>,
    runtimes: BTreeMap<String, PathBuf>,
    credentials: BTreeMap<String, String>,
    data_dir: Option<PathBuf>,
    work_dir: Option<PathBuf>,
    init: Option<PathBuf>,
    region: Option<String>,
    /// `up`, and the place, where they were said.
    up: Option<Option<PathBuf>>,
    once: bool,
    path: Option<String>,
    node_path: String,
    python_path: String,
    certificates: Option<PathBuf>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    warnings: Vec<String>,
}

/// The range of ports as it was said: the end is not part of it.
#[derive(Default)]
struct Ports {
    start: Option<u16>,
    end: Option<u16>,
}

impl Ports {
    /// LocalStack: a range that has only a beginning is this long.
    const COUNT: u16 = 50;

    fn range(&self) -> Range<u16> {
        let start = self.start.unwrap_or(table::DEFAULT_WS_PORT);
        start..self.end.unwrap_or(start.saturating_add(Self::COUNT))
    }
}

impl Draft {
    fn finish(self) -> Result<Config, String> {
        let listen = self
            .listen
            .unwrap_or_else(|| vec![SocketAddr::new(IpAddr::V4(listen::DEFAULT_HOST), listen::DEFAULT_PORT)]);
        let port = listen.first().map_or(listen::DEFAULT_PORT, SocketAddr::port);
        let host = self.public_host.unwrap_or_else(|| DEFAULT_PUBLIC_HOST.into());
        let public_host = if listen::has_port(&host) { host } else { format!("{host}:{port}") };
        let services = self.services.settle(&listen, &public_host)?;
        let ws = WsSettings::default();
        Ok(Config {
            listen,
            settings: Settings {
                public_host,
                endpoint_style: self.endpoint_style.unwrap_or(EndpointStyle::Host),
                parity: self.parity.unwrap_or(Parity::LocalStack),
                runtimes: self.runtimes.keys().cloned().collect(),
                allowed_origins: self.allowed_origins,
                credentials: with_test(self.credentials),
                ws: WsSettings {
                    idle: lasting(self.ws_idle, ws.idle),
                    lifetime: lasting(self.ws_lifetime, ws.lifetime),
                    binary: self.ws_binary.unwrap_or(ws.binary),
                },
                services,
                vpc_links: self.vpc_links,
            },
            log_level: self.log_level.unwrap_or(Level::Info),
            log_format: self.log_format.unwrap_or(Format::Text),
            access_log: self.access_log,
            limits: lambda::Limits {
                workers: self.workers.unwrap_or(table::DEFAULT_WORKERS),
                starting: table::LEAST_STARTING,
                queue: table::QUEUE,
                idle: self.keep.unwrap_or(table::DEFAULT_KEEP),
                init: table::INIT,
            },
            client_timeout: self.client_timeout.unwrap_or(table::DEFAULT_CLIENT_TIMEOUT),
            ws_ports: self.ws_ports.range(),
            runtimes: self.runtimes,
            work_dir: self.work_dir.unwrap_or_else(|| "/tmp".into()),
            data_dir: self.data_dir,
            init: self.init,
            up: self.up.map(|at| Up { at: at.unwrap_or_else(|| ".".into()), once: self.once }),
            region: self.region.unwrap_or_else(|| table::DEFAULT_REGION.into()),
            path: self.path.unwrap_or_else(|| table::DEFAULT_PATH.into()),
            node_path: self.node_path,
            python_path: self.python_path,
            certificates: self.certificates,
            // A file may hold both, as LocalStack's does.
            tls: self.tls_cert.map(|cert| (cert.clone(), self.tls_key.unwrap_or(cert))),
            warnings: self.warnings,
        })
    }
}

/// Everybody's own credentials, unless another secret was given for their access key.
fn with_test(mut credentials: BTreeMap<String, String>) -> BTreeMap<String, String> {
    credentials.entry(TEST.to_owned()).or_insert_with(|| TEST.to_owned());
    credentials
}

/// How long something lasts: 0 says forever.
fn lasting(said: Option<Duration>, default: Option<Duration>) -> Option<Duration> {
    said.map_or(default, |duration| Some(duration).filter(|duration| !duration.is_zero()))
}

fn apply(
    setting: &table::Setting,
    draft: &mut Draft,
    source: &str,
    between: &str,
    value: OsString,
) -> Result<(), String> {
    let value = value.into_string().map_err(|value| format!("{source}: {value:?} is not UTF-8"))?;
    (setting.set)(draft, value.trim()).map_err(|right| format!("{source}{between}{value}: {right}"))
}

fn unusable(error: lexopt::Error) -> String {
    format!("{error}; see gatelet --help")
}

/// An address at which a process of this machine reaches what listens on `bound`.
fn reachable(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, bound.port())
}

#[cfg(test)]
mod tests;
