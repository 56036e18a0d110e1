//! What workers say: frames from a pipe, requests of the Runtime API. Workers run anybody's code.

use gatelet::lambda::frames::{self, Decoder, MAX_FRAME};
use gatelet::lambda::{FromWorker, runtime_api};
use gatelet::proto::http1::Request;

use super::cut;

/// Frames: the outcome must not depend on how the bytes arrive, and nothing is held that was read.
pub fn frames(data: &[u8]) {
    let whole = decode(&[data]);
    assert_eq!(decode(&cut(data)), whole);
    assert_eq!(decode(&data.chunks(1).collect::<Vec<_>>()), whole);
}

fn decode(parts: &[&[u8]]) -> (Vec<FromWorker>, Option<frames::Error>) {
    let (mut decoder, mut input, mut said) = (Decoder::default(), Vec::new(), Vec::new());
    for part in parts {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(frame)) => said.push(frame),
                Ok(None) => break,
                Err(error) => return (said, Some(error)),
            }
        }
        assert!(input.capacity() <= 2 * (MAX_FRAME + part.len() + 8), "no more is held than a frame");
    }
    (said, None)
}

/// A request to the Runtime API: what is said carries the body, and what says nothing is answered.
pub fn runtime_api(data: &[u8]) {
    let Ok(request) = Request::of(data) else { return };
    match runtime_api::read(&request) {
        Ok(FromWorker::Ready) => assert_eq!(request.method(), "GET"),
        Ok(FromWorker::Response { request_id, payload }) => {
            assert!(request.path().contains(&request_id));
            assert_eq!(payload, request.body());
        }
        Ok(FromWorker::Error { request_id, error }) => {
            assert!(request.path().contains(&request_id));
            assert!(!error.is_empty());
        }
        Ok(FromWorker::InitError { error }) => assert!(!error.is_empty()),
        Err(response) => assert!(matches!(response.status, 200 | 404 | 405)),
    }
}
