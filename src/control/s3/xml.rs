//! Answers in S3's XML: documents whose root has a namespace.

use crate::control::answer::Answer;
use crate::control::wire::xml::Xml;

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html>
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// 200 with the document whose root has this name and this content.
pub fn answer(root: &str, content: impl FnOnce(&mut Xml)) -> Answer {
    let mut xml = Xml::default();
    xml.raw(&format!("<{root} xmlns=\"{NAMESPACE}\">"));
    content(&mut xml);
    xml.raw(&format!("</{root}>"));
    xml.answer()
}
