//! The page: question, figures, tables, provenance, in the order in which a reader asks.

use std::path::Path;

use super::Figure;
use super::html::{Html, short};
use super::pivot::{Measured, Pivot};
use super::tables::{Dictionary, Plain};
use crate::config::Config;
use crate::design::recipe;
use crate::record::{Attempt, Manifest, SUMMARY_FILE, State};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// All that a page tells.
pub(super) struct Page<'a> {
    pub(super) manifest: &'a Manifest,
    /// `None` if this version cannot read the manifest's config (or a data file that it names is gone).
    pub(super) config: Option<&'a Config>,
    pub(super) figures: &'a [Figure],
    /// What the config expects, if it expects anything.
    pub(super) expectations: Option<&'a Plain>,
    /// What the laws that the config names say, if it names any.
    pub(super) theory: Option<&'a Plain>,
    pub(super) summary: &'a [Pivot],
    /// What the columns mean.
    pub(super) dictionary: &'a Dictionary,
}

impl Page<'_> {
    pub(super) fn render(&self) -> String {
        let mut html = Html::default();
        html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.element("title", &self.manifest.name).raw("\n<style>\n").raw(STYLE).raw("</style>\n</head>\n<body>\n");
        self.opening(&mut html);
        self.figures(&mut html);
        self.expectations(&mut html);
        self.theory(&mut html);
        self.summary(&mut html);
        self.rebuild(&mut html);
        self.provenance(&mut html);
        html.raw("<script>\n").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
        html.finish()
    }

    fn opening(&self, html: &mut Html) {
        let manifest = self.manifest;
        html.element("h1", &manifest.name).raw("\n");
        if let Some(question) = self.config.and_then(|config| config.question.as_deref()) {
            html.element("p class=\"question\"", question).raw("\n");
        }
        html.raw("<nav>");
        let parts = [
            (!self.figures.is_empty(), "figures", "Figures"),
            (self.expectations.is_some(), "expectations", "Expectations"),
            (self.theory.is_some(), "theory", "Theory"),
            (!self.summary.is_empty(), "summary", "Summary"),
            (self.config.is_some(), "rebuild", "Rebuild a row"),
            (true, "provenance", "Provenance"),
        ];
        for (_, id, name) in parts.iter().filter(|(there, ..)| *there) {
            html.element(&format!("a href=\"#{id}\""), name);
        }
        html.raw("</nav>\n<ul class=\"tiles\">");
        let trials = &manifest.trials;
        tile(html, "", &trials.done.to_string(), if trials.done == 1 { "trial" } else { "trials" });
        if manifest.state != State::Complete {
            tile(html, "bad", &(trials.total - trials.done.min(trials.total)).to_string(), "trials missing");
        }
        for (status, count) in trials.by_status.iter().flatten() {
            let class = if status == "failed" || status == "disagrees" { "bad" } else { "" };
            tile(html, class, &count.to_string(), &format!("status {status}"));
        }
        for (route, count) in trials.by_route.iter().flatten() {
            tile(html, "", &count.to_string(), &format!("route {route}"));
        }
        html.raw("</ul>\n");
        html.raw("<p class=\"note\">Every singular value was enclosed in an interval that provably contains it; ");
        html.raw("<code>ok</code>: to the relative half-width that the config asks for, <code>wide</code>: a wider interval, ");
        html.raw(
            "<code>unresolved</code>: the interval begins at 0, and no value of sigma_min or kappa is claimed.</p>\n",
        );
    }

    fn figures(&self, html: &mut Html) {
        if self.figures.is_empty() {
            return;
        }
        html.raw("<h2 id=\"figures\">Figures</h2>\n<div class=\"figures\">\n");
        for figure in self.figures {
            html.raw("<figure>").raw(&figure.svg).raw("<figcaption>").words(&figure.id);
            for file in &figure.files {
                let extension =
                    Path::new(file).extension().map_or_else(String::new, |name| name.to_string_lossy().into());
                html.raw(" \u{b7} <a href=\"").words(file).raw("\">").words(&extension).raw("</a>");
            }
            html.raw("</figcaption></figure>\n");
        }
        html.raw("</div>\n");
    }

    fn expectations(&self, html: &mut Html) {
        let Some(expectations) = self.expectations else { return };
        html.raw("<h2 id=\"expectations\">Expectations</h2>\n<p>What the config says that its tables show, and what they show.</p>\n");
        plain(html, expectations);
    }

    fn theory(&self, html: &mut Html) {
        let Some(theory) = self.theory else { return };
        html.raw("<h2 id=\"theory\">Theory</h2>\n<p>Published laws against the means over replicates; ");
        html.raw("<code>deviation</code> is in standard errors.</p>\n");
        plain(html, theory);
    }

    fn summary(&self, html: &mut Html) {
        if self.summary.is_empty() {
            return;
        }
        html.raw("<h2 id=\"summary\">Summary</h2>\n<p>Medians over the replicates of each cell, a table each; point at a number ");
        html.raw("for its mean, standard deviation and 95&nbsp;% interval. Everything is in <a href=\"");
        html.words(SUMMARY_FILE).raw("\">").words(SUMMARY_FILE).raw("</a>.</p>\n");
        for pivot in self.summary {
            html.element("h3", &pivot.table).raw("\n");
            let keys = pivot.keys.iter().map(|name| self.heading(name, true));
            let columns: Vec<_> = keys.chain(pivot.columns.iter().map(|name| self.heading(name, false))).collect();
            let rows = pivot.rows.iter().map(|row| {
                let keys = pivot.keys.iter().map(|name| Cell::Plain(row.key(name)));
                keys.chain(row.values.iter().map(|value| Cell::Measured(value.as_ref()))).collect()
            });
            table(html, &columns, rows);
            more(html, pivot.left_out, SUMMARY_FILE);
        }
    }

    fn heading<'h>(&'h self, name: &'h str, is_key: bool) -> Heading<'h> {
        Heading::new(name, is_key, self.dictionary.meaning(name))
    }

    fn rebuild(&self, html: &mut Html) {
        let Some(config) = self.config else { return };
        html.raw("<h2 id=\"rebuild\">Rebuild any row in NumPy</h2>\n<p>The row's own <code>n</code>, <code>d</code>, ");
        html.raw(
            "<code>replicate</code> and <code>epsilon</code> give its X, y and w as this run had them:</p>\n<pre>",
        );
        html.words(&recipe::numpy(&config.design, &config.target, config.grid.seeding));
        let trial = config.grid.trials().next();
        if let Some(trial) = trial {
            let epsilon = trial.epsilon.map_or_else(String::new, |epsilon| format!(", epsilon={epsilon:?}"));
            html.words(&format!(
                "\nX, y, w = trial({}, {}, replicate={}{epsilon})\nprint(np.linalg.svd(X, compute_uv=False))\n",
                trial.n, trial.d, trial.replicate
            ));
        }
        html.raw("</pre>\n");
    }

    fn provenance(&self, html: &mut Html) {
        let manifest = self.manifest;
        html.raw("<h2 id=\"provenance\">Provenance</h2>\n<dl class=\"facts\">");
        let program = &manifest.program;
        let revision =
            program.git_revision.as_ref().map_or_else(String::new, |revision| format!(", revision {revision}"));
        fact(html, "program", &format!("{} {}{revision}", program.name, program.version));
        if let Some(Attempt { command, engine, host, .. }) = manifest.attempts.last() {
            fact(html, "command", &command.join(" "));
            fact(html, "engine", engine);
            fact(
                html,
                "machine",
                &format!("{} {}, {} cores, {}", host.os, host.arch, host.cores, host.cpu_features.join(" ")),
            );
        }
        for Attempt { start, end, done_before, done_after, .. } in &manifest.attempts {
            let end = end.as_deref().unwrap_or("killed");
            let done = done_after.map_or_else(String::new, |done| format!(", trials {done_before} to {done}"));
            fact(html, "attempt", &format!("{start} to {end}{done}"));
        }
        fact(html, "identity", &manifest.identity.sha256);
        fact(html, "config", &manifest.config.path);
        html.raw("</dl>\n<details><summary>The config, as it was read</summary>\n<pre>");
        html.words(&manifest.config.text)
            .raw("</pre></details>\n<details><summary>Files with their SHA-256</summary>\n");
        html.raw("<div class=\"scroll\"><table>\n<thead><tr><th class=\"word\">file</th><th>rows</th><th>bytes</th>");
        html.raw("<th class=\"word\">sha256</th></tr></thead>\n<tbody>\n");
        for file in &manifest.files {
            html.raw("<tr><td class=\"word\"><a href=\"")
                .words(&file.name)
                .raw("\">")
                .words(&file.name)
                .raw("</a></td>");
            html.element("td", &file.rows.map_or_else(String::new, |rows| rows.to_string()));
            html.element("td", &file.bytes.to_string());
            html.raw("<td class=\"word\"><code>").words(&file.sha256).raw("</code></td></tr>\n");
        }
        html.raw("</tbody>\n</table></div></details>\n");
    }
}

/// A table as it is in its file.
fn plain(html: &mut Html, Plain { file, columns, rows, left_out }: &Plain) {
    let columns: Vec<_> =
        columns.iter().map(|column| Heading::new(&column.name, column.is_key(), &column.meaning)).collect();
    table(html, &columns, rows.iter().map(|row| row.iter().map(|cell| Cell::Plain(cell)).collect()));
    more(html, *left_out, file);
}

fn table<'a>(html: &mut Html, columns: &[Heading<'_>], rows: impl Iterator<Item = Vec<Cell<'a>>>) {
    html.raw("<div class=\"scroll\"><table class=\"sortable\">\n<thead><tr>");
    for Heading { name, class, meaning } in columns {
        html.raw("<th scope=\"col\" class=\"").raw(class).raw("\" title=\"");
        html.words(meaning).raw("\">").words(name).raw("</th>");
    }
    html.raw("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.raw("<tr>");
        for (cell, heading) in row.iter().zip(columns) {
            cell.write(html, heading.class);
        }
        html.raw("</tr>\n");
    }
    html.raw("</tbody>\n</table></div>\n");
}

/// The name of a column, what it means, and how its cells look.
struct Heading<'a> {
    name: &'a str,
    meaning: &'a str,
    class: &'static str,
}

impl<'a> Heading<'a> {
    fn new(name: &'a str, is_key: bool, meaning: &'a str) -> Self {
        Self { name, meaning, class: if is_key { "key" } else { "" } }
    }
}

/// One cell of a table.
enum Cell<'a> {
    Plain(&'a str),
    Measured(Option<&'a Measured>),
}

impl Cell<'_> {
    fn write(&self, html: &mut Html, class: &str) {
        match self {
            Self::Plain(text) => {
                let number = text.parse::<f64>();
                let word = if number.is_err() && !text.is_empty() { " word" } else { "" };
                html.raw(&format!("<td class=\"{class}{word}\""));
                match number {
                    Ok(number) if short(number) != *text => {
                        html.raw(" title=\"").words(text).raw("\">").words(&short(number));
                    }
                    _ => {
                        html.raw(">").words(text);
                    }
                }
                html.raw("</td>");
            }
            Self::Measured(None) => {
                html.raw("<td></td>");
            }
            Self::Measured(Some(measured)) => {
                html.raw("<td title=\"").words(&measured.words()).raw("\">");
                html.words(&measured.median.map_or_else(String::new, short)).raw("</td>");
            }
        }
    }
}

impl Measured {
    fn words(&self) -> String {
        let number = |name: &str, x: Option<f64>| x.map_or_else(String::new, |x| format!(", {name} {}", short(x)));
        let interval =
            self.interval.map_or_else(String::new, |[lo, hi]| format!(", 95 % [{}, {}]", short(lo), short(hi)));
        format!("{} values{}{}{interval}", self.count, number("mean", self.mean), number("sd", self.sd))
    }
}

fn tile(html: &mut Html, class: &str, number: &str, words: &str) {
    html.raw("<li class=\"").raw(class).raw("\">").element("b", number).words(words).raw("</li>");
}

fn fact(html: &mut Html, name: &str, value: &str) {
    html.element("dt", name).element("dd", value).raw("\n");
}

fn more(html: &mut Html, left_out: usize, file: &str) {
    if left_out > 0 {
        html.raw("<p class=\"note\">").words(&format!("{left_out} more rows are in ")).raw("<a href=\"");
        html.words(file).raw("\">").words(file).raw("</a>.</p>\n");
    }
}
