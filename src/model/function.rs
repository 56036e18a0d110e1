//! A Lambda function: its versions, aliases, policy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::Owner;
use super::api::Cors;
use super::layer::LayerVersion;

/// The version that can still change.
pub const LATEST: &str = "$LATEST";

/// A function with all that it owns.
#[derive(Clone, Debug)]
pub struct Function {
    /// `FunctionName`
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// `$LATEST`
    pub latest: Arc<Version>,
    /// Published versions by number.
    pub versions: BTreeMap<u64, Arc<Version>>,
    /// The number that the next published version gets; numbers are never used again.
    pub next_version: u64,
    /// The version published last, and the `$LATEST` that it was made of: while that is the same, publishing makes
    /// no new one.
    pub published: Option<(u64, Arc<Version>)>,
    /// By name.
    pub aliases: BTreeMap<String, Alias>,
    /// Resource policies by qualifier (`None`: the function).
    pub policies: BTreeMap<Option<String>, Policy>,
    /// `Tags`
    pub tags: BTreeMap<String, String>,
    /// URLs by alias (`None`: of `$LATEST`).
    pub urls: BTreeMap<Option<String>, Url>,
    /// `ReservedConcurrentExecutions`
    pub reserved_concurrency: Option<u32>,
}

impl Function {
    /// The version that `qualifier` stands for now: a number, `$LATEST`, or an alias. An alias with weights stands
    /// for its main version here.
    pub fn version(&self, qualifier: Option<&str>) -> Option<&Arc<Version>> {
        match qualifier {
            None | Some(LATEST) => Some(&self.latest),
            Some(name) => match self.aliases.get(name) {
                Some(alias) => self.numbered(&alias.version),
                None => self.numbered(name),
            },
        }
    }

    /// The version of this number, or `$LATEST`.
    pub fn numbered(&self, version: &str) -> Option<&Arc<Version>> {
        if version == LATEST { Some(&self.latest) } else { self.versions.get(&version.parse().ok()?) }
    }

    /// `$LATEST`, then the published versions in order.
    pub fn all_versions(&self) -> impl Iterator<Item = &Arc<Version>> {
        std::iter::once(&self.latest).chain(self.versions.values())
    }
}

/// One state of a function that can run: `$LATEST` or a published version. Immutable; an update makes a new one
/// with a new `serial`, and workers of the old one end.
#[derive(Clone, Debug)]
pub struct Version {
    /// Unique among all that ever were: what workers are told apart by. A copy that differs only in what no
    /// worker sees (its revision, its concurrency) keeps it, so that warm workers stay.
    pub serial: u64,
    /// Whose it is.
    pub owner: Owner,
    /// `FunctionName`
    pub name: String,
    /// `$LATEST`, or the number.
    pub version: String,
    /// `FunctionArn`: without qualifier for `$LATEST`, with the number for a version.
    pub arn: String,
    /// `Runtime`
    pub runtime: String,
    /// `Handler`
    pub handler: String,
    /// `Role`
    pub role: String,
    /// `Description`
    pub description: String,
    /// `Timeout`, in seconds.
    pub timeout_s: u32,
    /// `MemorySize`, in MB.
    pub memory_mb: u32,
    /// `Environment.Variables`; `None` where never given.
    pub environment: Option<BTreeMap<String, String>>,
    /// The code.
    pub code: Arc<Code>,
    /// `Layers`, in their order: later ones hide what earlier ones have.
    pub layers: Vec<Arc<LayerVersion>>,
    /// `Architectures`
    pub architectures: Vec<String>,
    /// `EphemeralStorage.Size`, in MB.
    pub ephemeral_mb: u32,
    /// `TracingConfig.Mode`
    pub tracing: String,
    /// `LastModified`: milliseconds since 1970.
    pub modified_ms: u64,
    /// `RevisionId`
    pub revision_id: String,
    /// At most this many invocations at once, of all versions together; `None`: the account's.
    pub concurrency: Option<u32>,
    /// `LoggingConfig.LogGroup`: where it prints to; `/aws/lambda/{name}` unless it is told otherwise.
    pub log_group: Box<str>,
    /// Members that are kept and returned and change nothing here (`VpcConfig`, `DeadLetterConfig`, …).
    pub stored: serde_json::Map<String, serde_json::Value>,
}

/// Where a version's code lies.
#[derive(Debug)]
pub struct Code {
    /// The folder that holds it.
    pub folder: Folder,
    /// `CodeSha256`: base64 of the zip's hash.
    pub sha256: String,
    /// `CodeSize`: of the zip, in bytes.
    pub size: u64,
}

/// A folder of code.
#[derive(Debug)]
pub enum Folder {
    /// Unpacked by us; removed when nothing names it any more.
    Unpacked(Unpacked),
    /// The user's own (`S3Bucket=hot-reload`); edits are picked up, and it is never removed.
    HotReload(PathBuf),
}

impl Version {
    /// The user's own folders that it is made of, whose edits take effect: of the code, of layers.
    pub fn hot_folders(&self) -> impl Iterator<Item = &Path> {
        let layers = self.layers.iter().map(|layer| &layer.code);
        std::iter::once(&self.code).chain(layers).filter_map(|code| code.hot_folder())
    }

    /// Whether publishing `other` after this would publish the same again: code and configuration are the same.
    pub fn same_as(&self, other: &Self) -> bool {
        self.code.sha256 == other.code.sha256
            && self.code.hot_folder() == other.code.hot_folder()
            && self.layers.len() == other.layers.len()
            && self.layers.iter().zip(&other.layers).all(|(one, other)| Arc::ptr_eq(one, other))
            && (&self.runtime, &self.handler, &self.role, &self.description)
                == (&other.runtime, &other.handler, &other.role, &other.description)
            && (self.timeout_s, self.memory_mb, self.ephemeral_mb, &self.tracing)
                == (other.timeout_s, other.memory_mb, other.ephemeral_mb, &other.tracing)
            && (&self.environment, &self.architectures, &self.log_group, &self.stored)
                == (&other.environment, &other.architectures, &other.log_group, &other.stored)
    }
}

impl Code {
    /// The user's folder, for hot reload.
    pub fn hot_folder(&self) -> Option<&Path> {
        match &self.folder {
            Folder::Unpacked(_) => None,
            Folder::HotReload(path) => Some(path),
        }
    }
}

impl Folder {
    /// The folder's absolute path.
    pub fn path(&self) -> &Path {
        match self {
            Self::Unpacked(unpacked) => &unpacked.path,
            Self::HotReload(path) => path,
        }
    }
}

/// A folder of ours. Dropping it tells whoever does I/O to remove it.
#[derive(Debug)]
pub struct Unpacked {
    path: PathBuf,
    bin: Sender<PathBuf>,
}

impl Unpacked {
    /// The folder at `path`, to be sent to `bin` in the end.
    pub fn new(path: PathBuf, bin: Sender<PathBuf>) -> Self {
        Self { path, bin }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // Nobody listens any more: the whole work folder is being removed.
        let _ = self.bin.send(std::mem::take(&mut self.path));
    }
}

/// An alias: a name for a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// `FunctionVersion`
    pub version: String,
    /// `Description`
    pub description: String,
    /// `RoutingConfig.AdditionalVersionWeights`
    pub weights: BTreeMap<String, f64>,
    /// `RevisionId`
    pub revision_id: String,
}

/// A URL at which HTTP clients call a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Url {
    /// The host's first label, in lower case; unique among all.
    pub id: String,
    /// `AuthType` is `AWS_IAM`, and not `NONE`.
    pub signed: bool,
    /// `Cors`
    pub cors: Option<Cors>,
    /// `CreationTime`: milliseconds since 1970.
    pub created_ms: u64,
    /// `LastModifiedTime`
    pub modified_ms: u64,
}

/// A resource policy, with at least one statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// Statements by `Sid`, in order of addition.
    pub statements: Vec<(String, serde_json::Value)>,
    /// `RevisionId`: the policy's own, apart from the function's.
    pub revision_id: String,
}
