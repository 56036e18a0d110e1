//! Tokens: whatever comes is read without a panic, and only what a key signed is verified.

use std::sync::OnceLock;

use gatelet::proto::jwt::{KeySet, Token, jwks_uri};

const KEYS: &[u8] = include_bytes!("../../tests/jwt/jwks.json");
const TOKENS: &str = include_str!("../../tests/jwt/tokens.json");

/// A token; the same bytes are a key set and a configuration too.
pub fn jwt(data: &[u8]) {
    static FIXED: OnceLock<KeySet> = OnceLock::new();
    let keys = FIXED.get_or_init(|| KeySet::parse(KEYS).expect("the test's key set is one"));
    let _ = jwks_uri(data);
    let own = KeySet::parse(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(token) = Token::parse(text) else { return };
    token.scopes();
    token.claims().for_each(drop);
    if let Some(key) = own.as_ref().and_then(|own| own.get(token.kid())) {
        let _ = token.verify(key);
    }
    if keys.get(token.kid()).is_some_and(|key| token.verify(key).is_ok()) {
        let signed = text.rsplit_once('.').expect("a token has three parts").0;
        assert!(TOKENS.contains(signed), "nobody signed it");
    }
}
