//! [`Findings`]: what an import left out, and what it took and could not use.

use crate::control::answer::Error;
use crate::control::input::bad_request;

/// So many of a kind are told; ours.
const MOST: usize = 300;

/// Longest path or name in a message, in bytes; ours.
const LONGEST: usize = 1_000;

/// What was found. As of the developer guide: *info* is about what is valid and not supported for this kind of api,
/// a *warning* about what is invalid, and left out.
#[derive(Debug, Default)]
pub struct Findings {
    /// `importInfo`
    pub info: Vec<String>,
    /// `warnings`
    pub warnings: Vec<String>,
    /// What ends an import that looked at everything first.
    pub errors: Vec<String>,
}

impl Findings {
    /// Something valid is not supported.
    pub fn inform(&mut self, message: String) {
        add(&mut self.info, message);
    }

    /// Something is left out.
    pub fn warn(&mut self, message: String) {
        add(&mut self.warnings, message);
    }

    /// Something cannot be made.
    pub fn fail(&mut self, message: String) {
        add(&mut self.errors, message);
    }

    /// Something is not as the specification wants it.
    pub fn parse_issue(&mut self, issue: &str) {
        self.warn(format!("Parse issue: attribute {issue}"));
    }

    /// Ends the import if there are errors, or warnings and it `fails` on them.
    ///
    /// # Errors
    /// AWS's own, with all of them.
    pub fn check(&self, fails: bool) -> Result<(), Error> {
        if !self.errors.is_empty() {
            return Err(bad_request(format!("Errors found during import:\n\t{}", self.errors.join("\n\t"))));
        }
        if fails && !self.warnings.is_empty() {
            return Err(bad_request(format!(
                "Warnings found during import:\n\t{}",
                self.warnings.join("\n\t")
            )));
        }
        Ok(())
    }
}

fn add(list: &mut Vec<String>, mut message: String) {
    if list.len() >= MOST {
        if list.len() == MOST {
            list.push("There are more of these, which are not told.".into());
        }
        return;
    }
    if message.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| message.is_char_boundary(*at)).unwrap_or(0);
        message.truncate(end);
        message.push('…');
    }
    list.push(message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_fail_an_import_that_wants_it() {
        let mut findings = Findings::default();
        findings.inform("only said".into());
        assert_eq!(findings.check(true), Ok(()));
        findings.parse_issue("paths is missing");
        findings.warn("second".into());
        assert_eq!(findings.check(false), Ok(()));
        let error = findings.check(true).expect_err("there are warnings");
        assert_eq!(
            error.message,
            "Warnings found during import:\n\tParse issue: attribute paths is missing\n\tsecond"
        );
    }

    #[test]
    fn they_are_bounded() {
        let mut findings = Findings::default();
        for _ in 0..10_000 {
            findings.warn("ü".repeat(1_000));
        }
        assert_eq!(findings.warnings.len(), MOST + 1);
        assert!(findings.warnings.iter().all(|text| text.len() <= LONGEST + '…'.len_utf8()));
    }
}
