//! Who signed a request with credentials that are known here (`AWS_IAM`). What policies say of who signs is not asked.

use super::fault::Fault;
use crate::base::Now;
use crate::live::Live;
use crate::model::iam::Principal;
use crate::proto::http1::Request;
use crate::proto::sigv4::{Claim, Refusal};

/// Who signed a request to a region's service.
///
/// # Errors
/// 403: nobody, or not as it must be.
pub(super) fn signer(live: &Live, request: &Request, to: (&str, &str), now: Now) -> Result<Principal, Fault> {
    let refused = |refusal: Refusal| Fault::Forbidden(refusal.to_string());
    let claim = Claim::of(request).map_err(refused)?;
    let found = live.principal(&claim.access_key, claim.token.as_deref(), now);
    let (principal, secret) = found.ok_or_else(|| {
        Fault::Forbidden(format!("there is no access key {:.128}, or its session is over", claim.access_key))
    })?;
    claim.verify(request, secret, to, now).map_err(refused)?;
    Ok(principal)
}
