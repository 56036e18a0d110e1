use super::*;

const NO_RESOURCE: &str = "404 NotFoundException Invalid Resource identifier specified";
const NO_METHOD: &str = "404 NotFoundException Invalid Method identifier specified";
const NO_CODE: &str = "404 NotFoundException Invalid Response status code specified";
const NO_AUTHORIZER: &str = "400 BadRequestException Invalid authorizer ID specified. Setting the authorization type to \
                             CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.";

#[test]
fn a_life() {
    let rest = Rest::new();
    let line = format!("{}/resources/{}/methods/ANY", rest.path, rest.root);
    let said = rest.bench.ask(&format!("PUT {line}"), r#"{"authorizationType":"NONE"}"#);
    let expected = json!({ "apiKeyRequired": false, "authorizationType": "NONE", "httpMethod": "ANY" });
    assert_eq!((said.status, said.json()), (201, expected.clone()));
    assert_eq!(rest.bench.ok(&format!("GET {line}"), ""), expected);
    let said = rest.bench.ask(&format!("DELETE {line}"), "");
    assert_eq!((said.status, said.body.as_str()), (204, ""));
    for method in ["GET", "DELETE", "PATCH"] {
        rest.bench.refused(&format!("{method} {line}"), "", NO_METHOD);
    }
    let full = json!({
        "authorizationType": "AWS_IAM", "apiKeyRequired": true, "operationName": "op", "authorizationScopes": ["a"],
        "requestParameters": { "method.request.header.h": false, "method.request.path.p": "true" },
        "requestModels": { "application/json": "Empty" }, "requestValidatorId": "",
    });
    let shown = json!({
        "apiKeyRequired": true, "authorizationType": "AWS_IAM", "httpMethod": "ANY", "operationName": "op",
        "authorizationScopes": ["a"], "requestModels": { "application/json": "Empty" },
        "requestParameters": { "method.request.header.h": false, "method.request.path.p": true },
    });
    assert_eq!(rest.bench.ok(&format!("PUT {line}"), &full.to_string()), shown);
}

#[test]
fn what_is_patched() {
    let rest = Rest::new();
    let line = rest.method("ANY");
    for (operations, expected) in [
        (
            vec![
                ("add", "/requestParameters/method.request.querystring.optional", "true"),
                ("add", "/requestModels/application~1json", "Empty"),
            ],
            json!({
                "apiKeyRequired": false, "authorizationType": "NONE", "httpMethod": "ANY",
                "requestModels": { "application/json": "Empty" },
                "requestParameters": { "method.request.querystring.optional": true },
            }),
        ),
        (
            vec![
                ("replace", "/authorizationType", "AWS_IAM"),
                ("replace", "/apiKeyRequired", "true"),
                ("replace", "/operationName", "name"),
                ("replace", "/requestParameters/method.request.querystring.optional", "false"),
            ],
            json!({
                "apiKeyRequired": true, "authorizationType": "AWS_IAM", "httpMethod": "ANY", "operationName": "name",
                "requestModels": { "application/json": "Empty" },
                "requestParameters": { "method.request.querystring.optional": false },
            }),
        ),
        (
            vec![
                ("remove", "/requestParameters/method.request.querystring.optional", ""),
                ("remove", "/requestModels/application~1json", ""),
                ("replace", "/operationName", ""),
                ("replace", "/apiKeyRequired", "what"),
                ("add", "/authorizationScopes", "a"),
            ],
            json!({
                "apiKeyRequired": false, "authorizationType": "AWS_IAM", "httpMethod": "ANY", "authorizationScopes": ["a"],
            }),
        ),
        (
            vec![
                ("remove", "/authorizationScopes", "a"),
                ("replace", "/authorizationType", "NONE"),
                // Nothing to authorize: ignored.
                ("replace", "/authorizerId", "any"),
            ],
            json!({ "apiKeyRequired": false, "authorizationType": "NONE", "httpMethod": "ANY" }),
        ),
    ] {
        assert_eq!(rest.bench.ok(&format!("PATCH {line}"), &patches(&operations)), expected);
        assert_eq!(rest.bench.ok(&format!("GET {line}"), ""), expected);
    }
}

#[test]
fn what_is_refused() {
    let rest = Rest::new();
    rest.method("ANY");
    let put = |more: &str| format!(r#"{{"authorizationType":"NONE"{more}}}"#);
    let any = "PATCH ~/resources/{root}/methods/ANY";
    let only_replace = "400 BadRequestException Invalid patch operation specified. Must be one of: [replace]";
    let get = "PUT ~/resources/{root}/methods/GET";
    rest.refuses(&[
        ("PUT ~x/resources/{root}/methods/GET", &put(""), NO_RESOURCE),
        ("PUT ~/resources/x/methods/GET", &put(""), NO_RESOURCE),
        ("GET ~/resources/x/methods/GET", "", NO_RESOURCE),
        ("GET ~/resources/{root}/methods/get", "", NO_METHOD),
        ("DELETE ~/resources/x/methods/ANY", "", NO_RESOURCE),
        (
            "PUT ~/resources/{root}/methods/TEST",
            &put(""),
            "400 BadRequestException Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
        ),
        ("PUT ~/resources/{root}/methods/ANY", &put(""), "409 ConflictException Method already exists for this resource"),
        (get, "{}", "400 BadRequestException Invalid Authorization type specified. Valid options are…"),
        (get, r#"{"authorizationType":"CUSTOM"}"#, NO_AUTHORIZER),
        (get, r#"{"authorizationType":"COGNITO_USER_POOLS","authorizerId":"x"}"#, NO_AUTHORIZER),
        (get, &put(r#","requestValidatorId":"x""#), "400 BadRequestException Invalid Request Validator identifier specified"),
        (
            get,
            &put(r#","requestModels":{"application/json":"petModel"}"#),
            "400 BadRequestException Invalid model identifier specified: petModel",
        ),
        (
            get,
            &put(r#","requestParameters":{"method.request.header.a":true,"method.request.querystring.a":false}"#),
            "400 BadRequestException Parameter names must be unique across querystring, header and path",
        ),
        (get, &put(r#","requestParameters":{"x":true}"#), "400 BadRequestException Invalid mapping expression specified…"),
        (get, &put(r#","requestParameters":{"method.request.path.a":1}"#), "400 SerializationException …"),
        (get, &put(r#","requestModels":{"application/json":true}"#), "400 SerializationException class java.lang.Boolean can not be converted to an String"),
        ("PATCH ~x/resources/{root}/methods/ANY", "", NO_RESOURCE),
        ("PATCH ~/resources/x/methods/ANY", "", NO_RESOURCE),
        ("PATCH ~/resources/{root}/methods/GET", "", NO_METHOD),
        (any, &patch("add", "/authorizationType", "NONE"), only_replace),
        (any, &patch("remove", "/apiKeyRequired", ""), only_replace),
        (any, &patch("replace", "/httpMethod", "GET"), "400 BadRequestException Invalid patch path /httpMethod"),
        (any, &patch("replace", "/requestParameters", "x"), "400 BadRequestException Invalid patch path /requestParameters"),
        (
            any,
            &patch("add", "/requestModels/application/json", "Empty"),
            "400 BadRequestException Invalid patch path /requestModels/application/json",
        ),
        (any, &patch("replace", "/authorizationType", "CUSTOM"), NO_AUTHORIZER),
        (any, &patch("replace", "/authorizationType", "x"), "400 BadRequestException Invalid Authorization type…"),
        (
            any,
            &patches(&[("replace", "/authorizationType", "CUSTOM"), ("replace", "/authorizerId", "abc123")]),
            NO_AUTHORIZER,
        ),
        (any, &patch("replace", "/requestValidatorId", "x"), "400 BadRequestException Invalid Request Validator identifier specified"),
        (
            any,
            r#"{"patchOperations":[{"op":"replace","path":"/apiKeyRequired","value":true}]}"#,
            "400 SerializationException class java.lang.Boolean can not be converted to an String",
        ),
        (any, r#"{"patchOperations":{}}"#, "400 SerializationException …"),
        (
            any,
            r#"{"patchOperations":[{"path":"/operationName"}]}"#,
            "400 ValidationException 1 validation error detected: Value null at \
             'updateMethodInput.patchOperations.1.member.op' failed to satisfy constraint: Member must not be null",
        ),
    ]);
    let many: Vec<_> = (0..1001).map(|_| ("replace", "/operationName", "x")).collect();
    let line = format!("PATCH {}/resources/{}/methods/ANY", rest.path, rest.root);
    rest.bench.refused(&line, &patches(&many), "400 BadRequestException A call can have at most 1000…");
}

#[test]
fn responses() {
    let rest = Rest::new();
    let method = rest.method("GET");
    let line = format!("{method}/responses/200");
    let said = rest.bench.ask(&format!("PUT {line}"), r#"{"responseModels":{},"responseParameters":{}}"#);
    let empty = json!({ "responseModels": {}, "responseParameters": {}, "statusCode": "200" });
    assert_eq!((said.status, said.json()), (201, empty.clone()), "empty maps are returned");
    assert_eq!(rest.bench.ok(&format!("GET {line}"), ""), empty);
    let more = patches(&[
        ("add", "/responseParameters/method.response.header.my-header", "true"),
        ("add", "/responseModels/application~1json", "Empty"),
    ]);
    let said = rest.bench.ask(&format!("PATCH {line}"), &more);
    let full = json!({
        "responseModels": { "application/json": "Empty" },
        "responseParameters": { "method.response.header.my-header": true }, "statusCode": "200",
    });
    assert_eq!((said.status, said.json()), (201, full.clone()), "an update answers 201");
    let shown = rest.bench.ok(&format!("GET {method}"), "");
    assert_eq!(shown["methodResponses"], json!({ "200": full }));
    let less = patches(&[
        ("remove", "/responseParameters/method.response.header.my-header", ""),
        ("remove", "/responseModels/application~1json", ""),
    ]);
    assert_eq!(rest.bench.ok(&format!("PATCH {line}"), &less), json!({ "statusCode": "200" }));

    let invalid = "400 ValidationException 1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy \
                   constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d";
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        rest.refuses(&[
            (&format!("{method} ~/resources/x/methods/GET/responses/200"), "", NO_RESOURCE),
            (&format!("{method} ~/resources/{{root}}/methods/POST/responses/200"), "", NO_METHOD),
            (&format!("{method} ~/resources/{{root}}/methods/GET/responses/wrong"), "", invalid),
        ]);
        if method != "PUT" {
            rest.refuses(&[(
                &format!("{method} ~/resources/{{root}}/methods/GET/responses/201"),
                "",
                NO_CODE,
            )]);
        }
    }
    let update = "PATCH ~/resources/{root}/methods/GET/responses/200";
    let no_parameter = "404 NotFoundException Invalid parameter name specified";
    let no_type = "404 NotFoundException Content-Type specified was not found";
    rest.refuses(&[
        (update, &patch("remove", "/responseParameters/method.response.header.x", ""), no_parameter),
        (update, &patch("remove", "/responseModels/application~1json", ""), no_type),
        (update, &patch("replace", "/responseParameters/method.response.header.x", "true"), no_parameter),
        (update, &patch("replace", "/responseModels/application~1json", "Empty"), no_type),
        (
            update,
            &patch("add", "/wrong/method.response.header.my-header", "true"),
            "400 BadRequestException Invalid patch path /wrong/method.response.header.my-header",
        ),
        (update, &patch("add", "/responseParameters/x", "true"), "400 BadRequestException Invalid mapping expression…"),
        (
            "PATCH ~/resources/{root}/methods/GET/responses/wrong",
            &patch("wrong_op", "/responseParameters/x", ""),
            "400 ValidationException 2 validation errors detected: Value 'wrong_op' at \
             'updateMethodResponseInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy \
             enum value set: [add, remove, move, test, replace, copy]; Value 'wrong' at 'statusCode' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d",
        ),
    ]);
    let said = rest.bench.ask(&format!("DELETE {line}"), "");
    assert_eq!((said.status, said.body.as_str()), (204, ""));
    rest.bench.refused(&format!("DELETE {line}"), "", NO_CODE);
}
