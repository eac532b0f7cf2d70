#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::{Face, Label, Run, SUPERSCRIPT, escape};
use crate::figure::font::Font;

/// The runs of a label in one line: italic letters between asterisks, scripts as `^{}` and `_{}` with their depth, spaces of
/// a width of their own as `<0.17>`.
fn sketch(label: &Label) -> String {
    let run = |run: &Run| {
        if run.text.trim().is_empty() && run.scale != 1.0 {
            return format!("<{:.2}>", run.scale * Font::of(Face::Roman).width(&run.text));
        }
        let text = match run.face {
            Face::Roman => run.text.clone(),
            Face::Italic => format!("*{}*", run.text),
        };
        match run.rise {
            0.0 => text,
            rise if rise > 0.0 => format!("^{{{text}}}"),
            _ => format!("_{{{text}}}"),
        }
    };
    label.runs.iter().map(run).collect()
}

fn set(markup: &str) -> String {
    sketch(&Label::parse(markup).unwrap_or_else(|error| panic!("{markup}: {error}")))
}

#[test]
fn words_and_mathematics_are_told_apart() {
    for (markup, expected) in [
        ("", ""),
        ("condition number", "condition number"),
        (r"$\kappa(X)$", "*κ*(*X*)"),
        (r"share of $n$, 5\,\% -- or so", "share of *n*, 5<0.17>% – or so"),
        (r"a\_b \$5 \#1 \& \{x\} it's~~here", "a_b $5 #1 & {x} it’s  here"),
        (r"\textbackslash{}n \textasciitilde \textasciicircum{}", "\\n ~^"),
        ("one\n\t line", "one line"),
        (r"$\sigma_{\min}$", "*σ*_{min}"),
        (r"$\epsilon\varepsilon\phi\varphi\Gamma$", "*ϵεϕφ*Γ"),
        (r"$x' + x^\prime$", "*x*′<0.22>+<0.22>*x*′"),
        (r"$\|w\|_2$", "‖*w*‖_{2}"),
        (r"$\text{of size } n$", "of size *n*"),
        (r"$\mathrm{rank } X \operatorname{tr} X$", "rank*X*<0.17>tr<0.17>*X*"),
        (r"$10^{-16}$", "10^{−16}"),
        (r"$e^{-x^2}$", "*e*^{−}^{*x*}^{2}"),
    ] {
        assert_eq!(set(markup), expected, "{markup}");
    }
}

#[test]
fn signs_keep_the_distance_that_their_class_asks_for() {
    for (markup, expected) in [
        ("$a+b$", "*a*<0.22>+<0.22>*b*"),
        ("$-a$", "−*a*"),
        ("$a=-b$", "*a*<0.28>=<0.28>−*b*"),
        ("$(-1)$", "(−1)"),
        (r"$2\cdot -1$", "2<0.22>·<0.22>−1"),
        ("$d/n$", "*d*/*n*"),
        ("$f(x, y)$", "*f*(*x*,<0.17>*y*)"),
        (r"$\log n$", "log<0.17>*n*"),
        (r"$\log(n)$", "log(*n*)"),
        (r"$2\log n$", "2<0.17>log<0.17>*n*"),
        (r"$x_{i+1}$", "*x*_{*i*}_{+1}"),
        (r"$a\;b\,c~d$", "*a*<0.28>*b*<0.17>*c* *d*"),
        (r"$\log\,n$", "log<0.33>*n*"),
    ] {
        assert_eq!(set(markup), expected, "{markup}");
    }
}

#[test]
fn fractions_and_roots_stand_on_the_line_and_mean_the_same() {
    for (markup, expected) in [
        (r"$\frac{d}{n}$", "*d*/*n*"),
        (r"$\frac{1}{10}$", "1/10"),
        (r"$\frac{2 n}{3 d}$", "2*n*/(3*d*)"),
        (r"$\frac{n - 1}{d}$", "(*n*<0.22>−<0.22>1)/*d*"),
        (r"$\frac{1}{\frac{a}{b}}$", "1/(*a*/*b*)"),
        (r"$\frac{{a + b}}{{c + d}}$", "(*a*<0.22>+<0.22>*b*)/(*c*<0.22>+<0.22>*d*)"),
        (r"$\frac{\log n}{n^2}$", "(log<0.17>*n*)/*n*^{2}"),
        (r"$\sqrt{n}$", "√*n*"),
        (r"$\sqrt{n + 1}$", "√(*n*<0.22>+<0.22>1)"),
    ] {
        assert_eq!(set(markup), expected, "{markup}");
    }
}

#[test]
fn scripts_of_one_letter_stand_above_one_another() {
    for markup in [r"$\sigma_{\min}^2 x$", r"$\sigma^2_{\min} x$", r"$w_1^{(10)} x$"] {
        let label = Label::parse(markup).unwrap();
        let ends = begins_and_ends(&label);
        let [base, below, above, next] = ends.as_slice() else { panic!("{markup}: {label:?}") };
        assert!((below.0 - base.1).abs() < 1e-12, "{markup}: {ends:?}");
        assert!(above.0 >= base.1 && above.0 < base.1 + 0.1, "{markup}: {ends:?}");
        let gap = next.0 - below.1.max(above.1);
        assert!((gap - 0.05).abs() < 1e-12, "{markup}: {ends:?}");
        assert!(label.width(1.0) >= below.1.max(above.1), "{markup}");
        let [rise_below, rise_above] = [label.runs[1].rise, label.runs[2].rise];
        // Digits of 0.7 of Arimo's height of 0.72 do not touch.
        assert!(rise_above - rise_below > 0.7 * 0.72, "{rise_above} {rise_below}");
    }
    // The wider script ends the label, whichever it is.
    let [narrow, wide] = ["$w_1$", "$w_1^{(10)}$"].map(|markup| Label::parse(markup).unwrap().width(1.0));
    assert!(wide > narrow + 0.3, "{narrow} {wide}");
}

fn begins_and_ends(label: &Label) -> Vec<(f64, f64)> {
    let mut pen = 0.0;
    let mut list = Vec::new();
    for run in &label.runs {
        let begin = pen + run.kern;
        pen = begin + run.scale * Font::of(run.face).width(&run.text);
        list.push((begin, pen));
    }
    list
}

#[test]
fn a_slanted_letter_does_not_lean_into_the_bracket_behind_it() {
    let label = Label::parse("$f(x)$").unwrap();
    assert!(label.runs[1].kern > 0.0 && label.runs[1].kern < 0.2, "{label:?}");
    // A subscript may stand under it.
    assert_eq!(Label::parse("$f_1$").unwrap().runs[1].kern, 0.0);
}

#[test]
fn faults_are_named_with_place_and_remedy() {
    for (markup, offset, message) in [
        ("cost $n", 5, "no partner"),
        ("$$", 0, r"write \$"),
        ("a_b", 1, r"write \_"),
        ("100 %", 4, r"write \%"),
        ("x^2", 1, "between $"),
        ("a < b", 2, "write $<$"),
        ("width κ", 6, r"write $\kappa$"),
        ("$κ$", 1, r"write \kappa"),
        ("x₁", 1, "U+2081"),
        ("a −1", 2, "write $-$"),
        ("größe 中", 8, "U+4E2D"),
        (r"\sigma", 0, r"$\sigma$"),
        (r"$a \foo b$", 3, r"\foo is not known"),
        (r"$\hat{w}$", 1, r"\hat: no accents"),
        (r"$\mathbf{w}$", 1, r"\mathbf: only upright and italic"),
        (r"$X^\top$", 3, r"\top: the bundled font lacks it"),
        ("$x^10$", 2, "write ^{...}"),
        ("$x^-1$", 2, "write ^{...}"),
        ("$x_1_2$", 4, "join them"),
        ("$x_{1$", 3, "not closed"),
        ("$x}$", 2, r"write \}"),
        ("$_1$", 1, "without a letter before it"),
        ("$x_$", 2, "nothing behind it"),
        ("$a_{b_{c_{d}}}$", 8, "so small"),
        (r"$\frac{a}$", 1, "wants a group"),
        (r"$\frac{}{b}$", 1, "empty group"),
        (r"$\sqrt[3]{x}$", 1, "powers"),
        (r"$\mathrm{a+b}$", 10, r"\text{...}"),
        (r"$\text{a $b$}$", 1, "no mathematics"),
        ("tail\\", 4, r"\textbackslash{}"),
        (r"one \\ two", 4, "one line"),
        ("$é$", 1, "no sign of mathematics"),
    ] {
        let error = Label::parse(markup).unwrap_err();
        assert_eq!(error.offset, offset, "{markup}: {error}");
        assert!(error.message.contains(message), "{markup}: {error}");
    }
}

#[test]
fn length_and_depth_are_limited() {
    assert!(Label::parse(&"a".repeat(1000)).is_ok());
    assert!(Label::parse(&"a".repeat(1001)).unwrap_err().message.contains("1000"));
    // The limit falls within a letter of two bytes.
    assert_eq!(Label::parse(&format!("a{}", "é".repeat(600))).unwrap_err().offset, 999);
    let nested = |depth: usize| format!("${}x{}$", "{".repeat(depth), "}".repeat(depth));
    assert!(Label::parse(&nested(8)).is_ok());
    assert!(Label::parse(&nested(9)).unwrap_err().message.contains("8 deep"));
    assert!(Label::parse(&format!("${}$", "{".repeat(900))).is_err());
    assert!(Label::parse(&format!("${}$", r"\sqrt{".repeat(150))).is_err());
}

#[test]
fn words_are_taken_as_they_are() {
    assert_eq!(sketch(&Label::words("-0.5")), "−0.5");
    assert_eq!(sketch(&Label::words("1e-8")), "1e−8");
    assert_eq!(sketch(&Label::words("normal-equations")), "normal-equations");
    assert_eq!(sketch(&Label::words(r"a_b $x$ \\ {")), r"a_b $x$ \\ {");
    assert_eq!(sketch(&Label::words("中\u{7}")), "U+4E2DU+0007");
    assert_eq!(Label::words(""), Label { runs: Vec::new() });
}

#[test]
fn powers_have_a_true_minus() {
    assert_eq!(sketch(&Label::power(10, -16)), "10^{−16}");
    assert_eq!(sketch(&Label::power(2, i32::MIN)), "2^{−2147483648}");
    assert_eq!(Label::power(10, -16), Label::parse("$10^{-16}$").unwrap());
    assert_eq!(Label::power(10, 3).runs[1].rise, SUPERSCRIPT);
}

#[test]
fn what_is_escaped_is_taken_as_it_is() {
    for text in ["a_b", "-1e-8", "100 % & #3 {x} $y$", r"C:\dir~1^2", "a--b---c", "< | >", "中", "x-"] {
        let markup = escape(text);
        let label = Label::parse(&markup).unwrap_or_else(|error| panic!("{markup}: {error}"));
        assert_eq!(sketch(&label), sketch(&Label::words(text)), "{markup}");
    }
    assert_eq!(escape("κ"), r"$\kappa$");
    assert_eq!(escape("x₁ −"), "xU+2081 $-$");
}

/// Markup that is nearly right: what random letters seldom are.
fn markup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "$", "{", "}", "_", "^", "\\", "'", " ", "x", "12", "-", "+", "(", "\\frac", "\\sqrt", "\\text", "\\mathrm",
        "\\sigma", "\\min", "\\,", "\\|", "κ", "中", "~", "%", "\\hat", "é", ",", "\\left", "[", "\n", "\u{301}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_a_label_or_an_error_within_it(markup in prop_oneof![markup(), markup().prop_map(|inside| format!("${inside}$")), any::<String>()]) {
        match Label::parse(&markup) {
            Ok(label) => {
                for run in &label.runs {
                    prop_assert!(!run.text.is_empty() && run.scale > 0.0 && run.rise.is_finite() && run.kern.is_finite());
                    for letter in run.text.chars() {
                        prop_assert!(Font::of(run.face).glyph(letter).is_some(), "{:?} in {:?}", letter, run);
                    }
                }
                prop_assert!(label.width(8.0).is_finite() && label.width(8.0) >= 0.0);
            }
            Err(error) => {
                prop_assert!(error.offset <= markup.len() && markup.is_char_boundary(error.offset), "{}", error);
                prop_assert!(!error.message.is_empty());
            }
        }
    }

    #[test]
    fn any_text_can_be_escaped(text in "[ -&(-~]{0,60}") {
        // Spaces in a row are one in LaTeX, and at most one is set in words.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let markup = escape(&text);
        let label = Label::parse(&markup);
        prop_assert!(label.is_ok(), "{}: {:?}", markup, label);
        let [parsed, taken] = [label.unwrap(), Label::words(&text)].map(|label| label.runs.iter().map(|run| run.text.as_str()).collect::<String>());
        prop_assert_eq!(parsed, taken);
    }

    #[test]
    fn any_words_can_be_set(text in any::<String>()) {
        for run in Label::words(&text).runs {
            prop_assert!(run.text.chars().all(|letter| Font::of(run.face).glyph(letter).is_some()));
        }
    }
}
