//! What operations of a definition say of parameters, bodies and answers, in OpenAPI 3.0 and in Swagger 2.0.

use serde_json::{Map, Value};

use crate::control::cloudformation::template::text_of;
use crate::control::openapi::Document;

/// Most parameters that an operation and its path may have together; ours, as of any map of a method.
const MAX_PARAMETERS: usize = 1_000;

/// `requestParameters` of PutMethod: what an operation and its path declare, and what the path itself names.
pub fn parameters(document: &Document, path: &str, item: &Value, operation: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    for parameter in declared(document, item).chain(declared(document, operation)) {
        let text = |name: &str| parameter.get(name).map(text_of).unwrap_or_default();
        let place = match text("in").as_str() {
            "query" => "querystring",
            "header" => "header",
            "path" => "path",
            // Bodies are models, and cookies no parameters of REST APIs.
            _ => continue,
        };
        let name = text("name");
        let name = name.strip_suffix('+').filter(|_| place == "path").unwrap_or(&name);
        let required =
            place == "path" || parameter.get("required").is_some_and(|said| text_of(said) == "true");
        found.insert(format!("method.request.{place}.{name}"), required.into());
    }
    let named = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    for name in named.map(|name| name.trim_end_matches('+')) {
        found.insert(format!("method.request.path.{name}"), true.into());
    }
    found
}

/// `requestModels` of PutMethod, by content type.
pub fn request_models(document: &Document, item: &Value, operation: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    if let Some(body) = operation.get("requestBody").and_then(|body| document.follow(body).ok()) {
        found.extend(content_models(body));
    }
    // Swagger 2.0
    let bodies = declared(document, item).chain(declared(document, operation));
    for body in bodies.filter(|parameter| parameter.get("in").is_some_and(|place| *place == "body")) {
        if let Some(name) = body.get("schema").and_then(model_of) {
            found.extend(media(document, operation, "consumes").into_iter().map(|kind| (kind, name.into())));
        }
    }
    found
}

/// The members of PutMethodResponse for one of an operation's responses.
pub fn response(document: &Document, operation: &Value, response: &Value) -> Map<String, Value> {
    let mut models: Map<String, Value> = content_models(response).collect();
    if let Some(name) = response.get("schema").and_then(model_of) {
        models.extend(media(document, operation, "produces").into_iter().map(|kind| (kind, name.into())));
    }
    let headers = response.get("headers").and_then(Value::as_object).into_iter().flatten();
    let parameters: Map<String, Value> =
        headers.map(|(name, _)| (format!("method.response.header.{name}"), false.into())).collect();
    let members = [("responseModels", models), ("responseParameters", parameters)];
    let given = members.into_iter().filter(|(_, entries)| !entries.is_empty());
    given.map(|(name, entries)| (name.to_owned(), entries.into())).collect()
}

/// The name of the model that a schema is: `#/definitions/Pet`, `#/components/schemas/Pet`.
fn model_of(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

fn content_models(described: &Value) -> impl Iterator<Item = (String, Value)> {
    let content = described.get("content").and_then(Value::as_object).into_iter().flatten();
    content.filter_map(|(kind, media)| Some((kind.clone(), model_of(media.get("schema")?)?.into())))
}

/// The media types of an operation in Swagger 2.0.
fn media(document: &Document, operation: &Value, name: &str) -> Vec<String> {
    let said = operation.get(name).or_else(|| document.member(name)).and_then(Value::as_array);
    let said: Vec<String> = said.into_iter().flatten().map(text_of).collect();
    if said.is_empty() { vec!["application/json".into()] } else { said }
}

fn declared<'a>(document: &'a Document, described: &'a Value) -> impl Iterator<Item = &'a Value> {
    let parameters = described.get("parameters").and_then(Value::as_array).into_iter().flatten();
    parameters.take(MAX_PARAMETERS).filter_map(|parameter| document.follow(parameter).ok())
}
