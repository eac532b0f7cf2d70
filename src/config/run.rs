//! How a run goes about it: `[engine]`, `[verify]` and `[run]`.

use super::keys;
use super::reader::Section;
use crate::engine::{Device, Precision};

/// `[engine]`: where the singular values are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EngineSpec {
    /// `auto` unless given.
    pub device: Device,
    /// `auto` unless given.
    pub precision: Precision,
    /// Wanted relative half-width of `sigma_min`'s enclosure, between 0 and 1; 1e-6 unless given.
    pub rtol: f64,
}

/// `[verify]`: how many trials nalgebra recomputes during the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VerifySpec {
    /// Share of the trials, 0 to 1; 0.05 unless given.
    pub fraction: f64,
}

/// `on_error` of `[run]`: what a trial that cannot be computed does to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// It becomes a row with status `failed`, and the run goes on.
    Record,
    /// The run stops.
    Stop,
}

pub(super) fn engine(root: &Section<'_>) -> Option<EngineSpec> {
    let mut spec = EngineSpec { device: Device::Auto, precision: Precision::Auto, rtol: 1e-6 };
    let Some(item) = root.get("engine") else { return Some(spec) };
    let section = item.section()?;
    let mut sound = true;
    if let Some(item) = section.get("device") {
        match item.text().map(|text| text.parse().map_err(|why: String| item.refuse("no such device", why))) {
            Some(Ok(device)) => spec.device = device,
            _ => sound = false,
        }
    }
    if let Some(item) = section.get("precision") {
        match item.text().map(|text| text.parse().map_err(|why: String| item.refuse("no such precision", why))) {
            Some(Ok(precision)) => spec.precision = precision,
            _ => sound = false,
        }
    }
    if let Some(item) = section.get("rtol") {
        let words = "rtol is a relative half-width and must lie between 0 and 1, both excluded";
        match item.number_where(|rtol| 0.0 < rtol && rtol < 1.0, words) {
            Some(rtol) => spec.rtol = rtol,
            None => sound = false,
        }
    }
    section.finish_all(keys::ENGINE);
    sound.then_some(spec)
}

pub(super) fn verify(root: &Section<'_>) -> Option<VerifySpec> {
    let default = VerifySpec { fraction: 0.05 };
    let Some(item) = root.get("verify") else { return Some(default) };
    let section = item.section()?;
    let fraction = section.get("fraction");
    section.finish_all(keys::VERIFY);
    let Some(item) = fraction else { return Some(default) };
    let words = "fraction is a share of the trials and must lie between 0 and 1";
    Some(VerifySpec { fraction: item.number_where(|share| (0.0..=1.0).contains(&share), words)? })
}

pub(super) fn on_error(root: &Section<'_>) -> Option<OnError> {
    let Some(item) = root.get("run") else { return Some(OnError::Record) };
    let section = item.section()?;
    let choice = section.get("on_error");
    section.finish_all(keys::RUN);
    choice.map_or(Some(OnError::Record), |item| item.choice(&[("record", OnError::Record), ("stop", OnError::Stop)]))
}
