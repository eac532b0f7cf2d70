//! Scene -> PNG, by tiny-skia: for slides, pages of the web and whoever only wants to look.
//!
//! Letters are filled outlines of the bundled font, unhinted: a page looks the same on every machine.

use skrifa::outline::OutlinePen;
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Mask, Paint, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

use super::font::Font;
use super::render::{RenderError, check, single};
use super::scene::{self, Direction, Item, Path, Rectangle, Scene, Segment, Text};

/// Pixels of the largest image: a slide at 900 dots per inch, 200 MB while it is drawn.
const MOST_PIXELS: f64 = 5e7;
/// The range of resolutions: that of screens to that of film.
const DOTS_PER_INCH: std::ops::RangeInclusive<f64> = 10.0..=2400.0;

/// The page as a PNG image on white, with its size on paper.
///
/// # Errors
///
/// If the scene has a number that cannot be drawn, the resolution is not within 10 to 2400, or the image would have more than
/// 50 million pixels.
pub fn render(scene: &Scene, dots_per_inch: f64) -> Result<Vec<u8>, RenderError> {
    check(scene)?;
    if !DOTS_PER_INCH.contains(&dots_per_inch) {
        return Err(RenderError::Number { what: "a resolution in dots per inch", value: dots_per_inch });
    }
    let dots_per_point = dots_per_inch / 72.0;
    let [width, height] = [scene.width, scene.height].map(|side| (side * dots_per_point).round().max(1.0));
    let too_large = RenderError::Pixels { width, height };
    if width * height > MOST_PIXELS {
        return Err(too_large);
    }
    let mut pixmap = Pixmap::new(whole(width), whole(height)).ok_or(too_large)?;
    pixmap.fill(Color::WHITE);
    let scale = single(dots_per_point);
    let mut canvas = Canvas { pixmap, page: Transform::from_scale(scale, scale) };
    canvas.items(&scene.items, None);
    let image = canvas.pixmap.encode_png();
    let image = image.map_err(|error| RenderError::Library { format: "png", message: error.to_string() })?;
    Ok(with_size_on_paper(image, dots_per_inch))
}

struct Canvas {
    pixmap: Pixmap,
    /// Points -> pixels.
    page: Transform,
}

impl Canvas {
    fn items(&mut self, items: &[Item], mask: Option<&Mask>) {
        for item in items {
            match item {
                Item::Path(path) => self.path(path, mask),
                Item::Text(text) => self.text(text, mask),
                Item::Clip { to, items } => {
                    // Nothing is seen through a window without an area.
                    if let Some(inside) = self.window(to, mask) {
                        self.items(items, Some(&inside));
                    }
                }
            }
        }
    }

    /// What is seen through `to` and through `outer`.
    fn window(&self, to: &Rectangle, outer: Option<&Mask>) -> Option<Mask> {
        let window = Rect::from_xywh(single(to.x), single(to.y), single(to.width), single(to.height))?;
        let window = PathBuilder::from_rect(window);
        if let Some(outer) = outer {
            let mut mask = outer.clone();
            mask.intersect_path(&window, FillRule::Winding, true, self.page);
            return Some(mask);
        }
        let mut mask = Mask::new(self.pixmap.width(), self.pixmap.height())?;
        mask.fill_path(&window, FillRule::Winding, true, self.page);
        Some(mask)
    }

    fn path(&mut self, path: &Path, mask: Option<&Mask>) {
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
        let Some(outline) = builder.finish() else { return };
        if let Some(paint) = path.fill {
            self.pixmap.fill_path(&outline, &pigment(paint), FillRule::Winding, self.page, mask);
        }
        // A width of 0 would be the thinnest line there is; in SVG it is no line.
        if let Some(stroke) = path.stroke.as_ref().filter(|stroke| stroke.width > 0.0) {
            let line = Stroke {
                width: single(stroke.width),
                line_cap: LineCap::Round,
                line_join: LineJoin::Round,
                dash: dashes(&stroke.dash),
                ..Stroke::default()
            };
            self.pixmap.stroke_path(&outline, &pigment(stroke.paint), &line, self.page, mask);
        }
    }

    fn text(&mut self, text: &Text, mask: Option<&Mask>) {
        let [x, y] = text.at.map(single);
        let line = match text.direction {
            Direction::Right => Transform::from_translate(x, y),
            // To the right becomes up, and down becomes to the right.
            Direction::Up => Transform::from_row(0.0, -1.0, 1.0, 0.0, x, y),
        };
        let paint = pigment(scene::Paint { rgb: text.rgb, opacity: 1.0 });
        for placed in text.placed() {
            let font = Font::of(placed.run.face);
            let mut pen = Pen { builder: PathBuilder::new(), x: 0.0 };
            let mut advance = 0.0;
            for glyph in placed.run.text.chars().filter_map(|letter| font.glyph(letter)) {
                pen.x = single(advance * font.units_per_em());
                font.outline(glyph.id, &mut pen);
                advance += glyph.advance;
            }
            let Some(outline) = pen.builder.finish() else { continue };
            let scale = single(placed.size / font.units_per_em());
            let letters = line.pre_translate(single(placed.x), single(placed.y)).pre_scale(scale, -scale);
            self.pixmap.fill_path(&outline, &paint, FillRule::Winding, letters.post_concat(self.page), mask);
        }
    }
}

/// Gathers the outlines of a run.
struct Pen {
    builder: PathBuilder,
    /// Where the letter begins that is drawn, in the font's units.
    x: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.builder.move_to(self.x + x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.builder.line_to(self.x + x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.builder.quad_to(self.x + x1, y1, self.x + x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.builder.cubic_to(self.x + x1, y1, self.x + x2, y2, self.x + x, y);
    }

    fn close(&mut self) {
        self.builder.close();
    }
}

fn pigment(paint: scene::Paint) -> Paint<'static> {
    let [red, green, blue] = paint.rgb;
    let mut pigment = Paint::default();
    // From 0 to 1 by the check, so that the product is a byte.
    pigment.set_color_rgba8(red, green, blue, (paint.opacity * 255.0).round() as u8);
    pigment
}

/// tiny-skia wants as many gaps as dashes; an odd list goes round twice, as in SVG and PDF.
fn dashes(lengths: &[f64]) -> Option<StrokeDash> {
    let mut lengths: Vec<f32> = lengths.iter().map(|&length| single(length)).collect();
    if lengths.len() % 2 == 1 {
        lengths.extend_from_within(..);
    }
    StrokeDash::new(lengths, 0.0)
}

/// A number of pixels, which is whole and below [`MOST_PIXELS`].
fn whole(pixels: f64) -> u32 {
    pixels as u32
}

/// `image` with the chunk pHYs, which tiny-skia does not write, behind its header (PNG, third edition, 11.3.4.3).
fn with_size_on_paper(mut image: Vec<u8>, dots_per_inch: f64) -> Vec<u8> {
    /// The signature, and the chunk IHDR: length, name, 13 bytes, checksum.
    const HEADER: usize = 8 + 4 + 4 + 13 + 4;
    let dots_per_metre = whole((dots_per_inch / 0.0254).round()).to_be_bytes();
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(dots_per_metre);
    chunk.extend(dots_per_metre);
    chunk.push(1); // the unit is the metre
    let length = u32::try_from(chunk.len() - 4).unwrap_or(0).to_be_bytes();
    let checksum = crc32(&chunk).to_be_bytes();
    image.splice(HEADER..HEADER, [length.as_slice(), &chunk, &checksum].concat());
    image
}

/// The checksum of PNG's chunks (annex D of the standard), bit by bit: for a dozen bytes no table is worth its lines.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |checksum, &byte| {
        (0..8).fold(checksum ^ u32::from(byte), |sum, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 })
    })
}
