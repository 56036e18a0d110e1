//! What deploy tools make besides: buckets, parameters, log groups, repositories, keys, rules.

use serde_json::{Map, Value};

use super::custom;
use super::{Calls, Family, Keys, Naming, Replaces, Step, Tagging, Tags, Takes, Type, Update, When};
use crate::control::answer::Error;

const S3: Family = Family::new("s3");

const SSM: Family = Family { booleans: &["Overwrite"], tags: Tags::List, ..Family::new("ssm") };

const LOGS: Family =
    Family { lower: true, integers: &["RetentionInDays"], tags: Tags::Map, ..Family::new("logs") };

const ECR: Family = Family {
    lower: true,
    booleans: &["EmptyOnDelete", "Force", "force", "ScanOnPush"],
    tags: Tags::List,
    ..Family::new("ecr")
};

const KMS: Family = Family {
    booleans: &["MultiRegion"],
    integers: &["PendingWindowInDays"],
    documents: &["Policy"],
    ..Family::new("kms")
};

const EVENTS: Family = Family {
    documents: &["EventPattern"],
    integers: &["MaximumEventAgeInSeconds", "MaximumRetryAttempts"],
    maps: &["InputPathsMap"],
    tags: Tags::List,
    ..Family::new("events")
};

const RULE: &[(&str, &str)] = &[("EventBusName", "{property EventBusName}"), ("Rule", "{physical}")];

const TARGET: &[(&str, &str)] =
    &[("EventBusName", "{property EventBusName}"), ("Ids", "[{item Id}]"), ("Rule", "{physical}")];

/// The types.
pub const TYPES: &[Type] = &[
    Type {
        naming: Some(Naming { property: "BucketName", most: 63, lower: true }),
        attributes: &[
            ("Arn", "arn:aws:s3:::{physical}"),
            ("DomainName", "{physical}.s3.{host}"),
            ("DualStackDomainName", "{physical}.s3.dualstack.{region}.{host}"),
            ("RegionalDomainName", "{physical}.s3.{region}.{host}"),
            ("WebsiteURL", "http://{physical}.s3-website.{host}"),
        ],
        replaces: Replaces::These(&["BucketName"]),
        calls: Some(&Calls {
            family: &S3,
            absent: Some(Step::new("HeadBucket", BUCKET)),
            create: &[
                Step::new("CreateBucket", BUCKET),
                Step::new("PutBucketVersioning", BUCKET)
                    .when(When::Given("VersioningConfiguration"))
                    .takes(Takes::Raw(VERSIONING)),
                Step::new("PutBucketEncryption", BUCKET)
                    .when(When::Given("BucketEncryption"))
                    .takes(Takes::Raw(ENCRYPTION)),
            ],
            update: Update::Steps(
                &[
                    Step::new("PutBucketVersioning", BUCKET)
                        .when(When::Changed(&["VersioningConfiguration"]))
                        .takes(Takes::Raw(VERSIONING)),
                    Step::new("PutBucketEncryption", BUCKET)
                        .when(When::Changed(&["BucketEncryption"]))
                        .takes(Takes::Raw(ENCRYPTION)),
                ],
                &[],
            ),
            delete: &[Step::new("DeleteBucket", BUCKET)],
            tagging: None,
        }),
        deeds: Some(&custom::TAGGED),
        ..Type::new("AWS::S3::Bucket", "{property BucketName}")
    },
    Type {
        replaces: Replaces::These(&["Bucket"]),
        calls: Some(&Calls {
            family: &S3,
            absent: None,
            create: &[PUT_BUCKET_POLICY],
            update: Update::Steps(&[PUT_BUCKET_POLICY], &[]),
            delete: &[Step::new("DeleteBucketPolicy", &[("Bucket", "{property Bucket}")])],
            tagging: None,
        }),
        ..Type::new("AWS::S3::BucketPolicy", "{property Bucket}")
    },
    Type {
        naming: Some(Naming { property: "Name", most: 255, lower: false }),
        attributes: &[("Type", "{property Type}"), ("Value", "{property Value}")],
        replaces: Replaces::These(&["DataType", "Name"]),
        tags: Tags::Map,
        calls: Some(&Calls {
            family: &SSM,
            absent: None,
            create: &[Step::new("PutParameter", &[]).takes(Takes::But(&[]))],
            update: Update::Steps(
                &[Step::new("PutParameter", &[])
                    .when(When::Changed(PARAMETER))
                    .takes(Takes::But(&["Tags"]))
                    .adds(&[("Overwrite", "true")])],
                &[],
            ),
            delete: &[Step::new("DeleteParameter", &[]).adds(&[("Name", "{physical}")])],
            tagging: Some(Tagging {
                tag: "AddTagsToResource",
                untag: "RemoveTagsFromResource",
                path: &[],
                adds: &[("ResourceId", "{physical}"), ("ResourceType", "Parameter")],
                member: "Tags",
                keys: Keys::Member("TagKeys"),
            }),
        }),
        ..Type::new("AWS::SSM::Parameter", "{property Name}")
    },
    Type {
        naming: Some(Naming { property: "LogGroupName", most: 512, lower: false }),
        attributes: &[("Arn", "arn:aws:logs:{region}:{account}:log-group:{physical}:*")],
        replaces: Replaces::These(&["LogGroupName"]),
        tags: Tags::List,
        calls: Some(&Calls {
            family: &LOGS,
            absent: None,
            create: &[
                Step::new("CreateLogGroup", &[]).takes(Takes::Only(&[
                    "KmsKeyId",
                    "LogGroupClass",
                    "LogGroupName",
                    "Tags",
                ])),
                Step::new("PutRetentionPolicy", &[])
                    .when(When::Given("RetentionInDays"))
                    .takes(Takes::Only(&["LogGroupName", "RetentionInDays"])),
            ],
            update: Update::Steps(
                &[
                    Step::new("PutRetentionPolicy", &[])
                        .when(When::Changed(&["RetentionInDays"]))
                        .takes(Takes::Changed)
                        .adds(&[("logGroupName", "{physical}")]),
                    Step::new("DeleteRetentionPolicy", &[])
                        .when(When::Gone("RetentionInDays"))
                        .adds(&[("logGroupName", "{physical}")]),
                ],
                &[],
            ),
            delete: &[Step::new("DeleteLogGroup", &[]).adds(&[("logGroupName", "{physical}")])],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[],
                adds: &[("resourceArn", "arn:aws:logs:{region}:{account}:log-group:{physical}")],
                member: "tags",
                keys: Keys::Member("tagKeys"),
            }),
        }),
        ..Type::new("AWS::Logs::LogGroup", "{property LogGroupName}")
    },
    Type {
        replaces: Replaces::Any,
        calls: Some(&Calls {
            family: &LOGS,
            absent: None,
            create: &[Step::new("CreateLogStream", &[]).takes(Takes::But(&[]))],
            update: Update::Steps(&[], &[]),
            delete: &[
                Step::new("DeleteLogStream", &[]).takes(Takes::Only(&["LogGroupName", "LogStreamName"]))
            ],
            tagging: None,
        }),
        naming: Some(Naming { property: "LogStreamName", most: 512, lower: false }),
        ..Type::new("AWS::Logs::LogStream", "{property LogStreamName}")
    },
    Type {
        naming: Some(Naming { property: "RepositoryName", most: 256, lower: true }),
        attributes: &[
            ("Arn", "{answer repository.repositoryArn}"),
            ("RepositoryUri", "{answer repository.repositoryUri}"),
        ],
        replaces: Replaces::These(&["EncryptionConfiguration", "RepositoryName"]),
        calls: Some(&Calls {
            family: &ECR,
            absent: None,
            create: &[Step::new("CreateRepository", &[]).takes(Takes::Only(&[
                "EncryptionConfiguration",
                "ImageScanningConfiguration",
                "ImageTagMutability",
                "RepositoryName",
                "Tags",
            ]))],
            update: Update::Steps(&[], &[]),
            delete: &[Step::new("DeleteRepository", &[])
                .adds(&[("repositoryName", "{physical}"), ("force", "{property EmptyOnDelete}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ECR::Repository", "{property RepositoryName}")
    },
    Type {
        attributes: &[("Arn", "{answer KeyMetadata.Arn}"), ("KeyId", "{physical}")],
        replaces: Replaces::These(&["KeySpec", "KeyUsage", "MultiRegion"]),
        calls: Some(&Calls {
            family: &KMS,
            absent: None,
            create: &[Step::new("CreateKey", &[])
                .takes(Takes::Only(&["Description", "KeySpec", "KeyUsage", "MultiRegion"]))
                .adds(&[("Policy", "{property KeyPolicy}")])],
            update: Update::Steps(&[], &[]),
            // As on AWS a key goes only after some days.
            delete: &[Step::new("ScheduleKeyDeletion", &[]).adds(&[
                ("KeyId", "{physical}"),
                ("PendingWindowInDays", "{property PendingWindowInDays|30}"),
            ])],
            tagging: None,
        }),
        ..Type::new("AWS::KMS::Key", "{answer KeyMetadata.KeyId}")
    },
    Type {
        replaces: Replaces::These(&["AliasName"]),
        calls: Some(&Calls {
            family: &KMS,
            absent: None,
            create: &[Step::new("CreateAlias", &[]).takes(Takes::But(&[]))],
            update: Update::Again,
            delete: &[Step::new("DeleteAlias", &[]).takes(Takes::Only(&["AliasName"]))],
            tagging: None,
        }),
        ..Type::new("AWS::KMS::Alias", "{property AliasName}")
    },
    Type {
        naming: Some(Naming { property: "Name", most: 64, lower: false }),
        attributes: &[("Arn", "{answer RuleArn}")],
        replaces: Replaces::These(&["EventBusName", "Name"]),
        prepare: Some(target_input),
        calls: Some(&Calls {
            family: &EVENTS,
            absent: Some(Step::new("DescribeRule", &[]).takes(Takes::Only(&["EventBusName", "Name"]))),
            create: &[
                Step::new("PutRule", &[]).takes(Takes::But(&["Targets"])),
                Step::new("PutTargets", &[])
                    .when(When::Given("Targets"))
                    .takes(Takes::Only(&["Targets"]))
                    .adds(RULE),
            ],
            update: Update::Steps(
                &[
                    Step::new("PutRule", &[]).takes(Takes::But(&["Tags", "Targets"])),
                    Step::new("RemoveTargets", &[]).when(When::Removed("Targets")).adds(TARGET),
                    Step::new("PutTargets", &[])
                        .when(When::Given("Targets"))
                        .takes(Takes::Only(&["Targets"]))
                        .adds(RULE),
                ],
                &[],
            ),
            delete: &[
                Step::new("RemoveTargets", &[]).when(When::Added("Targets")).adds(TARGET),
                Step::new("DeleteRule", &[])
                    .adds(&[("Name", "{physical}"), ("EventBusName", "{property EventBusName}")]),
            ],
            tagging: None,
        }),
        ..Type::new("AWS::Events::Rule", "{property Name}")
    },
];

const BUCKET: &[(&str, &str)] = &[("Bucket", "{property BucketName}")];
const VERSIONING: &str = "<VersioningConfiguration><Status>{property VersioningConfiguration.Status|Suspended}</Status>\
    </VersioningConfiguration>";
const ENCRYPTION: &str = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>\
    {property BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm|AES256}\
    </SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
/// Kept, and enforced by nobody: those of deploy tools deny whatever is not TLS.
const PUT_BUCKET_POLICY: Step = Step::new("PutBucketPolicy", &[("Bucket", "{property Bucket}")])
    .takes(Takes::Raw("{property PolicyDocument}"));
const PARAMETER: &[&str] = &["AllowedPattern", "Description", "Policies", "Tier", "Type", "Value"];

/// `Input` is JSON text; templates may also say it as an object.
fn target_input(properties: &mut Map<String, Value>) -> Result<(), Error> {
    let targets = properties.get_mut("Targets").and_then(Value::as_array_mut);
    for target in targets.into_iter().flatten() {
        if let Some(input) = target.get_mut("Input").filter(|input| !input.is_string()) {
            *input = input.to_string().into();
        }
    }
    Ok(())
}
