use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use super::*;

fn command(channel: Channel, script: &str) -> Command {
    Command {
        channel,
        program: "sh".into(),
        alternatives: Vec::new(),
        arguments: vec!["-c".into(), script.into()],
        environment: BTreeMap::from([
            ("PATH".into(), "/nowhere::/usr/bin:/bin".into()),
            ("A".into(), "1".into()),
        ]),
        folder: "/".into(),
    }
}

/// Reads to the end, waiting for what a non-blocking pipe does not have yet.
fn read_all(mut from: Receiver) -> String {
    let (mut text, mut part, since) = (Vec::new(), [0; 1000], Instant::now());
    loop {
        match from.read(&mut part) {
            Ok(0) => return String::from_utf8_lossy(&text).into_owned(),
            Ok(n) => text.extend_from_slice(&part[..n]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                assert!(since.elapsed() < Duration::from_secs(20), "the pipe never ended");
                thread::sleep(Duration::from_millis(1));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn reap_one(children: &mut Children) -> (u64, Exit) {
    let since = Instant::now();
    loop {
        if let Some(ended) = children.reap().pop() {
            return ended;
        }
        assert!(since.elapsed() < Duration::from_secs(20), "nothing ended");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_channel_and_what_is_printed_are_kept_apart() {
    let script = "echo printed; read line <&3; echo \"got $line\" >&4; echo late >&2; cat; exit 3";
    let started = start(&command(Channel::Frames, script)).unwrap();
    let (mut to, from) = started.frames.expect("frames were asked for");
    to.write_all(b"hello\n").unwrap();
    let mut children = Children::default();
    children.insert(5, started.child);
    assert_eq!(read_all(from), "got hello\n");
    assert_eq!(read_all(started.output), "printed\nlate\n");
    assert_eq!(reap_one(&mut children), (5, Exit::Code(3)));
    assert!(children.by_key.is_empty());
}

#[test]
fn the_environment_is_the_commands_alone() {
    let started = start(&command(Channel::RuntimeApi, "env; pwd; echo err >&2; kill -9 $$")).unwrap();
    assert!(started.frames.is_none());
    let mut children = Children::default();
    children.insert(1, started.child);
    let printed = read_all(started.output);
    let mut names: Vec<_> = printed.lines().filter_map(|l| Some(l.split_once('=')?.0)).collect();
    names.sort_unstable();
    // The shell adds what it likes, such as PWD; nothing of ours may be there.
    names.retain(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name));
    assert_eq!(names, ["A", "PATH"]);
    assert!(printed.ends_with("/\nerr\n"), "{printed}");
    assert_eq!(reap_one(&mut children), (1, Exit::Signal(9)));
}

#[test]
fn a_group_ends_with_its_leader() {
    // The pipe ends only when the last process that holds it is gone.
    for script in ["sleep 1000 & echo up", "sleep 1000 & echo up; sleep 1000"] {
        let started = start(&command(Channel::RuntimeApi, script)).unwrap();
        let mut children = Children::default();
        children.insert(1, started.child);
        if script.ends_with("1000") {
            children.kill(1);
            children.kill(2);
        }
        let (_, exit) = reap_one(&mut children);
        assert_eq!(exit, if script.ends_with("1000") { Exit::Signal(9) } else { Exit::Code(0) });
        read_all(started.output);
    }
    let started = start(&command(Channel::Frames, "sleep 1000")).unwrap();
    let mut children = Children::default();
    children.insert(1, started.child);
    drop(children);
    read_all(started.output);
}

#[test]
fn what_cannot_start_says_what_to_do() {
    let with = |program: &str, folder: &str| {
        let mut command = command(Channel::Frames, "");
        (command.program, command.folder) = (program.into(), folder.into());
        start(&command).map(|_| ()).unwrap_err()
    };
    assert_eq!(
        with("no-such-node", "/"),
        "the program no-such-node is not on this machine's PATH (/nowhere::/usr/bin:/bin): install it, \
         or name another one by gatelet --runtime NAME=PROGRAM"
    );
    assert_eq!(
        with("/etc/passwd", "/"),
        "/etc/passwd is no executable file: set its executable bit (chmod +x) before it is zipped"
    );
    assert_eq!(
        with("/no/bootstrap", "/"),
        "/no/bootstrap cannot be run: No such file or directory (os error 2)"
    );
    assert_eq!(with("sh", "/no/folder"), "the code folder /no/folder is gone");
}
