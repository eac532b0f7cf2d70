//! What a `[[figure]]` may not say, and what its author reads then.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use nullsweep::config::Config;

const RUN: &str = "tables = [\"spectrum\", \"ridge\", \"perturbation\"]\n[design]\nkind = \"gaussian\"\n[grid]\nn = 10\nd = 5\n\
                   lambda = 1.0\ndelta = 1e-8\n";

fn parse(figures: &str) -> Result<Config, String> {
    Config::parse(&format!("{RUN}{figures}"), Path::new("a.toml"), &[]).map_err(|errors| errors.to_string())
}

/// Each of `cases` is the body of a figure, with words that its refusal has.
fn refused(cases: &[(&str, &[&str])]) {
    for (figure, words) in cases {
        let said = parse(&format!("[[figure]]\n{figure}\n")).expect_err(figure);
        for words in *words {
            assert!(said.contains(words), "{figure}\n{said}\nlacks {words}");
        }
        assert!(said.starts_with("a.toml:"), "{said}");
    }
}

#[test]
fn columns_are_looked_up_in_the_tables_of_the_run() {
    refused(&[
        ("kind = \"ecdf\"\nx = \"kapa\"", &["figure.x: there is no `kapa`: did you mean `kappa`?"]),
        ("kind = \"ecdf\"\nx = \"kappa\"\nby = \"epsylon\"", &["no such column", "did you mean `epsilon`?"]),
        (
            "kind = \"ecdf\"\nx = \"y_norm\"",
            &["y_norm is a column of left_null, which this run does not write", "add \"left_null\""],
        ),
        (
            "kind = \"scatter\"\nx = \"sigma_min\"\ny = \"test_mse\"",
            &["no table of this run has test_mse beside sigma_min", "they must be columns of one table"],
        ),
        ("kind = \"ecdf\"\nx = \"kappa\"\ntable = \"ridge\"", &["there is no `kappa`", "kappa_ridge"]),
        (
            "kind = \"ecdf\"\nx = \"sigma\"\ntable = \"sigmas\"",
            &["this run does not write that table", "add \"sigmas\" to tables"],
        ),
        ("kind = \"ecdf\"\nx = \"n\"\ntable = \"timing\"", &["times differ from run to run", "nullsweep bench"]),
        ("kind = \"ecdf\"\nx = \"n\"\ntable = \"rigde\"", &["no such table", "did you mean `ridge`?"]),
        ("kind = \"ecdf\"\nx = \"solver\"", &["found a word", "by, facet and where"]),
        ("kind = \"ecdf\"\nx = \"n\"\nwhere = \"solver == 3\"", &["a word such as 'qr'"]),
        ("kind = \"ecdf\"\nx = \"n\"\nwhere = \"n\"", &["expected a comparison"]),
    ]);
}

#[test]
fn the_table_is_the_first_that_has_all_columns() {
    let table = |figure: &str| parse(&format!("[[figure]]\n{figure}")).unwrap().figures[0].table.clone();
    assert_eq!(table("kind = \"ecdf\"\nx = \"kappa\""), "spectrum");
    assert_eq!(table("kind = \"line\"\nx = \"lambda\"\ny = \"test_mse\""), "ridge");
    assert_eq!(table("kind = \"scatter\"\nx = \"lambda\"\ny = \"n\"\nby = \"solver\""), "perturbation");
    let summary = "kind = \"line\"\ntable = \"summary\"\nx = \"n\"\ny = \"mean\"\nwhere = \"column == 'kappa'\"";
    assert_eq!(table(summary), "summary");
}

#[test]
fn keys_have_their_kinds_and_values_their_bounds() {
    refused(&[
        ("kind = \"line\"\nx = \"n\"", &["figure.y is missing"]),
        ("kind = \"heatmap\"\nx = \"n\"\ny = \"d\"", &["figure.value is missing"]),
        ("kind = \"heatmap\"\nx = \"n\"\ny = [\"d\"]\nvalue = \"kappa\"", &["one column along its ordinate"]),
        (
            "kind = \"heatmap\"\nx = \"n\"\ny = \"d\"\nvalue = \"kappa\"\nby = \"n\"",
            &["by: belongs to figures of kind line"],
        ),
        ("kind = \"ecdf\"\nx = \"n\"\nbins = 3", &["bins: belongs to figures of kind histogram"]),
        ("kind = \"histogram\"\nx = \"n\"\nbins = 0", &["must be at least 1"]),
        (
            "kind = \"scatter\"\nx = \"n\"\ny = \"d\"\nstat = \"mean\"",
            &["stat: belongs to figures of kind line and heatmap"],
        ),
        (
            "kind = \"line\"\nx = \"n\"\ny = \"d\"\nstat = \"max\"\nband = \"interval\"",
            &["no interval of stat = \"max\"", "or another band"],
        ),
        ("kind = \"ecdf\"\nx = \"n\"\nx_range = [2, 1]", &["must ascend"]),
        ("kind = \"ecdf\"\nx = \"n\"\nx_range = [1]", &["expected two ends, found 1"]),
        ("kind = \"ecdf\"\nx = \"n\"\nx_scale = \"log\"\nx_range = [0, 1]", &["a logarithmic axis is positive"]),
        ("kind = \"ecdf\"\nx = \"n\"\nx_scale = \"ln\"", &["no such choice", "log10"]),
        ("kind = \"ecdf\"\nx = \"n\"\nwidth = \"natur\"", &["no such width", "did you mean `nature`?"]),
        ("kind = \"ecdf\"\nx = \"n\"\nwidth = 3", &["in millimetres, from 30 to 1000"]),
        ("kind = \"ecdf\"\nx = \"n\"\naspect = 0", &["height over width"]),
        ("kind = \"ecdf\"\nx = \"n\"\nid = \"a/b\"", &["cannot be the name of a file"]),
        ("kind = \"ecdf\"\nx = \"n\"\ntitle = \"$\\\\sgima$\"", &["sgima", "between dollars"]),
        ("kind = \"ecdf\"\nx = \"n\"\nlines = [{ x = 1, y = 2 }]", &["one of x, y and f"]),
        ("kind = \"ecdf\"\nx = \"n\"\nlines = [{ f = \"2 * n\" }]", &["there is no `n`", "expression of x"]),
        ("kind = \"ecdf\"\nx = \"n\"\nx_scale = \"log2\"\nlines = [{ x = 0.0 }]", &["no place on a logarithmic axis"]),
        ("kind = \"ecdf\"\nx = \"n\"\nlines = [{ z = 0.0 }]", &["unknown key"]),
    ]);
}

#[test]
fn ids_are_unique_and_count_from_one() {
    let figure = "[[figure]]\nkind = \"ecdf\"\nx = \"n\"\n";
    let ids: Vec<String> = parse(&figure.repeat(2)).unwrap().figures.into_iter().map(|figure| figure.id).collect();
    assert_eq!(ids, ["figure-1", "figure-2"]);
    let said = parse(&format!("{figure}{figure}id = \"Figure-1\"\n")).unwrap_err();
    assert!(said.contains("figure 1 has the same id"), "{said}");
}

#[test]
fn laws_are_drawn_over_what_they_speak_of() {
    refused(&[
        (
            "kind = \"line\"\nx = \"n\"\ny = \"kappa\"\nstat = \"mean\"\ntheory = [\"edelman\"]",
            &["there is no such law"],
        ),
        (
            "kind = \"line\"\nx = \"n\"\ny = \"kappa\"\nstat = \"mean\"\ntheory = [\"edelman-1988\"]",
            &["speaks of log(kappa), and y is kappa", "set y = \"log(kappa)\""],
        ),
        (
            "kind = \"line\"\nx = \"n\"\ny = \"log(kappa)\"\ntheory = [\"edelman-1988\"]",
            &["the figure shows another statistic", "set stat = \"mean\""],
        ),
        ("kind = \"ecdf\"\nx = \"log(kappa)\"\ntheory = [\"edelman-1988\"]", &["not of its distribution", "kind line"]),
        (
            "kind = \"line\"\nx = \"n\"\ny = \"kappa / n\"\nstat = \"mean\"\ntheory = [\"edelman-1988-distribution\"]",
            &["speaks of the distribution", "kind ecdf"],
        ),
    ]);
}
