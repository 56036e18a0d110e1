//! `patchOperations`: how everything of V1 is updated. Paths are JSON pointers (RFC 6901), values are always text.

use serde_json::Value;

use super::violations::Violations;
use crate::control::answer::Error;
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};

/// Most operations of one call; ours: a call names each member of a resource once or twice.
const MAX_PATCHES: usize = 1_000;
/// As AWS lists them.
const OPS: &[&str] = &["add", "remove", "move", "test", "replace", "copy"];

/// One operation.
#[derive(Debug)]
pub struct Patch {
    /// `op`
    pub op: Op,
    /// `path`, as it was sent.
    pub path: String,
    /// `value`
    pub value: Option<String>,
    /// `from`
    pub from: Option<String>,
}

/// `op`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `add`
    Add,
    /// `remove`
    Remove,
    /// `replace`
    Replace,
    /// `copy`
    Copy,
    /// `move`: no resource has it.
    Move,
    /// `test`: no resource has it.
    Test,
}

impl Op {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
            Self::Copy => "copy",
            Self::Move => "move",
            Self::Test => "test",
        }
    }
}

impl Patch {
    /// The operations of a call.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn read(call: &Call) -> Result<Vec<Self>, Error> {
        Self::read_and(call, |_| {})
    }

    /// The operations of a call, of which the front end has to check something else too.
    ///
    /// # Errors
    /// They cannot be read, or `check` found something.
    pub fn read_and(call: &Call, check: impl FnOnce(&mut Violations)) -> Result<Vec<Self>, Error> {
        let input = Input::of(call)?;
        let list = match input.value("patchOperations") {
            None => &Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(unreadable("Unexpected token: patchOperations must be a list")),
        };
        if list.len() > MAX_PATCHES {
            return Err(bad_request(format!("A call can have at most {MAX_PATCHES} patch operations")));
        }
        let mut found = Violations::default();
        let mut patches = Vec::with_capacity(list.len());
        for (n, item) in list.iter().enumerate() {
            let text = |name: &str| match item.get(name) {
                None | Some(Value::Null) => Ok(None),
                Some(value) => super::read::text(value).map(|text| Some(text.to_owned())),
            };
            let (op, path) = (text("op")?, text("path")?);
            let at = format!("{}.patchOperations.{}.member.op", super::input_name(call), n + 1);
            found.required(&at, op.is_some());
            if let Some(op) = op.as_deref() {
                found.one_of(&at, op, OPS);
            }
            let op = match op.as_deref() {
                Some("add") => Op::Add,
                Some("remove") => Op::Remove,
                Some("copy") => Op::Copy,
                Some("move") => Op::Move,
                Some("test") => Op::Test,
                // Those that are none are refused below.
                Some(_) | None => Op::Replace,
            };
            patches.push(Self {
                op,
                path: path.unwrap_or_default(),
                value: text("value")?,
                from: text("from")?,
            });
        }
        check(&mut found);
        found.check()?;
        Ok(patches)
    }

    /// The path's segments, still escaped.
    pub fn segments(&self) -> Vec<&str> {
        self.path.strip_prefix('/').unwrap_or(&self.path).split('/').collect()
    }

    /// The value; none is an empty one.
    pub fn text(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    /// What a text member becomes: an empty value, or `remove`, takes it away.
    pub fn member(&self) -> Option<String> {
        match self.op {
            Op::Remove => None,
            Op::Add | Op::Replace | Op::Copy | Op::Move | Op::Test => {
                self.value.clone().filter(|text| !text.is_empty())
            }
        }
    }

    /// The value as a boolean: AWS takes what is not `true` for `false`.
    pub fn boolean(&self) -> bool {
        self.text().eq_ignore_ascii_case("true")
    }

    /// # Errors
    /// The path takes only these operations.
    pub fn must_be(&self, ops: &[Op]) -> Result<(), Error> {
        if ops.contains(&self.op) {
            return Ok(());
        }
        let ops: Vec<&str> = ops.iter().map(|op| op.as_str()).collect();
        Err(bad_request(format!("Invalid patch operation specified. Must be one of: [{}]", ops.join(", "))))
    }

    /// # Errors
    /// The operation is not `replace`, or the path none of these, in the words of those resources that say which.
    pub fn must_replace(&self, paths: &[&str]) -> Result<(), Error> {
        let why = match self.op {
            Op::Replace if paths.contains(&self.path.as_str()) => return Ok(()),
            Op::Replace => format!("Must be one of: [{}]", paths.join(", ")),
            Op::Add | Op::Remove | Op::Copy | Op::Move | Op::Test => {
                "Please choose supported operations".into()
            }
        };
        let (path, op) = (&self.path, self.op.as_str());
        Err(bad_request(format!("Invalid patch path  '{path}' specified for op '{op}'. {why}")))
    }

    /// The refusal of a path that the resource doesn't have.
    pub fn unknown_path(&self) -> Error {
        bad_request(format!("Invalid patch path {}", self.path))
    }
}

/// A segment without its escapes: `~1` is a slash, `~0` a tilde (RFC 6901 section 4).
pub fn unescaped(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

/// `SerializationException`
pub fn unreadable(message: &str) -> Error {
    Error::new(400, "SerializationException", message)
}
