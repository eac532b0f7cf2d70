//! What each design is called and which shapes and epsilons it can have.

use super::spec::{DesignSpec, Gallery, Spacing};
use crate::matrix::Matrix;

impl DesignSpec {
    /// The word of the config's `kind`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::Collinear => "collinear",
            Self::CollinearExact => "collinear-exact",
            Self::Duplicate { .. } => "duplicate",
            Self::LowRank { .. } => "low-rank",
            Self::Spectrum { .. } => "spectrum",
            Self::Ar1 { .. } => "ar1",
            Self::Gallery(_) => "gallery",
            Self::Matrix { .. } => "matrix",
            Self::File { .. } => "file",
        }
    }

    /// Whether X depends on epsilon.
    pub fn uses_epsilon(&self) -> bool {
        match self {
            Self::Collinear | Self::CollinearExact | Self::LowRank { .. } | Self::Spectrum { .. } => true,
            Self::Gallery(gallery) => *gallery == Gallery::Lauchli,
            Self::Gaussian | Self::Duplicate { .. } | Self::Ar1 { .. } | Self::Matrix { .. } | Self::File { .. } => {
                false
            }
        }
    }

    /// Whether X differs from replicate to replicate; a fixed X draws nothing.
    pub fn is_random(&self) -> bool {
        match self {
            Self::Gallery(_) | Self::Matrix { .. } | Self::File { .. } => false,
            Self::Gaussian
            | Self::Collinear
            | Self::CollinearExact
            | Self::Duplicate { .. }
            | Self::LowRank { .. }
            | Self::Spectrum { .. }
            | Self::Ar1 { .. } => true,
        }
    }

    /// (n, d) where the entries are given and so fix the shape.
    pub fn fixed_shape(&self) -> Option<(usize, usize)> {
        self.entries().map(|(x, _)| (x.rows(), x.cols()))
    }

    /// Names of the d columns, where the entries are given and named.
    pub fn names(&self) -> Option<&[String]> {
        self.entries().and_then(|(_, names)| names)
    }

    /// Whether this design can have the shape `n` x `d` with this `epsilon`; its own parameters are checked too. An
    /// epsilon that the design does not use is ignored ([`DesignSpec::uses_epsilon`]).
    ///
    /// # Errors
    /// Why not, with the remedy.
    pub fn check(&self, n: usize, d: usize, epsilon: Option<f64>) -> Result<(), String> {
        check_shape(n, d)?;
        match self {
            Self::Collinear => {
                at_least("collinear", d, 2, "its last column is built from the first and its own")?;
                needs_epsilon("collinear", epsilon).map(drop)
            }
            Self::CollinearExact => {
                at_least("collinear-exact", d, 3, "its last column is built from the first two")?;
                needs_epsilon("collinear-exact", epsilon).map(drop)
            }
            Self::Duplicate { copies: 0, .. } => {
                Err("copies = 0 duplicates nothing: ask for at least 1, or for kind = \"gaussian\"".to_owned())
            }
            Self::Duplicate { multiple, .. } if *multiple == 0.0 || !multiple.is_finite() => {
                Err(format!("multiple = {multiple} makes no column of use: choose a finite number other than 0"))
            }
            Self::Duplicate { copies, .. } if *copies >= d => {
                Err(format!("copies = {copies} needs d above {copies} (d = {d}): raise d or lower copies"))
            }
            Self::LowRank { rank } => {
                if *rank == 0 || *rank > n.min(d) {
                    return Err(format!(
                        "rank = {rank} is impossible for {n} x {d}: choose a rank from 1 to {}",
                        n.min(d)
                    ));
                }
                epsilon.map_or(Ok(()), |epsilon| finite_epsilon("low-rank", epsilon))
            }
            Self::Spectrum { spacing } => check_spectrum(*spacing, d, needs_epsilon("spectrum", epsilon)?),
            Self::Ar1 { rho } if rho.is_nan() || rho.abs() >= 1.0 => {
                Err(format!("rho = {rho} is no correlation of a stationary process: choose it between -1 and 1"))
            }
            Self::Gaussian | Self::Duplicate { .. } | Self::Ar1 { .. } => Ok(()),
            Self::Gallery(gallery) => check_gallery(*gallery, n, d, epsilon),
            Self::Matrix { x, names } | Self::File { x, names, .. } => check_entries(x, names.as_deref(), n, d),
        }
    }

    fn entries(&self) -> Option<(&Matrix, Option<&[String]>)> {
        match self {
            Self::Matrix { x, names } | Self::File { x, names, .. } => Some((x, names.as_deref())),
            _ => None,
        }
    }
}

impl Gallery {
    /// The word of the config's `name`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hilbert => "hilbert",
            Self::Vandermonde => "vandermonde",
            Self::Kahan { .. } => "kahan",
            Self::Lauchli => "lauchli",
            Self::Pascal => "pascal",
            Self::Frank => "frank",
            Self::Prolate { .. } => "prolate",
            Self::Cauchy => "cauchy",
        }
    }
}

/// No dimension is 0 and the entries fit the address space (whether they fit the memory is the planner's question).
fn check_shape(n: usize, d: usize) -> Result<(), String> {
    if n == 0 || d == 0 {
        return Err(format!("X cannot be {n} x {d}: n and d must be at least 1"));
    }
    fits_memory(n, d)
        .ok_or_else(|| format!("X cannot be {n} x {d}: that many entries cannot be addressed; lower n or d"))
}

fn fits_memory(n: usize, d: usize) -> Option<()> {
    let bytes = n.checked_mul(d)?.checked_mul(size_of::<f64>())?;
    isize::try_from(bytes).ok().map(drop)
}

fn at_least(kind: &str, d: usize, least: usize, why: &str) -> Result<(), String> {
    if d < least {
        return Err(format!("the {kind} design needs d of at least {least} (d = {d}): {why}; raise d"));
    }
    Ok(())
}

fn needs_epsilon(kind: &str, epsilon: Option<f64>) -> Result<f64, String> {
    let epsilon = epsilon.ok_or_else(|| format!("the {kind} design needs epsilon: add an epsilon axis to the grid"))?;
    finite_epsilon(kind, epsilon)?;
    Ok(epsilon)
}

fn finite_epsilon(kind: &str, epsilon: f64) -> Result<(), String> {
    if !(epsilon.is_finite() && epsilon >= 0.0) {
        return Err(format!("the {kind} design cannot have epsilon = {epsilon}: give a finite number of at least 0"));
    }
    Ok(())
}

fn check_spectrum(spacing: Spacing, d: usize, epsilon: f64) -> Result<(), String> {
    if fits_memory(d, d).is_none() {
        return Err(format!("the spectrum design draws d x d normals for V, too many for d = {d}: lower d"));
    }
    if epsilon > 1.0 {
        return Err(format!(
            "the spectrum design cannot have epsilon = {epsilon}: its values run from 1 down to epsilon"
        ));
    }
    if epsilon == 0.0 && spacing == Spacing::Geometric {
        return Err(
            "geometric spacing cannot reach epsilon = 0: choose a positive epsilon or another spacing".to_owned()
        );
    }
    Ok(())
}

fn check_gallery(gallery: Gallery, n: usize, d: usize, epsilon: Option<f64>) -> Result<(), String> {
    let name = gallery.name();
    match gallery {
        Gallery::Lauchli if n != d.saturating_add(1) => {
            Err(format!("the lauchli matrix is (d + 1) x d, not {n} x {d}: pair every d with n = d + 1"))
        }
        Gallery::Lauchli => needs_epsilon(name, epsilon).map(drop),
        Gallery::Frank | Gallery::Prolate { .. } if n != d => {
            Err(format!("the {name} matrix is square, not {n} x {d}: use zip = [[\"n\", \"d\"]] with equal lists"))
        }
        Gallery::Kahan { theta } if !(theta > 0.0 && theta < std::f64::consts::FRAC_PI_2) => {
            Err(format!("theta = {theta} gives no kahan matrix: choose an angle between 0 and pi/2 = 1.5707..."))
        }
        Gallery::Prolate { w } if !(w > 0.0 && w < 0.5) => {
            Err(format!("w = {w} gives no prolate matrix: choose a half bandwidth between 0 and 0.5"))
        }
        _ => Ok(()),
    }
}

fn check_entries(x: &Matrix, names: Option<&[String]>, n: usize, d: usize) -> Result<(), String> {
    if (x.rows(), x.cols()) != (n, d) {
        return Err(format!(
            "the given matrix is {} x {}, not {n} x {d}: leave n and d out of the grid",
            x.rows(),
            x.cols()
        ));
    }
    match names {
        Some(names) if names.len() != d => {
            Err(format!("{} names are given for {d} columns: give one name per column", names.len()))
        }
        _ => Ok(()),
    }
}
