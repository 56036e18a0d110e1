//! What is written for each subtype, and that nothing that a client sends can break a request apart.

use proptest::prelude::*;

use super::*;
use crate::model::service::SUBTYPES;

/// The arguments of a subtype by name, in the subtype's order.
fn write(subtype: &str, sqs: SqsProtocol, given: &[(&str, &str)]) -> Result<Unsigned, String> {
    let subtype = Subtype::named(subtype).expect("one of the ten");
    let given =
        |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
    let arguments =
        subtype.parameters.iter().filter_map(|parameter| Some((parameter, given(parameter.name)?)));
    let arguments = arguments.map(|(parameter, text)| Argument::read(parameter, text));
    Ok(Unsigned::new(subtype, sqs, arguments.collect::<Result<_, _>>()?))
}

#[test]
fn each_in_its_own_protocol() {
    for (subtype, given, expected) in [
        (
            "EventBridge-PutEvents",
            &[
                ("Detail", "{}"),
                ("DetailType", "t"),
                ("Source", "s"),
                ("Resources", "[\"a\"]"),
                ("Time", "5"),
            ][..],
            "POST / application/x-amz-json-1.1 AWSEvents.PutEvents {\"Entries\":[{\"Detail\":\"{}\",\
             \"DetailType\":\"t\",\"Resources\":[\"a\"],\"Source\":\"s\",\"Time\":5.0}]}",
        ),
        (
            "SQS-SendMessage",
            &[
                ("QueueUrl", "http://h/q"),
                ("MessageBody", "a&b=c"),
                ("DelaySeconds", "3"),
                ("MessageAttributes", "{\"n\":{\"DataType\":\"String\",\"StringValue\":\"x y\"}}"),
            ],
            "POST / application/x-www-form-urlencoded - Action=SendMessage&Version=2012-11-05\
             &QueueUrl=http%3A%2F%2Fh%2Fq&MessageBody=a%26b%3Dc&DelaySeconds=3&MessageAttribute.1.Name=n\
             &MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=x%20y",
        ),
        (
            "SQS-ReceiveMessage",
            &[("QueueUrl", "q"), ("AttributeNames", "[\"All\",\"b\"]"), ("MessageAttributeNames", "All")],
            "POST / application/x-www-form-urlencoded - Action=ReceiveMessage&Version=2012-11-05&QueueUrl=q\
             &AttributeName.1=All&AttributeName.2=b&MessageAttributeName.1=All",
        ),
        (
            "AppConfig-GetConfiguration",
            &[
                ("Application", "my app"),
                ("Environment", "a/b"),
                ("Configuration", "c"),
                ("ClientId", "me&you"),
                ("ClientConfigurationVersion", "1"),
            ],
            "GET /applications/my%20app/environments/a%2Fb/configurations/c?client_id=me%26you\
             &client_configuration_version=1 - - ",
        ),
        (
            "Kinesis-PutRecord",
            &[("StreamName", "s"), ("Data", "{\"a\":1}"), ("PartitionKey", "p")],
            "POST / application/x-amz-json-1.1 Kinesis_20131202.PutRecord \
             {\"Data\":\"eyJhIjoxfQ==\",\"PartitionKey\":\"p\",\"StreamName\":\"s\"}",
        ),
        (
            "StepFunctions-StartExecution",
            &[("StateMachineArn", "arn"), ("Name", "n"), ("Input", "{}")],
            "POST / application/x-amz-json-1.0 AWSStepFunctions.StartExecution \
             {\"input\":\"{}\",\"name\":\"n\",\"stateMachineArn\":\"arn\"}",
        ),
        (
            "StepFunctions-StopExecution",
            &[("ExecutionArn", "arn")],
            "POST / application/x-amz-json-1.0 AWSStepFunctions.StopExecution {\"executionArn\":\"arn\"}",
        ),
    ] {
        assert_eq!(shown(&write(subtype, SqsProtocol::Query, given).unwrap()), expected, "{subtype}");
    }
    let given = [("QueueUrl", "q"), ("MaxNumberOfMessages", "10"), ("AttributeNames", "All")];
    assert_eq!(
        shown(&write("SQS-ReceiveMessage", SqsProtocol::Json, &given).unwrap()),
        "POST / application/x-amz-json-1.0 AmazonSQS.ReceiveMessage \
         {\"AttributeNames\":[\"All\"],\"MaxNumberOfMessages\":10,\"QueueUrl\":\"q\"}"
    );
}

fn shown(unsigned: &Unsigned) -> String {
    let Unsigned { method, path, query, content_type, operation, body } = unsigned;
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    let (kind, operation) = (content_type.unwrap_or("-"), operation.as_deref().unwrap_or("-"));
    format!("{method} {path}{query} {kind} {operation} {}", String::from_utf8_lossy(body))
}

proptest! {
    /// Whatever a client sends, the target is one word, and a form has the pairs that were put into it.
    #[test]
    fn nothing_breaks_out(which in 0..SUBTYPES.len(), texts in proptest::collection::vec(".{1,30}", 8)) {
        let subtype = &SUBTYPES[which];
        let given: Vec<_> =
            subtype.parameters.iter().zip(&texts).map(|(parameter, text)| (parameter.name, text.as_str())).collect();
        for sqs in [SqsProtocol::Query, SqsProtocol::Json] {
            let Ok(unsigned) = write(subtype.name, sqs, &given) else { continue };
            let target = format!("{}?{}", unsigned.path, unsigned.query);
            prop_assert!(target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic()), "{target}");
            prop_assert_eq!(unsigned.path.matches('/').count(), if unsigned.method == "GET" { 6 } else { 1 });
            match unsigned.content_type {
                Some(FORM) => {
                    let form = std::str::from_utf8(&unsigned.body).unwrap();
                    let read: Vec<_> = query::pairs(form).collect();
                    let url = given.iter().find(|(name, _)| *name == "QueueUrl").unwrap().1;
                    prop_assert!(read.iter().any(|(name, value)| name == "QueueUrl" && value == url));
                    prop_assert_eq!(read.iter().filter(|(name, _)| name == "Action").count(), 1);
                }
                Some(_) => prop_assert!(serde_json::from_slice::<Value>(&unsigned.body).unwrap().is_object()),
                None => prop_assert!(unsigned.body.is_empty()),
            }
        }
    }
}
