//! Links the program for Linux at a fixed address.
//!
//! One that may be loaded anywhere carries half a megabyte of relocations, which are applied at each start to memory
//! that is the process's own from then on. Stack, heap and shared libraries are still placed at random.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    // Elsewhere it is not for the driver of the linker to say.
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bin=gatelet=-no-pie");
    }
}
