//! Which columns of a file are wanted, and as what.

use std::collections::{BTreeMap, BTreeSet};

use super::column::{self, ColumnRef};
use super::error::{Fault, quoted};
use super::{Levels, ReadOptions};

/// Categories of one column beyond which it is rather an identifier.
const MOST_LEVELS: usize = 1000;

/// The chosen columns of a file with `count` columns.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// The columns of X in order: index in the file and what it holds.
    features: Vec<(usize, Kind)>,
    /// Index of y.
    target: Option<usize>,
    count: usize,
    names: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Category(Levels),
}

/// What becomes of every column of the file.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// One per column of the file.
    pub(super) roles: Vec<Role>,
    pub(super) codings: Vec<Coding>,
    /// Columns of X.
    pub(super) width: usize,
}

/// What becomes of a column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Ignored,
    /// Column `at` of X.
    Number {
        at: usize,
    },
    /// Coded by the plan's `coding`.
    Category {
        coding: usize,
    },
    Target,
}

/// How the levels of a category become columns of X.
#[derive(Clone, Debug)]
pub(super) struct Coding {
    /// The column of the first level that has one.
    pub(super) at: usize,
    /// All levels, sorted; none before they are known.
    levels: Vec<String>,
    /// Where each is among them.
    places: BTreeMap<String, usize>,
    /// The levels before this one have no column.
    first: usize,
}

/// Where the level of a category goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A 1 in this column of X.
    Column(usize),
    /// It is what the others are compared with: zeros in all columns.
    Reference,
    /// The survey did not see it.
    Unknown,
}

impl Choice {
    /// What `options` choose of `count` columns, which may have `names`, with y in the column `target`.
    pub(super) fn new(
        options: &ReadOptions,
        target: Option<&ColumnRef>,
        names: Option<Vec<String>>,
        count: usize,
    ) -> Result<Self, Fault> {
        let find = |column: &ColumnRef| column.index(names.as_deref(), count);
        let all = |columns: &[ColumnRef]| columns.iter().map(find).collect::<Result<Vec<_>, _>>();
        let target_at = target.map(find).transpose()?;
        let mut kept = match &options.columns {
            Some(columns) => {
                column::some(columns)?;
                all(columns)?
            }
            None => (0..count).collect(),
        };
        let mut seen = BTreeSet::new();
        if let Some(twice) = kept.iter().find(|&&j| !seen.insert(j)) {
            return Err(Fault::new(format!("is to give column {} twice: choose every column once", twice + 1)));
        }
        for (column, j) in options.drop.iter().zip(all(&options.drop)?) {
            if Some(j) == target_at {
                return Err(Fault::new(format!("{column} is dropped and the target: leave it out of one of the two")));
            }
            if !kept.contains(&j) {
                return Err(Fault::new(format!("{column} is dropped, but it was not chosen: leave it out of both")));
            }
            kept.retain(|&other| other != j);
        }
        kept.retain(|&j| Some(j) != target_at);
        if kept.is_empty() {
            return Err(match target {
                Some(column) => Fault::new(format!("{column} is the only column: none would be left for X")),
                None => Fault::new("has every column dropped: leave at least one"),
            });
        }
        let mut features: Vec<(usize, Kind)> = kept.into_iter().map(|j| (j, Kind::Number)).collect();
        for dummies in &options.dummies {
            let j = find(&dummies.column)?;
            let column = &dummies.column;
            match features.iter_mut().find(|(feature, _)| *feature == j) {
                Some((_, kind @ Kind::Number)) => *kind = Kind::Category(dummies.levels),
                Some(_) => return Err(Fault::new(format!("{column} is coded twice: name it once"))),
                None if Some(j) == target_at => {
                    return Err(Fault::new(format!(
                        "{column} is the target, which must be numbers: code it as 0 and 1"
                    )));
                }
                None => return Err(Fault::new(format!("{column} is to be coded, but it was not chosen"))),
            }
        }
        Ok(Self { features, target: target_at, count, names })
    }

    pub(super) fn has_categories(&self) -> bool {
        self.features.iter().any(|(_, kind)| *kind != Kind::Number)
    }

    /// Before the levels are known: nothing is coded.
    pub(super) fn survey(&self) -> Plan {
        let codings = self.features.iter().filter(|(_, kind)| *kind != Kind::Number);
        let codings = codings.map(|_| Coding::new(Vec::new(), 0));
        self.plan(codings.collect())
    }

    /// With the `levels` of every category, in the order of the columns.
    pub(super) fn coded(&self, levels: Vec<BTreeSet<String>>) -> Result<Plan, Fault> {
        let categories = self.features.iter().filter_map(|&(j, kind)| match kind {
            Kind::Number => None,
            Kind::Category(wanted) => Some((j, wanted)),
        });
        let codings = categories.zip(levels).map(|((j, wanted), levels)| {
            let first = match wanted {
                Levels::All => 0,
                Levels::Treatment if levels.len() > 1 => 1,
                Levels::Treatment => {
                    let only = levels.first().map(|level| quoted(level)).unwrap_or_default();
                    return Err(Fault::new(format!(
                        "{} holds nothing but {only}, so that nothing is left to compare with it: drop the column",
                        self.label(j)
                    )));
                }
            };
            Ok(Coding::new(sorted(levels), first))
        });
        Ok(self.plan(codings.collect::<Result<Vec<_>, Fault>>()?))
    }

    fn plan(&self, mut codings: Vec<Coding>) -> Plan {
        let mut roles = vec![Role::Ignored; self.count];
        let (mut at, mut coding) = (0, 0);
        for &(j, kind) in &self.features {
            if kind == Kind::Number {
                roles[j] = Role::Number { at };
                at += 1;
            } else {
                roles[j] = Role::Category { coding };
                codings[coding].at = at;
                at += codings[coding].width();
                coding += 1;
            }
        }
        if let Some(target) = self.target {
            roles[target] = Role::Target;
        }
        Plan { roles, codings, width: at }
    }

    /// Names of the columns of X; `sex[m]` for the level m of sex. Nothing where no column has one.
    pub(super) fn feature_names(&self, plan: &Plan) -> Option<Vec<String>> {
        if self.names.is_none() && !self.has_categories() {
            return None;
        }
        let mut codings = plan.codings.iter();
        let mut names = Vec::with_capacity(plan.width);
        for (position, &(j, kind)) in self.features.iter().enumerate() {
            let name = self.names.as_ref().map_or_else(|| format!("x{}", position + 1), |names| names[j].clone());
            match (kind, codings.as_slice()) {
                (Kind::Category(_), [coding, ..]) => {
                    names.extend(coding.levels[coding.first..].iter().map(|level| format!("{name}[{level}]")));
                    codings.next();
                }
                _ => names.push(name),
            }
        }
        Some(names)
    }

    /// Column `j` of the file as messages call it.
    pub(super) fn label(&self, j: usize) -> String {
        let name = self.names.as_ref().map(|names| format!(" ({})", quoted(&names[j]))).unwrap_or_default();
        format!("column {}{name}", j + 1)
    }

    /// Column `j` as an option would name it.
    pub(super) fn reference(&self, j: usize) -> String {
        self.names.as_ref().map_or_else(|| (j + 1).to_string(), |names| names[j].clone())
    }

    /// Adds what another part of the file holds to the `levels` found so far.
    pub(super) fn join(&self, levels: &mut [BTreeSet<String>], found: Vec<BTreeSet<String>>) -> Result<(), Fault> {
        let categories = self.features.iter().filter(|(_, kind)| *kind != Kind::Number);
        for ((levels, found), (j, _)) in levels.iter_mut().zip(found).zip(categories) {
            levels.extend(found);
            if levels.len() > MOST_LEVELS {
                return Err(Fault::new(format!(
                    "{} has more than {MOST_LEVELS} levels: it is no category; drop it, or group its levels",
                    self.label(*j)
                )));
            }
        }
        Ok(())
    }
}

impl Coding {
    fn new(levels: Vec<String>, first: usize) -> Self {
        let places = levels.iter().cloned().zip(0..).collect();
        Self { at: 0, levels, places, first }
    }

    /// Columns of X that it fills.
    fn width(&self) -> usize {
        self.levels.len() - self.first.min(self.levels.len())
    }

    /// Which column of X has a 1 for this level.
    pub(super) fn place(&self, level: &str) -> Place {
        match self.places.get(level) {
            None => Place::Unknown,
            Some(index) => {
                index.checked_sub(self.first).map_or(Place::Reference, |after| Place::Column(self.at + after))
            }
        }
    }
}

/// Sorted as numbers where all are numbers, else as text.
fn sorted(levels: BTreeSet<String>) -> Vec<String> {
    let mut levels: Vec<String> = levels.into_iter().collect();
    let value = |level: &String| level.parse::<f64>();
    if levels.iter().all(|level| value(level).is_ok_and(|x| !x.is_nan())) {
        levels.sort_by(|a, b| value(a).unwrap_or(0.0).total_cmp(&value(b).unwrap_or(0.0)));
    }
    levels
}
