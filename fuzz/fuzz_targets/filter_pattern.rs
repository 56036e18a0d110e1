#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatelet_fuzz::filter_pattern::filter_pattern(data));
