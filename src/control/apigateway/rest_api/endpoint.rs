//! `endpointConfiguration`: how AWS's front end leads to an api. Checked and returned; here all lead to the same port.

use serde_json::{Value, json};

use super::super::patch::{Op, Patch};
use super::super::spelled;
use super::super::violations::Violations;
use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::control::members::Members;
use crate::model::rest::{Endpoint, EndpointKind};

/// As AWS lists them.
const KINDS: &[&str] = &["PRIVATE", "EDGE", "REGIONAL"];
const IP_ADDRESS_TYPES: &[&str] = &["ipv4", "dualstack"];
/// More than AWS lets an api have.
const MAX_VPC_ENDPOINTS: usize = 100;

/// What the front end checks before anything else; `at` is what it calls the operation's input.
pub fn front(input: &Input, at: &str, found: &mut Violations) -> Result<(), Error> {
    if let Some(types) = input.strings("types")? {
        found.each_of(&format!("{at}.endpointConfiguration.types"), &types, KINDS);
    }
    if let Some(kind) = input.text("ipAddressType")? {
        found.one_of(&format!("{at}.endpointConfiguration.ipAddressType"), &kind, IP_ADDRESS_TYPES);
    }
    Ok(())
}

/// What CreateRestApi says, which [`front`] let pass.
pub fn read(input: &Input) -> Result<Endpoint, Error> {
    let kinds: Vec<EndpointKind> = match input.strings("types")? {
        None => vec![EndpointKind::Edge],
        Some(types) => types.iter().filter_map(|text| kind(text)).collect(),
    };
    let mut endpoint = Endpoint { kind: only(&kinds)?, ..Endpoint::default() };
    match (input.text("ipAddressType")?, endpoint.kind) {
        (Some(given), _) => endpoint.ip_address_type = given,
        (None, EndpointKind::Private) => endpoint.ip_address_type = "dualstack".into(),
        (None, EndpointKind::Edge | EndpointKind::Regional) => {}
    }
    if let Some(ids) = input.strings("vpcEndpointIds")? {
        ids.iter().try_for_each(|id| add_vpc_endpoint(&mut endpoint, id))?;
    }
    check(&endpoint)?;
    Ok(endpoint)
}

/// As answers show it.
pub fn show(endpoint: &Endpoint) -> Value {
    let ids = &endpoint.vpc_endpoint_ids;
    Members::default()
        .with("types", [endpoint.kind.as_str()].as_slice())
        .with("ipAddressType", endpoint.ip_address_type.as_str())
        .maybe("vpcEndpointIds", (!ids.is_empty()).then(|| json!(ids)))
        .done()
}

/// An endpoint while operations of one call change it: in between it may have several kinds or none.
pub struct Draft {
    endpoint: Endpoint,
    kinds: Vec<EndpointKind>,
}

impl Draft {
    /// A draft of what there is.
    pub fn of(endpoint: &Endpoint) -> Self {
        Self { endpoint: endpoint.clone(), kinds: vec![endpoint.kind] }
    }

    /// One operation on a path under `/endpointConfiguration/`.
    pub fn apply(&mut self, patch: &Patch) -> Result<(), Error> {
        match patch.segments()[1..] {
            ["types", which] => self.patch_kinds(patch, which),
            ["ipAddressType"] => {
                patch.must_be(&[Op::Replace])?;
                if !IP_ADDRESS_TYPES.contains(&patch.text()) {
                    return Err(bad_request("ipAddressType must be either ipv4 or dualstack."));
                }
                self.endpoint.ip_address_type = patch.text().to_owned();
                Ok(())
            }
            ["vpcEndpointIds"] => self.patch_vpc_endpoints(patch),
            _ => Err(patch.unknown_path()),
        }
    }

    /// An operation on all of the types at once: the value is the one that is left.
    pub fn replace_kind(&mut self, patch: &Patch) -> Result<(), Error> {
        patch.must_be(&[Op::Replace])?;
        self.kinds.clear();
        self.kinds.extend(kind(patch.text()));
        Ok(())
    }

    /// What came out.
    pub fn done(mut self) -> Result<Endpoint, Error> {
        self.endpoint.kind = only(&self.kinds)?;
        check(&self.endpoint)?;
        Ok(self.endpoint)
    }

    fn patch_kinds(&mut self, patch: &Patch, which: &str) -> Result<(), Error> {
        let given = || {
            kind(patch.text()).ok_or_else(|| {
                bad_request("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
            })
        };
        // By its number in the list, or by its name.
        let at = self.kinds.iter().position(|kind| kind.as_str() == which);
        let at = at.or_else(|| which.parse().ok().filter(|at| *at < self.kinds.len()));
        let kind = match patch.op {
            Op::Add | Op::Replace => given()?,
            Op::Remove => {
                let at = at.ok_or_else(|| patch.unknown_path())?;
                self.kinds.remove(at);
                return Ok(());
            }
            Op::Copy | Op::Move | Op::Test => {
                return Err(bad_request(
                    "Invalid patch operation specified. Must be 'add'|'remove'|'replace'",
                ));
            }
        };
        match (patch.op, at) {
            (Op::Replace, Some(at)) => self.kinds[at] = kind,
            (Op::Replace, None) => return Err(patch.unknown_path()),
            (Op::Add | Op::Remove | Op::Copy | Op::Move | Op::Test, _) => self.kinds.push(kind),
        }
        self.kinds.dedup();
        if kind == EndpointKind::Private {
            self.endpoint.ip_address_type = "dualstack".into();
        }
        Ok(())
    }

    fn patch_vpc_endpoints(&mut self, patch: &Patch) -> Result<(), Error> {
        let ids = patch.text().split(',').map(str::trim).filter(|id| !id.is_empty());
        match patch.op {
            Op::Add => {}
            Op::Replace => self.endpoint.vpc_endpoint_ids.clear(),
            Op::Remove => {
                ids.for_each(|id| self.endpoint.vpc_endpoint_ids.retain(|known| known != id));
                return Ok(());
            }
            Op::Copy | Op::Move | Op::Test => patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?,
        }
        ids.into_iter().try_for_each(|id| add_vpc_endpoint(&mut self.endpoint, id))
    }
}

fn kind(text: &str) -> Option<EndpointKind> {
    let all = [EndpointKind::Edge, EndpointKind::Regional, EndpointKind::Private];
    spelled(&all, EndpointKind::as_str, text)
}

fn only(kinds: &[EndpointKind]) -> Result<EndpointKind, Error> {
    match kinds {
        [kind] => Ok(*kind),
        [] => Err(bad_request("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")),
        [_, _, ..] => Err(bad_request("Cannot create an api with multiple Endpoint Types.")),
    }
}

fn check(endpoint: &Endpoint) -> Result<(), Error> {
    match endpoint.kind {
        EndpointKind::Private if endpoint.ip_address_type != "dualstack" => {
            Err(bad_request("Only dualstack ipAddressType is supported for Private APIs."))
        }
        EndpointKind::Private | EndpointKind::Edge | EndpointKind::Regional => Ok(()),
    }
}

fn add_vpc_endpoint(endpoint: &mut Endpoint, id: &str) -> Result<(), Error> {
    if endpoint.vpc_endpoint_ids.len() >= MAX_VPC_ENDPOINTS {
        return Err(bad_request(format!("An API can have at most {MAX_VPC_ENDPOINTS} VPC endpoints")));
    }
    if !endpoint.vpc_endpoint_ids.iter().any(|known| known == id) {
        endpoint.vpc_endpoint_ids.push(id.to_owned());
    }
    Ok(())
}
