use serde_json::json;

use super::*;

fn with_integration() -> (Bench, String, String) {
    let (bench, api) = Bench::with_api();
    let body = r#"{"integrationType":"HTTP_PROXY","integrationUri":"http://localhost"}"#;
    let id = text(&bench.ok(&format!("POST {api}/integrations"), body), "integrationId");
    (bench, api, id)
}

#[test]
fn a_route_has_the_members_and_defaults_of_aws() {
    let (bench, api, integration) = with_integration();
    let body = format!(r#"{{"routeKey":"GET /pets/{{id}}","target":"integrations/{integration}"}}"#);
    let said = bench.ask(&format!("POST {api}/routes"), &body);
    let id = text(&said.json(), "routeId");
    let mut expected = json!({
        "routeId": id,
        "routeKey": "GET /pets/{id}",
        "target": format!("integrations/{integration}"),
        "authorizationType": "NONE",
        "apiKeyRequired": false,
    });
    assert_eq!((said.status, said.json(), id.len()), (201, expected.clone(), 7));
    let route = format!("{api}/routes/{id}");
    assert_eq!(bench.ok(&format!("GET {route}"), ""), expected);
    expected["operationName"] = "GetPet".into();
    expected["routeKey"] = "ANY /pets".into();
    let update =
        r#"{"operationName":"GetPet","routeKey":"ANY /pets","authorizationScopes":[],"authorizerId":""}"#;
    assert_eq!(bench.ok(&format!("PATCH {route}"), update), expected);
    assert_eq!(bench.ok(&format!("GET {api}/routes"), ""), json!({ "items": [expected] }));
    assert_eq!(bench.ask(&format!("DELETE {route}"), "").status, 204);
    let gone = format!("404 NotFoundException Invalid Route identifier specified {id}");
    for method in ["GET", "PATCH", "DELETE"] {
        bench.refused(&format!("{method} {route}"), "", &gone);
    }
    bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"$default"}"#);
}

#[test]
fn what_is_refused() {
    let (bench, api, integration) = with_integration();
    let first = bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"GET /a"}"#);
    let second = bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"GET /b"}"#);
    let with = |more: &str| format!(r#"{{"routeKey":"GET /new",{more}}}"#);
    for (body, expected) in [
        ("{}".into(), "400 BadRequestException Route key is required"),
        (
            r#"{"routeKey":"GET /a"}"#.into(),
            "409 ConflictException Route with key GET /a already exists for this API",
        ),
        (
            r#"{"routeKey":"get /a"}"#.into(),
            "400 BadRequestException The provided route key is not formatted…",
        ),
        (
            r#"{"routeKey":"GET /a/"}"#.into(),
            "400 BadRequestException The provided route key is not formatted…",
        ),
        (
            with(r#""target":"integrations/none""#),
            "400 BadRequestException Invalid Integration identifier specified none",
        ),
        (with(&format!(r#""target":"{integration}""#)), "400 BadRequestException Invalid target specified…"),
        (with(r#""target":"""#), "400 BadRequestException target must have…"),
        (
            with(r#""authorizationType":"JWT","authorizerId":"abc""#),
            "400 BadRequestException Invalid authorizer ID specified. Setting the authorization type to JWT requires a \
             valid JWT authorizer.",
        ),
        (with(r#""authorizationType":"CUSTOM""#), "400 BadRequestException Invalid authorizer ID specified…"),
        (with(r#""authorizationType":"BASIC""#), "400 BadRequestException authorizationType must be one of…"),
        (with(r#""authorizerId":"abc""#), "400 BadRequestException …"),
        (with(r#""authorizationScopes":["a"]"#), "400 BadRequestException …"),
        (with(r#""apiKeyRequired":true"#), "400 BadRequestException …"),
        (with(r#""requestModels":{"a":"b"}"#), "400 BadRequestException requestModels is not supported…"),
        (with(r#""requestParameters":{"a":{"required":true}}"#), "400 BadRequestException …"),
        (with(r#""routeResponseSelectionExpression":"$default""#), "400 BadRequestException …"),
        (with(r#""operationName":"""#), "400 BadRequestException operationName …"),
    ] {
        bench.refused(&format!("POST {api}/routes"), &body, expected);
    }
    let path = format!("{api}/routes/{}", text(&second, "routeId"));
    bench.refused(
        &format!("PATCH {path}"),
        r#"{"routeKey":"GET /a"}"#,
        "409 ConflictException Route with key GET /a…",
    );
    bench.ok(&format!("PATCH {path}"), r#"{"routeKey":"GET /b"}"#);
    let path = format!("/v2/apis/nowhere/routes/{}", text(&first, "routeId"));
    bench.refused(
        &format!("GET {path}"),
        "",
        "404 NotFoundException Invalid API identifier specified 000000000000:nowhere",
    );
}
