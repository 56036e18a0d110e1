//! API Gateway V2: HTTP APIs.

use super::operation::Operation;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[];

/// What AWS has besides.
pub const UNSUPPORTED: &[(&str, &str)] = &[];
