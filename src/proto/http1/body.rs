//! Chunked bodies (RFC 9112 section 7.1), decoded in place.
