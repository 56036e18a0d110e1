//! Configurations of buckets that are kept and given back as they were put, and change nothing here; and those that
//! can only be asked for, since nothing but AWS's default is there.

use super::bucket;
use super::refusal;
use super::xml;
use crate::control::Context;
use crate::control::answer::{Answer, Body, Error};
use crate::control::call::Call;
use crate::model::Store;
use crate::proto::xml::Element;

/// Ours: a lifecycle of 1,000 rules has some 500 KB.
const MAX_DOCUMENT: usize = 1024 * 1024;

/// A kind of configuration.
struct Kind {
    /// The name of its sub-resource.
    flag: &'static str,
    /// The root of its document; empty for JSON.
    root: &'static str,
    /// What is answered where none was put.
    absent: Absent,
}

/// What is answered where no configuration was put.
enum Absent {
    /// 404 with this code and message.
    Error(&'static str, &'static str),
    /// AWS's default: what stands in the root.
    Default(&'static str),
}

const KINDS: &[Kind] = &[
    Kind { flag: "accelerate", root: "AccelerateConfiguration", absent: Absent::Default("") },
    Kind {
        flag: "cors",
        root: "CORSConfiguration",
        absent: Absent::Error("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    },
    Kind {
        flag: "encryption",
        root: "ServerSideEncryptionConfiguration",
        absent: Absent::Default(
            "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
             </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>",
        ),
    },
    Kind {
        flag: "lifecycle",
        root: "LifecycleConfiguration",
        absent: Absent::Error("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    },
    Kind { flag: "logging", root: "BucketLoggingStatus", absent: Absent::Default("") },
    Kind { flag: "notification", root: "NotificationConfiguration", absent: Absent::Default("") },
    Kind {
        flag: "object-lock",
        root: "ObjectLockConfiguration",
        absent: Absent::Error(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ),
    },
    Kind {
        flag: "ownershipControls",
        root: "OwnershipControls",
        absent: Absent::Default("<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"),
    },
    Kind {
        flag: "policy",
        root: "",
        absent: Absent::Error("NoSuchBucketPolicy", "The bucket policy does not exist"),
    },
    Kind {
        flag: "publicAccessBlock",
        root: "PublicAccessBlockConfiguration",
        absent: Absent::Error(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        ),
    },
    Kind {
        flag: "replication",
        root: "ReplicationConfiguration",
        absent: Absent::Error(
            "ReplicationConfigurationNotFoundError",
            "The replication configuration was not found",
        ),
    },
    Kind {
        flag: "requestPayment",
        root: "RequestPaymentConfiguration",
        absent: Absent::Default("<Payer>BucketOwner</Payer>"),
    },
    Kind {
        flag: "website",
        root: "WebsiteConfiguration",
        absent: Absent::Error(
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        ),
    },
];

/// `GET /{Bucket}?{configuration}`
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let (kind, name) = (kind(call), call.path("Bucket"));
    match (bucket::of(store, name)?.documents.get(kind.flag), &kind.absent) {
        (Some(document), _) if kind.root.is_empty() => Ok(Answer {
            status: 200,
            headers: Vec::new(),
            body: Body::Raw("application/json", document.clone().into()),
        }),
        (Some(document), _) => Ok(Answer::xml(document.clone())),
        (None, Absent::Default(content)) => Ok(xml::answer(kind.root, |xml| xml.raw(content))),
        (None, Absent::Error(code, message)) => Err(Error::new(404, code, *message).with("BucketName", name)),
    }
}

/// `PUT /{Bucket}?{configuration}`
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let kind = kind(call);
    let bucket = bucket::of_mut(store, call.path("Bucket"))?;
    let document = checked(kind, call.body())?;
    bucket.documents.insert(kind.flag, document);
    Ok(Answer::empty(if kind.root.is_empty() { 204 } else { 200 }))
}

/// `DELETE /{Bucket}?{configuration}`
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    bucket::of_mut(store, call.path("Bucket"))?.documents.remove(kind(call).flag);
    Ok(Answer::no_content())
}

/// GetBucketVersioning
pub fn versioning(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of(store, call.path("Bucket"))?;
    Ok(xml::answer("VersioningConfiguration", |xml| xml.maybe("Status", bucket.versioning.as_deref())))
}

/// PutBucketVersioning
pub fn put_versioning(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of_mut(store, call.path("Bucket"))?;
    let body = Element::parse(call.body()).map_err(|_| refusal::malformed_xml())?;
    let status = body.text_of("Status").filter(|status| matches!(*status, "Enabled" | "Suspended"));
    bucket.versioning = Some(status.ok_or_else(refusal::malformed_xml)?.to_owned());
    Ok(Answer::empty(200))
}

/// GetBucketAcl: buckets have none but that of their owner.
pub fn acl(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of(store, call.path("Bucket"))?;
    Ok(xml::answer("AccessControlPolicy", |xml| {
        xml.element("Owner", |xml| bucket::owner(xml, &bucket.owner));
        xml.element("AccessControlList", |xml| {
            xml.element("Grant", |xml| {
                xml.raw(
                    "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                     xsi:type=\"CanonicalUser\">",
                );
                bucket::owner(xml, &bucket.owner);
                xml.raw("</Grantee>");
                xml.text("Permission", "FULL_CONTROL");
            });
        });
    }))
}

/// What a document must be: of this kind, and not endless.
fn checked(kind: &Kind, body: &[u8]) -> Result<String, Error> {
    if body.len() > MAX_DOCUMENT {
        return Err(refusal::too_large(MAX_DOCUMENT as u64));
    }
    if kind.root.is_empty() {
        let is_object = serde_json::from_slice::<serde_json::Map<_, serde_json::Value>>(body).is_ok();
        return match String::from_utf8(body.to_vec()) {
            Ok(text) if is_object => Ok(text),
            Ok(_) | Err(_) => Err(Error::new(
                400,
                "MalformedPolicy",
                "Policies must be valid JSON and the first byte must be '{'",
            )),
        };
    }
    let root = Element::parse(body).map_err(|_| refusal::malformed_xml())?;
    let text = std::str::from_utf8(body).ok().filter(|_| root.name == kind.root);
    let text = text.ok_or_else(refusal::malformed_xml)?.trim_start_matches('\u{feff}').trim_start();
    // An answer has a declaration of its own.
    let text = match text.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or(text, |(_, rest)| rest.trim_start()),
        None => text,
    };
    Ok(text.to_owned())
}

/// The kind that the call's row names.
fn kind(call: &Call) -> &'static Kind {
    let flag = call.operation.at.split_once('?').map(|(_, flag)| flag);
    let found = KINDS.iter().find(|kind| Some(kind.flag) == flag);
    found.expect("each row that comes here names a kind")
}
