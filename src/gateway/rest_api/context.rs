//! `$context` of REST APIs: the variables that are known when a request has come to a stage. Parameter mappings and
//! access logs read them.

use std::borrow::Cow;

use super::super::context::{self, Who};
use super::{Ids, Visit};
use crate::base::Now;
use crate::live::rest::{Api, Method, Stage, Verb};
use crate::proto::http1::Request;

/// A request at a stage.
pub(super) struct Arrival<'a> {
    pub(super) request: &'a Request,
    pub(super) who: Who<'a>,
    pub(super) began: Now,
    pub(super) api: &'a Api,
    pub(super) stage: &'a Stage,
    /// The method of a resource; `None`: there is none for it.
    pub(super) method: Option<&'a Method>,
    /// What the client asks, or says that it does; `None`: nothing that is known.
    pub(super) verb: Option<Verb>,
    /// Where in the request's path the part behind the stage begins.
    pub(super) behind_stage: usize,
    /// Whether a custom domain name leads here: then no stage is in front of the path.
    pub(super) mapped: bool,
    /// The host that names the api.
    pub(super) domain: &'a str,
    /// The key that was sent.
    pub(super) api_key: Option<&'a [u8]>,
    /// The id of the one that let the client in.
    pub(super) api_key_id: Option<&'a str>,
    pub(super) ids: &'a Ids,
}

impl Visit {
    /// A variable of `$context`. `None`: it has no value.
    pub(super) fn context(&self, name: &str) -> Option<Cow<'_, str>> {
        self.arrival().context(name)
    }

    pub(super) fn arrival(&self) -> Arrival<'_> {
        Arrival {
            request: &self.request,
            who: Who { ip: self.ip, channel: &self.channel },
            began: self.began,
            api: &self.api,
            stage: &self.stage,
            method: Some(self.method()),
            verb: Some(self.verb),
            behind_stage: self.behind_stage,
            mapped: self.mapped,
            domain: self.domain(),
            api_key: self.sent_key(),
            api_key_id: self.api_key.as_ref().map(|key| &*key.id),
            ids: &self.ids,
        }
    }
}

impl<'a> Arrival<'a> {
    /// The request's path behind the stage, as it was sent; from a slash on.
    pub(super) fn path(&self) -> &'a str {
        context::path_from(self.request, self.behind_stage)
    }

    /// A variable's value. `None`: it has none.
    pub(super) fn context(&self, name: &str) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(match name {
            "accountId" => &self.api.owner.account,
            "apiId" => self.api.id.as_str(),
            "customDomain.basePathMatched" if self.mapped => {
                context::base_path(self.request, self.behind_stage)?
            }
            "deploymentId" => &self.stage.deployment,
            "extendedRequestId" => self.ids.extended.as_str(),
            "httpMethod" => match self.verb {
                Some(verb) => verb.name(),
                None => self.request.method(),
            },
            "identity.apiKey" => return self.api_key.map(String::from_utf8_lossy),
            "identity.apiKeyId" => self.api_key_id?,
            "isCanaryRequest" => match self.stage.canary? {
                true => "true",
                false => "false",
            },
            "operationName" => self.method?.operation.as_deref()?,
            "path" if self.mapped => self.request.path(),
            "path" => return Some(format!("/{}{}", self.stage.name, self.path()).into()),
            "requestId" | "awsEndpointRequestId" => &self.ids.id,
            "resourceId" => &self.method?.resource,
            "resourcePath" => &self.method?.path,
            "stage" => &self.stage.name,
            _ => return context::of_request(name, self.request, self.who, self.began, self.domain),
        }))
    }
}
