#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatelet_fuzz::rest_route::rest_route(data));
