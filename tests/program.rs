//! The program as a shell sees it: what it prints, its exit code, and what it leaves behind, however it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Ends a test that would hang; nothing depends on how long anything takes.
const HANGS: Duration = Duration::from_secs(20);

#[test]
fn what_cannot_be_used_is_one_line_and_exit_code_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy = taken.local_addr().unwrap().to_string();
    type Variables<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&[&str], Variables, &str); 7] = [
        (&["--lissten", "x"], &[], "--lissten"),
        (&["--log", "loud"], &[], "--log loud: "),
        (&[], &[("GATEWAY_LISTEN", "127.0.0.1:http")], "GATEWAY_LISTEN=127.0.0.1:http: "),
        (&[], &[("LOCALSTACK_GATELET_PARITY", "azure")], "GATELET_PARITY=azure: "),
        (&["--listen", &busy], &[], &busy),
        (&["--listen", "127.0.0.1:0", "--work-dir", "/no/such/folder"], &[], "/no/such/folder"),
        (&["--listen", "127.0.0.1:0", "--init", "/no/hooks"], &[], "/no/hooks"),
    ];
    for (arguments, variables, named) in cases {
        let output = run(arguments, variables);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {variables:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with("gatelet: ") && said.contains(named), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_and_version() {
    for (flag, holds) in [("--help", "GATEWAY_LISTEN"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let output = run(&[flag], &[]);
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(String::from_utf8(output.stdout).unwrap().contains(holds));
    }
}

#[test]
fn an_orderly_end_leaves_nothing() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start();
        assert_eq!(fs::read_dir(&server.folder).unwrap().count(), 1, "the folder for code");
        server.signal(signal);
        let mut rest = String::new();
        server.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "nothing comes after `Ready.`");
        assert!(server.child.wait().unwrap().success());
        assert_eq!(fs::read_dir(&server.folder).unwrap().count(), 0);
    }
}

#[test]
fn no_worker_outlives_us() {
    for signals in [&["TERM", "TERM"][..], &["INT", "TERM"], &["KILL"]] {
        let mut server = Server::start();
        let pids = server.hang();
        for signal in signals {
            server.signal(signal);
            // The second of two signals counts only once the first one was taken.
            if signals.len() > 1 {
                server.wait_for_log("stopping");
            }
        }
        let ended = server.child.wait().unwrap();
        match ended.code() {
            Some(code) => assert_eq!(code, 128 + 15, "as shells say it of SIGTERM"),
            None => assert_eq!(ended.signal(), Some(9)),
        }
        for pid in pids {
            wait_until("the worker's group ends", || !is_running(&pid));
        }
    }
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatelet"));
    command.args(arguments).env_clear().envs(variables.iter().copied()).output().unwrap()
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < HANGS, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process lives; one that waits to be reaped does not.
fn is_running(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

/// A running gatelet with a folder of its own.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
    /// Where gatelet makes its folder.
    folder: PathBuf,
    /// What it logs.
    log: PathBuf,
    outer: PathBuf,
}

impl Server {
    fn start() -> Self {
        let outer = std::env::temp_dir().join(format!("program-{:016x}", fastrand::u64(..)));
        let (folder, log) = (outer.join("work"), outer.join("log"));
        fs::create_dir_all(&folder).unwrap();
        let hangs = outer.join("hangs");
        fs::write(&hangs, HANGING).unwrap();
        fs::set_permissions(&hangs, fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatelet"));
        command.args(["--listen", "127.0.0.1:0", "--runtime", &format!("hangs={}", hangs.display())]);
        command.arg("--work-dir").arg(&folder).stdout(Stdio::piped()).stderr(fs::File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        let mut line = String::new();
        while line != "Ready.\n" {
            line.clear();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "stdout ended before `Ready.`");
            if let Some(listening) = line.strip_prefix("listening on http://") {
                address = listening.trim().into();
            }
        }
        Self { child, stdout, address, folder, log, outer }
    }

    /// Has a function called that never answers. Returns the ids of its processes.
    fn hang(&self) -> Vec<String> {
        let pids = self.outer.join("pids");
        let code = self.outer.join("code");
        fs::create_dir(&code).unwrap();
        let function = format!(
            r#"{{"FunctionName":"f","Runtime":"hangs","Handler":"h","Role":"arn:aws:iam::000000000000:role/r",
                "Timeout":60,"Code":{{"S3Bucket":"hot-reload","S3Key":"{}"}},
                "Environment":{{"Variables":{{"PIDS":"{}"}}}}}}"#,
            code.display(),
            pids.display(),
        );
        let answer = self.post("/2015-03-31/functions", &function);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        let mut client = TcpStream::connect(&self.address).unwrap();
        client.write_all(&post("/2015-03-31/functions/f/invocations", "{}")).unwrap();
        // Its answer never comes; the connection stays open as long as gatelet has it.
        thread::spawn(move || client.read_to_end(&mut Vec::new()));
        let read = || fs::read_to_string(&pids).unwrap_or_default();
        wait_until("the worker starts", || read().lines().count() == 2);
        read().lines().map(str::to_owned).collect()
    }

    fn post(&self, path: &str, body: &str) -> String {
        let mut client = TcpStream::connect(&self.address).unwrap();
        client.set_read_timeout(Some(HANGS)).unwrap();
        client.write_all(&post(path, body)).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    fn wait_for_log(&self, text: &str) {
        wait_until(text, || fs::read_to_string(&self.log).unwrap_or_default().contains(text));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(Path::new(&self.outer));
    }
}

/// A runtime that never asks for an event, with a child that knows nothing of us.
const HANGING: &str = "#!/bin/sh\nsleep 1000 &\necho $! >>$PIDS\necho $$ >>$PIDS\nwait\n";

fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
