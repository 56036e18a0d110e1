//! Resource policies: who else may invoke.

use serde_json::{Map, Value, json};

use super::members::Members;
use super::refusal::{self, Constraints};
use super::{named, shape, version};
use crate::base::ids;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::model::Store;
use crate::model::arn::FunctionRef;
use crate::model::function::{Function, LATEST, Policy};

/// AWS: 20 KB a policy.
const MAX_POLICY: usize = 20_480;

/// The members of AddPermission that become conditions: operator, key.
const CONDITIONS: &[(&str, &str, &str)] = &[
    ("SourceArn", "ArnLike", "AWS:SourceArn"),
    ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
    ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
];

/// AddPermission
pub fn add(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let members = Members::of(call)?;
    let (sid, action, principal) =
        (members.text("StatementId")?, members.text("Action")?, members.text("Principal")?);
    let mut constraints = Constraints::default();
    constraints.required(sid, "statementId");
    constraints.required(action, "action");
    constraints.required(principal, "principal");
    constraints.length(sid, "statementId", 1, 100);
    constraints.pattern(sid, "statementId", is_sid, "([a-zA-Z0-9-_]+)");
    constraints.pattern(action, "action", is_action, "(lambda:[*]|lambda:[a-zA-Z]+|[*])");
    constraints.one_of(members.text("FunctionUrlAuthType")?, "functionUrlAuthType", &["NONE", "AWS_IAM"]);
    constraints.end()?;
    let (sid, action) = (sid.unwrap_or_default(), action.unwrap_or_default());
    let named = named::named(call)?;
    if named.qualifier.as_deref() == Some(LATEST) {
        return Err(refusal::invalid("We currently do not support adding policies for $LATEST."));
    }
    let principal = principal_of(principal.unwrap_or_default())?;
    let unqualified = FunctionRef { qualifier: None, ..named.clone() };
    let function = named::function(store, &unqualified)?;
    check_qualifier(function, &named)?;
    let policy = function.policies.get(&named.qualifier);
    if let Some(said) = members.text("RevisionId")?
        && policy.is_none_or(|policy| policy.revision_id != said)
    {
        return Err(refusal::stale_revision("GetPolicy"));
    }
    if policy.is_some_and(|policy| policy.statements.iter().any(|(known, _)| known == sid)) {
        return Err(refusal::conflict(format!(
            "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the \
             existing statement."
        )));
    }
    let mut statement = shape::object(json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": named.arn(),
    }));
    let conditions = conditions(&members)?;
    if !conditions.is_empty() {
        statement.insert("Condition".into(), Value::Object(conditions));
    }
    let statement = Value::Object(statement);
    let mut next = policy.cloned().unwrap_or_default();
    next.statements.push((sid.to_owned(), statement.clone()));
    let size = document(&next).len();
    if size > MAX_POLICY {
        let message = format!("The final policy size ({size}) is bigger than the limit ({MAX_POLICY}).");
        return Err(Error::new(400, "PolicyLengthExceededException", message).with("Type", "User"));
    }
    next.revision_id = ids::uuid(&mut store.rng);
    named::function_mut(store, &unqualified)?.policies.insert(named.qualifier, next);
    Ok(Answer::created(json!({ "Statement": statement.to_string() })))
}

/// GetPolicy
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named(call)?;
    let policy =
        named::function(store, &named).ok().and_then(|function| function.policies.get(&named.qualifier));
    let policy = policy.ok_or_else(|| refusal::not_found("The resource you requested does not exist."))?;
    Ok(Answer::ok(json!({ "Policy": document(policy), "RevisionId": policy.revision_id })))
}

/// RemovePermission
pub fn remove(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let (named, sid) = (named::named(call)?, call.path("StatementId"));
    let function = named::function(store, &named)
        .map_err(|_| refusal::not_found(format!("No policy found for: {}", named.arn())))?;
    check_qualifier(function, &named)?;
    let policy = function.policies.get(&named.qualifier);
    let policy =
        policy.ok_or_else(|| refusal::not_found("No policy is associated with the given resource."))?;
    if !policy.statements.iter().any(|(known, _)| known == sid) {
        return Err(refusal::not_found(format!("Statement {sid} is not found in resource policy.")));
    }
    if call.query("RevisionId").is_some_and(|said| said != policy.revision_id) {
        return Err(refusal::stale_revision("GetPolicy"));
    }
    let mut next = policy.clone();
    next.statements.retain(|(known, _)| known != sid);
    next.revision_id = ids::uuid(&mut store.rng);
    let policies = &mut named::function_mut(store, &named)?.policies;
    if next.statements.is_empty() {
        policies.remove(&named.qualifier);
    } else {
        policies.insert(named.qualifier, next);
    }
    Ok(Answer::no_content())
}

/// A policy as a document.
fn document(policy: &Policy) -> String {
    let statements: Vec<&Value> = policy.statements.iter().map(|(_, statement)| statement).collect();
    json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }).to_string()
}

/// That what the qualifier names is there.
fn check_qualifier(function: &Function, named: &FunctionRef) -> Result<(), Error> {
    match &named.qualifier {
        Some(qualifier) if function.version(Some(qualifier)).is_none() => {
            let arn = named.arn();
            Err(if version::is_alias_name(qualifier) {
                refusal::not_found(format!("Cannot find alias arn: {arn}"))
            } else {
                refusal::no_function(&arn)
            })
        }
        Some(_) | None => Ok(()),
    }
}

/// `Principal`: everybody, an account, an ARN, or a service.
fn principal_of(principal: &str) -> Result<Value, Error> {
    let account = principal.len() == 12 && principal.bytes().all(|b| b.is_ascii_digit());
    let plain = !principal.contains(char::is_whitespace);
    match principal {
        "*" => Ok("*".into()),
        _ if account => Ok(json!({ "AWS": format!("arn:aws:iam::{principal}:root") })),
        _ if plain && principal.starts_with("arn:") => Ok(json!({ "AWS": principal })),
        _ if plain && principal.contains('.') => Ok(json!({ "Service": principal })),
        _ => Err(refusal::invalid(
            "The provided principal was invalid. Please check the principal and try again.",
        )),
    }
}

fn conditions(members: &Members) -> Result<Map<String, Value>, Error> {
    let mut conditions = Map::new();
    let mut put = |operator: &str, key: &str, value: Value| {
        let operator = conditions.entry(operator).or_insert_with(|| json!({}));
        operator[key] = value;
    };
    for (member, operator, key) in CONDITIONS {
        if let Some(value) = members.text(member)? {
            put(operator, key, value.into());
        }
    }
    if members.has("InvokedViaFunctionUrl") {
        put(
            "Bool",
            "lambda:InvokedViaFunctionUrl",
            members.flag("InvokedViaFunctionUrl")?.to_string().into(),
        );
    }
    Ok(conditions)
}

fn is_sid(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn is_action(text: &str) -> bool {
    let name = text.strip_prefix("lambda:");
    text == "*"
        || name.is_some_and(|n| n == "*" || !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphabetic()))
}
