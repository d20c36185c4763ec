//! Whether what many clients did at the same time can have happened one after the other.

use std::collections::HashSet;
use std::hash::Hash;
use std::time::Instant;

/// What one client did, and what it was answered.
#[derive(Clone, Debug)]
pub struct Operation<O> {
    pub began: Instant,
    /// `None`: without an answer that tells, so that it may have happened at any time since, or not at all.
    pub ended: Option<Instant>,
    pub what: O,
}

/// Linearizability (Herlihy and Wing, 1990): is there an order in which each operation happens at once, at some time
/// between its beginning and its end, and each answer is the one that the model gives? `apply` answers the states that may
/// follow an operation; none where its answer cannot be given in that state.
///
/// The search is Wing and Gong's (1993), which with Lowe's memory (2017) tries no state of affairs twice.
pub fn is_linearizable<S, O>(first: S, history: &[Operation<O>], apply: impl Fn(&S, &O) -> Vec<S>) -> bool
where
    S: Clone + Eq + Hash,
{
    let mut order: Vec<_> = history.iter().collect();
    // What ended first is tried last of all that are put on the stack, so that it is taken from there first.
    order.sort_by_key(|operation| (operation.ended.is_none(), operation.ended));
    let (mut seen, mut stack) = (HashSet::new(), vec![(vec![false; order.len()], first)]);
    while let Some((done, state)) = stack.pop() {
        if !seen.insert((done.clone(), state.clone())) {
            continue;
        }
        let open = || order.iter().enumerate().filter(|(place, _)| !done[*place]);
        let Some(first_end) = open().filter_map(|(_, operation)| operation.ended).min() else {
            return true;
        };
        for (place, operation) in open().filter(|(_, operation)| operation.began <= first_end).rev() {
            for next in apply(&state, &operation.what) {
                let mut done = done.clone();
                done[place] = true;
                stack.push((done, next));
            }
        }
    }
    false
}
