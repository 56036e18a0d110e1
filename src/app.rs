//! Wires the pieces: settings, store, published snapshot, disk, log, reactor.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::base::{Published, Rng};
use crate::config::Config;
use crate::control::Control;
use crate::lambda::environment::BOOTSTRAPS;
use crate::live::Live;
use crate::log::{self, Level};
use crate::model::Owner;
use crate::net::disk::Disk;
use crate::net::functions::Functions;
use crate::net::hooks::{self, Hooks, Plan};
use crate::net::ports::Ports;
use crate::net::tls::names::{self, Identity, Names};
use crate::net::up::Up;
use crate::net::{self, Parts, Reactor};

/// LocalStack: where init hooks lie, unless we are told.
const HOOKS: &str = "/etc/localstack/init";

/// What tools wait for.
const READY: &str = "Ready.\n";

/// Whose `up` deploys.
const ACCOUNT: &str = "000000000000";

/// How long the last lines of the log may take.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Runs until it is told to stop. Whether it did what it was to do: `up --once` may fail.
///
/// # Errors
/// One line: why it cannot run.
pub fn run(config: Config) -> Result<bool, String> {
    net::descriptors::raise();
    // First of all what most likely fails: then nothing is left behind.
    let listeners =
        config.listen.iter().map(|address| net::listen::bind(*address)).collect::<Result<Vec<_>, _>>()?;
    let bound = listeners
        .iter()
        .map(|listener| listener.local_addr())
        .collect::<io::Result<Vec<SocketAddr>>>()
        .map_err(|error| error.to_string())?;
    let access_log = config.access_log.as_deref().map(net::access_log::open).transpose()?;
    let (access_log, access_writer) = access_log.unzip();
    let scripts = scripts(config.init.as_deref())?;
    let up = config.up.as_ref().map(|up| {
        let owner = Owner { account: ACCOUNT.into(), region: config.region.clone() };
        Up::find(&up.at, owner, bound[0].port(), up.once)
    });
    let up = up.transpose()?;
    let given = config.tls.as_ref().map(|(certificates, key)| names::given(certificates, key)).transpose()?;
    let started = net::read_clock();
    let mut warnings = config.warnings.clone();
    let identity = match (given, &config.data_dir) {
        (Some(given), _) => Identity::Given(given),
        (None, Some(folder)) => {
            let kept = net::authority::keep(folder, started)?;
            warnings.extend(kept.warning);
            Identity::Own(Arc::new(kept.authority.into()))
        }
        (None, None) => Identity::Own(Arc::default()),
    };
    let disk = Disk::new(&config.work_dir, BOOTSTRAPS)
        .map_err(|error| format!("{}: cannot keep code there: {error}", config.work_dir.display()))?;
    let disk = Arc::new(disk);
    let (logger, handle, lines) = log::channel(config.log_level, config.log_format);
    let writer = net::spawn_log_writer(lines).map_err(|error| format!("cannot start a thread: {error}"))?;
    for warning in &warnings {
        handle.event(started, Level::Warn, "config", warning);
    }

    let mut settings = config.settings.clone();
    // `--listen :0` takes whatever port is free.
    if let Some(host) = settings.public_host.strip_suffix(":0") {
        settings.public_host = format!("{host}:{}", bound[0].port());
    }
    let settings = Arc::new(settings);
    let mut rng = Rng::new();
    let live = Arc::new(Published::new(Live::empty(Arc::clone(&settings))));
    let files: Arc<Disk> = Arc::clone(&disk);
    let ports = Arc::new(Ports::new(bound[0].ip(), config.ws_ports.clone()));
    let mut control = Control::new(
        Arc::clone(&settings),
        Arc::clone(&live),
        files,
        Arc::clone(&ports) as _,
        rng.fork(),
        started,
    );
    control.authority = identity.authority();
    let host = config.host(bound[0], &disk.bootstraps());
    let functions = Arc::new(Functions::new(&host.endpoint_url));
    control.functions = Arc::clone(&functions) as _;
    let data = config.data_dir.as_deref().filter(|_| control.authority.is_some());
    // Whoever reads this has nothing to do with whether we run.
    let _ = io::stdout().write_all((listening(&bound) + &keeping(data)).as_bytes());
    let plan = Plan {
        scripts,
        environment: config.hook_environment(bound[0]),
        up,
        ready: if config.up.is_some() {
            READY.into()
        } else {
            welcome(bound[0].port(), &settings.public_host)
        },
        log: handle,
    };
    let mut reactor = Reactor::new(Parts {
        live,
        control: Arc::new(control),
        limits: config.limits,
        host,
        disk,
        logger,
        access_log,
        client_timeout: config.client_timeout,
        ca_file: config.certificates.clone(),
        names: Names::new(identity),
        ports,
        functions,
        hooks: Hooks::new(plan),
        rng,
    })
    .map_err(|error| format!("cannot poll: {error}"))?;
    for listener in listeners {
        reactor.listen_edge(listener);
    }
    let done = reactor.run().map_err(|error| format!("cannot go on: {error}"))?;
    // What was logged last is still on its way, unless nobody reads it.
    for writer in [writer].iter().chain(&access_writer) {
        net::wait_for_thread(writer, LAST_LINES);
    }
    Ok(done)
}

/// The scripts of `asked`, which must be there, or of LocalStack's folder, which need not.
fn scripts(asked: Option<&Path>) -> Result<Vec<hooks::Script>, String> {
    match asked {
        Some(folder) => hooks::find(folder)
            .map_err(|error| format!("{}: cannot read init hooks there: {error}", folder.display())),
        None => Ok(hooks::find(Path::new(HOOKS)).unwrap_or_default()),
    }
}

/// What listens. From here on requests are answered: the kernel queues them from the moment of listening.
fn listening(bound: &[SocketAddr]) -> String {
    let lines = bound.iter().map(|address| format!("listening on http://{address}\n"));
    format!("gatelet {}\n{}", env!("CARGO_PKG_VERSION"), lines.collect::<String>())
}

/// What outlives us: no more than is true.
fn keeping(data: Option<&Path>) -> String {
    data.map_or_else(String::new, |folder| {
        format!("the CA is kept in {}; apis, functions and all else are not\n", folder.display())
    })
}

/// What to try; `Ready.` alone on the last line, which tools wait for.
fn welcome(port: u16, public_host: &str) -> String {
    format!(
        "apis are at   http://{{api-id}}.execute-api.{public_host}/{{path}}\n\
         or at         http://localhost:{port}/_aws/execute-api/{{api-id}}/{{stage}}/{{path}}\n\
         try           aws --endpoint-url http://localhost:{port} apigatewayv2 get-apis\n\
         {READY}"
    )
}
