//! Parameters by path, and all of them with filters.

use serde_json::Value;

use super::{metadata, name, shown};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::control::page::Page;
use crate::model::ssm::Parameter;
use crate::model::{Owner, Store};

/// AWS: of a page of GetParametersByPath.
const BY_PATH: i64 = 10;

/// AWS: of a page of DescribeParameters.
const DESCRIBED: i64 = 50;

/// GetParametersByPath
pub fn by_path(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let path = input.text("Path")?;
    let mut constraints = Constraints::default();
    constraints.required(path.as_ref(), "path");
    constraints.end()?;
    let path = path.unwrap_or_default();
    if !path.starts_with('/') {
        return Err(Error::new(
            400,
            "ValidationException",
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward \
             slash \"/\".",
        ));
    }
    let recursive = input.boolean("Recursive")?.unwrap_or_default();
    let decrypt = input.boolean("WithDecryption")?.unwrap_or_default();
    let filters = filters(&input)?;
    let wanted = Filter { of: Of::Path, option: depth(recursive), values: vec![path] };
    let found = of_owner(store, &call.owner).filter(|p| wanted.lets(p) && filters.iter().all(|f| f.lets(p)));
    answer(&input, BY_PATH, found, |parameter| shown(parameter, parameter.latest(), decrypt, None))
}

/// DescribeParameters
pub fn describe(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let filters = filters(&input)?;
    let found = of_owner(store, &call.owner).filter(|p| filters.iter().all(|f| f.lets(p)));
    answer(&input, DESCRIBED, found, |parameter| {
        let mut members = metadata(parameter, parameter.latest(), call);
        members.insert("ARN".into(), name::arn(parameter).into());
        Value::Object(members)
    })
}

/// A token that isn't ours.
pub fn bad_token() -> Error {
    Error::new(400, "InvalidNextToken", "The specified token isn't valid.")
}

fn of_owner<'a>(store: &'a Store, owner: &'a Owner) -> impl Iterator<Item = &'a Parameter> {
    let first = (owner.clone(), String::new());
    store
        .parameters
        .range(first..)
        .take_while(move |((of, _), _)| of == owner)
        .map(|(_, parameter)| parameter)
}

fn answer<'a>(
    input: &Input,
    most: i64,
    found: impl Iterator<Item = &'a Parameter>,
    show: impl Fn(&Parameter) -> Value,
) -> Result<Answer, Error> {
    let token = input.text("NextToken")?;
    let said = input.integer("MaxResults", i64::MIN..=i64::MAX)?;
    let mut constraints = Constraints::default();
    constraints.range(said, "maxResults", 1, most);
    constraints.end()?;
    let most = usize::try_from(said.unwrap_or(most)).unwrap_or_default();
    let items = found.map(|parameter| (parameter.name.as_str(), parameter));
    let page = Page::of(items, token.as_deref(), most).map_err(|_| bad_token())?;
    let page = Page { items: page.items.into_iter().map(show).collect(), next: page.next };
    Ok(Answer::ok(page.members("Parameters", "NextToken")))
}

/// What a parameter must be to be listed.
struct Filter {
    of: Of,
    option: Comparison,
    values: Vec<String>,
}

#[derive(Clone, Copy)]
enum Of {
    Name,
    Path,
    Type,
    KeyId,
    Tier,
    DataType,
}

/// How the values are compared.
#[derive(Clone, Copy)]
enum Comparison {
    Equals,
    BeginsWith,
    Contains,
    OneLevel,
    Recursive,
}

/// The options of a key, by their names.
type Options = &'static [(&'static str, Comparison)];

/// Key, and which options it may have; the first one where none is said.
const KEYS: &[(&str, Of, Options)] = &[
    (
        "Name",
        Of::Name,
        &[
            ("Equals", Comparison::Equals),
            ("BeginsWith", Comparison::BeginsWith),
            ("Contains", Comparison::Contains),
        ],
    ),
    ("Path", Of::Path, &[("OneLevel", Comparison::OneLevel), ("Recursive", Comparison::Recursive)]),
    ("Type", Of::Type, &[("Equals", Comparison::Equals), ("BeginsWith", Comparison::BeginsWith)]),
    ("KeyId", Of::KeyId, &[("Equals", Comparison::Equals), ("BeginsWith", Comparison::BeginsWith)]),
    ("Tier", Of::Tier, &[("Equals", Comparison::Equals)]),
    ("DataType", Of::DataType, &[("Equals", Comparison::Equals)]),
];

impl Filter {
    fn lets(&self, parameter: &Parameter) -> bool {
        let version = parameter.latest();
        let text = match self.of {
            Of::Name | Of::Path => parameter.name.as_str(),
            Of::Type => version.kind,
            Of::KeyId => version.key_id.as_deref().unwrap_or_default(),
            Of::Tier => version.tier,
            Of::DataType => &version.data_type,
        };
        self.values.iter().any(|value| match self.option {
            Comparison::Equals => text == value,
            Comparison::BeginsWith => text.starts_with(value),
            Comparison::Contains => text.contains(value),
            Comparison::OneLevel => below(text, value).is_some_and(|rest| !rest.contains('/')),
            Comparison::Recursive => below(text, value).is_some(),
        })
    }
}

/// What of a name lies below a path.
fn below<'a>(name: &'a str, path: &str) -> Option<&'a str> {
    name.strip_prefix(path.trim_end_matches('/'))?.strip_prefix('/')
}

fn depth(recursive: bool) -> Comparison {
    if recursive { Comparison::Recursive } else { Comparison::OneLevel }
}

/// `ParameterFilters`, and the older `Filters`, which know only one way to compare.
fn filters(input: &Input) -> Result<Vec<Filter>, Error> {
    let mut filters = Vec::new();
    for said in input.structures("ParameterFilters")? {
        let key = said.text("Key")?.unwrap_or_default();
        let Some((_, known, options)) = KEYS.iter().find(|(name, ..)| *name == key) else {
            return Err(unknown_key(&key));
        };
        let option = match said.text("Option")? {
            None => options[0].1,
            Some(option) => match options.iter().find(|(name, _)| *name == option) {
                Some((_, known)) => *known,
                None => {
                    let message = format!(
                        "The following filter option is not valid: {option}. Valid options include: [{}]",
                        options.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
                    );
                    return Err(Error::new(400, "InvalidFilterOption", message));
                }
            },
        };
        filters.push(Filter { of: *known, option, values: said.strings("Values")?.unwrap_or_default() });
    }
    for said in input.structures("Filters")? {
        let key = said.text("Key")?.unwrap_or_default();
        let (of, option) = match key.as_str() {
            "Name" => (Of::Name, Comparison::BeginsWith),
            "Type" => (Of::Type, Comparison::Equals),
            "KeyId" => (Of::KeyId, Comparison::Equals),
            _ => return Err(unknown_key(&key)),
        };
        filters.push(Filter { of, option, values: said.strings("Values")?.unwrap_or_default() });
    }
    Ok(filters)
}

fn unknown_key(key: &str) -> Error {
    let message = format!(
        "The following filter key is not supported by gatelet: {key}. Supported keys: [{}]",
        KEYS.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ")
    );
    Error::new(400, "InvalidFilterKey", message)
}
