//! API keys and usage plans.

use super::*;

const VALUE: &str = "0123456789abcdefghij";

/// A REST API with a stage `dev`, a usage plan of it, and a key: the ids of plan and key.
fn planned(plan: serde_json::Value) -> (Rest, String, String) {
    let rest = Rest::new();
    rest.mock("GET");
    rest.deployment(r#"{"stageName":"dev"}"#);
    let api = rest.path.trim_start_matches("/restapis/");
    let mut body = json!({ "name": "plan", "apiStages": [{ "apiId": api, "stage": "dev" }] });
    body.as_object_mut().unwrap().extend(plan.as_object().unwrap().clone());
    let plan = text(&rest.bench.ok("POST /usageplans", &body.to_string()), "id");
    let key =
        text(&rest.bench.ok("POST /apikeys", &json!({ "name": "key", "value": VALUE }).to_string()), "id");
    (rest, plan, key)
}

#[test]
fn the_life_of_a_key() {
    let bench = Bench::new();
    let said = bench.ask("POST /apikeys", r#"{"name":"first","description":"d","tags":{"a":"b"}}"#);
    let (status, mut made) = (said.status, said.json());
    let (id, value) = (text(&made, "id"), text(&made, "value"));
    assert_eq!((status, id.len(), value.len()), (201, 10, 40));
    let expected = json!({
        "id": id, "value": value, "name": "first", "description": "d", "enabled": false, "stageKeys": [],
        "createdDate": 1_586_372_745, "lastUpdatedDate": 1_586_372_745, "tags": { "a": "b" },
    });
    assert_eq!(made, expected);
    made.as_object_mut().unwrap().remove("value");
    assert_eq!(bench.ok(&format!("GET /apikeys/{id}"), ""), made);
    assert_eq!(bench.ok(&format!("GET /apikeys/{id}?includeValue=true"), ""), expected);
    let second = bench.ok("POST /apikeys", r#"{"name":"fist","customerId":"c","enabled":true}"#);
    let names = |query: &str| {
        let said = bench.ok(&format!("GET /apikeys{query}"), "");
        let keys = said["item"].as_array().unwrap().iter();
        keys.map(|key| key["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (query, expected) in [
        ("", "fist first"),
        ("?name=fi", "fist first"),
        ("?name=fir", "first"),
        ("?name=Fi", ""),
        ("?name=st", ""),
        ("?customerId=c", "fist"),
        ("?limit=0", ""),
    ] {
        assert_eq!(names(query), expected, "{query}");
    }
    let page = bench.ok("GET /apikeys?limit=1", "");
    assert_eq!(
        (&page["item"][0]["id"], &page["item"][0]["value"]),
        (&second["id"], &serde_json::Value::Null)
    );
    let page = bench
        .ok(&format!("GET /apikeys?limit=1&includeValues=true&position={}", text(&page, "position")), "");
    assert_eq!((&page["item"][0]["value"], page.get("position")), (&json!(value), None));
    let changes = patches(&[
        ("replace", "/name", "new"),
        ("replace", "/enabled", "true"),
        ("replace", "/description", ""),
        ("replace", "/customerId", "x"),
    ]);
    let changed = bench.ok(&format!("PATCH /apikeys/{id}"), &changes);
    assert_eq!(
        changed,
        json!({
            "id": id, "name": "new", "customerId": "x", "enabled": true, "stageKeys": [], "tags": { "a": "b" },
            "createdDate": 1_586_372_745, "lastUpdatedDate": 1_586_372_745,
        })
    );
    let changed = bench.ok(&format!("PATCH /apikeys/{id}"), &patch("replace", "/enabled", "junk"));
    assert_eq!(changed["enabled"], false);
    let said = bench.ask(&format!("DELETE /apikeys/{id}"), "");
    assert_eq!((said.status, said.body.as_str()), (202, ""));
    for method in ["GET", "PATCH", "DELETE"] {
        let expected = "404 NotFoundException Invalid API Key identifier specified";
        bench.refused(&format!("{method} /apikeys/{id}"), "", expected);
    }
}

#[test]
fn keys_that_are_refused() {
    let bench = Bench::new();
    let body = |name: &str, value: String| json!({ name: value }).to_string();
    for (body, expected) in [
        (body("value", "x".repeat(19)), "API Key value should be at least 20 characters"),
        (body("value", "x".repeat(129)), "API Key value exceeds maximum size of 128 characters"),
        (body("name", "x".repeat(1025)), "Invalid API Key name, can be at most 1024 characters."),
        (body("description", "x".repeat(125_001)), "Invalid API Key description specified."),
    ] {
        bench.refused("POST /apikeys", &body, &format!("400 BadRequestException {expected}"));
    }
    let made = bench.ok("POST /apikeys", r#"{"name":"","value":""}"#);
    assert_eq!(made.get("name"), None);
    let again = json!({ "value": made["value"] }).to_string();
    bench.refused("POST /apikeys", &again, "409 ConflictException API Key already exists");
    bench.refused(
        &format!("PATCH /apikeys/{}", text(&made, "id")),
        &patch("replace", "/id", "x"),
        "400 BadRequestException Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description, \
         /enabled, /name, /customerId]",
    );
}

#[test]
fn keys_from_a_file() {
    let bench = Bench::new();
    let plan = text(&bench.ok("POST /usageplans", r#"{"name":"p"}"#), "id");
    let file = format!(
        "Name,key,description,Enabled,usageplanIds\nfirst,{VALUE},\"a, b\",TRUE,\"{plan},none\"\nsecond,{VALUE}2,,false,\n"
    );
    let said = bench.ask("POST /apikeys?mode=import&format=csv", &file);
    let answer = said.json();
    assert_eq!((said.status, &answer["warnings"]), (201, &json!(["Invalid Usage Plan ID specified: none"])));
    let first =
        bench.ok(&format!("GET /apikeys/{}?includeValue=true", answer["ids"][0].as_str().unwrap()), "");
    let shown = (&first["name"], &first["description"], &first["enabled"], &first["value"]);
    assert_eq!(shown, (&json!("first"), &json!("a, b"), &json!(true), &json!(VALUE)));
    let second = bench.ok(&format!("GET /apikeys/{}", answer["ids"][1].as_str().unwrap()), "");
    assert_eq!((&second["enabled"], second.get("description")), (&json!(false), None));
    let keys = bench.ok(&format!("GET /usageplans/{plan}/keys"), "");
    assert_eq!(keys["item"][0]["id"], answer["ids"][0]);
    // A value that is known is the same key.
    let again = bench.ok("POST /apikeys?mode=import&format=csv", &format!("key,name\n{VALUE},third\n"));
    assert_eq!(again["ids"][0], answer["ids"][0]);
    assert_eq!(bench.ok("GET /apikeys", "")["item"].as_array().unwrap().len(), 2);
    for (query, file, expected) in [
        ("format=json", "", "Invalid format specified. Valid options are csv"),
        ("format=csv", "", "The file has no header"),
        ("format=csv", "name\nx", "The file has no column Key"),
        ("format=csv", "name,key\nx,short", "API Key value should be at least 20 characters"),
        (
            "format=csv&failonwarnings=true",
            "name,key,usageplanids\nx,0123456789012345678901,zzz",
            "Invalid Usage Plan ID specified: zzz",
        ),
    ] {
        let line = format!("POST /apikeys?mode=import&{query}");
        bench.refused(&line, file, &format!("400 BadRequestException {expected}"));
    }
    assert_eq!(bench.ok("GET /apikeys", "")["item"].as_array().unwrap().len(), 2);
}

#[test]
fn the_life_of_a_plan() {
    let (rest, plan, key) = planned(json!({
        "description": "d", "throttle": { "burstLimit": 20, "rateLimit": 10 },
        "quota": { "limit": 5, "period": "WEEK", "offset": 1 }, "tags": { "a": "b" },
    }));
    let (bench, api) = (&rest.bench, rest.path.trim_start_matches("/restapis/"));
    let path = format!("/usageplans/{plan}");
    let expected = json!({
        "id": plan, "name": "plan", "description": "d", "apiStages": [{ "apiId": api, "stage": "dev" }],
        "throttle": { "burstLimit": 20, "rateLimit": 10.0 }, "quota": { "limit": 5, "offset": 1, "period": "WEEK" },
        "tags": { "a": "b" },
    });
    assert_eq!(bench.ok(&format!("GET {path}"), ""), expected);
    assert_eq!(bench.ok("GET /usageplans", ""), json!({ "item": [expected] }));
    let said =
        bench.ask(&format!("POST {path}/keys"), &json!({ "keyId": key, "keyType": "API_KEY" }).to_string());
    let shown = json!({ "id": key, "type": "API_KEY", "value": VALUE, "name": "key" });
    assert_eq!((said.status, said.json()), (201, shown.clone()));
    assert_eq!(bench.ok(&format!("GET {path}/keys/{key}"), ""), shown);
    assert_eq!(bench.ok(&format!("GET {path}/keys?name=k"), ""), json!({ "item": [shown] }));
    assert_eq!(bench.ok(&format!("GET {path}/keys?name=K"), ""), json!({ "item": [] }));
    assert_eq!(bench.ok("GET /usageplans/none/keys", ""), json!({ "item": [] }));
    assert_eq!(bench.ok(&format!("GET /usageplans?keyId={key}"), "")["item"].as_array().unwrap().len(), 1);
    assert_eq!(bench.ok("GET /usageplans?keyId=none", ""), json!({ "item": [] }));
    rest.refuses(&[
        (
            &format!("DELETE {path}"),
            "",
            &format!(
                "400 BadRequestException Cannot delete Usage Plan {plan} because there are API Stages associated with \
                 it, including {api}:dev"
            ),
        ),
        (
            &format!("POST {path}/keys"),
            &json!({ "keyId": "none", "keyType": "API_KEY" }).to_string(),
            "404 NotFoundException Invalid API Key identifier specified",
        ),
        (
            &format!("POST {path}/keys"),
            &json!({ "keyId": key, "keyType": "API_KEY" }).to_string(),
            &format!("409 ConflictException API Key {key} is already in Usage Plan {plan}"),
        ),
    ]);
    // Of two plans with one stage only one can have the key.
    let other = json!({ "name": "other", "apiStages": [{ "apiId": api, "stage": "dev" }] }).to_string();
    let other = text(&bench.ok("POST /usageplans", &other), "id");
    bench.refused(
        &format!("POST /usageplans/{other}/keys"),
        &json!({ "keyId": key, "keyType": "API_KEY" }).to_string(),
        &format!(
            "409 ConflictException Usage Plan {other} cannot be added because API Key {key} cannot reference multiple \
             Usage Plans with the same API stage: {api}:dev"
        ),
    );
    let said = bench.ask(&format!("DELETE {path}/keys/{key}"), "");
    assert_eq!(said.status, 202);
    bench.refused(
        &format!("GET {path}/keys/{key}"),
        "",
        "404 NotFoundException Invalid API Key identifier specified",
    );
    // With the stage goes what plans say of it.
    assert_eq!(bench.ask(&format!("DELETE {}/stages/dev", rest.path), "").status, 202);
    assert_eq!(bench.ok(&format!("GET {path}"), "")["apiStages"], json!([]));
    assert_eq!(bench.ask(&format!("DELETE {path}"), "").status, 202);
    for method in ["GET", "PATCH", "DELETE"] {
        let expected = "404 NotFoundException Invalid Usage Plan ID specified";
        bench.refused(&format!("{method} {path}"), "", expected);
    }
}

#[test]
fn what_is_patched_of_a_plan() {
    let (rest, plan, _) = planned(json!({}));
    let (bench, api) = (&rest.bench, rest.path.trim_start_matches("/restapis/"));
    let stage = format!("{api}:dev");
    let of_stage = |path: &str| format!("/apiStages/{stage}/throttle{path}");
    let path = format!("/usageplans/{plan}");
    let limits = |burst: Option<i64>, rate: Option<f64>| {
        let mut limits = serde_json::Map::new();
        limits.extend(burst.map(|burst| ("burstLimit".to_owned(), json!(burst))));
        limits.extend(rate.map(|rate| ("rateLimit".to_owned(), json!(rate))));
        limits
    };
    for (operations, member, expected) in [
        (vec![("replace", "/name".to_owned(), "new")], "name", json!("new")),
        (vec![("replace", "/description".to_owned(), "d")], "description", json!("d")),
        (vec![("remove", "/description".to_owned(), "")], "description", json!(null)),
        (vec![("replace", "/productCode".to_owned(), "p")], "productCode", json!("p")),
        (vec![("add", "/throttle/rateLimit".to_owned(), "2.5")], "throttle", json!(limits(None, Some(2.5)))),
        (
            vec![("replace", "/throttle/burstLimit".to_owned(), "3")],
            "throttle",
            json!(limits(Some(3), Some(2.5))),
        ),
        (vec![("remove", "/throttle".to_owned(), "")], "throttle", json!(null)),
        (
            vec![
                ("replace", "/quota/limit".to_owned(), "7"),
                ("replace", "/quota/period".to_owned(), "MONTH"),
                ("replace", "/quota/offset".to_owned(), "27"),
            ],
            "quota",
            json!({ "limit": 7, "offset": 27, "period": "MONTH" }),
        ),
        (vec![("remove", "/quota".to_owned(), "")], "quota", json!(null)),
        (
            // As JSON pointers say it, and as Terraform writes it.
            vec![
                ("replace", of_stage("/~1a~1{b}/GET/rateLimit"), "1"),
                ("replace", of_stage("//a/{b}/GET/burstLimit"), "2"),
                ("add", of_stage("/~1/POST/burstLimit"), "3"),
            ],
            "apiStages",
            json!([{
                "apiId": api, "stage": "dev",
                "throttle": { "/a/{b}/GET": limits(Some(2), Some(1.0)), "//POST": limits(Some(3), None) },
            }]),
        ),
        (
            vec![("remove", of_stage("/~1/POST"), "")],
            "apiStages",
            json!([{ "apiId": api, "stage": "dev", "throttle": { "/a/{b}/GET": limits(Some(2), Some(1.0)) } }]),
        ),
        (vec![("remove", of_stage(""), "")], "apiStages", json!([{ "apiId": api, "stage": "dev" }])),
        (
            vec![("add", "/apiStages".to_owned(), &stage)],
            "apiStages",
            json!([{ "apiId": api, "stage": "dev" }]),
        ),
        (vec![("remove", "/apiStages".to_owned(), &stage)], "apiStages", json!([])),
        (
            vec![("add", "/apiStages".to_owned(), &stage)],
            "apiStages",
            json!([{ "apiId": api, "stage": "dev" }]),
        ),
    ] {
        let operations: Vec<_> =
            operations.iter().map(|(op, path, value)| (*op, path.as_str(), *value)).collect();
        let shown = bench.ok(&format!("PATCH {path}"), &patches(&operations));
        assert_eq!(shown.get(member).unwrap_or(&json!(null)), &expected, "{operations:?}");
        assert_eq!(bench.ok(&format!("GET {path}"), ""), shown);
    }
    let before = bench.ok(&format!("GET {path}"), "");
    let unknown = |api: &str, stage: &str| {
        format!(
            "404 NotFoundException Invalid API Stage {{api: {api}, stage: {stage}}} specified for usageplan {plan}"
        )
    };
    for (operation, expected) in [
        (("add", "/apiStages", ""), "400 BadRequestException Invalid API Stage specified".to_owned()),
        (("add", "/apiStages", "nocolon"), "400 BadRequestException Invalid API Stage specified".to_owned()),
        (("add", "/apiStages", "none:dev"), unknown("none", "dev")),
        (("add", "/apiStages", &format!("{api}:prod")), unknown(api, "prod")),
        (("remove", "/apiStages", "none:dev"), unknown("none", "dev")),
        (
            ("remove", "/apiStages/x:dev", ""),
            "400 BadRequestException Invalid patch path  '/apiStages/x:dev' specified for op 'remove'. Must be one of: \
             [/apiStages, /quota, /throttle, /productCode, \
             /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, \
             /apiStages/<apidId:stageName>/throttle]"
                .to_owned(),
        ),
        (
            ("replace", "/quota/limit", "5"),
            "400 BadRequestException Usage Plan quota period must be specified".to_owned(),
        ),
    ] {
        bench.refused(&format!("PATCH {path}"), &patches(&[operation]), &expected);
        assert_eq!(bench.ok(&format!("GET {path}"), ""), before);
    }
}

#[test]
fn plans_that_are_refused() {
    let (rest, ..) = planned(json!({}));
    let quota = |quota: serde_json::Value| json!({ "name": "x", "quota": quota }).to_string();
    let stage = |api: &str, stage: &str| {
        json!({ "name": "x", "apiStages": [{ "apiId": api, "stage": stage }] }).to_string()
    };
    rest.refuses(&[
        (
            "POST /usageplans",
            "{}",
            "400 ValidationException 1 validation error detected: Value null at 'createUsagePlanInput.name' failed to \
             satisfy constraint: Member must not be null",
        ),
        (
            "POST /usageplans",
            &quota(json!({ "limit": 1, "period": "YEAR" })),
            "400 ValidationException 1 validation error detected: Value 'YEAR' at 'createUsagePlanInput.quota.period' \
             failed to satisfy constraint: Member must satisfy enum value set: [DAY, WEEK, MONTH]",
        ),
        (
            "POST /usageplans",
            &quota(json!({ "limit": 1, "period": "DAY", "offset": 1 })),
            "400 BadRequestException Usage Plan quota offset must be zero in the DAY period",
        ),
        (
            "POST /usageplans",
            &stage("none", "dev"),
            "404 NotFoundException API Stage not found: none:dev",
        ),
        (
            "POST /usageplans",
            &stage("", "dev"),
            "400 BadRequestException Invalid API Stage {api: %s, stage: %s} specified for usageplan %s",
        ),
    ]);
}

#[test]
fn tags_of_keys_and_plans() {
    let (rest, plan, key) = planned(json!({}));
    for place in [format!("apikeys/{key}"), format!("usageplans/{plan}")] {
        let path = format!("/tags/arn:aws:apigateway:us-east-1::/{place}");
        let said = rest.bench.ask(&format!("PUT {path}"), r#"{"tags":{"a":"b","c":"d"}}"#);
        assert_eq!(said.status, 204);
        assert_eq!(rest.bench.ask(&format!("DELETE {path}?tagKeys=a"), "").status, 204);
        assert_eq!(rest.bench.ok(&format!("GET {path}"), ""), json!({ "tags": { "c": "d" } }));
        assert_eq!(rest.bench.ok(&format!("GET /{place}"), "")["tags"], json!({ "c": "d" }));
    }
}

#[test]
fn usage_is_shown_and_granted() {
    let (rest, plan, key) = planned(json!({ "quota": { "limit": 5, "period": "DAY" } }));
    let (bench, path) = (&rest.bench, format!("/usageplans/{plan}"));
    bench.ok(&format!("POST {path}/keys"), &json!({ "keyId": key, "keyType": "API_KEY" }).to_string());
    let shown = bench.ok(&format!("GET {path}/usage?startDate=2020-04-07&endDate=2020-04-08"), "");
    let expected = json!({
        "usagePlanId": plan, "startDate": "2020-04-07", "endDate": "2020-04-08", "values": { &key: [[0, 5], [0, 5]] },
    });
    assert_eq!(shown, expected);
    let shown = bench.ok(&format!("PATCH {path}/keys/{key}/usage"), &patch("replace", "/remaining", "100"));
    assert_eq!((&shown["startDate"], &shown["values"]), (&json!("2020-04-08"), &json!({ &key: [[0, 100]] })));
    rest.refuses(&[
        (
            &format!("GET {path}/usage?startDate=2020-04-07"),
            "",
            "400 BadRequestException Invalid endDate specified: ",
        ),
        (
            &format!("GET {path}/usage?startDate=2020-04-07&endDate=2021-04-07"),
            "",
            "400 BadRequestException endDate must be at most 91 days after startDate",
        ),
        (
            &format!("PATCH {path}/keys/{key}/usage"),
            &patch("replace", "/remaining", "x"),
            "400 BadRequestException Invalid remaining quota specified",
        ),
    ]);
}
