//! Rows on their way to their samples, a block of them at a time.
//!
//! A number that goes to its column by itself touches memory that no other number of its row does, and a cell has hundreds
//! of columns: the caches see a block once instead.

use super::sample::Sample;

/// Rows of a cell, in the order in which they came.
#[derive(Default)]
pub(super) struct Waiting {
    /// Of each row, the group that it belongs to.
    groups: Vec<usize>,
    /// Row after row, as many for each as the table has columns of numbers; NaN where a field holds no finite number.
    numbers: Vec<f64>,
    /// Where the numbers of each row begin, group by group. Made when they leave.
    rows: Vec<usize>,
    /// For each group, where its part of `rows` ends.
    ends: Vec<usize>,
}

impl Waiting {
    /// Appends a row of `group` with `width` numbers, none of which is there yet.
    #[inline]
    pub(super) fn row(&mut self, group: usize, width: usize) -> &mut [f64] {
        self.groups.push(group);
        let start = self.numbers.len();
        self.numbers.resize(start + width, f64::NAN);
        &mut self.numbers[start..]
    }

    /// Numbers of all rows, each with the one of its group.
    pub(super) fn len(&self) -> usize {
        self.numbers.len() + self.groups.len()
    }

    /// Moves the numbers to the `samples` of their columns, `width` for each of the groups, and returns how many they are.
    pub(super) fn settle(&mut self, samples: &mut [Sample], width: usize) -> usize {
        if width == 0 {
            self.groups.clear();
            return 0;
        }
        self.sort_rows(samples.len() / width, width);
        let mut start = 0;
        for (samples, &end) in samples.chunks_exact_mut(width).zip(&self.ends) {
            let rows = &self.rows[start..end];
            for (column, sample) in samples.iter_mut().enumerate() {
                sample.extend(rows.iter().map(|row| self.numbers[row + column]));
            }
            start = end;
        }
        let settled = self.numbers.len();
        self.groups.clear();
        self.numbers.clear();
        settled
    }

    /// Counts the rows of each of `groups` groups and puts them, in their order, behind those of the groups before.
    fn sort_rows(&mut self, groups: usize, width: usize) {
        self.ends.clear();
        self.ends.resize(groups, 0);
        for group in &self.groups {
            self.ends[*group] += 1;
        }
        let mut start = 0;
        for end in &mut self.ends {
            start += std::mem::replace(end, start);
        }
        // Now each is where the group begins, and moves with every row to where it ends.
        self.rows.resize(self.groups.len(), 0);
        for (row, group) in self.groups.iter().enumerate() {
            let place = &mut self.ends[*group];
            self.rows[*place] = row * width;
            *place += 1;
        }
    }
}
