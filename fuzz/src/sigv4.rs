//! Signatures: what no peer sends is read as none, or as one that is wrong; nobody without the secret passes.

use std::time::Instant;

use gatelet::base::Now;
use gatelet::proto::http1::Request;
use gatelet::proto::sigv4::Claim;

/// A request.
pub fn sigv4(data: &[u8]) {
    let Ok(request) = Request::of(data) else { return };
    let Ok(claim) = Claim::of(&request) else { return };
    assert!(claim.access_key.len() <= data.len());
    // The time of the seeds: 2015-08-30T12:36:00Z.
    let now = Now { instant: Instant::now(), unix_ms: 1_440_938_160_000 };
    for service in ["service", "execute-api"] {
        let verdict = claim.verify(&request, "no one's secret", ("us-east-1", service), now);
        assert!(verdict.is_err(), "it was signed with another secret");
    }
}
