//! What the fuzz targets do with their bytes. `tests/corpus.rs` includes this file too, and replays each
//! target's corpus with it on every test run.

pub mod access_log;
pub mod certificate;
pub mod control;
pub mod csv;
pub mod filter_pattern;
pub mod gateway;
pub mod http1;
pub mod jwt;
pub mod lambda;
pub mod openapi;
pub mod package;
pub mod query;
pub mod rest_route;
pub mod route;
pub mod s3;
pub mod schema;
pub mod selection;
pub mod sigv4;
pub mod template;
pub mod tls;
pub mod ws;

/// What a target does with its bytes.
pub type Target = fn(&[u8]);

/// Each target: the name of its file in `fuzz_targets/` and of its folder in `corpus/`, and what it does.
pub const TARGETS: &[(&str, Target)] = &[
    ("request", http1::request),
    ("chunked", http1::chunked),
    ("reply", http1::reply),
    ("package", package::package),
    ("query", query::query),
    ("jwt", jwt::jwt),
    ("frames", lambda::frames),
    ("runtime_api", lambda::runtime_api),
    ("route", route::route),
    ("rest_route", rest_route::rest_route),
    ("result", gateway::result),
    ("engine", gateway::engine),
    ("access_log", access_log::access_log_of),
    ("csv", csv::csv),
    ("filter_pattern", filter_pattern::filter_pattern),
    ("selection", selection::selection),
    ("template", template::template),
    ("openapi", openapi::openapi),
    ("tls_first_bytes", tls::first_bytes),
    ("ws_frames", ws::frames),
    ("ws_session", ws::session),
    ("ws_handshake", ws::handshake),
    ("s3", s3::requests),
    ("s3_documents", s3::documents),
    ("aws_chunked", s3::aws_chunked),
    ("sigv4", sigv4::sigv4),
    ("control", control::control),
    ("schema", schema::schema),
    ("certificate", certificate::certificate),
];

/// Cuts bytes into parts that only these bytes themselves decide: the same input does the same each time, and
/// a corpus file is nothing but input.
pub fn cut(bytes: &[u8]) -> Vec<&[u8]> {
    let mut state = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let (mut parts, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Mostly short parts, some long ones.
        let longest = if state >> 62 == 0 { 200 } else { 8 };
        let (part, behind) = rest.split_at(((state >> 33) as usize % longest + 1).min(rest.len()));
        parts.push(part);
        rest = behind;
    }
    parts
}
