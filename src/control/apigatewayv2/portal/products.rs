//! Portal products, and with whom they are shared.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::shape::{Member, Shape, changes, optional, required, whole};
use super::{Members, arn, limits, new_id, page, strings, tags, unknown};
use crate::base::clock::iso8601;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::Store;
use crate::model::portal::Product;

/// What a product is made of.
const PRODUCT: &[Member] =
    &[required("displayName", Shape::Text(1, 255)), optional("description", Shape::Text(0, 1024))];

/// What can be said of one that is there.
const CHANGES: &[Member] = &[
    optional("displayName", Shape::Text(1, 255)),
    optional("description", Shape::Text(0, 1024)),
    optional(
        "displayOrder",
        Shape::Structure(&[
            optional(
                "contents",
                Shape::Structures(&[
                    required("productRestEndpointPageArns", Shape::Arns),
                    required("sectionName", Shape::Text(1, 255)),
                ]),
            ),
            optional("overviewPageArn", Shape::Text(20, 2048)),
            optional("productPageArns", Shape::Arns),
        ]),
    ),
];

/// CreatePortalProduct
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let products = &store.portals.products;
    limits::check(
        limits::PORTAL_PRODUCTS,
        products.values().filter(|product| product.owner == call.owner).count(),
        &context.settings,
    )?;
    let product = Product {
        said: whole(&input, PRODUCT)?,
        tags: tags::read(&input)?,
        id: new_id(&mut store.rng, 10, products),
        owner: call.owner.clone(),
        modified: call.now.unix_seconds(),
        policy: None,
        pages: BTreeMap::new(),
        endpoints: BTreeMap::new(),
    };
    let answer = Answer::created(show(&product, call));
    store.portals.products.insert(product.id.clone(), product);
    Ok(answer)
}

/// GetPortalProduct
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(named(store, call)?, call)))
}

/// ListPortalProducts
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let is_asked = match call.query("resourceOwner") {
        None | Some("SELF") => true,
        // Nobody shares anything here.
        Some("OTHER_ACCOUNTS") => false,
        Some(other) => {
            return Err(bad_request(format!("resourceOwner must be one of [SELF, OTHER_ACCOUNTS]: {other}")));
        }
    };
    let products = store.portals.products.iter();
    let products = products.filter(|(_, product)| is_asked && product.owner == call.owner);
    page::of(context, call, products.map(|(id, product)| (id.as_str(), product)), |product| {
        let mut shown = show(product, call);
        if let Some(members) = shown.as_object_mut() {
            members.remove("displayOrder");
            // A summary always has one.
            members.entry("description").or_insert_with(|| "".into());
        }
        shown
    })
}

/// UpdatePortalProduct
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let said = changes(&Input::of(call)?, CHANGES)?;
    edit(store, call, |product| {
        product.said.extend(said);
        product.modified = call.now.unix_seconds();
        Ok(Answer::ok(show(product, call)))
    })
}

/// DeletePortalProduct, with its pages.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let id = named(store, call)?.id.clone();
    store.portals.products.remove(&id);
    Ok(Answer::no_content())
}

/// PutPortalProductSharingPolicy: the text is kept, and shares nothing.
pub fn put_policy(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let policy =
        input.string("policyDocument", 1..=307_200)?.ok_or_else(|| input.missing("policyDocument"))?;
    if !serde_json::from_str::<Value>(&policy).is_ok_and(|policy| policy.is_object()) {
        return Err(bad_request("Invalid policy document specified: it is no JSON object"));
    }
    edit(store, call, |product| {
        product.policy = Some(policy);
        Ok(Answer::ok(json!({})))
    })
}

/// GetPortalProductSharingPolicy
pub fn get_policy(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let product = named(store, call)?;
    let policy = product.policy.as_deref().ok_or_else(|| no_policy(product))?;
    Ok(Answer::ok(json!({ "policyDocument": policy, "portalProductId": product.id })))
}

/// DeletePortalProductSharingPolicy
pub fn delete_policy(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit(store, call, |product| {
        product.policy.take().ok_or_else(|| no_policy(product))?;
        Ok(Answer::no_content())
    })
}

/// The product that the call's path names.
pub fn named<'a>(store: &'a Store, call: &Call) -> Result<&'a Product, Error> {
    let id = call.path("portalProductId");
    let product = store.portals.products.get(id).filter(|product| product.owner == call.owner);
    product.ok_or_else(|| unknown("PortalProduct", id))
}

/// Changes the product that the call's path names; one that is refused has not changed.
pub fn edit(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut Product) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    let mut product = named(store, call)?.clone();
    let answer = change(&mut product)?;
    store.portals.products.insert(product.id.clone(), product);
    Ok(answer)
}

fn no_policy(product: &Product) -> Error {
    super::super::not_found(format!("PortalProduct {} has no sharing policy", product.id))
}

fn show(product: &Product, call: &Call) -> Value {
    let said = |name: &str| product.said.get(name).cloned();
    Members::default()
        .with("portalProductId", product.id.as_str())
        .with("portalProductArn", arn(call, &format!("/portalproducts/{}", product.id)))
        .maybe("displayName", said("displayName"))
        .maybe("description", said("description"))
        .maybe("displayOrder", said("displayOrder"))
        .with("lastModified", iso8601(product.modified))
        .with("tags", strings(&product.tags))
        .done()
}
