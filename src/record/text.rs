//! Text of tables being put together: fields and their commas, in memory that serves one piece of a table after the other.
//!
//! Most fields are 8 to 24 bytes long, so that a copy of unknown length costs more in its call than in its bytes. Behind the
//! text there is always room: what is short is copied there in chunks of fixed length that may overlap.

use super::encoding::Field;

/// Bytes that are free behind the text whenever something is appended: a short piece and its comma.
const ROOM: usize = 32;
/// The longest of the short pieces, and of the floats: `-2.2250738585072014e-308`.
const SHORT: usize = 24;

/// Bytes that grow at their end.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// The text and behind it room, whose bytes mean nothing.
    bytes: Vec<u8>,
    end: usize,
}

/// Where in a [`Text`] a short piece of it lies.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    start: usize,
    length: usize,
}

impl Text {
    /// What was appended.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    /// What was appended, by itself.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.end);
        self.bytes
    }

    /// Forgets all of it; the memory stays.
    pub(crate) fn clear(&mut self) {
        self.end = 0;
    }

    /// Makes room for `bytes` more.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        let needed = self.end + bytes + ROOM;
        if self.bytes.len() < needed {
            self.bytes.resize(needed, 0);
        }
    }

    /// Appends `bytes`.
    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let room = self.room();
        let copied = match bytes.len() {
            16..=SHORT => copy::<16, 8>(bytes, room),
            8..16 => copy::<8, 8>(bytes, room),
            4..8 => copy::<4, 4>(bytes, room),
            _ => None,
        };
        match copied {
            Some(()) => self.end += bytes.len(),
            None => self.push_any(bytes),
        }
    }

    /// Appends a comma.
    #[inline]
    pub(crate) fn comma(&mut self) {
        self.room()[0] = b',';
        self.end += 1;
    }

    /// Ends the line: every field leaves a comma behind it, and the last one becomes the end.
    #[inline]
    pub(crate) fn end_line(&mut self) {
        if let Some(last) = self.bytes[..self.end].last_mut() {
            *last = b'\n';
        }
    }

    /// Appends a field, without a comma.
    pub(crate) fn field(&mut self, field: Field<'_>) {
        match field {
            Field::Missing => {}
            Field::Int(value) => self.int(value),
            Field::Float(value) => _ = self.float(value),
            Field::Text(words) => self.words(words),
        }
    }

    /// Appends a float as every file of a run writes it, and says where it lies.
    #[inline]
    pub(crate) fn float(&mut self, value: f64) -> Place {
        let start = self.end;
        let mut buffer = zmij::Buffer::new();
        let [digits, rest] = float_text(&mut buffer, value);
        self.push(digits);
        if !rest.is_empty() {
            self.push(rest);
        }
        Place { start, length: self.end - start }
    }

    /// Appends the float at `place` once more.
    #[inline]
    pub(crate) fn float_again(&mut self, place: Place) -> Place {
        self.room();
        // The bytes behind the float are in the way of nothing.
        self.bytes.copy_within(place.start..place.start + SHORT, self.end);
        let start = self.end;
        self.end += place.length;
        Place { start, ..place }
    }

    /// Appends an integer.
    pub(crate) fn int(&mut self, value: i64) {
        if value < 0 {
            self.push_any(b"-");
        }
        self.count(value.unsigned_abs());
    }

    /// Appends a count.
    pub(crate) fn count(&mut self, value: u64) {
        let mut digits = [0; 20];
        let mut first = digits.len();
        let mut rest = value;
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10).to_le_bytes()[0];
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.push(&digits[first..]);
    }

    /// Appends words, with quotes as RFC 4180 asks, which those of our tables never need.
    fn words(&mut self, words: &str) {
        if words.contains([',', '"', '\n', '\r']) {
            self.push_any(b"\"");
            self.push_any(words.replace('"', "\"\"").as_bytes());
            self.push_any(b"\"");
        } else {
            self.push(words.as_bytes());
        }
    }

    /// The [`ROOM`] bytes behind the text.
    #[inline]
    fn room(&mut self) -> &mut [u8] {
        if self.bytes.len() - self.end < ROOM {
            self.grow(ROOM);
        }
        &mut self.bytes[self.end..self.end + ROOM]
    }

    fn push_any(&mut self, bytes: &[u8]) {
        if self.bytes.len() - self.end < bytes.len() {
            self.grow(bytes.len());
        }
        let end = self.end + bytes.len();
        self.bytes[self.end..end].copy_from_slice(bytes);
        self.end = end;
    }

    /// Makes room for at least `bytes` more, and for as much again as there is.
    #[cold]
    fn grow(&mut self, bytes: usize) {
        self.reserve(bytes.max(self.end));
    }
}

/// Copies `bytes`, at least A and B long and at most A + B, into `room`: the first A bytes, the last B over their end.
#[inline]
fn copy<const A: usize, const B: usize>(bytes: &[u8], room: &mut [u8]) -> Option<()> {
    let (head, tail) = (bytes.first_chunk::<A>()?, bytes.last_chunk::<B>()?);
    *room.first_chunk_mut()? = *head;
    *room.get_mut(..bytes.len())?.last_chunk_mut()? = *tail;
    Some(())
}

/// Appends a float as every file of a run writes it.
pub(crate) fn push_float(out: &mut Vec<u8>, value: f64) {
    let mut buffer = zmij::Buffer::new();
    for piece in float_text(&mut buffer, value) {
        out.extend_from_slice(piece);
    }
}

/// A float as every file of a run writes it, in two pieces, the second of which is nearly always empty.
#[inline]
fn float_text(buffer: &mut zmij::Buffer, value: f64) -> [&[u8]; 2] {
    let text = buffer.format(value).as_bytes();
    // `1e+20` is `1e20` here, as it always was.
    let plus = if value.abs() >= 1e16 { text.iter().position(|byte| *byte == b'+') } else { None };
    plus.map_or([text, &[]], |plus| [&text[..plus], &text[plus + 1..]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_is_what_is_there() {
        let bytes: Vec<u8> = (0..100).collect();
        for length in 0..=bytes.len() {
            let mut text = Text::default();
            for round in 1..40 {
                text.push(&bytes[..length]);
                assert_eq!(text.as_bytes(), bytes[..length].repeat(round), "{length} bytes");
            }
            assert_eq!(text.into_bytes().len(), 39 * length);
        }
    }

    #[test]
    fn the_ends_of_the_integers() {
        for value in [0, 9, 10, -1, i64::MAX, i64::MIN] {
            let mut text = Text::default();
            text.int(value);
            assert_eq!(text.as_bytes(), format!("{value}").as_bytes());
        }
    }

    #[test]
    fn a_float_comes_again_wherever_it_was() {
        for value in [0.1, 1.0, f64::INFINITY, -2.225_073_858_507_201_4e-308, 1e20] {
            let mut text = Text::default();
            let mut place = text.float(value);
            for _ in 0..40 {
                text.comma();
                place = text.float_again(place);
            }
            let mut once = Vec::new();
            push_float(&mut once, value);
            assert_eq!(text.as_bytes(), [&once[..]; 41].join(&b','));
        }
    }
}
