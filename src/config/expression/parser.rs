//! The grammar of `where`, by recursive descent:
//!
//! ```text
//! or         = and  { ("or" | "||") and }
//! and        = not  { ("and" | "&&") not }
//! not        = ("not" | "!") not | comparison
//! comparison = sum  { ("<" | "<=" | "==" | "!=" | ">=" | ">") sum }      10 <= n < 20 means both
//! sum        = term { ("+" | "-") term }
//! term       = sign { ("*" | "/") sign }
//! sign       = ("-" | "+") sign | power
//! power      = atom [ "^" sign ]
//! atom       = number | axis | function "(" or { "," or } ")" | "(" or ")"
//! ```

use super::{Comparison, Condition, Function, Number, Operator, Truth};
use crate::config::axis::Axis;
use crate::config::diagnostic::did_you_mean;
use crate::config::keys;

/// Longest condition, in bytes.
pub(super) const MAX_LENGTH: usize = 1000;
/// Deepest nesting of parentheses, signs and negations.
const MAX_DEPTH: usize = 50;

const FUNCTIONS: [(&str, Function); 5] = [
    ("min", Function::Min),
    ("max", Function::Max),
    ("abs", Function::Abs),
    ("log10", Function::Log10),
    ("sqrt", Function::Sqrt),
];

/// Why a text is no condition: `length` bytes from byte `offset` on are at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) struct SyntaxError {
    pub(in crate::config) offset: usize,
    pub(in crate::config) length: usize,
    pub(in crate::config) message: String,
}

impl Condition {
    /// Parses `text`.
    ///
    /// # Errors
    /// The first place that does not fit the grammar.
    pub(in crate::config) fn parse(text: &str) -> Result<Self, SyntaxError> {
        if text.len() > MAX_LENGTH {
            let message = format!("a condition is at most {MAX_LENGTH} bytes long, this one has {}", text.len());
            return Err(SyntaxError { offset: 0, length: text.len(), message });
        }
        let mut parser = Parser { text, at: 0, depth: 0, mentions: Vec::new() };
        let expression = parser.or()?;
        let truth = expression.truth("a comparison such as n >= 2*d")?;
        parser.skip_space();
        if parser.at < text.len() {
            return Err(parser.unexpected("the end"));
        }
        Ok(Self { truth, mentions: parser.mentions })
    }
}

/// A parsed part with its stretch of the text.
struct Part {
    kind: Kind,
    start: usize,
    end: usize,
}

enum Kind {
    Truth(Truth),
    Number(Number),
}

impl Part {
    fn truth(self, wanted: &str) -> Result<Truth, SyntaxError> {
        match self.kind {
            Kind::Truth(truth) => Ok(truth),
            Kind::Number(_) => Err(error(self.start, self.end, format!("expected {wanted}, found a number"))),
        }
    }

    fn number(self, wanted: &str) -> Result<Number, SyntaxError> {
        match self.kind {
            Kind::Number(number) => Ok(number),
            Kind::Truth(_) => Err(error(self.start, self.end, format!("expected {wanted}, found a comparison"))),
        }
    }
}

fn error(start: usize, end: usize, message: impl Into<String>) -> SyntaxError {
    SyntaxError { offset: start, length: (end - start).max(1), message: message.into() }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    mentions: Vec<(Axis, usize)>,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Part, SyntaxError> {
        self.joined(Self::and, &["||", "or"], "both sides of `or` to be comparisons", Truth::Or)
    }

    fn and(&mut self) -> Result<Part, SyntaxError> {
        self.joined(Self::not, &["&&", "and"], "both sides of `and` to be comparisons", Truth::And)
    }

    fn joined(
        &mut self,
        inner: fn(&mut Self) -> Result<Part, SyntaxError>,
        words: &[&str],
        wanted: &str,
        join: fn(Box<Truth>, Box<Truth>) -> Truth,
    ) -> Result<Part, SyntaxError> {
        let mut left = inner(self)?;
        while words.iter().any(|word| self.eat(word)) {
            let right = inner(self)?;
            let (start, end) = (left.start, right.end);
            let truth = join(Box::new(left.truth(wanted)?), Box::new(right.truth(wanted)?));
            left = Part { kind: Kind::Truth(truth), start, end };
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Part, SyntaxError> {
        self.skip_space();
        let start = self.at;
        if self.rest().starts_with("!=") || !(self.eat("!") || self.eat("not")) {
            return self.comparison();
        }
        let inner = self.deeper(Self::not)?;
        let end = inner.end;
        let truth = inner.truth("a comparison after `not`")?;
        Ok(Part { kind: Kind::Truth(Truth::Not(Box::new(truth))), start, end })
    }

    fn comparison(&mut self) -> Result<Part, SyntaxError> {
        let mut left = self.sum()?;
        let start = left.start;
        let mut chain: Option<Truth> = None;
        while let Some(comparison) = self.comparison_sign()? {
            let right = self.sum()?;
            let (a, end) = (left.number("a number to compare")?, right.end);
            let (right_start, b) = (right.start, right.number("a number to compare")?);
            let link = Truth::Compare(comparison, a, b.clone());
            chain = Some(match chain {
                Some(chain) => Truth::And(Box::new(chain), Box::new(link)),
                None => link,
            });
            left = Part { kind: Kind::Number(b), start: right_start, end };
        }
        match chain {
            Some(truth) => Ok(Part { kind: Kind::Truth(truth), start, end: left.end }),
            None => Ok(left),
        }
    }

    fn comparison_sign(&mut self) -> Result<Option<Comparison>, SyntaxError> {
        const SIGNS: [(&str, Comparison); 6] = [
            ("<=", Comparison::LessEqual),
            (">=", Comparison::GreaterEqual),
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        if let Some((_, comparison)) = SIGNS.iter().find(|(sign, _)| self.eat(sign)) {
            return Ok(Some(*comparison));
        }
        if self.rest().starts_with('=') {
            return Err(error(self.at, self.at + 1, "equality is written =="));
        }
        Ok(None)
    }

    fn sum(&mut self) -> Result<Part, SyntaxError> {
        self.operated(Self::term, &[("+", Operator::Add), ("-", Operator::Subtract)])
    }

    fn term(&mut self) -> Result<Part, SyntaxError> {
        self.operated(Self::sign, &[("*", Operator::Multiply), ("/", Operator::Divide)])
    }

    fn operated(
        &mut self,
        inner: fn(&mut Self) -> Result<Part, SyntaxError>,
        operators: &[(&str, Operator)],
    ) -> Result<Part, SyntaxError> {
        let mut left = inner(self)?;
        while let Some((sign, operator)) = operators.iter().find(|(sign, _)| self.eat(sign)) {
            if self.rest().starts_with('*') {
                return Err(error(self.at - 1, self.at + 1, "a power is written ^"));
            }
            let right = inner(self)?;
            left = operate(*operator, sign, left, right)?;
        }
        Ok(left)
    }

    fn sign(&mut self) -> Result<Part, SyntaxError> {
        self.skip_space();
        let start = self.at;
        if self.eat("-") {
            let inner = self.deeper(Self::sign)?;
            let end = inner.end;
            let number = inner.number("a number after `-`")?;
            return Ok(Part { kind: Kind::Number(Number::Negate(Box::new(number))), start, end });
        }
        if self.eat("+") { self.deeper(Self::sign) } else { self.power() }
    }

    fn power(&mut self) -> Result<Part, SyntaxError> {
        let base = self.atom()?;
        if !self.eat("^") {
            return Ok(base);
        }
        let exponent = self.deeper(Self::sign)?;
        operate(Operator::Power, "^", base, exponent)
    }

    fn atom(&mut self) -> Result<Part, SyntaxError> {
        self.skip_space();
        let start = self.at;
        if self.eat("(") {
            let inner = self.deeper(Self::or)?;
            self.expect(")")?;
            return Ok(Part { start, end: self.at, ..inner });
        }
        match self.rest().chars().next() {
            Some(c) if c.is_ascii_digit() || c == '.' => self.literal(),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => self.name(),
            _ => Err(self.unexpected("a number, an axis, a function or `(`")),
        }
    }

    fn literal(&mut self) -> Result<Part, SyntaxError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start;
        while let Some(&byte) = bytes.get(end) {
            let signed_exponent = matches!(byte, b'+' | b'-') && matches!(bytes[end - 1], b'e' | b'E') && end > start;
            if !(byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' || signed_exponent) {
                break;
            }
            end += 1;
        }
        let digits = self.text[start..end].replace('_', "");
        let value = digits.parse().ok().filter(|value: &f64| value.is_finite());
        let value = value.ok_or_else(|| error(start, end, format!("`{}` is not a number", &self.text[start..end])))?;
        self.at = end;
        Ok(Part { kind: Kind::Number(Number::Literal(value)), start, end })
    }

    fn name(&mut self) -> Result<Part, SyntaxError> {
        let start = self.at;
        let word = self.word();
        let end = start + word.len();
        if let Some(axis) = Axis::parse(word) {
            if !self.mentions.iter().any(|(known, _)| *known == axis) {
                self.mentions.push((axis, start));
            }
            self.at = end;
            return Ok(Part { kind: Kind::Number(Number::Axis(axis)), start, end });
        }
        let Some((name, function)) = FUNCTIONS.into_iter().find(|(name, _)| *name == word) else {
            let names = || keys::AXES.iter().copied().chain(FUNCTIONS.map(|(name, _)| name));
            let help = match did_you_mean(word, names()) {
                Some(likely) => format!("did you mean `{likely}`?"),
                None => format!("known are {}", names().collect::<Vec<_>>().join(", ")),
            };
            return Err(error(start, end, format!("there is no `{word}`: {help}")));
        };
        self.at = end;
        self.expect("(")?;
        let mut arguments = vec![self.deeper(Self::or)?.number("a number")?];
        while self.eat(",") {
            arguments.push(self.deeper(Self::or)?.number("a number")?);
        }
        self.expect(")")?;
        let several = matches!(function, Function::Min | Function::Max);
        if several != (arguments.len() > 1) {
            let wanted = if several { "at least two numbers" } else { "one number" };
            return Err(error(start, self.at, format!("{name} takes {wanted}, not {}", arguments.len())));
        }
        Ok(Part { kind: Kind::Number(Number::Call(function, arguments)), start, end: self.at })
    }

    /// Runs `inner` one level deeper, unless that is too deep for the stack's sake.
    fn deeper(&mut self, inner: fn(&mut Self) -> Result<Part, SyntaxError>) -> Result<Part, SyntaxError> {
        if self.depth == MAX_DEPTH {
            return Err(error(self.at, self.at, format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let part = inner(self);
        self.depth -= 1;
        part
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// The identifier that comes next; may be empty.
    fn word(&self) -> &str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Takes `token` if it comes next; a word only as a whole word.
    fn eat(&mut self, token: &str) -> bool {
        self.skip_space();
        let is_word = token.starts_with(|c: char| c.is_ascii_alphabetic());
        let found = if is_word { self.word() == token } else { self.rest().starts_with(token) };
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), SyntaxError> {
        if self.eat(token) { Ok(()) } else { Err(self.unexpected(&format!("`{token}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        let found = match (self.word(), self.rest().chars().next()) {
            (_, None) => return error(self.at, self.at, format!("expected {wanted}, but the condition ends here")),
            ("", Some(c)) => c.to_string(),
            (word, _) => word.to_owned(),
        };
        error(self.at, self.at + found.len(), format!("expected {wanted}, found `{found}`"))
    }
}

fn operate(operator: Operator, sign: &str, left: Part, right: Part) -> Result<Part, SyntaxError> {
    let (start, end) = (left.start, right.end);
    let wanted = format!("numbers around `{sign}`");
    let (a, b) = (left.number(&wanted)?, right.number(&wanted)?);
    Ok(Part { kind: Kind::Number(Number::Operate(operator, Box::new(a), Box::new(b))), start, end })
}
