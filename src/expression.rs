//! The language of expressions: arithmetic over named variables, and conditions that compare it.
//!
//! `where` of a grid, `where` of a figure and whatever a figure plots are written in it. What the names are is the caller's
//! to say, by a [`Vocabulary`]; what they are worth, by a [`Point`].

mod cursor;
mod parser;
#[cfg(test)]
mod tests;

/// The names that an expression may use, in the order by which they are known to a [`Point`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary<'a> {
    /// What errors call a name: `an axis`, `a column`.
    pub noun: &'a str,
    /// The names, no two alike.
    pub variables: Vec<Variable<'a>>,
}

/// A name with what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    /// As it is written: a letter or `_`, then letters, digits and `_`.
    pub name: &'a str,
    /// What it stands for.
    pub kind: Kind,
}

/// What a variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Arithmetic is done with it.
    Number,
    /// It can be compared by `==` and `!=` with a quoted word or another word.
    Word,
}

/// The values of the variables of a [`Vocabulary`], by index.
pub trait Point {
    /// The value of a variable of [`Kind::Number`]; NaN where it has none.
    fn number(&self, variable: usize) -> f64;
    /// The value of a variable of [`Kind::Word`].
    fn word(&self, variable: usize) -> &str;
}

/// A point without words.
impl<const COUNT: usize> Point for [f64; COUNT] {
    fn number(&self, variable: usize) -> f64 {
        self[variable]
    }

    fn word(&self, _variable: usize) -> &'static str {
        ""
    }
}

/// A condition on a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    truth: Truth,
    mentions: Vec<Mention>,
}

/// An expression that is worth a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    number: Number,
    mentions: Vec<Mention>,
}

/// A variable that an expression mentions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Its index in the vocabulary.
    pub variable: usize,
    /// The byte at which it is first mentioned.
    pub offset: usize,
}

/// Why a text is no expression: `length` bytes from byte `offset` on are at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where the fault begins.
    pub offset: usize,
    /// How long it is, at least 1.
    pub length: usize,
    /// The fault and its remedy.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Truth {
    Or(Box<Truth>, Box<Truth>),
    And(Box<Truth>, Box<Truth>),
    Not(Box<Truth>),
    Compare(Comparison, Number, Number),
    Same(Word, Word),
}

/// Arithmetic, open to whoever writes it in another notation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Number {
    Literal(f64),
    /// By index in the vocabulary.
    Variable(usize),
    Negate(Box<Number>),
    Operate(Operator, Box<Number>, Box<Number>),
    /// At least two arguments for [`Function::Min`] and [`Function::Max`], one for the others.
    Call(Function, Vec<Number>),
}

#[derive(Clone, Debug, PartialEq)]
enum Word {
    Literal(String),
    Variable(usize),
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Min,
    Max,
    Abs,
    /// Natural logarithm.
    Log,
    Log2,
    Log10,
    Exp,
    Sqrt,
}

impl Condition {
    /// Whether the condition holds. A comparison with NaN never does.
    pub fn holds(&self, point: &impl Point) -> bool {
        self.truth.eval(point)
    }

    /// The variables that are mentioned, each once.
    pub fn mentions(&self) -> &[Mention] {
        &self.mentions
    }
}

impl Formula {
    /// Its value; NaN where a variable has none.
    pub fn value(&self, point: &impl Point) -> f64 {
        self.number.eval(point)
    }

    /// The variables that are mentioned, each once.
    pub fn mentions(&self) -> &[Mention] {
        &self.mentions
    }

    /// The variable that this formula is, if it is nothing more.
    pub fn as_variable(&self) -> Option<usize> {
        match self.number {
            Number::Variable(variable) => Some(variable),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> &Number {
        &self.number
    }
}

impl Truth {
    fn eval(&self, point: &impl Point) -> bool {
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
            Self::Same(a, b) => a.text(point) == b.text(point),
        }
    }
}

impl Number {
    fn eval(&self, point: &impl Point) -> f64 {
        match self {
            Self::Literal(value) => *value,
            Self::Variable(variable) => point.number(*variable),
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
                    Function::Min => values.fold(first, |a, b| extreme(a, b, f64::min)),
                    Function::Max => values.fold(first, |a, b| extreme(a, b, f64::max)),
                    Function::Abs => first.abs(),
                    Function::Log => first.ln(),
                    Function::Log2 => first.log2(),
                    Function::Log10 => first.log10(),
                    Function::Exp => first.exp(),
                    Function::Sqrt => first.sqrt(),
                }
            }
        }
    }
}

/// What has no value has no extreme either, where `f64::min` would pass over it.
fn extreme(a: f64, b: f64, of: fn(f64, f64) -> f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { of(a, b) }
}

impl Word {
    fn text<'a>(&'a self, point: &'a impl Point) -> &'a str {
        match self {
            Self::Literal(text) => text,
            Self::Variable(variable) => point.word(*variable),
        }
    }
}
