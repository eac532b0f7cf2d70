//! The bundled font: which letters it has, how wide they are, and their outlines.
//!
//! Arimo has the advance widths of Arial, Helvetica and Liberation Sans, which replace it in an SVG on machines without it.
//! All measures are shares of the type's size (em) unless said otherwise.

use std::collections::HashMap;
use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};

use super::label::Face;

/// Height of b, d and brackets, at least: what a line of text keeps free above its baseline whatever its letters are.
pub(super) const ASCENDER: f64 = 0.729;
/// Depth of p and q, at least: what a line of text keeps free below its baseline.
pub(super) const DESCENDER: f64 = 0.212;

/// A bundled face, read once.
pub(super) struct Font {
    /// The file, as PDF embeds it.
    pub(super) bytes: &'static [u8],
    /// Every letter of the face. Empty if the file could not be read, and then every label is refused for want of
    /// letters; a test reads the files.
    glyphs: HashMap<char, Glyph>,
    font: Option<FontRef<'static>>,
    units_per_em: f64,
}

/// What is known of a letter without its outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Glyph {
    /// Its number within the face.
    pub(super) id: GlyphId,
    /// Distance to the next letter.
    pub(super) advance: f64,
    /// How far it is black beyond its advance, at least 0: slanted letters lean over their neighbour.
    pub(super) overhang: f64,
    /// Its highest point above the baseline.
    pub(super) top: f64,
    /// Its lowest point, negative below the baseline.
    pub(super) bottom: f64,
}

static ROMAN: LazyLock<Font> = LazyLock::new(|| Font::read(include_bytes!("fonts/Arimo-Regular.ttf")));
static ITALIC: LazyLock<Font> = LazyLock::new(|| Font::read(include_bytes!("fonts/Arimo-Italic.ttf")));

impl Font {
    /// The font of a face.
    pub(super) fn of(face: Face) -> &'static Self {
        match face {
            Face::Roman => &ROMAN,
            Face::Italic => &ITALIC,
        }
    }

    fn read(bytes: &'static [u8]) -> Self {
        let Ok(font) = FontRef::new(bytes) else {
            return Self { bytes, glyphs: HashMap::new(), font: None, units_per_em: 1.0 };
        };
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let units_per_em = f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        let em = |units: f32| f64::from(units) / units_per_em;
        let mut glyphs = HashMap::new();
        for (code, id) in font.charmap().mappings() {
            let (Some(letter), Some(advance)) = (char::from_u32(code), metrics.advance_width(id)) else { continue };
            // The space has no outline and so no bounds.
            let bounds = metrics.bounds(id).unwrap_or_default();
            let glyph = Glyph {
                id,
                advance: em(advance),
                overhang: em(bounds.x_max - advance).max(0.0),
                top: em(bounds.y_max),
                bottom: em(bounds.y_min),
            };
            glyphs.insert(letter, glyph);
        }
        Self { bytes, glyphs, font: Some(font), units_per_em }
    }

    /// A letter, if the face has it.
    pub(super) fn glyph(&self, letter: char) -> Option<Glyph> {
        self.glyphs.get(&letter).copied()
    }

    /// Width of `text`: the sum of its advances, without kerning. Letters that the face lacks are as wide as they are
    /// drawn: not at all.
    pub(super) fn width(&self, text: &str) -> f64 {
        text.chars().filter_map(|letter| self.glyph(letter)).map(|glyph| glyph.advance).sum()
    }

    /// Draws the outline of a glyph with `pen`, in units of which [`Self::units_per_em`] make an em, y up.
    pub(super) fn outline(&self, id: GlyphId, pen: &mut impl OutlinePen) {
        let glyph = self.font.as_ref().and_then(|font| font.outline_glyphs().get(id));
        if let Some(glyph) = glyph {
            // The bundled outlines are plain TrueType without variations: a test draws every one of them.
            let _ = glyph.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), pen);
        }
    }

    /// Units of the outlines in an em.
    pub(super) fn units_per_em(&self) -> f64 {
        self.units_per_em
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use skrifa::MetadataProvider;
    use skrifa::instance::{LocationRef, Size};
    use skrifa::outline::{DrawSettings, pen::NullPen};

    use super::super::label::Face;
    use super::{ASCENDER, DESCENDER, Font};

    #[test]
    fn both_files_are_read_and_every_outline_can_be_drawn() {
        for face in [Face::Roman, Face::Italic] {
            let font = Font::of(face);
            assert_eq!(font.glyphs.len(), 342, "{face:?}");
            let outlines = font.font.as_ref().unwrap().outline_glyphs();
            for (letter, glyph) in &font.glyphs {
                assert_ne!(glyph.id.to_u32(), 0, "{letter:?} would be drawn as .notdef");
                let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
                outlines
                    .get(glyph.id)
                    .unwrap()
                    .draw(settings, &mut NullPen)
                    .unwrap_or_else(|error| panic!("{letter:?}: {error}"));
            }
        }
    }

    #[test]
    fn letters_are_as_wide_as_those_of_helvetica() {
        // Advances of the standard font, in thousandths of an em: Adobe's Helvetica.afm.
        let font = Font::of(Face::Roman);
        for (letter, expected) in [(' ', 278), ('0', 556), ('9', 556), ('m', 833), ('W', 944), ('i', 222), ('(', 333)] {
            let advance = font.glyph(letter).unwrap().advance * 1000.0;
            assert!((advance - f64::from(expected)).abs() < 0.6, "{letter:?}: {advance}");
        }
        assert_eq!(font.width("0123456789"), 10.0 * font.glyph('0').unwrap().advance);
    }

    #[test]
    fn letters_of_words_stay_within_the_line() {
        for face in [Face::Roman, Face::Italic] {
            for letter in ('a'..='z').chain('A'..='Z').chain('0'..='9').chain("()|+-=".chars()) {
                let glyph = Font::of(face).glyph(letter).unwrap();
                assert!(glyph.top <= ASCENDER, "{letter:?}: {}", glyph.top);
                assert!(glyph.bottom >= -DESCENDER, "{letter:?}: {}", glyph.bottom);
            }
        }
    }
}
