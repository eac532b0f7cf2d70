//! Every key of the format, by section: what the reader accepts, what `schema/nullsweep.json` describes (a test holds
//! them together) and what a typo is compared with.

/// Keys outside of any section, sections included.
pub const TOP: &[&str] = &[
    "name",
    "question",
    "extends",
    "tables",
    "design",
    "target",
    "grid",
    "block",
    "perturbation",
    "descent",
    "selection",
    "engine",
    "verify",
    "run",
    "figure",
    "theory",
    "expect",
];
/// `[design]`, for all kinds together.
pub const DESIGN: &[&str] = &[
    "kind",
    "seed",
    "rng",
    "replicates",
    "copies",
    "multiple",
    "rank",
    "spacing",
    "rho",
    "name",
    "theta",
    "w",
    "x",
    "columns",
    "path",
    "header",
    "delimiter",
];
/// `rng` of `[design]`.
pub const RNG: &[&str] = &["numpy"];
/// `[target]`.
pub const TARGET: &[&str] = &["weights", "nonzeros", "noise", "features", "y"];
/// `y` of `[target]`, where it is a table.
pub const TARGET_Y: &[&str] = &["column", "file"];
/// The axes, in the order in which tables show them.
pub const AXES: &[&str] = &["n", "d", "epsilon", "lambda", "delta", "alpha"];
/// `[grid]`.
pub const GRID: &[&str] = &["n", "d", "epsilon", "lambda", "delta", "alpha", "zip", "where", "tables"];
/// `[[block]]`.
pub const BLOCK: &[&str] = &["n", "d", "epsilon", "lambda", "delta", "alpha", "zip", "where"];
/// An axis written as a table.
pub const AXIS: &[&str] = &["linear", "log", "step", "count", "with"];
/// `[perturbation]`.
pub const PERTURBATION: &[&str] = &["solvers", "what", "arithmetic"];
/// `[descent]`.
pub const DESCENT: &[&str] = &["iterations", "step", "weight_decay"];
/// `[selection]`.
pub const SELECTION: &[&str] =
    &["choosers", "test_rows", "step", "tolerance", "max_steps", "weight_decay", "batch_rows", "variance_shares"];
/// `[engine]`.
pub const ENGINE: &[&str] = &["device", "precision", "rtol"];
/// `[verify]`.
pub const VERIFY: &[&str] = &["fraction"];
/// `[run]`.
pub const RUN: &[&str] = &["on_error"];
/// `[[figure]]`.
pub const FIGURE: &[&str] = &[
    "id",
    "kind",
    "table",
    "x",
    "y",
    "by",
    "facet",
    "where",
    "value",
    "stat",
    "band",
    "bins",
    "title",
    "x_label",
    "x_scale",
    "x_range",
    "y_label",
    "y_scale",
    "y_range",
    "value_label",
    "value_scale",
    "value_range",
    "width",
    "aspect",
    "theory",
    "lines",
];
/// An entry of `lines` in `[[figure]]`.
pub const FIGURE_LINE: &[&str] = &["x", "y", "f", "label"];

/// `[[expect]]`.
pub const EXPECT: &[&str] = &["id", "claim", "table", "where", "value", "stat", "x", "each", "at_least", "at_most"];

/// Section by section: where its keys stand in the JSON schema (a name under `$defs`, or `""` for the top), and the keys.
pub const SECTIONS: &[(&str, &[&str])] = &[
    ("", TOP),
    ("design", DESIGN),
    ("rng", RNG),
    ("target", TARGET),
    ("given_y", TARGET_Y),
    ("grid", GRID),
    ("block", BLOCK),
    ("axis_table", AXIS),
    ("perturbation", PERTURBATION),
    ("descent", DESCENT),
    ("selection", SELECTION),
    ("engine", ENGINE),
    ("verify", VERIFY),
    ("run", RUN),
    ("figure", FIGURE),
    ("figure_line", FIGURE_LINE),
    ("expect", EXPECT),
];
