//! `Cors` of a REST API: a method that answers preflight requests, for each path that has none.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::declared::Declared;
use super::{unsupported, wrong};
use crate::base::map::set_of;
use crate::control::answer::Error;

/// What `ANY` stands for.
const ALL: &str = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT";

/// What a preflight request is told.
#[derive(Debug)]
pub struct Cors {
    /// Headers by name: expressions of API Gateway, so texts are in quotes of their own.
    headers: Map<String, Value>,
}

impl Cors {
    /// That of an API; `None`: it has none.
    ///
    /// # Errors
    /// It is wrong.
    pub fn of(api: &Declared) -> Result<Option<Self>, Error> {
        let said = match api.properties.get("Cors") {
            None => return Ok(None),
            Some(Value::Object(said)) if !said.keys().any(|key| key == "Ref" || key.starts_with("Fn::")) => {
                said.clone()
            }
            Some(origin @ (Value::String(_) | Value::Object(_))) => {
                Map::from_iter([("AllowOrigin".to_owned(), origin.clone())])
            }
            Some(_) => return Err(wrong(&api.id, "Invalid value for 'Cors' property")),
        };
        let mut headers = Map::from_iter([("Origin".to_owned(), json!("'*'"))]);
        for (key, value) in &said {
            let (header, value) = match key.as_str() {
                "AllowOrigin" => ("Origin", value.clone()),
                "AllowHeaders" => ("Headers", value.clone()),
                "AllowMethods" => ("Methods", value.clone()),
                "MaxAge" => ("MaxAge", value.clone()),
                "AllowCredentials" if *value == true => ("Credentials", json!("'true'")),
                "AllowCredentials" => continue,
                _ => return Err(wrong(&api.id, format_args!("Invalid key '{key}' for 'Cors' property."))),
            };
            headers.insert(header.to_owned(), value);
        }
        if headers.contains_key("Credentials") && headers["Origin"] == "'*'" {
            let message = "Unable to add Cors configuration because 'AllowCredentials' can not be true when \
                           'AllowOrigin' is \"'*'\" or not set";
            return Err(wrong(&api.id, message));
        }
        if let Some(Value::Number(seconds)) = headers.get("MaxAge") {
            return Err(unsupported(&api.id, format_args!("a number as MaxAge (write \"'{seconds}'\")")));
        }
        Ok(Some(Self { headers }))
    }

    /// The properties of an OPTIONS method on a path that has these methods, but for those of every method.
    pub fn method(&self, methods: &BTreeSet<&str>) -> Value {
        let mut parameters = Map::new();
        let mut declared = Map::new();
        let listed = if methods.contains("ANY") {
            ALL.to_owned()
        } else {
            let all = set_of(methods.iter().copied().chain(["OPTIONS"]));
            all.into_iter().collect::<Vec<_>>().join(",")
        };
        let listed = json!(format!("'{listed}'"));
        for (name, header) in [
            ("Origin", "Access-Control-Allow-Origin"),
            ("Headers", "Access-Control-Allow-Headers"),
            ("Methods", "Access-Control-Allow-Methods"),
            ("MaxAge", "Access-Control-Max-Age"),
            ("Credentials", "Access-Control-Allow-Credentials"),
        ] {
            let value = self.headers.get(name).or_else(|| (name == "Methods").then_some(&listed));
            if let Some(value) = value {
                let name = format!("method.response.header.{header}");
                declared.insert(name.clone(), false.into());
                parameters.insert(name, value.clone());
            }
        }
        json!({
            "AuthorizationType": "NONE",
            "HttpMethod": "OPTIONS",
            "Integration": {
                "Type": "MOCK",
                "RequestTemplates": { "application/json": "{\n  \"statusCode\" : 200\n}\n" },
                "IntegrationResponses": [{
                    "StatusCode": "200",
                    "ResponseParameters": parameters,
                    "ResponseTemplates": { "application/json": "{}\n" },
                }],
            },
            "MethodResponses": [{ "StatusCode": "200", "ResponseParameters": declared }],
        })
    }
}
