// jacobi_pair: which two columns meet in a round, and the rotation that makes them orthogonal.
//
// Shared by the kernels jacobi_*; stands after a scalar prelude.
// Layout: matrices are column major; column j of a matrix starts at entry j*rows; its first p entries are the column of
// A, the other rows - p its passengers, which are rotated along and take no part in inner products.
// Reference: Demmel & Veselic 1992 (relative stopping rule); Rutishauser 1966 (the rotation's form).

struct Step {
    // Items of work in this dispatch.
    count: u32,
    // Round of the tournament (jacobi_round), first column (triangle), else unused.
    index: u32,
    // 0, in a way that no compiler can know; only scalar_df32 reads it.
    opaque_zero: u32,
}

struct Dims {
    // First word of the matrix, counted in reals.
    entries: u32,
    // Rows and columns of the tall form A, p >= q.
    p: u32,
    q: u32,
    // p plus passengers.
    rows: u32,
    // Reals from one entry of the matrix to the next; 1 except for jacobi_thread.
    stride: u32,
}

struct State {
    // UNREDUCED or PREFILL as the host writes it, then UNFINISHED, CONVERGED or INCOMPLETE.
    info: u32,
    jacobi_sweeps: u32,
    // Largest |cosine| met in the last whole Jacobi sweep, the bits of an f32.
    max_cos: u32,
    // Of the Jacobi sweep under way: pairs met, pairs rotated, largest |cosine|.
    met: atomic<u32>,
    rotated: atomic<u32>,
    seen_cos: atomic<u32>,
}

const UNFINISHED: u32 = 0u;
const CONVERGED: u32 = 1u;
const INCOMPLETE: u32 = 2u;
// The kernel `triangle` is not done with the matrix.
const UNREDUCED: u32 = 0xfffffffeu;
const PREFILL: u32 = 0xffffffffu;

// Whether a matrix in this state has nothing to rotate: its columns are orthogonal, or not there yet.
fn rests(info: u32) -> bool {
    return info == CONVERGED || info == UNREDUCED;
}

var<immediate> step: Step;

// Seats of the tournament: q, or q + 1 with a bye for odd q.
fn seats(q: u32) -> u32 {
    return q + (q & 1u);
}

// The two columns that pair `pair` of round `round` brings together, lower first; a column >= q is the bye.
// Circle method: seat n-1 stays, the others move on by one each round; in n-1 rounds every two seats meet once.
fn round_robin(n: u32, round: u32, pair: u32) -> vec2<u32> {
    let ring = n - 1u;
    var a = round + pair;
    if a >= ring {
        a -= ring;
    }
    if pair == 0u {
        return vec2<u32>(a, ring);
    }
    var b = round + ring - pair;
    if b >= ring {
        b -= ring;
    }
    return vec2<u32>(min(a, b), max(a, b));
}

struct Rotation {
    // sin of the angle, tan of half the angle.
    s: real,
    tau: real,
    // |cosine| of the two columns before.
    cosine: f32,
    needed: bool,
}

// alpha = ||b_i||^2, beta = ||b_j||^2, gamma = b_i'b_j over p rows. Rotates when |gamma| > p u ||b_i|| ||b_j||; p counts
// as 8 at least, because rotating itself leaves a cosine of a few u and p = 2 would never be quiet.
// A column whose square is negligible is left alone: its products have no digits in this type.
fn rotation(alpha: real, beta: real, gamma: real, p: u32) -> Rotation {
    var out = Rotation(ZERO, ZERO, 0.0, false);
    if less(alpha, NEGLIGIBLE) || less(beta, NEGLIGIBLE) {
        return out;
    }
    let overlap = magnitude(gamma);
    let cosine = div(overlap, mul(root(alpha), root(beta)));
    out.cosine = to_f32(cosine);
    // Written so that NaN asks for a rotation: it then never converges, and the host sees it.
    out.needed = !less(cosine, mul(real_of(max(p, 8u)), UNIT_ROUNDOFF));
    if !out.needed {
        return out;
    }
    let gap = sub(beta, alpha);
    var t: real;
    if less(overlap, mul(magnitude(gap), LEVEL_RATIO)) {
        t = div(gamma, gap);
    } else {
        let z = div(magnitude(gap), add(overlap, overlap));
        t = div(ONE, add(z, root(add(ONE, mul(z, z)))));
        if less(gap, ZERO) != less(gamma, ZERO) {
            t = negated(t);
        }
    }
    let c = div(ONE, root(add(ONE, mul(t, t))));
    out.s = mul(c, t);
    out.tau = div(out.s, add(ONE, c));
    return out;
}

// (x, y) = row of (b_i, b_j) after the rotation: (c x - s y, s x + c y) in Rutishauser's form, with c = 1 - s tau. Norms
// then drift by s^2 u a rotation, against u with a rounded c: 64 columns of V stay orthonormal to a few u instead of
// hundreds.
// The columns are not exchanged where the second is the larger (de Rijk): in this order of pairs that makes 9 Jacobi
// sweeps into 15 for a 200 x 130 matrix. The host sends the columns sorted by norm instead.
fn rotated(r: Rotation, x: real, y: real) -> array<real, 2> {
    return array<real, 2>(
        sub(x, mul(r.s, add(y, mul(r.tau, x)))),
        add(y, mul(r.s, sub(x, mul(r.tau, y)))),
    );
}
