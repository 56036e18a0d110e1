//! The reactor's hazards, each against the real program over real sockets. No test waits for time to pass.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Ends a test that would hang; nothing depends on how long anything takes.
const HANGS: Duration = Duration::from_secs(20);

const HEALTH: &str = "GET /_localstack/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
const METRICS: &str = "GET /_gatelet/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Hazards 1 to 3: a client that asks much and reads late. Its answers don't fit into the sockets' buffers, so
/// reading pauses, writing stops, and both must go on with nothing but a writable edge to tell.
#[test]
fn a_client_that_reads_late_gets_every_answer() {
    let server = Server::start();
    let mut client = server.connect();
    let asked = 3000;
    let mut writer = client.try_clone().unwrap();
    let writing = std::thread::spawn(move || writer.write_all(METRICS.repeat(asked).as_bytes()));
    let mut other = server.connect();
    other.write_all(HEALTH.as_bytes()).unwrap();
    assert!(answer(&mut BufReader::new(other)).starts_with("HTTP/1.1 200"), "others are served meanwhile");
    let mut reader = BufReader::new(&mut client);
    for n in 0..asked {
        assert!(answer(&mut reader).starts_with("HTTP/1.1 200 OK\r\n"), "answer {n}");
    }
    writing.join().unwrap().unwrap();
}

/// Hazard 3: what is pipelined behind a call that takes its time on another thread is answered after it.
#[test]
fn answers_keep_the_order_of_requests() {
    let server = Server::start();
    let mut client = server.connect();
    // A function without code is refused, but only after it went to the jobs thread.
    let slow = "POST /2015-03-31/functions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
    client.write_all([slow, HEALTH, slow, HEALTH].concat().as_bytes()).unwrap();
    let mut reader = BufReader::new(client);
    let statuses: Vec<_> = (0..4).map(|_| answer(&mut reader)[9..12].to_owned()).collect();
    assert_eq!(statuses, ["400", "200", "400", "200"]);
}

/// Hazard 4: the client's end comes together with its requests.
#[test]
fn a_half_closed_client_is_answered_to_the_end() {
    let server = Server::start();
    let mut client = server.connect();
    let slow = "POST /2015-03-31/functions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
    client.write_all([HEALTH, slow, HEALTH].concat().as_bytes()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut all = String::new();
    client.read_to_string(&mut all).unwrap();
    assert_eq!(all.matches("HTTP/1.1 200 OK\r\n").count(), 2);
    assert_eq!(all.matches("HTTP/1.1 400 Bad Request\r\n").count(), 1);
}

/// Hazard 5: closing means after everything that was asked before it, and nothing of what came behind.
#[test]
fn closing_comes_after_what_was_asked_and_before_what_was_not() {
    let server = Server::start();
    let mut client = server.connect();
    let last = HEALTH.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    client.write_all([HEALTH, HEALTH, &last, HEALTH].concat().as_bytes()).unwrap();
    let mut all = String::new();
    client.read_to_string(&mut all).unwrap();
    assert_eq!(all.matches("HTTP/1.1 200 OK\r\n").count(), 3);
    assert!(all.contains("Connection: close\r\n"));
}

/// Hazard 6: out of descriptors, clients are told so, and when some are free again others are served.
#[test]
fn out_of_descriptors_and_back() {
    let server = Server::start_with(|program| {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "ulimit -n 48 && exec \"$@\"", "sh"]).arg(program);
        shell
    });
    let clients: Vec<_> = (0..120).map(|_| server.connect()).collect();
    let mut told = 0;
    for mut client in clients {
        // One that was turned away may have been reset already.
        let _ = client.write_all(HEALTH.as_bytes());
        let _ = client.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer);
        told += usize::from(answer.starts_with(b"HTTP/1.1 503"));
    }
    assert!(told > 0, "some were told");
    let mut client = server.connect();
    client.write_all(HEALTH.as_bytes()).unwrap();
    assert!(answer(&mut BufReader::new(client)).starts_with("HTTP/1.1 200"));
}

/// Hazard 7: connections that vanish while events about them are under way.
#[test]
fn vanished_clients_disturb_nobody() {
    let server = Server::start();
    let mut steady = BufReader::new(server.connect());
    for round in 0..50 {
        let vanishing: Vec<_> = (0..20).map(|_| server.connect()).collect();
        for (n, mut client) in vanishing.into_iter().enumerate() {
            let request = METRICS.as_bytes();
            let _ = client.write_all(&request[..request.len() * n / 20]);
            let _ = client.write_all(if n % 2 == 0 { request } else { b"" });
            // Unread answers make this a reset.
        }
        steady.get_mut().write_all(HEALTH.as_bytes()).unwrap();
        assert!(answer(&mut steady).starts_with("HTTP/1.1 200"), "round {round}");
    }
}

/// What was asked before the signal is answered, what comes after is refused, and the exit code says well done.
#[test]
fn stopping_loses_nothing() {
    let mut server = Server::start();
    let idle = server.connect();
    let mut client = server.connect();
    let (first, rest) = HEALTH.split_at(30);
    client.write_all(first.as_bytes()).unwrap();
    let mut pipelining = server.connect();
    pipelining.write_all(METRICS.repeat(500).as_bytes()).unwrap();
    server.signal("TERM");
    client.write_all(rest.as_bytes()).unwrap();
    assert!(answer(&mut BufReader::new(client)).starts_with("HTTP/1.1 200"), "half of it had come");
    let mut reader = BufReader::new(pipelining);
    (0..500).for_each(|n| assert!(answer(&mut reader).starts_with("HTTP/1.1 200"), "answer {n}"));
    assert_eq!(BufReader::new(idle).read(&mut [0; 1]).unwrap(), 0, "an idle client is closed in order");
    assert!(server.child.wait().unwrap().success());
    assert!(TcpStream::connect(server.address).is_err());
}

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start() -> Self {
        Self::start_with(|program| Command::new(program))
    }

    fn start_with(command: impl Fn(&str) -> Command) -> Self {
        let mut command = command(env!("CARGO_BIN_EXE_gatelet"));
        command.args(["--listen", "127.0.0.1:0", "--log", "off"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let listening = lines.find(|line| line.starts_with("listening on ")).unwrap();
        let address = listening.trim_start_matches("listening on http://").parse().unwrap();
        assert!(lines.any(|line| line == "Ready."));
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        let client = TcpStream::connect(self.address).unwrap();
        client.set_read_timeout(Some(HANGS)).unwrap();
        client.set_write_timeout(Some(HANGS)).unwrap();
        client
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads one answer: its head. The body is read too.
fn answer(reader: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "the end came within {head:?}");
    }
    let length =
        head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).map_or(0, |n| n.parse().unwrap());
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).unwrap();
    head
}
