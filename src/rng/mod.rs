//! NumPy's generator, bit for bit (stub to be filled by its owner).

/// `np.random.Generator(PCG64(SeedSequence(entropy)))`.
pub struct Generator {}

impl Generator {
    /// `np.random.default_rng(entropy)`: `&[1023]` is `default_rng(1023)` (NumPy gives the same stream for
    /// `1023` and `[1023]`), `&[2, 50, 4, 0]` is `default_rng([2, 50, 4, 0])`.
    pub fn from_entropy(_entropy: &[u64]) -> Self {
        Self {}
    }

    /// One draw of `.normal()`: standard normal, NumPy's ziggurat.
    pub fn normal(&mut self) -> f64 {
        0.0
    }

    /// `.normal(size=count)`; a matrix `.normal(size=(n, d))` is `normals(n * d)` read row by row.
    pub fn normals(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.normal()).collect()
    }
}
