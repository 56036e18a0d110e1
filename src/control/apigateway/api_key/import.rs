//! ImportApiKeys: keys from a file ("API Gateway API key file format" of the developer guide).

use serde_json::json;

use super::super::{limits, usage_plan};
use super::{check, csv, find, holder, new, own, put};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::model::Store;
use crate::model::usage::ApiKey;

/// What a line of the file says.
struct Line {
    key: ApiKey,
    plans: Vec<String>,
}

/// ImportApiKeys: all of the file, or nothing. A key whose value is known takes the place of what it was.
pub fn import(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    match call.query("format") {
        Some("csv") => {}
        _ => return Err(bad_request("Invalid format specified. Valid options are csv")),
    }
    let text = std::str::from_utf8(call.body()).map_err(|_| bad_request("The file is not in UTF-8"))?;
    let mut records = csv::records(text).into_iter();
    let header = records.next().ok_or_else(|| bad_request("The file has no header"))?;
    let column = |name: &str| header.iter().position(|title| title.trim().eq_ignore_ascii_case(name));
    let required =
        |name: &str| column(name).ok_or_else(|| bad_request(format!("The file has no column {name}")));
    let (name, value) = (required("Name")?, required("Key")?);
    let (description, enabled, plans) = (column("Description"), column("Enabled"), column("UsagePlanIds"));
    let (mut lines, mut warnings) = (Vec::new(), Vec::new());
    for record in records {
        let field = |at: Option<usize>| {
            at.and_then(|at| record.get(at)).map(|field| field.trim()).unwrap_or_default()
        };
        let value = field(Some(value));
        let known = holder(store, &call.owner, value).cloned();
        let mut key = match known {
            Some(id) => find(store, &call.owner, &id)?.clone(),
            None => new(store, call, Some(value.to_owned())),
        };
        let text = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
        key.name = text(field(Some(name)));
        key.description = text(field(description));
        key.enabled = !field(enabled).eq_ignore_ascii_case("false");
        key.updated = call.now.unix_seconds();
        check(&key)?;
        let (known, unknown): (Vec<_>, Vec<_>) = field(plans)
            .split(',')
            .map(|id| id.trim().to_owned())
            .filter(|id| !id.is_empty())
            .partition(|id| usage_plan::find(store, &call.owner, id).is_ok());
        warnings.extend(unknown.iter().map(|id| format!("Invalid Usage Plan ID specified: {id}")));
        lines.push(Line { key, plans: known });
    }
    if call.query("failonwarnings") == Some("true") && !warnings.is_empty() {
        return Err(bad_request(warnings.join("; ")));
    }
    let existing = own(store, &call.owner).count() + lines.len();
    limits::check(limits::API_KEYS, existing.saturating_sub(1), &context.settings)?;
    let mut ids = Vec::with_capacity(lines.len());
    for Line { mut key, plans } in lines {
        // A value that an earlier line had too is one key.
        if let Some(id) = holder(store, &key.owner, &key.value) {
            key.id.clone_from(id);
        }
        if !store.usage.keys.contains_key(&key.id) {
            key.serial = store.serial();
        }
        let id = key.id.clone();
        put(store, key);
        for plan in plans {
            usage_plan::key::join(store, &plan, &id);
        }
        ids.push(id);
    }
    Ok(Answer::created(json!({ "ids": ids, "warnings": warnings })))
}
