use serde_json::json;

use super::*;

#[test]
fn tags_of_apis_and_stages() {
    let (bench, api) = Bench::with_api();
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"$default","tags":{"old":"1"}}"#);
    let id = api.strip_prefix("/v2/apis/").unwrap();
    for (arn, old) in [
        (format!("arn:aws:apigateway:us-east-1::/apis/{id}"), false),
        (format!("arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2F{id}"), false),
        (format!("arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2F{id}%2Fstages%2F%24default"), true),
    ] {
        let said = bench.ask(&format!("POST /v2/tags/{arn}"), r#"{"tags":{"a":"b","ü":""}}"#);
        assert_eq!(said.status, 201, "{said:?}");
        let mut expected = json!({ "tags": { "a": "b", "ü": "" } });
        if old {
            expected["tags"]["old"] = "1".into();
        }
        assert_eq!(bench.ok(&format!("GET /v2/tags/{arn}"), ""), expected);
        let said = bench.ask(&format!("DELETE /v2/tags/{arn}?tagKeys=a&tagKeys=%C3%BC&tagKeys=none"), "");
        assert_eq!(said.status, 204);
        let expected = if old { json!({ "old": "1" }) } else { json!({}) };
        assert_eq!(bench.ok(&format!("GET /v2/tags/{arn}"), "")["tags"], expected);
    }
    assert_eq!(bench.ok(&format!("GET {api}/stages/$default"), "")["tags"], json!({ "old": "1" }));
}

#[test]
fn what_is_refused() {
    let (bench, api) = Bench::with_api();
    let id = api.strip_prefix("/v2/apis/").unwrap();
    for (arn, expected) in [
        ("nonsense".into(), "400 BadRequestException Invalid resource ARN specified: nonsense"),
        (
            "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
            "400 BadRequestException Invalid resource…",
        ),
        ("arn:aws:apigateway:us-east-1::/apis/none".into(), "404 NotFoundException Unable to find…"),
        (format!("arn:aws:apigateway:eu-west-1::/apis/{id}"), "404 NotFoundException Unable to find…"),
        (
            format!("arn:aws:apigateway:us-east-1::/apis/{id}/stages/none"),
            "404 NotFoundException Unable to find…",
        ),
        (
            format!("arn:aws:apigateway:us-east-1::/apis/{id}/routes/a"),
            "404 NotFoundException Unable to find…",
        ),
    ] {
        for method in ["GET", "POST", "DELETE"] {
            bench.refused(&format!("{method} /v2/tags/{arn}"), "{}", expected);
        }
    }
    let many: serde_json::Map<_, _> = (0..51).map(|n| (n.to_string(), Value::from("x"))).collect();
    let long = "x".repeat(257);
    for tags in [
        json!({ "aws:a": "b" }),
        json!({ "AWS:a": "b" }),
        json!({ "": "b" }),
        json!({ "a": long }),
        many.into(),
    ] {
        let body = json!({ "tags": tags }).to_string();
        bench.refused(
            &format!("POST /v2/tags/arn:aws:apigateway:us-east-1::/apis/{id}"),
            &body,
            "400 BadRequestException …",
        );
    }
}
