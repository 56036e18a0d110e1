//! Users: there are none but the account's root user, who everybody is.

use super::{name, no_such};
use crate::base::clock::iso8601;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::model::Store;

/// GetUser: of oneself.
pub fn get(_: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    if form.text("UserName").is_some() {
        let user = name(&form, "UserName", "userName", 128)?;
        return Err(no_such(format!("The user with name {user} cannot be found.")));
    }
    let account = &call.owner.account;
    let mut xml = Xml::default();
    xml.element("User", |xml| {
        xml.text("Path", "/");
        xml.text("UserName", "root");
        xml.text("UserId", account);
        xml.text("Arn", format_args!("arn:aws:iam::{account}:root"));
        xml.text("CreateDate", iso8601(call.now.unix_seconds()));
    });
    Ok(xml.answer())
}
