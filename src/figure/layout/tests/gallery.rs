//! Pages to look at: `cargo test --lib gallery -- --ignored` writes them into target/gallery.

use super::charts;
use crate::figure::layout::lay_out;
use crate::figure::spec::Width;
use crate::figure::{pdf, png, svg};

#[test]
#[ignore = "writes files, to be looked at by people"]
fn gallery() -> Result<(), Box<dyn std::error::Error>> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), std::path::PathBuf::from);
    let folder = target.join("gallery");
    std::fs::create_dir_all(&folder)?;
    let facets = [charts::facets(6), charts::facets(5), charts::facets(12)];
    let mut all = vec![charts::kappa(), charts::ridge(), charts::heatmap(), charts::ecdf(), charts::histogram()];
    all.extend(facets);
    all.extend([charts::scatter(200), charts::scatter(5000), charts::many(7, "$d$ ="), charts::many(15, "$d$ =")]);
    let ranges = charts::battery();
    all.extend(ranges.into_iter().filter(|chart| chart.id == "range" || chart.title.is_some()));
    let widths = [
        (Width::Ieee, "ieee"),
        (Width::Nature, "nature"),
        (Width::Neurips, "neurips"),
        (Width::IeeeDouble, "double"),
        (Width::Slide, "slide"),
    ];
    for (index, chart) in all.iter().enumerate() {
        let widths = if chart.id == "range" { &widths[..1] } else { &widths[..] };
        for (width, name) in widths {
            let mut chart = chart.clone();
            chart.width = *width;
            let scene = lay_out(&chart)?;
            let stem = folder.join(format!("{index:02}-{}-{name}", chart.id));
            std::fs::write(stem.with_extension("png"), png::render(&scene, 300.0)?)?;
            std::fs::write(stem.with_extension("svg"), svg::render(&scene, &chart.id)?)?;
            std::fs::write(stem.with_extension("pdf"), pdf::render(&scene)?)?;
        }
    }
    Ok(())
}
