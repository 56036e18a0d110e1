//! [`Text`]: UTF-8 that comes in parts, checked as it comes.

use super::Error;

/// Text so far. What is not UTF-8, or cannot become it, is found with the first byte that shows it.
#[derive(Debug, Default)]
pub struct Text {
    whole: String,
    /// The beginning of a character: at most three of its four bytes.
    begun: [u8; 4],
    begun_length: usize,
}

impl Text {
    /// Puts a part behind what is there, in a time that grows with the part alone.
    pub fn push(&mut self, mut part: &[u8]) -> Result<(), Error> {
        while self.begun_length > 0
            && let [byte, rest @ ..] = part
        {
            part = rest;
            self.continue_character(*byte)?;
        }
        match std::str::from_utf8(part) {
            Ok(text) => self.whole.push_str(text),
            Err(error) if error.error_len().is_some() => return Err(Error::NotUtf8),
            Err(error) => {
                let (text, begun) = part.split_at(error.valid_up_to());
                self.whole.push_str(std::str::from_utf8(text).expect("up to here it is valid"));
                self.begun[..begun.len()].copy_from_slice(begun);
                self.begun_length = begun.len();
            }
        }
        Ok(())
    }

    /// How many bytes came.
    pub fn len(&self) -> usize {
        self.whole.len() + self.begun_length
    }

    /// Whether nothing came.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole text, if its last character is whole.
    pub fn finish(self) -> Result<String, Error> {
        if self.begun_length == 0 { Ok(self.whole) } else { Err(Error::NotUtf8) }
    }

    fn continue_character(&mut self, byte: u8) -> Result<(), Error> {
        self.begun[self.begun_length] = byte;
        self.begun_length += 1;
        match std::str::from_utf8(&self.begun[..self.begun_length]) {
            Ok(character) => {
                self.whole.push_str(character);
                self.begun_length = 0;
                Ok(())
            }
            Err(error) if error.error_len().is_some() => Err(Error::NotUtf8),
            Err(_) => Ok(()),
        }
    }
}
