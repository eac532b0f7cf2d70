//! Why what was to be merged does not belong together, said of both sides: which of them is the stranger, only its owner knows.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::Kin;
use crate::record::identity;
use crate::record::version::are_two_versions;

/// Paths of a side that are worth listing.
const MOST_PATHS: usize = 4;

/// What the two sides of a difference are called.
const SIDES: identity::Sides = ["in A", "in B"];

/// Folders or parts that are not of one run, or not of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmatched {
    why: Why,
    /// A, to which most belong, and B: each in words.
    sides: [String; 2],
    /// Further such sides.
    others: usize,
    /// One line per difference between A and B, never empty.
    differences: Vec<String>,
}

/// What they are not of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// One run.
    Runs,
    /// One run, because two versions of the program computed them.
    Versions,
    /// One kind of engine or machine.
    Kinds,
}

impl Unmatched {
    /// Of `kin`, not all of which have the same definition.
    pub(super) fn runs(kin: &[Kin<'_>]) -> Self {
        let mut runs: Vec<Vec<&Kin<'_>>> = Vec::new();
        for one in kin {
            match runs.iter_mut().find(|run| run[0].definition == one.definition) {
                Some(run) => run.push(one),
                None => runs.push(vec![one]),
            }
        }
        Self::between(runs, |a, b| {
            let why = if are_two_versions(&a.definition, &b.definition) { Why::Versions } else { Why::Runs };
            (why, [a.definition.clone(), b.definition.clone()])
        })
    }

    /// Of `kin`, several of one run.
    pub(super) fn kinds(kin: &[Kin<'_>]) -> Self {
        let kinds = kin.iter().map(|one| vec![one]).collect();
        Self::between(kinds, |a, b| (Why::Kinds, [a.description.clone(), b.description.clone()]))
    }

    /// Of two `sides` or more, none of them empty; `compare` says of the first kin of two what to compare and why.
    fn between(mut sides: Vec<Vec<&Kin<'_>>>, compare: impl Fn(&Kin<'_>, &Kin<'_>) -> (Why, [Value; 2])) -> Self {
        sides.sort_by_key(|side| std::cmp::Reverse(side.iter().map(|kin| kin.members.len()).sum::<usize>()));
        let (why, [a, b]) = compare(sides[0][0], sides[1][0]);
        let programs = match why {
            Why::Versions => programs_apart(&sides[0], &sides[1]),
            Why::Runs | Why::Kinds => Default::default(),
        };
        Self {
            why,
            sides: [words(&sides[0], &programs[0]), words(&sides[1], &programs[1])],
            others: sides.len() - 2,
            differences: identity::differences(&a, &b, SIDES),
        }
    }
}

/// The versions of the program that wrote on the one side, and those on the other. One that stands on both, as that which copied
/// what others had computed does, tells nothing apart.
fn programs_apart(one: &[&Kin<'_>], other: &[&Kin<'_>]) -> [Vec<String>; 2] {
    let programs = |side: &[&Kin<'_>]| -> BTreeSet<String> {
        let members = side.iter().flat_map(|kin| &kin.members);
        members.filter_map(|one| one.program.map(ToString::to_string)).collect()
    };
    let (one, other) = (programs(one), programs(other));
    [&one - &other, &other - &one].map(|programs| programs.into_iter().collect())
}

/// The paths of a side and the `programs` that wrote there.
fn words(side: &[&Kin<'_>], programs: &[String]) -> String {
    let members = || side.iter().flat_map(|kin| &kin.members);
    let count = members().count();
    let mut text: Vec<String> = members().take(MOST_PATHS).map(|one| one.path.display().to_string()).collect();
    if count > MOST_PATHS {
        text.push(format!("and {} more", count - MOST_PATHS));
    }
    let text = text.join(", ");
    if programs.is_empty() { text } else { format!("{text} (by {})", programs.join(" and ")) }
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, remedy) = match self.why {
            Why::Runs => ("is not of one run", "leave out A or B"),
            Why::Versions => (
                "was computed by two versions of nullsweep",
                "leave out A or B, and compute what is missing then with the version of those that stay",
            ),
            Why::Kinds => (
                "is not of one kind",
                "leave out A or B, or give --mixed: every row says by its route how it came about",
            ),
        };
        let [a, b] = &self.sides;
        writeln!(f, "what is to be merged {what}\n  A: {a}\n  B: {b}")?;
        if self.others > 0 {
            writeln!(f, "  and {} more such", self.others)?;
        }
        for difference in &self.differences {
            writeln!(f, "  {difference}")?;
        }
        write!(f, "  {remedy}")
    }
}
