//! Published versions and aliases.

use super::*;

fn publish(lambda: &Lambda, body: Value) -> Value {
    lambda.said(&format!("POST {FUNCTIONS}/f/versions"), &body, 201)
}

fn update(lambda: &Lambda, body: Value) -> Value {
    lambda.said(&format!("PUT {FUNCTIONS}/f/configuration"), &body, 200)
}

fn versions(lambda: &Lambda) -> Vec<String> {
    let listed = lambda.said(&format!("GET {FUNCTIONS}/f/versions"), &Value::Null, 200);
    let versions = listed["Versions"].as_array().unwrap().iter();
    versions.map(|v| v["FunctionArn"].as_str().unwrap().replace(ARN, "")).collect()
}

#[test]
fn versions_are_published_once() {
    let lambda = Lambda::with_f();
    update(&lambda, json!({ "Description": "First" }));
    let one = publish(&lambda, json!({ "Description": "Other" }));
    has(
        &one,
        json!({ "Version": "1", "Description": "Other", "FunctionArn": format!("{ARN}:1"), "State": "Active" }),
    );
    assert_eq!(publish(&lambda, json!({})), one, "nothing has changed");
    update(&lambda, json!({ "Description": "First" }));
    assert_eq!(publish(&lambda, json!({})), one, "nothing has changed that counts");

    update(&lambda, json!({ "Description": "Second" }));
    let two = publish(&lambda, json!({}));
    has(&two, json!({ "Version": "2", "Description": "Second" }));
    assert_eq!(versions(&lambda), [":$LATEST", ":1", ":2"]);
    let got = lambda.said(&format!("GET {FUNCTIONS}/f?Qualifier=1"), &Value::Null, 200);
    assert_eq!(got["Configuration"], one, "a version never changes");

    assert_eq!(lambda.answered(&format!("DELETE {FUNCTIONS}/f?Qualifier=1"), b"").status, 204);
    assert_eq!(lambda.answered(&format!("DELETE {FUNCTIONS}/f?Qualifier=1"), b"").status, 204);
    assert_eq!(versions(&lambda), [":$LATEST", ":2"]);
    update(&lambda, json!({ "Description": "Third" }));
    has(&publish(&lambda, json!({})), json!({ "Version": "3" }));
}

#[test]
fn publishing_checks_what_is_published() {
    let lambda = Lambda::with_f();
    let latest = lambda.said(&format!("GET {FUNCTIONS}/f/configuration"), &Value::Null, 200);
    let sha = latest["CodeSha256"].as_str().unwrap();
    let line = format!("POST {FUNCTIONS}/f/versions");
    assert_eq!(
        lambda.refused(&line, &json!({ "CodeSha256": "some" })),
        format!(
            "400 invalidparametervalueexception: CodeSHA256 (some) is different from current CodeSHA256 in $LATEST \
             ({sha}). Please try again with the CodeSHA256 in $LATEST."
        )
    );
    assert!(lambda.refused(&line, &json!({ "RevisionId": "wrong" })).starts_with("412"));
    publish(&lambda, json!({ "CodeSha256": sha, "RevisionId": latest["RevisionId"] }));
}

#[test]
fn publishing_with_the_code() {
    let lambda = Lambda::empty();
    let made = lambda.made(&but(function("f"), json!({ "Publish": true })));
    has(&made, json!({ "Version": "1", "FunctionArn": ARN }));
    assert_eq!(versions(&lambda), [":$LATEST", ":1"]);
    let code = json!({ "ZipFile": zip("2"), "Publish": true });
    let updated = lambda.said(&format!("PUT {FUNCTIONS}/f/code"), &code, 200);
    has(&updated, json!({ "Version": "2", "FunctionArn": format!("{ARN}:2") }));
    let updated = lambda.said(&format!("PUT {FUNCTIONS}/f/code"), &code, 200);
    has(&updated, json!({ "Version": "2" }));
}

#[test]
fn aliases_from_making_to_end() {
    let lambda = Lambda::with_f();
    publish(&lambda, json!({}));
    update(&lambda, json!({ "Description": "2" }));
    publish(&lambda, json!({}));
    let line = format!("POST {FUNCTIONS}/f/aliases");
    let made = lambda.said(
        &line,
        &json!({
            "Name": "live", "FunctionVersion": "1", "Description": "d",
            "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.2 } },
        }),
        201,
    );
    has(
        &made,
        json!({
            "AliasArn": format!("{ARN}:live"), "Name": "live", "FunctionVersion": "1", "Description": "d",
            "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.2 } },
        }),
    );
    assert_eq!(lambda.said(&format!("GET {FUNCTIONS}/f/aliases/live"), &Value::Null, 200), made);
    let got = lambda.said(&format!("GET {FUNCTIONS}/f?Qualifier=live"), &Value::Null, 200);
    has(&got["Configuration"], json!({ "Version": "1", "FunctionArn": format!("{ARN}:live") }));
    let in_use = "409 resourceconflictexception: Unable to delete version because the following aliases reference it: [live]";
    for version in ["1", "2"] {
        assert_eq!(
            lambda.refused(&format!("DELETE {FUNCTIONS}/f?Qualifier={version}"), &Value::Null),
            in_use
        );
    }
    lambda.said(&line, &json!({ "Name": "b", "FunctionVersion": "$LATEST" }), 201);
    let names = |query: &str| {
        let listed = lambda.said(&format!("GET {FUNCTIONS}/f/aliases{query}"), &Value::Null, 200);
        let names =
            listed["Aliases"].as_array().unwrap().iter().map(|a| a["Name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["b", "live"]);
    assert_eq!(names("?FunctionVersion=1"), ["live"]);

    let alias = format!("PUT {FUNCTIONS}/f/aliases/live");
    assert!(lambda.refused(&alias, &json!({ "RevisionId": "wrong" })).starts_with("412"));
    let updated = lambda.said(&alias, &json!({ "RoutingConfig": {}, "RevisionId": made["RevisionId"] }), 200);
    assert_eq!(updated.get("RoutingConfig"), None);
    has(&updated, json!({ "FunctionVersion": "1", "Description": "d" }));
    assert_ne!(updated["RevisionId"], made["RevisionId"]);
    for _ in 0..2 {
        assert_eq!(lambda.answered(&format!("DELETE {FUNCTIONS}/f/aliases/live"), b"").status, 204);
    }
    assert_eq!(names(""), ["b"]);
}

#[test]
fn what_is_no_alias() {
    let lambda = Lambda::with_f();
    publish(&lambda, json!({}));
    update(&lambda, json!({ "Description": "2" }));
    publish(&lambda, json!({}));
    let alias = |version: &str, weights: Value| json!({ "Name": "a", "FunctionVersion": version, "RoutingConfig": { "AdditionalVersionWeights": weights } });
    lambda.said(
        &format!("POST {FUNCTIONS}/f/aliases"),
        &json!({ "Name": "live", "FunctionVersion": "1" }),
        201,
    );
    let at = "400 validationexception: 1 validation error detected: Value";
    let weights = "at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map";
    let range = "value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have \
                 value greater than or equal to 0.0, Member must not be null]";
    for (body, expected) in [
        (alias("1", json!({ "1": 0.5, "2": 0.5 })),
            "400 invalidparametervalueexception: Number of items in AdditionalVersionWeights cannot be greater than 1".to_owned()),
        (alias("1", json!({ "2": 2 })), format!("{at} '{{2=2.0}}' {weights} {range}")),
        (alias("1", json!({ "2": -1 })), format!("{at} '{{2=-1.0}}' {weights} {range}")),
        (alias("1", json!({ "$LATEST": 0.5 })), format!(
            "{at} '{{$LATEST=0.5}}' {weights} keys must satisfy constraint: [Member must have length less than or \
             equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular \
             expression pattern: [0-9]+]"
        )),
        (alias("1", json!({ "1": 0.5 })),
            "400 invalidparametervalueexception: Invalid function version 1. Function version 1 is already included \
             in routing configuration.".into()),
        (alias("10", json!({ "2": 0.5 })), format!("404 resourcenotfoundexception: Function not found: {ARN}:10")),
        (alias("1", json!({ "10": 0.5 })), format!("404 resourcenotfoundexception: Function not found: {ARN}:10")),
        (alias("$LATEST", json!({ "1": 0.5 })),
            "400 invalidparametervalueexception: $LATEST is not supported for an alias pointing to more than 1 version".into()),
        (json!({ "Name": "2024", "FunctionVersion": "1" }), format!(
            "{at} '2024' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: \
             (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
        )),
        (json!({ "Name": "live", "FunctionVersion": "1" }),
            format!("409 resourceconflictexception: Alias already exists: {ARN}:live")),
    ] {
        assert_eq!(lambda.refused(&format!("POST {FUNCTIONS}/f/aliases"), &body), expected);
    }
    for (line, expected) in [
        (
            "POST g/aliases",
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:g:1".to_owned(),
        ),
        ("GET f/aliases/none", format!("Cannot find alias arn: {ARN}:none")),
        ("PUT f/aliases/none", format!("Alias not found: {ARN}:none")),
        ("GET f?Qualifier=none", format!("Function not found: {ARN}:none")),
    ] {
        let (method, path) = line.split_once(' ').unwrap();
        let body = json!({ "Name": "a", "FunctionVersion": "1" });
        let seen = lambda.refused(&format!("{method} {FUNCTIONS}/{path}"), &body);
        assert_eq!(seen, format!("404 resourcenotfoundexception: {expected}"));
    }
}
