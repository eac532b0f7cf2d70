//! Passes over columns of blocks, several columns at a time, so that what they share is loaded once for all and their sums do
//! not wait for each other.

use super::Lanes;

/// Columns of one pass.
const TILE: usize = 4;

/// The columns that are left of a matrix, `stride` blocks apart, of which those from `from` on count.
pub(super) struct Trailing<'a, const W: usize> {
    pub(super) blocks: &'a mut [Lanes<W>],
    pub(super) stride: usize,
    pub(super) from: usize,
}

/// `N` columns that follow each other.
#[inline(always)]
fn columns<const W: usize, const N: usize>(
    tile: &mut [Lanes<W>],
    stride: usize,
    from: usize,
    count: usize,
) -> [&mut [Lanes<W>]; N] {
    let mut rest = tile;
    std::array::from_fn(|_| {
        let column;
        (column, rest) = std::mem::take(&mut rest).split_at_mut(stride);
        &mut column[from..from + count]
    })
}

/// The numbers of `N` columns, from `first` on.
#[inline(always)]
fn of_columns<const W: usize, const N: usize>(numbers: &[Lanes<W>], first: usize) -> [Lanes<W>; N] {
    std::array::from_fn(|n| numbers[first + n])
}

impl<const W: usize> Trailing<'_, W> {
    /// Column j <- column j - `weights[j]` y for every j, then `sums[j]` = the sum over its blocks of v times it.
    #[inline(always)]
    pub(super) fn subtract_and_dot(
        &mut self,
        weights: &[Lanes<W>],
        y: &[Lanes<W>],
        v: &[Lanes<W>],
        sums: &mut [Lanes<W>],
    ) {
        let (stride, from, blocks) = (self.stride, self.from, v.len());
        let mut tiles = self.blocks.chunks_exact_mut(TILE * stride);
        let mut j = 0;
        for tile in tiles.by_ref() {
            let tile = columns::<W, TILE>(tile, stride, from, blocks);
            sums[j..j + TILE].copy_from_slice(&subtract_and_dot(tile, of_columns(weights, j), y, v));
            j += TILE;
        }
        for tile in tiles.into_remainder().chunks_exact_mut(stride) {
            [sums[j]] = subtract_and_dot::<W, 1>(columns(tile, stride, from, blocks), of_columns(weights, j), y, v);
            j += 1;
        }
    }

    /// Column j <- column j - `shares[j]` v for every j, and y = the sum of `weights[j]` times it.
    #[inline(always)]
    pub(super) fn subtract_and_add(
        &mut self,
        shares: &[Lanes<W>],
        v: &[Lanes<W>],
        weights: &[Lanes<W>],
        y: &mut [Lanes<W>],
    ) {
        let (stride, from, blocks) = (self.stride, self.from, v.len());
        y.fill([0.0; W]);
        let mut tiles = self.blocks.chunks_exact_mut(TILE * stride);
        let mut j = 0;
        for tile in tiles.by_ref() {
            let tile = columns::<W, TILE>(tile, stride, from, blocks);
            subtract_and_add(tile, of_columns(shares, j), v, of_columns(weights, j), y);
            j += TILE;
        }
        for tile in tiles.into_remainder().chunks_exact_mut(stride) {
            let column = columns::<W, 1>(tile, stride, from, blocks);
            subtract_and_add(column, of_columns(shares, j), v, of_columns(weights, j), y);
            j += 1;
        }
    }

    /// All columns <- (I - tau v v') ... for the reflections of a panel, one after the other, a few columns at a time.
    #[inline(always)]
    pub(super) fn reflect(&mut self, panel: &[Reflection<W>], total: impl Fn(Lanes<W>) -> Lanes<W>) {
        let (stride, from) = (self.stride, self.from);
        let mut tiles = self.blocks.chunks_exact_mut(TILE * stride);
        for tile in tiles.by_ref() {
            reflect::<W, TILE>(tile, stride, from, panel, &total);
        }
        for column in tiles.into_remainder().chunks_exact_mut(stride) {
            reflect::<W, 1>(column, stride, from, panel, &total);
        }
    }
}

/// I - tau v v', v without the blocks in which it is 0 for all of its panel.
pub(super) struct Reflection<const W: usize> {
    pub(super) v: Vec<Lanes<W>>,
    pub(super) tau: Lanes<W>,
}

#[inline(always)]
fn reflect<const W: usize, const N: usize>(
    tile: &mut [Lanes<W>],
    stride: usize,
    from: usize,
    panel: &[Reflection<W>],
    total: impl Fn(Lanes<W>) -> Lanes<W>,
) {
    let mut shares = [[0.0; W]; N];
    let mut before: Option<&Reflection<W>> = None;
    for reflection in panel {
        let v = &reflection.v;
        let y = &before.unwrap_or(reflection).v;
        shares = subtract_and_dot(columns::<W, N>(tile, stride, from, v.len()), shares, y, v).map(&total);
        for share in &mut shares {
            for (share, tau) in share.iter_mut().zip(&reflection.tau) {
                *share *= tau;
            }
        }
        before = Some(reflection);
    }
    if let Some(last) = before {
        subtract(columns::<W, N>(tile, stride, from, last.v.len()), shares, &last.v);
    }
}

#[inline(always)]
fn subtract_and_dot<const W: usize, const N: usize>(
    columns: [&mut [Lanes<W>]; N],
    weights: [Lanes<W>; N],
    y: &[Lanes<W>],
    v: &[Lanes<W>],
) -> [Lanes<W>; N] {
    let y = &y[..v.len()];
    let columns = columns.map(|column| &mut column[..v.len()]);
    let mut sums = [[0.0; W]; N];
    for i in 0..v.len() {
        for n in 0..N {
            let mut a = columns[n][i];
            for lane in 0..W {
                a[lane] = (-weights[n][lane]).mul_add(y[i][lane], a[lane]);
                sums[n][lane] = v[i][lane].mul_add(a[lane], sums[n][lane]);
            }
            columns[n][i] = a;
        }
    }
    sums
}

#[inline(always)]
fn subtract_and_add<const W: usize, const N: usize>(
    columns: [&mut [Lanes<W>]; N],
    shares: [Lanes<W>; N],
    v: &[Lanes<W>],
    weights: [Lanes<W>; N],
    y: &mut [Lanes<W>],
) {
    let y = &mut y[..v.len()];
    let columns = columns.map(|column| &mut column[..v.len()]);
    for i in 0..v.len() {
        let mut sum = y[i];
        for n in 0..N {
            let mut a = columns[n][i];
            for lane in 0..W {
                a[lane] = (-shares[n][lane]).mul_add(v[i][lane], a[lane]);
                sum[lane] = weights[n][lane].mul_add(a[lane], sum[lane]);
            }
            columns[n][i] = a;
        }
        y[i] = sum;
    }
}

#[inline(always)]
fn subtract<const W: usize, const N: usize>(columns: [&mut [Lanes<W>]; N], shares: [Lanes<W>; N], v: &[Lanes<W>]) {
    let columns = columns.map(|column| &mut column[..v.len()]);
    for i in 0..v.len() {
        for n in 0..N {
            let mut a = columns[n][i];
            for lane in 0..W {
                a[lane] = (-shares[n][lane]).mul_add(v[i][lane], a[lane]);
            }
            columns[n][i] = a;
        }
    }
}
