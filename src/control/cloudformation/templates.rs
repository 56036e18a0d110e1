//! What is said of templates: GetTemplate, GetTemplateSummary, ValidateTemplate.

use std::collections::BTreeMap;

use super::template::{self, Template, invalid, text_of};
use super::{change_sets, parameter, prepare, resources, stacks};
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::control::{Context, Control};
use crate::model::Store;
use crate::model::stack::Status;

/// GetTemplate: the text as it was sent, or what its transform made of it.
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let source = match (form.said("ChangeSetName"), form.said("StackName")) {
        (None, None) => return Err(invalid("StackName is required if ChangeSetName is not specified.")),
        (None, Some(_)) => &stacks::described(store, call)?.source,
        (Some(set), None) if !set.starts_with("arn:") => {
            return Err(invalid("StackName is a required parameter."));
        }
        (Some(_), _) => &change_sets::found(store, call, &form)?.1.source,
    };
    // Of a stack in review there is none yet.
    let text = source.template.as_deref().unwrap_or("{}");
    let mut xml = Xml::default();
    match form.said("TemplateStage") {
        Some("Original") => xml.text("TemplateBody", text),
        Some(_) | None => xml.text("TemplateBody", template::processed(text)?),
    }
    xml.element("StagesAvailable", |xml| {
        ["Original", "Processed"].iter().for_each(|stage| xml.text("member", stage))
    });
    Ok(xml.answer())
}

/// GetTemplateSummary
pub fn summary(control: &Control, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let text = if form.said("StackName").is_some() {
        let store = control.store();
        let stack = stacks::described(&store, call)?;
        if stack.status == Status::ReviewInProgress {
            return Err(invalid("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."));
        }
        stack.source.template.as_deref().unwrap_or_default().to_owned()
    } else {
        prepare::text(control, &form, None)?
    };
    let template = Template::as_written(&text)?;
    let mut xml = Xml::default();
    parameters(&mut xml, &template);
    xml.maybe("Description", template.description.as_deref());
    xml.maybe("Version", template.version.as_deref());
    xml.maybe("Metadata", template.metadata.as_ref().map(text_of).as_deref());
    let mut kinds: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
    for (name, declared) in &template.resources {
        kinds.entry(&declared.kind).or_default().push(name);
    }
    xml.texts("ResourceTypes", kinds.keys().copied());
    xml.list("ResourceIdentifierSummaries", &kinds, |xml, (kind, names)| {
        xml.text("ResourceType", kind);
        xml.texts("LogicalResourceIds", names.iter().copied());
    });
    if !template.transforms.is_empty() {
        xml.texts("DeclaredTransforms", &template.transforms);
    }
    Ok(xml.answer())
}

/// ValidateTemplate
pub fn validate(control: &Control, call: &Call) -> Result<Answer, Error> {
    let template = Template::parse(&prepare::text(control, &Form::of(call), None)?)?;
    resources::check(&template)?;
    parameter::check_types(&template)?;
    let mut xml = Xml::default();
    parameters(&mut xml, &template);
    xml.maybe("Description", template.description.as_deref());
    Ok(xml.answer())
}

fn parameters(xml: &mut Xml, template: &Template) {
    xml.list("Parameters", &template.parameters, |xml, (key, rule)| {
        xml.text("ParameterKey", key);
        xml.maybe("DefaultValue", parameter::default(rule).as_deref());
        xml.text("ParameterType", parameter::kind(rule));
        xml.text("NoEcho", parameter::is_secret(rule));
        xml.maybe("Description", rule.get("Description").map(text_of).as_deref());
    });
}
