//! What has a name in mathematics: LaTeX's names, for signs that the bundled font has.

use super::Face;

/// How a sign stands among its neighbours (The TeXbook, chapter 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A letter, a number, a group.
    Ordinary,
    /// A function's name: a thin space before its argument.
    Operator,
    /// Between two operands; ordinary where the first is missing.
    Binary,
    /// Between two sides.
    Relation,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// A comma: a thin space behind it.
    Punctuation,
}

/// A sign and how it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Symbol {
    /// What is written.
    pub(super) text: &'static str,
    /// In which face.
    pub(super) face: Face,
    /// How it stands among its neighbours.
    pub(super) class: Class,
}

/// The sign that is written `\name`.
pub(super) fn named(name: &str) -> Option<Symbol> {
    let find = |list: &[(&str, &'static str)]| list.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    let roman = |class| move |text| Symbol { text, face: Face::Roman, class };
    find(SMALL_GREEK)
        .map(|text| Symbol { text, face: Face::Italic, class: Class::Ordinary })
        .or_else(|| find(ORDINARY).map(roman(Class::Ordinary)))
        .or_else(|| find(BINARY).map(roman(Class::Binary)))
        .or_else(|| find(RELATION).map(roman(Class::Relation)))
        .or_else(|| find(OPEN).map(roman(Class::Open)))
        .or_else(|| find(CLOSE).map(roman(Class::Close)))
        .or_else(|| find(LARGE).map(roman(Class::Operator)))
        .or_else(|| OPERATORS.iter().find(|known| **known == name).map(|text| roman(Class::Operator)(*text)))
}

/// The name of a sign that is no letter of words in LaTeX, for those who type it as it is: κ is kappa.
pub(super) fn named_by_letter(letter: char) -> Option<&'static str> {
    let mut buffer = [0; 4];
    let text: &str = letter.encode_utf8(&mut buffer);
    [SMALL_GREEK, ORDINARY, BINARY, RELATION, OPEN, CLOSE, LARGE]
        .into_iter()
        .flatten()
        .find(|(_, known)| *known == text && !letter.is_ascii())
        .map(|(name, _)| *name)
}

/// Whether a letter can stand among words as it is: those of western Europe and typographic signs, which both the bundled font and
/// pdfLaTeX have.
pub(super) fn is_of_words(letter: char) -> bool {
    matches!(letter, ' '..='~' | '¡'..='ÿ' | 'ı' | '–' | '—' | '‘'..='‚' | '“' | '”' | '•' | '…') && letter != '\u{ad}'
}

/// Why a command that LaTeX knows is not set here, and what to write.
pub(super) fn refusal(name: &str) -> Option<String> {
    let remedy = match name {
        "hat" | "bar" | "tilde" | "vec" | "dot" | "ddot" | "overline" | "underline" | "widehat" | "widetilde"
        | "check" | "breve" | "acute" | "grave" => {
            "no accents are set; tell the letter by a subscript, such as w_{\\mathrm{est}}"
        }
        "mathbf" | "boldsymbol" | "bm" | "textbf" | "mathbb" | "mathcal" | "mathsf" | "mathtt" => {
            "only upright and italic letters are bundled; write the letter alone or \\mathrm{...}"
        }
        "left" | "right" | "big" | "Big" | "bigl" | "bigr" => "brackets have one size; write the bracket alone",
        "omicron" => "write o",
        "Alpha" => "write \\mathrm{A}",
        "Beta" => "write \\mathrm{B}",
        "Epsilon" => "write \\mathrm{E}",
        "Zeta" => "write \\mathrm{Z}",
        "Eta" => "write \\mathrm{H}",
        "Iota" => "write \\mathrm{I}",
        "Kappa" => "write \\mathrm{K}",
        "Mu" => "write \\mathrm{M}",
        "Nu" => "write \\mathrm{N}",
        "Omicron" => "write \\mathrm{O}",
        "Rho" => "write \\mathrm{P}",
        "Tau" => "write \\mathrm{T}",
        "Chi" => "write \\mathrm{X}",
        "lt" | "gt" => "LaTeX has no such name; write < or >",
        "varrho" => "the bundled font lacks it; write \\rho",
        "top" | "intercal" => "the bundled font lacks it; write ^T or ^{\\mathrm{T}}",
        "circ" => "the bundled font lacks it; write \\cdot",
        "propto" | "in" | "notin" | "subset" | "perp" | "parallel" | "nabla" | "ll" | "gg" | "odot" | "otimes"
        | "oplus" | "langle" | "rangle" | "forall" | "exists" | "hbar" | "lesssim" | "gtrsim" | "simeq" | "cong" => {
            "the bundled font lacks it; say it in words"
        }
        "\\" | "newline" => "a label is one line; leave it out",
        "dfrac" | "tfrac" => "write \\frac",
        _ => return None,
    };
    Some(format!("\\{name}: {remedy}"))
}

/// Small letters of Greek, italic. LaTeX's \epsilon and \phi are not the letters that modern Greek writes.
const SMALL_GREEK: &[(&str, &str)] = &[
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("delta", "δ"),
    ("epsilon", "ϵ"),
    ("varepsilon", "ε"),
    ("zeta", "ζ"),
    ("eta", "η"),
    ("theta", "θ"),
    ("vartheta", "ϑ"),
    ("iota", "ι"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("mu", "μ"),
    ("nu", "ν"),
    ("xi", "ξ"),
    ("pi", "π"),
    ("varpi", "ϖ"),
    ("rho", "ρ"),
    ("sigma", "σ"),
    ("varsigma", "ς"),
    ("tau", "τ"),
    ("upsilon", "υ"),
    ("phi", "ϕ"),
    ("varphi", "φ"),
    ("chi", "χ"),
    ("psi", "ψ"),
    ("omega", "ω"),
];

/// Upright signs that stand for something: among them the capitals of Greek that are not those of Latin.
const ORDINARY: &[(&str, &str)] = &[
    ("Gamma", "Γ"),
    ("Delta", "Δ"),
    ("Theta", "Θ"),
    ("Lambda", "Λ"),
    ("Xi", "Ξ"),
    ("Pi", "Π"),
    ("Sigma", "Σ"),
    ("Upsilon", "Υ"),
    ("Phi", "Φ"),
    ("Psi", "Ψ"),
    ("Omega", "Ω"),
    ("ell", "ℓ"),
    ("infty", "∞"),
    ("partial", "∂"),
    ("prime", "′"),
    ("ldots", "…"),
    ("dots", "…"),
    ("|", "‖"),
    ("Vert", "‖"),
    ("vert", "|"),
    ("backslash", "\\"),
    ("neg", "¬"),
    ("%", "%"),
    ("_", "_"),
    ("$", "$"),
    ("#", "#"),
    ("&", "&"),
];

const BINARY: &[(&str, &str)] =
    &[("cdot", "·"), ("times", "×"), ("pm", "±"), ("div", "÷"), ("ast", "*"), ("dagger", "†"), ("ddagger", "‡")];

const RELATION: &[(&str, &str)] = &[
    ("le", "≤"),
    ("leq", "≤"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("approx", "≈"),
    ("ne", "≠"),
    ("neq", "≠"),
    ("equiv", "≡"),
    ("sim", "~"),
    ("mid", "|"),
    ("to", "→"),
    ("rightarrow", "→"),
    ("leftarrow", "←"),
    ("leftrightarrow", "↔"),
    ("uparrow", "↑"),
    ("downarrow", "↓"),
];

const OPEN: &[(&str, &str)] = &[("{", "{"), ("lbrace", "{"), ("lvert", "|"), ("lVert", "‖")];

const CLOSE: &[(&str, &str)] = &[("}", "}"), ("rbrace", "}"), ("rvert", "|"), ("rVert", "‖")];

const LARGE: &[(&str, &str)] = &[("sum", "∑"), ("prod", "∏"), ("int", "∫")];

/// Functions, set as the upright word that names them.
const OPERATORS: &[&str] = &[
    "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "deg", "det", "dim", "exp", "gcd", "inf", "ker", "lg",
    "lim", "ln", "log", "max", "min", "sin", "sinh", "sup", "tan", "tanh", "Pr",
];

#[cfg(test)]
mod tests {
    use super::super::super::font::Font;
    use super::super::Face;
    use super::{BINARY, CLOSE, LARGE, OPEN, OPERATORS, ORDINARY, RELATION, SMALL_GREEK, is_of_words, named, refusal};

    const DOCUMENTED: &str = include_str!("../../../docs/labels.md");

    #[test]
    fn the_font_has_every_sign_that_has_a_name() {
        let listed =
            [SMALL_GREEK, ORDINARY, BINARY, RELATION, OPEN, CLOSE, LARGE].into_iter().flatten().map(|(name, _)| *name);
        for name in listed.chain(OPERATORS.iter().copied()) {
            let symbol = named(name).unwrap_or_else(|| panic!("{name}"));
            for letter in symbol.text.chars() {
                assert!(Font::of(symbol.face).glyph(letter).is_some(), "\\{name}: {letter:?} in {:?}", symbol.face);
            }
            assert_eq!(refusal(name), None, "\\{name} is both set and refused");
            assert!(DOCUMENTED.contains(&format!("`\\{name}`")), "docs/labels.md does not have \\{name}");
        }
    }

    #[test]
    fn the_font_has_every_letter_of_words() {
        let letters: Vec<char> = ('\0'..=char::MAX).filter(|&letter| is_of_words(letter)).collect();
        assert_eq!(letters.len(), 95 + 94 + 10, "{letters:?}");
        for letter in letters {
            assert!(Font::of(Face::Roman).glyph(letter).is_some(), "{letter:?}");
        }
    }
}
