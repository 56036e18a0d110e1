//! Who has which secret: the credentials of the configuration, those of whole accounts, and those of sessions.

use super::Live;
use crate::base::Now;
use crate::model::arn::{DEFAULT_ACCOUNT, is_account};
use crate::model::iam::Principal;
use crate::model::settings::TEST;

impl Live {
    /// Whose an access key is now, and its secret. A session's needs its token; what nobody knows of a token counts for
    /// nothing, since functions have one with everybody's key. `None`: there is no such key.
    pub fn principal(&self, access_key: &str, token: Option<&str>, now: Now) -> Option<(Principal, &str)> {
        if let Some(session) = token.and_then(|token| self.sessions.get(token)) {
            let is_good =
                session.principal.access_key == access_key && now.unix_seconds() < session.expires_s;
            return is_good.then(|| (session.principal.clone(), &*session.secret));
        }
        // As calls do: an access key that is an account's id lands there.
        let account = if is_account(access_key) { access_key } else { DEFAULT_ACCOUNT };
        let configured = self.settings.credentials.get(access_key).map(String::as_str);
        let secret = configured.or_else(|| is_account(access_key).then_some(TEST))?;
        Some((Principal::root(account, access_key), secret))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::Rng;
    use crate::model::iam::Session;
    use crate::model::{Settings, Store};

    #[test]
    fn keys_and_secrets() {
        let mut settings = Settings::default();
        settings.credentials.insert("AKIA1".into(), "secret".into());
        let mut store = Store::new(Rng::with_seed(1));
        let principal = Principal {
            access_key: "ASIA1".into(),
            account: "000000000000".into(),
            user_id: "AROA1:me".into(),
            arn: "arn:aws:sts::000000000000:assumed-role/r/me".into(),
        };
        let session = Session { secret: "temporary".into(), expires_s: 100, principal };
        store.iam.sessions.insert("token".into(), session);
        store.changed.sessions.insert("token".into());
        let live = Live::empty(Arc::new(settings)).next(&store);
        for (access_key, token, second, expected) in [
            ("test", None, 0, Some("test 000000000000 test")),
            ("test", Some("test"), 0, Some("test 000000000000 test")),
            ("111111111111", None, 0, Some("test 111111111111 111111111111")),
            ("AKIA1", None, 0, Some("secret 000000000000 AKIA1")),
            ("AKIA2", None, 0, None),
            ("ASIA1", Some("token"), 99, Some("temporary 000000000000 AROA1:me")),
            ("ASIA1", Some("token"), 100, None),
            ("ASIA1", Some("other"), 0, None),
            ("ASIA1", None, 0, None),
            ("test", Some("token"), 0, None),
        ] {
            let now = Now { instant: std::time::Instant::now(), unix_ms: second * 1000 };
            let found = live.principal(access_key, token, now);
            let shown = found.map(|(p, secret)| format!("{secret} {} {}", p.account, p.user_id));
            assert_eq!(shown.as_deref(), expected, "{access_key} {token:?} {second}");
        }
    }
}
