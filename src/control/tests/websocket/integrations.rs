use serde_json::json;

use super::*;

#[test]
fn integrations_have_the_members_and_defaults_of_aws() {
    let (bench, api) = Bench::with_websocket();
    let path = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations";
    for (body, expected) in [
        (
            json!({ "integrationType": "AWS_PROXY", "integrationUri": path, "integrationMethod": "POST" }),
            json!({}),
        ),
        // Tools that know only functions say no method.
        (
            json!({ "integrationType": "AWS_PROXY", "integrationUri": FUNCTION, "payloadFormatVersion": "1.0" }),
            json!({ "integrationMethod": "POST" }),
        ),
        (
            json!({
                "integrationType": "AWS", "integrationUri": path, "integrationMethod": "POST",
                "contentHandlingStrategy": "CONVERT_TO_TEXT", "passthroughBehavior": "NEVER", "timeoutInMillis": 50,
            }),
            json!({ "integrationResponseSelectionExpression": "${integration.response.body.errorMessage}" }),
        ),
        (
            json!({
                "integrationType": "HTTP", "integrationUri": "http://a", "integrationMethod": "PUT",
                "requestTemplates": { "join": "joined", "$default": "{}" },
                "templateSelectionExpression": "${request.body.action}",
                "requestParameters": { "integration.request.header.connectionId": "context.connectionId" },
            }),
            json!({ "integrationResponseSelectionExpression": "${integration.response.statuscode}" }),
        ),
        (
            json!({ "integrationType": "HTTP_PROXY", "integrationUri": "http://a", "integrationMethod": "ANY" }),
            json!({}),
        ),
        (
            json!({ "integrationType": "MOCK", "requestTemplates": { "application/json": "{\"statusCode\":200}" } }),
            json!({ "integrationResponseSelectionExpression": "${integration.response.statuscode}" }),
        ),
    ] {
        let said = bench.ask(&format!("POST {api}/integrations"), &body.to_string());
        assert_eq!(said.status, 201, "{body} {}", said.body);
        let id = text(&said.json(), "integrationId");
        let mut whole = json!({
            "integrationId": id,
            "connectionType": "INTERNET",
            "payloadFormatVersion": "1.0",
            "passthroughBehavior": "WHEN_NO_MATCH",
            "timeoutInMillis": 29000,
        });
        for members in [&body, &expected] {
            whole.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        }
        assert_eq!(said.json(), whole);
        let path = format!("{api}/integrations/{id}");
        bench.lives_and_goes(&path, &whole, &format!("Invalid Integration identifier specified {id}"));
    }
}

#[test]
fn what_is_refused() {
    let (bench, api) = Bench::with_websocket();
    let of = |kind: &str, more: &str| format!(r#"{{"integrationType":"{kind}"{more}}}"#);
    let mock = |template: &str| {
        json!({ "integrationType": "MOCK", "requestTemplates": { "200": template } }).to_string()
    };
    let http = |more: &str| {
        of("HTTP", &format!(r#","integrationUri":"http://a","integrationMethod":"POST",{more}"#))
    };
    let lambda = |more: &str| of("AWS_PROXY", &format!(r#","integrationUri":"{FUNCTION}",{more}"#));
    for (body, expected) in [
        ("{}".to_owned(), "400 BadRequestException Integration type is required"),
        (of("LAMBDA", ""), "400 BadRequestException integrationType must be one of…"),
        (
            of("HTTP", r#","integrationUri":"http://a""#),
            "400 BadRequestException Integration method is required…",
        ),
        (
            of("HTTP_PROXY", r#","integrationMethod":"GET""#),
            "400 BadRequestException Integration URI is required",
        ),
        (of("AWS_PROXY", ""), "400 BadRequestException Integration URI is required"),
        (of("HTTP", r#","integrationMethod":"TALK""#), "400 BadRequestException integrationMethod must be…"),
        (
            of("AWS", r#","integrationMethod":"POST","integrationUri":"http://a""#),
            "400 BadRequestException AWS integrations must have the ARN of a Lambda function as their URI",
        ),
        (
            of(
                "AWS",
                r#","integrationMethod":"POST","integrationUri":"arn:aws:apigateway:us-east-1:sqs:path/1/q""#,
            ),
            "501 NotImplementedException gatelet does not support AWS integrations with services other than Lambda…",
        ),
        (
            lambda(r#""payloadFormatVersion":"2.0""#),
            "400 BadRequestException payloadFormatVersion 2.0 is not…",
        ),
        (lambda(r#""payloadFormatVersion":"3.0""#), "400 BadRequestException payloadFormatVersion must be…"),
        (
            lambda(r#""timeoutInMillis":29001"#),
            "400 BadRequestException timeoutInMillis must be between 50 and 29000",
        ),
        (
            lambda(r#""integrationSubtype":"SQS-SendMessage""#),
            "400 BadRequestException integrationSubtype is not…",
        ),
        (lambda(r#""tlsConfig":{"serverNameToVerify":"a"}"#), "400 BadRequestException tlsConfig is not…"),
        (lambda(r#""responseParameters":{"200":{}}"#), "400 BadRequestException responseParameters is not…"),
        (
            lambda(r#""connectionType":"VPC_LINK","connectionId":"x""#),
            "400 BadRequestException Invalid VpcLink…",
        ),
        (lambda(r#""passthroughBehavior":"ALWAYS""#), "400 BadRequestException passthroughBehavior must be…"),
        (
            lambda(r#""contentHandlingStrategy":"TEXT""#),
            "400 BadRequestException contentHandlingStrategy must…",
        ),
        (
            http(r#""templateSelectionExpression":"${a""#),
            "400 BadRequestException Invalid templateSelection…",
        ),
        (
            http(r#""requestTemplates":{"a":"$input.body"}"#),
            "400 BadRequestException gatelet does not support mapping templates with $ or # yet, and requestTemplates a \
             has one at byte 0…",
        ),
        (http(r##""requestTemplates":{"a":"x #set"}"##), "400 BadRequestException gatelet does not support…"),
        (
            mock("{}"),
            "400 BadRequestException requestTemplates 200 of a MOCK integration must be a JSON object with a statusCode…",
        ),
        (mock("$input"), "400 BadRequestException gatelet does not support mapping templates…"),
        (mock(r#"{"statusCode":"200"}"#), "400 BadRequestException requestTemplates 200…"),
        (
            http(r#""requestParameters":{"header.a":"'b'"}"#),
            "400 BadRequestException Invalid mapping expression…",
        ),
        (
            http(r#""requestParameters":{"integration.request.header.a":"b"}"#),
            "400 BadRequestException Invalid mapping expression specified: Validation Result: warnings : [], errors : \
             [Invalid mapping expression parameter specified: b]",
        ),
        (
            http(r#""requestParameters":{"integration.request.header.":"'b'"}"#),
            "400 BadRequestException Invalid…",
        ),
    ] {
        bench.refused(&format!("POST {api}/integrations"), &body, expected);
    }
    let long = "x".repeat(300 * 1024 + 1);
    bench.refused(
        &format!("POST {api}/integrations"),
        &http(&format!(r#""requestTemplates":{{"a":"{long}"}}"#)),
        "400 BadRequestException requestTemplates a has more than…",
    );
}

#[test]
fn a_proxy_keeps_templates_that_it_has_no_use_for() {
    let (bench, api) = Bench::with_websocket();
    let body = r#"{"integrationType":"HTTP_PROXY","integrationUri":"http://a","integrationMethod":"POST",
        "requestTemplates":{"a":"$input.body"}}"#;
    let path = bench.made(&format!("{api}/integrations"), "integrationId", body);
    bench.refused(
        &format!("PATCH {path}"),
        r#"{"integrationType":"HTTP"}"#,
        "400 BadRequestException gatelet does not support mapping templates…",
    );
    let response = r#"{"integrationResponseKey":"$default","responseTemplates":{"a":"$input.body"}}"#;
    bench.ok(&format!("POST {path}/integrationresponses"), response);
    bench.refused(
        &format!("PATCH {path}"),
        r#"{"integrationType":"HTTP","requestTemplates":{}}"#,
        "400 BadRequestException gatelet does not support mapping templates with $ or # yet, and responseTemplates a…",
    );
}

#[test]
fn integration_responses() {
    let (bench, api) = Bench::with_websocket();
    let path = bench.made(&format!("{api}/integrations"), "integrationId", r#"{"integrationType":"MOCK"}"#);
    let list = format!("{path}/integrationresponses");
    let with = |more: &str| format!(r#"{{"integrationResponseKey":"$default",{more}}}"#);
    for (body, expected) in [
        ("{}".to_owned(), "400 BadRequestException Integration response key is required"),
        (
            r#"{"integrationResponseKey":"200"}"#.to_owned(),
            "400 BadRequestException Invalid integrationResponseKey…",
        ),
        (
            r#"{"integrationResponseKey":"/(/"}"#.to_owned(),
            "400 BadRequestException Invalid integrationResponseKey…",
        ),
        (with(r#""templateSelectionExpression":"$x""#), "400 BadRequestException Invalid templateSelection…"),
        (with(r#""contentHandlingStrategy":"x""#), "400 BadRequestException contentHandlingStrategy must…"),
        (with(r##""responseTemplates":{"a":"#if"}"##), "400 BadRequestException gatelet does not support…"),
    ] {
        bench.refused(&format!("POST {list}"), &body, expected);
    }
    let body = r#"{"integrationResponseKey":"/2\\d\\d/","templateSelectionExpression":"${integration.response.statuscode}",
        "responseTemplates":{"200":"{}"},"contentHandlingStrategy":"CONVERT_TO_TEXT","responseParameters":{"a":"b"}}"#;
    let response = bench.made(&list, "integrationResponseId", body);
    let id = response.rsplit_once('/').unwrap().1;
    let mut expected = json!({
        "integrationResponseId": id,
        "integrationResponseKey": "/2\\d\\d/",
        "templateSelectionExpression": "${integration.response.statuscode}",
        "responseTemplates": { "200": "{}" },
        "contentHandlingStrategy": "CONVERT_TO_TEXT",
        "responseParameters": { "a": "b" },
    });
    bench.refused(
        &format!("POST {list}"),
        body,
        r"409 ConflictException IntegrationResponse with key /2\d\d/ already…",
    );
    expected["integrationResponseKey"] = "$default".into();
    assert_eq!(bench.ok(&format!("PATCH {response}"), r#"{"integrationResponseKey":"$default"}"#), expected);
    bench.lives_and_goes(
        &response,
        &expected,
        &format!("Invalid IntegrationResponse identifier specified {id}"),
    );
    bench.refused(
        &format!("GET {api}/integrations/x/integrationresponses"),
        "",
        "404 NotFoundException Invalid Integration identifier specified x",
    );
}
