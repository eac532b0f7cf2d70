//! Scene -> SVG 1.1. Text stays text: it can be found, copied and restyled.
//!
//! Every run of letters has its own abscissa, computed from the bundled font: where a viewer sets Arial, Helvetica or
//! Liberation Sans instead, whose letters are as wide, nothing moves, and another font moves letters by fractions of a word only.

use std::fmt::{self, Write};

use super::label::Face;
use super::render::{RenderError, check, title};
use super::scene::{Direction, Item, Paint, Path, Scene, Segment, Stroke, Text};

/// The page as an SVG document, which can also be put into HTML as it is.
///
/// `id`: what the page is called among others. Names within the document begin with it, so that several documents in one HTML
/// page do not take each other's clips; letters, digits, `-` and `_`, anything else counts as `_`.
///
/// # Errors
///
/// If the scene has a number that cannot be drawn.
pub fn render(scene: &Scene, id: &str) -> Result<String, RenderError> {
    check(scene)?;
    let name = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    let mut svg = Svg { text: String::new(), id: id.chars().map(name).collect(), clips: 0 };
    // A String takes everything that is written to it.
    let _ = svg.document(scene);
    Ok(svg.text)
}

struct Svg {
    text: String,
    id: String,
    /// Clips that have been named.
    clips: usize,
}

impl Svg {
    fn document(&mut self, scene: &Scene) -> fmt::Result {
        let (width, height) = (Number(scene.width), Number(scene.height));
        let title = title(scene);
        let description = scene.description.trim();
        let id = &self.id;
        writeln!(
            self.text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}pt\" height=\"{height}pt\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-description\">"
        )?;
        writeln!(self.text, "<title id=\"{id}-title\">{}</title>", Escaped(title))?;
        writeln!(self.text, "<desc id=\"{id}-description\">{}</desc>", Escaped(description))?;
        // Kerning and ligatures would move letters away from where they were measured.
        self.text.push_str(
            "<g stroke-linecap=\"round\" stroke-linejoin=\"round\" text-rendering=\"geometricPrecision\" \
             style=\"font-family:Arimo,'Liberation Sans',Arial,Helvetica,sans-serif;font-kerning:none;\
             font-variant-ligatures:none\">\n",
        );
        self.items(&scene.items)?;
        self.text.push_str("</g>\n</svg>\n");
        Ok(())
    }

    fn items(&mut self, items: &[Item]) -> fmt::Result {
        for item in items {
            match item {
                Item::Path(path) => self.path(path)?,
                Item::Text(text) => self.line_of_text(text)?,
                Item::Clip { to, items } => {
                    self.clips += 1;
                    let (id, number) = (&self.id, self.clips);
                    let (x, y, width, height) = (Number(to.x), Number(to.y), Number(to.width), Number(to.height));
                    writeln!(
                        self.text,
                        "<clipPath id=\"{id}-clip-{number}\"><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/></clipPath>"
                    )?;
                    writeln!(self.text, "<g clip-path=\"url(#{id}-clip-{number})\">")?;
                    self.items(items)?;
                    self.text.push_str("</g>\n");
                }
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &Path) -> fmt::Result {
        self.text.push_str("<path d=\"");
        for segment in &path.segments {
            match segment {
                Segment::Move([x, y]) => write!(self.text, "M{} {}", Number(*x), Number(*y))?,
                Segment::Line([x, y]) => write!(self.text, "L{} {}", Number(*x), Number(*y))?,
                Segment::Cubic(points) => {
                    for (place, [x, y]) in points.iter().enumerate() {
                        let mark = if place == 0 { 'C' } else { ' ' };
                        write!(self.text, "{mark}{} {}", Number(*x), Number(*y))?;
                    }
                }
                Segment::Close => self.text.push('Z'),
            }
        }
        self.text.push('"');
        self.paint("fill", path.fill)?;
        if let Some(Stroke { paint, width, dash }) = &path.stroke {
            self.paint("stroke", Some(*paint))?;
            write!(self.text, " stroke-width=\"{}\"", Number(*width))?;
            if let [first, rest @ ..] = dash.as_slice() {
                write!(self.text, " stroke-dasharray=\"{}", Number(*first))?;
                for length in rest {
                    write!(self.text, " {}", Number(*length))?;
                }
                self.text.push('"');
            }
        }
        self.text.push_str("/>\n");
        Ok(())
    }

    fn paint(&mut self, attribute: &str, paint: Option<Paint>) -> fmt::Result {
        let Some(Paint { rgb, opacity }) = paint else {
            return write!(self.text, " {attribute}=\"none\"");
        };
        write!(self.text, " {attribute}=\"{}\"", Color(rgb))?;
        if opacity < 1.0 {
            write!(self.text, " {attribute}-opacity=\"{}\"", Number(opacity))?;
        }
        Ok(())
    }

    fn line_of_text(&mut self, text: &Text) -> fmt::Result {
        let [x, y] = text.at;
        self.text.push_str("<text xml:space=\"preserve\"");
        // Lines that are read to the right need no frame of their own, which keeps the document easy to edit.
        let (x, y) = match text.direction {
            Direction::Right => (x, y),
            Direction::Up => {
                write!(self.text, " transform=\"translate({} {}) rotate(-90)\"", Number(x), Number(y))?;
                (0.0, 0.0)
            }
        };
        write!(self.text, " font-size=\"{}\" fill=\"{}\">", Number(text.size), Color(text.rgb))?;
        for placed in text.placed() {
            write!(self.text, "<tspan x=\"{}\" y=\"{}\"", Number(x + placed.x), Number(y + placed.y))?;
            if placed.run.scale != 1.0 {
                write!(self.text, " font-size=\"{}\"", Number(placed.size))?;
            }
            if placed.run.face == Face::Italic {
                self.text.push_str(" font-style=\"italic\"");
            }
            write!(self.text, ">{}</tspan>", Escaped(&placed.run.text))?;
        }
        self.text.push_str("</text>\n");
        Ok(())
    }
}

/// A length to the nearest 0.001, without exponent, trailing zeros or a minus before zero.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding 0 makes +0 of -0.
        let text = format!("{:.3}", (self.0 * 1000.0).round() / 1000.0 + 0.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

struct Color([u8; 3]);

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Text for between tags. Characters that XML 1.0 has no way to write become U+FFFD.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\t' | '\n' => f.write_char(letter)?,
                '\0'..' ' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                _ => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}
