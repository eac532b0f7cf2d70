//! A report for people: what matters most comes first, no line is wider than 100 columns.

use super::{Fit, Relation, Report};
use crate::certify::{Bounds, Status};

/// Columns of the terminal.
const WIDTH: usize = 100;
/// Relations that are written out.
const MOST_RELATIONS: usize = 5;
/// Singular values that are all shown; of more, the first and the last few.
const MOST_SIGMAS: usize = 12;
/// Weights that are shown.
const MOST_WEIGHTS: usize = 40;
/// Solutions side by side.
const SOLUTIONS_ABREAST: usize = 4;
/// Above this, a relation is one of scales, not of columns.
const DEPENDENT: f64 = 1e-6;
/// Decimal digits of f64: -log10 of the unit roundoff.
const ALL_DIGITS: f64 = 15.95;

impl Report {
    /// The report on `file`, several lines without a line feed at the end.
    pub fn to_text(&self, file: &str) -> String {
        let mut lines = vec![format!("{file}: {} x {}", self.n, self.d)];
        lines.extend(wrapped("  ", &self.rank_text()));
        lines.extend(wrapped("  ", &self.kappa_text()));
        lines.extend(wrapped("  ", &self.gram_text()));
        lines.push(format!("  status {}, route {}", self.status.name(), self.route));
        lines.extend(self.relation_lines());
        lines.extend(self.sigma_lines());
        if let Some(fit) = &self.fit {
            lines.extend(self.fit_lines(fit));
        }
        lines.join("\n")
    }

    /// The verdict on the rank, with what it rests on.
    fn rank_text(&self) -> String {
        let (least, greatest) = self.rank_bounds;
        let Some(rank) = self.rank else {
            return if self.status == Status::Failed {
                "rank unknown: the iteration did not converge; the bounds below hold all the same".to_owned()
            } else {
                "rank unknown: the largest singular value may exceed the range of f64; divide X by a power of ten"
                    .to_owned()
            };
        };
        let most = self.n.min(self.d);
        if least < greatest {
            return format!(
                "rank {rank}, not certain: between {least} and {greatest} of {most} singular values count as nonzero \
                 beside the largest"
            );
        }
        let last = self.sigma_min();
        if rank == most {
            let free = if self.n < self.d {
                format!(
                    "; {} more columns than rows leave {} directions of the weights free",
                    self.d - self.n,
                    self.d - rank
                )
            } else {
                String::from(": no column depends on the others")
            };
            return format!("rank {rank} of {most}, certified{free}");
        }
        let how = if last.hi == 0.0 {
            "exactly".to_owned()
        } else if last.lo > 0.0 {
            format!(
                "for f64: the stored X has full rank, but its smallest singular value {} counts as 0 beside the largest",
                at_least(last.lo)
            )
        } else {
            format!("at f64's precision: the smallest singular value is at most {}, and may be 0", at_most(last.hi))
        };
        format!("rank {rank} of {most}, certified; rank deficient {how}")
    }

    fn kappa_text(&self) -> String {
        let Bounds { lo, hi } = self.kappa_bounds;
        let enclosed = match (lo, hi) {
            (Some(lo), Some(hi)) if hi.is_finite() => format!("between {} and {}", at_least(lo), at_most(hi)),
            (Some(lo), _) => format!("at least {}, no upper bound", at_least(lo)),
            _ => return "kappa: a matrix of zeros has no condition number".to_owned(),
        };
        match self.kappa {
            Some(kappa) => format!("kappa {} ({enclosed})", short(kappa)),
            None => format!("kappa {enclosed}"),
        }
    }

    /// What kappa leaves of the digits of a least-squares solution.
    fn gram_text(&self) -> String {
        if self.n < self.d {
            return "X'X is singular, as for every X with fewer rows than columns: normal equations cannot work"
                .to_owned();
        }
        let measured = match self.kappa_gram {
            Some(kappa) if kappa.is_finite() => format!("kappa(X'X) as measured {}", short(kappa)),
            Some(_) => "X'X as measured is singular".to_owned(),
            None => return "X'X is 0".to_owned(),
        };
        let lost = self.kappa_bounds.hi.map_or(f64::INFINITY, f64::log10);
        let left = |lost: f64| (ALL_DIGITS - lost).floor().max(0.0);
        let verdict = match left(2.0 * lost) {
            0.0 => "not safe",
            digits if digits < 6.0 => "costly",
            _ => "safe",
        };
        format!(
            "{measured}, kappa^2 {}. Normal equations are {verdict}: they leave about {} correct digits of the weights, QR or \
             SVD about {} where the residual is small",
            interval(self.kappa_squared),
            left(2.0 * lost),
            left(lost)
        )
    }

    fn relation_lines(&self) -> Vec<String> {
        let Some(null_space) = self.null_space.as_ref().filter(|null_space| null_space.nullity > 0) else {
            return Vec::new();
        };
        let nullity = null_space.nullity;
        let Some(relations) = &null_space.relations else {
            return vec![String::new(), format!("null space: dimension {nullity}, too large to be written out")];
        };
        let heading = "null space: columns that depend on each other. Adding any multiple of such a row of coefficients to the \
                       weights changes no prediction";
        let mut lines = vec![String::new()];
        lines.extend(wrapped("", &format!("{heading} (dimension {nullity})")));
        for relation in relations.iter().take(MOST_RELATIONS) {
            lines.extend(wrapped("  ", &relation.to_text(&self.names)));
        }
        if nullity > MOST_RELATIONS {
            lines.push(format!("  and {} more", nullity - MOST_RELATIONS));
        }
        lines
    }

    fn sigma_lines(&self) -> Vec<String> {
        let count = self.sigmas.len();
        let mut lines =
            vec![String::new(), format!("{:>6}  {:<24}{:<24}{:<24}", "sigma", "value", "at least", "at most")];
        for (i, sigma) in self.sigmas.iter().enumerate() {
            let ends = MOST_SIGMAS / 2;
            if count > MOST_SIGMAS && (ends..count - ends).contains(&i) {
                if i == ends {
                    lines.push(format!("{:>6}  {} more", "...", count - 2 * ends));
                }
                continue;
            }
            // An enclosure that contains 0 supports no digit of the value.
            let value = match sigma.value {
                Some(value) if sigma.lo > 0.0 || sigma.hi == 0.0 => format!("{value:e}"),
                Some(_) => "not resolved".to_owned(),
                None => "not known".to_owned(),
            };
            let line =
                format!("{:>6}  {value:<24}{:<24}{:<24}", i + 1, format!("{:e}", sigma.lo), format!("{:e}", sigma.hi));
            lines.push(line.trim_end().to_owned());
        }
        lines
    }

    fn fit_lines(&self, fit: &Fit) -> Vec<String> {
        let share =
            fit.irreducible_fraction.map_or_else(String::new, |share| format!(", {} of ||y||^2", percent(share)));
        let mut lines = vec![String::new()];
        lines.extend(wrapped(
            "",
            &format!("target {}: no weights explain {} of it{share}", fit.target, short(fit.irreducible_norm)),
        ));
        for solutions in fit.solutions.chunks(SOLUTIONS_ABREAST) {
            let row = |name: &str, values: Vec<String>| {
                let values: String = values.iter().map(|value| format!("{value:>18}")).collect();
                format!("  {:<24}{values}", fitting(name, 24))
            };
            let heading =
                |lambda: f64| if lambda == 0.0 { "minimum norm".to_owned() } else { format!("lambda {lambda}") };
            lines.push(row("weights", solutions.iter().map(|s| fitting(&heading(s.lambda), 17)).collect()));
            for (j, name) in self.names.iter().enumerate().take(MOST_WEIGHTS) {
                lines.push(row(name, solutions.iter().map(|s| short(s.w[j])).collect()));
            }
            if self.d > MOST_WEIGHTS {
                lines.push(format!("  and {} more; --json has them all", self.d - MOST_WEIGHTS));
            }
            lines.push(row("residual norm", solutions.iter().map(|s| short(s.residual_norm)).collect()));
        }
        lines
    }
}

impl Relation {
    /// The relation in words of the columns: `12 * years - 1 * months = 0`, with its evidence.
    fn to_text(&self, names: &[String]) -> String {
        const MOST_TERMS: usize = 12;
        let terms = self.weights.iter().zip(names).filter(|(weight, _)| **weight != 0.0);
        let sum: String = terms
            .take(MOST_TERMS)
            .enumerate()
            .map(|(i, (weight, name))| {
                let sign = match (i, weight.is_sign_positive()) {
                    (0, true) => "",
                    (0, false) => "-",
                    (_, true) => " + ",
                    (_, false) => " - ",
                };
                format!("{sign}{} * {}", short(weight.abs()), fitting(name, 40))
            })
            .collect();
        let more = match self.terms() {
            terms if terms > MOST_TERMS => format!(" + ... ({} more terms)", terms - MOST_TERMS),
            _ => String::new(),
        };
        let evidence = match self.relative_residual {
            0.0 => "residual 0".to_owned(),
            residual if residual <= DEPENDENT => format!("to {residual:.0e} relative"),
            _ => "only beside much larger columns: rescale the columns and diagnose again".to_owned(),
        };
        format!("{sum}{more} = 0 ({evidence})")
    }
}

/// `text` in lines of at most [`WIDTH`], broken at blanks; the first begins with `indent`, the others two blanks further.
fn wrapped(indent: &str, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = indent.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, format!("{indent}  ")));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line);
    lines
}

/// `text` cut to `width` characters.
fn fitting(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 3).chain("...".chars()).collect()
}

/// Six significant digits, plain where that is short.
fn short(x: f64) -> String {
    const DIGITS: i32 = 6;
    let scientific = format!("{x:.5e}");
    let exponent = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok());
    let Some(exponent) = exponent.filter(|_| x != 0.0) else { return format!("{x}") };
    let trimmed = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    if (-4..DIGITS).contains(&exponent) {
        let decimals = usize::try_from(DIGITS - 1 - exponent).unwrap_or(0);
        return trimmed(&format!("{x:.decimals$}"));
    }
    scientific.split_once('e').map_or(scientific.clone(), |(digits, _)| format!("{}e{exponent}", trimmed(digits)))
}

/// [`short`], never above `x`, which is at least 0.
fn at_least(x: f64) -> String {
    let text = short(x);
    if text.parse().is_ok_and(|shown: f64| shown <= x) { text } else { short(x * (1.0 - 1e-5)) }
}

/// [`short`], never below `x`, which is at least 0.
fn at_most(x: f64) -> String {
    let text = short(x);
    if text.parse().is_ok_and(|shown: f64| shown >= x) { text } else { short(x * (1.0 + 1e-5)) }
}

fn interval(bounds: Bounds) -> String {
    match (bounds.lo, bounds.hi) {
        (Some(lo), Some(hi)) if hi.is_finite() => format!("between {} and {}", at_least(lo), at_most(hi)),
        (Some(lo), _) => format!("at least {}", at_least(lo)),
        _ => "undefined".to_owned(),
    }
}

fn percent(share: f64) -> String {
    format!("{} %", short(100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_plain_where_that_is_short() {
        for (x, text) in [
            (12.0, "12"),
            (2.54, "2.54"),
            (-0.5, "-0.5"),
            (0.0, "0"),
            (123_456.7, "123457"),
            (1e6, "1e6"),
            (0.000_123_456_78, "0.000123457"),
            (1.5e-7, "1.5e-7"),
            (999_999.9, "1e6"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(short(x), text);
        }
    }

    #[test]
    fn bounds_stay_bounds_when_they_are_shortened() {
        let mut x = 1.234_567_89e-7;
        for _ in 0..200 {
            assert!(at_least(x).parse::<f64>().is_ok_and(|shown| shown <= x && shown > x * 0.999_98), "{x}");
            assert!(at_most(x).parse::<f64>().is_ok_and(|shown| shown >= x && shown < x * 1.000_02), "{x}");
            x *= 1.37;
        }
    }

    #[test]
    fn long_lines_are_wrapped_and_long_names_cut() {
        let lines = wrapped("  ", &"word ".repeat(60));
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
        assert!(lines[1].starts_with("    word"));
        assert_eq!(fitting("a rather long name", 10), "a rathe...");
    }

    #[test]
    fn a_relation_reads_as_an_equation_with_its_evidence() {
        let names = ["years", "months", "bonus"].map(str::to_owned);
        let text = |weights: [f64; 3], relative_residual| {
            Relation { weights: weights.to_vec(), relative_residual }.to_text(&names)
        };
        assert_eq!(text([12.0, -1.0, 0.0], 0.0), "12 * years - 1 * months = 0 (residual 0)");
        assert_eq!(text([0.0, 1.0, 2.54], 1.23e-16), "1 * months + 2.54 * bonus = 0 (to 1e-16 relative)");
        assert!(text([0.0, 0.0, 1.0], 1.0).contains("rescale"));
        assert!(text([0.0, 0.0, 1.0], f64::NAN).contains("rescale"));
    }
}
