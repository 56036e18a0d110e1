//! API keys: whom one lets in, where a route asks for one.

use std::sync::Arc;

use super::fault::Fault;
use super::throttle::Buckets;
use crate::base::Now;
use crate::live::Live;
use crate::live::keys::Key;
use crate::model::{ApiId, Owner};

/// Where a key is asked for.
pub(super) struct Door<'a> {
    pub(super) owner: &'a Owner,
    pub(super) api: &'a ApiId,
    pub(super) stage: &'a str,
    /// The route's key: `GET /pets`.
    pub(super) route: &'a str,
}

/// Whose key it is, once it is known that it opens the door and how often it may: the usage is counted.
pub(super) fn admit(
    live: &Live,
    door: &Door<'_>,
    key: Option<&[u8]>,
    now: Now,
    buckets: &mut Buckets,
) -> Result<Arc<Key>, Fault> {
    let refused = |why: &str| Fault::ApiKey(why.to_owned());
    let value = key.filter(|key| !key.is_empty()).ok_or_else(|| refused("the request has no API key"))?;
    let found = std::str::from_utf8(value).ok().and_then(|value| live.keys.find(door.owner, value));
    let key = found.ok_or_else(|| refused("the API key is none, or not enabled"))?;
    let Door { api, stage, route, .. } = *door;
    let pass = live
        .keys
        .pass(key, api, stage)
        .ok_or_else(|| refused("no usage plan of the API key has the stage"))?;
    if !pass.pace((api, stage, route), |bucket, pace| buckets.take(now.instant, bucket, pace)).unwrap_or(true)
    {
        return Err(Fault::TooMany);
    }
    match pass.meter.take(now.day(), pass.quota) {
        true => Ok(Arc::clone(key)),
        false => Err(Fault::Quota),
    }
}
