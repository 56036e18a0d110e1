use super::*;
use crate::control::SERVICES;
use crate::control::cloudformation::resources::{self, Step, Update, When};

#[test]
fn rows_name_operations_that_there_are_and_all_their_parameters() {
    let mut wrong = Vec::new();
    for kind in resources::all() {
        let Some(calls) = kind.calls else { continue };
        let updates = match calls.update {
            Update::Steps(steps, resets) => {
                for (name, reset) in resets {
                    assert!(serde_json::from_str::<Value>(reset).is_ok(), "{}: {name} {reset}", kind.name);
                }
                steps
            }
            Update::Again => &[],
        };
        let steps: Vec<&Step> =
            calls.absent.iter().chain(calls.create).chain(updates).chain(calls.delete).collect();
        let checks = steps.iter().filter_map(|step| match step.when {
            When::Is(check) => Some((check.operation, check.path)),
            _ => None,
        });
        let tagging = calls
            .tagging
            .iter()
            .flat_map(|tagging| [(tagging.tag, tagging.path), (tagging.untag, tagging.path)]);
        let asked = steps.iter().map(|step| (step.operation, step.path)).chain(checks).chain(tagging);
        for (operation, path) in asked {
            let service = SERVICES.iter().find(|service| service.name == calls.family.service);
            let row = service.and_then(|service| service.operations.iter().find(|row| row.name == operation));
            let Some(row) = row else {
                let known = service
                    .is_some_and(|service| service.unsupported.iter().any(|(name, _)| *name == operation));
                if !known {
                    wrong
                        .push(format!("{}: {operation} is not known to {}", kind.name, calls.family.service));
                }
                continue;
            };
            let mut given: Vec<&str> = path.iter().map(|(name, _)| *name).collect();
            let mut wanted: Vec<&str> = row
                .at
                .split(['/', '?'])
                .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
                .map(|name| name.trim_end_matches('+'))
                .collect();
            given.sort_unstable();
            wanted.sort_unstable();
            if given != wanted {
                wrong.push(format!("{}: {operation} has {given:?} and wants {wanted:?}", kind.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
