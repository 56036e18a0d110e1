//! Where a function's code comes from: a zip in the call or in a bucket, or a folder of the user's.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::members::Members;
use super::named;
use super::refusal;
use crate::control::answer::{Answer, Body, Error};
use crate::control::call::Call;
use crate::control::package::{self, Refusal};
use crate::control::{Context, Control, s3};
use crate::model::Owner;
use crate::model::arn::FunctionRef;
use crate::model::function::{Code, Folder, Unpacked, Version};
use crate::model::layer::LayerVersion;

/// Buckets that mean: the key is a folder of this machine. The second one is LocalStack's older spelling.
const HOT_RELOAD_BUCKETS: &[&str] = &[HOT_RELOAD, "__local__"];

/// LocalStack's name of the bucket that is every folder of this machine.
pub const HOT_RELOAD: &str = "hot-reload";

/// What LocalStack says for a hash where the code may change at any time.
const HOT_RELOAD_HASH: &str = "hot-reloading-hash-not-available";

/// Where a kept zip is downloaded from, before account, region, function and version.
const DOWNLOADS: &str = "/_gatelet/code";

/// The same of layers.
const LAYER_DOWNLOADS: &str = "/_gatelet/layer";

/// Where code is to be taken from.
pub enum Source {
    /// A zip.
    Zip(Vec<u8>),
    /// A zip in a bucket.
    Object {
        /// `S3Bucket`
        bucket: String,
        /// `S3Key`
        key: String,
    },
    /// A folder, whose edits take effect.
    HotReload(PathBuf),
}

impl Source {
    /// What these members name: those of CreateFunction's `Code`, or UpdateFunctionCode's own.
    ///
    /// # Errors
    /// They name nothing, or something that isn't supported.
    pub fn of(members: &mut Members) -> Result<Self, Error> {
        if let Some(text) = members.take_text("ZipFile")? {
            return Ok(Self::Zip(BASE64.decode(text).map_err(|_| refusal::mistyped("ZipFile", "base64"))?));
        }
        if members.has("ImageUri") {
            return Err(refusal::not_yet(
                "gatelet does not support functions from container images yet: upload a zip (ZipFile)",
            ));
        }
        let (Some(bucket), Some(key)) = (members.text("S3Bucket")?, members.text("S3Key")?) else {
            return Err(refusal::invalid("Please provide a source for function code."));
        };
        if !HOT_RELOAD_BUCKETS.contains(&bucket) {
            // Former versions of objects are not kept: `null` is the id of the only one.
            return match members.text("S3ObjectVersion")?.filter(|version| *version != "null") {
                Some(version) => Err(not_got(&s3::refusal::no_version(key, version))),
                None => Ok(Self::Object { bucket: bucket.into(), key: key.into() }),
            };
        }
        if !key.starts_with('/') {
            return Err(refusal::invalid(format!(
                "When using hot reloading, the archive key has to be an absolute path! Your archive key: {key}"
            )));
        }
        Ok(Self::HotReload(key.into()))
    }

    /// Puts the code where it can run. Takes its time.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn prepare(self, control: &Control) -> Result<Arc<Code>, Error> {
        let files = control.context().files.as_ref();
        match self {
            Self::Zip(zip) => {
                let folder = package::unpack(files, &zip).map_err(refused)?;
                Ok(unpacked(folder, &zip))
            }
            Self::Object { bucket, key } => {
                let zip =
                    s3::read_object(control, &bucket, &key, package::MAX_UNZIPPED).map_err(|error| {
                        match error.code {
                            "EntityTooLarge" => refused(Refusal::LargeUnzipped),
                            _ => not_got(&error),
                        }
                    })?;
                let folder = package::unpack_object(files, &zip).map_err(refused)?;
                Ok(unpacked(folder, &zip))
            }
            Self::HotReload(path) => {
                if !files.is_folder(&path) {
                    return Err(refusal::invalid(format!(
                        "When using hot reloading, the archive key has to be a folder that gatelet can read! Your \
                         archive key: {}",
                        path.display()
                    )));
                }
                let folder = Folder::HotReload(path);
                Ok(Arc::new(Code { folder, sha256: HOT_RELOAD_HASH.into(), size: 0 }))
            }
        }
    }
}

fn unpacked(folder: Unpacked, zip: &[u8]) -> Arc<Code> {
    let (sha256, size) = (package::sha256(zip), zip.len() as u64);
    Arc::new(Code { folder: Folder::Unpacked(folder), sha256, size })
}

/// `Code.Location`: where the code can be had.
pub fn location(context: &Context, version: &Version) -> String {
    match version.code.hot_folder() {
        Some(folder) => format!("file://{}", folder.display()),
        None => format!(
            "http://{}{DOWNLOADS}/{}/{}/{}/{}",
            context.settings.public_host,
            version.owner.account,
            version.owner.region,
            version.name,
            version.version
        ),
    }
}

/// Gives a kept zip back: what [`location`] points to.
pub fn download(control: &Control, call: &Call) -> Result<Answer, Error> {
    let owner = Owner { account: call.path("Account").into(), region: call.path("Region").into() };
    let version = call.path("Version");
    let wanted =
        FunctionRef { owner, name: call.path("FunctionName").into(), qualifier: Some(version.to_owned()) };
    // The lock is let go before the disk is read; the folder stays as long as the code is held.
    let code = {
        let store = control.store();
        let found = named::function(&store, &wanted)?.numbered(version);
        Arc::clone(&found.ok_or_else(|| refusal::no_function(&wanted.arn()))?.code)
    };
    package_of(control, &code)
}

/// `Content.Location` of a layer.
pub fn location_of_layer(context: &Context, version: &LayerVersion) -> String {
    let Owner { account, region } = &version.owner;
    match version.code.hot_folder() {
        Some(folder) => format!("file://{}", folder.display()),
        None => format!(
            "http://{}{LAYER_DOWNLOADS}/{account}/{region}/{}/{}",
            context.settings.public_host, version.name, version.number
        ),
    }
}

/// The zip that this code was unpacked from.
pub fn package_of(control: &Control, code: &Code) -> Result<Answer, Error> {
    let zip = match &code.folder {
        Folder::Unpacked(folder) => control.context().files.read_package(folder.path()),
        Folder::HotReload(_) => Err(std::io::ErrorKind::NotFound.into()),
    };
    let zip = zip.map_err(|error| refusal::not_found(format!("The package cannot be read: {error}")))?;
    Ok(Answer { status: 200, headers: Vec::new(), body: Body::Raw("application/zip", zip.into()) })
}

/// Base64 as SDKs write it, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What S3 says, as Lambda passes it on.
fn not_got(error: &Error) -> Error {
    refusal::invalid(format!(
        "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
        error.code, error.message
    ))
}

/// What an uploader is told.
fn refused(why: Refusal) -> Error {
    let message = why.message();
    match why {
        Refusal::Empty | Refusal::LargeUnzipped | Refusal::ManyEntries | Refusal::Malformed => {
            refusal::invalid(message)
        }
        Refusal::LargeZipped => refusal::too_large(message),
        Refusal::Disk(_) => Error::new(500, "ServiceException", message).with("Type", "Service"),
    }
}
