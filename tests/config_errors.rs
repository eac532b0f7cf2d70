//! What a user sees when a config is wrong: exactly, as snapshots. Every error names file, line, key and value, shows
//! the line with the fault underlined, and says what is allowed or what to do.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use nullsweep::config::Config;
use proptest::prelude::*;

/// The smallest config that is right.
const RIGHT: &str = "design.kind = \"gaussian\"\ngrid.n = 10\ngrid.d = 5\n";

/// What is printed for `text` as the content of `a.toml`.
fn refusal(text: &str) -> String {
    refusal_with(text, &[])
}

fn refusal_with(text: &str, sets: &[&str]) -> String {
    let sets: Vec<_> = sets.iter().map(|&set| set.to_owned()).collect();
    Config::parse(text, Path::new("a.toml"), &sets).unwrap_err().to_string()
}

/// What is printed for the config `a.toml` among `files` of a folder.
fn refusal_among(files: &[(&str, &[u8])]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let errors = Config::load(&folder.path().join("a.toml"), &[]).unwrap_err().to_string();
    errors.replace(&format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR), "")
}

#[test]
fn the_smallest_config_is_right() {
    let config = Config::parse(RIGHT, Path::new("a.toml"), &[]).unwrap();
    assert_eq!((config.name.as_str(), config.grid.trial_count()), ("a", 1));
}

#[test]
fn several_errors_in_one_pass() {
    assert_snapshot!(refusal("
name = \"several\"
seed = 1

[design]
kind = \"gausian\"
replicates = 0

[grid]
n = [10, 0, 2.5]
d = []
lamda = [0.1]
alpha = [inf]

[engine]
device = \"tpu\"
rtol = 2
"), @r#"
a.toml:3: seed: unknown key
  |
3 | seed = 1
  | ^^^^
  = allowed: name, question, extends, tables, design, target, grid, block, perturbation, descent, selection, engine, verify, run, figure, theory, expect

a.toml:6: design.kind = "gausian": no such choice
  |
6 | kind = "gausian"
  |        ^^^^^^^^^
  = did you mean `gaussian`? allowed: gaussian, collinear, collinear-exact, duplicate, low-rank, spectrum, ar1, gallery, matrix, file

a.toml:7: design.replicates = 0: replicates counts the redraws of every cell and must be at least 1
  |
7 | replicates = 0
  |              ^

a.toml:10: grid.n = 0: n counts observations and must be at least 1
   |
10 | n = [10, 0, 2.5]
   |          ^

a.toml:10: grid.n = 2.5: expected an integer, found a float
   |
10 | n = [10, 0, 2.5]
   |             ^^^

a.toml:11: grid.d = []: must not be empty
   |
11 | d = []
   |     ^^
   = give at least one value, or leave the key out

a.toml:12: grid.lamda: unknown key
   |
12 | lamda = [0.1]
   | ^^^^^
   = did you mean `lambda`?

a.toml:13: grid.alpha = inf: must be a finite number of at most about 1.8e308
   |
13 | alpha = [inf]
   |          ^^^

a.toml:16: engine.device = "tpu": no such device
   |
16 | device = "tpu"
   |          ^^^^^
   = allowed: auto, cpu, gpu, gpu:INDEX (as `nullsweep devices` counts)

a.toml:17: engine.rtol = 2: rtol is a relative half-width and must lie between 0 and 1, both excluded
   |
17 | rtol = 2
   |        ^
"#);
}

#[test]
fn unknown_key() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\nreplicate = 5\n[grid]\nn = 10\nd = 5\n"), @r"
a.toml:3: design.replicate: unknown key
  |
3 | replicate = 5
  | ^^^^^^^^^
  = did you mean `replicates`?
");
}

#[test]
fn key_of_another_kind() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\nrho = 0.5\n[grid]\nn = 10\nd = 5\n"), @r"
a.toml:3: design.rho: belongs to design ar1, and this one is gaussian
  |
3 | rho = 0.5
  | ^^^
  = leave it out
");
}

#[test]
fn zero_features() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n\n[grid]\nn = 10\nd = [5, 0]  # features\n"), @r"
a.toml:6: grid.d = 0: d counts features and must be at least 1
  |
6 | d = [5, 0]  # features
  |         ^
");
}

#[test]
fn wrong_types() {
    assert_snapshot!(refusal("[design]\nkind = 3\nseed = \"two\"\n[grid]\nn = \"ten\"\nd = 5.0\n"), @r#"
a.toml:2: design.kind = 3: expected a string, found an integer
  |
2 | kind = 3
  |        ^

a.toml:3: design.seed = "two": expected an integer, found a string
  |
3 | seed = "two"
  |        ^^^^^

a.toml:5: grid.n = "ten": expected an integer, found a string
  |
5 | n = "ten"
  |     ^^^^^

a.toml:6: grid.d = 5.0: expected an integer, found a float
  |
6 | d = 5.0
  |     ^^^
  = write it without a point: 5
"#);
}

#[test]
fn absurd_seed() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\nseed = 99999999999999999999999\n[grid]\nn = 1\nd = 1\n"), @r"
a.toml:3: design.seed = 99999999999999999999999: a seed is a 64-bit integer and can be at most 18446744073709551615
  |
3 | seed = 99999999999999999999999
  |        ^^^^^^^^^^^^^^^^^^^^^^^
");
}

#[test]
fn not_finite() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[target]\nnoise = nan\n[grid]\nn = 10\nd = 5\nlambda = [1e999, -inf]\n"), @r"
a.toml:4: target.noise = nan: must be a finite number of at most about 1.8e308
  |
4 | noise = nan
  |         ^^^

a.toml:8: grid.lambda = inf: must be a finite number of at most about 1.8e308
  |
8 | lambda = [1e999, -inf]
  |           ^^^^^

a.toml:8: grid.lambda = -inf: must be a finite number of at most about 1.8e308
  |
8 | lambda = [1e999, -inf]
  |                  ^^^^
");
}

#[test]
fn missing_sections() {
    assert_snapshot!(refusal("name = \"nothing\"\n"), @r#"
a.toml: design is missing
 = write [design] with kind = "gaussian", for instance
"#);
}

#[test]
fn missing_axes() {
    assert_snapshot!(refusal("[design]\nkind = \"collinear\"\n[grid]\nd = 5\n"), @r"
a.toml:3: grid.n is missing
  |
3 | [grid]
  | ^^^^^^
  = write n = 10, n = [10, 20] or n = { linear = [10, 50], step = 10 }

a.toml:3: grid.epsilon is missing: design collinear needs it
  |
3 | [grid]
  | ^^^^^^
  = write epsilon = { log = [1e-12, 1e-1], count = 12 }, for instance
");
}

#[test]
fn epsilon_that_no_one_uses() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 10\nd = 5\nepsilon = [1e-3]\n"), @r"
a.toml:6: grid.epsilon = [0.001]: design gaussian has no epsilon
  |
6 | epsilon = [1e-3]
  |           ^^^^^^
  = leave it out, or take a design that uses it: collinear, collinear-exact, low-rank, spectrum, gallery lauchli
");
}

#[test]
fn zip_of_unequal_lengths() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = [10, 20, 30]\nd = [5, 6]\nzip = [[\"n\", \"d\"]]\n"), @r#"
a.toml:6: grid.zip = ["n", "d"]: zipped axes must be equally long; n has 3, d has 2
  |
6 | zip = [["n", "d"]]
  |        ^^^^^^^^^^
  = leave zip out for all combinations, or give every zipped axis as many values
"#);
}

#[test]
fn impossible_zips() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 1\nd = 1\nzip = [[\"n\", \"epsilon\"], [\"d\", \"m\"]]\n"), @r#"
a.toml:6: grid.zip = "m": no such axis
  |
6 | zip = [["n", "epsilon"], ["d", "m"]]
  |                                ^^^
  = allowed: n, d, epsilon, lambda, delta, alpha
"#);
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 1\nd = 1\nzip = [[\"n\", \"epsilon\"]]\n"), @r#"
a.toml:6: grid.zip = ["n", "epsilon"]: the grid has no axis epsilon
  |
6 | zip = [["n", "epsilon"]]
  |        ^^^^^^^^^^^^^^^^
  = give grid.epsilon
"#);
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 1\nd = 1\nlambda = 1\ndelta = 1\nzip = [[\"lambda\", \"delta\"]]\n"), @r#"
a.toml:8: grid.zip = ["lambda", "delta"]: lambda and delta cannot be zipped with each other
  |
8 | zip = [["lambda", "delta"]]
  |        ^^^^^^^^^^^^^^^^^^^
  = each of lambda, delta and alpha is measured by itself on the same X; zip at most one of them with n, d or epsilon
"#);
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 1\nd = 1\nzip = [\"n\", \"d\"]\n"), @r#"
a.toml:6: grid.zip = ["n", "d"]: expected lists of axes
  |
6 | zip = ["n", "d"]
  |       ^^^^^^^^^^
  = write zip = [["n", "d"]]
"#);
}

#[test]
fn where_excludes_all() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = [10, 20]\nd = 50\nwhere = \"n >= 2*d\"\n"), @r#"
a.toml:6: grid.where = "n >= 2*d": excludes every combination of the axes
  |
6 | where = "n >= 2*d"
  |         ^^^^^^^^^^
  = nothing would be run
"#);
}

#[test]
fn where_that_cannot_be_read() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 10\nd = 5\nwhere = \"n >= 2*m\"\n"), @r#"
a.toml:6: grid.where: there is no `m`: known are n, d, epsilon, lambda, delta, alpha, min, max, abs, log, log2, log10, exp, sqrt
  |
6 | where = "n >= 2*m"
  |                 ^
"#);
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 10\nd = 5\nwhere = \"n > d and epsilon > 0\"\n"), @r#"
a.toml:6: grid.where: the grid has no axis epsilon
  |
6 | where = "n > d and epsilon > 0"
  |                    ^^^^^^^
  = give grid.epsilon
"#);
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 10\nd = 5\nlambda = 1\nalpha = 1\nwhere = \"lambda < alpha\"\n"), @r#"
a.toml:8: grid.where: mentions both lambda and alpha
  |
8 | where = "lambda < alpha"
  |                   ^^^^^
  = each of lambda, delta and alpha is measured by itself on the same X; a condition can mention one of them
"#);
}

#[test]
fn axes_that_go_nowhere() {
    assert_snapshot!(refusal("[design]
kind = \"gaussian\"
[grid]
n = { linear = [50, 10], step = 5 }
d = { linear = [5, 10], step = 0 }
lambda = { log = [0, 1], count = 5 }
delta = { log = [1e-8, 1] }
alpha = { linear = [0, 1], count = 1 }
"), @r"
a.toml:4: grid.n.linear = [50, 10]: the low end comes first
  |
4 | n = { linear = [50, 10], step = 5 }
  |                ^^^^^^^^

a.toml:5: grid.d.step = 0: step is the distance of integers and must be at least 1
  |
5 | d = { linear = [5, 10], step = 0 }
  |                                ^

a.toml:6: grid.lambda.log = [0, 1]: both ends of a logarithmic axis must be above 0
  |
6 | lambda = { log = [0, 1], count = 5 }
  |                  ^^^^^^
  = put a 0 into with: { log = [1e-6, 1.0], count = 7, with = [0.0] }

a.toml:7: grid.delta = { log = [1e-8, 1] }: how many values is not said
  |
7 | delta = { log = [1e-8, 1] }
  |         ^^^^^^^^^^^^^^^^^^^
  = an axis is 5, [5, 10], { linear = [5, 50], step = 5 }, { linear = [0, 1], count = 11 } or { log = [1e-3, 1e3], count = 7 }

a.toml:8: grid.alpha.count = 1: count includes both ends and must be at least 2
  |
8 | alpha = { linear = [0, 1], count = 1 }
  |                                    ^
");
}

#[test]
fn grid_of_a_million_million_cells() {
    assert_snapshot!(refusal("[design]
kind = \"collinear\"
[grid]
n = { linear = [1001, 11000], step = 1 }
d = { linear = [2, 10001], step = 1 }
epsilon = { log = [1e-12, 1], count = 10_000 }
"), @r"
a.toml:3: the grid has 1000000000000 cells (10000 of n x 10000 of d x 10000 of epsilon); at most 1000000 are allowed, `where` not counted
  |
3 | [grid]
  | ^^^^^^
  = shorten an axis, zip axes, or split the sweep into several configs
");
}

#[test]
fn absurd_sizes() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 1_000_000_000_000\nd = { linear = [1, 1e300], count = 5 }\n"), @r"
a.toml:4: grid.n = 1000000000000: n counts observations and can be at most 2147483648
  |
4 | n = 1_000_000_000_000
  |     ^^^^^^^^^^^^^^^^^

a.toml:5: grid.d.linear = 1e300: expected an integer, found a float
  |
5 | d = { linear = [1, 1e300], count = 5 }
  |                    ^^^^^
");
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 1_000_000\nd = 1_000_000\n"), @r"
a.toml:3: a 1000000 x 1000000 matrix has 1000000000000 entries; at most 2147483648 (2^31) are allowed
  |
3 | [grid]
  | ^^^^^^
  = shorten an axis, zip axes, or split the sweep into several configs
");
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\nreplicates = 4_000_000_000\n[grid]\nn = 1\nd = 1\n"), @r"
a.toml:3: 1 cell x 4000000000 replicates = 4000000000 trials; at most 1000000000 are allowed
  |
3 | replicates = 4_000_000_000
  |              ^^^^^^^^^^^^^
  = shorten an axis, zip axes, or split the sweep into several configs
");
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 5\nd = 1\nlambda = { linear = [0, 1e9], step = 1 }\n"), @r"
a.toml:6: grid.lambda.step = 1: more than 1000000 values between 0 and 1000000000
  |
6 | lambda = { linear = [0, 1e9], step = 1 }
  |                                      ^
  = take a larger step
");
}

#[test]
fn tables_without_their_axis() {
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\n[grid]\nn = 10\nd = 5\ntables = [\"spectrum\", \"ridge\", \"null_space\"]\n"), @r#"
a.toml:6: grid.tables = ["spectrum", "ridge", "null_space"]: table ridge has one row per lambda, and the grid has no lambda
  |
6 | tables = ["spectrum", "ridge", "null_space"]
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = add to [grid]: lambda = { log = [1e-10, 1e2], count = 25, with = [0.0] }

a.toml:6: grid.tables = ["spectrum", "ridge", "null_space"]: table null_space has one row per alpha, and the grid has no alpha
  |
6 | tables = ["spectrum", "ridge", "null_space"]
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = add to [grid]: alpha = [5.0]
"#);
    assert_snapshot!(refusal("tables = [\"spectrum\", \"sigmas\", \"sigmas\"]\n[design]\nkind = \"gaussian\"\n[grid]\nn = 10\nd = 5\n"), @r#"
a.toml:1: tables = "sigmas": is listed twice
  |
1 | tables = ["spectrum", "sigmas", "sigmas"]
  |                                 ^^^^^^^^
"#);
    assert_snapshot!(refusal("tables = [\"spectra\"]\n[design]\nkind = \"gaussian\"\n[grid]\nn = 10\nd = 5\n"), @r#"
a.toml:1: tables = "spectra": no such table
  |
1 | tables = ["spectra"]
  |           ^^^^^^^^^
  = did you mean `spectrum`? allowed: spectrum, sigmas, ridge, perturbation, null_space, left_null, descent, arithmetic, selection, summary, timing
"#);
}

#[test]
fn selection_out_of_range() {
    assert_snapshot!(refusal("tables = [\"selection\"]
[design]
kind = \"gaussian\"
[grid]
n = 10
d = 5
[selection]
choosers = [\"min-norm\", \"lasso\", \"gd-zeros\"]
test_rows = 0
step = 0.0
tolerance = 1.0
max_steps = 2_000_000_000
weight_decay = 0
batch = 4
variance_shares = [0.5, 1.5]
"), @r#"
a.toml:8: selection.choosers = "lasso": lasso has one row per lambda, and the grid has no lambda
  |
8 | choosers = ["min-norm", "lasso", "gd-zeros"]
  |                         ^^^^^^^
  = add lambda to [grid], or leave lasso out

a.toml:8: selection.choosers = "gd-zeros": no such choice
  |
8 | choosers = ["min-norm", "lasso", "gd-zeros"]
  |                                  ^^^^^^^^^^
  = did you mean `gd-zero`? allowed: min-norm, ridge, gd-zero, gd-random, gd-decay, sgd-zero, momentum, lasso, pcr, whitened-gd, null-shifted

a.toml:9: selection.test_rows = 0: test_rows counts fresh observations and must be at least 1
  |
9 | test_rows = 0
  |             ^

a.toml:10: selection.step = 0.0: step is a share of 1 over the largest curvature and must be above 0
   |
10 | step = 0.0
   |        ^^^

a.toml:11: selection.tolerance = 1.0: tolerance is a share of the first distance to the limit and must lie between 0 and 1, both excluded
   |
11 | tolerance = 1.0
   |             ^^^

a.toml:12: selection.max_steps = 2000000000: max_steps counts steps of an iteration and can be at most 1000000000
   |
12 | max_steps = 2_000_000_000
   |             ^^^^^^^^^^^^^

a.toml:13: selection.weight_decay = 0: weight_decay is the ridge penalty that gd-decay descends and must be above 0
   |
13 | weight_decay = 0
   |                ^

a.toml:14: selection.batch: unknown key
   |
14 | batch = 4
   | ^^^^^
   = allowed: choosers, test_rows, step, tolerance, max_steps, weight_decay, batch_rows, variance_shares

a.toml:15: selection.variance_shares = 1.5: a share of the variance is above 0 and at most 1
   |
15 | variance_shares = [0.5, 1.5]
   |                         ^^^
"#);
}

#[test]
fn design_impossible_at_a_shape() {
    assert_snapshot!(refusal("[design]\nkind = \"duplicate\"\ncopies = 5\n[grid]\nn = 10\nd = [4, 5, 6]\n"), @r#"
a.toml:2: design.kind = "duplicate": impossible in 2 of 3 cells, first at n = 10, d = 4: copies = 5 needs d above 5 (d = 4): raise d or lower copies
  |
2 | kind = "duplicate"
  |        ^^^^^^^^^^^
  = change the axes, or exclude these cells by `where`
"#);
}

#[test]
fn design_parameters() {
    assert_snapshot!(refusal("[design]\nkind = \"ar1\"\nrho = 1.5\nrng = { numpy = 1, seed = 2 }\n[grid]\nn = 10\nd = 5\n"), @r"
a.toml:3: design.rho = 1.5: rho is a correlation and must lie between -1 and 1, both excluded
  |
3 | rho = 1.5
  |       ^^^

a.toml:4: design.rng.seed: unknown key
  |
4 | rng = { numpy = 1, seed = 2 }
  |                    ^^^^
  = allowed: numpy
");
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\nseed = 1\nrng = { numpy = 1 }\n[grid]\nn = 10\nd = 5\n"), @r"
a.toml:4: design.rng = { numpy = 1 }: seed and rng exclude each other
  |
4 | rng = { numpy = 1 }
  |       ^^^^^^^^^^^^^
  = seed keys every trial by (seed, n, d, replicate); rng is NumPy's generator as a script has it
");
    assert_snapshot!(refusal("[design]\nkind = \"gaussian\"\nrng = { numpy = 1 }\nreplicates = 3\n[grid]\nn = 10\nd = 5\n"), @r"
a.toml:4: design.replicates = 3: rng = { numpy = .. } is one fixed stream, so there is one replicate only
  |
4 | replicates = 3
  |              ^
  = leave replicates out, or write seed = .. instead of rng
");
    assert_snapshot!(refusal("[design]\nkind = \"gallery\"\nname = \"hilber\"\n[grid]\nn = 10\nd = 5\n"), @r#"
a.toml:3: design.name = "hilber": no such choice
  |
3 | name = "hilber"
  |        ^^^^^^^^
  = did you mean `hilbert`? allowed: hilbert, vandermonde, kahan, lauchli, pascal, frank, prolate, cauchy
"#);
}

#[test]
fn literal_matrix() {
    assert_snapshot!(refusal("[design]\nkind = \"matrix\"\nx = [[1, 2], [3]]\n"), @r"
a.toml:3: design.x = [3]: row 2 has 1 entries, the rows above have 2
  |
3 | x = [[1, 2], [3]]
  |              ^^^
  = all rows of a matrix are equally long
");
    assert_snapshot!(refusal("[design]\nkind = \"matrix\"\nx = [[1, nan], [3, 4]]\n"), @r"
a.toml:3: design.x = nan: must be a finite number of at most about 1.8e308
  |
3 | x = [[1, nan], [3, 4]]
  |          ^^^
");
    assert_snapshot!(refusal("[design]\nkind = \"matrix\"\nx = [[1, 2], [3, 4]]\ncolumns = [\"a\", \"a\"]\n[grid]\nn = 3\n"), @r#"
a.toml:4: design.columns = "a": is listed twice
  |
4 | columns = ["a", "a"]
  |                 ^^^
"#);
    assert_snapshot!(refusal("[design]\nkind = \"matrix\"\nx = [[1, 2], [3, 4]]\n[grid]\nn = 3\n"), @r"
a.toml:5: grid.n = 3: the design's matrix is 2 x 2
  |
5 | n = 3
  |     ^
  = leave n out: it is taken from the data
");
    assert_snapshot!(refusal("[design]\nkind = \"matrix\"\nx = [[1, 2], [3, 4]]\n[target]\ny = [1, 2, 3]\nnoise = 0.1\n"), @r"
a.toml:5: target.y = [1, 2, 3]: 3 values, but the grid has n = 2
  |
5 | y = [1, 2, 3]
  |     ^^^^^^^^^
  = give as many as n says, or set grid.n = 3

a.toml:6: target.noise: y is given, so there is no model to draw it from
  |
6 | noise = 0.1
  | ^^^^^
  = leave out y, or this
");
}

#[test]
fn features_that_the_model_does_not_see() {
    let target = |target: &str, grid: &str| {
        refusal(&format!("design.kind = \"gaussian\"\n[target]\n{target}\n[grid]\n{grid}\n"))
    };
    assert_snapshot!(target("features = 12", "n = 10\nd = [5, 20, 12]"), @r"
a.toml:3: target.features = 12: y is made of 12 features, but the grid has d = 20, and the d columns of X are among them
  |
3 | features = 12
  |            ^^
  = set target.features to at least 20, or keep grid.d at most 12
");
    assert_snapshot!(target("features = 6\nweights = [1, 2, 3]", "n = 10\nd = 3"), @r"
a.toml:4: target.weights = [1, 2, 3]: 3 weights, but target.features = 6
  |
4 | weights = [1, 2, 3]
  |           ^^^^^^^^^
  = give one weight per feature, those of the columns of X first
");
    assert_snapshot!(target("features = 100_000", "n = 100_000\nd = 3"), @r"
a.toml:3: target.features = 100000: n = 100000 rows of 100000 features are more than 2147483648 (2^31) entries
  |
3 | features = 100_000
  |            ^^^^^^^
  = lower features or grid.n
");
    assert_snapshot!(target("features = 0", "n = 10\nd = 3"), @r"
a.toml:3: target.features = 0: features counts the features that y is made of and must be at least 1
  |
3 | features = 0
  |            ^
");
    assert_snapshot!(refusal("[design]\nkind = \"matrix\"\nx = [[1, 2], [3, 4]]\n[target]\ny = [1, 2]\nfeatures = 3\n"), @r"
a.toml:6: target.features: y is given, so there is no model to draw it from
  |
6 | features = 3
  | ^^^^^^^^
  = leave out y, or this
");
    let right =
        "design.kind = \"gaussian\"\ngrid.n = 10\ngrid.d = [2, 3]\n[target]\nfeatures = 3\nweights = [1, 2, 3]\n";
    assert!(Config::parse(right, Path::new("a.toml"), &[]).is_ok(), "one list for every d of the grid");
}

#[test]
fn data_files() {
    let config: &[u8] = b"[design]\nkind = \"file\"\npath = \"x.csv\"\n";
    assert_snapshot!(refusal_among(&[("a.toml", config)]), @r#"
a.toml:3: design.path = "x.csv": x.csv: cannot be found or read: No such file or directory (os error 2)
  |
3 | path = "x.csv"
  |        ^^^^^^^
"#);
    assert_snapshot!(refusal_among(&[("a.toml", config), ("x.csv", b"a,b\n1,2\n3,nan\n")]), @r#"
a.toml:3: design.path = "x.csv": x.csv:3: column 2 ("b") = "nan" is missing: drop or impute the row, or choose other columns
  |
3 | path = "x.csv"
  |        ^^^^^^^
"#);
    assert_snapshot!(refusal_among(&[("a.toml", config), ("x.csv", b"a,b\n1,2\n3\n")]), @r#"
a.toml:3: design.path = "x.csv": x.csv:3: 1 field(s) here, 2 on line 1: give every line the same number
  |
3 | path = "x.csv"
  |        ^^^^^^^
"#);
    let config: &[u8] = b"[design]\nkind = \"file\"\npath = \"x.csv\"\ncolumns = [\"a\", \"z\"]\n";
    assert_snapshot!(refusal_among(&[("a.toml", config), ("x.csv", b"a,b\n1,2\n3,4\n")]), @r#"
a.toml:3: design.path = "x.csv": x.csv: has no column "z": it has "a", "b"
  |
3 | path = "x.csv"
  |        ^^^^^^^
"#);
    let config: &[u8] =
        b"[design]\nkind = \"file\"\npath = \"x.csv\"\ncolumns = [\"a\", \"b\"]\n[target]\ny = { column = \"a\" }\n";
    assert_snapshot!(refusal_among(&[("a.toml", config), ("x.csv", b"a,b\n1,2\n3,4\n")]), @r#"
a.toml:6: target.y.column = "a": this column is a feature too, so y would explain itself
  |
6 | y = { column = "a" }
  |                ^^^
  = take it out of design.columns
"#);
    let config: &[u8] = b"[design]\nkind = \"file\"\npath = \"x.npy\"\n";
    assert_snapshot!(refusal_among(&[("a.toml", config), ("x.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'")]), @r#"
a.toml:3: design.path = "x.npy": x.npy: ends before its data do: it was cut off; save it again
  |
3 | path = "x.npy"
  |        ^^^^^^^
"#);
}

#[test]
fn missing_file() {
    assert_snapshot!(refusal_among(&[]), @"a.toml: no such file");
}

#[test]
fn not_toml() {
    assert_snapshot!(refusal("[design\nkind = \"gaussian\"\n[grid]\nn = [1,,2]\nd = 01\n"), @r"
a.toml:1: not valid TOML: unclosed table, expected `]`
  |
1 | [design
  |        ^

a.toml:4: not valid TOML: extra comma in array, expected value
  |
4 | n = [1,,2]
  |        ^

a.toml:5: not valid TOML: unexpected leading zero, expected nothing
  |
5 | d = 01
  |     ^
");
    assert_snapshot!(refusal("[grid]\nn = 1\nn = 2\n"), @r"
a.toml:3: not valid TOML: duplicate key
  |
3 | n = 2
  | ^
");
    assert_snapshot!(refusal_among(&[("a.toml", b"name = \"\xff\"\n")]), @"a.toml: is not UTF-8 text: byte 9 is not part of a character");
}

#[test]
fn an_error_in_a_base_names_the_base() {
    let base: &[u8] = b"[design]\nkind = \"gaussian\"\n\n[grid]\nn = [64, 0]\nd = 4\n";
    assert_snapshot!(refusal_among(&[("a.toml", b"extends = \"base.toml\"\n[grid]\nd = 5\n"), ("base.toml", base)]), @r"
base.toml:5: grid.n = 0: n counts observations and must be at least 1
  |
5 | n = [64, 0]
  |          ^
");
}

#[test]
fn extends_cannot_go_round_or_missing() {
    let round: &[(&str, &[u8])] = &[
        ("a.toml", b"extends = [\"b.toml\"]\n"),
        ("b.toml", b"extends = [\"c.toml\"]\n"),
        ("c.toml", b"extends = [\"b.toml\"]\n"),
    ];
    assert_snapshot!(refusal_among(round), @r#"
c.toml:1: extends goes round in a circle: b.toml -> c.toml -> b.toml
  |
1 | extends = ["b.toml"]
  |            ^^^^^^^^
"#);
    assert_snapshot!(refusal_among(&[("a.toml", b"extends = [\"b.toml\", 3]\n")]), @r#"
a.toml:1: extends: b.toml: no such file
  |
1 | extends = ["b.toml", 3]
  |            ^^^^^^^^
  = paths are relative to the file that states them

a.toml:1: extends = 3: expected the path of a config
  |
1 | extends = ["b.toml", 3]
  |                      ^
  = extends = ["base.toml"], relative to this file
"#);
}

#[test]
fn set_on_the_command_line() {
    assert_snapshot!(refusal_with(RIGHT, &["grid.n=[64,0]", "grid.m=5", "engine.device=gpo"]), @r#"
--set: grid.n = 0: n counts observations and must be at least 1
 |
 | grid.n=[64,0]
 |            ^

--set: grid.m: unknown key
 |
 | grid.m=5
 |      ^
 = allowed: n, d, epsilon, lambda, delta, alpha, zip, where, tables

--set: engine.device = "gpo": no such device
 |
 | engine.device=gpo
 |               ^^^
 = allowed: auto, cpu, gpu, gpu:INDEX (as `nullsweep devices` counts)
"#);
    assert_snapshot!(refusal_with(RIGHT, &["grid.n", "=5", "grid.n=[1,2", "grid.n.step=5", "extends=b.toml"]), @r"
--set: there is no `=`
 |
 | grid.n
 | ^^^^^^
 = write --set KEY=VALUE, such as --set grid.n=[64,128] or --set engine.device=cpu

--set: there is no key before `=`
 |
 | =5
 | ^^
 = write --set KEY=VALUE, such as --set grid.n=[64,128] or --set engine.device=cpu

--set: not valid TOML: unclosed array, expected `]`
 |
 | grid.n=[1,2
 |            ^

--set: `n` is an integer in the config, so it has no `step`
 |
 | grid.n.step=5
 |      ^
 = set the whole of it, or leave it as it is

--set: extends belongs into a file
 |
 | extends=b.toml
 | ^^^^^^^
 = write a small config that extends both, and run that
");
}

#[test]
fn laws() {
    let text = "theory = [\"edelman\", \"belkin-hsu-xu-2020\", \"near-duplicate\", \"edelman-1988\"]\n";
    assert_snapshot!(refusal(&format!("{text}{RIGHT}")), @r#"
a.toml:1: theory = "edelman": there is no such law
  |
1 | theory = ["edelman", "belkin-hsu-xu-2020", "near-duplicate", "edelman-1988"]
  |           ^^^^^^^^^
  = known are edelman-1988, edelman-1988-distribution, gaussian-log-kappa, chen-dongarra-2005, gaussian-sigma-min, gaussian-sigma-max, davidson-szarek-min, davidson-szarek-max, marchenko-pastur-min, marchenko-pastur-max, marchenko-pastur-kappa, belkin-hsu-xu-2020, hastie-ridgeless, hastie-ridge, dobriban-wager, gaussian-ridge-risk, gaussian-effective-df, gaussian-ridge-variance, gaussian-ridge-bias, near-duplicate, null-step-thin, null-step-null, descent-null-component, qr-slope, normal-equations-slope

a.toml:1: theory = "belkin-hsu-xu-2020": speaks of table ridge, which this run does not write
  |
1 | theory = ["edelman", "belkin-hsu-xu-2020", "near-duplicate", "edelman-1988"]
  |                      ^^^^^^^^^^^^^^^^^^^^
  = add "ridge" to tables

a.toml:1: theory = "near-duplicate": speaks of design collinear, and this design is gaussian
  |
1 | theory = ["edelman", "belkin-hsu-xu-2020", "near-duplicate", "edelman-1988"]
  |                                            ^^^^^^^^^^^^^^^^
  = set design.kind = "collinear", or leave the law out
"#);
    assert_snapshot!(refusal(&format!("{RIGHT}[[figure]]\nkind = \"line\"\nx = \"n\"\ny = \"sigma_min\"\ntheory = [\"qr-slope\"]\n")), @r#"
a.toml:8: figure.theory = "qr-slope": speaks of table perturbation, which this run does not write
  |
8 | theory = ["qr-slope"]
  |           ^^^^^^^^^^
  = add "perturbation" to tables
"#);
}

#[test]
fn figures() {
    assert_snapshot!(refusal(&format!("{RIGHT}[[figure]]\nkind = \"histogram\"\nx = \"kappa\"\ny = \"d\"\n[[figure]]\nkind = \"pie\"\n")), @r#"
a.toml:7: figure.y: belongs to figures of kind line, scatter and heatmap
  |
7 | y = "d"
  | ^
  = leave it out

a.toml:9: figure.kind = "pie": no such choice
  |
9 | kind = "pie"
  |        ^^^^^
  = allowed: line, scatter, heatmap, ecdf, histogram
"#);
}

#[test]
fn no_control_character_reaches_the_terminal() {
    let shown = refusal("name = \"\\u001b[31m\"\n\"\\u001b[2J\" = 1\n");
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
}

#[test]
fn a_file_that_never_ends_is_refused() {
    let line = "# a comment\n".repeat(100_000);
    assert_snapshot!(refusal_among(&[("a.toml", line.as_bytes())]), @"a.toml: is larger than 1048576 bytes; put data into a .csv or .npy file and name it in design.path");
}

/// Pieces of configs, right and wrong, to be put together at random.
const PIECES: &[&str] = &[
    "[design]\n",
    "kind = \"gaussian\"\n",
    "kind = \"spectrum\"\n",
    "spacing = \"geometric\"\n",
    "kind = \"matrix\"\n",
    "x = [[1, 2], [3, 4]]\n",
    "x = [[]]\n",
    "x = [1]\n",
    "[grid]\n",
    "n = 10\n",
    "n = [3, 2, 3]\n",
    "d = 5\n",
    "d = { log = [1, 100], count = 3 }\n",
    "d = { linear = [1, 1e308], step = 1e-300 }\n",
    "epsilon = 1e-3\n",
    "lambda = { log = [1e-300, 1e300], count = 4, with = [0] }\n",
    "delta = nan\n",
    "alpha = -5\n",
    "zip = [[\"n\", \"d\"]]\n",
    "zip = [[\"n\", \"lambda\"]]\n",
    "zip = [[]]\n",
    "where = \"n > d\"\n",
    "where = \"lambda < 1 / (n - d)\"\n",
    "where = \"((\"\n",
    "[[block]]\n",
    "[[figure]]\n",
    "kind = \"line\"\n",
    "[target]\n",
    "y = [1, 2]\n",
    "y = { column = \"a\" }\n",
    "weights = [1]\n",
    "tables = [\"ridge\"]\n",
    "theory = [\"qr-slope\", \"edelman-1988\"]\n",
    "seed = -1\n",
    "[engine]\n",
    "device = \"gpu:99999999999999999999\"\n",
    "rtol = 0\n",
    "name = \"..\"\n",
    "extends = []\n",
    "= 1\n",
    "é\n",
];

proptest! {
    #[test]
    fn never_panics_on_any_text(text in any::<String>(), set in any::<String>()) {
        if let Err(errors) = Config::parse(&text, Path::new("a.toml"), &[set]) {
            prop_assert!(!errors.to_string().is_empty());
        }
    }

    #[test]
    fn never_panics_on_near_misses(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..16)) {
        if let Err(errors) = Config::parse(&pieces.concat(), Path::new("a.toml"), &[]) {
            prop_assert!(!errors.to_string().is_empty());
        }
    }

    /// The canonical text stands for the config: read again, it gives the same, and so the same hash.
    #[test]
    fn canonical_text_reads_back(
        n in prop::collection::vec(1u32..500, 1..4),
        lambda in prop::collection::vec(0.0..1e300f64, 1..4),
        seed in any::<u64>(),
    ) {
        let text = format!("tables = [\"ridge\"]\ngrid = {{ n = {n:?}, d = 3, lambda = {lambda:?} }}\n[design]\nkind = \"gaussian\"\nseed = {seed}\n");
        let config = Config::parse(&text, Path::new("a.toml"), &["question=why \"so\"?".to_owned()]).unwrap();
        prop_assert_eq!(&Config::parse(&config.source.text, Path::new("a.toml"), &[]).unwrap(), &config);
    }
}
