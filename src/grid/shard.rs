//! One run on several machines: which of its trials each shard computes.
//!
//! The trials are dealt out like cards: shapes (n, d) from the most costly to the cheapest, each shape's trials in key
//! order, one trial to each shard in turn. So, with c the cost of the most costly trial and whatever the model of cost,
//! as long as it orders the shapes by [`cost_order`],
//! - any two shards differ by at most one trial, in all and in every shape, and
//! - by at most c in cost: card by card, the first shard's costs are at least the second's, and so on to the last, whose
//!   costs are at least the first's from its second card on.
//!
//! Neighbours in epsilon and replicate, which cost alike for reasons that no model knows (an ill-conditioned matrix needs
//! double-double), go to different shards. Shares that are contiguous in key order would have none of this, and would
//! gain a merge that copies journals end to end; a merge in blocks of trials reads each journal in order anyway.
//!
//! Who gets a trial depends on the grid and the number of shards alone.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Cell, Grid};

/// Shard `index` of `count`, written `2/8`; counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    // This order of fields sorts the shards of one run by their number.
    count: u32,
    index: u32,
}

impl Shard {
    /// Shard `index` of `count`, or `None` unless `index` is below `count`.
    pub fn new(index: u32, count: u32) -> Option<Self> {
        (index < count).then_some(Self { count, index })
    }

    /// Which, from 0.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    pub fn count(self) -> u32 {
        self.count
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `2/8`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let numbers = text.split_once('/').and_then(|(index, count)| Some((number(index)?, number(count)?)));
        match numbers {
            None => Err("write I/N, such as 0/8 for the first of eight shards".to_owned()),
            Some((_, 0)) => Err("N counts the shards and must be at least 1".to_owned()),
            Some((index, count)) => Self::new(index, count)
                .ok_or_else(|| format!("shards are counted from 0: the last of {count} is {}/{count}", count - 1)),
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

/// Which shard each trial of a run goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    count: u32,
    /// In key order.
    shapes: Vec<Shape>,
}

/// The trials of one shape, `start .. end` in key order, the first of which goes to shard `first_to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    start: usize,
    end: usize,
    first_to: usize,
}

impl Deal {
    /// Deals the trials of `grid` out to `count` shards, at least 1.
    pub fn new(grid: &Grid, count: u32) -> Self {
        let replicates = grid.replicates as usize;
        let mut shapes = Vec::new();
        let mut start = 0;
        // Cells are sorted by (n, d) first, so a shape's trials lie together.
        for cells in grid.cells.chunk_by(|a, b| (a.n, a.d) == (b.n, b.d)) {
            let end = start + cells.len() * replicates;
            shapes.push((cost_order(&cells[0]), Shape { start, end, first_to: 0 }));
            start = end;
        }
        // Stable: shapes of equal cost stay in key order.
        shapes.sort_by_key(|(cost, _)| Reverse(*cost));
        let mut dealt = 0;
        for (_, shape) in &mut shapes {
            shape.first_to = dealt % count as usize;
            dealt += shape.end - shape.start;
        }
        let mut shapes: Vec<Shape> = shapes.into_iter().map(|(_, shape)| shape).collect();
        shapes.sort_unstable_by_key(|shape| shape.start);
        Self { count, shapes }
    }

    /// The shard that trial `index` goes to; `None` if the run has no such trial.
    pub fn owner(&self, index: usize) -> Option<Shard> {
        let shape = self.shapes.get(self.shapes.partition_point(|shape| shape.end <= index))?;
        let turns = (shape.first_to + index - shape.start) % self.count as usize;
        u32::try_from(turns).ok().and_then(|turns| Shard::new(turns, self.count))
    }
}

/// The trials of a run that one folder is to hold: all of them, or those of a shard. 24 bytes a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    shard: Option<Shard>,
    /// Trials of the whole run.
    trials: usize,
    /// Trials of this share.
    count: usize,
    /// In key order, none empty.
    segments: Vec<Segment>,
}

/// Trials `first`, `first + N`, `first + 2 N`, ... below `end`, N being the number of shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    first: usize,
    end: usize,
    /// Trials of the share in the segments before.
    before: usize,
}

impl Share {
    /// All of a run of `trials` trials.
    pub fn whole(trials: usize) -> Self {
        let segments = if trials == 0 { Vec::new() } else { vec![Segment { first: 0, end: trials, before: 0 }] };
        Self { shard: None, trials, count: trials, segments }
    }

    /// What `shard` has of `grid`.
    pub fn of_shard(grid: &Grid, shard: Shard) -> Self {
        let stride = shard.count as usize;
        let mut count = 0;
        let mut segments = Vec::new();
        for Shape { start, end, first_to } in Deal::new(grid, shard.count).shapes {
            // The turn comes to this shard once that many trials of the shape have gone to others.
            let first = start + (shard.index as usize + stride - first_to) % stride;
            if first < end {
                segments.push(Segment { first, end, before: count });
                count += (end - first).div_ceil(stride);
            }
        }
        Self { shard: Some(shard), trials: grid.trial_count(), count, segments }
    }

    /// Which shard's it is; `None` for all of the run.
    pub fn shard(&self) -> Option<Shard> {
        self.shard
    }

    /// How many trials the whole run has.
    pub fn trials(&self) -> usize {
        self.trials
    }

    /// How many trials the share has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether a trial belongs to it.
    pub fn contains(&self, index: usize) -> bool {
        self.place(index).is_some()
    }

    /// Which of its trials, from 0 in key order, trial `index` is; `None` if it is none of them.
    pub fn place(&self, index: usize) -> Option<usize> {
        let segment = self.segments[..self.segments.partition_point(|segment| segment.first <= index)].last()?;
        let behind = index - segment.first;
        (index < segment.end && behind.is_multiple_of(self.stride())).then(|| segment.before + behind / self.stride())
    }

    /// How many of its trials come before trial `index` in key order.
    pub fn count_below(&self, index: usize) -> usize {
        let Some(segment) = self.segments[..self.segments.partition_point(|segment| segment.first < index)].last()
        else {
            return 0;
        };
        segment.before + (index.min(segment.end) - segment.first).div_ceil(self.stride())
    }

    /// Its trials from `index` on, in key order.
    pub fn from(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let stride = self.stride();
        let behind = self.segments.partition_point(|segment| segment.end <= index);
        self.segments[behind..].iter().flat_map(move |segment| {
            let skipped = index.saturating_sub(segment.first).div_ceil(stride);
            (segment.first + skipped * stride..segment.end).step_by(stride)
        })
    }

    /// How many trials it has of each cell of `grid`, the grid that it is a share of, in their order.
    pub fn by_cell(&self, grid: &Grid) -> impl Iterator<Item = u64> + '_ {
        let replicates = grid.replicates as usize;
        (0..grid.cells.len()).scan(0, move |below, cell| {
            let before = std::mem::replace(below, self.count_below((cell + 1) * replicates));
            Some((*below - before) as u64)
        })
    }

    fn stride(&self) -> usize {
        self.shard.map_or(1, |shard| shard.count as usize)
    }
}

/// Sorts as the cost of a trial does: its SVD takes a multiple of n d min(n, d) operations.
fn cost_order(cell: &Cell) -> u128 {
    cell.n as u128 * cell.d as u128 * cell.n.min(cell.d) as u128
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
