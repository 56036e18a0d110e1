//! Invoke: what is asked of the pool, and how its answer is told.

use bytes::Bytes;

use super::*;
use crate::model::invocation::{FunctionError, Invoked, Refused};

fn invoke(path: &str) -> String {
    format!("POST {FUNCTIONS}/{path}/invocations")
}

#[test]
fn what_is_invoked() {
    let lambda = Lambda::with_f();
    lambda.said(&format!("POST {FUNCTIONS}/f/versions"), &json!({}), 201);
    lambda.said(
        &format!("POST {FUNCTIONS}/f/aliases"),
        &json!({ "Name": "live", "FunctionVersion": "1" }),
        201,
    );
    for (path, version, arn) in [
        ("f", "$LATEST", ARN.to_owned()),
        ("f:$LATEST", "$LATEST", format!("{ARN}:$LATEST")),
        (ARN, "$LATEST", ARN.to_owned()),
        ("f:1", "1", format!("{ARN}:1")),
        ("f:live", "1", format!("{ARN}:live")),
        ("000000000000:function:f:live", "1", format!("{ARN}:live")),
    ] {
        let asked = lambda.invocation(&invoke(path), "", b"[1]").ok().expect(path);
        assert_eq!(
            (asked.function.version.as_str(), &*asked.arn, &asked.event[..]),
            (version, arn.as_str(), &b"[1]"[..])
        );
        assert!(asked.waits && !asked.tail && asked.client_context.is_none());
    }
    let asked = lambda.invocation(&format!("{}?Qualifier=live", invoke("f")), "", b"").ok().unwrap();
    assert_eq!(
        (&*asked.arn, &asked.event[..]),
        (format!("{ARN}:live").as_str(), &b"{}"[..]),
        "nothing is an empty object"
    );

    let headers =
        format!("X-Amz-Log-Type: Tail\r\nX-Amz-Client-Context: {}\r\n", STANDARD.encode("{\n\"a\":1}"));
    let asked = lambda.invocation(&invoke("f"), &headers, b"{}").ok().unwrap();
    assert!(asked.waits && asked.tail);
    assert_eq!(asked.client_context.as_deref(), Some("{\"a\":1}"));

    let asked = lambda.invocation(&invoke("f"), "X-Amz-Invocation-Type: Event\r\n", b"{}").ok().unwrap();
    assert!(!asked.waits);
    let accepted = answer(asked.accepted(now()));
    assert_eq!((accepted.status, accepted.body.as_str()), (202, ""));
    let asked = lambda.invocation("POST /2014-11-13/functions/f/invoke-async", "", b"{}").ok().unwrap();
    assert!(!asked.waits);
    let dry = lambda.invocation(&invoke("f"), "X-Amz-Invocation-Type: DryRun\r\n", b"{}").err().unwrap();
    assert_eq!((dry.status, dry.body.as_str()), (204, ""));
}

#[test]
fn what_is_not_invoked() {
    let lambda = Lambda::with_f();
    let source = " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: ";
    let json = "400 invalidrequestcontentexception: Could not parse request body into json: Could not parse payload into json";
    let (large, medium) = (vec![b' '; 6_291_457], vec![b' '; 1_048_577]);
    let event = "X-Amz-Invocation-Type: Event\r\n";
    for (path, headers, body, expected) in [
        ("g", "", &b"{}"[..],
            "404 resourcenotfoundexception: Function not found: arn:aws:lambda:us-east-1:000000000000:function:g:$LATEST".to_owned()),
        ("f:7", "", b"{}", format!("404 resourcenotfoundexception: Function not found: {ARN}:7")),
        ("f:live", "", b"{}", format!("404 resourcenotfoundexception: Function not found: {ARN}:live")),
        ("f", "", b"n\x87r\x9e", format!("{json}: Invalid UTF-8 start byte 0x87\n{source}1, column: 2]")),
        ("f", "", b"{\n  oops", format!("{json}: key must be a string\n{source}2, column: 3]")),
        ("f", "X-Amz-Invocation-Type: Maybe\r\n", b"{}",
            "400 validationexception: 1 validation error detected: Value 'Maybe' at 'invocationType' failed to \
             satisfy constraint: Member must satisfy enum value set: [RequestResponse, Event, DryRun]".into()),
        ("f", "X-Amz-Client-Context: ???\r\n", b"{}",
            "400 invalidrequestcontentexception: Could not parse request body into json: Client context must be a \
             valid Base64-encoded JSON object".into()),
        ("f", "", &large,
            "413 requestentitytoolargeexception: Request must be smaller than 6291456 bytes for the InvokeFunction \
             operation".into()),
        ("f", event, &medium,
            "413 requestentitytoolargeexception: 1048577 byte payload is too large for the Event invocation type \
             (limit 1048576 bytes)".into()),
    ] {
        let seen = lambda.invocation(&invoke(path), headers, body).err().expect(path);
        assert_eq!(refusal(seen), expected);
    }
    let nested = "[".repeat(5000) + &"]".repeat(5000);
    assert!(lambda.invocation(&invoke("f"), "", nested.as_bytes()).is_ok(), "depth is the function's affair");
    lambda.said(
        "PUT /2017-10-31/functions/f/concurrency",
        &json!({ "ReservedConcurrentExecutions": 0 }),
        200,
    );
    let seen = lambda.invocation(&invoke("f"), "", b"{}").err().unwrap();
    assert!(seen.body.contains("\"Reason\":\"ReservedFunctionConcurrentInvocationLimitExceeded\""));
    assert_eq!(refusal(seen), "429 toomanyrequestsexception: Rate Exceeded.");
    assert!(lambda.invocation(&invoke("f"), event, b"{}").is_ok(), "nobody waits for it");
}

#[test]
fn how_it_ended() {
    let lambda = Lambda::with_f();
    let asked = |headers: &str| lambda.invocation(&invoke("f"), headers, b"{}").ok().unwrap();
    let invoked = |error| Invoked {
        payload: Bytes::from_static(b"{\"a\":1}"),
        error,
        log_tail: b"START\n".to_vec(),
        request_id: "11111111-2222-4333-8444-555555555555".into(),
    };
    let good = answer(asked("").response(Ok(invoked(None)), now()));
    assert_eq!((good.status, good.body.as_str()), (200, "{\"a\":1}"));
    for line in [
        "content-type: application/json",
        "x-amz-executed-version: $latest",
        "x-amzn-requestid: 11111111-2222-4333-8444-555555555555",
    ] {
        assert!(good.head.lines().any(|seen| seen == line), "{line} in {}", good.head);
    }
    let absent = ["x-amz-function-error:", "x-amz-log-result:"];
    assert!(!good.head.lines().any(|line| absent.iter().any(|name| line.starts_with(name))));
    let bad = answer(
        asked("X-Amz-Log-Type: Tail\r\n").response(Ok(invoked(Some(FunctionError::Unhandled))), now()),
    );
    assert_eq!(bad.status, 200);
    assert!(bad.head.contains("x-amz-function-error: unhandled\r\n"));
    let tail = STANDARD.encode("START\n").to_lowercase();
    assert!(bad.head.contains(&format!("x-amz-log-result: {tail}\r\n")));

    for (refused, expected) in [
        (
            Refused::Throttled("ConcurrentInvocationLimitExceeded"),
            "429 toomanyrequestsexception: Rate Exceeded.",
        ),
        (Refused::Stopping, "503 serviceexception: gatelet is stopping"),
    ] {
        assert_eq!(refusal(answer(asked("").response(Err(refused), now()))), expected);
    }
}

#[test]
fn an_alias_gives_a_part_to_its_other_version() {
    let lambda = Lambda::with_f();
    lambda.said(&format!("POST {FUNCTIONS}/f/versions"), &json!({}), 201);
    lambda.said(&format!("PUT {FUNCTIONS}/f/configuration"), &json!({ "Description": "2" }), 200);
    lambda.said(&format!("POST {FUNCTIONS}/f/versions"), &json!({}), 201);
    for (name, weight, expected) in [("none", 0.0, 200..=200), ("some", 0.5, 60..=140), ("all", 1.0, 0..=1)] {
        let body = json!({
            "Name": name, "FunctionVersion": "1",
            "RoutingConfig": { "AdditionalVersionWeights": { "2": weight } },
        });
        lambda.said(&format!("POST {FUNCTIONS}/f/aliases"), &body, 201);
        let versions = (0..200).map(|_| {
            let asked = lambda.invocation(&invoke(&format!("f:{name}")), "", b"{}").ok().unwrap();
            asked.function.version.clone()
        });
        let main = versions.filter(|version| version == "1").count();
        assert!(expected.contains(&main), "{name}: {main}");
    }
}
