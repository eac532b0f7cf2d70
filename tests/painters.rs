//! One page with everything that a scene can hold, painted as SVG, PDF and PNG.

#![allow(clippy::unwrap_used)]

#[path = "figure/specimen.rs"]
mod specimen;

use insta::assert_snapshot;
use nullsweep::figure::label::Label;
use nullsweep::figure::render::RenderError;
use nullsweep::figure::scene::{Anchor, Direction, Item, Paint, Path, Rectangle, Scene, Segment, Stroke, Text};
use nullsweep::figure::{pdf, png, svg};
use tiny_skia::{Pixmap, PremultipliedColorU8};

fn page_of(items: Vec<Item>) -> Scene {
    Scene { width: 72.0, height: 36.0, description: "A page".to_owned(), items }
}

fn text(label: Label, at: [f64; 2], anchor: Anchor, direction: Direction) -> Item {
    Item::Text(Text { at, anchor, direction, size: 10.0, rgb: [0, 0, 0], label })
}

fn bar(segments: Vec<Segment>, opacity: f64) -> Item {
    Item::Path(Path { segments, fill: Some(Paint { rgb: [200, 0, 0], opacity }), stroke: None })
}

fn square(left: f64, right: f64) -> Vec<Segment> {
    vec![
        Segment::Move([left, left]),
        Segment::Line([right, left]),
        Segment::Line([right, right]),
        Segment::Line([left, right]),
        Segment::Close,
    ]
}

#[test]
fn the_specimen_can_be_looked_at() {
    // The files stay where they are written: painters are judged by eye as well.
    let scene = specimen::page();
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let drawing = svg::render(&scene, "specimen").unwrap();
    std::fs::write(folder.join("specimen.svg"), &drawing).unwrap();
    std::fs::write(folder.join("specimen.pdf"), pdf::render(&scene).unwrap()).unwrap();
    std::fs::write(folder.join("specimen.png"), png::render(&scene, 300.0).unwrap()).unwrap();
    insta::with_settings!({ snapshot_path => "figure", prepend_module_to_snapshot => false, omit_expression => true }, {
        assert_snapshot!("specimen", drawing);
    });
}

// ---- svg ----

#[test]
fn svg_writes_numbers_plainly_and_text_run_by_run() {
    let scene = page_of(vec![
        bar(vec![Segment::Move([-0.0001, 1e-9]), Segment::Line([12.345_67, 1e5]), Segment::Line([-0.5, 7.0])], 0.25),
        text(Label::parse(r"$\sigma_{\min}$").unwrap(), [10.0, 20.0], Anchor::Start, Direction::Right),
        text(Label::power(10, -3), [10.0, 20.0], Anchor::Middle, Direction::Up),
    ]);
    assert_snapshot!(svg::render(&scene, "f").unwrap(), @r##"
    <svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36" role="img" aria-labelledby="f-title">
    <title id="f-title">A page</title>
    <g stroke-linecap="round" stroke-linejoin="round" text-rendering="geometricPrecision" style="font-family:Arimo,'Liberation Sans',Arial,Helvetica,sans-serif;font-kerning:none;font-variant-ligatures:none">
    <path d="M0 0L12.346 100000L-0.5 7" fill="#c80000" fill-opacity="0.25"/>
    <text xml:space="preserve" font-size="10" fill="#000000"><tspan x="10" y="20" font-style="italic" textLength="6.03" lengthAdjust="spacingAndGlyphs">σ</tspan><tspan x="16.03" y="21.8" font-size="7" textLength="11.279" lengthAdjust="spacingAndGlyphs">min</tspan></text>
    <text xml:space="preserve" transform="translate(10 20) rotate(-90)" font-size="10" fill="#000000"><tspan x="-9.552" y="0" textLength="11.123" lengthAdjust="spacingAndGlyphs">10</tspan><tspan x="1.571" y="-3.6" font-size="7" textLength="7.981" lengthAdjust="spacingAndGlyphs">−3</tspan></text>
    </g>
    </svg>
    "##);
}

#[test]
fn svg_escapes_what_would_end_its_text() {
    let hostile = "</text></title><script>alert(\"1\" & '2')</script>\u{1}]]>";
    let mut scene = page_of(vec![text(Label::words(hostile), [0.0, 10.0], Anchor::Start, Direction::Right)]);
    scene.description = format!("{hostile}\n{hostile}");
    let drawing = svg::render(&scene, "\"><script>").unwrap();
    assert!(!drawing.contains("<script"), "{drawing}");
    assert!(!drawing.contains('\u{1}') && !drawing.contains("]]>"), "{drawing}");
    assert_eq!(drawing.matches("<title").count(), 1);
    assert!(drawing.contains("id=\"___script_-title\""), "{drawing}");
}

#[test]
fn svgs_of_one_html_page_do_not_share_names() {
    let window = Rectangle { x: 0.0, y: 0.0, width: 5.0, height: 5.0 };
    let clip = Item::Clip { to: window, items: vec![Item::Clip { to: window, items: Vec::new() }] };
    let scene = page_of(vec![clip.clone(), clip]);
    let names = |id| {
        let drawing = svg::render(&scene, id).unwrap();
        let names: Vec<String> =
            drawing.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        for name in names.iter().filter(|name| name.contains("clip")) {
            assert_eq!(drawing.matches(&format!("url(#{name})")).count(), 1, "{name}");
        }
        names
    };
    let mut all = names("one");
    all.extend(names("two"));
    assert_eq!(all.len(), 2 * (1 + 4));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 2 * (1 + 4), "{all:?}");
}

// ---- pdf ----

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn pdf_embeds_its_fonts_as_outlines_and_knows_no_time() {
    let file = pdf::render(&specimen::page()).unwrap();
    assert!(file.starts_with(b"%PDF-1.5\n"));
    assert!(contains(&file[file.len() - 10..], "%%EOF"));
    for wanted in ["/FontFile2", "/CIDFontType2", "/ToUnicode", "+Arimo", "+Arimo-Italic", "/MediaBox[0 0 252 185]"] {
        assert!(contains(&file, wanted), "{wanted}");
    }
    for unwanted in ["/Type3", "/CreationDate", "/ModDate", "CreateDate", "/JavaScript"] {
        assert!(!contains(&file, unwanted), "{unwanted}");
    }
    // Both faces whole are 55 kB.
    assert!(file.len() < 25_000, "{}", file.len());
}

#[test]
fn equal_scenes_give_equal_bytes_and_others_do_not() {
    let scene = specimen::page();
    assert_eq!(pdf::render(&scene).unwrap(), pdf::render(&scene.clone()).unwrap());
    assert_eq!(png::render(&scene, 100.0).unwrap(), png::render(&scene.clone(), 100.0).unwrap());
    let mut other = scene.clone();
    other.items.pop();
    assert_ne!(pdf::render(&scene).unwrap(), pdf::render(&other).unwrap());
    assert_ne!(png::render(&scene, 100.0).unwrap(), png::render(&other, 100.0).unwrap());
}

// ---- png ----

fn painted(scene: &Scene, dots_per_inch: f64) -> Pixmap {
    Pixmap::decode_png(&png::render(scene, dots_per_inch).unwrap()).unwrap()
}

fn color(pixmap: &Pixmap, x: u32, y: u32) -> [u8; 4] {
    let pixel = pixmap.pixel(x, y).unwrap();
    [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
}

#[test]
fn png_has_its_size_in_pixels_and_on_paper() {
    let file = png::render(&page_of(vec![bar(square(9.0, 27.0), 1.0), bar(square(18.0, 30.0), 0.5)]), 300.0).unwrap();
    // Length, name, 11811 dots per metre twice, metres, and the checksum that zlib gives.
    let size_on_paper = b"\0\0\0\x09pHYs\0\0\x2e\x23\0\0\x2e\x23\x01\x78\xa5\x3f\x76";
    assert_eq!(&file[33..33 + 21], size_on_paper);
    let pixmap = Pixmap::decode_png(&file).unwrap();
    assert_eq!((pixmap.width(), pixmap.height()), (300, 150));
    assert_eq!(color(&pixmap, 2, 2), [255, 255, 255, 255], "paper");
    assert_eq!(color(&pixmap, 50, 50), [200, 0, 0, 255], "one square");
    let [red, green, blue, alpha] = color(&pixmap, 120, 120);
    assert!(
        red.abs_diff(228) <= 1 && green.abs_diff(127) <= 1 && blue == green && alpha == 255,
        "half transparent: {red} {green}"
    );
}

#[test]
fn png_shows_through_nested_windows_what_both_show() {
    let whole = bar(
        vec![
            Segment::Move([0.0, 0.0]),
            Segment::Line([72.0, 0.0]),
            Segment::Line([72.0, 36.0]),
            Segment::Line([0.0, 36.0]),
        ],
        1.0,
    );
    let inner = Item::Clip { to: Rectangle { x: 20.0, y: 0.0, width: 40.0, height: 36.0 }, items: vec![whole.clone()] };
    let empty = Item::Clip { to: Rectangle { x: 60.0, y: 0.0, width: 0.0, height: 36.0 }, items: vec![whole] };
    let scene = page_of(vec![
        Item::Clip { to: Rectangle { x: 10.0, y: 10.0, width: 30.0, height: 16.0 }, items: vec![inner] },
        empty,
    ]);
    let pixmap = painted(&scene, 72.0);
    let red: Vec<(u32, u32)> = (0..36)
        .flat_map(|y| (0..72).map(move |x| (x, y)))
        .filter(|&(x, y)| color(&pixmap, x, y) == [200, 0, 0, 255])
        .collect();
    assert_eq!(red.len(), 20 * 16);
    assert_eq!((red[0], red[red.len() - 1]), ((20, 10), (39, 25)));
}

#[test]
fn a_line_of_no_thickness_is_not_seen_and_dots_are() {
    let line = |width, dash: &[f64]| {
        let stroke = Stroke { paint: Paint { rgb: [0; 3], opacity: 1.0 }, width, dash: dash.to_vec() };
        let segments = vec![Segment::Move([6.0, 18.0]), Segment::Line([66.0, 18.0])];
        page_of(vec![Item::Path(Path { segments, fill: None, stroke: Some(stroke) })])
    };
    let dark = |scene: &Scene| {
        let is_dark = |pixel: &&PremultipliedColorU8| pixel.red() < 128;
        painted(scene, 144.0).pixels().iter().filter(is_dark).count()
    };
    assert_eq!(dark(&line(0.0, &[])), 0);
    let [solid, dashed, odd, dots] = [&[][..], &[4.0, 4.0], &[4.0], &[0.0, 4.0]].map(|dash| dark(&line(1.0, dash)));
    assert_eq!(dashed, odd, "an odd list goes round twice");
    assert!(dots > 0 && dots < dashed && dashed < solid, "{dots} {dashed} {solid}");
}

// ---- all three ----

/// The left, right, upper and lower ends of what is dark, in points.
fn ink(pixmap: &Pixmap, dots_per_point: f64) -> [f64; 4] {
    let width = pixmap.width();
    let dark = pixmap.pixels().iter().zip(0u32..).filter(|(pixel, _)| pixel.red() < 160);
    let places: Vec<(u32, u32)> = dark.map(|(_, place)| (place % width, place / width)).collect();
    let points = |pixels: u32| f64::from(pixels) / dots_per_point;
    [
        points(places.iter().map(|place| place.0).min().unwrap()),
        points(places.iter().map(|place| place.0).max().unwrap() + 1),
        points(places.iter().map(|place| place.1).min().unwrap()),
        points(places.iter().map(|place| place.1).max().unwrap() + 1),
    ]
}

/// The abscissas and lengths that the SVG states, by which every viewer places its runs.
fn stated(drawing: &str) -> (f64, f64) {
    let number = |name: &str| -> Vec<f64> {
        let marker = format!(" {name}=\"");
        drawing
            .split("<tspan")
            .skip(1)
            .map(|tag| tag.split(&marker).nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
            .collect()
    };
    let (begins, lengths) = (number("x"), number("textLength"));
    (begins[0], begins[begins.len() - 1] + lengths[lengths.len() - 1])
}

#[test]
fn text_stands_where_its_anchor_says_in_svg_and_png() {
    // H and 1 have their ink within a tenth of their size from the ends of their advances.
    for markup in ["HHH1", "$H^2$H", "H${}_{\\min}^{2}$H"] {
        let label = Label::parse(markup).unwrap();
        let width = label.width(10.0);
        for (anchor, begin) in
            [(Anchor::Start, 36.0), (Anchor::Middle, 36.0 - width / 2.0), (Anchor::End, 36.0 - width)]
        {
            let across = page_of(vec![text(label.clone(), [36.0, 20.0], anchor, Direction::Right)]);
            let [left, right, top, bottom] = ink(&painted(&across, 720.0), 10.0);
            assert!(left > begin && left < begin + 1.6, "{markup} {anchor:?}: {left} {begin}");
            assert!(right < begin + width + 0.3 && right > begin + width - 1.6, "{markup} {anchor:?}: {right}");
            assert!(top > 19.9 - label.ascent(10.0) && bottom < 20.1 + label.descent(10.0), "{markup}: {top} {bottom}");
            let (first, last) = stated(&svg::render(&across, "f").unwrap());
            assert!(
                (first - begin).abs() < 1e-3 && (last - begin - width).abs() < 2e-3,
                "{markup} {anchor:?}: {first} {last}"
            );

            // The same line read upwards is the same picture turned to the left.
            let mut up = page_of(vec![text(label.clone(), [20.0, 36.0], anchor, Direction::Up)]);
            (up.width, up.height) = (36.0, 72.0);
            let turned = ink(&painted(&up, 720.0), 10.0);
            for (found, expected) in turned.into_iter().zip([top, bottom, 72.0 - right, 72.0 - left]) {
                assert!((found - expected).abs() < 0.25, "{markup} {anchor:?}: {turned:?}");
            }
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_refused_by_all_three_alike() {
    let stroke = |width, dash: &[f64]| {
        let stroke = Stroke { paint: Paint { rgb: [0; 3], opacity: 1.0 }, width, dash: dash.to_vec() };
        Item::Path(Path { segments: square(1.0, 2.0), fill: None, stroke: Some(stroke) })
    };
    let nest = |depth: usize| {
        let window = Rectangle { x: 0.0, y: 0.0, width: 5.0, height: 5.0 };
        (0..depth).fold(bar(square(1.0, 2.0), 1.0), |inside, _| Item::Clip { to: window, items: vec![inside] })
    };
    let mut letters = Label::words("x");
    letters.runs[0].scale = f64::NAN;
    for (item, message) in [
        (bar(square(1.0, f64::NAN), 1.0), "a coordinate of NaN"),
        (bar(square(1.0, f64::INFINITY), 1.0), "a coordinate of inf"),
        (bar(square(1.0, 1e7), 1.0), "a coordinate of 10000000"),
        (bar(square(1.0, 2.0), 1.5), "an opacity of 1.5"),
        (bar(vec![Segment::Line([0.0, 0.0])], 1.0), "without a point"),
        (stroke(-1.0, &[]), "thickness of -1"),
        (stroke(1.0, &[0.0, 0.0]), "sum of dashes of 0"),
        (stroke(1.0, &[1.0, -1.0]), "a dash of -1"),
        (nest(17), "16 deep"),
        (text(Label::words("x"), [f64::NAN, 0.0], Anchor::End, Direction::Up), "a coordinate of NaN"),
        (text(letters, [0.0, 0.0], Anchor::End, Direction::Up), "size of type of NaN"),
        (Item::Clip { to: Rectangle { x: 0.0, y: 0.0, width: -1.0, height: 1.0 }, items: Vec::new() }, "a width of -1"),
    ] {
        let scene = page_of(vec![item]);
        let errors = [
            svg::render(&scene, "f").unwrap_err(),
            pdf::render(&scene).unwrap_err(),
            png::render(&scene, 300.0).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains(message), "{error}, not {message}");
        }
    }
    assert!(pdf::render(&page_of(vec![nest(16)])).is_ok());
    for (width, height) in [(0.0, 5.0), (5.0, -1.0), (1e6, 1e6), (f64::NAN, 5.0)] {
        let scene = Scene { width, height, ..page_of(Vec::new()) };
        assert!(matches!(svg::render(&scene, "f"), Err(RenderError::Page { .. })), "{width} {height}");
        assert!(matches!(pdf::render(&scene), Err(RenderError::Page { .. })), "{width} {height}");
        assert!(matches!(png::render(&scene, 300.0), Err(RenderError::Page { .. })), "{width} {height}");
    }
    let large = Scene { width: 14_400.0, height: 14_400.0, ..page_of(Vec::new()) };
    assert!(pdf::render(&large).is_ok());
    assert!(matches!(png::render(&large, 300.0), Err(RenderError::Pixels { .. })));
    for resolution in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
        assert!(
            matches!(png::render(&page_of(Vec::new()), resolution), Err(RenderError::Number { .. })),
            "{resolution}"
        );
    }
}
