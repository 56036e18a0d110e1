//! Random ids in AWS's shapes, from a generator that tests can seed.

use std::collections::BTreeMap;

/// The source of ids. Not for secrets: ids are names, and a test replays them by seed.
pub type Rng = fastrand::Rng;

const LOWER_ALNUM: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

const UPPER_ALNUM: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `length` characters of `[a-z0-9]`, the first one a letter: ids of apis (10), routes, integrations (7).
pub fn lower_alnum(rng: &mut Rng, length: usize) -> String {
    let mut id = String::with_capacity(length);
    for n in 0..length {
        let among = if n == 0 { 26 } else { LOWER_ALNUM.len() };
        id.push(LOWER_ALNUM[rng.usize(..among)] as char);
    }
    id
}

/// The same, of which `taken` has none yet.
pub fn new_lower_alnum<T>(rng: &mut Rng, length: usize, taken: &BTreeMap<String, T>) -> String {
    loop {
        let id = lower_alnum(rng, length);
        if !taken.contains_key(&id) {
            return id;
        }
    }
}

/// `length` characters of `[A-Z2-7]`: what follows the prefix of ids of IAM.
pub fn upper_alnum(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| UPPER_ALNUM[rng.usize(..UPPER_ALNUM.len())] as char).collect()
}

/// A version 4 UUID in lower case.
pub fn uuid(rng: &mut Rng) -> String {
    uuid_of((rng.u128(..)).to_be_bytes())
}

/// 16 bytes dressed as a version 4 UUID (six of the 128 bits are overwritten).
pub fn uuid_of(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut id = String::with_capacity(36);
    for (n, byte) in bytes.into_iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        push_hex(&mut id, byte);
    }
    id
}

/// `length` lower-case hexadecimal digits.
pub fn hex(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| char::from_digit(rng.u32(..16), 16).expect("a digit below 16")).collect()
}

/// Two lower-case hexadecimal digits.
pub fn push_hex(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    const PAIRS: [u8; 512] = {
        let mut pairs = [0; 512];
        let mut at = 0;
        while at < pairs.len() {
            pairs[at] = DIGITS[at / 32];
            pairs[at + 1] = DIGITS[at / 2 % 16];
            at += 2;
        }
        pairs
    };
    const TEXT: &str = match std::str::from_utf8(&PAIRS) {
        Ok(text) => text,
        Err(_) => panic!("digits are ASCII"),
    };
    let at = 2 * usize::from(byte);
    out.push_str(&TEXT[at..at + 2]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_as_hexadecimal() {
        let (mut out, mut expected) = (String::new(), String::new());
        for byte in 0..=u8::MAX {
            push_hex(&mut out, byte);
            expected.push_str(&format!("{byte:02x}"));
        }
        assert_eq!(out, expected);
    }

    #[test]
    fn shapes() {
        let mut rng = Rng::with_seed(7);
        let id = lower_alnum(&mut rng, 10);
        assert!(id.len() == 10 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert!(id.as_bytes()[0].is_ascii_lowercase());
        let id = uuid(&mut rng);
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert_eq!(uuid_of([0xab; 16]), "abababab-abab-4bab-abab-abababababab");
        assert_eq!(lower_alnum(&mut Rng::with_seed(1), 7), lower_alnum(&mut Rng::with_seed(1), 7));
    }
}
