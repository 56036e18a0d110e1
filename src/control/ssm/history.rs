//! GetParameterHistory.

use serde_json::Value;

use super::name::{self, Named};
use super::{metadata, not_found, value};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::control::page::Page;
use crate::model::Store;

/// AWS: of a page.
const MAX_RESULTS: i64 = 50;

/// GetParameterHistory
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let said = name::required(&input)?;
    let decrypt = input.boolean("WithDecryption")?.unwrap_or_default();
    let token = input.text("NextToken")?;
    let most = input.integer("MaxResults", i64::MIN..=i64::MAX)?;
    let mut constraints = Constraints::default();
    constraints.range(most, "maxResults", 1, MAX_RESULTS);
    constraints.end()?;
    let Named { name, .. } = Named::of(&said);
    let parameter = name::find(store, &call.owner, name).ok_or_else(|| not_found(name))?;
    // Keys of one length, so that their order is that of the numbers.
    let keys: Vec<String> = parameter.versions.iter().map(|v| format!("{:020}", v.number)).collect();
    let versions = keys.iter().zip(&parameter.versions).map(|(key, version)| {
        let mut members = metadata(parameter, version, call);
        members.insert("Value".into(), value(version, decrypt).into());
        members.insert("Labels".into(), Value::Array(Vec::new()));
        (key.as_str(), Value::Object(members))
    });
    let most = usize::try_from(most.unwrap_or(MAX_RESULTS)).unwrap_or_default();
    let page = Page::of(versions, token.as_deref(), most).map_err(|_| super::list::bad_token())?;
    Ok(Answer::ok(page.members("Parameters", "NextToken")))
}
