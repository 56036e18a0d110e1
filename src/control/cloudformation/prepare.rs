//! What CreateStack, UpdateStack and CreateChangeSet have in common: reading what a stack is to be made of.

use std::collections::BTreeMap;

use serde_json::Map;

use super::parameter::{self, Given};
use super::template::{MAX_BYTES, Template, format_error, invalid};
use super::{dynamic, resources};
use crate::base::Now;
use crate::control::Control;
use crate::control::answer::Error;
use crate::control::call::Call;
use crate::control::form::Form;
use crate::control::perform::Errand;
use crate::control::s3;
use crate::model::Owner;
use crate::model::stack::{Source, Stack};

/// AWS: "You can specify a maximum of 50 unique tags".
const MAX_TAGS: usize = 50;

/// The template and what comes with it, checked. `before` is what the stack is made of now.
///
/// # Errors
/// What is wrong with it.
pub fn source(control: &Control, call: &Call, before: Option<&Source>) -> Result<(Template, Source), Error> {
    let form = Form::of(call);
    let text = text(control, &form, before)?;
    let template = Template::parse(&text)?;
    resources::check(&template)?;
    parameter::check_types(&template)?;
    let none = Vec::new();
    let previous = before.map_or(&none, |before| &before.parameters);
    let fetch =
        |name: &str| stored(control, &call.owner, call.now, name).ok_or_else(|| dynamic::unknown(name));
    let parameters = parameter::values(&template, &given(&form)?, previous, fetch)?;
    let kept = |name: &str, list: fn(&Source) -> &Vec<String>| match before {
        Some(before) if !is_said(call, name) => list(before).clone(),
        Some(_) | None => form.list(name),
    };
    let source = Source {
        template: Some(text.into()),
        description: template.description.clone(),
        parameters,
        tags: match before {
            Some(before) if !is_said(call, "Tags") => before.tags.clone(),
            Some(_) | None => tags(&form)?,
        },
        capabilities: form.list("Capabilities"),
        notification_arns: kept("NotificationARNs", |source| &source.notification_arns),
        role_arn: form.said("RoleARN").map(str::to_owned).or_else(|| before.and_then(|b| b.role_arn.clone())),
    };
    Ok((template, source))
}

/// The text of the template that a call brings, names, or has brought before.
///
/// # Errors
/// There is none.
pub fn text(control: &Control, form: &Form, before: Option<&Source>) -> Result<String, Error> {
    match (form.said("TemplateBody"), form.said("TemplateURL")) {
        (Some(body), None) => Ok(body.to_owned()),
        (None, Some(url)) => fetch(control, url),
        (None, None) if form.flag("UsePreviousTemplate") => before
            .and_then(|before| before.template.as_deref())
            .map(str::to_owned)
            .ok_or_else(|| invalid("There is no previous template.")),
        (_, _) => Err(invalid("Either Template URL or Template Body must be specified.")),
    }
}

/// Whether a list was said, even as an empty one.
fn is_said(call: &Call, name: &str) -> bool {
    call.query.iter().any(|(key, _)| {
        key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(".member."))
    })
}

/// A template in our own S3. Nothing is ever fetched from the net.
fn fetch(control: &Control, url: &str) -> Result<String, Error> {
    let (bucket, key) =
        s3::bucket_and_key_of_url(url).ok_or_else(|| invalid("TemplateURL must be a supported URL."))?;
    let bytes = s3::read_object(control, &bucket, &key, MAX_BYTES as u64)
        .map_err(|error| invalid(format!("S3 error: {}", error.message)))?;
    String::from_utf8(bytes).map_err(|_| format_error("unsupported structure."))
}

fn given(form: &Form) -> Result<Vec<Given>, Error> {
    form.members("Parameters")
        .into_iter()
        .map(|parameter| {
            let key = parameter.said("ParameterKey").ok_or_else(|| invalid("ParameterKey is required"))?;
            let value = parameter.text("ParameterValue").unwrap_or_default();
            let previous = parameter.flag("UsePreviousValue");
            Ok(Given { key: key.to_owned(), value: (!previous).then(|| value.to_owned()) })
        })
        .collect()
}

fn tags(form: &Form) -> Result<BTreeMap<String, String>, Error> {
    let tags = form.pairs("Tags");
    if tags.len() > MAX_TAGS {
        return Err(invalid(format!("You can specify a maximum of {MAX_TAGS} tags")));
    }
    Ok(tags)
}

/// The value of a parameter of SSM's parameter store.
pub fn stored(control: &Control, owner: &Owner, now: Now, name: &str) -> Option<String> {
    let answer = control.perform(Errand {
        members: Map::from_iter([("Name".into(), name.into()), ("WithDecryption".into(), true.into())]),
        ..Errand::new(owner, now, "ssm", "GetParameter")
    });
    Some(answer.ok()?.get("Parameter")?.get("Value")?.as_str()?.to_owned())
}

/// Whether a stack may be updated now.
///
/// # Errors
/// It may not.
pub fn check_update(stack: &Stack) -> Result<(), Error> {
    if stack.status.can_update() {
        return Ok(());
    }
    let (id, status) = (&stack.id, stack.status.as_str());
    Err(invalid(format!("Stack:{id} is in {status} state and can not be updated.")))
}
