//! CloudWatch Logs: groups, streams, events, filters, and what functions print.

use super::actions::{json, session};
use super::*;
use crate::model::Owner;

fn ask(bench: &Bench, to: &str, body: &str) -> String {
    json(bench, &format!("Logs_20140328.{to}"), body)
}

#[test]
fn groups() {
    let bench = Bench::new();
    session(
        |to, body| ask(&bench, to, body),
        &[
            (
                "PutRetentionPolicy",
                r#"{"logGroupName":"g","retentionInDays":7}"#,
                "400 ResourceNotFoundException The specified log group does not exist.",
            ),
            (
                "CreateLogGroup",
                r#"{"logGroupName":"a b"}"#,
                "400 InvalidParameterException 1 validation error…",
            ),
            ("CreateLogGroup", "{}", "400 InvalidParameterException …'logGroupName'…must not be null"),
            ("CreateLogGroup", r#"{"logGroupName":"/a/g","tags":{"k":"v"}}"#, ""),
            (
                "CreateLogGroup",
                r#"{"logGroupName":"/a/g"}"#,
                "400 ResourceAlreadyExistsException The specified log group already exists",
            ),
            (
                "PutRetentionPolicy",
                r#"{"logGroupName":"/a/g","retentionInDays":6}"#,
                "400 Inv…enum value set: [1, 3…",
            ),
            ("PutRetentionPolicy", r#"{"logGroupName":"/a/g","retentionInDays":7}"#, ""),
            (
                "DescribeLogGroups",
                r#"{"logGroupNamePrefix":"/a/"}"#,
                r#"{"logGroups":[{"arn":"arn:aws:logs:us-east-1:000000000000:log-group:/a/g:*","creationTime":1586372745000,"logGroupArn":"arn:aws:logs:us-east-1:000000000000:log-group:/a/g","logGroupClass":"STANDARD","logGroupName":"/a/g","metricFilterCount":0,"retentionInDays":7,"storedBytes":0}]}"#,
            ),
            ("DeleteRetentionPolicy", r#"{"logGroupName":"/a/g"}"#, ""),
            ("CreateLogGroup", r#"{"logGroupName":"/b","logGroupClass":"INFREQUENT_ACCESS"}"#, ""),
            ("DescribeLogGroups", r#"{"limit":1}"#, r#"{"logGroups":[{…"/a/g"…}],"nextToken":"L2EvZw"}"#),
            ("DescribeLogGroups", r#"{"nextToken":"L2EvZw"}"#, r#"{"logGroups":[{…"/b"…}]}"#),
            ("DescribeLogGroups", r#"{"logGroupNamePattern":"A/"}"#, r#"{"logGroups":[{…"/a/g"…}]}"#),
            ("DescribeLogGroups", r#"{"logGroupNamePrefix":"x"}"#, r#"{"logGroups":[]}"#),
            (
                "ListTagsForResource",
                r#"{"resourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:/a/g"}"#,
                r#"{"tags":{"k":"v"}}"#,
            ),
            ("ListTagsForResource", r#"{"resourceArn":"x"}"#, "400 InvalidParameterException …"),
            (
                "TagResource",
                r#"{"resourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:/a/g:*","tags":{"l":"w"}}"#,
                "",
            ),
            (
                "UntagResource",
                r#"{"resourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:/a/g","tagKeys":["k"]}"#,
                "",
            ),
            ("TagLogGroup", r#"{"logGroupName":"/a/g","tags":{"m":""}}"#, ""),
            ("ListTagsLogGroup", r#"{"logGroupName":"/a/g"}"#, r#"{"tags":{"l":"w","m":""}}"#),
            ("UntagLogGroup", r#"{"logGroupName":"/a/g","tags":["l","m"]}"#, ""),
            ("ListTagsLogGroup", r#"{"logGroupName":"/a/g"}"#, r#"{"tags":{}}"#),
            ("DeleteLogGroup", r#"{"logGroupName":"/a/g"}"#, ""),
            ("DeleteLogGroup", r#"{"logGroupName":"/a/g"}"#, "400 ResourceNotFoundException …"),
            ("StartQuery", "{}", "501 NotImplementedException …"),
        ],
    );
}

#[test]
fn streams_and_events() {
    let bench = Bench::new();
    session(
        |to, body| ask(&bench, to, body),
        &[
            (
                "CreateLogStream",
                r#"{"logGroupName":"g","logStreamName":"s"}"#,
                "400 ResourceNotFoundException The specified log group does not exist.",
            ),
            ("CreateLogGroup", r#"{"logGroupName":"g"}"#, ""),
            (
                "PutLogEvents",
                r#"{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1586372745001,"message":"x"}]}"#,
                "400 ResourceNotFoundException The specified log stream does not exist.",
            ),
            (
                "CreateLogStream",
                r#"{"logGroupName":"g","logStreamName":"a:b"}"#,
                "400 InvalidParameterException …",
            ),
            ("CreateLogStream", r#"{"logGroupName":"g","logStreamName":"s"}"#, ""),
            (
                "CreateLogStream",
                r#"{"logGroupName":"g","logStreamName":"s"}"#,
                "400 ResourceAlreadyExistsException The specified log stream already exists",
            ),
            ("CreateLogStream", r#"{"logGroupName":"g","logStreamName":"t"}"#, ""),
            (
                "PutLogEvents",
                r#"{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1586372745002,"message":"x"},{"timestamp":1586372745001,"message":"y"}]}"#,
                "400 InvalidParameterException Log events in a single PutLogEvents request must be in chronological order.",
            ),
            ("PutLogEvents", r#"{"logGroupName":"g","logStreamName":"s","logEvents":[]}"#, "400 Inv…"),
            (
                "PutLogEvents",
                r#"{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1586372745002}]}"#,
                "400 Inv…",
            ),
            (
                "PutLogEvents",
                r#"{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1586372745001,"message":"one"},{"timestamp":1586372745003,"message":"three ERROR"}]}"#,
                r#"{"nextSequenceToken":"1"}"#,
            ),
            (
                "PutLogEvents",
                r#"{"logGroupName":"g","logStreamName":"t","logEvents":[{"timestamp":1586372745002,"message":"two"}]}"#,
                r#"{"nextSequenceToken":"1"}"#,
            ),
            (
                "DescribeLogStreams",
                r#"{"logGroupName":"g","orderBy":"LastEventTime","descending":true,"limit":1}"#,
                r#"{"logStreams":[{"arn":"arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s","creationTime":1586372745000,"firstEventTimestamp":1586372745001,"lastEventTimestamp":1586372745003,"lastIngestionTime":1586372745000,"logStreamName":"s","storedBytes":0,"uploadSequenceToken":"1"}],"nextToken":"1"}"#,
            ),
            (
                "DescribeLogStreams",
                r#"{"logGroupName":"g","orderBy":"LastEventTime","descending":true,"nextToken":"1"}"#,
                r#"{"logStreams":[{…"logStreamName":"t"…}]}"#,
            ),
            (
                "DescribeLogStreams",
                r#"{"logGroupIdentifier":"arn:aws:logs:us-east-1:000000000000:log-group:g","logStreamNamePrefix":"t"}"#,
                r#"{"logStreams":[{…"logStreamName":"t"…}]}"#,
            ),
            (
                "DescribeLogStreams",
                r#"{"logGroupName":"g","orderBy":"LastEventTime","logStreamNamePrefix":"t"}"#,
                "400 InvalidParameterException …",
            ),
            (
                "FilterLogEvents",
                r#"{"logGroupName":"g"}"#,
                r#"{"events":[{"eventId":"00000000000000000000000158637274500100000000000000000000","ingestionTime":1586372745000,"logStreamName":"s","message":"one","timestamp":1586372745001},{…"two"…},{…"three ERROR"…}],"searchedLogStreams":[]}"#,
            ),
            (
                "FilterLogEvents",
                r#"{"logGroupName":"g","limit":1,"logStreamNames":["s"]}"#,
                r#"{"events":[{…"one"…}],"nextToken":"1","searchedLogStreams":[]}"#,
            ),
            (
                "FilterLogEvents",
                r#"{"logGroupName":"g","limit":1,"logStreamNames":["s"],"nextToken":"1"}"#,
                r#"{"events":[{…"three ERROR"…}],"searchedLogStreams":[]}"#,
            ),
            (
                "FilterLogEvents",
                r#"{"logGroupName":"g","filterPattern":"ERROR -one","startTime":1586372745002,"endTime":1586372745003}"#,
                r#"{"events":[{…"three ERROR"…}],"searchedLogStreams":[]}"#,
            ),
            (
                "FilterLogEvents",
                r#"{"logGroupName":"g","logStreamNamePrefix":"t","endTime":1586372745001}"#,
                r#"{"events":[],"searchedLogStreams":[]}"#,
            ),
            (
                "FilterLogEvents",
                r#"{"logGroupName":"g","filterPattern":"[x]"}"#,
                "400 InvalidParameterException …space-delimited patterns…",
            ),
            (
                "FilterLogEvents",
                r#"{"logGroupName":"g","logStreamNames":["x"]}"#,
                "400 ResourceNotFoundException …stream…",
            ),
            ("FilterLogEvents", r#"{"logGroupName":"g","nextToken":"x"}"#, "400 InvalidParameterException …"),
            ("FilterLogEvents", r#"{"logGroupName":"x"}"#, "400 ResourceNotFoundException …group…"),
            (
                "GetLogEvents",
                r#"{"logGroupName":"g","logStreamName":"s","limit":1}"#,
                r#"{"events":[{"ingestionTime":1586372745000,"message":"three ERROR","timestamp":1586372745003}],"nextBackwardToken":"b/…1/s","nextForwardToken":"f/…2/s"}"#,
            ),
            (
                "GetLogEvents",
                r#"{"logGroupName":"g","logStreamName":"s","startFromHead":true,"limit":1}"#,
                r#"{"events":[{…"one"…}],"nextBackwardToken":"b/…0/s","nextForwardToken":"f/…1/s"}"#,
            ),
            (
                "GetLogEvents",
                r#"{"logGroupName":"g","logStreamName":"s","nextToken":"f/1/s"}"#,
                r#"{"events":[{…"three ERROR"…}],"nextBackwardToken":"b/…1/s","nextForwardToken":"f/…2/s"}"#,
            ),
            (
                "GetLogEvents",
                r#"{"logGroupName":"g","logStreamName":"s","nextToken":"b/1/s"}"#,
                r#"{"events":[{…"one"…}],…}"#,
            ),
            (
                "GetLogEvents",
                r#"{"logGroupName":"g","logStreamName":"s","nextToken":"f/3/s"}"#,
                r#"{"events":[],"nextBackwardToken":"b/…3/s","nextForwardToken":"f/00000000000000000000000000000000000000000000000000000003/s"}"#,
            ),
            ("GetLogEvents", r#"{"logGroupName":"g","logStreamName":"s","nextToken":"x"}"#, "400 Inv…"),
            (
                "GetLogEvents",
                r#"{"logGroupName":"g","logStreamName":"x"}"#,
                "400 ResourceNotFoundException …",
            ),
            ("DeleteLogStream", r#"{"logGroupName":"g","logStreamName":"s"}"#, ""),
            (
                "DeleteLogStream",
                r#"{"logGroupName":"g","logStreamName":"s"}"#,
                "400 ResourceNotFoundException …",
            ),
            (
                "FilterLogEvents",
                r#"{"logGroupName":"g"}"#,
                r#"{"events":[{…"two"…}],"searchedLogStreams":[]}"#,
            ),
        ],
    );
}

#[test]
fn events_of_another_time_are_left_out() {
    let bench = Bench::new();
    let now = bench.now.unix_ms;
    let (hour, day) = (3_600_000, 86_400_000);
    let put = |times: &[u64]| {
        let events: Vec<_> =
            times.iter().map(|time| serde_json::json!({ "timestamp": time, "message": "x" })).collect();
        let body = serde_json::json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": events });
        ask(&bench, "PutLogEvents", &body.to_string())
    };
    for operation in ["CreateLogGroup", "CreateLogStream"] {
        ask(&bench, operation, r#"{"logGroupName":"g","logStreamName":"s"}"#);
    }
    let old = now - 14 * day;
    for (times, expected) in [
        (vec![now, now + 2 * hour], r#"{"nextSequenceToken":"1"}"#),
        (
            vec![now, now + 2 * hour + 1],
            r#"{"nextSequenceToken":"1","rejectedLogEventsInfo":{"tooNewLogEventStartIndex":1}}"#,
        ),
        (
            vec![old - 1, old],
            r#"{"nextSequenceToken":"1","rejectedLogEventsInfo":{"tooOldLogEventEndIndex":1}}"#,
        ),
        (
            vec![old - 2, old - 1],
            r#"{"nextSequenceToken":"1","rejectedLogEventsInfo":{"tooOldLogEventEndIndex":2}}"#,
        ),
    ] {
        assert_eq!(put(&times), expected, "{times:?}");
    }
    assert!(put(&[now - day - 1, now]).contains("cannot span more than 24 hours"));
    let owner = Owner { account: "000000000000".into(), region: "us-east-1".into() };
    let logs = bench.control.context().logs();
    let kept = logs.group(&owner, "g").unwrap().after(0, 9);
    assert_eq!(
        kept.iter().map(|(_, event)| event.time_ms).collect::<Vec<_>>(),
        [now, now + 2 * hour, now, old]
    );
}

#[test]
fn what_functions_print_is_read_in_extracts() {
    let bench = Bench::new();
    let owner = Owner { account: "000000000000".into(), region: "us-east-1".into() };
    for n in 0..2500 {
        let stream = if n % 2 == 0 { "even" } else { "odd" };
        let text = format!("line {n}");
        bench.control.context().logs().print(&owner, "/aws/lambda/f", &stream.into(), n, text.as_bytes());
    }
    let (mut token, mut seen) = (String::new(), 0);
    loop {
        let more = if token.is_empty() { String::new() } else { format!(r#","nextToken":"{token}""#) };
        let body = format!(r#"{{"logGroupName":"/aws/lambda/f","limit":400,"filterPattern":"line"{more}}}"#);
        let page: Value = serde_json::from_str(&ask(&bench, "FilterLogEvents", &body)).unwrap();
        for event in page["events"].as_array().unwrap() {
            assert_eq!(event["message"], format!("line {seen}\n"));
            seen += 1;
        }
        match page["nextToken"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, 2500);
    let body = r#"{"logGroupName":"/aws/lambda/f","logStreamName":"odd"}"#;
    let page: Value = serde_json::from_str(&ask(&bench, "GetLogEvents", body)).unwrap();
    let events = page["events"].as_array().unwrap();
    assert_eq!((events.len(), &events[0]["message"]), (1250, &"line 1\n".into()));
    bench.ask("POST /_localstack/state/reset", "");
    assert_eq!(ask(&bench, "DescribeLogGroups", "{}"), r#"{"logGroups":[]}"#);
}
