//! Whole pages: nothing overlaps, nothing is cut off, whatever the chart.

mod charts;
mod gallery;
mod hostile;
mod pages;
