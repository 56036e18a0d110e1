//! A worker process, started as the reactor starts one, with the test at the other end of its pipes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use gatelet::lambda::environment::{self, BOOTSTRAPS, Channel, Host};
use gatelet::lambda::{Delivery, FromWorker, frames};
use gatelet::model::Owner;
use gatelet::model::function::{Code, Folder, Version};
use serde_json::Value;

/// A worker that says nothing for so long is broken.
const PATIENCE: Duration = Duration::from_secs(60);

pub const REQUEST_ID: &str = "8476a536-e9f4-41e8-9739-2dfe598c3fcd";
pub const TRACE_ID: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

/// A folder that goes away with its owner.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("gatelet-test-{}-{count}", std::process::id()));
        for (name, text) in files {
            let file = path.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What became of an event.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    Answer(Value),
    Error(Value),
    /// The worker ended without an answer, with this code.
    Exit(i32),
}

pub struct Worker {
    child: Child,
    events: Option<ChildStdin>,
    frames: Receiver<FromWorker>,
    printed: Arc<Mutex<Vec<u8>>>,
    printing: Option<thread::JoinHandle<()>>,
    pub code: Scratch,
    _bootstraps: Scratch,
}

impl Worker {
    pub fn start(runtime: &str, handler: &str, files: &[(&str, &str)]) -> Self {
        Self::start_with(runtime, handler, files, &[])
    }

    pub fn start_with(
        runtime: &str,
        handler: &str,
        files: &[(&str, &str)],
        variables: &[(&str, &str)],
    ) -> Self {
        let (code, bootstraps) = (Scratch::new(files), Scratch::new(BOOTSTRAPS));
        let host = Host {
            endpoint_url: "http://127.0.0.1:4566".into(),
            path: std::env::var("PATH").unwrap(),
            node_path: String::new(),
            python_path: String::new(),
            runtimes: BTreeMap::new(),
            bootstraps: bootstraps.path().into(),
        };
        let command = environment::command(
            &version(runtime, handler, code.path(), variables),
            &host,
            "2025/04/14/[$LATEST]0",
            None,
        )
        .unwrap();
        assert_eq!(command.channel, Channel::Frames);
        let mut child = Command::new("/bin/sh")
            .args(["-c", "exec 3<&0 4>&1 1>&2 0</dev/null; exec \"$@\"", "sh"])
            .arg(command.program)
            .args(command.arguments)
            .env_clear()
            .envs(command.environment)
            .current_dir(command.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let events = child.stdin.take();
        let (mut from, mut log) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (say, frames) = channel();
        thread::spawn(move || {
            let (mut decoder, mut input, mut piece) = (frames::Decoder::default(), Vec::new(), [0; 65_536]);
            while let Ok(1..) = from.read(&mut piece).inspect(|&read| input.extend_from_slice(&piece[..read]))
            {
                while let Some(frame) = decoder.decode(&mut input).unwrap() {
                    if say.send(frame).is_err() {
                        return;
                    }
                }
            }
        });
        let printed = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&printed);
        let printing = thread::spawn(move || {
            let mut piece = [0; 65_536];
            while let Ok(read @ 1..) = log.read(&mut piece) {
                kept.lock().unwrap().extend_from_slice(&piece[..read]);
            }
        });
        let printing = Some(printing);
        Self { child, events, frames, printed, printing, code, _bootstraps: bootstraps }
    }

    /// What the worker says next; `None`: it ended.
    pub fn hear(&mut self) -> Option<FromWorker> {
        match self.frames.recv_timeout(PATIENCE) {
            Ok(said) => Some(said),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => None,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("silence; it printed {}", self.log()),
        }
    }

    /// Waits until it asks for an event; `Err`: what it says instead.
    pub fn up(&mut self) -> Result<(), Outcome> {
        match self.hear() {
            Some(FromWorker::Ready) => Ok(()),
            Some(FromWorker::InitError { error }) => Err(Outcome::Error(json(&error))),
            Some(other) => panic!("{other:?} before anything was asked"),
            None => Err(Outcome::Exit(self.exit_code())),
        }
    }

    /// Sends an event, and waits for what comes of it and for the wish for the next one.
    pub fn call(&mut self, event: &str) -> Outcome {
        self.call_with(event, None)
    }

    pub fn call_with(&mut self, event: &str, client_context: Option<&str>) -> Outcome {
        match self.call_raw(event, client_context) {
            Ok(payload) => Outcome::Answer(json(&payload)),
            Err(outcome) => outcome,
        }
    }

    /// The same for answers that are no JSON.
    pub fn call_raw(&mut self, event: &str, client_context: Option<&str>) -> Result<Bytes, Outcome> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        let delivery = Delivery {
            request_id: REQUEST_ID.into(),
            deadline_ms: now + 30_000,
            arn: "arn:aws:lambda:us-east-1:000000000000:function:f:live".into(),
            trace_id: TRACE_ID.into(),
            client_context: client_context.map(Into::into),
            event: Bytes::copy_from_slice(event.as_bytes()),
        };
        let mut frame = Vec::new();
        frames::encode(&mut frame, &delivery);
        self.events.as_mut().expect("not hung up").write_all(&frame).unwrap();
        match self.hear() {
            Some(FromWorker::Response { request_id, payload }) => {
                assert_eq!(request_id, REQUEST_ID);
                assert_eq!(self.hear(), Some(FromWorker::Ready), "it asks for the next event");
                Ok(payload)
            }
            // Some errors are the end of the worker; the next call would tell.
            Some(FromWorker::Error { request_id, error }) => {
                assert_eq!(request_id, REQUEST_ID);
                Err(Outcome::Error(json(&error)))
            }
            Some(other) => panic!("{other:?} to an event"),
            None => Err(Outcome::Exit(self.exit_code())),
        }
    }

    /// From now on nobody gives it work.
    pub fn hang_up(&mut self) {
        self.events = None;
    }

    pub fn exit_code(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    /// What it printed so far. Whole only after an answer or its end.
    pub fn log(&self) -> String {
        // The pipe is read by another thread, which may be behind.
        thread::sleep(Duration::from_millis(50));
        String::from_utf8_lossy(&self.printed.lock().unwrap()).into_owned()
    }

    /// All that it printed, once it has ended.
    pub fn last_log(mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.printing.take().unwrap().join().unwrap();
        String::from_utf8_lossy(&self.printed.lock().unwrap()).into_owned()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(bytes)))
}

fn version(runtime: &str, handler: &str, code: &Path, variables: &[(&str, &str)]) -> Version {
    let owner = Owner { account: "000000000000".into(), region: "eu-west-1".into() };
    let variables = variables.iter().map(|(name, value)| (String::from(*name), String::from(*value)));
    Version {
        serial: 1,
        arn: "arn:aws:lambda:eu-west-1:000000000000:function:f".into(),
        owner,
        name: "f".into(),
        version: "7".into(),
        runtime: runtime.into(),
        handler: handler.into(),
        role: String::new(),
        description: String::new(),
        timeout_s: 30,
        memory_mb: 256,
        environment: Some(variables.collect()),
        code: Arc::new(Code { folder: Folder::HotReload(code.into()), sha256: String::new(), size: 0 }),
        architectures: Vec::new(),
        ephemeral_mb: 512,
        tracing: "PassThrough".into(),
        modified_ms: 0,
        revision_id: String::new(),
        concurrency: None,
        log_group: "/aws/lambda/f".into(),
        layers: Vec::new(),
        stored: serde_json::Map::new(),
    }
}

/// An error's `errorType`, and whether its `errorMessage` contains `message`.
#[track_caller]
pub fn assert_error(outcome: &Outcome, kind: &str, message: &str) {
    let Outcome::Error(error) = outcome else { panic!("{outcome:?} is no error") };
    assert_eq!(error["errorType"], kind, "{error}");
    assert!(error["errorMessage"].as_str().unwrap().contains(message), "{error}");
}
