//! Scene -> PDF, by krilla.
//!
//! The bundled faces are embedded as subsets of what is used (CIDFontType2, TrueType outlines; never Type 3), with the letters
//! that the glyphs stand for, so that text can be searched and copied: the symbol of the smallest singular value copies as
//! σmin. The file has no date and no random number: its identifiers are hashes of its contents, and equal scenes give equal
//! bytes.

use krilla::color::rgb;
use krilla::configure::{ConfigurationBuilder, PdfVersion};
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use super::font;
use super::label::Face;
use super::placement::Placed;
use super::render::{RenderError, check, single, title};
use super::scene::{Direction, Item, Paint, Path, Rectangle, Scene, Segment, Text};

/// What pdfTeX includes without a warning, and journals take.
const VERSION: PdfVersion = PdfVersion::Pdf15;

/// The page as a PDF document of one page.
///
/// # Errors
///
/// If the scene has a number that cannot be drawn, or krilla cannot write the file.
pub fn render(scene: &Scene) -> Result<Vec<u8>, RenderError> {
    check(scene)?;
    let refused = |message: String| RenderError::Library { format: "pdf", message };
    let configuration = ConfigurationBuilder::new()
        .with_version(VERSION)
        .finish()
        .map_err(|error| refused(format!("PDF {}: {error:?}", VERSION.as_str())))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let size = PageSettings::from_wh(single(scene.width), single(scene.height))
        .ok_or_else(|| refused(format!("a page of {} x {} pt", scene.width, scene.height)))?;
    let fonts = Fonts {
        roman: embedded(Face::Roman).ok_or_else(|| refused("the upright font cannot be read".to_owned()))?,
        italic: embedded(Face::Italic).ok_or_else(|| refused("the italic font cannot be read".to_owned()))?,
    };

    let mut document = Document::new_with(settings);
    let metadata = Metadata::new()
        .title(title(scene).to_owned())
        .description(scene.description.trim().to_owned())
        .creator(format!("nullsweep {}", env!("CARGO_PKG_VERSION")));
    document.set_metadata(metadata);
    let mut page = document.start_page_with(size);
    let mut surface = page.surface();
    draw(&mut surface, &scene.items, &fonts);
    surface.finish();
    page.finish();
    document.finish().map_err(|error| refused(error.to_string()))
}

/// The faces as krilla embeds them.
struct Fonts {
    roman: Font,
    italic: Font,
}

fn embedded(face: Face) -> Option<Font> {
    Font::new(font::Font::of(face).bytes.into(), 0)
}

fn draw(surface: &mut Surface<'_>, items: &[Item], fonts: &Fonts) {
    for item in items {
        match item {
            Item::Path(path) => draw_path(surface, path),
            Item::Text(text) => draw_text(surface, text, fonts),
            Item::Clip { to, items } => {
                // Nothing is seen through a window without an area.
                if let Some(window) = rectangle(to) {
                    surface.push_clip_path(&window, &FillRule::NonZero);
                    draw(surface, items, fonts);
                    surface.pop();
                }
            }
        }
    }
}

fn rectangle(of: &Rectangle) -> Option<krilla::geom::Path> {
    let mut builder = PathBuilder::new();
    builder.push_rect(Rect::from_xywh(single(of.x), single(of.y), single(of.width), single(of.height))?);
    builder.finish()
}

fn draw_path(surface: &mut Surface<'_>, path: &Path) {
    let mut builder = PathBuilder::new();
    for segment in &path.segments {
        match *segment {
            Segment::Move([x, y]) => builder.move_to(single(x), single(y)),
            Segment::Line([x, y]) => builder.line_to(single(x), single(y)),
            Segment::Cubic([[x1, y1], [x2, y2], [x, y]]) => {
                builder.cubic_to(single(x1), single(y1), single(x2), single(y2), single(x), single(y));
            }
            Segment::Close => builder.close(),
        }
    }
    let fill =
        path.fill.map(|paint| Fill { paint: color(paint.rgb), opacity: opacity(paint), rule: FillRule::NonZero });
    // A width of 0 is the thinnest line of the device in PDF, and no line in SVG.
    let stroke = path.stroke.as_ref().filter(|stroke| stroke.width > 0.0).map(|stroke| Stroke {
        paint: color(stroke.paint.rgb),
        width: single(stroke.width),
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        opacity: opacity(stroke.paint),
        dash: (!stroke.dash.is_empty())
            .then(|| StrokeDash { array: stroke.dash.iter().map(|&length| single(length)).collect(), offset: 0.0 }),
        ..Stroke::default()
    });
    // krilla would fill with black what has neither.
    if let Some(outline) = builder.finish()
        && (fill.is_some() || stroke.is_some())
    {
        surface.set_fill(fill);
        surface.set_stroke(stroke);
        surface.draw_path(&outline);
    }
}

fn draw_text(surface: &mut Surface<'_>, text: &Text, fonts: &Fonts) {
    let [x, y] = text.at.map(single);
    surface.push_transform(&match text.direction {
        Direction::Right => Transform::from_translate(x, y),
        // To the right becomes up, and down becomes to the right.
        Direction::Up => Transform::from_row(0.0, -1.0, 1.0, 0.0, x, y),
    });
    surface.set_fill(Some(Fill { paint: color(text.rgb), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }));
    surface.set_stroke(None);
    for placed in text.placed() {
        let (embedded, glyphs) = glyphs(&placed, fonts);
        if !glyphs.is_empty() && placed.size > 0.0 {
            let start = Point::from_xy(single(placed.x), single(placed.y));
            surface.draw_glyphs(start, &glyphs, embedded, &placed.run.text, single(placed.size), false);
        }
    }
    surface.pop();
}

/// The glyphs of a run and the font they are from. Advances are those of our own measure.
fn glyphs(placed: &Placed<'_>, fonts: &Fonts) -> (Font, Vec<KrillaGlyph>) {
    let face = placed.run.face;
    let letters = placed.run.text.char_indices();
    let glyphs = letters.filter_map(|(begin, letter)| {
        let glyph = font::Font::of(face).glyph(letter)?;
        let range = begin..begin + letter.len_utf8();
        Some(KrillaGlyph::new(GlyphId::new(glyph.id.to_u32()), single(glyph.advance), 0.0, 0.0, 0.0, range, None))
    });
    let font = match face {
        Face::Roman => &fonts.roman,
        Face::Italic => &fonts.italic,
    };
    (font.clone(), glyphs.collect())
}

fn color([red, green, blue]: [u8; 3]) -> krilla::paint::Paint {
    rgb::Color::new(red, green, blue).into()
}

fn opacity(paint: Paint) -> NormalizedF32 {
    // The scene was checked: an opacity is from 0 to 1.
    NormalizedF32::new(single(paint.opacity)).unwrap_or(NormalizedF32::ONE)
}
