//! Rows -> panels and curves: by the values of `facet` and `by`, and by the expressions of `y`.

use std::collections::HashMap;

use super::labels;
use super::select::Selection;
use crate::expression::{Kind, Point};
use crate::figure::error::FigureError;
use crate::figure::label::escape;
use crate::reading::Row;

/// More panels than this fit on no page.
const MOST_PANELS: usize = 36;
/// More curves than this are told apart by nobody, whatever their colours, dashes and markers.
const MOST_CURVES: usize = 32;

/// What makes rows one curve: their expression among `y`, and their fields in the columns of `by`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CurveKey {
    y: usize,
    by: Vec<String>,
}

/// Whatever is gathered for each curve of each panel.
pub(super) struct Groups<T> {
    /// In the order of appearance.
    facets: Vec<String>,
    curves: Vec<CurveKey>,
    /// Places in `content`, by the fields that lead there.
    places: HashMap<String, usize>,
    /// Panel, curve, and what was gathered.
    content: Vec<(usize, usize, T)>,
    /// Room for a key of `places`: most rows find theirs there.
    buffer: String,
}

/// A panel: its title, and its curves, each with its place among [`Grouped::curves`].
pub(super) type GroupedPanel<T> = (Option<String>, Vec<(usize, T)>);

/// Panels in their order, with what is gathered for the curves that each has.
pub(super) struct Grouped<T> {
    pub(super) panels: Vec<GroupedPanel<T>>,
    /// All curves in their order.
    pub(super) curves: Vec<Curve>,
    /// What the names of the curves are values of.
    pub(super) legend_title: Option<String>,
}

/// A curve that one panel or several have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    /// For the legend, unless the figure has one curve only.
    pub(super) name: Option<String>,
    /// Its expression among `y`.
    pub(super) y: usize,
}

impl<T: Default> Groups<T> {
    pub(super) fn new() -> Self {
        Self {
            facets: Vec::new(),
            curves: Vec::new(),
            places: HashMap::new(),
            content: Vec::new(),
            buffer: String::new(),
        }
    }

    /// What is gathered for the curve that `row` belongs to by its fields and the expression `y` of the ordinate.
    ///
    /// # Errors
    /// [`FigureError::Rows`] where there are more curves or panels than anybody can tell apart.
    pub(super) fn at(&mut self, row: &Row<'_>, selection: &Selection<'_>, y: usize) -> Result<&mut T, FigureError> {
        let Self { facets, curves, places, content, buffer } = self;
        buffer.clear();
        for &column in selection.facet.iter().chain(&selection.by) {
            buffer.push_str(row.word(column));
            // No field of a table has it.
            buffer.push('\n');
        }
        buffer.push_str(&y.to_string());
        let place = if let Some(&place) = places.get(buffer.as_str()) {
            place
        } else {
            let facet = selection.facet.map_or_else(String::new, |column| row.word(column).to_owned());
            let key = CurveKey { y, by: selection.by.iter().map(|&column| row.word(column).to_owned()).collect() };
            content.push((place_of(&facet, facets), place_of(&key, curves), T::default()));
            limit(selection, "facet", facets.len(), MOST_PANELS)?;
            limit(selection, "by", curves.len(), MOST_CURVES)?;
            places.insert(buffer.clone(), content.len() - 1);
            content.len() - 1
        };
        Ok(&mut content[place].2)
    }

    /// Panels and curves in their order: numbers ascend, words come as the table has them.
    pub(super) fn finish(self, selection: &Selection<'_>) -> Grouped<T> {
        let Self { facets, curves, content, .. } = self;
        let panel_order = order(&facets, |facet| vec![rank(selection, selection.facet, facet)]);
        let curve_order = order(&curves, |key| {
            let of_by = selection.by.iter().zip(&key.by).map(|(&column, word)| rank(selection, Some(column), word));
            [Rank::Place(key.y)].into_iter().chain(of_by).collect()
        });
        let titles = titles(selection, &facets);
        let names = names(selection, &curves);
        let mut panels: Vec<GroupedPanel<T>> =
            panel_order.iter().map(|&facet| (titles[facet].clone(), Vec::new())).collect();
        let (panel_place, curve_place) = (inverse(&panel_order), inverse(&curve_order));
        for (facet, curve, gathered) in content {
            panels[panel_place[facet]].1.push((curve_place[curve], gathered));
        }
        for (_, curves) in &mut panels {
            curves.sort_by_key(|(place, _)| *place);
        }
        let alone = curves.len() == 1;
        let curve = |&at: &usize| Curve { name: (!alone).then(|| names[at].clone()), y: curves[at].y };
        Grouped {
            panels,
            curves: curve_order.iter().map(curve).collect(),
            legend_title: legend_title(selection).filter(|_| !alone),
        }
    }
}

/// The place of `value` in `list`, to which it is added if it is not there.
fn place_of<V: PartialEq + Clone>(value: &V, list: &mut Vec<V>) -> usize {
    list.iter().position(|known| known == value).unwrap_or_else(|| {
        list.push(value.clone());
        list.len() - 1
    })
}

/// What values are sorted by.
#[derive(Clone, Copy, PartialEq)]
enum Rank {
    Number(f64),
    /// As they came.
    Same,
    Place(usize),
}

fn rank(selection: &Selection<'_>, column: Option<usize>, word: &str) -> Rank {
    match column.map(|column| selection.vocabulary.variables[column].kind) {
        // An empty field comes first.
        Some(Kind::Number) => Rank::Number(word.parse().unwrap_or(f64::NEG_INFINITY)),
        _ => Rank::Same,
    }
}

/// The places of `values`, sorted by their ranks and, where these are the same, as they are.
fn order<V>(values: &[V], ranks: impl Fn(&V) -> Vec<Rank>) -> Vec<usize> {
    let ranks: Vec<Vec<Rank>> = values.iter().map(ranks).collect();
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|&a, &b| {
        let compare = |pair: (&Rank, &Rank)| match pair {
            (Rank::Number(a), Rank::Number(b)) => a.total_cmp(b),
            (Rank::Place(a), Rank::Place(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        };
        ranks[a].iter().zip(&ranks[b]).map(compare).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    places
}

/// Where each place has gone.
fn inverse(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    for (to, &from) in order.iter().enumerate() {
        places[from] = to;
    }
    places
}

fn limit(selection: &Selection<'_>, key: &str, count: usize, most: usize) -> Result<(), FigureError> {
    if count <= most {
        return Ok(());
    }
    let what = if key == "by" { "curves" } else { "panels" };
    let spec = selection.spec;
    let columns = if key == "by" { spec.by.join(", ") } else { spec.facet.clone().unwrap_or_default() };
    Err(FigureError::rows(
        &spec.id,
        format!("{key} = {columns} makes more than {most} {what}, which nobody can tell apart"),
        format!("choose some of the values by `where`, or another {key}"),
    ))
}

/// `$n$ = 50` above a panel.
fn titles(selection: &Selection<'_>, facets: &[String]) -> Vec<Option<String>> {
    let Some(column) = selection.facet else { return vec![None; facets.len()] };
    let values: Vec<&str> = facets.iter().map(String::as_str).collect();
    said(selection, column, &values, Naming::Full).into_iter().map(Some).collect()
}

/// How much of `$d$ = 40` is said.
#[derive(Clone, Copy, PartialEq)]
enum Naming {
    Full,
    ValueOnly,
}

/// The names of the curves, in words of `by` and `y`.
fn names(selection: &Selection<'_>, curves: &[CurveKey]) -> Vec<String> {
    let naming = if legend_title(selection).is_some() { Naming::ValueOnly } else { Naming::Full };
    let of_by: Vec<Vec<String>> = (0..selection.by.len())
        .map(|at| {
            let values: Vec<&str> = curves.iter().map(|key| key.by[at].as_str()).collect();
            said(selection, selection.by[at], &values, naming)
        })
        .collect();
    let name = |at: usize| {
        let y = (selection.y.len() > 1).then(|| labels::of_formula(&selection.y[curves[at].y], &selection.vocabulary));
        let parts = y.into_iter().chain(of_by.iter().map(|names| names[at].clone()));
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    };
    (0..curves.len()).map(name).collect()
}

/// Names of the values of a column: words as they are, numbers with the column's symbol. Nothing of an empty number where
/// other columns may speak.
fn said(selection: &Selection<'_>, column: usize, values: &[&str], naming: Naming) -> Vec<String> {
    let variable = selection.vocabulary.variables[column];
    if variable.kind == Kind::Word {
        return values.iter().map(|word| if word.is_empty() { "none".to_owned() } else { escape(word) }).collect();
    }
    let mut distinct: Vec<f64> = Vec::new();
    let numbers: Vec<Option<f64>> = values.iter().map(|word| word.parse().ok()).collect();
    for number in numbers.iter().flatten() {
        place_of(number, &mut distinct);
    }
    let texts = labels::of_numbers(&distinct);
    let symbol = labels::of_column(variable.name);
    let text = |number: &Option<f64>| {
        let place = number.and_then(|number| distinct.iter().position(|known| *known == number));
        match (place, naming) {
            (Some(place), Naming::Full) => format!("{symbol} = {}", texts[place]),
            (Some(place), Naming::ValueOnly) => texts[place].clone(),
            (None, _) if selection.by.len() > 1 => String::new(),
            (None, _) => format!("no {symbol}"),
        }
    };
    numbers.iter().map(text).collect()
}

/// The symbol of the only column that tells curves apart, if it has numbers.
fn legend_title(selection: &Selection<'_>) -> Option<String> {
    match selection.by[..] {
        [column] if selection.y.len() < 2 => {
            let variable = selection.vocabulary.variables[column];
            (variable.kind == Kind::Number).then(|| labels::of_column(variable.name))
        }
        _ => None,
    }
}
