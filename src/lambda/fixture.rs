//! Functions for tests.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::Owner;
use crate::model::function::{Code, Folder, Version};
use crate::model::layer::LayerVersion;

/// A layer in this folder.
pub(super) fn layer(folder: &str) -> Arc<LayerVersion> {
    let folder = Folder::HotReload(PathBuf::from(folder));
    Arc::new(LayerVersion {
        owner: Owner { account: "000000000000".into(), region: "us-east-1".into() },
        name: "layer".into(),
        number: 1,
        description: String::new(),
        license: None,
        runtimes: Vec::new(),
        architectures: Vec::new(),
        created_ms: 0,
        code: Arc::new(Code { folder, sha256: String::new(), size: 0 }),
    })
}

/// A function of its own for each serial.
pub(super) fn version(serial: u64) -> Version {
    let owner = Owner { account: "000000000000".into(), region: "us-east-1".into() };
    let name = format!("f{serial}");
    Version {
        serial,
        arn: crate::model::arn::function(&owner, &name),
        owner,
        name,
        version: "$LATEST".into(),
        runtime: "nodejs20.x".into(),
        handler: "index.handler".into(),
        role: "arn:aws:iam::000000000000:role/r".into(),
        description: String::new(),
        timeout_s: 3,
        memory_mb: 128,
        environment: None,
        code: Arc::new(Code {
            folder: Folder::HotReload(PathBuf::from("/code")),
            sha256: String::new(),
            size: 0,
        }),
        architectures: vec!["x86_64".into()],
        ephemeral_mb: 512,
        tracing: "PassThrough".into(),
        modified_ms: 1_744_668_836_573,
        revision_id: String::new(),
        concurrency: None,
        log_group: "/aws/lambda/f1".into(),
        layers: Vec::new(),
        stored: serde_json::Map::new(),
    }
}
