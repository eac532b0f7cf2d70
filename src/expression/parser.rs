//! The grammar, by recursive descent:
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
//! atom       = number | name | function "(" or { "," or } ")" | "(" or ")" | "'" word "'"
//! ```

use super::cursor::{Cursor, error};
use super::{
    Comparison, Condition, Formula, Function, Kind, Mention, Number, Operator, SyntaxError, Truth, Vocabulary, Word,
};
use crate::spelling::did_you_mean;

/// Longest expression, in bytes.
pub(super) const MAX_LENGTH: usize = 1000;
/// Deepest nesting of parentheses, signs and negations.
const MAX_DEPTH: usize = 50;

const FUNCTIONS: [(&str, Function); 8] = [
    ("min", Function::Min),
    ("max", Function::Max),
    ("abs", Function::Abs),
    ("log", Function::Log),
    ("log2", Function::Log2),
    ("log10", Function::Log10),
    ("exp", Function::Exp),
    ("sqrt", Function::Sqrt),
];

impl Condition {
    /// Parses `text`, a condition on the variables of `vocabulary`.
    ///
    /// # Errors
    /// The first place that does not fit the grammar.
    pub fn parse(text: &str, vocabulary: &Vocabulary<'_>) -> Result<Self, SyntaxError> {
        let (part, mentions) = parse(text, vocabulary, "condition")?;
        Ok(Self { truth: part.truth("a comparison such as n >= 2*d")?, mentions })
    }
}

impl Formula {
    /// Parses `text`, arithmetic over the variables of `vocabulary`.
    ///
    /// # Errors
    /// As [`Condition::parse`].
    pub fn parse(text: &str, vocabulary: &Vocabulary<'_>) -> Result<Self, SyntaxError> {
        let (part, mentions) = parse(text, vocabulary, "expression")?;
        Ok(Self { number: part.number("a number")?, mentions })
    }
}

fn parse(text: &str, vocabulary: &Vocabulary<'_>, what: &'static str) -> Result<(Part, Vec<Mention>), SyntaxError> {
    if text.len() > MAX_LENGTH {
        let article = if what.starts_with('e') { "an" } else { "a" };
        let message = format!("{article} {what} is at most {MAX_LENGTH} bytes long, this one has {}", text.len());
        return Err(SyntaxError { offset: 0, length: text.len(), message });
    }
    let mut parser = Parser { cursor: Cursor::new(text, what), vocabulary, depth: 0, mentions: Vec::new() };
    let part = parser.or()?;
    parser.cursor.expect_end()?;
    Ok((part, parser.mentions))
}

/// A parsed part with its stretch of the text.
struct Part {
    value: Value,
    start: usize,
    end: usize,
}

enum Value {
    Truth(Truth),
    Number(Number),
    Word(Word),
}

impl Part {
    fn truth(self, wanted: &str) -> Result<Truth, SyntaxError> {
        match self.value {
            Value::Truth(truth) => Ok(truth),
            _ => Err(self.unfit(wanted)),
        }
    }

    fn number(self, wanted: &str) -> Result<Number, SyntaxError> {
        match self.value {
            Value::Number(number) => Ok(number),
            _ => Err(self.unfit(wanted)),
        }
    }

    fn unfit(&self, wanted: &str) -> SyntaxError {
        let found = match self.value {
            Value::Truth(_) => "a comparison",
            Value::Number(_) => "a number",
            Value::Word(_) => "a word",
        };
        error(self.start, self.end, format!("expected {wanted}, found {found}"))
    }
}

struct Parser<'t, 'v> {
    cursor: Cursor<'t>,
    vocabulary: &'v Vocabulary<'v>,
    depth: usize,
    mentions: Vec<Mention>,
}

impl Parser<'_, '_> {
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
        while words.iter().any(|word| self.cursor.eat(word)) {
            let right = inner(self)?;
            let (start, end) = (left.start, right.end);
            let truth = join(Box::new(left.truth(wanted)?), Box::new(right.truth(wanted)?));
            left = Part { value: Value::Truth(truth), start, end };
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Part, SyntaxError> {
        self.cursor.skip_space();
        let start = self.cursor.at;
        if self.cursor.rest().starts_with("!=") || !(self.cursor.eat("!") || self.cursor.eat("not")) {
            return self.comparison();
        }
        let inner = self.deeper(Self::not)?;
        let end = inner.end;
        let truth = inner.truth("a comparison after `not`")?;
        Ok(Part { value: Value::Truth(Truth::Not(Box::new(truth))), start, end })
    }

    fn comparison(&mut self) -> Result<Part, SyntaxError> {
        let mut left = self.sum()?;
        let start = left.start;
        let mut chain: Option<Truth> = None;
        while let Some((sign, comparison)) = self.comparison_sign()? {
            let right = self.sum()?;
            let end = right.end;
            if let (Value::Word(_), _) | (_, Value::Word(_)) = (&left.value, &right.value) {
                if chain.is_some() {
                    return Err(error(start, end, "words are compared two at a time: join comparisons by `and`"));
                }
                let value = Value::Truth(same(sign, comparison, &left, &right)?);
                return Ok(Part { value, start, end });
            }
            let (right_start, a) = (right.start, left.number("a number to compare")?);
            let b = right.number("a number to compare")?;
            let link = Truth::Compare(comparison, a, b.clone());
            chain = Some(match chain {
                Some(chain) => Truth::And(Box::new(chain), Box::new(link)),
                None => link,
            });
            left = Part { value: Value::Number(b), start: right_start, end };
        }
        match chain {
            Some(truth) => Ok(Part { value: Value::Truth(truth), start, end: left.end }),
            None => Ok(left),
        }
    }

    fn comparison_sign(&mut self) -> Result<Option<(&'static str, Comparison)>, SyntaxError> {
        const SIGNS: [(&str, Comparison); 6] = [
            ("<=", Comparison::LessEqual),
            (">=", Comparison::GreaterEqual),
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        if let Some(found) = SIGNS.iter().find(|(sign, _)| self.cursor.eat(sign)) {
            return Ok(Some(*found));
        }
        if self.cursor.rest().starts_with('=') {
            return Err(error(self.cursor.at, self.cursor.at + 1, "equality is written =="));
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
        while let Some((sign, operator)) = operators.iter().find(|(sign, _)| self.cursor.eat(sign)) {
            if self.cursor.rest().starts_with('*') {
                return Err(error(self.cursor.at - 1, self.cursor.at + 1, "a power is written ^"));
            }
            let right = inner(self)?;
            left = operate(*operator, sign, left, right)?;
        }
        Ok(left)
    }

    fn sign(&mut self) -> Result<Part, SyntaxError> {
        self.cursor.skip_space();
        let start = self.cursor.at;
        if self.cursor.eat("-") {
            let inner = self.deeper(Self::sign)?;
            let end = inner.end;
            let number = inner.number("a number after `-`")?;
            return Ok(Part { value: Value::Number(Number::Negate(Box::new(number))), start, end });
        }
        if self.cursor.eat("+") { self.deeper(Self::sign) } else { self.power() }
    }

    fn power(&mut self) -> Result<Part, SyntaxError> {
        let base = self.atom()?;
        if !self.cursor.eat("^") {
            return Ok(base);
        }
        let exponent = self.deeper(Self::sign)?;
        operate(Operator::Power, "^", base, exponent)
    }

    fn atom(&mut self) -> Result<Part, SyntaxError> {
        self.cursor.skip_space();
        let start = self.cursor.at;
        if self.cursor.eat("(") {
            let inner = self.deeper(Self::or)?;
            self.cursor.expect(")")?;
            return Ok(Part { start, end: self.cursor.at, ..inner });
        }
        let value = match self.cursor.rest().chars().next() {
            Some(c) if c.is_ascii_digit() || c == '.' => Value::Number(Number::Literal(self.cursor.number()?)),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => self.name()?,
            Some(quote @ ('\'' | '"')) => Value::Word(Word::Literal(self.cursor.quoted(quote)?.to_owned())),
            _ => {
                let wanted = format!("a number, {}, a function or `(`", self.vocabulary.noun);
                return Err(self.cursor.unexpected(&wanted));
            }
        };
        Ok(Part { value, start, end: self.cursor.at })
    }

    fn name(&mut self) -> Result<Value, SyntaxError> {
        let start = self.cursor.at;
        let word = self.cursor.word();
        let end = start + word.len();
        self.cursor.at = end;
        let Vocabulary { variables, .. } = self.vocabulary;
        if let Some(variable) = variables.iter().position(|variable| variable.name == word) {
            if !self.mentions.iter().any(|known| known.variable == variable) {
                self.mentions.push(Mention { variable, offset: start });
            }
            return Ok(match variables[variable].kind {
                Kind::Number => Value::Number(Number::Variable(variable)),
                Kind::Word => Value::Word(Word::Variable(variable)),
            });
        }
        match FUNCTIONS.into_iter().find(|(name, _)| *name == word) {
            Some((name, function)) => self.call(start, name, function),
            None => Err(error(start, end, self.unknown(word))),
        }
    }

    fn unknown(&self, word: &str) -> String {
        let variables = &self.vocabulary.variables;
        let names = || variables.iter().map(|variable| variable.name).chain(FUNCTIONS.map(|(name, _)| name));
        let help = match did_you_mean(word, names()) {
            Some(likely) => format!("did you mean `{likely}`?"),
            None => format!("known are {}", names().collect::<Vec<_>>().join(", ")),
        };
        format!("there is no `{word}`: {help}")
    }

    fn call(&mut self, start: usize, name: &str, function: Function) -> Result<Value, SyntaxError> {
        self.cursor.expect("(")?;
        let mut arguments = vec![self.deeper(Self::or)?.number("a number")?];
        while self.cursor.eat(",") {
            arguments.push(self.deeper(Self::or)?.number("a number")?);
        }
        self.cursor.expect(")")?;
        let several = matches!(function, Function::Min | Function::Max);
        if several != (arguments.len() > 1) {
            let wanted = if several { "at least two numbers" } else { "one number" };
            let message = format!("{name} takes {wanted}, not {}", arguments.len());
            return Err(error(start, self.cursor.at, message));
        }
        Ok(Value::Number(Number::Call(function, arguments)))
    }

    /// Runs `inner` one level deeper, unless that is too deep for the stack's sake.
    fn deeper(&mut self, inner: fn(&mut Self) -> Result<Part, SyntaxError>) -> Result<Part, SyntaxError> {
        if self.depth == MAX_DEPTH {
            let at = self.cursor.at;
            return Err(error(at, at, format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let part = inner(self);
        self.depth -= 1;
        part
    }
}

fn operate(operator: Operator, sign: &str, left: Part, right: Part) -> Result<Part, SyntaxError> {
    let (start, end) = (left.start, right.end);
    let wanted = format!("numbers around `{sign}`");
    let (a, b) = (left.number(&wanted)?, right.number(&wanted)?);
    Ok(Part { value: Value::Number(Number::Operate(operator, Box::new(a), Box::new(b))), start, end })
}

/// The comparison of two words.
fn same(sign: &str, comparison: Comparison, left: &Part, right: &Part) -> Result<Truth, SyntaxError> {
    let (Value::Word(a), Value::Word(b)) = (&left.value, &right.value) else {
        let odd = if matches!(left.value, Value::Word(_)) { right } else { left };
        return Err(odd.unfit("a word such as 'qr', as on the other side"));
    };
    let same = Truth::Same(a.clone(), b.clone());
    match comparison {
        Comparison::Equal => Ok(same),
        Comparison::NotEqual => Ok(Truth::Not(Box::new(same))),
        _ => Err(error(left.start, right.end, format!("words are compared by == and !=, not by {sign}"))),
    }
}
