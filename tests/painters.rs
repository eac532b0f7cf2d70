//! One page with everything that a scene can hold, painted as SVG, PDF and PNG.

#![allow(clippy::unwrap_used)]

#[path = "figure/specimen.rs"]
mod specimen;

use nullsweep::figure::{pdf, png, svg};

#[test]
fn look() {
    let scene = specimen::page();
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("specimen.svg"), svg::render(&scene, "specimen").unwrap()).unwrap();
    std::fs::write(folder.join("specimen.pdf"), pdf::render(&scene).unwrap()).unwrap();
    std::fs::write(folder.join("specimen.png"), png::render(&scene, 300.0).unwrap()).unwrap();
}
