//! Laws against each other: bounds against exact values, limits against large sizes, sums against their parts.

use std::collections::HashSet;

use super::*;
use crate::design::{DesignSpec, Spacing, TargetSpec, Weights};
use crate::expression::{Condition, Formula, Kind, Variable, Vocabulary};
use crate::figure::label::Label;
use crate::measure::table::{Column, Role};
use crate::measure::{SelectionSettings, Settings, TRIAL_KEY, TableId};

fn settings(weight_decay: f64) -> Settings {
    Settings {
        solvers: Vec::new(),
        perturbed: Vec::new(),
        arithmetic: Vec::new(),
        iterations: vec![1],
        step: 1.0,
        weight_decay,
        selection: SelectionSettings::default(),
    }
}

fn model(weights: Weights, noise: f64) -> TargetSpec {
    TargetSpec::Model { weights, noise, features: None }
}

/// Of a Gaussian X with normal weights and noise of standard deviation 1/2.
fn setting(n: usize, d: usize, lambda: f64) -> Setting {
    let (design, target) = (DesignSpec::Gaussian, model(Weights::Normal, 0.5));
    World::new(&design, &target, &settings(0.0)).at(Keys { n, d, lambda: Some(lambda), ..Keys::default() })
}

fn mean(law: &str, setting: &Setting) -> f64 {
    find(law).unwrap().mean(setting).unwrap()
}

const SHAPES: [(usize, usize); 10] =
    [(2, 2), (3, 2), (2, 9), (12, 12), (13, 12), (40, 10), (10, 40), (64, 60), (100, 100), (400, 20)];

#[test]
fn names_are_unique_and_lead_to_their_laws() {
    let names: HashSet<_> = LAWS.iter().map(|law| law.name).collect();
    assert_eq!(names.len(), LAWS.len());
    for law in LAWS {
        assert_eq!(find(law.name), Some(*law));
    }
    assert_eq!(find("edelman"), None);
}

#[test]
fn every_law_is_explained() {
    let page = include_str!("../../docs/theory.md");
    for law in LAWS {
        assert!(page.contains(&format!("`{}`", law.name)), "docs/theory.md lacks {}", law.name);
        assert!(!law.reference.is_empty() && !law.domain.is_empty() && !law.short.is_empty(), "{}", law.name);
        for markup in [law.short, law.formula] {
            assert!(Label::parse(markup).is_ok(), "{}: {markup}: {:?}", law.name, Label::parse(markup));
        }
    }
}

#[test]
fn every_law_speaks_of_columns_that_its_table_has() {
    for law in LAWS {
        let table = TableId::parse(law.table).unwrap();
        let kind = |column: &Column| if column.unit == "name" { Kind::Word } else { Kind::Number };
        let columns = TRIAL_KEY.iter().chain(table.schema().columns);
        let variables = columns.map(|column| Variable { name: column.name, kind: kind(column) }).collect();
        let columns = Vocabulary { noun: "a column", variables };
        assert!(Formula::parse(law.quantity, &columns).is_ok(), "{}: {}", law.name, law.quantity);
        if let Some(filter) = law.filter {
            assert!(Condition::parse(filter, &columns).is_ok(), "{}: {filter}", law.name);
        }
        // Rows that differ in a word are not replicates of each other.
        for column in table.schema().columns.iter().filter(|column| column.role == Role::Key && column.unit == "name") {
            assert!(law.filter.is_some_and(|filter| filter.contains(column.name)), "{}: {}", law.name, column.name);
        }
    }
}

#[test]
fn bounds_hold_for_the_exact_values() {
    for (n, d) in SHAPES {
        let setting = setting(n, d, 0.0);
        let exact = |law| mean(law, &setting);
        assert!(exact("gaussian-log-kappa") < exact("chen-dongarra-2005"), "{n} x {d}");
        assert!(exact("gaussian-sigma-min") >= exact("davidson-szarek-min"), "{n} x {d}");
        assert!(exact("gaussian-sigma-max") <= exact("davidson-szarek-max"), "{n} x {d}");
    }
}

#[test]
fn limits_are_approached() {
    let gap = |limit: &str, exact: &str, (n, d): (usize, usize), lambda: f64| {
        let setting = setting(n, d, lambda);
        (mean(limit, &setting) / mean(exact, &setting) - 1.0).abs()
    };
    for (limit, exact, small, large, lambda) in [
        ("edelman-1988", "gaussian-log-kappa", (20, 20), (160, 160), 0.0),
        ("marchenko-pastur-min", "gaussian-sigma-min", (24, 6), (240, 60), 0.0),
        ("marchenko-pastur-max", "gaussian-sigma-max", (6, 24), (60, 240), 0.0),
        ("hastie-ridgeless", "belkin-hsu-xu-2020", (30, 10), (300, 100), 0.0),
        ("hastie-ridgeless", "belkin-hsu-xu-2020", (10, 30), (100, 300), 0.0),
    ] {
        let (coarse, fine) = (gap(limit, exact, small, lambda), gap(limit, exact, large, lambda));
        assert!(fine < coarse / 2.0 && fine < 0.05, "{limit}: {coarse} at {small:?}, {fine} at {large:?}");
    }
    // A penalty that grows with n is the same one in the limit.
    for (n, d) in [(30, 10), (10, 30), (20, 20)] {
        let at =
            |times: usize| gap("hastie-ridge", "gaussian-ridge-risk", (n * times, d * times), 0.3 * (n * times) as f64);
        assert!(at(8) < at(1) / 3.0 && at(8) < 0.02, "{n} x {d}: {} and {}", at(1), at(8));
    }
}

#[test]
fn a_vanishing_penalty_is_least_squares_and_the_risk_is_the_sum_of_its_parts() {
    for (n, d) in [(14, 6), (6, 14), (40, 30)] {
        let ridgeless = mean("belkin-hsu-xu-2020", &setting(n, d, 0.0));
        let vanishing = mean("gaussian-ridge-risk", &setting(n, d, 1e-13));
        assert!((vanishing / ridgeless - 1.0).abs() < 1e-10, "{n} x {d}: {vanishing} against {ridgeless}");
        for lambda in [0.0, 0.2, 5.0] {
            let setting = setting(n, d, lambda);
            let parts = mean("gaussian-ridge-bias", &setting) + mean("gaussian-ridge-variance", &setting) + 0.25;
            let risk = mean("gaussian-ridge-risk", &setting);
            assert!((risk / parts - 1.0).abs() < 1e-12, "{n} x {d}, {lambda}: {risk} against {parts}");
        }
    }
}

#[test]
fn the_best_penalty_is_noise_over_signal() {
    for (n, d) in [(50, 20), (20, 50)] {
        // r2 = d and s2 = 1/4.
        let best = mean("hastie-ridge", &setting(n, d, 0.25));
        assert!((best / mean("dobriban-wager", &setting(n, d, 7.0)) - 1.0).abs() < 1e-12, "{n} x {d}");
        for lambda in [0.1, 0.2, 0.3, 0.8] {
            assert!(mean("hastie-ridge", &setting(n, d, lambda)) > best, "{n} x {d}, {lambda}");
            let exact = |lambda| mean("gaussian-ridge-risk", &setting(n, d, lambda));
            assert!(exact(lambda) > exact(0.25), "{n} x {d}, {lambda}");
        }
    }
}

#[test]
fn outside_its_domain_a_law_has_no_value() {
    for (law, n, d, lambda) in [
        ("edelman-1988", 9, 8, 0.0),
        ("chen-dongarra-2005", 9, 1, 0.0),
        ("belkin-hsu-xu-2020", 9, 8, 0.0),
        ("belkin-hsu-xu-2020", 8, 9, 0.0),
        ("hastie-ridgeless", 8, 8, 0.0),
        ("hastie-ridge", 8, 4, 0.0),
        ("marchenko-pastur-kappa", 8, 8, 0.0),
        ("gaussian-ridge-risk", 8, 4, 1e-16),
        ("gaussian-ridge-risk", 300, 300, 1.0),
        ("gaussian-sigma-min", 300, 300, 0.0),
        ("descent-null-component", 8, 8, 0.0),
        ("null-step-null", 8, 8, 0.0),
        ("null-step-thin", 8, 8, 0.0),
        ("near-duplicate", 3, 4, 0.0),
        ("qr-slope", 8, 4, 0.0),
    ] {
        assert_eq!(find(law).unwrap().mean(&setting(n, d, lambda)), None, "{law}");
    }
    let distribution = find("edelman-1988-distribution").unwrap();
    assert_eq!(distribution.probability(&setting(9, 8, 0.0), 1.0), None);
    assert_eq!(distribution.mean(&setting(9, 9, 0.0)), None);
    assert_eq!(distribution.probability(&setting(9, 9, 0.0), -1.0), Some(0.0));
    // The median of the paper.
    let median = distribution.probability(&setting(9, 9, 0.0), 3.671).unwrap();
    assert!((median - 0.5).abs() < 1e-4, "{median}");
    let quantile = distribution.quantile(&setting(9, 9, 0.0), 0.5).unwrap();
    assert!((quantile - 3.671).abs() < 5e-4, "{quantile}");
}

#[test]
fn heavy_tails_are_not_judged() {
    let judged = |law: &str, n, d, lambda| (find(law).unwrap().judgement)(&setting(n, d, lambda)) == Judgement::Judged;
    assert!(judged("belkin-hsu-xu-2020", 40, 20, 0.0));
    assert!(!judged("belkin-hsu-xu-2020", 24, 20, 0.0));
    assert!(!judged("gaussian-ridge-risk", 20, 20, 1e-6));
    assert!(judged("gaussian-ridge-risk", 20, 20, 1.0));
    assert!(judged("gaussian-ridge-bias", 20, 20, 1e-6));
    assert!(!judged("edelman-1988", 20, 20, 0.0), "a limit");
}

#[test]
fn a_run_that_a_law_does_not_speak_of_is_refused_with_the_remedy() {
    let refusal = |law: &str, design: &DesignSpec, target: &TargetSpec, decay: f64| {
        find(law).unwrap().refusal(&World::new(design, target, &settings(decay)))
    };
    let (gaussian, noisy, silent) = (DesignSpec::Gaussian, model(Weights::Normal, 0.1), model(Weights::Ones, 0.0));
    let spectrum = DesignSpec::Spectrum { spacing: Spacing::Geometric };
    assert_eq!(refusal("edelman-1988", &gaussian, &noisy, 0.0), None);
    assert_eq!(refusal("qr-slope", &spectrum, &silent, 0.0), None);
    for (law, design, target, decay, part) in [
        ("edelman-1988", &spectrum, &noisy, 0.0, "design.kind = \"gaussian\""),
        ("near-duplicate", &gaussian, &noisy, 0.0, "design.kind = \"collinear\""),
        ("qr-slope", &spectrum, &noisy, 0.0, "target.noise = 0.0"),
        ("dobriban-wager", &gaussian, &silent, 0.0, "target.noise above 0"),
        ("belkin-hsu-xu-2020", &gaussian, &TargetSpec::Given(vec![1.0]), 0.0, "leave the law out"),
        ("descent-null-component", &gaussian, &noisy, 0.5, "descent.weight_decay"),
    ] {
        let refusal = refusal(law, design, target, decay).unwrap();
        assert!(refusal.remedy.contains(part), "{law}: {refusal:?}");
    }
}

#[test]
fn weights_and_hidden_features_reach_the_risk() {
    let design = DesignSpec::Gaussian;
    let signal = |weights| {
        World::new(&design, &model(weights, 0.5), &settings(0.0)).at(Keys { n: 3, d: 4, ..Keys::default() }).signal
    };
    assert_eq!(signal(Weights::Sparse { nonzeros: 3 }), Some(3.0));
    assert_eq!(signal(Weights::Sparse { nonzeros: 9 }), Some(4.0));
    assert_eq!(signal(Weights::List(vec![1.0, 2.0, 0.0, 2.0])), Some(9.0));
    let target = TargetSpec::Model { weights: Weights::Normal, noise: 0.5, features: Some(11) };
    let setting =
        World::new(&design, &target, &settings(0.0)).at(Keys { n: 20, d: 8, lambda: Some(0.0), ..Keys::default() });
    assert_eq!((setting.signal, setting.hidden), (Some(8.0), 3.0));
    let risk = mean("belkin-hsu-xu-2020", &setting);
    assert!((risk - 3.25 * (1.0 + 8.0 / 11.0)).abs() < 1e-14, "{risk}");
}
