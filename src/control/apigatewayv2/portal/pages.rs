//! The pages of portal products: those of text, and those of REST APIs' endpoints. What both do stands once, and a
//! `Kind` says what is different.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::products::{edit, named};
use super::shape::{Member, Shape, changes, optional, required, whole};
use super::{Members, arn, limits, new_id, page, unknown};
use crate::base::clock::iso8601;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::Input;
use crate::model::portal::{Page, Product};
use crate::model::{Settings, Store};

/// A kind of page.
struct Kind {
    /// As messages call it.
    resource: &'static str,
    /// The parameter of the path that names one.
    parameter: &'static str,
    /// Where they are, in paths and ARNs.
    folder: &'static str,
    /// What one is made of.
    members: &'static [Member],
    /// What can be changed of it.
    changes: &'static [Member],
    of: fn(&Product) -> &Pages,
    of_mut: fn(&mut Product) -> &mut Pages,
    /// What it shows, and what a list shows of it, besides its id, its ARN and when it changed.
    show: fn(Members, &Page, &Settings) -> Members,
    summary: fn(Members, &Page, &Settings) -> Members,
}

type Pages = BTreeMap<String, Page>;

const TEXTS: Kind = Kind {
    resource: "ProductPage",
    parameter: "productPageId",
    folder: "productpages",
    members: &[required("displayContent", CONTENT)],
    changes: &[optional("displayContent", CONTENT)],
    of: |product| &product.pages,
    of_mut: |product| &mut product.pages,
    show: |members, page, _| members.maybe("displayContent", page.said.get("displayContent").cloned()),
    summary: |members, page, _| members.maybe("pageTitle", inside(page, &["displayContent", "title"])),
};

const CONTENT: Shape =
    Shape::Structure(&[required("body", Shape::Text(1, 32_768)), required("title", Shape::Text(1, 255))]);

const ENDPOINTS: Kind = Kind {
    resource: "ProductRestEndpointPage",
    parameter: "productRestEndpointPageId",
    folder: "productrestendpointpages",
    members: &[
        required(
            "restEndpointIdentifier",
            Shape::Union(&[optional(
                "identifierParts",
                Shape::Structure(&[
                    required("method", Shape::Text(1, 20)),
                    required("path", Shape::Text(1, 4096)),
                    required("restApiId", Shape::Text(1, 50)),
                    required("stage", Shape::Text(1, 128)),
                ]),
            )]),
        ),
        optional("displayContent", OVERRIDES),
        optional("tryItState", TRY_IT),
    ],
    changes: &[optional("displayContent", OVERRIDES), optional("tryItState", TRY_IT)],
    of: |product| &product.endpoints,
    of_mut: |product| &mut product.endpoints,
    show: |members, page, settings| {
        let content = Members::default()
            .maybe("body", inside(page, &["displayContent", "overrides", "body"]))
            .with("endpoint", endpoint(page, settings))
            .maybe("operationName", inside(page, OPERATION));
        endpoint_summary(members.with("displayContent", content.done()), page)
    },
    summary: |members, page, settings| {
        let members = members.with("endpoint", endpoint(page, settings));
        endpoint_summary(members.maybe("operationName", inside(page, OPERATION)), page)
    },
};

const TRY_IT: Shape = Shape::OneOf(&["ENABLED", "DISABLED"]);

const OVERRIDES: Shape = Shape::Union(&[
    optional("none", Shape::Structure(&[])),
    optional(
        "overrides",
        Shape::Structure(&[
            optional("body", Shape::Text(1, 32_768)),
            optional("endpoint", Shape::Text(1, 1024)),
            optional("operationName", Shape::Text(1, 255)),
        ]),
    ),
]);

const OPERATION: &[&str] = &["displayContent", "overrides", "operationName"];

/// CreateProductPage
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let said = whole(&Input::of(call)?, TEXTS.members)?;
    make(&TEXTS, store, context, call, said)
}

/// GetProductPage
pub fn get(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    shown(&TEXTS, store, context, call).map(|members| Answer::ok(members.done()))
}

/// ListProductPages
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    listed(&TEXTS, store, context, call)
}

/// UpdateProductPage
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    changed(&TEXTS, store, context, call)
}

/// DeleteProductPage
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    removed(&TEXTS, store, call)
}

/// CreateProductRestEndpointPage, of a REST API that is there.
pub fn create_endpoint(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let mut said = whole(&Input::of(call)?, ENDPOINTS.members)?;
    said.entry("tryItState").or_insert_with(|| "ENABLED".into());
    let id = part(&said, "restApiId");
    if store.rest_apis.get(&*id).is_none_or(|api| api.owner != call.owner) {
        return Err(super::super::unknown_api(call, &id));
    }
    make(&ENDPOINTS, store, context, call, said)
}

/// GetProductRestEndpointPage
pub fn get_endpoint(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let members = shown(&ENDPOINTS, store, context, call)?;
    let raw = (call.query("includeRawDisplayContent") == Some("true")).then(|| {
        let page = find(&ENDPOINTS, named(store, call)?, call)?;
        Ok(page.said.get("displayContent").map_or_else(|| json!({ "none": {} }), Value::clone).to_string())
    });
    Ok(Answer::ok(members.maybe("rawDisplayContent", raw.transpose()?).done()))
}

/// ListProductRestEndpointPages
pub fn list_endpoints(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    listed(&ENDPOINTS, store, context, call)
}

/// UpdateProductRestEndpointPage
pub fn update_endpoint(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    changed(&ENDPOINTS, store, context, call)
}

/// DeleteProductRestEndpointPage
pub fn delete_endpoint(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    removed(&ENDPOINTS, store, call)
}

fn make(
    kind: &Kind,
    store: &mut Store,
    context: &Context,
    call: &Call,
    said: Map<String, Value>,
) -> Result<Answer, Error> {
    let mut rng = store.rng.clone();
    let pages = (kind.of)(named(store, call)?);
    limits::check(limits::PRODUCT_PAGES, pages.len(), &context.settings)?;
    let id = new_id(&mut rng, 10, pages);
    store.rng = rng;
    let page = Page { said, modified: call.now.unix_seconds() };
    edit(store, call, |product| {
        let answer =
            Answer::created((kind.show)(head(kind, &id, &page, call), &page, &context.settings).done());
        (kind.of_mut)(product).insert(id, page);
        Ok(answer)
    })
}

fn shown(kind: &Kind, store: &Store, context: &Context, call: &Call) -> Result<Members, Error> {
    let page = find(kind, named(store, call)?, call)?;
    Ok((kind.show)(head(kind, call.path(kind.parameter), page, call), page, &context.settings))
}

fn listed(kind: &Kind, store: &Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let pages = (kind.of)(named(store, call)?).iter().map(|(id, page)| (id.as_str(), (id, page)));
    page::of(context, call, pages, |(id, page)| {
        (kind.summary)(head(kind, id, page, call), page, &context.settings).done()
    })
}

fn changed(kind: &Kind, store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let said = changes(&Input::of(call)?, kind.changes)?;
    let id = call.path(kind.parameter);
    edit(store, call, |product| {
        let page = (kind.of_mut)(product).get_mut(id).ok_or_else(|| unknown(kind.resource, id))?;
        page.said.extend(said);
        page.modified = call.now.unix_seconds();
        Ok(Answer::ok((kind.show)(head(kind, id, page, call), page, &context.settings).done()))
    })
}

fn removed(kind: &Kind, store: &mut Store, call: &Call) -> Result<Answer, Error> {
    let id = call.path(kind.parameter);
    edit(store, call, |product| {
        (kind.of_mut)(product).remove(id).ok_or_else(|| unknown(kind.resource, id))?;
        Ok(Answer::no_content())
    })
}

fn find<'a>(kind: &Kind, product: &'a Product, call: &Call) -> Result<&'a Page, Error> {
    let id = call.path(kind.parameter);
    (kind.of)(product).get(id).ok_or_else(|| unknown(kind.resource, id))
}

/// What both kinds show: `productPageId`, `productPageArn`, `lastModified`.
fn head(kind: &Kind, id: &str, page: &Page, call: &Call) -> Members {
    let path = format!("/portalproducts/{}/{}/{id}", call.path("portalProductId"), kind.folder);
    let name = kind.parameter.trim_end_matches("Id");
    Members::default()
        .with(kind.parameter, id)
        .with(&format!("{name}Arn"), arn(call, &path))
        .with("lastModified", iso8601(page.modified))
}

fn endpoint_summary(members: Members, page: &Page) -> Members {
    members
        .maybe("restEndpointIdentifier", page.said.get("restEndpointIdentifier").cloned())
        .with("status", "AVAILABLE")
        .maybe("tryItState", page.said.get("tryItState").cloned())
}

/// What the page says where its endpoint is, else where it is here.
fn endpoint(page: &Page, settings: &Settings) -> Value {
    inside(page, &["displayContent", "overrides", "endpoint"]).unwrap_or_else(|| {
        let [id, stage, path] = ["restApiId", "stage", "path"].map(|name| part(&page.said, name));
        format!("http://{id}.execute-api.{}/{stage}/{}", settings.public_host, path.trim_start_matches('/'))
            .into()
    })
}

/// A part of `restEndpointIdentifier`.
fn part(said: &Map<String, Value>, name: &str) -> String {
    let parts = said.get("restEndpointIdentifier").and_then(|given| given.get("identifierParts"));
    parts.and_then(|parts| parts.get(name)).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn inside(page: &Page, path: &[&str]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(page.said.get(*first)?, |value, name| value.get(name)).cloned()
}
