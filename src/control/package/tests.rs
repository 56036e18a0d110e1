//! Zips made here, good and evil, unpacked into memory.

use std::io::Write;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::control::files::memory::Memory;

/// One entry: a name, a Unix mode, its content.
type Entry<'a> = (&'a str, u32, &'a [u8]);

/// A zip of these entries, names and modes written as they are.
fn zip(entries: &[Entry]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode, content) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        if mode & S_IFMT == S_IFLNK {
            writer.add_symlink(*name, std::str::from_utf8(content).unwrap(), options).unwrap();
        } else if mode & S_IFMT == S_IFDIR {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options.unix_permissions(*mode)).unwrap();
            writer.write_all(content).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// What the folder holds in the end, a line each, or why it was refused.
fn unpacked(zip: &[u8]) -> String {
    unpacked_within(MAX_UNZIPPED, zip)
}

fn unpacked_within(limit: u64, zip: &[u8]) -> String {
    let memory = Memory::default();
    let result = unpack_within(limit, &memory, zip);
    let seen = match &result {
        Ok(folder) => {
            assert_eq!(memory.read_package(folder.path()).unwrap(), zip, "the zip is kept");
            memory.shown(folder.path())
        }
        Err(refusal) => refusal.message(),
    };
    drop(result);
    memory.empty_bin();
    assert_eq!(memory.folders(), 0, "who drops the folder removes it");
    seen
}

const BROKEN: &str = "Could not unzip uploaded file. Please check your file, then try to upload again.";
const LARGE: &str = "Unzipped size must be smaller than 262144000 bytes";
const FILE: u32 = 0o644;
const LINK: u32 = S_IFLNK;
const FOLDER: u32 = S_IFDIR;

#[test]
fn what_comes_out() {
    let cases: &[(&[Entry], &str)] = &[
        (&[("index.js", FILE, b"code")], "index.js code"),
        (&[("bootstrap", FILE, b"#!")], "bootstrap* #!"),
        (&[("bin/tool", 0o755, b"x"), ("bin/data", FILE, b"y")], "bin/data y\nbin/tool* x"),
        (&[("lib/", FOLDER, b""), ("lib/a.py", FILE, b"a")], "lib/a.py a"),
        (&[("./a//b", FILE, b"x")], "a/b x"),
        (&[("a\\b.txt", FILE, b"x")], "a/b.txt x"),
        (
            &[("lib/libx.so.1", FILE, b"x"), ("lib/libx.so", LINK, b"libx.so.1")],
            "lib/libx.so -> libx.so.1\nlib/libx.so.1 x",
        ),
        (&[("bin/run", LINK, b"../lib/run"), ("lib/run", 0o755, b"x")], "bin/run -> ../lib/run\nlib/run* x"),
        (&[("empty/", FOLDER, b"")], ""),
    ];
    for (entries, expected) in cases {
        assert_eq!(unpacked(&zip(entries)), *expected, "{entries:?}");
    }
}

#[test]
fn what_is_refused() {
    let cases: &[&[Entry]] = &[
        &[("../evil", FILE, b"x")],
        &[("a/../../evil", FILE, b"x")],
        &[("a/../b", FILE, b"x")],
        &[("..", FILE, b"x")],
        &[("a/..", FILE, b"x")],
        &[("..\\evil", FILE, b"x")],
        &[("/etc/passwd", FILE, b"x")],
        &[("\\evil", FILE, b"x")],
        &[("C:\\evil", FILE, b"x")],
        &[("c:/evil", FILE, b"x")],
        &[("c:evil", FILE, b"x")],
        &[("a\0b", FILE, b"x")],
        &[(".", FILE, b"x")],
        &[("link", LINK, b"/etc/passwd")],
        &[("link", LINK, b"../outside")],
        &[("a/link", LINK, b"../../outside")],
        &[("a/link", LINK, b"b/../../../outside")],
        &[("link", LINK, b"")],
        // One link leads up, and another climbs from where it leads.
        &[("x/y/up", LINK, b"../.."), ("evil", LINK, b"x/y/up/../..")],
        // A file written through a link.
        &[("link", LINK, b"a"), ("link/evil", FILE, b"x")],
        &[("link/evil", FILE, b"x"), ("link", LINK, b"a")],
        // One name, two things.
        &[("a", FILE, b"x"), ("a/b", FILE, b"x")],
        &[("a/b", FILE, b"x"), ("a", FILE, b"x")],
        &[("a", FILE, b"x"), ("./a", FILE, b"y")],
        &[("a/b", FILE, b"x"), ("a\\b", FILE, b"y")],
    ];
    for entries in cases {
        assert_eq!(unpacked(&zip(entries)), BROKEN, "{entries:?}");
    }
    let deep = "d/".repeat(MAX_DEPTH) + "f";
    let long = "n".repeat(MAX_SEGMENT + 1);
    for name in [deep.as_str(), long.as_str()] {
        assert_eq!(unpacked(&zip(&[(name, FILE, b"x")])), BROKEN);
    }
    for (bytes, expected) in [
        (&b""[..], "Uploaded file must be a non-empty zip"),
        (&zip(&[]), "Uploaded file must be a non-empty zip"),
        (b"this is not a zipfile, just a random string", BROKEN),
    ] {
        assert_eq!(unpacked(bytes), expected);
    }
    let large = unpack(&Memory::default(), &vec![0; MAX_ZIPPED + 1]).map_err(|refusal| refusal.message());
    assert_eq!(large.unwrap_err(), "Zipped size must be smaller than 52428800 bytes");
}

#[test]
fn devices_encryption_and_unknown_compression_are_refused() {
    let good = zip(&[("index.js", FILE, b"some code")]);
    let central = good.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let with = |offset: usize, bytes: &[u8]| {
        let mut evil = good.clone();
        evil[central + offset..central + offset + bytes.len()].copy_from_slice(bytes);
        evil
    };
    assert_eq!(unpacked(&good), "index.js some code");
    let device = (0o020_644_u32 << 16).to_le_bytes();
    for (evil, why) in [
        (with(38, &device), "a character device"),
        (with(8, &[1]), "encrypted"),
        (with(10, &[99]), "an unknown compression"),
        (with(16, &[0; 4]), "a wrong checksum"),
    ] {
        assert_eq!(unpacked(&evil), BROKEN, "{why}");
    }
}

#[test]
fn bombs_are_refused_by_what_comes_out_of_them() {
    const LIMIT: u64 = 1 << 20;
    let zeros = |bytes: u64| {
        let content = vec![0; bytes as usize];
        zip(&[("a", FILE, &content), ("b", FILE, &content)])
    };
    assert_eq!(unpacked_within(LIMIT, &zeros(LIMIT)), LARGE);
    assert_eq!(unpacked_within(LIMIT, &zeros(LIMIT / 2 + 1)), LARGE);
    assert!(unpacked_within(LIMIT, &zeros(LIMIT / 2)).starts_with("a "), "the limit itself is allowed");

    // The same, saying that each is 4 bytes long.
    let mut liar = zeros(LIMIT);
    for at in (0..liar.len() - 30).rev() {
        match &liar[at..at + 4] {
            b"PK\x01\x02" => liar[at + 24..at + 28].copy_from_slice(&[4, 0, 0, 0]),
            b"PK\x03\x04" => liar[at + 22..at + 26].copy_from_slice(&[4, 0, 0, 0]),
            _ => {}
        }
    }
    let seen = unpacked_within(LIMIT, &liar);
    assert!(seen == BROKEN || seen == LARGE, "{seen}");
}

#[test]
fn the_meter_counts_to_the_byte() {
    for (left, content, expected) in [(4, 4, None), (3, 4, Some(())), (0, 0, None)] {
        let bytes = vec![7; content];
        let mut content = &bytes[..];
        let mut metered = Metered { content: &mut content, left, ended: None };
        let _ = io::copy(&mut metered, &mut io::sink());
        assert_eq!(metered.ended.map(|_| ()), expected);
    }
}

#[test]
fn more_folders_than_entries_are_counted() {
    // 2,000 files, each under 60 folders of its own.
    let names: Vec<String> =
        (0..2000).map(|n| (0..60).map(|d| format!("{n}-{d}/")).collect::<String>() + "f").collect();
    let entries: Vec<Entry> = names.iter().map(|name| (name.as_str(), FILE, &b""[..])).collect();
    assert_eq!(unpacked(&zip(&entries)), Refusal::ManyEntries.message());
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_unpacked_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        unpacked(&bytes);
    }

    #[test]
    fn any_damage_is_unpacked_or_refused(
        damage in proptest::collection::vec((0usize..1000, proptest::prelude::any::<u8>()), 1..8),
        cut in 0usize..1000,
    ) {
        let mut bytes = zip(&[("a/b.js", FILE, b"code code code code"), ("l", LINK, b"a/b.js"), ("d/", FOLDER, b"")]);
        let length = bytes.len();
        for (at, value) in damage {
            bytes[at % length] = value;
        }
        unpacked(&bytes);
        unpacked(&bytes[..cut % length]);
    }

    #[test]
    fn no_name_leads_out(name in "([a./\\\\:]|\\.\\.|C:)*") {
        if let Some(segments) = segments(&name) {
            proptest::prop_assert!(segments.iter().all(|s| !s.is_empty() && *s != ".." && !s.contains(['/', '\\'])));
            proptest::prop_assert!(!Path::new(&segments.join("/")).is_absolute());
        }
    }

    /// Against the plain way: walk from the link's folder.
    #[test]
    fn no_link_leads_out(target in "([ab./]|\\.\\.)*", depth in 0usize..4) {
        if stays_within(&target, depth) {
            let mut level = depth as isize;
            for segment in target.split('/') {
                level += match segment { "" | "." => 0, ".." => -1, _ => 1 };
                proptest::prop_assert!(level >= 0);
            }
        }
    }
}
