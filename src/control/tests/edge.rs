//! The front door, the wire protocols and our own endpoints.

use super::*;

/// An `Authorization` header for this scope.
fn signed(access_key: &str, region: &str, service: &str) -> String {
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential={access_key}/20200408/{region}/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=00\r\n"
    )
}

#[test]
fn which_operation_a_request_asks_for() {
    let bench = Bench::new();
    let form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n";
    let json = "Content-Type: application/x-amz-json-1.1\r\n";
    let identity = "Action=GetCallerIdentity&Version=2011-06-15";
    let v2 = signed("test", "eu-central-1", "apigateway");
    for (line, headers, body, expected) in [
        ("GET /v2/apis", "", "", "200 apigatewayv2 GetApis"),
        ("GET /v2/apis/", "", "", "200 apigatewayv2 GetApis"),
        ("GET /v2/apis?maxResults=1", v2.as_str(), "", "200 apigatewayv2 GetApis"),
        ("GET /v2/apis/a%2Fb", "", "", "404 apigatewayv2 GetApi"),
        ("GET /v2/apis//routes", "", "", "404 apigatewayv2 -"),
        ("GET /v2/portals", "", "", "200 apigatewayv2 ListPortals"),
        ("POST /v2/portals/x/preview", "", "", "404 apigatewayv2 PreviewPortal"),
        ("GET /v2/domainnames/x/apimappings/y", "", "", "404 apigatewayv2 GetApiMapping"),
        ("GET /v2/nothing", "", "", "404 apigatewayv2 -"),
        ("POST /", form, identity, "200 sts GetCallerIdentity"),
        ("POST /", form, "Action=GetCallerIdentity", "200 sts GetCallerIdentity"),
        ("GET /?Action=GetCallerIdentity&Version=2011-06-15", "", "", "200 sts GetCallerIdentity"),
        ("POST /", form, "Action=AssumeRole&Version=2011-06-15", "400 sts AssumeRole"),
        ("POST /", &format!("{form}{}", signed("test", "x", "sts")), "Action=Nothing", "400 sts -"),
        ("POST /", &format!("{form}{}", signed("test", "x", "sts")), "", "400 sts -"),
        ("POST /", form, "Action=CreateStack&Version=2010-05-15", "later cloudformation CreateStack"),
        ("POST /", &format!("{json}X-Amz-Target: DynamoDB_20120810.ListTables\r\n"), "{}", "501 gatelet -"),
        ("GET /bucket", &signed("test", "us-east-1", "s3"), "", "404 s3 ListObjects"),
        ("GET /bucket?cors", &signed("test", "us-east-1", "s3"), "", "404 s3 GetBucketCors"),
        ("GET /b/k?x-id=GetObject", "Authorization: AWS test:c2lnbmVk\r\n", "", "404 s3 GetObject"),
        ("GET /b/k?AWSAccessKeyId=test&Signature=x&Expires=9999999999", "", "", "404 s3 GetObject"),
        ("GET /b/k?AWSAccessKeyId=test&Signature=x&Expires=1", "", "", "403 s3 -"),
        ("PATCH /bucket", &signed("test", "us-east-1", "s3"), "", "405 s3 -"),
        ("GET /bucket/%ff", &signed("test", "us-east-1", "s3"), "", "400 s3 -"),
        ("GET /bucket", &signed("test", "us-east-1", "route53"), "", "501 gatelet -"),
        ("GET /_gatelet/code/000000000000/us-east-1/f/1", "", "", "later lambda DownloadPackage"),
        ("GET /restapis", "", "", "200 apigateway GetRestApis"),
        ("GET /restapis", v2.as_str(), "", "200 apigateway GetRestApis"),
        ("POST /restapis?mode=import", "", "{}", "later apigateway ImportRestApi"),
        ("GET /restapis/x/resources/y/methods/GET", v2.as_str(), "", "404 apigateway GetMethod"),
        ("POST /restapis/x/resources/y/methods/GET", v2.as_str(), "", "501 apigateway TestInvokeMethod"),
        ("GET /vpclinks", "", "", "501 apigateway GetVpcLinks"),
        ("GET /account", "", "", "200 apigateway GetAccount"),
        ("GET /", "", "", "404 gatelet -"),
        ("GET /favicon.ico", "", "", "404 gatelet -"),
        ("OPTIONS /v2/apis", "", "", "204 gatelet -"),
        ("GET /v2/apis", "Authorization: Bearer x\r\n", "", "200 apigatewayv2 GetApis"),
        ("GET /v2/apis", "Authorization: AWS4-HMAC-SHA256 Credential=x\r\n", "", "200 apigatewayv2 GetApis"),
        ("GET /v2/apis", &signed("test", "us-east-1", "execute-api"), "", "200 apigatewayv2 GetApis"),
        (
            "GET /?Action=GetCallerIdentity&X-Amz-Credential=test%2F20200408%2Fus-east-1%2Fsts%2Faws4_request",
            "",
            "",
            "200 sts GetCallerIdentity",
        ),
    ] {
        let length = body.len();
        let bytes =
            format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        let found = match bench.turn(&bytes) {
            Turn::Done(done) => format!("{} {} {}", done.response.status, done.service, done.operation),
            Turn::Later(later) => format!("later {} {}", later.call.service.name, later.call.operation.name),
            Turn::Invoke(_) | Turn::Reset(_) | Turn::End(_) | Turn::Metrics => {
                panic!("{line} is no operation of these")
            }
        };
        assert_eq!(found, expected, "{line} {headers}");
    }
}

#[test]
fn every_row_is_found_and_none_hides_another() {
    for service in SERVICES {
        let rows = service.operations.iter().map(|row| (row.name, row.at));
        let rows: Vec<_> = rows.chain(service.unsupported.iter().copied()).collect();
        let mut names: Vec<_> = rows.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), rows.len(), "{} has no operation twice", service.name);
        for (_, at) in &rows {
            // A few of Lambda's are told apart by their query alone, and all of those are refused.
            let (name, at) = rows.iter().find(|(_, other)| other == at).expect("it is there");
            let found = match service.protocol {
                Protocol::Query(_) | Protocol::Json11 => service.at_action(at),
                Protocol::RestXml => {
                    let (method, rest) = at.split_once(' ').expect("a method and what it names");
                    let (level, flags) = rest.split_once('?').unwrap_or((rest, ""));
                    let flags: Vec<_> = flags.split('&').collect();
                    crate::control::s3::route::find(service, method, level, |flag| flags.contains(&flag))
                }
                Protocol::RestJson => {
                    let (method, path) = at.split_once(' ').expect("a method and a path");
                    let (path, query) = path.split_once('?').unwrap_or((path, ""));
                    let path: Vec<_> =
                        path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
                    service.at_path(method, &path.join("/"), &call::parameters(query))
                }
            };
            let found = match found {
                Asked::Operation(row, _) => row.name,
                Asked::Unsupported(name) => name,
                Asked::Unknown => "nothing",
            };
            assert_eq!(found, *name, "{at}");
        }
    }
}

#[test]
fn a_mistake_of_ours_is_a_500() {
    let outcome: Result<(), Error> = guarded(|| panic!("on purpose"));
    assert_eq!(outcome.map_err(|error| (error.status, error.code)), Err((500, "InternalFailure")));
}

#[test]
fn hosts_name_services_and_regions() {
    let bench = Bench::new();
    let ask = |host: &str, line: &str| bench.send(&format!("{line} HTTP/1.1\r\nHost: {host}\r\n"), "");
    assert_eq!(
        ask("sts.eu-west-1.localhost.localstack.cloud:4566", "GET /?Action=GetCallerIdentity").status,
        200
    );
    for (host, line, error) in [
        ("s3.localhost.localstack.cloud:4566", "GET /v2/apis", "NoSuchBucket</Code>"),
        ("xyz.s3.localhost", "GET /v2/apis", "<BucketName>xyz</BucketName>"),
        ("xyz.s3.eu-west-1.amazonaws.com", "GET /", "<BucketName>xyz</BucketName>"),
    ] {
        let said = ask(host, line);
        assert!(said.status == 404 && said.body.contains(error), "{host} {line}: {said:?}");
    }
    assert_eq!(ask("unknown.localhost", "GET /x").status, 404);
    let created = bench.send(
        "POST /v2/apis HTTP/1.1\r\nHost: apigatewayv2.eu-west-1.localhost\r\n",
        r#"{"name":"a","protocolType":"HTTP"}"#,
    );
    assert_eq!(created.status, 201);
    assert_eq!(bench.control.store().apis.values().next().unwrap().owner.region, "eu-west-1");
}

#[test]
fn accounts_and_regions_see_nothing_of_each_other() {
    let bench = Bench::new();
    let body = r#"{"name":"a","protocolType":"HTTP"}"#;
    let owners = [
        ("test", "us-east-1"),
        ("test", "eu-west-1"),
        ("111111111111", "us-east-1"),
        ("222222222222", "us-gov-west-1"),
    ];
    let head = |line: &str, (key, region): (&str, &str)| {
        format!("{line} HTTP/1.1\r\nHost: localhost\r\n{}", signed(key, region, "apigateway"))
    };
    let ids = owners.map(|owner| text(&bench.send(&head("POST /v2/apis", owner), body).json(), "apiId"));
    for (n, owner) in owners.into_iter().enumerate() {
        let items = bench.send(&head("GET /v2/apis", owner), "").json()["items"].clone();
        assert_eq!(items.as_array().unwrap().len(), 1);
        assert_eq!(items[0]["apiId"], ids[n]);
        for (other, id) in ids.iter().enumerate() {
            let status = bench.send(&head(&format!("GET /v2/apis/{id}"), owner), "").status;
            assert_eq!(status, if other == n { 200 } else { 404 });
        }
    }
    // A region that is none must not end up in ARNs.
    bench.send(&head("POST /v2/apis", ("test", "a:b")), body);
    let store = bench.control.store();
    let usual = store.apis.values().filter(|api| api.owner.region == "us-east-1").count();
    assert_eq!(usual, 3);
}

#[test]
fn each_protocol_has_its_errors() {
    let bench = Bench::new();
    let form = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";

    let said = bench.send(form, "Action=GetCallerIdentity&Version=2011-06-15");
    let id = said.header("x-amzn-requestid").to_owned();
    assert_eq!(said.header("content-type"), "text/xml");
    assert_eq!(
        said.body,
        format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <Arn>arn:aws:iam::000000000000:root</Arn><UserId>AKIAIOSFODNN7EXAMPLE</UserId>\
             <Account>000000000000</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>{id}</RequestId>\
             </ResponseMetadata></GetCallerIdentityResponse>"
        )
    );

    let said = bench.send(form, "Action=GetSessionToken&Version=2011-06-15");
    assert_eq!((said.status, said.header("content-type")), (501, "text/xml"));
    assert!(
        said.body.contains("<Type>Receiver</Type><Code>NotImplementedException</Code><Message>"),
        "{}",
        said.body
    );
    assert!(said.body.contains("GetSessionToken of sts"), "{}", said.body);

    let said = bench.send(form, "Action=%3Cscript%3E&Version=2016-11-15");
    assert!(said.body.contains("ec2, which was asked for &lt;script&gt;"), "{}", said.body);

    let target = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.GetQueue\r\n";
    let said = bench.send(target, "{}");
    assert_eq!((said.status, said.header("content-type")), (501, "application/x-amz-json-1.1"));
    assert_eq!(said.json()["__type"], "NotImplementedException");
    assert!(text(&said.json(), "message").contains("sqs, which was asked for GetQueue"));

    let said = bench.send(&format!("GET /b HTTP/1.1\r\nHost: x\r\n{}", signed("a", "b", "route53")), "");
    assert_eq!((said.status, said.header("content-type")), (501, "application/xml"));
    assert!(said.body.contains("<Code>NotImplementedException</Code>"));
    let said = bench.send(&format!("GET /b/k?acl HTTP/1.1\r\nHost: x\r\n{}", signed("a", "b", "s3")), "");
    assert!(said.body.contains("<Code>NotImplemented</Code>") && said.body.contains("GetObjectAcl of s3"));

    let said = bench.ask("GET /vpclinks", "");
    assert_eq!((said.status, said.header("x-amzn-errortype")), (501, "NotImplementedException"));
    assert_eq!(
        text(&said.json(), "message"),
        "gatelet does not support the operation GetVpcLinks of apigateway yet"
    );

    let said = bench.ask("GET /some/where", "");
    let message = text(&said.json(), "message");
    for part in [
        "GET /some/where",
        ".execute-api.localhost.localstack.cloud:4566",
        "_user_request_",
        "/_aws/execute-api/",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn our_own_endpoints() {
    let bench = Bench::new();
    let health = bench.ok("GET /_localstack/health", "");
    let services = health["services"].as_object().unwrap();
    let emulated = SERVICES.iter().map(|service| service.name);
    for service in emulated.chain(["apigatewaymanagementapi", "execute-api"]) {
        assert_eq!(services[service], "available", "{service}");
    }
    assert!(services.contains_key("apigateway") && services.contains_key("s3"), "{services:?}");
    assert_eq!(bench.ask("HEAD /_localstack/health", "").status, 200);
    for (body, expected) in [
        (r#"{"action":"restart"}"#, "200 ok"),
        (r#"{"action":"kill"}"#, "200 ok"),
        (r#"{"action":"dance"}"#, "400 invalid request"),
        ("{}", "400 invalid request"),
        ("", "400 invalid request"),
    ] {
        let said = bench.ask("POST /_localstack/health", body);
        assert_eq!(format!("{} {}", said.status, said.body), expected, "{body}");
    }
    let info = bench.ok("GET /_localstack/info", "");
    assert_eq!((&info["uptime"], &info["server_time_utc"]), (&0.into(), &"2020-04-08T19:05:45".into()));
    assert_eq!(bench.ok("GET /_localstack/init", "")["completed"]["READY"], true);
    assert_eq!(bench.ok("GET /_localstack/init/ready", "")["completed"], true);
    assert_eq!(bench.ok("GET /_localstack/init/shutdown", "")["completed"], false);
    for line in
        ["GET /_localstack/nothing", "GET /_localstack/init/x", "GET /_gatelet", "DELETE /_localstack/health"]
    {
        assert_eq!(bench.ask(line, "").status, 404, "{line}");
    }
    assert_eq!(bench.ask("GET /_localstack/init/x", "").body, "no such stage x");
    assert!(matches!(bench.turn("GET /_gatelet/metrics HTTP/1.1\r\nHost: a\r\n\r\n"), Turn::Metrics));
}

#[test]
fn a_reset_empties_everything() {
    for path in ["/_localstack/state/reset", "/_gatelet/reset"] {
        let (bench, api) = Bench::with_api();
        let before = bench.live.latest();
        let turn = bench.turn(&format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
        assert!(matches!(turn, Turn::Reset(done) if done.response.status == 200));
        assert_eq!(bench.ask(&format!("GET {api}"), "").status, 404);
        assert!(!Arc::ptr_eq(&before, &bench.live.latest()), "what was published is empty too");
    }
}

#[test]
fn only_pages_of_this_machine_are_answered() {
    let bench = Bench::new();
    for (origin, welcome) in [
        ("http://localhost", true),
        ("http://localhost:3000", true),
        ("https://app.localhost:8443", true),
        ("http://127.0.0.1:8080", true),
        ("http://[::1]:8080", true),
        ("https://localhost.localstack.cloud", true),
        ("https://app.localstack.cloud", true),
        ("https://my-api.execute-api.localhost.localstack.cloud:4566", true),
        ("null", false),
        ("https://example.com", false),
        ("https://localhost.example.com", false),
        ("https://evillocalhost", false),
        ("https://x.127.0.0.1", false),
        ("https://é.com", false),
    ] {
        let said = bench.send(
            &format!("POST /v2/apis HTTP/1.1\r\nHost: localhost:4566\r\nOrigin: {origin}\r\n"),
            r#"{"name":"a","protocolType":"HTTP"}"#,
        );
        assert_eq!(said.status, if welcome { 201 } else { 403 }, "{origin}");
    }
    let settings = |origin: &str| Settings { allowed_origins: vec![origin.into()], ..Settings::default() };
    for (allowed, status) in [("http://app.test:3000", 200), ("*", 200), ("http://app.test", 403)] {
        let bench = Bench::with(settings(allowed));
        let said = bench.send("GET /v2/apis HTTP/1.1\r\nHost: a\r\nOrigin: http://app.test:3000\r\n", "");
        assert_eq!(said.status, status, "{allowed}");
    }
    let preflight = "OPTIONS /2015-03-31/functions HTTP/1.1\r\nHost: a\r\nOrigin: http://localhost:3000\r\n\
                     Access-Control-Request-Method: POST\r\n";
    let said = bench.send(preflight, "");
    assert_eq!((said.status, said.header("access-control-allow-origin")), (204, "*"));
    assert!(said.header("access-control-allow-headers").contains("authorization"));
    assert_eq!(bench.ask("GET /v2/apis", "").header("access-control-allow-origin"), "*");
}

#[test]
fn uploads_may_be_larger_than_other_calls() {
    for (line, limit) in [
        ("POST /2015-03-31/functions", MAX_UPLOAD),
        ("PUT /2015-03-31/functions/f/code", MAX_UPLOAD),
        ("POST /v2/apis", MAX_CALL),
        ("POST /", MAX_CALL),
    ] {
        let request = Request::of(format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).unwrap();
        assert_eq!(Control::body_limit(&request), limit, "{line}");
    }
}
