use serde_json::json;

use super::*;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

#[test]
fn an_integration_has_the_members_and_defaults_of_aws() {
    let (bench, api) = Bench::with_api();
    let body = format!(
        r#"{{"integrationType":"AWS_PROXY","integrationUri":"{FUNCTION}","passthroughBehavior":"WHEN_NO_MATCH"}}"#
    );
    let said = bench.ask(&format!("POST {api}/integrations"), &body);
    let id = text(&said.json(), "integrationId");
    let mut expected = json!({
        "integrationId": id,
        "integrationType": "AWS_PROXY",
        "integrationUri": FUNCTION,
        "integrationMethod": "POST",
        "connectionType": "INTERNET",
        "payloadFormatVersion": "1.0",
        "timeoutInMillis": 30000,
    });
    assert_eq!((said.status, said.json(), id.len()), (201, expected.clone(), 7));
    let path = format!("{api}/integrations/{id}");
    assert_eq!(bench.ok(&format!("GET {path}"), ""), expected);
    expected["payloadFormatVersion"] = "2.0".into();
    expected["timeoutInMillis"] = 50.into();
    expected["description"] = "d".into();
    expected["credentialsArn"] = "arn:aws:iam::000000000000:role/r".into();
    let update = r#"{"payloadFormatVersion":"2.0","timeoutInMillis":50,"description":"d",
                     "credentialsArn":"arn:aws:iam::000000000000:role/r"}"#;
    assert_eq!(bench.ok(&format!("PATCH {path}"), update), expected);
    assert_eq!(bench.ok(&format!("GET {api}/integrations"), ""), json!({ "items": [expected] }));
    let route = format!(r#"{{"routeKey":"GET /","target":"integrations/{id}"}}"#);
    let route = text(&bench.ok(&format!("POST {api}/routes"), &route), "routeId");
    bench.refused(
        &format!("DELETE {path}"),
        "",
        &format!(
            "409 ConflictException Cannot delete Integration because it is referenced by the following Routes with Ids: \
             [{route}]"
        ),
    );
    bench.ok(&format!("DELETE {api}/routes/{route}"), "");
    assert_eq!(bench.ask(&format!("DELETE {path}"), "").status, 204);
    bench.refused(
        &format!("GET {path}"),
        "",
        &format!("404 NotFoundException Invalid Integration identifier specified {id}"),
    );
}

#[test]
fn which_uris_are_taken() {
    let (bench, api) = Bench::with_api();
    for (kind, uri, taken) in [
        ("AWS_PROXY", FUNCTION, true),
        ("AWS_PROXY", "arn:aws:lambda:us-east-1:000000000000:function:f:alias", true),
        (
            "AWS_PROXY",
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations",
            true,
        ),
        ("AWS_PROXY", "arn:aws:lambda:us-east-1:000000000000:function:${stageVariables.f}", true),
        ("AWS_PROXY", "f", false),
        ("AWS_PROXY", "http://localhost", false),
        ("AWS_PROXY", "arn:aws:sqs:us-east-1:000000000000:queue", false),
        ("HTTP_PROXY", "http://localhost", true),
        ("HTTP_PROXY", "https://example.com:8443/a/{proxy}?x=1", true),
        ("HTTP_PROXY", "http://${stageVariables.host}/x", true),
        ("HTTP_PROXY", "http://", false),
        ("HTTP_PROXY", "http:///x", false),
        ("HTTP_PROXY", "http://a b", false),
        ("HTTP_PROXY", "ftp://localhost", false),
        ("HTTP_PROXY", FUNCTION, false),
    ] {
        let body = format!(r#"{{"integrationType":"{kind}","integrationUri":"{uri}"}}"#);
        let said = bench.ask(&format!("POST {api}/integrations"), &body);
        assert_eq!(said.status, if taken { 201 } else { 400 }, "{kind} {uri}: {}", said.body);
    }
}

#[test]
fn what_is_refused() {
    let (bench, api) = Bench::with_api();
    let http =
        |more: &str| format!(r#"{{"integrationType":"HTTP_PROXY","integrationUri":"http://a",{more}}}"#);
    for (body, expected) in [
        ("{}".into(), "400 BadRequestException Integration type is required"),
        (r#"{"integrationType":"LAMBDA"}"#.into(), "400 BadRequestException integrationType must be one of…"),
        (
            r#"{"integrationType":"MOCK"}"#.into(),
            "400 BadRequestException Currently, an API with a protocol type of HTTP may only be associated with proxy \
             integrations (AWS_PROXY, HTTP_PROXY)",
        ),
        (r#"{"integrationType":"HTTP_PROXY"}"#.into(), "400 BadRequestException Integration URI is required"),
        (http(r#""payloadFormatVersion":"2.0""#), "400 BadRequestException HTTP_PROXY integrations only…"),
        (
            http(r#""payloadFormatVersion":"3.0""#),
            "400 BadRequestException payloadFormatVersion must be one of…",
        ),
        (http(r#""integrationMethod":"BREW""#), "400 BadRequestException integrationMethod must be one of…"),
        (
            http(r#""timeoutInMillis":49"#),
            "400 BadRequestException timeoutInMillis must be between 50 and 30000",
        ),
        (http(r#""timeoutInMillis":30001"#), "400 BadRequestException timeoutInMillis must be…"),
        (
            http(r#""connectionType":"VPC_LINK","connectionId":"abc""#),
            "400 BadRequestException Invalid VpcLink…",
        ),
        (http(r#""connectionId":"abc""#), "400 BadRequestException Invalid VpcLink…"),
        (http(r#""requestTemplates":{}"#), "400 BadRequestException requestTemplates is not supported…"),
        (http(r#""requestParameters":{"a":1}"#), "400 SerializationException …"),
        (http(r#""responseParameters":{"200":[]}"#), "400 SerializationException …"),
    ] {
        bench.refused(&format!("POST {api}/integrations"), &body, expected);
    }
}

#[test]
fn which_mappings_are_taken() {
    let (bench, api) = Bench::with_api();
    let path = format!("{api}/integrations");
    for (key, value, taken) in [
        ("append:header.x-a", "$request.header.y", true),
        ("overwrite:header.Host", "example.com", true),
        ("remove:header.x-a", "''", true),
        ("append:querystring.a", "$request.querystring.b", true),
        ("overwrite:path", "/x/${request.path.id}-${context.requestId}", true),
        ("overwrite:path", "$request.path", true),
        ("append:header.x-a", "$request.body", true),
        ("append:header.x-a", "$request.body.items[0].id", true),
        ("append:header.x-a", "$stageVariables.a", true),
        ("append:header.x-a", "$", false),
        ("append:header.x-a", "$request.body..id", false),
        ("append:header.x-a", "$request.body[?(@.a)]", false),
        ("append:header.x-a", "$request.cookie.a", false),
        ("append:header.x-a", "$response.header.a", false),
        ("append:header.x-a", "a${request.header.b", false),
        ("append:header.x-a", "${}", false),
        ("append:header.Authorization", "a", false),
        ("overwrite:header.X-Amz-Foo", "a", false),
        ("append:header.access-control-allow-origin", "a", false),
        ("append:header.", "a", false),
        ("append:header.a b", "a", false),
        ("append:cookie.a", "a", false),
        ("append:path", "a", false),
        ("add:header.a", "a", false),
        ("header.a", "a", false),
    ] {
        let body = json!({ "integrationType": "HTTP_PROXY", "integrationUri": "http://a",
                           "requestParameters": { key: value } });
        let said = bench.ask(&format!("POST {path}"), &body.to_string());
        assert_eq!(said.status, if taken { 201 } else { 400 }, "{key} {value}: {}", said.body);
    }
    for (status, key, value, taken) in [
        ("200", "append:header.x", "$response.header.y", true),
        ("599", "overwrite:statuscode", "403", true),
        ("200", "remove:header.x", "''", true),
        ("199", "append:header.x", "a", false),
        ("600", "append:header.x", "a", false),
        ("2xx", "append:header.x", "a", false),
        ("200", "append:header.x", "$request.header.y", false),
        ("200", "append:querystring.x", "a", false),
        ("200", "append:statuscode", "a", false),
        ("200", "overwrite:header.x-amzn-requestid", "a", false),
    ] {
        let body = json!({ "integrationType": "HTTP_PROXY", "integrationUri": "http://a",
                           "responseParameters": { status: { key: value } } });
        let said = bench.ask(&format!("POST {path}"), &body.to_string());
        assert_eq!(said.status, if taken { 201 } else { 400 }, "{status} {key} {value}: {}", said.body);
    }
}

#[test]
fn mappings_merge_and_empty_ones_go() {
    let (bench, api) = Bench::with_api();
    let create = r#"{"integrationType":"HTTP_PROXY","integrationUri":"http://a",
        "requestParameters":{"append:header.a":"1","append:header.b":"2"},
        "responseParameters":{"200":{"append:header.a":"1"},"404":{"overwrite:statuscode":"403"}}}"#;
    let id = text(&bench.ok(&format!("POST {api}/integrations"), create), "integrationId");
    let update = r#"{"requestParameters":{"append:header.a":"","append:header.c":"3"},"responseParameters":{"200":{}}}"#;
    let shown = bench.ok(&format!("PATCH {api}/integrations/{id}"), update);
    assert_eq!(shown["requestParameters"], json!({ "append:header.b": "2", "append:header.c": "3" }));
    assert_eq!(shown["responseParameters"], json!({ "404": { "overwrite:statuscode": "403" } }));
    let update = r#"{"requestParameters":{"append:header.b":"","append:header.c":""},
                     "responseParameters":{"404":{"overwrite:statuscode":""}}}"#;
    let shown = bench.ok(&format!("PATCH {api}/integrations/{id}"), update);
    assert_eq!((&shown["requestParameters"], &shown["responseParameters"]), (&Value::Null, &Value::Null));
}

/// An SQS-SendMessage with more of these members.
fn send(more: &str) -> String {
    format!(
        r#"{{"integrationType":"AWS_PROXY","integrationSubtype":"SQS-SendMessage",
            "credentialsArn":"arn:aws:iam::000000000000:role/r"{more}}}"#
    )
}

#[test]
fn calls_of_services_are_checked() {
    let (bench, api) = Bench::with_api();
    let path = format!("{api}/integrations");
    let given = r#","requestParameters":{"QueueUrl":"http://q","MessageBody":"$request.body"}"#;
    let answer = bench.ok(&format!("POST {path}"), &send(given));
    let id = text(&answer, "integrationId");
    let expected = json!({
        "integrationId": id, "integrationType": "AWS_PROXY", "integrationSubtype": "SQS-SendMessage",
        "connectionType": "INTERNET", "credentialsArn": "arn:aws:iam::000000000000:role/r",
        "payloadFormatVersion": "1.0", "timeoutInMillis": 30000,
        "requestParameters": { "QueueUrl": "http://q", "MessageBody": "$request.body" },
    });
    assert_eq!(answer, expected);
    let update = format!("PATCH {path}/{id}");
    let shown = bench.ok(&update, r#"{"requestParameters":{"DelaySeconds":"5"}}"#);
    assert_eq!(shown["requestParameters"]["DelaySeconds"], "5");
    bench.refused(
        &update,
        r#"{"requestParameters":{"MessageBody":""}}"#,
        "400 BadRequestException SQS-SendMessage requires the request parameters [MessageBody]",
    );
    let shown = bench.ok(
        &update,
        r#"{"integrationSubtype":"SQS-PurgeQueue","requestParameters":{"MessageBody":"","DelaySeconds":""}}"#,
    );
    assert_eq!(shown["requestParameters"], json!({ "QueueUrl": "http://q" }));

    let create = format!("POST {path}");
    for (body, expected) in [
        (send(""), "SQS-SendMessage requires the request parameters [QueueUrl, MessageBody]"),
        (
            send(
                r#","requestParameters":{"QueueUrl":"q","MessageBody":"m","Queue":"x","Regions":"y","Region":"z"}"#,
            ),
            "SQS-SendMessage does not take the request parameters [Queue, Regions]",
        ),
        (
            send(r#","requestParameters":{"QueueUrl":"q","MessageBody":"$request.cookie"}"#),
            "Invalid selection expression specified: Validation Result: warnings : [], errors : [Invalid source: \
             $request.cookie specified for destination: MessageBody]",
        ),
        (send(r#","integrationUri":"http://a""#), "integrationUri is not supported for…"),
        (send(r#","payloadFormatVersion":"2.0""#), "Integrations with an integrationSubtype only…"),
        (
            send("").replace("SQS-SendMessage", "SQS-SendMessageBatch"),
            "Invalid integrationSubtype specified: SQS-SendMessageBatch. Must be one of…",
        ),
        (send("").replace("AWS_PROXY", "HTTP_PROXY"), "integrationSubtype can only be set for…"),
        (send(given).replace("arn:aws:iam", "iam"), "SQS-SendMessage requires the ARN of a role…"),
    ] {
        bench.refused(&create, &body, &format!("400 BadRequestException {expected}"));
    }
}
