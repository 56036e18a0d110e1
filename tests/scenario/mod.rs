//! What scenarios have in common: cases in files, and the bytes that their lines stand for.

pub mod tokens;

use bytes::Bytes;
use gatelet::gateway::Answer;
use gatelet::gateway::effect::Fetch;
use gatelet::model::invocation::{FunctionError, Invoked};
use gatelet::proto::http1::client::{Decoder, Reply};
use gatelet::proto::http1::{Inbox, Spares};

use crate::support::World;

/// Runs all cases of all files of a folder below `tests/`.
pub fn run_all(folder: &str, run: fn(&World, &[&str])) {
    let mut count = 0;
    let mut failed = Vec::new();
    let folder = format!("{}/tests/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = tokens::filled_in(&std::fs::read_to_string(&file).unwrap());
        let name = file.file_name().unwrap().to_str().unwrap();
        let start = text.find("\n?").into_iter().chain(text.find("\n===")).min().unwrap_or(text.len());
        let world = World::of(&text[..start]);
        for (line, case) in cases(&text[start..]) {
            let line = line + text[..start].lines().count();
            count += 1;
            if let Err(why) = std::panic::catch_unwind(|| run(&world, &case)) {
                let why =
                    why.downcast_ref::<String>().map(String::as_str).or(why.downcast_ref::<&str>().copied());
                failed.push(format!("{name}:{line}: {}\n{}", case[0], why.unwrap_or("?")));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {count} failed:\n{}", failed.len(), failed.join("\n"));
    println!("{count} cases");
}

/// The cases of a file, each with its line and in lines.
fn cases(text: &str) -> Vec<(usize, Vec<&str>)> {
    let mut cases: Vec<(usize, Vec<&str>)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        match line {
            "" => {}
            _ if line.starts_with('#') => {}
            _ if line.starts_with('?') || line.starts_with("===") => cases.push((number, vec![line])),
            _ => cases.last_mut().expect("a case begins with === or ?").1.push(line),
        }
    }
    cases
}

pub fn invoked(payload: String, error: Option<FunctionError>) -> Answer {
    let payload = Bytes::from(payload);
    Answer::Invoked(Ok(Invoked { payload, error, log_tail: Vec::new(), request_id: "r".into() }))
}

pub fn reply(lines: &[&str]) -> Reply {
    let end = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
    let body = lines.get(end + 1..).unwrap_or_default().join("\n");
    let bytes = format!("{}\r\n\r\n{body}", lines[..end].join("\r\n"));
    let (mut inbox, mut spares) = (Inbox::new(), Spares::new());
    inbox.extend(bytes.as_bytes(), &mut spares);
    // HEAD, where there is no body to come.
    let method = if body.is_empty() { "HEAD" } else { "GET" };
    Decoder::new(method, 1 << 20).decode(&mut inbox, true).unwrap().expect("a whole reply").0
}

pub fn check_fetch(fetch: &Fetch, origin: &str, expected: &[&str]) {
    let scheme = if fetch.origin.tls.is_some() { "https" } else { "http" };
    assert_eq!(format!("{scheme}://{}:{}", fetch.origin.host, fetch.origin.port), origin);
    let text = String::from_utf8_lossy(&fetch.bytes);
    let text = text.replace("\r\n", "\n");
    let found: Vec<_> = text.strip_suffix('\n').unwrap_or(&text).split('\n').collect();
    let same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| match expected.strip_suffix('*') {
            Some(start) => found.starts_with(start),
            None => found == expected,
        });
    assert!(same, "fetched\n{}\nnot\n{}", found.join("\n"), expected.join("\n"));
}
