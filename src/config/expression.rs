//! The conditions of `where`: comparisons of arithmetic over the axes.

mod parser;

use super::axis::Axis;

/// A condition on a point of the grid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    truth: Truth,
    /// The axes it mentions, each with the byte of its first mention.
    mentions: Vec<(Axis, usize)>,
}

/// One value per axis; NaN where the grid has no such axis.
pub(super) type Point = [f64; 6];

#[derive(Clone, Debug, PartialEq)]
enum Truth {
    Or(Box<Truth>, Box<Truth>),
    And(Box<Truth>, Box<Truth>),
    Not(Box<Truth>),
    Compare(Comparison, Number, Number),
}

#[derive(Clone, Debug, PartialEq)]
enum Number {
    Literal(f64),
    Axis(Axis),
    Negate(Box<Number>),
    Operate(Operator, Box<Number>, Box<Number>),
    Call(Function, Vec<Number>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Less,
    LessEqual,
    Equal,
    NotEqual,
    GreaterEqual,
    Greater,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Min,
    Max,
    Abs,
    Log10,
    Sqrt,
}

impl Condition {
    /// Whether the condition holds. A comparison with NaN never does.
    pub(super) fn holds(&self, point: &Point) -> bool {
        self.truth.eval(point)
    }

    /// The axes that are mentioned, each with the byte of its first mention.
    pub(super) fn mentions(&self) -> &[(Axis, usize)] {
        &self.mentions
    }
}

impl Truth {
    fn eval(&self, point: &Point) -> bool {
        match self {
            Self::Or(a, b) => a.eval(point) || b.eval(point),
            Self::And(a, b) => a.eval(point) && b.eval(point),
            Self::Not(a) => !a.eval(point),
            Self::Compare(comparison, a, b) => {
                let (a, b) = (a.eval(point), b.eval(point));
                match comparison {
                    Comparison::Less => a < b,
                    Comparison::LessEqual => a <= b,
                    Comparison::Equal => a == b,
                    Comparison::NotEqual => a != b && !a.is_nan() && !b.is_nan(),
                    Comparison::GreaterEqual => a >= b,
                    Comparison::Greater => a > b,
                }
            }
        }
    }
}

impl Number {
    fn eval(&self, point: &Point) -> f64 {
        match self {
            Self::Literal(value) => *value,
            Self::Axis(axis) => point[*axis as usize],
            Self::Negate(a) => -a.eval(point),
            Self::Operate(operator, a, b) => {
                let (a, b) = (a.eval(point), b.eval(point));
                match operator {
                    Operator::Add => a + b,
                    Operator::Subtract => a - b,
                    Operator::Multiply => a * b,
                    Operator::Divide => a / b,
                    Operator::Power => a.powf(b),
                }
            }
            Self::Call(function, arguments) => {
                let mut values = arguments.iter().map(|argument| argument.eval(point));
                let first = values.next().unwrap_or(f64::NAN);
                match function {
                    Function::Min => values.fold(first, f64::min),
                    Function::Max => values.fold(first, f64::max),
                    Function::Abs => first.abs(),
                    Function::Log10 => first.log10(),
                    Function::Sqrt => first.sqrt(),
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::parser::MAX_LENGTH;
    use super::*;

    const POINT: Point = [50.0, 20.0, 1e-3, 0.5, f64::NAN, 5.0];

    fn holds(text: &str) -> bool {
        Condition::parse(text).unwrap().holds(&POINT)
    }

    #[test]
    fn precedence_is_that_of_school() {
        for text in [
            "n >= 2*d",
            "1 + 2 * 3 == 7",
            "2 * 3 ^ 2 == 18",
            "2^3^2 == 512",
            "-2^2 == -4",
            "2^-1 == 0.5",
            "7 - 2 - 1 == 4",
            "8 / 4 / 2 == 1",
            "n < d or d < n and n == 50",
            "not n < d && !(d > n)",
            "10 <= d < 50",
            "(n > 1) and ((d) > (1))",
            "min(n, d, 3) == 3 and max(n,d) == n",
            "abs(-3) == 3 and sqrt(9) == 3",
            "abs(log10(epsilon) + 3) < 1e-12",
            "1_000 > 1e+2",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in ["n < d", "not n > d", "50 <= d < 60", "n != 50", "n == 50 and d == 50"] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn nothing_compares_with_nan() {
        for sign in ["<", "<=", "==", "!=", ">=", ">"] {
            assert!(!holds(&format!("delta {sign} 1")), "{sign}");
        }
    }

    #[test]
    fn errors_point_at_the_fault() {
        for (text, offset, length, part) in [
            ("n >= 2*", 7, 1, "ends here"),
            ("n = 5", 2, 1, "=="),
            ("n + 5", 0, 5, "a comparison"),
            ("n >= foo", 5, 3, "no `foo`"),
            ("n > 1 and d", 10, 1, "comparisons"),
            ("n > lamda", 4, 5, "did you mean `lambda`"),
            ("(n > 1", 6, 1, "`)`"),
            ("n > 1 )", 6, 1, "the end"),
            ("(n > 1) + 2 > 1", 0, 7, "numbers around"),
            ("n ** 2 > 1", 2, 2, "written ^"),
            ("min(n) > 1", 0, 6, "at least two"),
            ("n > 1.2.3", 4, 5, "not a number"),
            ("n > é", 4, 2, "found `é`"),
        ] {
            let error = Condition::parse(text).unwrap_err();
            assert_eq!((error.offset, error.length), (offset, length), "{text}: {error:?}");
            assert!(error.message.contains(part), "{text}: {error:?}");
        }
    }

    #[test]
    fn depth_and_length_are_limited() {
        let error = Condition::parse(&"(".repeat(500)).unwrap_err();
        assert!(error.message.contains("nested"), "{error:?}");
        assert!(Condition::parse(&"-".repeat(999)).is_err());
        assert!(Condition::parse(&format!("n > 1{}", " ".repeat(MAX_LENGTH))).is_err());
        let long = format!("0{} < n", "+0".repeat(490));
        assert!(Condition::parse(&long).unwrap().holds(&POINT));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,60}") {
            let _ = Condition::parse(&text);
        }

        #[test]
        fn never_panics_on_near_misses(parts in prop::collection::vec(prop::sample::select(vec![
            "n", "d", "lambda", "1", "2.5e", "(", ")", "min(", ",", "^", "*", "-", "<", "<=", "=", "==", "!", "not ",
            "and ", " or ", "&&", "||", "e-", "é", ".", "_",
        ]), 0..25)) {
            if let Ok(condition) = Condition::parse(&parts.concat()) {
                condition.holds(&POINT);
            }
        }
    }
}
