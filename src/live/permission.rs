//! Who may invoke a function by its resource policy: only what concerns API Gateway.
//!
//! Under LocalStack's parity nobody asks; under AWS's an api needs a statement as `AddPermission` makes it, with
//! the principal `apigateway.amazonaws.com` and usually a condition on the `execute-api` ARN.

use serde_json::Value;

use crate::model::function::Policy;

/// A statement that lets API Gateway invoke, perhaps only for some routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The patterns that each must match; none: any route of any api.
    conditions: Vec<(Subject, Box<str>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Arn,
    Account,
}

/// The statements of a policy that concern API Gateway.
pub fn permissions(policy: &Policy) -> Vec<Permission> {
    policy.statements.iter().filter_map(|(_, statement)| Permission::of(statement)).collect()
}

impl Permission {
    fn of(statement: &Value) -> Option<Self> {
        let allows = statement["Effect"] == "Allow"
            && any(&statement["Action"], |a| matches!(a, "lambda:InvokeFunction" | "lambda:*" | "*"))
            && (statement["Principal"] == "*"
                || any(&statement["Principal"]["Service"], |s| s == "apigateway.amazonaws.com"));
        if !allows {
            return None;
        }
        let mut conditions = Vec::new();
        for (operator, tests) in statement["Condition"].as_object().into_iter().flatten() {
            if !matches!(&**operator, "ArnLike" | "ArnEquals" | "StringLike" | "StringEquals") {
                return None;
            }
            for (key, value) in tests.as_object()? {
                let subject = match &*key.to_ascii_lowercase() {
                    "aws:sourcearn" => Subject::Arn,
                    "aws:sourceaccount" => Subject::Account,
                    _ => return None,
                };
                conditions.push((subject, value.as_str()?.into()));
            }
        }
        Some(Self { conditions })
    }

    /// Whether it covers a call from this `execute-api` ARN of this account.
    pub fn covers(&self, arn: &str, account: &str) -> bool {
        self.conditions.iter().all(|(subject, pattern)| match subject {
            Subject::Arn => matches_pattern(pattern, arn),
            Subject::Account => **pattern == *account,
        })
    }
}

/// A text, or a list of them.
fn any(value: &Value, test: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => test(text),
        Value::Array(list) => list.iter().filter_map(Value::as_str).any(test),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// Whether a text is as a pattern of a policy says: `*` is any text and `?` any character. Only the last `*` is ever tried again, so it takes at most the product
/// of the lengths.
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    p = after;
                    t = from + 1;
                    retry = Some((after, t));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "abd", false),
            ("*/*/pets", "api/prod/GET/pets", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*b*c", "axbxbxc", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches_pattern(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn statements() {
        let arn = "arn:aws:execute-api:us-east-1:000000000000:api1/prod/GET/pets";
        for (statement, expected) in [
            (
                r#"{"Effect":"Allow","Action":"lambda:InvokeFunction","Principal":{"Service":"apigateway.amazonaws.com"}}"#,
                true,
            ),
            (r#"{"Effect":"Allow","Action":["lambda:*"],"Principal":"*"}"#, true),
            (r#"{"Effect":"Deny","Action":"lambda:InvokeFunction","Principal":"*"}"#, false),
            (r#"{"Effect":"Allow","Action":"lambda:GetFunction","Principal":"*"}"#, false),
            (
                r#"{"Effect":"Allow","Action":"lambda:InvokeFunction","Principal":{"Service":"s3.amazonaws.com"}}"#,
                false,
            ),
            (
                r#"{"Effect":"Allow","Action":"*","Principal":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:us-east-1:000000000000:api1/*/*"}}}"#,
                true,
            ),
            (
                r#"{"Effect":"Allow","Action":"*","Principal":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:us-east-1:000000000000:api2/*"}}}"#,
                false,
            ),
            (
                r#"{"Effect":"Allow","Action":"*","Principal":"*","Condition":{"StringEquals":{"AWS:SourceAccount":"000000000000"}}}"#,
                true,
            ),
            (
                r#"{"Effect":"Allow","Action":"*","Principal":"*","Condition":{"StringEquals":{"AWS:SourceAccount":"111111111111"}}}"#,
                false,
            ),
            (r#"{"Effect":"Allow","Action":"*","Principal":"*","Condition":{"Bool":{"x":"y"}}}"#, false),
        ] {
            let statement: Value = serde_json::from_str(statement).unwrap();
            let policy = Policy { statements: vec![("1".into(), statement)], ..Policy::default() };
            let covered = permissions(&policy).iter().any(|p| p.covers(arn, "000000000000"));
            assert_eq!(covered, expected, "{:?}", policy.statements[0].1);
        }
    }
}
