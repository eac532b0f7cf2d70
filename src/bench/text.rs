//! A benchmark for a terminal.

use comfy_table::{CellAlignment, Table, presets};

use super::crossover::Crossover;
use super::part::{Part, Path};
use super::report::Report;
use super::rows::SummaryRow;
use crate::engine::Clock;

/// Parts of a matrix's way, in the order of the columns.
const PARTS: [Part; 9] = [
    Part::Generate,
    Part::Values,
    Part::Factor,
    Part::Upload,
    Part::Kernel,
    Part::Readback,
    Part::Certify,
    Part::Certified,
    Part::Gram,
];

impl Report {
    /// Machine, roofline, a line for every case and path, crossovers, warnings.
    pub fn to_text(&self) -> String {
        let mut text: Vec<String> = self.engines.iter().map(|(_, engine)| engine.clone()).collect();
        if self.software {
            text.push(
                "the adapter is a SOFTWARE one: the gpu path runs on this CPU, and its times say nothing about a GPU"
                    .to_owned(),
            );
        }
        text.extend(self.note.clone());
        text.extend(self.kernels.iter().map(|(shape, kernels)| format!("{shape}: {kernels}")));
        text.push(String::new());
        text.push(self.limits());
        text.push(
            "\nmicroseconds a matrix, median; in brackets half the width of its 95 % interval in percent".to_owned(),
        );
        text.push(self.times());
        text.extend(self.kernel_clock().map(str::to_owned));
        text.push("\nfactor (singular values and V): work and rates".to_owned());
        text.push(self.rates());
        if !self.crossovers.is_empty() {
            text.push("\ncpu or gpu".to_owned());
            text.extend(self.crossovers.iter().map(Crossover::to_text));
        }
        text.extend(self.opening());
        text.extend(self.drift());
        text.extend(self.fallbacks());
        text.join("\n")
    }

    /// What the probes attained in their best samples, as the roofline takes them.
    fn limits(&self) -> String {
        let of = |part: Part| self.summary.iter().filter(move |row| row.part == part);
        let lines = of(Part::Fma).zip(of(Part::Triad)).map(|(fma, triad)| {
            let at_best = |row: &SummaryRow, rate: Option<f64>| {
                rate.map_or(f64::NAN, |rate| rate * row.median_seconds / row.best_seconds / 1e9)
            };
            format!(
                "this CPU, {} thread{}: FMA {:.1} GFLOP/s, triad {:.1} GB/s at best",
                fma.threads,
                if fma.threads == 1 { "" } else { "s" },
                at_best(fma, fma.flops_per_second),
                at_best(triad, triad.bytes_per_second)
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Every case and path, once each, in order.
    fn lines(&self) -> Vec<&SummaryRow> {
        self.summary.iter().filter(|row| row.part == Part::Factor).collect()
    }

    fn row(&self, line: &SummaryRow, part: Part) -> Option<&SummaryRow> {
        let key = |row: &SummaryRow| (row.n, row.d, row.batch, row.path);
        self.summary.iter().find(|row| row.part == part && key(row) == key(line))
    }

    fn times(&self) -> String {
        // A column that no path fills would only take room.
        let parts: Vec<Part> =
            PARTS.into_iter().filter(|part| self.summary.iter().any(|row| row.part == *part)).collect();
        let mut table = new_table(parts.iter().map(|part| part.name()));
        for line in self.lines() {
            let mut cells = head(line);
            cells.extend(parts.iter().map(|&part| self.row(line, part).map_or_else(String::new, time)));
            table.add_row(cells);
        }
        finished(table)
    }

    /// Whose clock the kernels' times are by, where there are any.
    fn kernel_clock(&self) -> Option<&'static str> {
        let kernels = self.summary.iter().filter(|row| row.part == Part::Kernel);
        Some(match kernels.map(|row| row.clock).reduce(Clock::of_sum)? {
            Clock::Device => "kernel is by the device's own clock, without the waiting for its driver",
            Clock::Host => {
                "kernel is not by the device's own clock everywhere (column clock): by the host's it includes the waiting \
                 for the driver"
            }
        })
    }

    fn rates(&self) -> String {
        let names = ["sweeps", "Mflop formula", "Mflop executed", "GFLOP/s", "GB/s", "of roofline", "times cpu"];
        let mut table = new_table(names.into_iter());
        for line in self.lines() {
            let number =
                |value: Option<f64>, unit: f64| value.map_or_else(String::new, |value| three_digits(value / unit));
            let mut cells = head(line);
            cells.extend([
                number(line.jacobi_sweeps, 1.0),
                number(line.flops_formula, 1e6),
                number(line.flops_executed, 1e6),
                number(line.flops_per_second, 1e9),
                number(line.bytes_per_second, 1e9),
                line.roofline_share.map_or_else(String::new, |share| format!("{:.1} %", 100.0 * share)),
                number(line.speedup, 1.0),
            ]);
            table.add_row(cells);
        }
        finished(table)
    }

    /// What a GPU costs before the first matrix.
    fn opening(&self) -> Option<String> {
        let open = self.summary.iter().find(|row| row.part == Part::Open)?;
        let slowest = self
            .lines()
            .into_iter()
            .filter(|line| line.path == Path::Gpu)
            .filter_map(|line| Some(line.cold_seconds? - line.median_seconds))
            .max_by(f64::total_cmp)?;
        Some(format!(
            "\ncold start of the gpu path: {:.3} s for adapter, device and self-test; the first batch of a shape takes up \
             to {slowest:.3} s longer than later ones (its kernels are compiled)",
            open.median_seconds
        ))
    }

    /// Points whose times went one way while they were measured.
    fn drift(&self) -> Option<String> {
        let drifting: Vec<String> = self
            .summary
            .iter()
            .filter_map(|row| {
                let direction = row.drift.filter(|&drift| drift != "none")?;
                Some(format!("  {} {direction}, {:+.1} %", point(row), 100.0 * row.drift_change?))
            })
            .collect();
        let tested = self.summary.iter().filter(|row| row.drift.is_some()).count();
        (!drifting.is_empty()).then(|| {
            format!(
                "\ndrift (rank test at 1 %; of {tested} points about {:.0} would show one by chance): last third against first\n{}",
                (tested as f64 / 100.0).max(1.0),
                drifting.join("\n")
            )
        })
    }

    /// Points whose time is not that of the device alone.
    fn fallbacks(&self) -> Option<String> {
        let served: Vec<String> = self
            .summary
            .iter()
            .filter_map(|row| {
                let count = row.served_by_cpu.filter(|&count| count > 0)?;
                Some(format!("  {}: {count} of {}", point(row), row.batch?))
            })
            .collect();
        (!served.is_empty()).then(|| {
            format!(
                "\nthe device gave no usable answer for these matrices, and the CPU's time is included:\n{}",
                served.join("\n")
            )
        })
    }
}

impl Crossover {
    fn to_text(&self) -> String {
        let verdict = match (self.cpu_ahead_to, self.gpu_ahead_from) {
            (_, Some(batch)) if Some(&batch) == self.batches.first() => {
                "the gpu path is ahead at every batch".to_owned()
            }
            (Some(batch), None) if Some(&batch) == self.batches.last() => {
                "the cpu path is ahead at every batch".to_owned()
            }
            (Some(to), Some(from)) => format!("the cpu path is ahead to batch {to}, the gpu path from batch {from} on"),
            (None, Some(from)) => format!("the gpu path is ahead from batch {from} on, below that neither for certain"),
            (Some(to), None) => format!("the cpu path is ahead to batch {to}, above that neither for certain"),
            (None, None) => "neither path is ahead for certain".to_owned(),
        };
        format!("  {:>9} {:<10} {verdict}", format!("{}x{}", self.n, self.d), self.part)
    }
}

fn point(row: &SummaryRow) -> String {
    let case = head(row);
    let batch = if case[1].is_empty() { String::new() } else { format!(" batch {}", case[1]) };
    format!("{}{batch} {} {}", case[0], case[2], row.part.name()).trim_start().to_owned()
}

/// The columns that [`head`] fills.
const HEAD: [&str; 3] = ["n x d", "batch", "path"];

fn head(row: &SummaryRow) -> Vec<String> {
    let shape = row.n.zip(row.d).map_or_else(String::new, |(n, d)| format!("{n}x{d}"));
    vec![shape, row.batch.map_or_else(String::new, |batch| batch.to_string()), row.path.name().to_owned()]
}

fn new_table(columns: impl Iterator<Item = &'static str>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(HEAD.into_iter().chain(columns).collect::<Vec<_>>());
    table
}

fn finished(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// Median in microseconds a matrix; of a whole step of a run with half the width of its interval in percent (the table has
/// no room for all of them, bench-summary.csv has).
fn time(row: &SummaryRow) -> String {
    let Some(seconds) = row.seconds_per_matrix else { return String::new() };
    let micros = three_digits(seconds * 1e6);
    match row.median_lo.zip(row.median_hi).filter(|_| matches!(row.part, Part::Factor | Part::Certified)) {
        Some((lo, hi)) => format!("{micros} ({:.0})", 50.0 * (hi - lo) / row.median_seconds),
        None => micros,
    }
}

/// Three significant digits, without an exponent below a million.
fn three_digits(x: f64) -> String {
    if x.abs() >= 1e6 || (x != 0.0 && x.abs() < 1e-3) {
        return format!("{x:.2e}");
    }
    let decimals = [1.0, 10.0, 100.0].iter().filter(|&&limit| x.abs() < limit).count();
    format!("{x:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_or_what_is_before_the_point() {
        let shown = [0.0, 0.012_345, 1.234_5, 12.345, 123.45, 12_345.6, 1.234e7, 1.2e-5].map(three_digits);
        assert_eq!(shown, ["0.000", "0.012", "1.23", "12.3", "123", "12346", "1.23e7", "1.20e-5"]);
    }

    #[test]
    fn a_crossover_is_a_sentence() {
        let of = |cpu_ahead_to, gpu_ahead_from| {
            Crossover { n: 6, d: 12, part: "factor", gpu_ahead_from, cpu_ahead_to, batches: vec![1, 8, 64] }.to_text()
        };
        assert!(of(None, Some(1)).ends_with("the gpu path is ahead at every batch"));
        assert!(of(Some(64), None).ends_with("the cpu path is ahead at every batch"));
        assert!(of(Some(1), Some(64)).ends_with("ahead to batch 1, the gpu path from batch 64 on"));
        assert!(of(None, None).ends_with("neither path is ahead for certain"));
    }
}
