//! The NPY header: `\x93NUMPY`, two bytes of version, the length, and a Python dictionary such as
//! `{'descr': '<f8', 'fortran_order': False, 'shape': (442, 10), }`.

use std::io::Read;

use super::super::error::{Fault, quoted};
use super::unreadable;

/// NumPy itself refuses to evaluate longer headers.
const MAX_HEADER_BYTES: u32 = 10_000;

/// What an NPY file says of its data.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) element: Element,
    pub(super) order: Order,
    pub(super) shape: Vec<usize>,
}

/// How one entry is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) number: Number,
    pub(super) endian: Endian,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    F32,
    F64,
    Signed { bytes: u8 },
    Unsigned { bytes: u8 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

/// Which index runs fastest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The last: row by row.
    C,
    /// The first: column by column.
    Fortran,
}

impl Element {
    pub(super) fn bytes(self) -> usize {
        match self.number {
            Number::F32 => 4,
            Number::F64 => 8,
            Number::Signed { bytes } | Number::Unsigned { bytes } => usize::from(bytes),
        }
    }

    fn parse(descr: &str) -> Result<Self, Fault> {
        let (endian, number) = match descr.split_at_checked(1) {
            // One byte has no order: `|`.
            Some(("<", number) | ("|", number @ ("i1" | "u1"))) => (Endian::Little, number),
            Some((">", number)) => (Endian::Big, number),
            _ => (Endian::Little, ""),
        };
        let number = match number {
            "f4" => Number::F32,
            "f8" => Number::F64,
            "i1" => Number::Signed { bytes: 1 },
            "i2" => Number::Signed { bytes: 2 },
            "i4" => Number::Signed { bytes: 4 },
            "i8" => Number::Signed { bytes: 8 },
            "u1" => Number::Unsigned { bytes: 1 },
            "u2" => Number::Unsigned { bytes: 2 },
            "u4" => Number::Unsigned { bytes: 4 },
            "u8" => Number::Unsigned { bytes: 8 },
            _ => {
                return Err(Fault::new(format!(
                    "holds entries of type {}: integers, float32 and float64 can be read; save x.astype(np.float64)",
                    quoted(descr)
                )));
            }
        };
        Ok(Self { number, endian })
    }
}

/// Reads the header and says how many bytes it took.
pub(super) fn read(input: &mut impl Read) -> Result<(Header, u64), Fault> {
    let mut magic = [0; 8];
    input.read_exact(&mut magic).map_err(|_| not_npy())?;
    let [b'\x93', b'N', b'U', b'M', b'P', b'Y', version, _] = magic else { return Err(not_npy()) };
    let mut length = [0; 4];
    let length_bytes = match version {
        1 => 2,
        2 | 3 => 4,
        _ => return Err(Fault::new(format!("is NPY version {version}: versions 1, 2 and 3 can be read"))),
    };
    input.read_exact(&mut length[..length_bytes]).map_err(|error| unreadable(&error))?;
    let length = u32::from_le_bytes(length);
    if length > MAX_HEADER_BYTES {
        return Err(Fault::new(format!(
            "promises a header of {length} bytes, above NumPy's own limit of {MAX_HEADER_BYTES}: save it again"
        )));
    }
    let mut text = vec![0; length as usize];
    input.read_exact(&mut text).map_err(|error| unreadable(&error))?;
    let text = std::str::from_utf8(&text).map_err(|_| Fault::new("has a header that is not UTF-8: save it again"))?;
    Ok((parse(text)?, magic.len() as u64 + length_bytes as u64 + u64::from(length)))
}

fn not_npy() -> Fault {
    Fault::new("does not start as an NPY file does: write it with np.save")
}

/// The dictionary in `text`.
fn parse(text: &str) -> Result<Header, Fault> {
    let malformed = || Fault::new(format!("has a header that cannot be understood, {}: save it again", quoted(text)));
    let mut rest = Cursor(text);
    let (mut element, mut order, mut shape) = (None, None, None);
    rest.eat("{").ok_or_else(malformed)?;
    while rest.eat("}").is_none() {
        let key = rest.string().ok_or_else(malformed)?;
        rest.eat(":").ok_or_else(malformed)?;
        let repeated = match key {
            "descr" => {
                // A list here describes the fields of a structured array.
                let descr = rest.string().ok_or_else(|| {
                    Fault::new("holds structured entries, not a plain array of numbers: save x.astype(np.float64)")
                })?;
                element.replace(Element::parse(descr)?).is_some()
            }
            "fortran_order" => order.replace(rest.order().ok_or_else(malformed)?).is_some(),
            "shape" => shape.replace(rest.tuple().ok_or_else(malformed)?).is_some(),
            _ => true,
        };
        if repeated || (rest.eat(",").is_none() && !rest.0.trim_start().starts_with('}')) {
            return Err(malformed());
        }
    }
    match (element, order, shape) {
        (Some(element), Some(order), Some(shape)) if rest.0.trim().is_empty() => Ok(Header { element, order, shape }),
        _ => Err(malformed()),
    }
}

/// What is left of a Python literal.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// Takes `token` if it comes next, blanks skipped.
    fn eat(&mut self, token: &str) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(token)?;
        Some(())
    }

    /// `'text'` or `"text"`, without escapes: none of the keys and types needs any.
    fn string(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start();
        let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let (inside, rest) = text[1..].split_once(quote)?;
        self.0 = rest;
        Some(inside)
    }

    fn order(&mut self) -> Option<Order> {
        if self.eat("True").is_some() { Some(Order::Fortran) } else { self.eat("False").map(|()| Order::C) }
    }

    /// `()`, `(3,)`, `(3, 4)`: sizes that fit a `usize`.
    fn tuple(&mut self) -> Option<Vec<usize>> {
        let mut sizes = Vec::new();
        self.eat("(")?;
        while self.eat(")").is_none() {
            let text = self.0.trim_start();
            let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            sizes.push(text[..digits].parse().ok()?);
            self.0 = &text[digits..];
            // A tuple of one needs its comma: `(3)` is a number.
            if self.eat(",").is_none() && (sizes.len() < 2 || !self.0.trim_start().starts_with(')')) {
                return None;
            }
        }
        Some(sizes)
    }
}
