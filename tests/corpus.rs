//! Replays the corpus of every fuzz target, so that what fuzzing once found is looked for on every test run.

use std::fs;
use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod targets;

#[test]
fn corpora_replay() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for (name, target) in targets::TARGETS {
        let source = fuzz.join("fuzz_targets").join(name).with_extension("rs");
        assert!(source.exists(), "there is no target {name} for cargo-fuzz");
        let mut seeds = 0;
        for entry in fs::read_dir(fuzz.join("corpus").join(name)).expect("each target has a corpus") {
            let path = entry.expect("a corpus can be listed").path();
            let bytes = fs::read(&path).expect("a seed can be read");
            if let Err(panic) = std::panic::catch_unwind(|| target(&bytes)) {
                eprintln!("replaying {}", path.display());
                std::panic::resume_unwind(panic);
            }
            seeds += 1;
        }
        assert!(seeds > 0, "the corpus of {name} is empty");
    }
}
