//! OpenAPI definitions as API Gateway imports them: read, referred into, and found fault with. What an api is made of
//! them, the versions of API Gateway know themselves.

pub mod base_path;
mod document;
mod findings;
pub mod shape;

pub use document::{Document, MAX_DEFINITION, TAG_VALUE, Version};
pub use findings::Findings;
