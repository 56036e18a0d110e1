//! What Lambda says of the account as a whole, and of what we have none of.

use serde_json::json;

use super::{concurrency, function, named};
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::{Context, package};
use crate::model::Store;

/// AWS: 75 GB of code in a region.
const MAX_TOTAL_CODE: u64 = 80_530_636_800;

/// GetAccountSettings
pub fn settings(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let versions = || function::of_owner(store, &call.owner).flat_map(|function| function.all_versions());
    let unreserved = concurrency::ACCOUNT - concurrency::reserved(store, &call.owner, None);
    Ok(Answer::ok(json!({
        "AccountLimit": {
            "TotalCodeSize": MAX_TOTAL_CODE,
            "CodeSizeUnzipped": package::MAX_UNZIPPED,
            "CodeSizeZipped": package::MAX_ZIPPED,
            "ConcurrentExecutions": concurrency::ACCOUNT,
            "UnreservedConcurrentExecutions": unreserved,
        },
        "AccountUsage": {
            "TotalCodeSize": versions().map(|version| version.code.size).sum::<u64>(),
            "FunctionCount": function::of_owner(store, &call.owner).count(),
        },
    })))
}

/// GetFunctionCodeSigningConfig: no function has one, and tools ask.
pub fn code_signing(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named_alone(call)?;
    let function = named::function(store, &named)?;
    Ok(Answer::ok(json!({ "FunctionName": function.name })))
}
