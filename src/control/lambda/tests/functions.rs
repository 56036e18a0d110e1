//! Functions and their code.

use super::*;

/// All that AWS answers for a function with nothing but the necessary.
const MEMBERS: &[&str] = &[
    "Architectures",
    "CodeSha256",
    "CodeSize",
    "Description",
    "EphemeralStorage",
    "FunctionArn",
    "FunctionName",
    "Handler",
    "LastModified",
    "LastUpdateStatus",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "RevisionId",
    "Role",
    "Runtime",
    "RuntimeVersionConfig",
    "SnapStart",
    "State",
    "Timeout",
    "TracingConfig",
    "Version",
];

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_function_from_its_making_to_its_end() {
    let lambda = Lambda::empty();
    let made = lambda.made(&function("f"));
    assert_eq!(names(&made), MEMBERS);
    has(
        &made,
        json!({
            "FunctionArn": ARN, "Version": "$LATEST", "State": "Active", "LastUpdateStatus": "Successful",
            "Timeout": 3, "MemorySize": 128, "Description": "", "PackageType": "Zip",
            "Architectures": ["x86_64"], "EphemeralStorage": { "Size": 512 },
            "LoggingConfig": { "LogFormat": "Text", "LogGroup": "/aws/lambda/f" },
            "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
            "TracingConfig": { "Mode": "PassThrough" }, "LastModified": "2025-04-14T22:13:56.573+0000",
        }),
    );
    let got = lambda.said(&format!("GET {FUNCTIONS}/f"), &Value::Null, 200);
    assert_eq!(got["Configuration"], made);
    assert_eq!(names(&got), ["Code", "Configuration"]);
    assert_eq!(lambda.said(&format!("GET {FUNCTIONS}/f/configuration"), &Value::Null, 200), made);
    let arn = ARN.replace(':', "%3A");
    let by_arn = lambda.said(&format!("GET {FUNCTIONS}/{arn}?Qualifier=$LATEST"), &Value::Null, 200);
    assert_eq!(by_arn["Configuration"]["FunctionArn"], format!("{ARN}:$LATEST"));

    let updated = lambda.said(
        &format!("PUT {FUNCTIONS}/f/configuration"),
        &json!({ "Timeout": 10, "Environment": { "Variables": { "A1": "a" } } }),
        200,
    );
    has(&updated, json!({ "Timeout": 10, "MemorySize": 128, "Environment": { "Variables": { "A1": "a" } } }));
    assert_ne!(updated["RevisionId"], made["RevisionId"]);
    let updated = lambda.said(&format!("PUT {FUNCTIONS}/f/code"), &json!({ "ZipFile": zip("2") }), 200);
    assert_ne!(updated["CodeSha256"], made["CodeSha256"]);
    has(&updated, json!({ "Timeout": 10 }));
    lambda.disk.empty_bin();
    assert_eq!(lambda.disk.folders(), 1, "the old code is gone");

    assert_eq!(lambda.answered(&format!("DELETE {FUNCTIONS}/f"), b"").status, 204);
    let missing = format!("404 ResourceNotFoundException: Function not found: {ARN}").to_lowercase();
    for line in [format!("DELETE {FUNCTIONS}/f"), format!("GET {FUNCTIONS}/f")] {
        assert_eq!(lambda.refused(&line, &Value::Null).to_lowercase(), missing);
    }
    lambda.live.publish(Live::empty(Arc::default()));
    lambda.disk.empty_bin();
    assert_eq!(lambda.disk.folders(), 0);
}

#[test]
fn the_package_can_be_had_again() {
    let lambda = Lambda::empty();
    lambda.made(&function("f"));
    let got = lambda.said(&format!("GET {FUNCTIONS}/f"), &Value::Null, 200);
    let location = got["Code"]["Location"].as_str().unwrap();
    let path = location.strip_prefix("http://localhost.localstack.cloud:4566").expect("our own address");
    assert_eq!(path, "/_gatelet/code/000000000000/us-east-1/f/$LATEST");
    match lambda.turn(&format!("GET {path}"), "", b"") {
        Turn::Later(later) => {
            let done = later.run(&lambda.control);
            assert_eq!(STANDARD.encode(&done.response.body), zip("exports.handler = 1"));
        }
        _ => panic!("reading takes its time"),
    }
    let missing = path.replace("/f/", "/g/");
    assert!(lambda.refused(&format!("GET {missing}"), &Value::Null).starts_with("404"));
}

#[test]
fn hot_reload() {
    let lambda = Lambda::empty();
    lambda.disk.make_folder("/home/me/app");
    let hot =
        |bucket: &str, key: &str| but(function("f"), json!({ "Code": { "S3Bucket": bucket, "S3Key": key } }));
    let made = lambda.made(&hot("hot-reload", "/home/me/app"));
    has(&made, json!({ "CodeSha256": "hot-reloading-hash-not-available", "CodeSize": 0 }));
    let got = lambda.said(&format!("GET {FUNCTIONS}/f"), &Value::Null, 200);
    assert_eq!(got["Code"]["Location"], "file:///home/me/app");
    for (body, expected) in [
        (
            hot("hot-reload", "app"),
            "400 invalidparametervalueexception: When using hot reloading, the archive key has to be an absolute \
             path! Your archive key: app",
        ),
        (
            hot("__local__", "/nowhere"),
            "400 invalidparametervalueexception: When using hot reloading, the archive key has to be a folder that \
             gatelet can read! Your archive key: /nowhere",
        ),
        (
            hot("my-bucket", "f.zip"),
            "400 invalidparametervalueexception: Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 \
             Error Message: The specified bucket does not exist",
        ),
    ] {
        assert_eq!(lambda.refused(&format!("PUT {FUNCTIONS}/f/code"), &body["Code"]), expected);
    }
}

#[test]
fn what_is_no_function() {
    let lambda = Lambda::with_f();
    let long = "a".repeat(65);
    let pattern = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";
    let one = "400 validationexception: 1 validation error detected: Value";
    let must = "failed to satisfy constraint: Member must";
    let runtimes = "[nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2]";
    let large = "x".repeat(4081);
    for (others, expected) in [
        (json!({ "FunctionName": null }), format!("{one} null at 'functionName' {must} not be null")),
        (json!({ "Code": null, "Role": null }), format!(
            "400 validationexception: 2 validation errors detected: Value null at 'role' {must} not be null; Value \
             null at 'code' {must} not be null"
        )),
        (json!({ "FunctionName": "invalid:function:name" }), format!(
            "{one} 'invalid:function:name' at 'functionName' {must} satisfy regular expression pattern: {pattern}"
        )),
        (json!({ "FunctionName": long }), format!(
            "400 invalidparametervalueexception: 1 validation error detected: Value '{long}' at 'functionName' \
             {must} have length less than or equal to 64"
        )),
        (json!({ "FunctionName": "f" }), "409 resourceconflictexception: Function already exist: f".into()),
        (
            json!({ "FunctionName": "arn:aws:lambda:ap-southeast-1:000000000000:function:g" }),
            "404 resourcenotfoundexception: Functions from 'ap-southeast-1' are not reachable in this region \
             ('us-east-1')".into(),
        ),
        (json!({ "Role": "r1" }), format!(
            "{one} 'r1' at 'role' {must} satisfy regular expression pattern: \
             arn:(aws[a-zA-Z-]*)?:iam::\\d{{12}}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"
        )),
        (json!({ "Runtime": "PYTHON3.9" }), format!(
            "400 invalidparametervalueexception: Value PYTHON3.9 at 'runtime' {must} satisfy enum value set: \
             {runtimes} or be a valid ARN"
        )),
        (json!({ "Architectures": ["x86_64", "arm64"] }), format!(
            "{one} '[x86_64, arm64]' at 'architectures' {must} have length less than or equal to 1"
        )),
        (json!({ "Architectures": ["X86_64"] }), format!(
            "{one} '[X86_64]' at 'architectures' {must} satisfy constraint: [Member must satisfy enum value set: \
             [x86_64, arm64], Member must not be null]"
        )),
        (json!({ "Timeout": 901 }), format!("{one} '901' at 'timeout' {must} have value less than or equal to 900")),
        (json!({ "MemorySize": 127 }), format!(
            "{one} '127' at 'memorySize' {must} have value greater than or equal to 128"
        )),
        (json!({ "Timeout": "3" }), "400 serializationexception: Timeout must be an integer".into()),
        (json!({ "SnapStart": { "ApplyOn": "invalidOption" } }), format!(
            "{one} 'invalidOption' at 'snapStart.applyOn' {must} satisfy enum value set: [PublishedVersions, None]"
        )),
        (json!({ "Handler": null }),
            "400 invalidparametervalueexception: Runtime and Handler are mandatory parameters for functions created \
             with deployment packages.".into()),
        (json!({ "Environment": { "Variables": { "LARGE_VAR": large } } }), format!(
            "400 invalidparametervalueexception: Lambda was unable to configure your environment variables because \
             the environment variables you have provided exceeded the 4KB limit. String measured: \
             {{\"LARGE_VAR\":\"{large}\"}}"
        )),
        (json!({ "Environment": { "Variables": { "AWS_REGION": "x", "_HANDLER": "y" } } }),
            "400 invalidparametervalueexception: Lambda was unable to configure your environment variables because \
             the environment variables you have provided contains reserved keys that are currently not supported \
             for modification. Reserved keys used in this request: AWS_REGION, _HANDLER".into()),
        (json!({ "Environment": { "Variables": { "a=b": "x" } } }), format!(
            "{one} '{{a=b=x}}' at 'environment.variables' failed to satisfy constraint: Map keys must satisfy \
             constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
        )),
        (json!({ "Code": { "ZipFile": STANDARD.encode("this is not a zipfile") } }),
            "400 invalidparametervalueexception: Could not unzip uploaded file. Please check your file, then try to \
             upload again.".into()),
        (json!({ "Code": {} }), "400 invalidparametervalueexception: Please provide a source for function code.".into()),
    ] {
        let body = but(function("g"), others);
        assert_eq!(lambda.refused(&format!("POST {FUNCTIONS}"), &body), expected);
    }
    lambda.disk.empty_bin();
    assert_eq!(lambda.disk.folders(), 1, "what is refused leaves nothing behind");
    // One byte less than what was refused above.
    let environment = json!({ "Environment": { "Variables": { "LARGE_VAR": &large[1..] } } });
    lambda.made(&but(function("h"), environment));
    for runtime in
        ["nodejs26.x", "python3.15", "provided.al2027", "java8", "dotnetcore3.1", "go1.x", "ruby4.0"]
    {
        lambda.said(&format!("PUT {FUNCTIONS}/h/configuration"), &json!({ "Runtime": runtime }), 200);
    }
    let own = Lambda::with(Settings { runtimes: ["lua".to_owned()].into(), ..Settings::default() });
    own.made(&but(function("f"), json!({ "Runtime": "lua" })));
    let bad = lambda.answered(&format!("POST {FUNCTIONS}"), b"{");
    assert!(
        refusal(bad)
            .starts_with("400 invalidrequestcontentexception: Could not parse request body into json")
    );
}

#[test]
fn names_and_qualifiers() {
    let lambda = Lambda::empty();
    let pattern = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
    let must = "failed to satisfy constraint: Member must";
    let wrong = |name: &str| {
        format!(
            "400 validationexception: 1 validation error detected: Value '{name}' at 'functionName' {must} satisfy \
             regular expression pattern: {pattern}"
        )
    };
    let arn = |rest: &str| format!("arn:aws:lambda:us-east-1:000000000000:function:{rest}");
    let missing = |rest: &str| format!("404 resourcenotfoundexception: Function not found: {}", arn(rest));
    let mismatch = "400 invalidparametervalueexception: The derived qualifier from the function name does not match \
                    the specified qualifier.";
    let long = "a".repeat(129);
    for (path, expected) in [
        ("*".to_owned(), wrong("*")),
        ("my-function!".into(), wrong("my-function!")),
        ("invalid-account:function:my-function".into(), wrong("invalid-account:function:my-function")),
        (arn("my-function:1:2"), wrong(&arn("my-function:1:2"))),
        (arn("my-function:$LATES"), wrong(&arn("my-function:$LATES"))),
        (
            "f?Qualifier=invalid!".into(),
            format!(
                "400 validationexception: 1 validation error detected: Value 'invalid!' at 'qualifier' {must} satisfy \
             regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
            ),
        ),
        (
            format!("f!?Qualifier={long}"),
            format!(
                "400 validationexception: 2 validation errors detected: Value '{long}' at 'qualifier' {must} have length \
             less than or equal to 128; Value 'f!' at 'functionName' {must} satisfy regular expression pattern: \
             {pattern}"
            ),
        ),
        ("f?Qualifier=$latest".into(), missing("f:$latest")),
        ("f".into(), missing("f")),
        ("f:1221".into(), missing("f:1221")),
        ("arn:aws:lambda:us-east-1:000000000000:function".into(), missing("function")),
        (arn("f:$LATEST?Qualifier=1"), mismatch.into()),
        (arn("f:$LATEST?Qualifier=$LATEST"), missing("f:$LATEST")),
        (
            "arn:aws:lambda:eu-west-1:000000000000:function:f".into(),
            "404 resourcenotfoundexception: Functions from 'eu-west-1' are not reachable in this region \
             ('us-east-1')"
                .into(),
        ),
    ] {
        for tail in ["", "/configuration"] {
            let (name, query) =
                path.split_once('?').map_or((path.as_str(), ""), |(name, query)| (name, query));
            let line = format!("GET {FUNCTIONS}/{name}{tail}?{query}");
            assert_eq!(lambda.refused(&line, &Value::Null), expected, "{line}");
        }
    }
    for (path, expected) in [
        ("f?Qualifier=$LATEST", "400 invalidparametervalueexception: $LATEST version cannot be deleted without deleting the function.".to_owned()),
        ("f?Qualifier=live", "400 invalidparametervalueexception: Deletion of aliases is not currently supported.".into()),
        ("f?Qualifier=7", missing("f")),
        ("f?Qualifier=$latest", missing("f")),
    ] {
        assert_eq!(lambda.refused(&format!("DELETE {FUNCTIONS}/{path}"), &Value::Null), expected);
    }
}

#[test]
fn lists_in_pages() {
    let lambda = Lambda::empty();
    for name in ["c", "a", "b"] {
        lambda.made(&function(name));
    }
    lambda.said(&format!("POST {FUNCTIONS}/b/versions"), &json!({}), 201);
    let listed = |query: &str| {
        let mut seen = Vec::new();
        let mut marker = String::new();
        for _ in 0..10 {
            let answer = lambda.said(&format!("GET {FUNCTIONS}/{query}{marker}"), &Value::Null, 200);
            let page = answer["Functions"].as_array().unwrap();
            let arns =
                page.iter().map(|f| f["FunctionArn"].as_str().unwrap().rsplit("function:").next().unwrap());
            seen.push(arns.collect::<Vec<_>>().join(" "));
            match answer.get("NextMarker") {
                Some(next) => marker = format!("&Marker={}", next.as_str().unwrap()),
                None => return seen.join(" | "),
            }
        }
        panic!("pages without end");
    };
    assert_eq!(listed("?x"), "a b c");
    assert_eq!(listed("?MaxItems=2"), "a b | c");
    assert_eq!(listed("?FunctionVersion=ALL&MaxItems=3"), "a:$LATEST b:$LATEST b:1 | c:$LATEST");
    let first = &lambda.said(&format!("GET {FUNCTIONS}"), &Value::Null, 200)["Functions"][0];
    for absent in ["State", "LastUpdateStatus", "RuntimeVersionConfig"] {
        assert_eq!(first.get(absent), None, "{absent}");
    }
    for (query, expected) in [
        (
            "FunctionVersion=invalid",
            "Value 'invalid' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]",
        ),
        (
            "MaxItems=0",
            "Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
    ] {
        let expected = format!("400 validationexception: 1 validation error detected: {expected}");
        assert_eq!(lambda.refused(&format!("GET {FUNCTIONS}?{query}"), &Value::Null), expected);
    }
}

#[test]
fn accounts_and_regions_see_nothing_of_each_other() {
    let lambda = Lambda::with_f();
    let signed = |key: &str, region: &str| {
        format!(
            "Authorization: AWS4-HMAC-SHA256 Credential={key}/20250414/{region}/lambda/aws4_request, x\r\n"
        )
    };
    for (headers, count) in [
        (signed("test", "us-east-1"), 1),
        (signed("test", "eu-west-1"), 0),
        (signed("123456789012", "us-east-1"), 0),
        (signed("000000000000", "us-east-1"), 1),
    ] {
        let Turn::Done(done) = lambda.turn(&format!("GET {FUNCTIONS}"), &headers, b"") else {
            panic!("quick")
        };
        let seen: Value = serde_json::from_str(&answer(done).body).unwrap();
        assert_eq!(seen["Functions"].as_array().unwrap().len(), count, "{headers}");
    }
}

#[test]
fn configurations_that_are_kept() {
    let lambda = Lambda::empty();
    let made = lambda.made(&but(
        function("f"),
        json!({
            "VpcConfig": { "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"] },
            "DeadLetterConfig": { "TargetArn": "arn:aws:sqs:us-east-1:000000000000:q" },
            "LoggingConfig": { "LogFormat": "JSON" },
            "Environment": {},
        }),
    ));
    has(
        &made,
        json!({
            "VpcConfig": {
                "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-00000000",
                "Ipv6AllowedForDualStack": false,
            },
            "DeadLetterConfig": { "TargetArn": "arn:aws:sqs:us-east-1:000000000000:q" },
            "LoggingConfig": {
                "LogFormat": "JSON", "LogGroup": "/aws/lambda/f", "ApplicationLogLevel": "INFO",
                "SystemLogLevel": "INFO",
            },
            "Environment": { "Variables": {} },
        }),
    );
    let update = |body: Value| lambda.said(&format!("PUT {FUNCTIONS}/f/configuration"), &body, 200);
    let logging = |format: &str, group: &str| json!({ "LogFormat": format, "LogGroup": group });
    for (said, expected) in [
        (
            json!({ "LogGroup": "cool_lambda" }),
            but(
                logging("JSON", "cool_lambda"),
                json!({ "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO" }),
            ),
        ),
        (
            json!({ "ApplicationLogLevel": "DEBUG" }),
            but(
                logging("JSON", "cool_lambda"),
                json!({ "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "INFO" }),
            ),
        ),
        (json!({ "LogFormat": "Text" }), logging("Text", "cool_lambda")),
    ] {
        has(&update(json!({ "LoggingConfig": said })), json!({ "LoggingConfig": expected }));
    }
    has(
        &update(json!({ "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [] } })),
        json!({ "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", "Ipv6AllowedForDualStack": false } }),
    );
}

#[test]
fn revisions_and_dry_runs() {
    let lambda = Lambda::with_f();
    let stale = "412 preconditionfailedexception: The Revision Id provided does not match the latest Revision Id. \
                 Call the GetFunction/GetAlias API to retrieve the latest Revision Id";
    let code = json!({ "ZipFile": zip("2"), "RevisionId": "wrong" });
    assert_eq!(lambda.refused(&format!("PUT {FUNCTIONS}/f/code"), &code), stale);
    assert_eq!(
        lambda.refused(&format!("PUT {FUNCTIONS}/f/configuration"), &json!({ "RevisionId": "wrong" })),
        stale
    );
    let before = lambda.said(&format!("GET {FUNCTIONS}/f/configuration"), &Value::Null, 200);
    let dry = json!({ "ZipFile": zip("2"), "DryRun": true, "RevisionId": before["RevisionId"] });
    let answer = lambda.said(&format!("PUT {FUNCTIONS}/f/code"), &dry, 200);
    assert_ne!(answer["CodeSha256"], before["CodeSha256"]);
    assert_eq!(lambda.said(&format!("GET {FUNCTIONS}/f/configuration"), &Value::Null, 200), before);
    lambda.disk.empty_bin();
    assert_eq!(lambda.disk.folders(), 1);
    let bad = json!({ "ZipFile": STANDARD.encode("no zip"), "DryRun": true });
    assert!(lambda.refused(&format!("PUT {FUNCTIONS}/f/code"), &bad).contains("Could not unzip"));
    assert_eq!(
        lambda.refused(&format!("PUT {FUNCTIONS}/f/code"), &json!({ "ImageUri": "an/image" })),
        "400 invalidparametervalueexception: Please don't provide ImageUri when updating a function with packageType \
         Zip."
    );
}

#[test]
fn the_account() {
    let lambda = Lambda::with_f();
    let settings = lambda.said("GET /2016-08-19/account-settings", &Value::Null, 200);
    has(
        &settings["AccountLimit"],
        json!({ "ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000 }),
    );
    has(&settings["AccountUsage"], json!({ "FunctionCount": 1 }));
    let signing = lambda.said("GET /2020-06-30/functions/f/code-signing-config", &Value::Null, 200);
    assert_eq!(signing, json!({ "FunctionName": "f" }));
    assert!(
        lambda
            .refused("GET /2024-08-31/functions/f/recursion-config", &Value::Null)
            .starts_with("501 notimplementedexception")
    );
}
