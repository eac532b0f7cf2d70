//! A trial's problem as NumPy code: what a report shows, so that any row can be rebuilt without this program.

use super::spec::{DesignSpec, Gallery, Spacing, TargetSpec, Weights};
use crate::grid::Seeding;
use crate::matrix::Matrix;

/// Entries of a written matrix or list beyond which it becomes an argument instead of being repeated.
const MOST_ENTRIES: usize = 256;

/// A Python function `trial(n, d, replicate, epsilon)` that returns `X, y, w` as [`super::build`] makes them: bit for bit, but
/// for designs of kind `spectrum`, which agree to rounding. Data that are not in the code (files, long lists) are arguments
/// of that function, and a comment above it says what to give. Checked against NumPy by `tests/fixtures/numpy_recipes.py`.
pub fn numpy(design: &DesignSpec, target: &TargetSpec, seeding: Seeding) -> String {
    let x = Data::of_design(design);
    let y = Data::of_target(target);
    let mut arguments = "n, d, replicate=0, epsilon=None".to_owned();
    let mut lines: Vec<String> = ["import math", "import numpy as np", ""].map(str::to_owned).into();
    for (name, data) in [("X", &x), ("y", &y)] {
        if let Data::Argument(what) = data {
            lines.push(format!("# {name}: {what}"));
            arguments.extend([", ", name, "=None"]);
        }
    }
    if matches!(design, DesignSpec::Spectrum { .. }) {
        lines.extend(HAAR.lines().map(str::to_owned));
    }
    lines.push(format!("def trial({arguments}):"));

    let mut body = vec![match seeding {
        Seeding::Keyed(seed) => format!("rng = np.random.default_rng([{seed}, n, d, replicate])"),
        Seeding::Numpy(seed) => format!("rng = np.random.default_rng({seed})"),
    }];
    if design.is_random() {
        body.push("G = rng.normal(size=(n, d))".to_owned());
    }
    body.push("w = rng.normal(size=d)".to_owned());
    body.push("g = rng.normal(size=n)".to_owned());
    match x {
        Data::Written(x) => body.push(format!("X = np.array({x})")),
        Data::Argument(_) => {}
        Data::Computed => body.extend(matrix(design)),
    }
    match y {
        Data::Written(y) => body.push(format!("y, w = np.array({y}), None")),
        Data::Argument(_) => body.push("w = None".to_owned()),
        Data::Computed => body.extend(model(target)),
    }
    body.push("return X, y, w".to_owned());
    lines.extend(body.iter().map(|line| format!("    {line}")));
    lines.join("\n") + "\n"
}

/// How X or y comes into the code.
enum Data {
    /// By what NumPy computes.
    Computed,
    /// As Python writes it.
    Written(String),
    /// From outside; says what it is.
    Argument(String),
}

impl Data {
    fn of_design(design: &DesignSpec) -> Self {
        match design {
            DesignSpec::Matrix { x, .. } if x.as_slice().len() <= MOST_ENTRIES => Self::Written(nested(x)),
            DesignSpec::Matrix { .. } => Self::Argument("the matrix that the config lists".to_owned()),
            DesignSpec::File { path, .. } => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                Self::Argument(format!("the columns that the config takes from {name:?}"))
            }
            _ => Self::Computed,
        }
    }

    fn of_target(target: &TargetSpec) -> Self {
        match target {
            TargetSpec::Given(y) if y.len() <= MOST_ENTRIES => Self::Written(format!("{y:?}")),
            TargetSpec::Given(_) => Self::Argument("the measured values that the config names".to_owned()),
            TargetSpec::Model { .. } => Self::Computed,
        }
    }
}

fn nested(x: &Matrix) -> String {
    let rows: Vec<String> = (0..x.rows()).map(|i| format!("{:?}", x.row(i))).collect();
    format!("[{}]", rows.join(", "))
}

const HAAR: &str = "def haar(A):
    Q, R = np.linalg.qr(A)
    return Q * np.sign(np.diag(R))
";

/// X from G and a generator that stands after the noise; nothing for an X that is given.
fn matrix(design: &DesignSpec) -> Vec<String> {
    let lines: Vec<String> = match design {
        DesignSpec::Gaussian => vec!["X = G".into()],
        DesignSpec::Collinear => vec!["X = G".into(), "X[:, -1] = X[:, 0] + epsilon * X[:, -1]".into()],
        DesignSpec::CollinearExact => vec!["X = G".into(), "X[:, -1] = X[:, 0] + epsilon * X[:, 1]".into()],
        DesignSpec::Duplicate { copies, multiple } => {
            let times = if *multiple == 1.0 { String::new() } else { format!("{multiple:?} * ") };
            vec!["X = G".into(), format!("X[:, d - {copies}:] = {times}X[:, [0]]")]
        }
        DesignSpec::LowRank { rank } => vec![
            format!("L, R = rng.normal(size=(n, {rank})), rng.normal(size=({rank}, d))"),
            "P = np.zeros((n, d))".into(),
            format!("for k in range({rank}):"),
            "    P += np.outer(L[:, k], R[k])".into(),
            format!("X = P / np.sqrt({rank}) + (epsilon or 0.0) * G"),
        ],
        DesignSpec::Spectrum { spacing } => vec![
            "k = min(n, d)".into(),
            "U, V = haar(G[:, :k]), haar(rng.normal(size=(d, d))[:, :k])".into(),
            "i = np.arange(k)".into(),
            format!("s = {} if k > 1 else np.ones(1)", spectrum(*spacing)),
            "X = (U * s) @ V.T".into(),
        ],
        DesignSpec::Ar1 { rho } => vec![
            "X = G".into(),
            format!("s = np.sqrt(1 - {rho:?} * {rho:?})"),
            "for j in range(1, d):".into(),
            format!("    X[:, j] = {rho:?} * X[:, j - 1] + s * X[:, j]"),
        ],
        DesignSpec::Gallery(gallery) => gallery_lines(*gallery),
        DesignSpec::Matrix { .. } | DesignSpec::File { .. } => Vec::new(),
    };
    lines
}

fn spectrum(spacing: Spacing) -> &'static str {
    match spacing {
        Spacing::Geometric => "epsilon ** (i / (k - 1))",
        Spacing::Arithmetic => "1 - i / (k - 1) * (1 - epsilon)",
        Spacing::OneSmall => "np.r_[np.ones(k - 1), epsilon]",
        Spacing::Clustered => "np.r_[1.0, np.full(k - 1, epsilon)]",
    }
}

fn gallery_lines(gallery: Gallery) -> Vec<String> {
    const INDICES: &str = "i, j = np.arange(n)[:, None], np.arange(d)";
    match gallery {
        Gallery::Hilbert => vec![INDICES.into(), "X = 1 / (i + j + 1.0)".into()],
        Gallery::Cauchy => vec![INDICES.into(), "X = 1 / (i + j + 2.0)".into()],
        Gallery::Vandermonde => vec!["X = np.vander(np.linspace(0, 1, n), d, increasing=True)".into()],
        Gallery::Lauchli => vec!["X = np.vstack([np.ones(d), epsilon * np.eye(d)])".into()],
        Gallery::Frank => vec![INDICES.into(), "X = np.where(j >= i - 1, n - np.maximum(i, j), 0.0)".into()],
        Gallery::Pascal => {
            vec!["X = np.ones((n, d))".into(), "for k in range(1, n): X[k] = np.cumsum(X[k - 1])".into()]
        }
        Gallery::Kahan { theta } => vec![
            INDICES.into(),
            format!("s, c = math.sin({theta:?}), math.cos({theta:?})"),
            "p = np.cumprod(np.r_[1.0, np.full(n - 1, s)])[:, None]".into(),
            "X = np.where(i == j, p, np.where(j > i, -c * p, 0.0))".into(),
        ],
        Gallery::Prolate { w } => vec![
            INDICES.into(),
            format!("t = [2 * {w:?}] + [math.sin(2 * math.pi * {w:?} * k) / (math.pi * k) for k in range(1, n)]"),
            "X = np.array(t)[abs(i - j)]".into(),
        ],
    }
}

/// w and y of a target model.
fn model(target: &TargetSpec) -> Vec<String> {
    let TargetSpec::Model { weights, noise, features } = target else { return Vec::new() };
    let mut lines: Vec<String> = match weights {
        Weights::Normal => Vec::new(),
        Weights::Ones => vec!["w = np.ones(d)".into()],
        Weights::Sparse { nonzeros } => vec![format!("w[{nonzeros}:] = 0")],
        Weights::List(w) => vec![format!("w = np.array({w:?})[:d]")],
    };
    lines.extend(["y = np.zeros(n)", "for j in range(d):", "    y += X[:, j] * w[j]"].map(str::to_owned));
    if let Some(features) = features {
        lines.extend(hidden(weights, *features));
    }
    lines.push(format!("y += {noise:?} * g"));
    lines
}

/// What features that are no columns of X add to y.
fn hidden(weights: &Weights, features: usize) -> Vec<String> {
    let mut lines = vec![
        format!("if {features} > d:"),
        format!("    v = rng.normal(size={features} - d)"),
        format!("    Z = rng.normal(size=(n, {features} - d))"),
    ];
    lines.extend(match weights {
        Weights::Normal => None,
        Weights::Ones => Some(format!("    v = np.ones({features} - d)")),
        Weights::Sparse { nonzeros } => Some(format!("    v[max({nonzeros} - d, 0):] = 0")),
        Weights::List(w) => Some(format!("    v = np.array({w:?})[d:]")),
    });
    lines.push(format!("    for k in range({features} - d):"));
    lines.push("        y += Z[:, k] * v[k]".to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_what_the_docs_say() {
        let target = TargetSpec::Model { weights: Weights::Ones, noise: 0.1, features: None };
        insta::assert_snapshot!(numpy(&DesignSpec::Collinear, &target, Seeding::Keyed(2)), @r"
        import math
        import numpy as np

        def trial(n, d, replicate=0, epsilon=None):
            rng = np.random.default_rng([2, n, d, replicate])
            G = rng.normal(size=(n, d))
            w = rng.normal(size=d)
            g = rng.normal(size=n)
            X = G
            X[:, -1] = X[:, 0] + epsilon * X[:, -1]
            w = np.ones(d)
            y = np.zeros(n)
            for j in range(d):
                y += X[:, j] * w[j]
            y += 0.1 * g
            return X, y, w
        ");
    }

    #[test]
    fn features_that_the_model_does_not_see_are_drawn_last() {
        let target = TargetSpec::Model { weights: Weights::Sparse { nonzeros: 6 }, noise: 0.5, features: Some(9) };
        let code = numpy(&DesignSpec::Gaussian, &target, Seeding::Keyed(2));
        let (_, code) = code.split_once("X = G\n").unwrap_or_default();
        insta::assert_snapshot!(code, @r"
            w[6:] = 0
            y = np.zeros(n)
            for j in range(d):
                y += X[:, j] * w[j]
            if 9 > d:
                v = rng.normal(size=9 - d)
                Z = rng.normal(size=(n, 9 - d))
                v[max(6 - d, 0):] = 0
                for k in range(9 - d):
                    y += Z[:, k] * v[k]
            y += 0.5 * g
            return X, y, w
        ");
    }

    #[test]
    fn data_that_are_too_long_to_read_are_asked_for() {
        let written = |n| DesignSpec::Matrix { x: Matrix::zeros(n, 2), names: None };
        let code = numpy(&written(2), &TargetSpec::Given(vec![1.0, 2.5]), Seeding::Numpy(7));
        assert!(code.contains("X = np.array([[0.0, 0.0], [0.0, 0.0]])\n"), "{code}");
        assert!(code.contains("y, w = np.array([1.0, 2.5]), None\n"), "{code}");
        let code = numpy(&written(500), &TargetSpec::Given(vec![1.0; 500]), Seeding::Numpy(7));
        assert!(code.contains("def trial(n, d, replicate=0, epsilon=None, X=None, y=None):\n"), "{code}");
        assert!(code.contains("# X: the matrix that the config lists\n"), "{code}");
    }
}
