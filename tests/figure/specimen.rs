//! A page with everything that a scene can hold.

use nullsweep::figure::label::Label;
use nullsweep::figure::scene::{Anchor, Direction, Item, Paint, Path, Rectangle, Scene, Segment, Stroke, Text};

fn black(opacity: f64) -> Paint {
    Paint { rgb: [0, 0, 0], opacity }
}

fn line(from: [f64; 2], to: [f64; 2], rgb: [u8; 3], width: f64, dash: &[f64]) -> Item {
    let stroke = Stroke { paint: Paint { rgb, opacity: 1.0 }, width, dash: dash.to_vec() };
    Item::Path(Path { segments: vec![Segment::Move(from), Segment::Line(to)], fill: None, stroke: Some(stroke) })
}

fn rectangle([x, y]: [f64; 2], [width, height]: [f64; 2], fill: Paint) -> Item {
    let corners = [[x + width, y], [x + width, y + height], [x, y + height]];
    let mut segments = vec![Segment::Move([x, y])];
    segments.extend(corners.map(Segment::Line));
    segments.push(Segment::Close);
    Item::Path(Path { segments, fill: Some(fill), stroke: None })
}

fn frame([x, y]: [f64; 2], [width, height]: [f64; 2]) -> Item {
    let Item::Path(mut path) = rectangle([x, y], [width, height], black(1.0)) else { unreachable!() };
    path.fill = None;
    path.stroke = Some(Stroke { paint: black(1.0), width: 0.6, dash: Vec::new() });
    Item::Path(path)
}

/// A circle of four cubics, filled and stroked.
fn circle([x, y]: [f64; 2], radius: f64) -> Item {
    // How far the control points of a quarter of a circle stand off its ends.
    let off = radius * 0.552_284_75;
    let segments = vec![
        Segment::Move([x + radius, y]),
        Segment::Cubic([[x + radius, y + off], [x + off, y + radius], [x, y + radius]]),
        Segment::Cubic([[x - off, y + radius], [x - radius, y + off], [x - radius, y]]),
        Segment::Cubic([[x - radius, y - off], [x - off, y - radius], [x, y - radius]]),
        Segment::Cubic([[x + off, y - radius], [x + radius, y - off], [x + radius, y]]),
        Segment::Close,
    ];
    let fill = Some(Paint { rgb: [0x56, 0xb4, 0xe9], opacity: 0.8 });
    Item::Path(Path { segments, fill, stroke: Some(Stroke { paint: black(1.0), width: 1.0, dash: Vec::new() }) })
}

fn text(at: [f64; 2], anchor: Anchor, direction: Direction, size: f64, label: Label) -> Item {
    Item::Text(Text { at, anchor, direction, size, rgb: [0, 0, 0], label })
}

fn words(at: [f64; 2], anchor: Anchor, size: f64, markup: &str) -> Item {
    text(at, anchor, Direction::Right, size, Label::parse(markup).unwrap_or_else(|error| panic!("{markup}: {error}")))
}

/// The page: 252 x 200 pt, a column of a journal.
pub fn page() -> Scene {
    let mut items = vec![
        // A frame, and through it a circle of four cubics that reaches beyond it.
        Item::Clip {
            to: Rectangle { x: 40.0, y: 20.0, width: 90.0, height: 60.0 },
            items: vec![
                rectangle([0.0, 0.0], [252.0, 200.0], Paint { rgb: [0xf0, 0xe4, 0x42], opacity: 0.3 }),
                circle([125.0, 50.0], 28.0),
                Item::Clip {
                    to: Rectangle { x: 50.0, y: 60.0, width: 40.0, height: 40.0 },
                    items: vec![line([30.0, 55.0], [110.0, 85.0], [0xd5, 0x5e, 0x00], 3.0, &[])],
                },
            ],
        },
        frame([40.0, 20.0], [90.0, 60.0]),
        line([140.0, 25.0], [240.0, 25.0], [0x00, 0x72, 0xb2], 1.0, &[]),
        line([140.0, 32.0], [240.0, 32.0], [0xd5, 0x5e, 0x00], 1.0, &[4.0, 2.0]),
        line([140.0, 39.0], [240.0, 39.0], [0x00, 0x9e, 0x73], 1.0, &[0.0, 2.5]),
        line([140.0, 46.0], [240.0, 46.0], [0xcc, 0x79, 0xa7], 1.0, &[6.0, 2.0, 1.0]),
        line([140.0, 53.0], [240.0, 53.0], [0, 0, 0], 0.25, &[]),
        rectangle([140.0, 60.0], [50.0, 15.0], black(0.25)),
        rectangle([165.0, 65.0], [50.0, 15.0], Paint { rgb: [0x00, 0x72, 0xb2], opacity: 0.5 }),
        words([126.0, 12.0], Anchor::Middle, 9.0, r"The page of everything, 100\,\% of it"),
        words([85.0, 100.0], Anchor::Middle, 8.0, r"Independent part $\epsilon$"),
        text(
            [14.0, 50.0],
            Anchor::Middle,
            Direction::Up,
            8.0,
            Label::parse(r"Condition number $\kappa_2(X)$").unwrap(),
        ),
    ];
    for (place, exponent) in [-16, -8, 0, 3].into_iter().enumerate() {
        let x = 40.0 + 30.0 * place as f64;
        items.push(line([x, 80.0], [x, 83.0], [0, 0, 0], 0.5, &[]));
        items.push(text([x, 91.0], Anchor::Middle, Direction::Right, 7.0, Label::power(10, exponent)));
        let y = 80.0 - 20.0 * place as f64;
        items.push(text(
            [37.0, y + 2.5],
            Anchor::End,
            Direction::Right,
            7.0,
            Label::words(&format!("{}", -0.5 * place as f64)),
        ));
    }
    for (place, markup) in MATHEMATICS.iter().enumerate() {
        let (column, row) = (place % 2, place / 2);
        items.push(words([10.0 + 122.0 * column as f64, 116.0 + 11.0 * row as f64], Anchor::Start, 7.0, markup));
    }
    Scene {
        width: 252.0,
        height: 200.0,
        description: "Everything that a page can hold <&>\nA frame with a clipped circle, lines, and mathematics."
            .to_owned(),
        items,
    }
}

/// Mathematics as it stands on axes, in legends and titles.
pub const MATHEMATICS: &[&str] = &[
    r"$\kappa(X) = \sigma_{\max}/\sigma_{\min} \le 10^{-16}$",
    r"$\|y - X w\|_2^2 + \lambda \|w\|^2$",
    r"$\sigma_{\min}^2(X^T X)$, $T_{i_j}$",
    r"$u \kappa^2 \approx 1.1 \times 10^{-16}$",
    r"$\frac{d}{n} \to \gamma$, $\frac{n - 1}{2 d}$",
    r"$\mathrm{E} \log \kappa_n - \log n$",
    r"$\sqrt{n} \pm \sqrt{d + 1}$, $x = -1$",
    r"$f'(x_i), V^2 w^{(0)}, e^{-x^2}, \ell_{1}$",
    r"$\alpha\beta\gamma\delta\epsilon\varepsilon\zeta\eta\theta\iota\kappa\lambda\mu\nu\xi\pi$",
    r"$\rho\sigma\tau\upsilon\phi\varphi\chi\psi\omega\ \Gamma\Delta\Theta\Lambda\Sigma\Omega$",
    r"kappa\_gram -- Student's $t$, Ökonomie",
    r"$\sum_{i=1}^{k} \sigma_i^2 / (\sigma_i^2 + \lambda)$",
];
