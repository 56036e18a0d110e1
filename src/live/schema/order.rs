//! What a schema comes to at one place of a value, written out: all that `$ref`, `allOf` and their like hold against
//! the same value. It must have an end, and not be more than [`MAX_IN_PLACE`] in all. (What goes on to a value's parts may
//! come back to itself: a value has an end.)

use super::{Id, MAX_DEPTH_IN_PLACE, MAX_IN_PLACE, Needs, Node, Rule};

/// # Errors
/// What is wrong, for people.
pub fn check(nodes: &[Node]) -> Result<(), String> {
    let order =
        sorted(nodes).ok_or("it refers to itself, without a look at a part of the value in between")?;
    // Of each node how many it comes to, and how deep they stand in each other.
    let mut sums = vec![(1_u64, 1_u64); nodes.len()];
    for id in order.into_iter().rev() {
        let sum = in_place(&nodes[id]).map(|next| sums[next]);
        let (count, depth) = sum.fold((1_u64, 1_u64), |(count, depth), next| {
            (count.saturating_add(next.0), depth.max(next.1 + 1))
        });
        if count > MAX_IN_PLACE {
            return Err(format!("it holds more than {MAX_IN_PLACE} schemas against the same value"));
        }
        if depth > MAX_DEPTH_IN_PLACE {
            return Err(format!(
                "it holds schemas more than {MAX_DEPTH_IN_PLACE} deep against the same value"
            ));
        }
        sums[id] = (count, depth);
    }
    Ok(())
}

/// All nodes, each before those that it holds against the same value. `None`: there are circles.
fn sorted(nodes: &[Node]) -> Option<Vec<Id>> {
    let mut waits_for = vec![0_usize; nodes.len()];
    for next in nodes.iter().flat_map(in_place) {
        waits_for[next] += 1;
    }
    let mut order: Vec<Id> = (0..nodes.len()).filter(|id| waits_for[*id] == 0).collect();
    let mut done = 0;
    while let Some(id) = order.get(done).copied() {
        done += 1;
        for next in in_place(&nodes[id]) {
            waits_for[next] -= 1;
            if waits_for[next] == 0 {
                order.push(next);
            }
        }
    }
    (done == nodes.len()).then_some(order)
}

/// What a node holds against the value that it is itself held against.
fn in_place(node: &Node) -> impl Iterator<Item = Id> {
    node.iter().flat_map(|rule| -> Box<dyn Iterator<Item = Id> + '_> {
        match rule {
            Rule::Ref(id) | Rule::Not(id) => Box::new(std::iter::once(*id)),
            Rule::AllOf(ids) | Rule::AnyOf(ids) | Rule::OneOf(ids) => Box::new(ids.iter().copied()),
            Rule::Dependencies(needs) => Box::new(needs.iter().filter_map(|(_, needs)| match needs {
                Needs::Schema(id) => Some(*id),
                Needs::Members(_) => None,
            })),
            Rule::Types(_)
            | Rule::Enum(_)
            | Rule::Number(_)
            | Rule::Text(_)
            | Rule::List(_)
            | Rule::Object(_) => Box::new(std::iter::empty()),
        }
    })
}
