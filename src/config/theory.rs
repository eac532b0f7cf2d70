//! `theory`, of the top and of `[[figure]]`: laws by name, which must speak of what the run measures.

use super::reader::{Item, Section};
use crate::measure::TableId;
use crate::spelling::did_you_mean;
use crate::theory::{self, LAWS, Law, World};

/// What laws are checked against; what is not known, because something else is wrong with it, is not checked.
pub(super) struct Laws<'a> {
    /// The design, target and settings.
    pub(super) world: Option<World<'a>>,
    /// The tables that the run writes.
    pub(super) tables: Option<&'a [TableId]>,
}

impl Laws<'_> {
    /// `theory` of the top, without repetition; `None` after a report.
    pub(super) fn read(&self, root: &Section<'_>) -> Option<Vec<&'static Law>> {
        root.get("theory").map_or(Some(Vec::new()), |item| item.set_of(|name| self.law(name)))
    }

    /// The law that `item` names, if it speaks of this run; `None` after a report.
    pub(super) fn law(&self, item: &Item<'_>) -> Option<&'static Law> {
        let name = item.text()?;
        let Some(law) = theory::find(name) else {
            let names = || LAWS.iter().map(|law| law.name);
            let help = match did_you_mean(name, names()) {
                Some(likely) => format!("did you mean `{likely}`?"),
                None => format!("known are {}", names().collect::<Vec<_>>().join(", ")),
            };
            item.refuse("there is no such law", help);
            return None;
        };
        if let Some(tables) = self.tables
            && !tables.iter().any(|table| table.name() == law.table)
        {
            item.refuse(
                format!("speaks of table {}, which this run does not write", law.table),
                format!("add \"{}\" to tables", law.table),
            );
            return None;
        }
        if let Some(refusal) = self.world.as_ref().and_then(|world| law.refusal(world)) {
            item.refuse(refusal.why, refusal.remedy);
            return None;
        }
        Some(law)
    }
}
