//! S3: a small object store. Buckets and what is said of objects are in the store, their bytes in files.
//!
//! ```text
//! Request ── address: which bucket and key? ── route: which row? ── run
//! its body ── upload: out of aws-chunked ── a file ── checksum: verified ── the object
//! ```
//!
//! Signatures are not verified, policies are kept and never enforced, and of an object there is one version. The rows
//! of the table are told apart by [`route`].

pub mod address;
mod bucket;
mod checksum;
mod condition;
mod document;
mod list;
mod listing;
mod metadata;
mod multipart;
mod object;
mod part;
pub mod presigned;
mod put;
pub mod read;
pub mod refusal;
pub mod route;
mod tag;
mod unsupported;
pub mod upload;
mod xml;

use super::SERVICES;
use super::operation::{Operation, Service};

pub use address::bucket_and_key_of_url;
pub use bucket::{make as make_bucket, remove as remove_bucket};
pub use read::read_object;
pub use unsupported::UNSUPPORTED;

/// The operations whose bodies may be large.
pub const UPLOADS: &[&str] = &["PutObject", "UploadPart"];

/// The service itself, for answers that are given before there is a call.
pub const SERVICE: &Service = {
    let mut row = 0;
    while !matches!(SERVICES[row].name.as_bytes(), b"s3") {
        row += 1;
    }
    &SERVICES[row]
};

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::quick("AbortMultipartUpload", "DELETE /{Bucket}/{Key+}?uploadId", multipart::abort),
    Operation::slow("CompleteMultipartUpload", "POST /{Bucket}/{Key+}?uploadId", multipart::complete),
    Operation::slow("CopyObject", "PUT /{Bucket}/{Key+}?x-amz-copy-source", put::copy),
    Operation::quick("CreateBucket", "PUT /{Bucket}", bucket::create),
    Operation::quick("CreateMultipartUpload", "POST /{Bucket}/{Key+}?uploads", multipart::create),
    Operation::quick("DeleteBucket", "DELETE /{Bucket}", bucket::delete),
    Operation::quick("DeleteBucketEncryption", "DELETE /{Bucket}?encryption", document::delete),
    Operation::quick("DeleteBucketLifecycle", "DELETE /{Bucket}?lifecycle", document::delete),
    Operation::quick("DeleteBucketOwnershipControls", "DELETE /{Bucket}?ownershipControls", document::delete),
    Operation::quick("DeleteBucketPolicy", "DELETE /{Bucket}?policy", document::delete),
    Operation::quick("DeleteBucketTagging", "DELETE /{Bucket}?tagging", tag::delete_of_bucket),
    Operation::quick("DeleteObject", "DELETE /{Bucket}/{Key+}", object::delete),
    Operation::quick("DeleteObjectTagging", "DELETE /{Bucket}/{Key+}?tagging", tag::delete_of_object),
    Operation::quick("DeleteObjects", "POST /{Bucket}?delete", object::delete_many),
    Operation::quick("DeletePublicAccessBlock", "DELETE /{Bucket}?publicAccessBlock", document::delete),
    Operation::quick("GetBucketAccelerateConfiguration", "GET /{Bucket}?accelerate", document::get),
    Operation::quick("GetBucketAcl", "GET /{Bucket}?acl", document::acl),
    Operation::quick("GetBucketCors", "GET /{Bucket}?cors", document::get),
    Operation::quick("GetBucketEncryption", "GET /{Bucket}?encryption", document::get),
    Operation::quick("GetBucketLifecycleConfiguration", "GET /{Bucket}?lifecycle", document::get),
    Operation::quick("GetBucketLocation", "GET /{Bucket}?location", bucket::location),
    Operation::quick("GetBucketLogging", "GET /{Bucket}?logging", document::get),
    Operation::quick("GetBucketNotificationConfiguration", "GET /{Bucket}?notification", document::get),
    Operation::quick("GetBucketOwnershipControls", "GET /{Bucket}?ownershipControls", document::get),
    Operation::quick("GetBucketPolicy", "GET /{Bucket}?policy", document::get),
    Operation::quick("GetBucketReplication", "GET /{Bucket}?replication", document::get),
    Operation::quick("GetBucketRequestPayment", "GET /{Bucket}?requestPayment", document::get),
    Operation::quick("GetBucketTagging", "GET /{Bucket}?tagging", tag::of_bucket),
    Operation::quick("GetBucketVersioning", "GET /{Bucket}?versioning", document::versioning),
    Operation::quick("GetBucketWebsite", "GET /{Bucket}?website", document::get),
    Operation::quick("GetObject", "GET /{Bucket}/{Key+}", object::get),
    Operation::quick("GetObjectLockConfiguration", "GET /{Bucket}?object-lock", document::get),
    Operation::quick("GetObjectTagging", "GET /{Bucket}/{Key+}?tagging", tag::of_object),
    Operation::quick("GetPublicAccessBlock", "GET /{Bucket}?publicAccessBlock", document::get),
    Operation::quick("HeadBucket", "HEAD /{Bucket}", bucket::head),
    Operation::quick("HeadObject", "HEAD /{Bucket}/{Key+}", object::get),
    Operation::quick("ListBuckets", "GET /", bucket::list),
    Operation::quick("ListMultipartUploads", "GET /{Bucket}?uploads", multipart::list),
    Operation::quick("ListObjectVersions", "GET /{Bucket}?versions", list::versions),
    Operation::quick("ListObjects", "GET /{Bucket}", list::first),
    Operation::quick("ListObjectsV2", "GET /{Bucket}?list-type", list::second),
    Operation::quick("ListParts", "GET /{Bucket}/{Key+}?uploadId", multipart::list_parts),
    Operation::quick("PutBucketEncryption", "PUT /{Bucket}?encryption", document::put),
    Operation::quick("PutBucketLifecycleConfiguration", "PUT /{Bucket}?lifecycle", document::put),
    Operation::quick("PutBucketOwnershipControls", "PUT /{Bucket}?ownershipControls", document::put),
    Operation::quick("PutBucketPolicy", "PUT /{Bucket}?policy", document::put),
    Operation::quick("PutBucketTagging", "PUT /{Bucket}?tagging", tag::put_of_bucket),
    Operation::quick("PutBucketVersioning", "PUT /{Bucket}?versioning", document::put_versioning),
    Operation::slow("PutObject", "PUT /{Bucket}/{Key+}", put::put),
    Operation::quick("PutObjectTagging", "PUT /{Bucket}/{Key+}?tagging", tag::put_of_object),
    Operation::quick("PutPublicAccessBlock", "PUT /{Bucket}?publicAccessBlock", document::put),
    Operation::slow("UploadPart", "PUT /{Bucket}/{Key+}?partNumber&uploadId", part::upload),
    Operation::slow(
        "UploadPartCopy",
        "PUT /{Bucket}/{Key+}?partNumber&uploadId&x-amz-copy-source",
        part::copy,
    ),
];
