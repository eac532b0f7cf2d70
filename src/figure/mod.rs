//! Tables -> figures: vector graphics for papers, with the numbers beside them.
//!
//! ```text
//! FigureSpec, tables --data--> Chart: curves, points, bands, cells in the units of the data; scales and labels
//!                     layout -> Scene: lines, shapes and text in points on a page
//!                               -> svg, pdf, png
//!            Chart -> the figure's CSV, TikZ that reads it
//! ```
//! The same tables give the same bytes: nothing here knows the time, the machine or the order in which threads end.

pub mod chart;
pub mod color;
pub mod csv;
pub mod data;
pub mod draw;
pub mod error;
mod font;
pub mod label;
pub mod layout;
pub mod look;
pub mod pdf;
mod placement;
pub mod png;
pub mod render;
pub mod scale;
pub mod scene;
pub mod set;
pub mod spec;
pub mod svg;
mod symbols;
pub mod ticks;
pub mod tikz;
