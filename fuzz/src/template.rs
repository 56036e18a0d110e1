//! CloudFormation templates, JSON and YAML: whatever is read evaluates or is refused, without end or overflow.

use std::collections::{BTreeMap, BTreeSet};

use gatelet::control::cloudformation::plan::{self, Given};
use gatelet::control::cloudformation::short_tags::TAGS;
use gatelet::control::cloudformation::template::Template;
use gatelet::control::cloudformation::{parameter, resources};
use gatelet::control::yaml;
use gatelet::model::stack::Source;

/// A template is read, checked, and evaluated as if for a new stack.
pub fn template(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = yaml::parse(text, TAGS);
    let Ok(template) = Template::parse(text) else { return };
    if resources::check(&template).is_err() || parameter::check_types(&template).is_err() {
        return;
    }
    let Ok(parameters) = parameter::values(&template, &[], &[], |name| Ok(name.to_owned())) else { return };
    let given = Given {
        parameters: parameter::references(&template, &parameters),
        pseudo: BTreeMap::from([
            ("AWS::Region", "us-east-1".into()),
            ("AWS::URLSuffix", "localhost:4566".into()),
        ]),
        exports: BTreeMap::from([("x".into(), "y".into())]),
        fetch: Box::new(|name| (name.len() % 2 == 0).then(|| name.to_owned())),
    };
    let source = Source { tags: BTreeMap::from([("k".into(), "v".into())]), parameters, ..Source::default() };
    let Ok(plan) = plan::plan(&template, &source, &given, &BTreeMap::new(), &[]) else { return };
    // A new stack gets each of its resources once, and no other.
    let added: BTreeSet<&str> = plan.changes.iter().map(|change| change.logical.as_str()).collect();
    assert_eq!(added.len(), plan.changes.len());
    assert!(added.iter().all(|name| template.resources.contains_key(*name)));
}
