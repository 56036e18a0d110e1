//! Portals.

use serde_json::{Map, Value, json};

use super::shape::{Member, Shape, changes, optional, required, whole};
use super::{Members, arn, limits, new_id, page, strings, tags, unknown};
use crate::base::clock::iso8601;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::Store;
use crate::model::portal::{Portal, Status};

/// The hosted zone of AWS's portal domains here: there is no DNS to put records into.
const HOSTED_ZONE: &str = "Z00000000000000000000";

const COLOR: Shape = Shape::Text(1, 16);

/// What a portal is made of.
const PORTAL: &[Member] = &[
    required(
        "authorization",
        Shape::Union(&[
            optional(
                "cognitoConfig",
                Shape::Structure(&[
                    required("appClientId", Shape::Text(1, 256)),
                    required("userPoolArn", Shape::Text(20, 2048)),
                    required("userPoolDomain", Shape::Text(20, 2048)),
                ]),
            ),
            optional("none", Shape::Structure(&[])),
        ]),
    ),
    required(
        "endpointConfiguration",
        Shape::Union(&[
            optional(
                "acmManaged",
                Shape::Structure(&[
                    required("certificateArn", Shape::Text(10, 2048)),
                    required("domainName", Shape::Text(3, 256)),
                ]),
            ),
            optional("none", Shape::Structure(&[])),
        ]),
    ),
    required(
        "portalContent",
        Shape::Structure(&[
            optional("description", Shape::Text(0, 1024)),
            required("displayName", Shape::Text(3, 255)),
            required(
                "theme",
                Shape::Structure(&[required(
                    "customColors",
                    Shape::Structure(&[
                        required("accentColor", COLOR),
                        required("backgroundColor", COLOR),
                        required("errorValidationColor", COLOR),
                        required("headerColor", COLOR),
                        required("navigationColor", COLOR),
                        required("textColor", COLOR),
                    ]),
                )]),
            ),
        ]),
    ),
    optional("includedPortalProductArns", Shape::Arns),
    optional("logoUri", Shape::Text(0, 1092)),
    optional("rumAppMonitorName", Shape::Text(0, 255)),
];

/// CreatePortal
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let said = whole(&input, PORTAL)?;
    check(&said, store, call)?;
    let portals = &store.portals.portals;
    limits::check(
        limits::PORTALS,
        portals.values().filter(|portal| portal.owner == call.owner).count(),
        &context.settings,
    )?;
    let portal = Portal {
        id: new_id(&mut store.rng, 10, portals),
        owner: call.owner.clone(),
        said,
        tags: tags::read(&input)?,
        modified: call.now.unix_seconds(),
        status: None,
        published: None,
        previewed: false,
    };
    let answer = Answer::created(show(&portal, call));
    store.portals.portals.insert(portal.id.clone(), portal);
    Ok(answer)
}

/// GetPortal
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(named(store, call)?, call)))
}

/// ListPortals
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let portals = store.portals.portals.iter().filter(|(_, portal)| portal.owner == call.owner);
    page::of(context, call, portals.map(|(id, portal)| (id.as_str(), portal)), |portal| show(portal, call))
}

/// UpdatePortal
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let said = changes(&Input::of(call)?, PORTAL)?;
    edit(store, call, |store, portal| {
        check(&said, store, call)?;
        portal.said.extend(said);
        Ok(Answer::ok(show(portal, call)))
    })
}

/// DeletePortal
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let id = named(store, call)?.id.clone();
    store.portals.portals.remove(&id);
    Ok(Answer::no_content())
}

/// PublishPortal
pub fn publish(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let description = Input::of(call)?.string("description", 0..=1024)?;
    edit(store, call, |_, portal| {
        portal.status = Some(Status::Published);
        portal.published = Some((call.now.unix_seconds(), description));
        Ok(accepted())
    })
}

/// PreviewPortal
pub fn preview(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit(store, call, |_, portal| {
        portal.previewed = true;
        Ok(accepted())
    })
}

/// DisablePortal
pub fn disable(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit(store, call, |_, portal| {
        portal.status = Some(Status::Disabled);
        Ok(Answer::no_content())
    })
}

fn named<'a>(store: &'a Store, call: &Call) -> Result<&'a Portal, Error> {
    let id = call.path("portalId");
    let portal = store.portals.portals.get(id).filter(|portal| portal.owner == call.owner);
    portal.ok_or_else(|| unknown("Portal", id))
}

fn edit(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&Store, &mut Portal) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    let mut portal = named(store, call)?.clone();
    portal.modified = call.now.unix_seconds();
    let answer = change(store, &mut portal)?;
    store.portals.portals.insert(portal.id.clone(), portal);
    Ok(answer)
}

/// The products of this account must be there; what others share is not known here.
fn check(said: &Map<String, Value>, store: &Store, call: &Call) -> Result<(), Error> {
    let arns = said.get("includedPortalProductArns").and_then(Value::as_array);
    for product in arns.into_iter().flatten().filter_map(Value::as_str) {
        let id = product.strip_prefix(&*arn(call, "/portalproducts/"));
        let is_there =
            |id: &str| store.portals.products.get(id).is_some_and(|known| known.owner == call.owner);
        if id.is_some_and(|id| !is_there(id)) {
            return Err(bad_request(format!("Invalid PortalProduct identifier specified {product}")));
        }
    }
    Ok(())
}

fn accepted() -> Answer {
    Answer { status: 202, ..Answer::ok(json!({})) }
}

fn show(portal: &Portal, call: &Call) -> Value {
    let said = |name: &str| portal.said.get(name).cloned();
    let domain = format!("{}.portal.{}.amazonaws.com", portal.id, portal.owner.region);
    let custom = said("endpointConfiguration").and_then(|given| given.get("acmManaged").cloned());
    let custom = |name: &str| custom.as_ref().and_then(|given| given.get(name).cloned());
    let endpoint = Members::default()
        .maybe("certificateArn", custom("certificateArn"))
        .maybe("domainName", custom("domainName"))
        .with("portalDefaultDomainName", domain.as_str())
        .with("portalDomainHostedZoneId", HOSTED_ZONE);
    let preview =
        json!({ "previewStatus": "PREVIEW_READY", "previewUrl": format!("https://{domain}/preview") });
    let status = portal.status.map(|status| match status {
        Status::Published => "PUBLISHED",
        Status::Disabled => "DISABLED",
    });
    let (published, description) = portal.published.clone().unzip();
    Members::default()
        .with("portalId", portal.id.as_str())
        .with("portalArn", arn(call, &format!("/portals/{}", portal.id)))
        .maybe("authorization", said("authorization"))
        .with("endpointConfiguration", endpoint.done())
        .with("includedPortalProductArns", said("includedPortalProductArns").unwrap_or_else(|| json!([])))
        .with("lastModified", iso8601(portal.modified))
        .maybe("lastPublished", published.map(iso8601))
        .maybe("lastPublishedDescription", description.flatten())
        .maybe("portalContent", said("portalContent"))
        .maybe("preview", portal.previewed.then_some(preview))
        .maybe("publishStatus", status)
        .maybe("rumAppMonitorName", said("rumAppMonitorName"))
        .with("tags", strings(&portal.tags))
        .done()
}
