//! ECR: that repositories exist, or don't. No image can be pushed.

mod unsupported;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Context;
use super::answer::{Answer, Error};
use super::call::Call;
use super::constraints::Constraints;
use super::input::Input;
use super::operation::Operation;
use super::page::Page;
use crate::model::ecr::Repository;
use crate::model::{Owner, Store};

pub use unsupported::UNSUPPORTED;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::action("CreateRepository", create),
    Operation::action("DeleteRepository", delete),
    Operation::action("DescribeRepositories", describe),
];

/// Ours, of all accounts and regions. AWS: 100,000 of an account and region.
const MAX_REPOSITORIES: usize = 10_000;

/// AWS: of a page, and ours where the caller says nothing: a client that doesn't page sees all.
const PAGE: i64 = 1000;

/// AWS: of a name.
const MAX_NAME: usize = 256;

const NAME_PATTERN: &str = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";

fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let name = input.text("repositoryName")?;
    let mutability = input.text("imageTagMutability")?;
    let mut constraints = Constraints::default();
    constraints.required(name.as_ref(), "repositoryName");
    constraints.length(name.as_deref(), "repositoryName", 2, MAX_NAME);
    constraints.pattern(name.as_deref(), "repositoryName", is_name, NAME_PATTERN);
    constraints.one_of(mutability.as_deref(), "imageTagMutability", MUTABILITIES);
    constraints.end_as("InvalidParameterException")?;
    let name = name.expect("else the check above had failed");
    let scanning = input.object("imageScanningConfiguration")?;
    let scan_on_push = scanning.map(|scanning| scanning.boolean("scanOnPush")).transpose()?.flatten();
    let encryption = input.object("encryptionConfiguration")?.map(|said| said.whole());
    let mut tags = BTreeMap::new();
    for tag in input.structures("tags")? {
        tags.insert(tag.text("Key")?.unwrap_or_default(), tag.text("Value")?.unwrap_or_default());
    }
    let owner = &call.owner;
    if store.repositories.contains_key(&(owner.clone(), name.clone())) {
        let message = format!(
            "The repository with name '{name}' already exists in the registry with id '{}'",
            owner.account
        );
        return Err(Error::new(400, "RepositoryAlreadyExistsException", message));
    }
    if store.repositories.len() >= MAX_REPOSITORIES {
        let message = format!("gatelet keeps at most {MAX_REPOSITORIES} repositories: delete some");
        return Err(Error::new(400, "LimitExceededException", message));
    }
    let repository = Repository {
        name: name.clone(),
        created_s: call.now.unix_seconds(),
        mutability: MUTABILITIES
            .iter()
            .find(|word| mutability.as_deref() == Some(word))
            .unwrap_or(&MUTABILITIES[0]),
        scan_on_push: scan_on_push.unwrap_or_default(),
        encryption: encryption.unwrap_or_else(|| json!({ "encryptionType": "AES256" })),
        tags,
    };
    let answer = json!({ "repository": shown(owner, &repository) });
    store.repositories.insert((owner.clone(), name), repository);
    Ok(Answer::ok(answer))
}

fn describe(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let owner = &call.owner;
    if let Some(names) = input.strings("repositoryNames")?.filter(|names| !names.is_empty()) {
        let shown: Vec<Value> = names
            .iter()
            .map(|name| match store.repositories.get(&(owner.clone(), name.clone())) {
                Some(repository) => Ok(shown(owner, repository)),
                None => Err(not_found(owner, name)),
            })
            .collect::<Result<_, _>>()?;
        return Ok(Answer::ok(json!({ "repositories": shown })));
    }
    let token = input.text("nextToken")?;
    let most = input.integer("maxResults", i64::MIN..=i64::MAX)?;
    let mut constraints = Constraints::default();
    constraints.range(most, "maxResults", 1, PAGE);
    constraints.end_as("InvalidParameterException")?;
    let first = (owner.clone(), String::new());
    let all = store.repositories.range(first..).take_while(|((of, _), _)| of == owner);
    let all = all.map(|((_, name), repository)| (name.as_str(), shown(owner, repository)));
    let most = usize::try_from(most.unwrap_or(PAGE)).unwrap_or_default();
    let page = Page::of(all, token.as_deref(), most)
        .map_err(|_| Error::new(400, "InvalidParameterException", "Invalid nextToken"))?;
    Ok(Answer::ok(page.members("repositories", "nextToken")))
}

fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let name = Input::of(call)?.text("repositoryName")?.unwrap_or_default();
    let owner = &call.owner;
    match store.repositories.remove(&(owner.clone(), name.clone())) {
        Some(repository) => Ok(Answer::ok(json!({ "repository": shown(owner, &repository) }))),
        None => Err(not_found(owner, &name)),
    }
}

const MUTABILITIES: &[&str] = &["MUTABLE", "IMMUTABLE"];

fn not_found(owner: &Owner, name: &str) -> Error {
    let message = format!(
        "The repository with name '{name}' does not exist in the registry with id '{}'",
        owner.account
    );
    Error::new(400, "RepositoryNotFoundException", message)
}

fn is_name(text: &str) -> bool {
    text.split('/').all(|part| {
        part.split(['.', '_', '-']).all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    })
}

fn shown(owner: &Owner, repository: &Repository) -> Value {
    let Owner { account, region } = owner;
    let name = &repository.name;
    json!({
        "repositoryArn": format!("arn:aws:ecr:{region}:{account}:repository/{name}"),
        "registryId": account,
        "repositoryName": name,
        "repositoryUri": format!("{account}.dkr.ecr.{region}.amazonaws.com/{name}"),
        "createdAt": repository.created_s,
        "imageTagMutability": repository.mutability,
        "imageScanningConfiguration": { "scanOnPush": repository.scan_on_push },
        "encryptionConfiguration": repository.encryption,
    })
}
