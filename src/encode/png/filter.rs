//! The five row filters of PNG, and the choice among them row by row.
//!
//! A filter replaces each byte by its difference from a prediction made of the bytes to the
//! left (`a`), above (`b`) and above left (`c`), a pixel apart. Bytes outside the picture are 0.

use multiversion::{multiversion, target::match_target};

#[cfg(target_arch = "x86_64")]
use super::vectors;

/// A row filter; the discriminant is the byte that PNG puts before the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    None = 0,
    Sub = 1,
    Up = 2,
    Average = 3,
    Paeth = 4,
}

/// All filters, by discriminant.
pub(super) const FILTERS: [Filter; 5] = [
    Filter::None,
    Filter::Sub,
    Filter::Up,
    Filter::Average,
    Filter::Paeth,
];

/// How the filter of each row is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    /// The same filter for all rows.
    Always(Filter),
    /// The filter whose differences, as signed bytes, have the least sum of magnitudes, or nearly, where these are small.
    LeastSum,
    /// The same, but none for rows that are mostly plain: text and lines on a ground, where whole pixels are what
    /// comes again.
    LeastSumUnlessPlain,
}

/// A row is mostly plain if all but this share of its bytes, one in so many, equal their left neighbours.
const PLAIN: usize = 5;

impl Strategy {
    /// Appends the filter byte and the filtered `row` to `out`. `above` is the row before, as
    /// long, or zeros; `pixel` is the distance in bytes between pixels, at least 1.
    pub(super) fn apply(self, row: &[u8], above: &[u8], pixel: usize, out: &mut Vec<u8>) {
        let filter = match self {
            Self::Always(filter) => filter,
            Self::LeastSumUnlessPlain if is_plain(row, pixel) => Filter::None,
            Self::LeastSum | Self::LeastSumUnlessPlain => Filter::with_least_sum(row, above, pixel),
        };
        filter.append(row, above, pixel, out);
    }
}

/// A row is smooth if the least sum of magnitudes is less than so many times its bytes.
const SMOOTH: u64 = 2;
/// Twentieths of its sum that a filter counts for in a smooth row. What is nearly the least there is better of `Up`, and worse
/// of `Paeth`: differences from one neighbour come again, as its own do, and those from now this one, now that one do not.
const IN_SMOOTH_ROWS: [u64; 5] = [20, 20, 18, 20, 21];

impl Filter {
    /// The filter with the least sum of magnitudes, weighed where the row is smooth; of equals the first.
    pub(super) fn with_least_sum(row: &[u8], above: &[u8], pixel: usize) -> Self {
        let sums = sums(row, above, pixel);
        let least = sums.iter().min().copied().unwrap_or(0);
        let weights = match least < SMOOTH * row.len() as u64 {
            true => IN_SMOOTH_ROWS,
            false => [1; 5],
        };
        let best = (0..5).min_by_key(|&filter| weights[filter] * sums[filter]);
        FILTERS[best.unwrap_or(0)]
    }

    /// Appends the filter byte and the filtered `row` to `out`, as [`Strategy::apply`] does.
    pub(super) fn append(self, row: &[u8], above: &[u8], pixel: usize, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + 1 + row.len(), 0);
        let out = &mut out[start..];
        out[0] = self as u8;
        write(self, row, above, pixel, &mut out[1..]);
    }
}

/// Whether a row is mostly plain.
#[multiversion(targets("x86_64+avx512f+avx512bw", "x86_64+avx2"))]
pub(super) fn is_plain(row: &[u8], pixel: usize) -> bool {
    let pairs = row.iter().zip(row.get(pixel..).unwrap_or_default());
    let unequal = pairs.filter(|(left, byte)| left != byte).count();
    PLAIN * unequal < row.len()
}

/// Each filter's sum of magnitudes over a row.
pub(super) fn sums(row: &[u8], above: &[u8], pixel: usize) -> [u64; 5] {
    let first = pixel.min(row.len());
    let mut sums = [0u64; 5];
    for (&x, &b) in row[..first].iter().zip(above) {
        add_magnitudes(x, 0, b, 0, &mut sums);
    }
    if row.len() > pixel {
        let rest = row.len() - pixel;
        let vectors =
            sums_of_magnitudes(&row[pixel..], &row[..rest], &above[pixel..], &above[..rest]);
        for (sum, more) in sums.iter_mut().zip(vectors) {
            *sum += more;
        }
    }
    sums
}

/// Adds each filter's magnitude for one byte to `sums`.
fn add_magnitudes(x: u8, a: u8, b: u8, c: u8, sums: &mut [u64; 5]) {
    let predictions = [0, a, b, average(a, b), paeth(a, b, c)];
    for (sum, prediction) in sums.iter_mut().zip(predictions) {
        *sum += u64::from(magnitude(x.wrapping_sub(prediction)));
    }
}

/// Each filter's sum of magnitudes over a row whose neighbours are given by shifted slices.
#[multiversion(targets("x86_64+avx512f+avx512bw+bmi1+bmi2", "x86_64+avx2+bmi1+bmi2"))]
fn sums_of_magnitudes(x: &[u8], a: &[u8], b: &[u8], c: &[u8]) -> [u64; 5] {
    match_target! {
        "x86_64+avx512f+avx512bw+bmi1+bmi2" => sums_in_steps([x, a, b, c], |sums, step| {
            vectors::add_magnitudes_512(sums, step);
        }),
        "x86_64+avx2+bmi1+bmi2" => sums_in_steps([x, a, b, c], |sums, step| {
            vectors::add_magnitudes_256(sums, step);
        }),
        _ => sums_in_steps([x, a, b, c], add_magnitudes_16),
    }
}

/// Adds up steps of `N` bytes in `LANES` lanes; the last is filled up with zeros, whose magnitudes are 0.
#[inline(always)]
fn sums_in_steps<const N: usize, const LANES: usize>(
    neighbours: [&[u8]; 4],
    add: impl Fn(&mut [[u64; LANES]; 5], [&[u8; N]; 4]),
) -> [u64; 5] {
    let [(xs, x), (a_s, a), (bs, b), (cs, c)] = neighbours.map(|bytes| bytes.as_chunks());
    let mut sums = [[0; LANES]; 5];
    for (((x, a), b), c) in xs.iter().zip(a_s).zip(bs).zip(cs) {
        add(&mut sums, [x, a, b, c]);
    }
    if !x.is_empty() {
        add(
            &mut sums,
            [&filled_up(x), &filled_up(a), &filled_up(b), &filled_up(c)],
        );
    }
    sums.map(|lanes| lanes.iter().sum())
}

/// At most `N` bytes, then zeros.
#[inline(always)]
fn filled_up<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut filled = [0; N];
    filled[..bytes.len()].copy_from_slice(bytes);
    filled
}

/// Adds the magnitudes of 16 bytes under each filter to sums in one lane.
#[inline(always)]
fn add_magnitudes_16(sums: &mut [[u64; 1]; 5], [x, a, b, c]: [&[u8; 16]; 4]) {
    let mut step = [0u16; 5];
    for lane in 0..16 {
        let (x, a, b, c) = (x[lane], a[lane], b[lane], c[lane]);
        step[0] += u16::from(magnitude(x));
        step[1] += u16::from(magnitude(x.wrapping_sub(a)));
        step[2] += u16::from(magnitude(x.wrapping_sub(b)));
        step[3] += u16::from(magnitude(x.wrapping_sub(average(a, b))));
        step[4] += u16::from(magnitude(x.wrapping_sub(paeth(a, b, c))));
    }
    for ([sum], step) in sums.iter_mut().zip(step) {
        *sum += u64::from(step);
    }
}

/// Writes the differences of `row` under `filter` to `out`, as long.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+bmi1+bmi2", "x86_64+avx2+bmi1+bmi2"))]
fn write(filter: Filter, row: &[u8], above: &[u8], pixel: usize, out: &mut [u8]) {
    let first = pixel.min(row.len());
    let rest = row.len() - first;
    let (out_first, out) = out.split_at_mut(first);
    let (row_first, x) = row.split_at(first);
    let (above_first, b) = above.split_at(first);
    let neighbours = [x, &row[..rest], b, &above[..rest]];
    match filter {
        Filter::None => {
            out_first.copy_from_slice(row_first);
            out.copy_from_slice(x);
        }
        Filter::Sub => {
            out_first.copy_from_slice(row_first);
            write_each(neighbours, out, |x, a, _, _| x.wrapping_sub(a));
        }
        Filter::Up => {
            subtract(out_first, row_first, above_first);
            write_each(neighbours, out, |x, _, b, _| x.wrapping_sub(b));
        }
        Filter::Average => {
            for ((out, &x), &b) in out_first.iter_mut().zip(row_first).zip(above_first) {
                *out = x.wrapping_sub(b / 2);
            }
            write_each(neighbours, out, |x, a, b, _| x.wrapping_sub(average(a, b)));
        }
        Filter::Paeth => {
            // With nothing to the left, Paeth predicts what lies above.
            subtract(out_first, row_first, above_first);
            match_target! {
                "x86_64+avx512f+avx512bw+avx512vl+bmi1+bmi2" => {
                    write_in_steps(neighbours, out, |step| vectors::paeth_differences_512(step));
                }
                "x86_64+avx2+bmi1+bmi2" => {
                    write_in_steps(neighbours, out, |step| vectors::paeth_differences_256(step));
                }
                _ => write_each(neighbours, out, |x, a, b, c| x.wrapping_sub(paeth(a, b, c))),
            }
        }
    }
}

/// Writes the difference of each byte.
#[inline(always)]
fn write_each(neighbours: [&[u8]; 4], out: &mut [u8], difference: impl Fn(u8, u8, u8, u8) -> u8) {
    write_in_steps(neighbours, out, |[x, a, b, c]: [&[u8; 32]; 4]| {
        let mut differences = [0; 32];
        for (lane, out) in differences.iter_mut().enumerate() {
            *out = difference(x[lane], a[lane], b[lane], c[lane]);
        }
        differences
    });
}

/// Writes the differences in steps of `N` bytes; the last is filled up.
#[inline(always)]
fn write_in_steps<const N: usize>(
    neighbours: [&[u8]; 4],
    out: &mut [u8],
    differences: impl Fn([&[u8; N]; 4]) -> [u8; N],
) {
    let [(xs, x), (a_s, a), (bs, b), (cs, c)] = neighbours.map(|bytes| bytes.as_chunks());
    let (outs, out_rest) = out.as_chunks_mut();
    for ((((out, x), a), b), c) in outs.iter_mut().zip(xs).zip(a_s).zip(bs).zip(cs) {
        *out = differences([x, a, b, c]);
    }
    if !out_rest.is_empty() {
        let last = differences([&filled_up(x), &filled_up(a), &filled_up(b), &filled_up(c)]);
        out_rest.copy_from_slice(&last[..out_rest.len()]);
    }
}

#[inline(always)]
fn subtract(out: &mut [u8], x: &[u8], b: &[u8]) {
    for ((out, &x), &b) in out.iter_mut().zip(x).zip(b) {
        *out = x.wrapping_sub(b);
    }
}

/// The magnitude of a difference taken as a signed byte, 0..=128.
#[inline(always)]
pub(super) fn magnitude(difference: u8) -> u8 {
    difference.min(difference.wrapping_neg())
}

/// (a + b) / 2, rounded down, without leaving 8 bits.
#[inline(always)]
fn average(a: u8, b: u8) -> u8 {
    (a & b) + ((a ^ b) >> 1)
}

/// Whichever of a, b and c is nearest to a + b - c; ties go to a, then b.
///
/// In 8 bits: the distance of c is |(b - c) + (a - c)|. If the two differences have the same
/// sign it is at least either of the others, so c cannot win; else it is their difference.
#[inline(always)]
fn paeth(a: u8, b: u8, c: u8) -> u8 {
    let to_a = b.abs_diff(c);
    let to_b = a.abs_diff(c);
    let to_c = if (a > c) == (b > c) {
        u8::MAX
    } else {
        to_a.abs_diff(to_b)
    };
    let nearest_of_two = if to_b < to_a { b } else { a };
    if to_c < to_a.min(to_b) {
        c
    } else {
        nearest_of_two
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paeth_in_eight_bits_is_paeth_of_the_specification() {
        for a in 0..=255u8 {
            for b in 0..=255u8 {
                for c in 0..=255u8 {
                    let p = i32::from(a) + i32::from(b) - i32::from(c);
                    let [pa, pb, pc] = [a, b, c].map(|n| (p - i32::from(n)).abs());
                    let expected = if pa <= pb && pa <= pc {
                        a
                    } else if pb <= pc {
                        b
                    } else {
                        c
                    };
                    assert_eq!(paeth(a, b, c), expected, "a {a} b {b} c {c}");
                }
            }
        }
    }

    #[test]
    fn of_sums_that_are_nearly_the_least_that_of_up_is_chosen_where_a_row_is_smooth() {
        // Steps, so that `Sub` is no better.
        let above: Vec<u8> = (0..300u16)
            .map(|n| (n / 20 + 100).to_le_bytes()[0])
            .collect();
        // A pixel that differs costs `Paeth` twice as much as `Up`, and three of them two thirds.
        let differs =
            |n: usize| (5..if (n / 20).is_multiple_of(2) { 8 } else { 6 }).contains(&(n % 20));
        let up_by = |by: u8| {
            let bytes = above.iter().enumerate();
            bytes
                .map(|(n, byte)| byte + by * u8::from(differs(n)))
                .collect::<Vec<u8>>()
        };
        let least = |row: &[u8]| {
            let sums = sums(row, &above, 1);
            FILTERS
                .into_iter()
                .min_by_key(|&filter| sums[filter as usize])
        };
        for (by, expected) in [(1, Filter::Up), (40, Filter::Paeth)] {
            let row = up_by(by);
            assert_eq!(least(&row), Some(Filter::Paeth));
            assert_eq!(
                Filter::with_least_sum(&row, &above, 1),
                expected,
                "{:?}",
                sums(&row, &above, 1)
            );
        }
    }

    #[test]
    fn rows_of_any_length_are_the_differences_of_single_bytes() {
        let bytes: Vec<u8> = (0..400u32)
            .map(|i| (i * i / 5 + i).to_le_bytes()[0])
            .collect();
        for pixel in 1..=4 {
            for length in (1..140).chain([200]) {
                let (row, above) = (&bytes[..length], &bytes[200..][..length]);
                let before =
                    |bytes: &[u8], at: usize| at.checked_sub(pixel).map_or(0, |at| bytes[at]);
                for filter in FILTERS {
                    let mut out = vec![77; length];
                    write(filter, row, above, pixel, &mut out);
                    let expected = (0..length).map(|at| {
                        let (a, b, c) = (before(row, at), above[at], before(above, at));
                        let predictions = [0, a, b, average(a, b), paeth(a, b, c)];
                        row[at].wrapping_sub(predictions[filter as usize])
                    });
                    assert!(out.into_iter().eq(expected), "{filter:?} {pixel} {length}");
                }
            }
        }
    }

    #[test]
    fn sums_in_lanes_are_the_sums_of_single_bytes_and_do_not_overflow() {
        let bytes: Vec<u8> = (0..40_003u32)
            .map(|i| ((i * i / 7) >> 3).to_le_bytes()[0])
            .collect();
        let n = bytes.len() - 9;
        for x in [&bytes[9..], &vec![128; n][..]] {
            let mut expected = [0; 5];
            for i in 0..n {
                add_magnitudes(x[i], bytes[i], bytes[i + 4], bytes[i + 2], &mut expected);
            }
            let (a, b, c) = (&bytes[..n], &bytes[4..][..n], &bytes[2..][..n]);
            assert_eq!(sums_of_magnitudes(x, a, b, c), expected);
            assert_eq!(sums_in_steps([x, a, b, c], add_magnitudes_16), expected);
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") {
                fn step(sums: &mut [[u64; 4]; 5], step: [&[u8; 32]; 4]) {
                    #[expect(unsafe_code, reason = "to call what the processor is known to have")]
                    // SAFETY: it has it.
                    unsafe {
                        vectors::add_magnitudes_256(sums, step);
                    }
                }
                assert_eq!(sums_in_steps([x, a, b, c], step), expected);
            }
        }
    }
}
