//! The status in words.

use std::fmt::Write as _;

use super::Status;
use crate::cli::ranges::{MOST_SHOWN, Ranges};
use crate::cluster::launch::quote::shell;
use crate::cluster::{Survey, Unfinished, Worker};
use crate::printable::{field, printable};

impl Status<'_> {
    /// For people: what is there, what is not, and what to do about it.
    pub(super) fn to_text(&self) -> String {
        let Self { plan, survey, .. } = self;
        let mut out = String::new();
        // Writing to memory cannot fail.
        let _ = writeln!(
            out,
            "{}: {} of {} shards are published, {} of {} trials ({} rows in all)",
            plan.name,
            survey.parts.len(),
            plan.shards,
            survey.trials(),
            plan.trials,
            plan.rows
        );
        out += &unfinished_text(survey);
        if let Some(engine) = &self.engine {
            let _ = writeln!(out, "  {engine}");
        }
        if let Some(rate) = self.rate() {
            let _ = writeln!(out, "  rate: {} trials a second and process", significant(rate));
        }
        if let Some(seconds) = self.seconds_left() {
            let _ = writeln!(out, "  {} left with {} at work", duration(seconds), self.under_way().count());
        }
        let plan_path = shell(&self.layout.plan().display().to_string());
        let _ = match (survey.is_complete(), self.merged) {
            (true, true) => writeln!(out, "  merged: the tables are in {}", self.layout.run().display()),
            (true, false) => writeln!(out, "  to be merged: nullsweep merge --plan {plan_path}"),
            (false, _) => writeln!(
                out,
                "  a shard by hand: nullsweep shard --plan {} --index {}",
                plan_path, survey.unfinished[0].index
            ),
        };
        out
    }
}

/// What is known of every shard that is not published, a line for each, as many as a terminal takes.
pub(in crate::cli) fn unfinished_text(survey: &Survey) -> String {
    let mut out = String::new();
    let under_way: Vec<&Unfinished> = survey.unfinished.iter().filter(|shard| shard.is_under_way()).collect();
    for shard in under_way.iter().take(MOST_SHOWN) {
        let workers: Vec<String> = shard.workers.iter().map(worker).collect();
        let _ = writeln!(out, "  under way: shard {} by {}", shard.index, workers.join(" and by "));
    }
    push_more(&mut out, under_way.len());
    let failed: Vec<_> = survey.failures().collect();
    for failure in failed.iter().take(MOST_SHOWN) {
        let times = if failure.failures > 1 { format!(", {} times so far", failure.failures) } else { String::new() };
        let _ = writeln!(
            out,
            "  failed: shard {} on {} at {} (exit code {}{times})",
            failure.shard,
            field(&failure.owner.host),
            field(&failure.owner.since),
            failure.exit
        );
        push_lines(&mut out, &failure.error);
    }
    push_more(&mut out, failed.len());
    let passing = survey.unfinished.iter().filter(|shard| !shard.is_under_way());
    let passing: Vec<_> = passing.filter_map(|shard| shard.failure.as_ref()).filter(|f| !f.is_final()).collect();
    for failure in passing.iter().take(MOST_SHOWN) {
        let _ = writeln!(
            out,
            "  tried {}, and may succeed when it is tried again: shard {}, last on {} at {}",
            if failure.failures == 1 { "once".to_owned() } else { format!("{} times", failure.failures) },
            failure.shard,
            field(&failure.owner.host),
            field(&failure.owner.since)
        );
        push_lines(&mut out, &failure.error);
    }
    push_more(&mut out, passing.len());
    let invalid: Vec<_> = survey.unfinished.iter().filter_map(|s| Some((s.index, s.invalid.as_ref()?))).collect();
    for (index, invalid) in invalid.iter().take(MOST_SHOWN) {
        let _ = writeln!(out, "  shard {index}: {invalid}");
    }
    push_more(&mut out, invalid.len());
    let mut waiting = Ranges::default();
    for shard in &survey.unfinished {
        if !shard.is_under_way() && shard.failure.is_none() && shard.invalid.is_none() {
            waiting.push(shard.index as usize);
        }
    }
    if !waiting.is_empty() {
        let _ = writeln!(out, "  not begun, or killed: {waiting}");
    }
    out
}

/// An error's words, set in.
fn push_lines(out: &mut String, words: &str) {
    for line in words.lines() {
        let _ = writeln!(out, "    {}", printable(line));
    }
}

/// Says that there are more than were shown.
fn push_more(out: &mut String, count: usize) {
    if count > MOST_SHOWN {
        let _ = writeln!(out, "  and {} more (--json has all)", count - MOST_SHOWN);
    }
}

fn worker(worker: &Worker) -> String {
    let quiet =
        worker.quiet.map_or(String::new(), |quiet| format!(", last wrote {} ago", duration(quiet.as_secs_f64())));
    let doubt = if worker.is_certain { "" } else { ", if it is still alive" };
    format!("{}{quiet}{doubt}", worker.owner)
}

/// `0.042`, `3.2`, `4321`.
fn significant(value: f64) -> String {
    let decimals = if value >= 10.0 {
        0
    } else if value >= 1.0 {
        1
    } else {
        3
    };
    format!("{value:.decimals$}")
}

/// `12 s`, `3 min 20 s`, `5 h 2 min`, `12 d 3 h`.
fn duration(seconds: f64) -> String {
    // Saturates, which is long enough for everybody.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and saturating")]
    let whole = seconds.ceil().max(0.0) as u64;
    let (minutes, hours, days) = (whole / 60, whole / 3600, whole / 86_400);
    match () {
        () if days > 0 => format!("{days} d {} h", hours % 24),
        () if hours > 0 => format!("{hours} h {} min", minutes % 60),
        () if minutes > 0 => format!("{minutes} min {} s", whole % 60),
        () => format!("{whole} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_rates_have_two_digits_or_more() {
        let texts = [0.2, 12.0, 200.0, 18_120.0, 1_047_600.0].map(duration);
        assert_eq!(texts, ["1 s", "12 s", "3 min 20 s", "5 h 2 min", "12 d 3 h"]);
        assert_eq!([0.0421, 3.21, 4321.4].map(significant), ["0.042", "3.2", "4321"]);
    }
}
