#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatelet_fuzz::access_log::access_log_of(data));
