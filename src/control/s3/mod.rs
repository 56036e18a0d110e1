//! S3: a small object store. Buckets and what is said of objects are in the store, their bytes in files.

pub mod address;
pub mod read;
pub mod refusal;

pub use address::bucket_and_key_of_url;
pub use read::read_object;
