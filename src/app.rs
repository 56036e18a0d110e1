//! Wires the pieces: settings, store, published snapshot, disk, log, reactor.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::base::{Published, Rng};
use crate::config::Config;
use crate::control::Control;
use crate::lambda::environment::BOOTSTRAPS;
use crate::live::Live;
use crate::log::{self, Level};
use crate::net::disk::Disk;
use crate::net::ports::Ports;
use crate::net::{self, Parts, Reactor};

/// How long the last lines of the log may take.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Runs until it is told to stop.
///
/// # Errors
/// One line: why it cannot run.
pub fn run(config: Config) -> Result<(), String> {
    // First of all what most likely fails: then nothing is left behind.
    let listeners =
        config.listen.iter().map(|address| net::listen::bind(*address)).collect::<Result<Vec<_>, _>>()?;
    let bound = listeners
        .iter()
        .map(|listener| listener.local_addr())
        .collect::<io::Result<Vec<SocketAddr>>>()
        .map_err(|error| error.to_string())?;
    let disk = Disk::new(&config.work_dir, BOOTSTRAPS)
        .map_err(|error| format!("{}: cannot keep code there: {error}", config.work_dir.display()))?;
    let disk = Arc::new(disk);
    let started = net::read_clock();
    let (logger, handle, lines) = log::channel(config.log_level, config.log_format);
    let writer = net::spawn_log_writer(lines).map_err(|error| format!("cannot start a thread: {error}"))?;
    for warning in &config.warnings {
        handle.event(started, Level::Warn, "config", warning);
    }
    drop(handle);

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
    let control = Control::new(
        Arc::clone(&settings),
        Arc::clone(&live),
        files,
        Arc::clone(&ports) as _,
        rng.fork(),
        started,
    );
    let mut reactor = Reactor::new(Parts {
        live,
        control: Arc::new(control),
        limits: config.limits,
        host: config.host(bound[0], &disk.bootstraps()),
        disk,
        logger,
        client_timeout: config.client_timeout,
        ca_file: config.certificates.clone(),
        ports,
        rng,
    })
    .map_err(|error| format!("cannot poll: {error}"))?;
    for listener in listeners {
        reactor.listen_edge(listener);
    }
    // Whoever reads this has nothing to do with whether we run.
    let _ = io::stdout().write_all(welcome(&bound, &settings.public_host).as_bytes());
    reactor.run().map_err(|error| format!("cannot go on: {error}"))?;
    // What was logged last is still on its way, unless nobody reads it.
    net::wait_for_thread(&writer, LAST_LINES);
    Ok(())
}

/// What listens and what to try; `Ready.` alone on the last line, which tools wait for. From here on requests
/// are answered: the kernel queues them from the moment of listening.
fn welcome(bound: &[SocketAddr], public_host: &str) -> String {
    let mut text = format!("gatelet {}\n", env!("CARGO_PKG_VERSION"));
    for address in bound {
        text += &format!("listening on http://{address}\n");
    }
    let port = bound[0].port();
    text += &format!(
        "apis are at   http://{{api-id}}.execute-api.{public_host}/{{path}}\n\
         or at         http://localhost:{port}/_aws/execute-api/{{api-id}}/{{stage}}/{{path}}\n\
         try           aws --endpoint-url http://localhost:{port} apigatewayv2 get-apis\n\
         Ready.\n"
    );
    text
}
