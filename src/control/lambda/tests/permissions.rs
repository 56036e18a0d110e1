//! Policies, tags, reserved concurrency.

use super::*;

fn added(lambda: &Lambda, name: &str, body: Value) -> Value {
    let answer = lambda.said(&format!("POST {FUNCTIONS}/{name}"), &body, 201);
    serde_json::from_str(answer["Statement"].as_str().unwrap()).unwrap()
}

fn statement(sid: &str) -> Value {
    json!({ "StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com" })
}

#[test]
fn statements() {
    let lambda = Lambda::with_f();
    let expected = |sid: &str, principal: Value| json!({ "Sid": sid, "Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": ARN });
    let arn = "arn:aws:execute-api:us-east-1:000000000000:api/*/*";
    for (principal, others, condition) in [
        (
            json!("apigateway.amazonaws.com"),
            json!({ "SourceArn": arn }),
            json!({ "ArnLike": { "AWS:SourceArn": arn } }),
        ),
        (
            json!("*"),
            json!({ "SourceAccount": "111111111111" }),
            json!({ "StringEquals": { "AWS:SourceAccount": "111111111111" } }),
        ),
        (json!("111111111111"), json!({}), Value::Null),
        (json!("arn:aws:iam::111111111111:user/u"), json!({}), Value::Null),
        (
            json!("*"),
            json!({
                "SourceArn": arn, "SourceAccount": "111111111111", "PrincipalOrgID": "o-1234567890",
                "FunctionUrlAuthType": "NONE", "EventSourceToken": "token", "InvokedViaFunctionUrl": true,
            }),
            json!({
                "ArnLike": { "AWS:SourceArn": arn },
                "StringEquals": {
                    "AWS:SourceAccount": "111111111111", "aws:PrincipalOrgID": "o-1234567890",
                    "lambda:FunctionUrlAuthType": "NONE", "lambda:EventSourceToken": "token",
                },
                "Bool": { "lambda:InvokedViaFunctionUrl": "true" },
            }),
        ),
    ] {
        let shown = match principal.as_str().unwrap() {
            "*" => json!("*"),
            "111111111111" => json!({ "AWS": "arn:aws:iam::111111111111:root" }),
            user if user.starts_with("arn:") => json!({ "AWS": user }),
            service => json!({ "Service": service }),
        };
        let mut wanted = expected("s", shown);
        if !condition.is_null() {
            wanted["Condition"] = condition;
        }
        let body = but(but(statement("s"), json!({ "Principal": principal })), others);
        assert_eq!(added(&lambda, "f/policy", body), wanted);
        assert_eq!(lambda.answered(&format!("DELETE {FUNCTIONS}/f/policy/s"), b"").status, 204);
    }
}

#[test]
fn policies_belong_to_qualifiers() {
    let lambda = Lambda::with_f();
    lambda.said(&format!("POST {FUNCTIONS}/f/versions"), &json!({}), 201);
    lambda.said(
        &format!("POST {FUNCTIONS}/f/aliases"),
        &json!({ "Name": "live", "FunctionVersion": "1" }),
        201,
    );
    let none = "404 resourcenotfoundexception: The resource you requested does not exist.";
    let policy = |query: &str| lambda.said(&format!("GET {FUNCTIONS}/f/policy{query}"), &Value::Null, 200);
    let sids = |query: &str| {
        let document: Value = serde_json::from_str(policy(query)["Policy"].as_str().unwrap()).unwrap();
        has(&document, json!({ "Version": "2012-10-17", "Id": "default" }));
        let statements = document["Statement"].as_array().unwrap().iter();
        statements.map(|s| format!("{} {}", s["Sid"], s["Resource"]).replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(lambda.refused(&format!("GET {FUNCTIONS}/f/policy"), &Value::Null), none);
    added(&lambda, "f/policy", statement("z"));
    let first = policy("")["RevisionId"].clone();
    let stale = but(statement("b"), json!({ "RevisionId": "wrong" }));
    assert_eq!(
        lambda.refused(&format!("POST {FUNCTIONS}/f/policy"), &stale),
        "412 preconditionfailedexception: The Revision Id provided does not match the latest Revision Id. Call the \
         GetPolicy API to retrieve the latest Revision Id"
    );
    added(&lambda, "f/policy", but(statement("a"), json!({ "RevisionId": first })));
    assert_eq!(sids(""), [format!("z {ARN}"), format!("a {ARN}")]);
    assert_eq!(lambda.refused(&format!("GET {FUNCTIONS}/f/policy?Qualifier=1"), &Value::Null), none);
    for qualifier in ["1", "live"] {
        added(&lambda, &format!("f/policy?Qualifier={qualifier}"), statement("q"));
        assert_eq!(sids(&format!("?Qualifier={qualifier}")), [format!("q {ARN}:{qualifier}")]);
    }
    for sid in ["z", "a"] {
        assert_eq!(lambda.answered(&format!("DELETE {FUNCTIONS}/f/policy/{sid}"), b"").status, 204);
    }
    assert_eq!(lambda.refused(&format!("GET {FUNCTIONS}/f/policy"), &Value::Null), none);
}

#[test]
fn what_is_no_permission() {
    let lambda = Lambda::with_f();
    added(&lambda, "f/policy", statement("s"));
    let g = "arn:aws:lambda:us-east-1:000000000000:function:g";
    for (path, body, expected) in [
        ("f/policy", statement("example.com"),
            "400 validationexception: 1 validation error detected: Value 'example.com' at 'statementId' failed to \
             satisfy constraint: Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)".to_owned()),
        ("f/policy?Qualifier=$LATEST", statement("x"),
            "400 invalidparametervalueexception: We currently do not support adding policies for $LATEST.".into()),
        ("f/policy", but(statement("x"), json!({ "Principal": "nobody" })),
            "400 invalidparametervalueexception: The provided principal was invalid. Please check the principal and \
             try again.".into()),
        ("g/policy", statement("x"), format!("404 resourcenotfoundexception: Function not found: {g}")),
        ("f/policy?Qualifier=none", statement("x"),
            format!("404 resourcenotfoundexception: Cannot find alias arn: {ARN}:none")),
        ("f/policy?Qualifier=42", statement("x"), format!("404 resourcenotfoundexception: Function not found: {ARN}:42")),
        ("f/policy?Qualifier=a-$-b", statement("x"),
            format!("404 resourcenotfoundexception: Function not found: {ARN}:a-$-b")),
        ("f/policy", statement("s"),
            "409 resourceconflictexception: The statement id (s) provided already exists. Please provide a new \
             statement id, or remove the existing statement.".into()),
    ] {
        assert_eq!(lambda.refused(&format!("POST {FUNCTIONS}/{path}"), &body), expected);
    }
    lambda.said(&format!("POST {FUNCTIONS}/f/versions"), &json!({}), 201);
    for (path, expected) in [
        ("g/policy/s", format!("No policy found for: {g}")),
        ("f/policy/none", "Statement none is not found in resource policy.".into()),
        ("f/policy/s?Qualifier=1", "No policy is associated with the given resource.".into()),
        ("f/policy/s?Qualifier=none", format!("Cannot find alias arn: {ARN}:none")),
    ] {
        let seen = lambda.refused(&format!("DELETE {FUNCTIONS}/{path}"), &Value::Null);
        assert_eq!(seen, format!("404 resourcenotfoundexception: {expected}"));
    }
    let mut many = (0..200).map(|n| {
        lambda.answered(
            &format!("POST {FUNCTIONS}/f/policy"),
            statement(&format!("n{n}")).to_string().as_bytes(),
        )
    });
    let last = many.find(|answer| answer.status != 201).expect("a policy has a limit");
    assert!(refusal(last).starts_with("400 policylengthexceededexception"));
}

#[test]
fn tags() {
    let lambda = Lambda::empty();
    lambda.made(&but(function("f"), json!({ "Tags": { "A": "a" } })));
    let path = format!("/2017-03-31/tags/{}", ARN.replace(':', "%3A"));
    let listed = || lambda.said(&format!("GET {path}"), &Value::Null, 200)["Tags"].clone();
    assert_eq!(listed(), json!({ "A": "a" }));
    let tag = |tags: Value| {
        lambda.answered(&format!("POST {path}"), json!({ "Tags": tags }).to_string().as_bytes())
    };
    assert_eq!(tag(json!({ "B": "b", "A": "a2" })).status, 204);
    assert_eq!(listed(), json!({ "A": "a2", "B": "b" }));
    assert_eq!(lambda.answered(&format!("DELETE {path}?tagKeys=A&tagKeys=none"), b"").status, 204);
    let got = lambda.said(&format!("GET {FUNCTIONS}/f"), &Value::Null, 200);
    assert_eq!(got["Tags"], json!({ "B": "b" }));
    assert_eq!(lambda.answered(&format!("DELETE {path}?tagKeys=B"), b"").status, 204);
    assert_eq!(lambda.said(&format!("GET {FUNCTIONS}/f"), &Value::Null, 200).get("Tags"), None);

    let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("k{n}"), json!("v"))).collect();
    let limit = "400 invalidparametervalueexception: Number of tags exceeds resource tag limit.";
    assert_eq!(refusal(tag(Value::Object(many.clone()))), limit);
    assert_eq!(
        lambda.refused(&format!("POST {FUNCTIONS}"), &but(function("g"), json!({ "Tags": many }))),
        limit
    );
    assert_eq!(
        refusal(tag(json!({}))),
        "400 invalidparametervalueexception: An error occurred and the request cannot be processed."
    );
    for (arn, expected) in [
        (format!("{ARN}g"), format!("404 resourcenotfoundexception: Function not found: {ARN}g")),
        (format!("{ARN}:$LATEST"),
            "400 invalidparametervalueexception: Tags on function aliases and versions are not supported. Please \
             specify a function ARN.".into()),
        (ARN.replace("function:f", "layer:l"), format!(
            "404 resourcenotfoundexception: Layer not found: {}", ARN.replace("function:f", "layer:l")
        )),
    ] {
        assert_eq!(lambda.refused(&format!("GET /2017-03-31/tags/{arn}"), &Value::Null), expected);
    }
    for arn in
        ["arn:aws:something", "f", &ARN.replace("function", "foobar"), &ARN.replace("000000000000", "1")]
    {
        let seen = lambda.refused(&format!("GET /2017-03-31/tags/{arn}"), &Value::Null);
        let start = format!(
            "400 validationexception: 1 validation error detected: Value '{arn}' at 'resource' failed"
        );
        assert!(seen.starts_with(&start), "{seen}");
    }
    assert_eq!(
        lambda.refused(&format!("DELETE {path}"), &Value::Null),
        "400 validationexception: 1 validation error detected: Value null at 'tagKeys' failed to satisfy \
         constraint: Member must not be null"
    );
}

#[test]
fn reserved_concurrency() {
    let lambda = Lambda::with_f();
    lambda.made(&function("g"));
    let (put, get) = ("PUT /2017-10-31/functions", "GET /2019-09-30/functions");
    let reserved = |n: i64| json!({ "ReservedConcurrentExecutions": n });
    let current = || lambda.said(&format!("{get}/f/concurrency"), &Value::Null, 200);
    assert_eq!(current(), json!({}));
    let before = lambda.said(&format!("GET {FUNCTIONS}/f/configuration"), &Value::Null, 200);
    for n in [0, 1, 900] {
        assert_eq!(lambda.said(&format!("{put}/f/concurrency"), &reserved(n), 200), reserved(n));
        assert_eq!(current(), reserved(n));
    }
    assert_eq!(lambda.said(&format!("GET {FUNCTIONS}/f/configuration"), &Value::Null, 200), before);
    assert_eq!(lambda.said(&format!("GET {FUNCTIONS}/f"), &Value::Null, 200)["Concurrency"], reserved(900));
    let g = "arn:aws:lambda:us-east-1:000000000000:function:g";
    let below = "400 invalidparametervalueexception: Specified ReservedConcurrentExecutions for function decreases \
                 account's UnreservedConcurrentExecution below its minimum value of [100].";
    for (name, n, expected) in [
        ("g", 1, below.to_owned()),
        ("f", i64::MAX, below.into()),
        ("none", 1, format!("404 resourcenotfoundexception: Function not found: {}:$LATEST", g.replace(":g", ":none"))),
        ("none", -1, format!("404 resourcenotfoundexception: Function not found: {}:$LATEST", g.replace(":g", ":none"))),
        ("f:$LATEST", 1,
            "400 invalidparametervalueexception: This operation is permitted on Lambda functions only. Aliases and \
             versions do not support this operation. Please specify either a function name or an unqualified \
             function ARN.".into()),
    ] {
        assert_eq!(lambda.refused(&format!("{put}/{name}/concurrency"), &reserved(n)), expected);
    }
    assert_eq!(lambda.answered("DELETE /2017-10-31/functions/f/concurrency", b"").status, 204);
    assert_eq!(current(), json!({}));
}
