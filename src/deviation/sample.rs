//! Table -> samples: what the replicates of a cell say of a law's quantity.

use std::collections::HashMap;
use std::path::Path;

use crate::expression::{Condition, Formula, Mention, Point, Vocabulary};
use crate::measure::TableId;
use crate::reading::{Row, Rows, columns, vocabulary};
use crate::record::RecordError;
use crate::theory::{Claim, Keys, Law, Setting, World};

/// Shares of a distribution at which it is compared.
const DECILES: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// The keys of a row that tell one sample from another, in this order, and then `replicate`.
const KEYS: [&str; 7] = ["n", "d", "epsilon", "lambda", "delta", "alpha", "iteration"];

/// The replicates of one cell and inner key.
pub(super) struct Sample {
    /// What is claimed of them.
    pub(super) law: &'static Law,
    /// Where.
    pub(super) setting: Setting,
    /// Key of the descent table.
    pub(super) iteration: Option<u64>,
    /// Finite quantities.
    pub(super) count: usize,
    /// Others.
    pub(super) left_out: usize,
    /// Of the finite ones.
    pub(super) spread: Spread,
    /// For a distribution: each decile of the law with the number of quantities at or below it.
    pub(super) deciles: Vec<Decile>,
    key: Key,
}

/// A place in a law's distribution.
pub(super) struct Decile {
    /// The probability of at most x.
    pub(super) probability: f64,
    /// The place.
    pub(super) x: f64,
    /// Quantities at or below x.
    pub(super) below: usize,
}

/// Mean and squared deviations, one value after the other (Welford, Technometrics 4, 1962).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread {
    count: f64,
    pub(super) mean: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    /// Standard error of the mean; `None` below two values, where all are equal, and where squares overflow.
    pub(super) fn standard_error(&self) -> Option<f64> {
        let error = (self.squares / (self.count - 1.0) / self.count).sqrt();
        (self.count > 1.0 && error.is_finite() && error > 0.0).then_some(error)
    }
}

/// The values of [`KEYS`]; `None` where empty or not a column of the table.
type Key = [Option<f64>; KEYS.len()];

/// The samples of `laws`, which speak of `table`, in the order of the table's rows for each law.
pub(super) fn gather(
    dir: &Path,
    table: TableId,
    laws: &[&'static Law],
    world: &World<'_>,
) -> Result<Vec<Sample>, RecordError> {
    let vocabulary = vocabulary(&columns(table.name(), &[]).unwrap_or_default());
    let mut gatherings: Vec<Gathering> = laws.iter().filter_map(|law| Gathering::new(law, &vocabulary)).collect();
    let keys = KEYS.map(|key| vocabulary.variables.iter().position(|variable| variable.name == key));
    let mentioned = gatherings.iter().flat_map(Gathering::mentions).chain(keys.iter().flatten().copied());
    let mut rows = Rows::open(dir, table.name(), &vocabulary, mentioned)?;
    while let Some(row) = rows.next_row()? {
        let key = keys.map(|variable| variable.map(|variable| row.number(variable)).filter(|value| !value.is_nan()));
        for gathering in &mut gatherings {
            gathering.add(key, row, world);
        }
    }
    Ok(gatherings.into_iter().flat_map(|gathering| gathering.samples).collect())
}

/// One law over the rows of its table.
struct Gathering {
    law: &'static Law,
    quantity: Formula,
    filter: Option<Condition>,
    samples: Vec<Sample>,
    /// The samples of the current cell, by the bits of their keys: rows come cell by cell.
    cell: HashMap<[u64; KEYS.len()], usize>,
    /// The sample of the row before.
    last: usize,
}

impl Gathering {
    /// A law that is no law over the table's columns has no samples; a test holds all of them to it.
    fn new(law: &'static Law, vocabulary: &Vocabulary<'_>) -> Option<Self> {
        let quantity = Formula::parse(law.quantity, vocabulary).ok()?;
        let filter = match law.filter {
            Some(filter) => Some(Condition::parse(filter, vocabulary).ok()?),
            None => None,
        };
        Some(Self { law, quantity, filter, samples: Vec::new(), cell: HashMap::new(), last: 0 })
    }

    fn mentions(&self) -> impl Iterator<Item = usize> + '_ {
        let of_filter = self.filter.iter().flat_map(Condition::mentions);
        self.quantity.mentions().iter().chain(of_filter).map(|Mention { variable, .. }| *variable)
    }

    fn add(&mut self, key: Key, row: &Row<'_>, world: &World<'_>) {
        if self.filter.as_ref().is_some_and(|filter| !filter.holds(row)) {
            return;
        }
        let at = self.place(key, world);
        let sample = &mut self.samples[at];
        self.last = at;
        let value = self.quantity.value(row);
        if !value.is_finite() {
            sample.left_out += 1;
            return;
        }
        sample.count += 1;
        sample.spread.add(value);
        for decile in &mut sample.deciles {
            decile.below += usize::from(value <= decile.x);
        }
    }

    /// The sample with this key; a new one at the first row of it.
    fn place(&mut self, key: Key, world: &World<'_>) -> usize {
        if self.samples.last().is_some_and(|last| last.key[..3] != key[..3]) {
            self.cell.clear();
        }
        // Every replicate has the same inner keys in the same order.
        if self.samples.get(self.last + 1).is_some_and(|next| next.key == key) {
            return self.last + 1;
        }
        // NaN is no key: it stands for a field that is empty.
        let bits = key.map(|field| field.unwrap_or(f64::NAN).to_bits());
        *self.cell.entry(bits).or_insert_with(|| {
            self.samples.push(Sample::new(self.law, key, world));
            self.samples.len() - 1
        })
    }
}

impl Sample {
    fn new(law: &'static Law, key: Key, world: &World<'_>) -> Self {
        let [n, d, epsilon, lambda, delta, alpha, iteration] = key;
        let keys = Keys { n: size(n), d: size(d), epsilon, lambda, delta, alpha };
        let setting = world.at(keys);
        let decile =
            |probability: f64| law.quantile(&setting, probability).map(|x| Decile { probability, x, below: 0 });
        let deciles = match law.claim {
            Claim::Mean(_) => Vec::new(),
            Claim::Distribution(_) => DECILES.into_iter().filter_map(decile).collect(),
        };
        let iteration = iteration.map(|iteration| size(Some(iteration)) as u64);
        let spread = Spread::default();
        Self { law, setting, iteration, count: 0, left_out: 0, spread, deciles, key }
    }
}

/// A count as the reader of tables gives it.
fn size(value: Option<f64>) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers that the run wrote")]
    value.map_or(0, |value| value as usize)
}
