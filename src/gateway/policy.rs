//! What Lambda authorizers say in the form of an IAM policy: whether a route may be invoked ("Output from an Amazon API
//! Gateway Lambda authorizer").

use serde::Deserialize;

use crate::live::permission::matches_pattern;

/// AWS: 8 KB, of an authorizer's result. (Documented for WebSocket APIs.)
pub(super) const MOST_RESULT: usize = 8 * 1024;

/// A `policyDocument`. Conditions are not evaluated.
#[derive(Debug, Deserialize)]
#[serde(from = "Document")]
pub(super) struct Policy(Vec<Statement>);

/// What a policy says of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It may be done.
    Allowed,
    /// It may not.
    Denied,
    /// Nothing.
    Silent,
}

impl Policy {
    /// What it says of invoking this `execute-api` ARN: one denial outweighs all permissions.
    pub(super) fn decide(&self, arn: &str) -> Decision {
        let mut decision = Decision::Silent;
        for statement in self.0.iter().filter(|statement| statement.covers(arn)) {
            match statement.effect {
                Effect::Allow => decision = Decision::Allowed,
                Effect::Deny => return Decision::Denied,
            }
        }
        decision
    }
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Statement")]
    statements: OneOrMany<Statement>,
}

impl From<Document> for Policy {
    fn from(document: Document) -> Self {
        Self(match document.statements {
            OneOrMany::One(statement) => vec![statement],
            OneOrMany::Many(statements) => statements,
        })
    }
}

#[derive(Debug, Deserialize)]
struct Statement {
    #[serde(rename = "Effect")]
    effect: Effect,
    #[serde(rename = "Action")]
    action: OneOrMany<String>,
    #[serde(rename = "Resource")]
    resource: OneOrMany<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

impl Statement {
    fn covers(&self, arn: &str) -> bool {
        let invokes = |action: &String| matches_pattern(&action.to_ascii_lowercase(), "execute-api:invoke");
        self.action.as_slice().iter().any(invokes)
            && self.resource.as_slice().iter().any(|resource| matches_pattern(resource, arn))
    }
}

/// Policies spell lists of one as what is in them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies() {
        use Decision::{Allowed, Denied, Silent};
        let arn = "arn:aws:execute-api:us-east-1:000000000000:abc/dev/$connect";
        for (statements, expected) in [
            (r#"[]"#, Some(Silent)),
            (r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}"#, Some(Allowed)),
            (
                r#"[{"Effect":"Allow","Action":"*","Resource":["x","arn:aws:execute-api:*:*:abc/*"]}]"#,
                Some(Allowed),
            ),
            (
                r#"{"Effect":"Allow","Action":["execute-api:*"],"Resource":"arn:aws:execute-api:us-east-1:000000000000:abc/dev/$connect"}"#,
                Some(Allowed),
            ),
            // As REST APIs have it: paths and methods, which no WebSocket has.
            (
                r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:000000000000:abc/dev/*/*"}"#,
                Some(Silent),
            ),
            (
                r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:000000000000:abc/dev/GET/*"}"#,
                Some(Silent),
            ),
            (r#"{"Effect":"Allow","Action":"execute-api:ManageConnections","Resource":"*"}"#, Some(Silent)),
            (r#"{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"*"}"#, Some(Denied)),
            (
                r#"[{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]"#,
                Some(Denied),
            ),
            (r#"{"Effect":"Perhaps","Action":"*","Resource":"*"}"#, None),
        ] {
            let policy: Result<Policy, _> =
                serde_json::from_str(&format!("{{\"Version\":\"2012-10-17\",\"Statement\":{statements}}}"));
            assert_eq!(policy.ok().map(|policy| policy.decide(arn)), expected, "{statements}");
        }
    }
}
