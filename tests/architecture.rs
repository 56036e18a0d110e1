//! The conventions that walls between crates would enforce: who may import whom, who may do I/O, how long a
//! file may be, and that each begins by saying what it is. Tests inside `src/` are free of them.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with those that it may name, besides itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("proto", &["base"]),
    ("model", &["base", "proto"]),
    ("live", &["base", "proto", "model"]),
    ("gateway", &["base", "proto", "model", "live", "metrics", "log"]),
    ("lambda", &["base", "proto", "model", "live", "metrics", "log"]),
    ("control", &["base", "proto", "model", "live", "metrics", "log"]),
    ("metrics", &["base"]),
    ("log", &["base"]),
    ("config", &["base", "model", "live", "lambda", "log"]),
    ("net", &["base", "proto", "model", "live", "gateway", "lambda", "control", "metrics", "log", "config"]),
    (
        "app",
        &[
            "base", "proto", "model", "live", "gateway", "lambda", "control", "metrics", "log", "config",
            "net",
        ],
    ),
    ("main", &["app", "config"]),
    ("lib", &[]),
];

/// What does I/O, starts something, or reads a clock: `net` alone may name it.
const OUTSIDE: &[&str] = &[
    "mio::",
    "socket2::",
    "rustix::",
    "signal_hook::",
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "UnixStream",
    "ToSocketAddrs",
    "fs::",
    "File::",
    "process::",
    "thread::",
    "env::args",
    "env::var",
    "env::current_dir",
    "env::temp_dir",
    "stdin(",
    "stdout(",
    "stderr(",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "dbg!",
    "Instant::now",
    "SystemTime",
    "UNIX_EPOCH",
];

/// And who else may, and why.
const EXCEPT: &[(&str, &str)] = &[
    ("config", "env::args"), // the only reader of flags
    ("config", "env::var"),  // and of variables
    ("config", "thread::"),  // how many processors there are
    ("app", "stdout("),      // what listens, and `Ready.`
    ("main", "process::"),   // the exit code
    ("main", "stdout("),     // --help
    ("main", "stderr("),     // what is wrong
];

/// Without tests. A file that wants to be longer is two.
const MOST_LINES: usize = 500;

#[test]
fn the_house_is_as_drawn() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    collect(&source, &mut files);
    assert!(files.len() > 20, "src/ was found");
    for path in files {
        let name = path.strip_prefix(&source).expect("it lies there").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a source file is text");
        wrong
            .extend(complaints(&name, &text).into_iter().map(|complaint| format!("src/{name}: {complaint}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources can be read").flatten() {
        let path = entry.path();
        let is_tests = path.file_stem().is_some_and(|stem| stem == "tests");
        match path.extension() {
            _ if is_tests => {}
            None => collect(&path, files),
            Some(extension) if extension == "rs" => files.push(path),
            Some(_) => {}
        }
    }
}

fn complaints(name: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !text.starts_with("//! ") {
        wrong.push("does not begin by saying what it is (//!)".into());
    }
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines = code.lines().count();
    if lines > MOST_LINES {
        wrong.push(format!("has {lines} lines without tests; {MOST_LINES} are the most"));
    }
    let modules: Vec<_> = name.trim_end_matches(".rs").trim_end_matches("/mod").split('/').collect();
    let room = modules[0];
    let Some((_, may_name)) = ROOMS.iter().find(|(known, _)| *known == room) else {
        wrong.push(format!("{room} is no room that tests/architecture.rs knows"));
        return wrong;
    };
    let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let named = [named_after("crate::", &code), named_after("gatelet::", &code)].concat();
    for other in named.iter().filter(|other| ROOMS.iter().any(|(room, _)| room == *other)) {
        if other != room && !may_name.contains(&other.as_str()) {
            wrong.push(format!("{room} must not name {other}"));
        }
    }
    if code.contains(&"super::".repeat(modules.len())) {
        wrong.push("climbs out of its room by super::".into());
    }
    for word in OUTSIDE.iter().filter(|word| room != "net" && contains_word(&code, word)) {
        if !EXCEPT.contains(&(room, word)) {
            wrong.push(format!("names {word}, which only net may"));
        }
    }
    wrong
}

/// The first names of paths that start with `root`, in groups (`crate::{a::b, c}`) too.
fn named_after(root: &str, code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in code.split(root).skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            names.push(identifier(rest));
            continue;
        };
        let (mut depth, mut starts) = (0, true);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => starts = true,
                c if c.is_whitespace() => {}
                _ if starts => {
                    names.push(identifier(&group[at..]));
                    starts = false;
                }
                _ => {}
            }
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether `code` holds `word` where a name starts.
fn contains_word(code: &str, word: &str) -> bool {
    let is_start = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(at, _)| is_start(at))
}

#[test]
fn what_is_wrong_is_found() {
    let doc = "//! A room.\n";
    for (name, code, expected) in [
        ("base/table.rs", "use crate::base::Key;", ""),
        ("base/table.rs", "use crate::model::Api;", "base must not name model"),
        ("gateway/mod.rs", "use crate::{base::{Key, net}, lambda::Pool};", "gateway must not name lambda"),
        ("live/host.rs", "let a = crate::net::listen();", "live must not name net"),
        ("live/host.rs", "use super::Live;", ""),
        ("live/host.rs", "use super::super::net;", "climbs out of its room by super::"),
        ("live/mod.rs", "use super::net;", "climbs out of its room by super::"),
        ("log.rs", "let t = std::time::Instant::now();", "names Instant::now, which only net may"),
        ("net/disk.rs", "let t = std::time::Instant::now();", ""),
        ("log.rs", "// Instant::now is for net alone\nlet buffs::x = 1;", ""),
        ("log.rs", "\n#[cfg(test)]\nmod tests { use std::thread::spawn; }", ""),
        ("cellar.rs", "", "cellar is no room that tests/architecture.rs knows"),
    ] {
        assert_eq!(complaints(name, &format!("{doc}{code}")).join("; "), expected, "{name}: {code}");
    }
    assert_eq!(complaints("lib.rs", "").len(), 1, "no module doc");
    assert_eq!(complaints("lib.rs", &doc.repeat(501)).len(), 1, "too long");
}
