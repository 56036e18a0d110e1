use super::*;

const NO_RESOURCE: &str = "404 NotFoundException Invalid Resource identifier specified";
const NO_METHOD: &str = "404 NotFoundException Invalid Method identifier specified";
const NO_INTEGRATION: &str = "404 NotFoundException Invalid Integration identifier specified";
const NO_CODE: &str = "404 NotFoundException Invalid Response status code specified";
const FUNCTION: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations";

#[test]
fn what_is_put() {
    for (body, more) in [
        (json!({ "type": "MOCK" }), json!({ "type": "MOCK" })),
        (
            json!({ "type": "MOCK", "requestTemplates": { "application/json": "{statusCode:200}" } }),
            json!({ "type": "MOCK", "requestTemplates": { "application/json": "{statusCode:200}" } }),
        ),
        (json!({ "type": "MOCK", "connectionType": "INTERNET" }), json!({ "type": "MOCK" })),
        (
            json!({ "type": "HTTP_PROXY", "uri": "http://example.com", "httpMethod": "POST" }),
            json!({ "type": "HTTP_PROXY", "uri": "http://example.com", "httpMethod": "POST", "connectionType": "INTERNET" }),
        ),
        (
            json!({ "type": "AWS_PROXY", "uri": FUNCTION, "httpMethod": "POST" }),
            json!({ "type": "AWS_PROXY", "uri": FUNCTION, "httpMethod": "POST" }),
        ),
        (
            json!({ "type": "AWS", "uri": FUNCTION, "httpMethod": "POST", "credentials": "arn:aws:iam::1:role/r",
                "passthroughBehavior": "NEVER", "contentHandling": "CONVERT_TO_TEXT", "timeoutInMillis": 50,
                "cacheNamespace": "n", "cacheKeyParameters": ["method.request.path.a"],
                "requestParameters": { "integration.request.header.x": "'y'" },
                "tlsConfig": { "insecureSkipVerification": true } }),
            json!({ "type": "AWS", "uri": FUNCTION, "httpMethod": "POST", "credentials": "arn:aws:iam::1:role/r",
                "passthroughBehavior": "NEVER", "contentHandling": "CONVERT_TO_TEXT", "timeoutInMillis": 50,
                "cacheNamespace": "n", "cacheKeyParameters": ["method.request.path.a"],
                "requestParameters": { "integration.request.header.x": "'y'" },
                "tlsConfig": { "insecureSkipVerification": true } }),
        ),
    ] {
        let rest = Rest::new();
        let method = rest.method("GET");
        let said = rest.bench.ask(&format!("PUT {method}/integration"), &body.to_string());
        let mut expected = json!({
            "cacheKeyParameters": [], "cacheNamespace": rest.root, "passthroughBehavior": "WHEN_NO_MATCH",
            "timeoutInMillis": 29000,
        });
        expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!((said.status, said.json()), (201, expected.clone()), "{body}");
        assert_eq!(rest.bench.ok(&format!("GET {method}/integration"), ""), expected);
        assert_eq!(rest.bench.ok(&format!("GET {method}"), "")["methodIntegration"], expected);
        let said = rest.bench.ask(&format!("DELETE {method}/integration"), "");
        assert_eq!((said.status, said.body.as_str()), (204, ""));
        rest.bench.refused(&format!("GET {method}/integration"), "", NO_INTEGRATION);
        assert_eq!(rest.bench.ok(&format!("GET {method}"), "").get("methodIntegration"), None);
    }
}

#[test]
fn what_is_patched() {
    let rest = Rest::new();
    let line = format!("{}/integration", rest.method("GET"));
    let body = json!({ "type": "HTTP_PROXY", "uri": "http://a", "httpMethod": "GET" }).to_string();
    rest.bench.ok(&format!("PUT {line}"), &body);
    for (op, path, value, member, expected) in [
        ("replace", "/uri", "http://b", "uri", json!("http://b")),
        ("replace", "/httpMethod", "ANY", "httpMethod", json!("ANY")),
        ("replace", "/credentials", "arn:x", "credentials", json!("arn:x")),
        ("remove", "/credentials", "", "credentials", json!(null)),
        ("replace", "/timeoutInMillis", "1000", "timeoutInMillis", json!(1000)),
        ("replace", "/passthroughBehavior", "NEVER", "passthroughBehavior", json!("NEVER")),
        ("replace", "/contentHandling", "CONVERT_TO_BINARY", "contentHandling", json!("CONVERT_TO_BINARY")),
        ("replace", "/contentHandling", "", "contentHandling", json!(null)),
        ("replace", "/connectionType", "INTERNET", "connectionType", json!("INTERNET")),
        ("replace", "/cacheNamespace", "n", "cacheNamespace", json!("n")),
        (
            "add",
            "/cacheKeyParameters/method.request.path.a",
            "",
            "cacheKeyParameters",
            json!(["method.request.path.a"]),
        ),
        ("remove", "/cacheKeyParameters/method.request.path.a", "", "cacheKeyParameters", json!([])),
        (
            "add",
            "/requestParameters/integration.request.header.x",
            "'y'",
            "requestParameters",
            json!({ "integration.request.header.x": "'y'" }),
        ),
        ("remove", "/requestParameters/integration.request.header.x", "", "requestParameters", json!(null)),
        (
            "add",
            "/requestTemplates/application~1json",
            "{}",
            "requestTemplates",
            json!({ "application/json": "{}" }),
        ),
        (
            "replace",
            "/requestTemplates/application~1json",
            "",
            "requestTemplates",
            json!({ "application/json": null }),
        ),
        (
            "replace",
            "/tlsConfig/insecureSkipVerification",
            "true",
            "tlsConfig",
            json!({ "insecureSkipVerification": true }),
        ),
        ("replace", "/type", "MOCK", "type", json!("MOCK")),
    ] {
        let shown = rest.bench.ok(&format!("PATCH {line}"), &patch(op, path, value));
        assert_eq!(shown[member], expected, "{op} {path}");
        assert_eq!(rest.bench.ok(&format!("GET {line}"), ""), shown);
    }
}

#[test]
fn what_is_refused() {
    let rest = Rest::new();
    rest.method("GET");
    let put = "PUT ~/resources/{root}/methods/GET/integration";
    let mock = r#"{"type":"MOCK"}"#;
    let no_method = "400 BadRequestException Enumeration value for HttpMethod must be non-empty";
    let no_url = "400 BadRequestException Invalid HTTP endpoint specified for URI";
    let at = |kind: &str, uri: &str| json!({ "type": kind, "httpMethod": "POST", "uri": uri }).to_string();
    rest.refuses(&[
        ("PUT ~x/resources/{root}/methods/GET/integration", mock, NO_RESOURCE),
        ("PUT ~/resources/x/methods/GET/integration", mock, NO_RESOURCE),
        ("PUT ~/resources/{root}/methods/POST/integration", mock, NO_METHOD),
        ("GET ~x/resources/{root}/methods/GET/integration", "", NO_RESOURCE),
        ("GET ~/resources/x/methods/GET/integration", "", NO_RESOURCE),
        ("GET ~/resources/{root}/methods/POST/integration", "", NO_METHOD),
        ("GET ~/resources/{root}/methods/GET/integration", "", NO_INTEGRATION),
        ("DELETE ~/resources/{root}/methods/GET/integration", "", NO_INTEGRATION),
        ("PATCH ~/resources/{root}/methods/GET/integration", "", NO_INTEGRATION),
        (
            put,
            r#"{"type":"HTTPS_PROXY"}"#,
            "400 ValidationException 1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
        ),
        (
            put,
            "{}",
            "400 ValidationException 1 validation error detected: Value null at 'putIntegrationInput.type' failed to satisfy constraint: Member must not be null",
        ),
        (put, r#"{"type":"HTTP","uri":"http://example.com"}"#, no_method),
        (put, r#"{"type":"HTTP_PROXY","uri":"http://example.com"}"#, no_method),
        (put, r#"{"type":"AWS"}"#, no_method),
        (put, &at("HTTP", "invalid"), no_url),
        (put, &at("HTTP_PROXY", "invalid"), no_url),
        (put, &at("AWS", "not-an-arn"), "400 BadRequestException Invalid ARN specified in the request"),
        (
            put,
            &at("AWS_PROXY", "arn:aws:lambda:us-east-1:0:function:f"),
            "400 BadRequestException AWS ARN for integration must contain path or action",
        ),
        (
            put,
            &at("AWS_PROXY", "arn:aws:apigateway:us-east-1:s3:path/b/k"),
            "400 BadRequestException Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
        ),
        (
            put,
            r#"{"type":"MOCK","httpMethod":"TEST"}"#,
            "400 BadRequestException Invalid HttpMethod specified. Valid options are…",
        ),
        (
            put,
            r#"{"type":"MOCK","requestParameters":{"integration.request.path.a":true}}"#,
            "400 SerializationException class java.lang.Boolean can not be converted to an String",
        ),
        (
            put,
            r#"{"type":"MOCK","requestParameters":{"integration.request.path.a":"true"}}"#,
            "400 BadRequestException Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: true]",
        ),
        (
            put,
            r#"{"type":"MOCK","requestTemplates":{"123":"x"}}"#,
            "400 BadRequestException Validation Result: warnings : [], errors : [Invalid content type specified: 123]",
        ),
        (put, r#"{"type":"MOCK","timeoutInMillis":49}"#, "400 BadRequestException Timeout should be between 50 ms and 29000 ms"),
        (put, r#"{"type":"MOCK","timeoutInMillis":300001}"#, "400 BadRequestException Timeout should be between 50 ms and 300000 ms"),
        (put, r#"{"type":"MOCK","passthroughBehavior":"x"}"#, "400 BadRequestException Invalid passthrough behavior…"),
        (
            put,
            r#"{"type":"HTTP_PROXY","uri":"http://a","httpMethod":"GET","connectionType":"VPC_LINK","connectionId":"x"}"#,
            "501 NotImplementedException gatelet does not support integrations with connectionType VPC_LINK yet",
        ),
        (put, r#"{"type":"MOCK","responseTransferMode":"STREAM"}"#, "501 NotImplementedException …"),
    ]);
    rest.bench.ok(&format!("PUT {}/resources/{}/methods/GET/integration", rest.path, rest.root), mock);
    let update = "PATCH ~/resources/{root}/methods/GET/integration";
    rest.refuses(&[
        (update, &patch("replace", "/nothing", "x"), "400 BadRequestException Invalid patch path /nothing"),
        (
            update,
            &patch("replace", "/requestTemplates", "x"),
            "400 BadRequestException Invalid patch path /requestTemplates",
        ),
        (
            update,
            &patch("add", "/timeoutInMillis", "100"),
            "400 BadRequestException Invalid patch operation specified. Must be one of: [replace]",
        ),
        (update, &patch("replace", "/timeoutInMillis", "x"), "400 BadRequestException Timeout should be…"),
        (update, &patch("replace", "/type", "HTTP"), no_method),
        (update, &patch("replace", "/type", "x"), "400 BadRequestException Invalid integration type…"),
        (
            update,
            &patch("replace", "/contentHandling", "x"),
            "400 BadRequestException Invalid content handling…",
        ),
        (update, &patch("add", "/requestTemplates/x", "x"), "400 BadRequestException Validation Result…"),
        (
            update,
            &patch("add", "/requestParameters/x", "'x'"),
            "400 BadRequestException Invalid mapping expression…",
        ),
    ]);
}

#[test]
fn to_the_letter() {
    let rest = Rest::with(Settings { parity: crate::model::settings::Parity::Aws, ..Settings::default() });
    rest.method("GET");
    let put = "PUT ~/resources/{root}/methods/GET/integration";
    rest.refuses(&[
        (put, r#"{"type":"MOCK","timeoutInMillis":29001}"#, "400 BadRequestException Timeout should be between 50 ms and 29000 ms"),
        (
            put,
            r#"{"type":"MOCK","requestParameters":{"integration.request.path.a":"method.request.path.a"}}"#,
            "400 BadRequestException Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.path.a]",
        ),
    ]);
}

#[test]
fn responses() {
    let rest = Rest::new();
    let method = rest.mock("GET");
    let line = format!("{method}/integration/responses/200");
    for (body, expected) in [
        (json!({}), json!({ "statusCode": "200" })),
        (json!({ "selectionPattern": "" }), json!({ "selectionPattern": "", "statusCode": "200" })),
        (
            json!({ "selectionPattern": "2\\d{2}", "responseTemplates": {} }),
            json!({ "selectionPattern": "2\\d{2}", "responseTemplates": {}, "statusCode": "200" }),
        ),
        (
            json!({ "responseTemplates": { "application/json": "", "text/plain": null } }),
            json!({ "responseTemplates": { "application/json": null, "text/plain": null }, "statusCode": "200" }),
        ),
        (
            json!({ "responseTemplates": { "application/json": "\"created\"" }, "contentHandling": "CONVERT_TO_BINARY" }),
            json!({ "responseTemplates": { "application/json": "\"created\"" }, "contentHandling": "CONVERT_TO_BINARY", "statusCode": "200" }),
        ),
    ] {
        let said = rest.bench.ask(&format!("PUT {line}"), &body.to_string());
        assert_eq!((said.status, said.json()), (201, expected.clone()), "{body}");
        assert_eq!(rest.bench.ok(&format!("GET {line}"), ""), expected);
        let shown = rest.bench.ok(&format!("GET {method}"), "");
        assert_eq!(shown["methodIntegration"]["integrationResponses"], json!({ "200": expected }));
    }
    rest.bench.ok(
        &format!("PUT {method}/responses/200"),
        r#"{"responseParameters":{"method.response.header.a":true}}"#,
    );
    for (op, path, value, member, expected) in [
        ("replace", "/selectionPattern", "x", "selectionPattern", json!("x")),
        ("replace", "/selectionPattern", "", "selectionPattern", json!("")),
        ("remove", "/selectionPattern", "", "selectionPattern", json!(null)),
        ("replace", "/contentHandling", "CONVERT_TO_TEXT", "contentHandling", json!("CONVERT_TO_TEXT")),
        (
            "add",
            "/responseParameters/method.response.header.a",
            "'*'",
            "responseParameters",
            json!({ "method.response.header.a": "'*'" }),
        ),
        ("remove", "/responseParameters/method.response.header.a", "", "responseParameters", json!(null)),
        ("remove", "/responseTemplates/application~1json", "", "responseTemplates", json!(null)),
        ("add", "/responseTemplates/text~1plain", "x", "responseTemplates", json!({ "text/plain": "x" })),
    ] {
        let shown = rest.bench.ok(&format!("PATCH {line}"), &patch(op, path, value));
        assert_eq!(shown[member], expected, "{op} {path}");
    }
    let said = rest.bench.ask(&format!("DELETE {line}"), "");
    assert_eq!((said.status, said.body.as_str()), (204, ""));
    rest.bench.refused(&format!("DELETE {line}"), "", NO_CODE);
}

#[test]
fn responses_that_are_refused() {
    let rest = Rest::new();
    rest.mock("GET");
    rest.method("PUT");
    let invalid = "400 ValidationException 1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy \
                   constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d";
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        rest.refuses(&[
            (
                &format!("{method} ~x/resources/{{root}}/methods/GET/integration/responses/200"),
                "",
                NO_RESOURCE,
            ),
            (&format!("{method} ~/resources/x/methods/GET/integration/responses/200"), "", NO_RESOURCE),
            (&format!("{method} ~/resources/{{root}}/methods/GET/integration/responses/wrong"), "", invalid),
            (
                &format!("{method} ~/resources/{{root}}/methods/PUT/integration/responses/200"),
                "",
                NO_INTEGRATION,
            ),
        ]);
        let no_method = if method == "DELETE" { NO_INTEGRATION } else { NO_METHOD };
        rest.refuses(&[
            (&format!("{method} ~/resources/{{root}}/methods/POST/integration/responses/200"), "", no_method),
            (&format!("{method} ~/resources/{{root}}/methods/x/integration/responses/200"), "", no_method),
        ]);
        if method != "PUT" {
            let line = format!("{method} ~/resources/{{root}}/methods/GET/integration/responses/200");
            rest.refuses(&[(&line, "", NO_CODE)]);
        }
    }
    let put = "PUT ~/resources/{root}/methods/GET/integration/responses/200";
    rest.refuses(&[
        (
            put,
            r#"{"responseTemplates":{"application/json":123}}"#,
            "400 SerializationException class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
        ),
        (
            put,
            r#"{"responseTemplates":{"123":"x"}}"#,
            "400 BadRequestException Validation Result: warnings : [], errors : [Invalid content type specified: 123]",
        ),
        (put, r#"{"contentHandling":"x"}"#, "400 ValidationException 1 validation error detected: Value 'x' at 'putIntegrationResponseInput.contentHandling'…"),
        (
            put,
            r#"{"responseParameters":{"method.response.header.a":"'*'"}}"#,
            "400 BadRequestException Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.response.header.a]",
        ),
        (put, &json!({ "selectionPattern": "x".repeat(5000) }).to_string(), "400 BadRequestException A selection pattern…"),
    ]);
    rest.bench.ok(&put.replace("~", &rest.path).replace("{root}", &rest.root), "{}");
    let update = "PATCH ~/resources/{root}/methods/GET/integration/responses/200";
    rest.refuses(&[
        (update, &patch("replace", "/nothing", "x"), "400 BadRequestException Invalid patch path /nothing"),
        (
            update,
            &patch("copy", "/selectionPattern", "x"),
            "400 BadRequestException Invalid patch operation specified…",
        ),
    ]);
}
