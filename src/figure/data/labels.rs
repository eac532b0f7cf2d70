//! Columns, expressions and numbers as markup.

use crate::expression::{Formula, Function, Number, Operator, Vocabulary};
use crate::figure::label::escape;
use crate::figure::symbols::{Symbol, symbol};

/// Significant digits of a number in a name, unless that makes two alike.
const DIGITS: usize = 4;

/// The label of a column: its symbol, or its name.
pub(super) fn of_column(name: &str) -> String {
    symbol(name).map_or_else(|| escape(name), Symbol::label)
}

/// The label of an expression: that of its column if it is no more than one, else mathematics.
pub(super) fn of_formula(formula: &Formula, vocabulary: &Vocabulary<'_>) -> String {
    match formula.as_variable() {
        Some(variable) => of_column(vocabulary.variables[variable].name),
        None => format!("${}$", Writer { vocabulary }.term(formula.number(), Tightness::Loose)),
    }
}

/// A number with all of its digits, as markup.
pub(super) fn of_number(value: f64) -> String {
    as_markup(&shortest(value))
}

/// Numbers as markup: of four significant digits, or all where that would make two of them alike.
pub(super) fn of_numbers(values: &[f64]) -> Vec<String> {
    let short: Vec<String> = values.iter().map(|value| as_markup(&rounded(*value))).collect();
    let alike = short.iter().enumerate().any(|(at, one)| short[..at].contains(one));
    if alike { values.iter().map(|value| of_number(*value)).collect() } else { short }
}

/// Digits and an exponent of 10; `None` for numbers that are read more easily without.
type Scientific = (String, Option<i32>);

fn shortest(value: f64) -> Scientific {
    split(value, &format!("{value:e}"))
}

fn rounded(value: f64) -> Scientific {
    let digits = DIGITS - 1;
    let text = format!("{value:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    split(value, &format!("{mantissa}e{exponent}"))
}

/// `text` is a number as `{:e}` writes it, near `value`.
fn split(value: f64, text: &str) -> Scientific {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value == 0.0 || (-3..=5).contains(&exponent) {
        // Parsing what was just formatted cannot fail.
        return (text.parse::<f64>().map_or_else(|_| text.to_owned(), |value| value.to_string()), None);
    }
    (mantissa.to_owned(), Some(exponent))
}

/// Inside mathematics.
fn in_mathematics((digits, exponent): &Scientific) -> String {
    match (digits.as_str(), exponent) {
        (digits, None) => digits.to_owned(),
        ("1", Some(exponent)) => format!("10^{{{exponent}}}"),
        ("-1", Some(exponent)) => format!("-10^{{{exponent}}}"),
        (digits, Some(exponent)) => format!("{digits} \\times 10^{{{exponent}}}"),
    }
}

fn as_markup(number: &Scientific) -> String {
    let text = in_mathematics(number);
    // A hyphen is no minus sign outside mathematics.
    if number.1.is_some() || text.starts_with('-') { format!("${text}$") } else { text }
}

/// How tightly what stands around an operand binds: an operand that binds less tightly goes into parentheses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Tightness {
    Loose,
    Sum,
    Product,
    Power,
    /// What carries an exponent.
    Base,
}

/// Writes arithmetic as LaTeX does.
struct Writer<'a> {
    vocabulary: &'a Vocabulary<'a>,
}

impl Writer<'_> {
    fn term(&self, number: &Number, around: Tightness) -> String {
        let (text, own) = match number {
            Number::Literal(value) => {
                let number = shortest(*value);
                let own = if number.1.is_some() { Tightness::Product } else { Tightness::Base };
                (in_mathematics(&number), own)
            }
            Number::Variable(variable) => self.variable(*variable),
            Number::Negate(inner) => (format!("-{}", self.term(inner, Tightness::Product)), Tightness::Sum),
            Number::Operate(operator, a, b) => self.operation(*operator, a, b),
            Number::Call(function, arguments) => (self.call(*function, arguments), Tightness::Power),
        };
        if own < around { format!("({text})") } else { text }
    }

    fn variable(&self, variable: usize) -> (String, Tightness) {
        let name = self.vocabulary.variables[variable].name;
        let text = match symbol(name) {
            Some(Symbol::Letter(letter)) => letter.to_owned(),
            Some(Symbol::Words(words)) if !words.contains('$') => format!("\\text{{{words}}}"),
            _ => format!("\\text{{{}}}", escape(name)),
        };
        // Nothing has two exponents.
        let own = if text.contains('^') { Tightness::Power } else { Tightness::Base };
        (text, own)
    }

    fn operation(&self, operator: Operator, a: &Number, b: &Number) -> (String, Tightness) {
        use Tightness::{Base, Power, Product, Sum};
        let tighter = |own| if own == Sum { Product } else { Power };
        let (left, sign, right, own) = match operator {
            Operator::Add => (Sum, " + ", Sum, Sum),
            Operator::Subtract => (Sum, " - ", tighter(Sum), Sum),
            Operator::Multiply => (Product, " ", Product, Product),
            Operator::Divide => (Product, " / ", tighter(Product), Product),
            Operator::Power => {
                let exponent = self.term(b, Tightness::Loose);
                return (format!("{}^{{{exponent}}}", self.term(a, Base)), Power);
            }
        };
        // Digits beside digits would be one number.
        let digits = matches!(b, Number::Literal(_))
            || matches!(b, Number::Operate(Operator::Power, base, _) if matches!(**base, Number::Literal(_)));
        let sign = if operator == Operator::Multiply && digits { " \\cdot " } else { sign };
        (format!("{}{sign}{}", self.term(a, left), self.term(b, right)), own)
    }

    fn call(&self, function: Function, arguments: &[Number]) -> String {
        let list: Vec<String> = arguments.iter().map(|argument| self.term(argument, Tightness::Loose)).collect();
        let list = list.join(", ");
        match function {
            Function::Sqrt => format!("\\sqrt{{{list}}}"),
            Function::Abs => format!("|{list}|"),
            Function::Min => format!("\\min({list})"),
            Function::Max => format!("\\max({list})"),
            Function::Log => format!("\\log({list})"),
            Function::Log2 => format!("\\log_2({list})"),
            Function::Log10 => format!("\\log_{{10}}({list})"),
            Function::Exp => format!("\\exp({list})"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expression::Kind;
    use crate::figure::label::Label;
    use crate::measure::TableId;
    use crate::reading::{SUMMARY, columns, vocabulary};

    fn label(table: &str, text: &str) -> String {
        let vocabulary = vocabulary(&columns(table, &[]).unwrap());
        of_formula(&Formula::parse(text, &vocabulary).unwrap(), &vocabulary)
    }

    #[test]
    fn expressions_read_as_mathematics() {
        for (text, expected) in [
            ("kappa", "$\\kappa$"),
            ("d / n", "$d / n$"),
            ("kappa / n ^ 2", "$\\kappa / n^{2}$"),
            ("log(kappa)", "$\\log(\\kappa)$"),
            ("(n - d) * 2 * n", "$(n - d) \\cdot 2 n$"),
            ("n / (d * 2)", "$n / (d \\cdot 2)$"),
            ("n - (d - 1)", "$n - (d - 1)$"),
            ("kappa_squared ^ 0.5", "$(\\kappa^2)^{0.5}$"),
            ("-d + 1e-16", "$-d + 10^{-16}$"),
            ("abs(rank - d) / max(n, d)", "$|\\text{rank} - d| / \\max(n, d)$"),
        ] {
            assert_eq!(label("spectrum", text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_as_short_as_they_can_be_told_apart() {
        let numbers = of_numbers(&[0.0, 40.0, 0.25, 1e-12, 2.5e-7, 1e6, -1e-9, -3.0, 0.003_162_277_660_168_379_4]);
        let expected =
            ["0", "40", "0.25", "$10^{-12}$", "$2.5 \\times 10^{-7}$", "$10^{6}$", "$-10^{-9}$", "$-3$", "0.003162"];
        assert_eq!(numbers, expected);
        assert_eq!(of_numbers(&[1.000_01, 1.000_02]), ["1.00001", "1.00002"]);
    }

    #[test]
    fn the_label_of_every_column_can_be_set_alone_and_in_an_expression() {
        for table in TableId::ALL.map(TableId::name).into_iter().chain([SUMMARY]) {
            let vocabulary = vocabulary(&columns(table, &TableId::ALL).unwrap());
            for variable in &vocabulary.variables {
                Label::parse(&of_column(variable.name)).unwrap_or_else(|error| panic!("{}: {error}", variable.name));
                if variable.kind == Kind::Number {
                    let text = format!("-{0} * 2 ^ ({0} / 3e-9)", variable.name);
                    let label = of_formula(&Formula::parse(&text, &vocabulary).unwrap(), &vocabulary);
                    Label::parse(&label).unwrap_or_else(|error| panic!("{label}: {error}"));
                }
            }
        }
    }
}
