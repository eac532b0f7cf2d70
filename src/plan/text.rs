//! A plan in words.

use std::fmt::Write;

use super::Plan;

/// Shapes that the text shows.
const MOST_SHAPES: usize = 40;

impl Plan {
    /// For people: shapes, tables, totals.
    pub fn to_text(&self) -> String {
        let mut shapes = vec![["n", "d", "cells", "trials", "matrix", "operations"].map(str::to_owned)];
        shapes.extend(self.shapes.iter().take(MOST_SHAPES).map(|shape| {
            [
                shape.n.to_string(),
                shape.d.to_string(),
                shape.cells.to_string(),
                shape.trials.to_string(),
                bytes_text(u128::from(shape.matrix_bytes)),
                format!("{:.1e}", shape.trials as f64 * shape.flops),
            ]
        }));
        let mut tables = vec![["table", "rows", "about"].map(str::to_owned)];
        tables.extend(
            self.tables
                .iter()
                .map(|table| [table.name.to_owned(), table.rows.to_string(), bytes_text(u128::from(table.bytes))]),
        );
        let shard = self.shard.map_or_else(String::new, |shard| format!(", shard {shard}"));
        let mut out = format!("{}{shard}: design {}\n\n", self.name, self.design);
        push_table(&mut out, &shapes);
        if self.shapes.len() > MOST_SHAPES {
            let _ = writeln!(out, "... and {} more shapes (--json has all)", self.shapes.len() - MOST_SHAPES);
        }
        out.push('\n');
        push_table(&mut out, &tables);
        let _ = write!(
            out,
            "\n{}, {} ({} recomputed by nalgebra), {} of matrices in {}\n\
             about {:.1e} floating-point operations, {} on disk while running\n",
            counted(self.cells, "cell"),
            counted(self.trials, "trial"),
            self.verified,
            bytes_text(self.matrix_bytes()),
            counted(self.chunks, "chunk"),
            self.flops(),
            bytes_text(u128::from(self.disk_bytes())),
        );
        if let Some(flops) = self.selection_flops {
            let _ =
                writeln!(out, "table selection iterates: at most {flops:.1e} operations more (selection.max_steps)");
        }
        if self.shard.is_some() {
            let _ = writeln!(out, "the rows go into the shard's journal; `nullsweep merge` makes the tables");
        }
        for figure in &self.figures {
            let _ = writeln!(out, "figure {}: {}, from {}.csv", figure.id, figure.shown, figure.table);
        }
        for expectation in &self.expectations {
            let _ = writeln!(out, "expectation {expectation}");
        }
        out
    }
}

/// Columns aligned to the right, two spaces apart.
fn push_table<const COLUMNS: usize>(out: &mut String, rows: &[[String; COLUMNS]]) {
    let width = |j: usize| rows.iter().map(|row| row[j].len()).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    for row in rows {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
}

/// `1 cell`, `2 cells`.
fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `1.5 MiB`.
pub(crate) fn bytes_text(bytes: u128) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1024.0;
    }
    format!("{value:.1} PiB")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::tests::{ALL, config, whole};
    use super::*;

    #[test]
    fn text_is_for_people() {
        let config = config(ALL);
        insta::assert_snapshot!(Plan::new(&config, &whole(&config.grid)).to_text(), @r"
a: design collinear

n  d  cells  trials  matrix  operations
4  5      2       6   160 B       1.9e4
8  5      2       6   320 B       4.0e4

       table  rows      about
    spectrum    12    5.2 KiB
      sigmas    54    6.8 KiB
       ridge    36    7.9 KiB
perturbation   216   47.2 KiB
  null_space    48    9.0 KiB
   left_null    12    1.7 KiB
     descent    48    8.2 KiB
  arithmetic    48    7.5 KiB
     summary   794  148.9 KiB

4 cells, 12 trials (1 recomputed by nalgebra), 2.8 KiB of matrices in 1 chunk
about 5.9e4 floating-point operations, 336.0 KiB on disk while running
");
    }
}
