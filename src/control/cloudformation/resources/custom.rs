//! Custom resources of the CDK that are done here, since what they ask for is ours: the functions that would do it call
//! back by https to port 443, which is not where we are. Others are refused.

use serde_json::{Map, Value};

use super::members::tags;
use super::run::Maker;
use super::{Deeds, Replaces, Type};
use crate::control::answer::Error;
use crate::control::cloudformation::template::text_of;
use crate::control::perform::Errand;
use crate::control::wire::escaped;

/// The tag by which a bucket says that it may be emptied.
const MAY_BE_EMPTIED: &str = "aws-cdk:auto-delete-objects";

/// The types.
pub const TYPES: &[Type] = &[
    Type {
        attributes: &[("LogGroupName", "{property LogGroupName}")],
        replaces: Replaces::These(&["LogGroupName"]),
        deeds: Some(&Deeds { make: retain_logs, delete: leave_logs }),
        ..Type::new("Custom::LogRetention", "{property LogGroupName}")
    },
    Type {
        replaces: Replaces::These(&["BucketName"]),
        deeds: Some(&Deeds { make: nothing, delete: empty_bucket }),
        ..Type::new("Custom::S3AutoDeleteObjects", "{physical}")
    },
];

/// A bucket's tags, which no step says: `deeds` of `AWS::S3::Bucket`.
pub const TAGGED: Deeds = Deeds { make: tag_bucket, delete: nothing };

fn tag_bucket(maker: &mut Maker<'_>, properties: &Map<String, Value>) -> Result<(), Error> {
    let name = properties.get("BucketName").map(text_of).unwrap_or_default();
    let tags = properties.get("Tags").map(tags).unwrap_or_default();
    let mut errand = Errand {
        path: vec![("Bucket", name)],
        ..Errand::new(
            maker.owner,
            maker.now,
            "s3",
            if tags.is_empty() { "DeleteBucketTagging" } else { "PutBucketTagging" },
        )
    };
    if !tags.is_empty() {
        let tag = |(key, value): (&String, &Value)| {
            format!("<Tag><Key>{}</Key><Value>{}</Value></Tag>", escaped(key), escaped(&text_of(value)))
        };
        let set: String = tags.iter().map(tag).collect();
        errand.members.insert("Body".into(), format!("<Tagging><TagSet>{set}</TagSet></Tagging>").into());
    }
    maker.perform(errand).map(drop)
}

fn nothing(_: &mut Maker<'_>, _: &Map<String, Value>) -> Result<(), Error> {
    Ok(())
}

/// The log group is made where it isn't there, and keeps its events so long.
fn retain_logs(maker: &mut Maker<'_>, properties: &Map<String, Value>) -> Result<(), Error> {
    let name = properties.get("LogGroupName").map(text_of).unwrap_or_default();
    match maker.perform(on_group(maker, "CreateLogGroup", &name)) {
        Err(error) if error.code == "ResourceAlreadyExistsException" => {}
        outcome => drop(outcome?),
    }
    let days = properties.get("RetentionInDays").map(text_of).filter(|days| !days.is_empty());
    let errand = match days {
        None => on_group(maker, "DeleteRetentionPolicy", &name),
        Some(days) => {
            let mut errand = on_group(maker, "PutRetentionPolicy", &name);
            let days = days.parse().map_or_else(|_| Value::from(days.as_str()), |days: u32| days.into());
            errand.members.insert("retentionInDays".into(), days);
            errand
        }
    };
    maker.perform(errand).map(drop)
}

/// The log group stays, unless it was said that it goes as well.
fn leave_logs(maker: &mut Maker<'_>, properties: &Map<String, Value>) -> Result<(), Error> {
    if properties.get("RemovalPolicy").is_none_or(|policy| policy != "destroy") {
        return Ok(());
    }
    let name = properties.get("LogGroupName").map(text_of).unwrap_or_default();
    maker.perform(on_group(maker, "DeleteLogGroup", &name)).map(drop)
}

fn on_group<'a>(maker: &Maker<'a>, operation: &'static str, name: &str) -> Errand<'a> {
    let members = Map::from_iter([("logGroupName".to_owned(), name.into())]);
    Errand { members, ..Errand::new(maker.owner, maker.now, "logs", operation) }
}

fn empty_bucket(maker: &mut Maker<'_>, properties: &Map<String, Value>) -> Result<(), Error> {
    let name = properties.get("BucketName").map(text_of).unwrap_or_default();
    let keys: Vec<String> = {
        let store = maker.control.store();
        let bucket = store.buckets.get(&name).filter(|bucket| bucket.owner == *maker.owner);
        let may = |(key, value): &(String, String)| key == MAY_BE_EMPTIED && value == "true";
        let bucket = bucket.filter(|bucket| bucket.tags.iter().any(may));
        bucket.map(|bucket| bucket.objects.keys().cloned().collect()).unwrap_or_default()
    };
    for key in keys {
        let path = vec![("Bucket", name.clone()), ("Key", key)];
        maker.perform(Errand { path, ..Errand::new(maker.owner, maker.now, "s3", "DeleteObject") })?;
    }
    Ok(())
}
