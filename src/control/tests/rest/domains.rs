use super::*;

const PLACE: &str = "/domainnames/api.example.com";

/// A REST API with a stage `dev`, and a domain of kind REGIONAL.
fn mapped() -> Rest {
    let rest = Rest::new();
    rest.mock("GET");
    rest.deployment(r#"{"stageName":"dev"}"#);
    let body = json!({
        "domainName": "API.example.com", "regionalCertificateArn": "arn:c",
        "endpointConfiguration": { "types": ["REGIONAL"] }, "tags": { "a": "b" },
    });
    rest.bench.ok("POST /domainnames", &body.to_string());
    rest
}

fn api(rest: &Rest) -> String {
    rest.path.trim_start_matches("/restapis/").to_owned()
}

#[test]
fn a_domain_of_each_kind() {
    let bench = Bench::new();
    for (more, expected) in [
        (
            json!({ "endpointConfiguration": { "types": ["REGIONAL"] }, "regionalCertificateArn": "arn:c" }),
            json!({
                "endpointConfiguration": { "types": ["REGIONAL"], "ipAddressType": "ipv4" },
                "regionalCertificateArn": "arn:c", "certificateUploadDate": 1_586_372_745,
                "regionalHostedZoneId": "Z1UJRXOUMOOFQ8", "routingMode": "BASE_PATH_MAPPING_ONLY",
            }),
        ),
        (
            json!({ "certificateArn": "arn:c", "securityPolicy": "TLS_1_0", "endpointAccessMode": "BASIC" }),
            json!({
                "endpointConfiguration": { "types": ["EDGE"], "ipAddressType": "ipv4" }, "certificateArn": "arn:c",
                "certificateUploadDate": 1_586_372_745, "distributionHostedZoneId": "Z2FDTNDATAQYW2",
                "routingMode": "BASE_PATH_MAPPING_ONLY", "endpointAccessMode": "BASIC",
            }),
        ),
    ] {
        let mut body = more.clone();
        body["domainName"] = json!("api.example.com");
        let said = bench.ask("POST /domainnames", &body.to_string());
        let mut shown = said.json();
        let members = shown.as_object_mut().unwrap();
        let (name, ending) = match members.remove("regionalDomainName") {
            Some(name) => (name, ".execute-api.us-east-1.amazonaws.com"),
            None => (members.remove("distributionDomainName").unwrap(), ".cloudfront.net"),
        };
        assert!(name.as_str().unwrap().ends_with(ending), "{name}");
        let mut whole = expected;
        whole["domainName"] = json!("api.example.com");
        whole["domainNameArn"] = json!("arn:aws:apigateway:us-east-1::/domainnames/api.example.com");
        whole["domainNameStatus"] = json!("AVAILABLE");
        whole["securityPolicy"] = more.get("securityPolicy").cloned().unwrap_or(json!("TLS_1_2"));
        whole["tags"] = json!({});
        assert_eq!((said.status, shown), (201, whole));
        assert_eq!(bench.ok(&format!("GET {PLACE}"), ""), said.json());
        assert_eq!(bench.ok("GET /domainnames", ""), json!({ "item": [said.json()] }));
        let deleted = bench.ask(&format!("DELETE {PLACE}"), "");
        assert_eq!((deleted.status, deleted.body.as_str()), (202, ""));
        bench.refused(
            &format!("GET {PLACE}"),
            "",
            "404 NotFoundException Invalid domain name identifier specified",
        );
    }
}

#[test]
fn both_versions_see_the_same_domains() {
    let rest = mapped();
    let (bench, id) = (&rest.bench, api(&rest));
    let v2 = bench.ok("GET /v2/domainnames/api.example.com", "");
    assert_eq!(v2["domainNameConfigurations"][0]["certificateArn"], "arn:c");
    let v1 = bench.ok(&format!("GET {PLACE}"), "");
    assert_eq!(v1["regionalDomainName"], v2["domainNameConfigurations"][0]["apiGatewayDomainName"]);

    let body = json!({ "restApiId": id, "stage": "dev", "basePath": "one" });
    bench.ok(&format!("POST {PLACE}/basepathmappings"), &body.to_string());
    let two = json!({ "apiId": id, "stage": "dev", "apiMappingKey": "two/three" });
    bench.ok("POST /v2/domainnames/api.example.com/apimappings", &two.to_string());
    let shown = bench.ok(&format!("GET {PLACE}/basepathmappings"), "");
    let expected =
        ["one", "two/three"].map(|path| json!({ "basePath": path, "restApiId": id, "stage": "dev" }));
    assert_eq!(shown, json!({ "item": expected }));
    let shown = bench.ok("GET /v2/domainnames/api.example.com/apimappings", "");
    assert_eq!(shown["items"].as_array().unwrap().len(), 2);
    // A mapping without a stage is V1's, and V2 shows what there is.
    bench.ok(&format!("POST {PLACE}/basepathmappings"), &json!({ "restApiId": id }).to_string());
    let shown = bench.ok("GET /v2/domainnames/api.example.com/apimappings", "");
    let all = shown["items"].as_array().unwrap();
    let bare = all.iter().find(|mapping| mapping["apiMappingKey"] == "").unwrap();
    assert_eq!(bare.get("stage"), None);

    bench.ok("POST /domainnames", r#"{"domainName":"edge.example.com"}"#);
    let message = "400 BadRequestException Only REGIONAL domain names can be managed through the API Gateway V2 API. For \
         EDGE domain names, please use the API Gateway V1 API. Also note that only REST APIs can be attached to EDGE \
         domain names.";
    bench.refused("GET /v2/domainnames/edge.example.com", "", message);
    let shown = bench.ok("GET /v2/domainnames", "");
    assert_eq!(shown["items"].as_array().unwrap().len(), 1);
}

#[test]
fn base_paths() {
    let rest = mapped();
    let (bench, id) = (&rest.bench, api(&rest));
    let line = format!("POST {PLACE}/basepathmappings");
    for (given, path) in [(json!({}), "(none)"), (json!({ "basePath": "a" }), "a")] {
        let mut body = given;
        body["restApiId"] = json!(id);
        body["stage"] = json!("dev");
        let said = bench.ask(&line, &body.to_string());
        let expected = json!({ "basePath": path, "restApiId": id, "stage": "dev" });
        assert_eq!((said.status, said.json()), (201, expected.clone()));
        assert_eq!(bench.ok(&format!("GET {PLACE}/basepathmappings/{path}"), ""), expected);
    }
    let body = |more: &str| format!(r#"{{"restApiId":"{id}","stage":"dev"{more}}}"#);
    for (body, expected) in [
        (body(""), "409 ConflictException Base path already exists for this domain name"),
        (
            body(r#","basePath":"(none)""#),
            "409 ConflictException Base path already exists for this domain name",
        ),
        (
            body(r#","basePath":"a/b""#),
            "400 BadRequestException API Gateway V1 doesn't support the slash character (/) in base path mappings. To \
             create a multi-level base path mapping, use API Gateway V2.",
        ),
        (r#"{"restApiId":"x"}"#.into(), "400 BadRequestException Invalid REST API identifier specified"),
        (
            format!(r#"{{"restApiId":"{id}","stage":"x","basePath":"n"}}"#),
            "400 BadRequestException Invalid stage identifier specified",
        ),
    ] {
        bench.refused(&line, &body, expected);
    }
    let at = format!("PATCH {PLACE}/basepathmappings/a");
    for (operation, expected) in [
        (
            patch("replace", "/basePath", "(none)"),
            "409 ConflictException Base path already exists for this domain name",
        ),
        (patch("replace", "/stage", "x"), "400 BadRequestException Invalid stage identifier specified"),
        (
            patch("replace", "/restapiId", "x"),
            "400 BadRequestException Invalid REST API identifier specified",
        ),
        (
            patch("remove", "/stage", ""),
            "400 BadRequestException Invalid patch path  '/stage' specified for op 'remove'. Please choose supported \
             operations",
        ),
    ] {
        bench.refused(&at, &operation, expected);
    }
    let changed = bench.ok(&at, &patches(&[("replace", "/basePath", "b"), ("replace", "/stage", "")]));
    assert_eq!(changed, json!({ "basePath": "b", "restApiId": id }));
    rest.refuses(&[("DELETE ~", "", "400 BadRequestException …")]);
    for path in ["b", "(none)"] {
        let said = bench.ask(&format!("DELETE {PLACE}/basepathmappings/{path}"), "");
        assert_eq!((said.status, said.body.as_str()), (202, ""), "{path}");
        bench.refused(
            &format!("GET {PLACE}/basepathmappings/{path}"),
            "",
            "404 NotFoundException Invalid base path mapping identifier specified",
        );
    }
    assert_eq!(bench.ask(&format!("DELETE {}", rest.path), "").status, 202);
}

#[test]
fn what_is_patched() {
    let rest = mapped();
    let line = format!("PATCH {PLACE}");
    for (operations, member, expected) in [
        (vec![("replace", "/regionalCertificateArn", "d")], "regionalCertificateArn", json!("d")),
        (vec![("replace", "/securityPolicy", "TLS_1_0")], "securityPolicy", json!("TLS_1_0")),
        (vec![("replace", "/endpointAccessMode", "STRICT")], "endpointAccessMode", json!("STRICT")),
        (vec![("replace", "/routingMode", "ROUTING_RULE_ONLY")], "routingMode", json!("ROUTING_RULE_ONLY")),
        (
            vec![("replace", "/endpointConfiguration/ipAddressType", "dualstack")],
            "endpointConfiguration",
            json!({ "types": ["REGIONAL"], "ipAddressType": "dualstack" }),
        ),
        (
            vec![
                ("replace", "/endpointConfiguration/types/REGIONAL", "EDGE"),
                ("replace", "/certificateArn", "e"),
            ],
            "certificateArn",
            json!("e"),
        ),
        (
            vec![("replace", "/endpointConfiguration/types", "REGIONAL")],
            "regionalHostedZoneId",
            json!("Z1UJRXOUMOOFQ8"),
        ),
    ] {
        assert_eq!(rest.bench.ok(&line, &patches(&operations))[member], expected, "{operations:?}");
    }
    let before = rest.bench.ok(&format!("GET {PLACE}"), "");
    for (operation, expected) in [
        (patch("replace", "/domainName", "x"), "400 BadRequestException Invalid patch path /domainName"),
        (
            patches(&[("replace", "/securityPolicy", "TLS_1_2"), ("replace", "/securityPolicy", "TLS_9")]),
            "400 BadRequestException Invalid value TLS_9 specified for /securityPolicy",
        ),
        (
            patch("replace", "/endpointConfiguration/types/0", "PRIVATE"),
            "400 BadRequestException gatelet does not support private custom domain names yet",
        ),
        (
            patch("replace", "/mutualTlsAuthentication/truststoreUri", "x"),
            "400 BadRequestException Invalid truststoreUri: it must be s3://bucket-name/key-name",
        ),
    ] {
        rest.bench.refused(&line, &operation, expected);
    }
    assert_eq!(rest.bench.ok(&format!("GET {PLACE}"), ""), before);
}

#[test]
fn what_is_no_domain() {
    let rest = mapped();
    rest.refuses(&[
        ("POST /domainnames", "{}", "400 BadRequestException No Domain Name specified"),
        (
            "POST /domainnames",
            r#"{"domainName":"api.EXAMPLE.com"}"#,
            "409 ConflictException Domain name with ID api.example.com already exists",
        ),
        ("POST /domainnames", r#"{"domainName":"x"}"#, "400 BadRequestException Invalid domain name specified"),
        (
            "POST /domainnames",
            r#"{"domainName":"b.example.com","endpointConfiguration":{"types":["PRIVATE"]}}"#,
            "400 BadRequestException gatelet does not support private custom domain names yet",
        ),
        (
            "POST /domainnames",
            r#"{"domainName":"b.example.com","routingMode":"x"}"#,
            "400 ValidationException 1 validation error detected: Value 'x' at 'createDomainNameInput.routingMode' failed \
             to satisfy constraint: Member must satisfy enum value set: [BASE_PATH_MAPPING_ONLY, ROUTING_RULE_ONLY, \
             ROUTING_RULE_THEN_BASE_PATH_MAPPING]",
        ),
    ]);
}

#[test]
fn tags() {
    let rest = mapped();
    let arn = "/tags/arn:aws:apigateway:us-east-1::/domainnames/api.example.com";
    rest.bench.ok(&format!("PUT {arn}"), r#"{"tags":{"c":"d"}}"#);
    assert_eq!(rest.bench.ok(&format!("GET {arn}"), ""), json!({ "tags": { "a": "b", "c": "d" } }));
    rest.bench.ok(&format!("DELETE {arn}?tagKeys=a"), "");
    assert_eq!(rest.bench.ok(&format!("GET {PLACE}"), "")["tags"], json!({ "c": "d" }));
}
