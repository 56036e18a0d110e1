//! UpdateDomainName.

use super::super::patch::{Op, Patch};
use super::super::rest_api::endpoint::Draft;
use super::{ACCESS_MODES, SECURITY_POLICIES, check_kind, find, private, routing, show};
use crate::control::Control;
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::domain as shared;
use crate::control::apigatewayv2::domain::mutual::{self, Change};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::model::domain::Domain;

/// UpdateDomainName. May read a truststore: for the jobs thread.
pub fn update(control: &Control, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    let before = find(&control.store(), call)?.mutual_tls.clone();
    let (mut uri, mut version) = before.map(|mutual| (mutual.uri, mutual.version)).unzip();
    let mut is_named = false;
    for patch in &patches {
        match patch.segments()[..] {
            ["mutualTlsAuthentication"] if patch.op == Op::Remove => (uri, version) = (None, None),
            ["mutualTlsAuthentication", "truststoreUri"] => uri = patch.member(),
            ["mutualTlsAuthentication", "truststoreVersion"] => version = Some(patch.member()),
            _ => continue,
        }
        is_named = true;
    }
    let mutual = match is_named {
        true => mutual::fetch(control, call, uri, version.flatten())?,
        false => Change::None,
    };
    let mut store = control.store();
    let changed = find(&store, call).cloned().and_then(|mut domain| {
        apply(&mut domain, &patches)?;
        mutual.apply(&mut domain);
        Ok(domain)
    });
    let outcome = changed.map(|domain| {
        let answer = Answer::ok(show(&domain));
        shared::put(&mut store, domain);
        answer
    });
    control.commit(store);
    outcome
}

fn apply(domain: &mut Domain, patches: &[Patch]) -> Result<(), Error> {
    let configuration = &mut domain.configuration;
    let mut endpoint = Draft::of(&configuration.endpoint);
    for patch in patches {
        match patch.segments()[..] {
            ["endpointConfiguration", "types"] => endpoint.replace_kind(patch)?,
            ["endpointConfiguration", _, ..] => endpoint.apply(patch)?,
            _ => {}
        }
    }
    configuration.endpoint = endpoint.done()?;
    check_kind(configuration.endpoint.kind)?;
    let is_edge = configuration.is_edge();
    for patch in patches {
        match patch.segments()[..] {
            ["certificateArn"] if is_edge => configuration.certificate_arn = patch.member(),
            ["certificateName"] if is_edge => configuration.certificate_name = patch.member(),
            ["regionalCertificateArn"] if !is_edge => configuration.certificate_arn = patch.member(),
            ["regionalCertificateName"] if !is_edge => configuration.certificate_name = patch.member(),
            // A domain of one kind has no use for the other one's.
            ["certificateArn" | "certificateName" | "regionalCertificateArn" | "regionalCertificateName"] => {
            }
            ["ownershipVerificationCertificateArn"] => {
                configuration.ownership_certificate_arn = patch.member();
            }
            ["securityPolicy"] => configuration.security_policy = one_of(patch, SECURITY_POLICIES)?,
            ["endpointAccessMode"] => configuration.access_mode = Some(one_of(patch, ACCESS_MODES)?),
            ["routingMode"] => {
                patch.must_be(&[Op::Replace])?;
                domain.routing = routing(patch.text()).ok_or_else(|| unknown(patch))?;
            }
            ["endpointConfiguration", _, ..] => {}
            ["policy" | "managementPolicy"] => return Err(private()),
            ["mutualTlsAuthentication"] => patch.must_be(&[Op::Remove])?,
            ["mutualTlsAuthentication", "truststoreUri" | "truststoreVersion"] => {
                patch.must_be(&[Op::Add, Op::Replace, Op::Remove])?;
            }
            _ => return Err(patch.unknown_path()),
        }
    }
    Ok(())
}

fn one_of(patch: &Patch, among: &[&str]) -> Result<String, Error> {
    patch.must_be(&[Op::Replace])?;
    match among.contains(&patch.text()) {
        true => Ok(patch.text().to_owned()),
        false => Err(unknown(patch)),
    }
}

fn unknown(patch: &Patch) -> Error {
    bad_request(format!("Invalid value {} specified for {}", patch.text(), patch.path))
}
