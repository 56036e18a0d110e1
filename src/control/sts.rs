//! STS: who is asking, and credentials of roles, with which routes that ask for signatures (`AWS_IAM`) let in.

use super::Context;
use super::answer::{Answer, Error};
use super::call::Call;
use super::constraints::Constraints;
use super::form::Form;
use super::operation::Operation;
use super::wire::xml::Xml;
use crate::base::clock::iso8601;
use crate::base::ids;
use crate::model::Store;
use crate::model::arn::{DEFAULT_ACCOUNT, is_account};
use crate::model::iam::{Principal, Session};

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::action("AssumeRole", assume_role),
    Operation::action("GetCallerIdentity", get_caller_identity),
];

/// What AWS has besides.
pub const UNSUPPORTED: &[(&str, &str)] = &[
    ("AssumeRoleWithSAML", "AssumeRoleWithSAML"),
    ("AssumeRoleWithWebIdentity", "AssumeRoleWithWebIdentity"),
    ("AssumeRoot", "AssumeRoot"),
    ("DecodeAuthorizationMessage", "DecodeAuthorizationMessage"),
    ("GetAccessKeyInfo", "GetAccessKeyInfo"),
    ("GetDelegatedAccessToken", "GetDelegatedAccessToken"),
    ("GetFederationToken", "GetFederationToken"),
    ("GetSessionToken", "GetSessionToken"),
    ("GetWebIdentityToken", "GetWebIdentityToken"),
];

/// The root user of the account, as LocalStack answers without IAM.
const USER_ID: &str = "AKIAIOSFODNN7EXAMPLE";

const SESSION_PATTERN: &str = r"[\w+=,.@-]*";

fn get_caller_identity(_: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let account = &call.owner.account;
    let mut xml = Xml::default();
    xml.text("Arn", format_args!("arn:aws:iam::{account}:root"));
    xml.text("UserId", USER_ID);
    xml.text("Account", account);
    Ok(xml.answer())
}

/// Most sessions at once; ours. The one that would end first makes room.
const MOST_SESSIONS: usize = 1_000;

/// AssumeRole: credentials with which calls land in the role's account. No control plane checks credentials here, and
/// a role that nobody made may be assumed too: deploy tools do so before anything exists.
fn assume_role(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let (arn, session) = (form.text("RoleArn"), form.text("RoleSessionName"));
    let seconds = form.text("DurationSeconds").map(|text| text.parse().unwrap_or(0));
    let mut constraints = Constraints::default();
    constraints.required(arn, "roleArn");
    constraints.required(session, "roleSessionName");
    constraints.length(arn, "roleArn", 20, 2048);
    constraints.length(session, "roleSessionName", 2, 64);
    constraints.pattern(session, "roleSessionName", is_session, SESSION_PATTERN);
    constraints.range(seconds, "durationSeconds", 900, 43_200);
    constraints.end_as("ValidationError")?;
    let (arn, session) = (arn.unwrap_or_default(), session.unwrap_or_default());
    let Some((account, role)) = role_of(arn) else {
        return Err(Error::new(400, "ValidationError", format!("{arn} is invalid")));
    };
    let known = store.iam.roles.get(&(account.to_owned(), role.to_owned())).map(|role| role.id.clone());
    let rng = &mut store.rng;
    let role_id = known.unwrap_or_else(|| format!("AROA{}", ids::upper_alnum(rng, 17)));
    // An access key that is an account's id lands there; any other one in the default account.
    let access_key = match account == DEFAULT_ACCOUNT {
        true => format!("ASIA{}", ids::upper_alnum(rng, 16)),
        false => account.to_owned(),
    };
    let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(3600);
    let (secret, token) = (ids::hex(rng, 40), ids::hex(rng, 128));
    let session = Session {
        secret,
        expires_s: call.now.unix_seconds() + seconds,
        principal: Principal {
            access_key,
            account: account.to_owned(),
            user_id: format!("{role_id}:{session}"),
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
        },
    };
    let mut xml = Xml::default();
    xml.element("Credentials", |xml| {
        xml.text("AccessKeyId", &session.principal.access_key);
        xml.text("SecretAccessKey", &session.secret);
        xml.text("SessionToken", &token);
        xml.text("Expiration", iso8601(session.expires_s));
    });
    xml.element("AssumedRoleUser", |xml| {
        xml.text("AssumedRoleId", &session.principal.user_id);
        xml.text("Arn", &session.principal.arn);
    });
    xml.text("PackedPolicySize", 0);
    begin(store, token, session, call.now.unix_seconds());
    Ok(xml.answer())
}

/// Keeps a session. Those that are over go.
fn begin(store: &mut Store, token: String, session: Session, now_s: u64) {
    let sessions = &mut store.iam.sessions;
    let mut gone: Vec<String> = sessions
        .iter()
        .filter(|(_, session)| session.expires_s <= now_s)
        .map(|(token, _)| token.clone())
        .collect();
    if sessions.len() - gone.len() >= MOST_SESSIONS {
        gone.extend(
            sessions.iter().min_by_key(|(_, session)| session.expires_s).map(|(token, _)| token.clone()),
        );
    }
    for token in &gone {
        sessions.remove(token);
    }
    sessions.insert(token.clone(), session);
    store.changed.sessions.extend(gone);
    store.changed.sessions.insert(token);
}

/// Account and name of `arn:aws:iam::000000000000:role/path/name`.
fn role_of(arn: &str) -> Option<(&str, &str)> {
    let (_, rest) = arn.strip_prefix("arn:aws")?.split_once(":iam::")?;
    let (account, path) = rest.split_once(":role/")?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    is_account(account).then_some((account, name))
}

fn is_session(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Rng;

    #[test]
    fn sessions_are_bounded_and_end() {
        let mut store = Store::new(Rng::with_seed(1));
        let session = |expires_s| Session {
            secret: "s".into(),
            expires_s,
            principal: Principal::root(DEFAULT_ACCOUNT, "ASIA"),
        };
        for n in 0..MOST_SESSIONS as u64 + 1 {
            begin(&mut store, format!("{n:04}"), session(5000 + n), 0);
        }
        assert_eq!(store.iam.sessions.len(), MOST_SESSIONS);
        assert!(!store.iam.sessions.contains_key("0000"), "the one that would end first made room");
        assert!(store.changed.sessions.contains("0000"));
        begin(&mut store, "last".into(), session(9000), 5000 + MOST_SESSIONS as u64);
        let left: Vec<&String> = store.iam.sessions.keys().collect();
        assert_eq!(left, ["last"], "those that are over go");
    }
}
