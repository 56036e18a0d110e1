use super::*;

#[test]
fn from_creation_to_an_answerable_stage() {
    let rest = Rest::new();
    let (bench, path, root) = (&rest.bench, &rest.path, &rest.root);
    let pets = bench.ok(&format!("POST {path}/resources/{root}"), r#"{"pathPart":"pets"}"#);
    let pets = format!("{path}/resources/{}", text(&pets, "id"));
    bench.ok(&format!("PUT {pets}/methods/GET"), r#"{"authorizationType":"NONE"}"#);
    let mock = r#"{"type":"MOCK","requestTemplates":{"application/json":"{\"statusCode\": 200}"}}"#;
    bench.ok(&format!("PUT {pets}/methods/GET/integration"), mock);
    bench.ok(&format!("PUT {pets}/methods/GET/responses/200"), "{}");
    bench.ok(&format!("PUT {pets}/methods/GET/integration/responses/200"), "{}");
    let deployment = bench.ok(&format!("POST {path}/deployments"), r#"{"stageName":"dev"}"#);
    let stage = bench.ok(&format!("GET {path}/stages/dev"), "");
    assert_eq!(stage["deploymentId"], deployment["id"]);
}

/// What CreateRestApi answers, with other members.
fn created(api: &Value, more: Value) -> Value {
    let mut expected = json!({
        "apiKeySource": "HEADER", "createdDate": 1_586_372_745, "disableExecuteApiEndpoint": false,
        "endpointConfiguration": { "ipAddressType": "ipv4", "types": ["EDGE"] },
        "id": api["id"], "name": "x", "rootResourceId": api["rootResourceId"],
    });
    let more = more.as_object().expect("members").clone();
    expected.as_object_mut().expect("members").extend(more);
    expected
}

#[test]
fn what_is_created() {
    for (body, more) in [
        (json!({}), json!({})),
        (json!({ "version": "v1" }), json!({ "version": "v1" })),
        (json!({ "binaryMediaTypes": [] }), json!({})),
        (json!({ "binaryMediaTypes": ["image/png"] }), json!({ "binaryMediaTypes": ["image/png"] })),
        (
            json!({ "description": "d", "tags": { "a": "b" } }),
            json!({ "description": "d", "tags": { "a": "b" } }),
        ),
        (json!({ "minimumCompressionSize": 10 }), json!({ "minimumCompressionSize": 10 })),
        (json!({ "policy": "" }), json!({})),
        (json!({ "policy": "{ \"a\": 1 }" }), json!({ "policy": r#"{\"a\":1}"# })),
        (json!({ "disableExecuteApiEndpoint": true }), json!({ "disableExecuteApiEndpoint": true })),
        (json!({ "apiKeySource": "AUTHORIZER" }), json!({ "apiKeySource": "AUTHORIZER" })),
        (json!({ "endpointConfiguration": {} }), json!({})),
        (
            json!({ "endpointConfiguration": { "types": ["REGIONAL"] } }),
            json!({ "endpointConfiguration": { "ipAddressType": "ipv4", "types": ["REGIONAL"] } }),
        ),
        (
            json!({ "endpointConfiguration": { "types": ["EDGE"], "ipAddressType": "dualstack" } }),
            json!({ "endpointConfiguration": { "ipAddressType": "dualstack", "types": ["EDGE"] } }),
        ),
        (
            json!({ "endpointConfiguration": { "types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"] } }),
            json!({ "endpointConfiguration": {
                "ipAddressType": "dualstack", "types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"],
            } }),
        ),
    ] {
        let bench = Bench::new();
        let mut asked = json!({ "name": "x" });
        asked.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let said = bench.ask("POST /restapis", &asked.to_string());
        let api = said.json();
        assert_eq!((said.status, &api), (201, &created(&api, more)), "{body}");
        assert_eq!((text(&api, "id").len(), text(&api, "rootResourceId").len()), (10, 10));
        // A list shows it as it was created; alone it always has tags.
        assert_eq!(bench.ok("GET /restapis", ""), json!({ "item": [api] }));
        let mut alone = api.clone();
        alone["tags"] = asked.get("tags").cloned().unwrap_or_else(|| json!({}));
        let line = format!("/restapis/{}", text(&api, "id"));
        assert_eq!(bench.ok(&format!("GET {line}"), ""), alone);
        let said = bench.ask(&format!("DELETE {line}"), "");
        assert_eq!((said.status, said.body.as_str()), (202, ""));
        assert_eq!(bench.ok("GET /restapis", ""), json!({ "item": [] }));
    }
}

#[test]
fn what_is_patched() {
    let rest = Rest::new();
    let line = format!("PATCH {}", rest.path);
    for (operations, expected) in [
        (
            vec![("replace", "/name", "dogs"), ("replace", "/description", "d")],
            json!({ "name": "dogs", "description": "d" }),
        ),
        (vec![("remove", "/description", "")], json!({ "description": null })),
        (
            vec![("add", "/binaryMediaTypes/image~1png", ""), ("add", "/binaryMediaTypes/image~1jpeg", "")],
            json!({ "binaryMediaTypes": ["image/png", "image/jpeg"] }),
        ),
        (
            vec![("replace", "/binaryMediaTypes/image~1png", "image/gif")],
            json!({ "binaryMediaTypes": ["image/jpeg", "image/gif"] }),
        ),
        (vec![("remove", "/binaryMediaTypes/image~1gif", "")], json!({ "binaryMediaTypes": ["image/jpeg"] })),
        (
            vec![("add", "/binaryMediaTypes/-", "x/y"), ("remove", "/binaryMediaTypes/image~1jpeg", "")],
            json!({ "binaryMediaTypes": ["-"] }),
        ),
        (vec![("replace", "/minimumCompressionSize", "10")], json!({ "minimumCompressionSize": 10 })),
        (vec![("replace", "/minimumCompressionSize", "0")], json!({ "minimumCompressionSize": 0 })),
        (vec![("replace", "/minimumCompressionSize", "")], json!({ "minimumCompressionSize": null })),
        (
            vec![("replace", "/disableExecuteApiEndpoint", "true")],
            json!({ "disableExecuteApiEndpoint": true }),
        ),
        (vec![("replace", "/apiKeySource", "AUTHORIZER")], json!({ "apiKeySource": "AUTHORIZER" })),
        (
            vec![("replace", "/endpointConfiguration/types/EDGE", "PRIVATE")],
            json!({ "endpointConfiguration": { "ipAddressType": "dualstack", "types": ["PRIVATE"] } }),
        ),
        (
            vec![
                ("replace", "/endpointConfiguration/types/0", "REGIONAL"),
                ("replace", "/endpointConfiguration/ipAddressType", "ipv4"),
            ],
            json!({ "endpointConfiguration": { "ipAddressType": "ipv4", "types": ["REGIONAL"] } }),
        ),
        (
            vec![("add", "/endpointConfiguration/types", "EDGE")],
            json!("400 BadRequestException Invalid patch path /endpointConfiguration/types"),
        ),
        (
            vec![
                ("add", "/endpointConfiguration/types/1", "EDGE"),
                ("remove", "/endpointConfiguration/types/REGIONAL", ""),
            ],
            json!({ "endpointConfiguration": { "ipAddressType": "ipv4", "types": ["EDGE"] } }),
        ),
        (
            vec![
                ("add", "/endpointConfiguration/vpcEndpointIds", "vpce-1,vpce-2"),
                ("remove", "/endpointConfiguration/vpcEndpointIds", "vpce-1"),
            ],
            json!({ "endpointConfiguration": { "ipAddressType": "ipv4", "types": ["EDGE"], "vpcEndpointIds": ["vpce-2"] } }),
        ),
        (vec![("replace", "/policy", "{\"a\" : \"b\"}")], json!({ "policy": r#"{\"a\":\"b\"}"# })),
    ] {
        if let Some(refusal) = expected.as_str() {
            rest.bench.refused(&line, &patches(&operations), refusal);
            continue;
        }
        let api = rest.bench.ok(&line, &patches(&operations));
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(api[name], *value, "{operations:?}");
        }
        assert_eq!(rest.bench.ok(&format!("GET {}", rest.path), ""), api);
    }
}

#[test]
fn what_is_refused() {
    let rest = Rest::new();
    let bench = &rest.bench;
    let unknown = "404 NotFoundException Invalid API identifier specified 000000000000:NONE";
    for line in ["GET /restapis/NONE", "PATCH /restapis/NONE", "DELETE /restapis/NONE"] {
        bench.refused(line, "", unknown);
    }
    let upper = rest.path.replace("/restapis/", "").to_uppercase();
    let expected = format!("404 NotFoundException Invalid API identifier specified 000000000000:{upper}");
    bench.refused(&format!("GET /restapis/{upper}"), "", &expected);
    bench.refused("POST /restapis?mode=import", "{}", "400 BadRequestException Invalid OpenAPI input.");
    for (body, expected) in CREATE_REFUSALS {
        bench.refused("POST /restapis", body, expected);
    }
    for ((op, path, value), expected) in PATCH_REFUSALS {
        bench.refused(&format!("PATCH {}", rest.path), &patch(op, path, value), expected);
    }
    let wrong = patches(&[("wrong", "/name", "a"), ("replace", "/name", "a"), ("worse", "/name", "a")]);
    bench.refused(
        &format!("PATCH {}", rest.path),
        &wrong,
        "400 ValidationException 2 validation errors detected: Value 'wrong' at \
         'updateRestApiInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value \
         set: [add, remove, move, test, replace, copy]; Value 'worse' at \
         'updateRestApiInput.patchOperations.3.member.op' failed to satisfy constraint: Member must satisfy enum value \
         set: [add, remove, move, test, replace, copy]",
    );
}

const CREATE_REFUSALS: &[(&str, &str)] = &[
    (
        "{}",
        "400 ValidationException 1 validation error detected: Value null at 'createRestApiInput.name' failed to satisfy constraint: Member must not be null",
    ),
    (r#"{"name":""}"#, "400 BadRequestException Name cannot be an empty string"),
    (r#"{"name":"x","description":""}"#, "400 BadRequestException Description cannot be an empty string"),
    (
        r#"{"name":"x","minimumCompressionSize":"10"}"#,
        "400 BadRequestException Invalid minimum compression size, must be between 0 and 10485760",
    ),
    (
        r#"{"name":"x","minimumCompressionSize":10485761}"#,
        "400 BadRequestException Invalid minimum compression size, must be between 0 and 10485760",
    ),
    (
        r#"{"name":"x","endpointConfiguration":{"types":[]}}"#,
        "400 BadRequestException REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
    ),
    (
        r#"{"name":"x","endpointConfiguration":{"types":["EDGE","REGIONAL"]}}"#,
        "400 BadRequestException Cannot create an api with multiple Endpoint Types.",
    ),
    (
        r#"{"name":"x","endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"ipv4"}}"#,
        "400 BadRequestException Only dualstack ipAddressType is supported for Private APIs.",
    ),
    (
        r#"{"name":"x","description":"","endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"ipv4"}}"#,
        "400 BadRequestException Description cannot be an empty string",
    ),
    (
        r#"{"name":"x","endpointConfiguration":{"ipAddressType":"wrong"}}"#,
        "400 ValidationException 1 validation error detected: Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]",
    ),
    (
        r#"{"name":"x","description":"","endpointConfiguration":{"types":["wrong"],"ipAddressType":"wrong"}}"#,
        "400 ValidationException 2 validation errors detected: Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]; Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]",
    ),
    (r#"{"name":"x","policy":"{"}"#, "400 BadRequestException Invalid policy document. Please check…"),
    (
        r#"{"name":"x","tags":{"_custom_id_":"Upper"}}"#,
        "400 BadRequestException The RestApiId 'Upper' cannot contain uppercase characters",
    ),
    (r#"{"name":"x","tags":{"_custom_id_":"--"}}"#, "400 BadRequestException The RestApiId '--' must have…"),
    (r#"{"name":"x","tags":{"aws:x":"y"}}"#, "400 BadRequestException Tag keys must not start with aws:…"),
    (
        r#"{"name":"x","cloneFrom":"nothing"}"#,
        "400 BadRequestException Invalid API identifier specified in cloneFrom",
    ),
    (r#"{"name":1}"#, "400 SerializationException name must be a string…"),
    ("[]", "400 SerializationException the request body cannot be read…"),
];

const PATCH_REFUSALS: &[((&str, &str, &str), &str)] = &[
    (("add", "/binaryMediaTypes", "x"), "400 BadRequestException Invalid patch path /binaryMediaTypes"),
    (("replace", "/binaryMediaTypes", "x"), "400 BadRequestException Invalid patch path /binaryMediaTypes"),
    (("remove", "/binaryMediaTypes", "x"), "400 BadRequestException Invalid patch path /binaryMediaTypes"),
    (("replace", "/nothing", "x"), "400 BadRequestException Invalid patch path /nothing"),
    (("replace", "", "x"), "400 BadRequestException Invalid patch path "),
    (
        ("replace", "/minimumCompressionSize", "-1"),
        "400 BadRequestException Invalid minimum compression size, must be between 0 and 10485760",
    ),
    (
        ("replace", "/minimumCompressionSize", "test"),
        "400 BadRequestException Invalid minimum compression size, must be between 0 and 10485760",
    ),
    (
        ("add", "/minimumCompressionSize", "10"),
        "400 BadRequestException Invalid patch operation specified. Must be one of: [replace]",
    ),
    (
        ("add", "/endpointConfiguration/ipAddressType", "ipv4"),
        "400 BadRequestException Invalid patch operation specified. Must be one of: [replace]",
    ),
    (
        ("replace", "/endpointConfiguration/ipAddressType", "wrong"),
        "400 BadRequestException ipAddressType must be either ipv4 or dualstack.",
    ),
    (
        ("replace", "/endpointConfiguration/types/EDGE", "wrong"),
        "400 BadRequestException Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
    ),
    (
        ("test", "/endpointConfiguration/types/EDGE", "PRIVATE"),
        "400 BadRequestException Invalid patch operation specified. Must be 'add'|'remove'|'replace'",
    ),
    (
        ("add", "/endpointConfiguration/types/1", "REGIONAL"),
        "400 BadRequestException Cannot create an api with multiple Endpoint Types.",
    ),
    (
        ("remove", "/endpointConfiguration/types/EDGE", ""),
        "400 BadRequestException REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
    ),
    (("replace", "/name", ""), "400 BadRequestException Name cannot be an empty string"),
];

#[test]
fn an_id_that_a_tag_asks_for() {
    let bench = Bench::new();
    let body = r#"{"name":"x","tags":{"_custom_id_":"myid123"}}"#;
    let api = bench.ok("POST /restapis", body);
    assert_eq!((&api["id"], &api["tags"]), (&json!("myid123"), &json!({ "_custom_id_": "myid123" })));
    assert_eq!(bench.ok("GET /restapis/myid123", "")["id"], "myid123");
    // One id, one api, whichever version.
    let taken = "409 ConflictException API with id 'myid123' already exists";
    bench.refused("POST /restapis", body, taken);
    bench.refused(
        "POST /v2/apis",
        r#"{"name":"x","protocolType":"HTTP","tags":{"_custom_id_":"myid123"}}"#,
        taken,
    );
    // Only its creation looks at the tag.
    let other = text(&bench.ok("POST /restapis", r#"{"name":"y"}"#), "id");
    let line = format!("PUT /tags/arn:aws:apigateway:us-east-1::/restapis/{other}");
    bench.ok(&line, r#"{"tags":{"_custom_id_":"later"}}"#);
    assert_eq!(bench.ask("GET /restapis/later", "").status, 404);
    assert_eq!(bench.ask("DELETE /restapis/myid123", "").status, 202);
    bench.ok("POST /restapis", body);
}

#[test]
fn owners_see_their_own() {
    let rest = Rest::new();
    let ask = |region: &str, line: &str| {
        let head = format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=111111111111/20200408/{region}/apigateway/aws4_request, SignedHeaders=host, Signature=0\r\n"
        );
        rest.bench.send(&head, "")
    };
    assert_eq!(ask("us-east-1", "GET /restapis").json(), json!({ "item": [] }));
    let said = ask("us-east-1", &format!("GET {}", rest.path));
    assert_eq!(said.status, 404);
    let id = rest.path.rsplit('/').next().unwrap();
    assert_eq!(said.json()["message"], format!("Invalid API identifier specified 111111111111:{id}"));
}

#[test]
fn pages() {
    let bench = Bench::new();
    for n in 0..5 {
        bench.ok("POST /restapis", &format!(r#"{{"name":"api{n}"}}"#));
    }
    let all = bench.ok("GET /restapis?limit=500", "");
    assert_eq!((all["item"].as_array().unwrap().len(), &all["position"]), (5, &Value::Null));
    let (mut found, mut position) = (Vec::new(), String::new());
    loop {
        let page = bench.ok(&format!("GET /restapis?limit=2&position={position}"), "");
        found.extend(page["item"].as_array().unwrap().clone());
        let Some(next) = page["position"].as_str() else { break };
        position = next.to_owned();
    }
    assert_eq!(Value::from(found), all["item"]);
    bench.refused("GET /restapis?limit=0", "", "400 BadRequestException limit must be a positive integer");
    bench.refused(
        "GET /restapis?position=%21",
        "",
        "400 BadRequestException Invalid position parameter specified",
    );
}

#[test]
fn a_clone_has_resources_of_its_own() {
    let rest = Rest::new();
    let (bench, path, root) = (&rest.bench, &rest.path, &rest.root);
    let pets = text(&bench.ok(&format!("POST {path}/resources/{root}"), r#"{"pathPart":"pets"}"#), "id");
    let method = format!("{path}/resources/{pets}/methods/GET");
    bench.ok(&format!("PUT {method}"), r#"{"authorizationType":"NONE"}"#);
    bench.ok(&format!("PUT {method}/integration"), r#"{"type":"MOCK"}"#);
    let source = path.rsplit('/').next().unwrap();
    let clone = bench.ok("POST /restapis", &json!({ "name": "clone", "cloneFrom": source }).to_string());
    let line = format!("GET /restapis/{}/resources?embed=methods", text(&clone, "id"));
    let resources = bench.ok(&line, "")["item"].as_array().unwrap().clone();
    assert_eq!((&resources[0]["path"], &resources[0]["id"]), (&json!("/"), &clone["rootResourceId"]));
    assert_eq!(
        (&resources[1]["path"], &resources[1]["parentId"]),
        (&json!("/pets"), &clone["rootResourceId"])
    );
    assert_ne!(resources[1]["id"], pets);
    let integration = &resources[1]["resourceMethods"]["GET"]["methodIntegration"];
    assert_eq!(integration["cacheNamespace"], resources[1]["id"]);
}

#[test]
fn the_account() {
    let bench = Bench::new();
    let plain = json!({
        "throttleSettings": { "burstLimit": 5000, "rateLimit": 10000.0 }, "features": ["UsagePlans"], "apiKeyVersion": "4",
    });
    assert_eq!(bench.ok("GET /account", ""), plain);
    let arn = "arn:aws:iam::000000000000:role/logs";
    let shown = bench.ok("PATCH /account", &patch("replace", "/cloudwatchRoleArn", arn));
    assert_eq!(shown["cloudwatchRoleArn"], arn);
    assert_eq!(bench.ok("GET /account", ""), shown);
    assert_eq!(bench.ok("PATCH /account", &patch("replace", "/cloudwatchRoleArn", "")), plain);
    for (body, expected) in [
        (
            patch("replace", "/cloudwatchRoleArn", "x"),
            "400 BadRequestException The role ARN is not well formed",
        ),
        (patch("replace", "/x", "x"), "400 BadRequestException Invalid patch path /x"),
    ] {
        bench.refused("PATCH /account", &body, expected);
    }
}
