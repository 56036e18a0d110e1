//! Where an integration leads to: its URI, by its kind.

use crate::control::answer::Error;
use crate::control::input::bad_request;
use crate::model::rest::{Integration, IntegrationKind};

/// AWS: a URL has at most 10,240 bytes.
const MAX_URI: usize = 10_240;

/// Whether method and URI fit the kind.
///
/// # Errors
/// They don't, in AWS's words.
pub fn check(integration: &Integration) -> Result<(), Error> {
    let uri = integration.uri.as_deref().unwrap_or_default();
    if uri.len() > MAX_URI {
        return Err(bad_request(format!("An integration's URI can have at most {MAX_URI} characters")));
    }
    let needs_method = integration.kind != IntegrationKind::Mock;
    if needs_method && integration.http_method.is_none() {
        return Err(bad_request("Enumeration value for HttpMethod must be non-empty"));
    }
    match integration.kind {
        IntegrationKind::Mock => Ok(()),
        IntegrationKind::Http | IntegrationKind::HttpProxy => check_http(uri),
        IntegrationKind::Aws => service(uri).map(|_| ()),
        IntegrationKind::AwsProxy => {
            let fits = match service(uri)? {
                ("lambda", what) => is_invocation(what),
                ("firehose", what) => what.starts_with("action/PutRecord"),
                _ => false,
            };
            match fits {
                true => Ok(()),
                false => Err(bad_request(
                    "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
                )),
            }
        }
    }
}

/// The rest may hold variables, and is known only when it is called.
fn check_http(uri: &str) -> Result<(), Error> {
    let rest = uri.strip_prefix("http://").or_else(|| uri.strip_prefix("https://"));
    let has_host = rest.is_some_and(|rest| !rest.starts_with(['/', '?', '#', ':']) && !rest.is_empty());
    match has_host && uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(bad_request("Invalid HTTP endpoint specified for URI")),
    }
}

/// `path/2015-03-31/functions/{ARN}/invocations`; the ARN may come out of a stage variable.
fn is_invocation(what: &str) -> bool {
    let function = what.strip_prefix("path/2015-03-31/functions/");
    function
        .and_then(|rest| rest.strip_suffix("/invocations"))
        .is_some_and(|arn| arn.starts_with("arn:") || arn.contains("${stageVariables."))
}

/// The service of `arn:aws:apigateway:{region}:{service}:{path|action}/{rest}`, and what stands behind it.
fn service(uri: &str) -> Result<(&str, &str), Error> {
    let parts: Vec<&str> = uri.splitn(6, ':').collect();
    let ["arn", _, _, _, service, what] = parts[..] else {
        return Err(bad_request("Invalid ARN specified in the request"));
    };
    if !what.starts_with("path/") && !what.starts_with("action/") {
        return Err(bad_request("AWS ARN for integration must contain path or action"));
    }
    // `{subdomain}.{service}`
    Ok((service.rsplit('.').next().unwrap_or(service), what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        use IntegrationKind::{Aws, AwsProxy, Http, HttpProxy, Mock};
        const FUNCTION: &str = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations";
        const NO_METHOD: &str = "Enumeration value for HttpMethod must be non-empty";
        const NO_URL: &str = "Invalid HTTP endpoint specified for URI";
        const NO_ARN: &str = "Invalid ARN specified in the request";
        const NO_PATH: &str = "AWS ARN for integration must contain path or action";
        const NO_LAMBDA: &str = "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.";
        for (kind, method, uri, expected) in [
            (Mock, "", "", ""),
            (Mock, "POST", "anything", ""),
            (Http, "", "http://example.com", NO_METHOD),
            (Aws, "", FUNCTION, NO_METHOD),
            (Http, "GET", "http://example.com", ""),
            (HttpProxy, "ANY", "https://${stageVariables.host}/{proxy}", ""),
            (HttpProxy, "ANY", "example.com", NO_URL),
            (HttpProxy, "ANY", "http://", NO_URL),
            (Http, "GET", "http://a b", NO_URL),
            (Http, "GET", "", NO_URL),
            (Http, "GET", FUNCTION, NO_URL),
            (AwsProxy, "POST", FUNCTION, ""),
            (AwsProxy, "POST", "arn:aws:apigateway:us-east-1:firehose:action/PutRecord", ""),
            (AwsProxy, "POST", "arn:aws:apigateway:us-east-1:s3:path/b/k", NO_LAMBDA),
            (AwsProxy, "POST", "arn:aws:apigateway:us-east-1:firehose:path/b", NO_LAMBDA),
            (
                AwsProxy,
                "POST",
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations",
                NO_LAMBDA,
            ),
            (
                AwsProxy,
                "POST",
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${stageVariables.f}/invocations",
                "",
            ),
            (Aws, "POST", "arn:aws:apigateway:us-east-1:s3:path/b/k", ""),
            (Aws, "POST", "arn:aws:apigateway:us-east-1:bucket.s3:path/k", ""),
            (Aws, "POST", "arn:aws:apigateway:us-east-1:sqs:queue/k", NO_PATH),
            (AwsProxy, "POST", "arn:aws:lambda:us-east-1:123456789012:function:f", NO_PATH),
            (AwsProxy, "POST", "arn:aws", NO_ARN),
            (Aws, "POST", "http://example.com", NO_ARN),
        ] {
            let mut integration = Integration::new(kind, "r");
            integration.uri = Some(uri.into());
            integration.http_method = Some(method.to_owned()).filter(|method| !method.is_empty());
            let found = check(&integration).err().map(|error| error.message).unwrap_or_default();
            assert_eq!(found, expected, "{kind:?} {method} {uri}");
        }
    }
}
