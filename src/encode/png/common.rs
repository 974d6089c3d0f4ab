//! Counts the bytes of filtered rows where small differences are most of them: each of these is compared with many bytes at a
//! time, which takes a quarter of the time that it takes to look at each byte, and the others are counted one by one.

use multiversion::{multiversion, target::match_target};

use super::counts::{ByteCounts, Tables};
use super::filter::magnitude;
#[cfg(target_arch = "x86_64")]
use super::vectors;

/// Largest magnitude of what is compared with, and how many bytes that are.
const SMALL: u8 = 7;
const VALUES: usize = 2 * SMALL as usize + 1;
/// Bytes that are compared at a time.
const STEP: usize = 64;
/// Steps in a part, so few that bytes can be counted in bytes, and its bytes.
const STEPS: usize = 64;
const PART: usize = STEPS * STEP;
/// One byte of a part in so many may be none of the small ones: each of these takes as long as many others.
const FEW: u64 = 8;

/// Counts the bytes of `data`. `None`, soon, if too many are none of the small ones.
#[multiversion(targets("x86_64+avx512f+avx512bw+bmi1", "x86_64+avx2+bmi1"))]
pub(super) fn count_small(data: &[u8]) -> Option<ByteCounts> {
    let mut tables = Tables::<8>::default();
    let mut small = [0; VALUES];
    let mut rest = data;
    while let Some((part, behind)) = rest.split_first_chunk::<PART>() {
        let steps: &[[u8; STEP]; STEPS] = bytemuck::cast_ref(part);
        let counts: [u64; VALUES] = std::array::from_fn(|number| {
            match_target! {
                "x86_64+avx512f+avx512bw+bmi1" => vectors::occurrences_512(byte(number), steps),
                "x86_64+avx2+bmi1" => vectors::occurrences_256(byte(number), steps),
                _ => occurrences(byte(number), steps),
            }
        });
        let others = part.len() as u64 - counts.iter().sum::<u64>();
        if FEW * others > part.len() as u64 {
            return None;
        }
        for (sum, count) in small.iter_mut().zip(counts) {
            *sum += count;
        }
        for step in steps {
            let mut large = match_target! {
                "x86_64+avx512f+avx512bw+bmi1" => vectors::larger_512(SMALL, step),
                "x86_64+avx2+bmi1" => vectors::larger_256(SMALL, step),
                _ => larger(SMALL, step),
            };
            while large != 0 {
                tables.add_one(step[large.trailing_zeros() as usize & (STEP - 1)]);
                large &= large - 1;
            }
        }
        rest = behind;
    }
    tables.add(rest);
    let mut bytes = tables.sum();
    for (number, count) in (0..).zip(small) {
        bytes[usize::from(byte(number))] += u32::try_from(count).unwrap_or(u32::MAX);
    }
    Some(bytes)
}

/// One of the small bytes, from the least difference on.
#[inline(always)]
fn byte(number: usize) -> u8 {
    number.to_le_bytes()[0].wrapping_sub(SMALL)
}

/// How often a byte occurs.
#[inline(always)]
fn occurrences(byte: u8, steps: &[[u8; STEP]; STEPS]) -> u64 {
    let bytes = steps.as_flattened().iter();
    bytes.map(|&other| u64::from(other == byte)).sum()
}

/// A bit for each byte: whether its magnitude as a difference is larger.
#[inline(always)]
fn larger(most: u8, step: &[u8; STEP]) -> u64 {
    let bits = (0..).zip(step);
    bits.fold(0, |bits, (n, &byte)| {
        bits | u64::from(magnitude(byte) > most) << n
    })
}

#[cfg(test)]
mod tests {
    use super::super::counts::count_bytes;
    use super::*;

    /// Small differences; one byte in so many is any.
    fn text(length: usize, others: usize) -> Vec<u8> {
        let mut state = 5u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24).to_le_bytes()[0]
        };
        let small = |noise: u8| byte(usize::from(noise) % VALUES);
        let each = (0..length).map(|at| match at % others {
            0 => noise(),
            _ => small(noise()),
        });
        each.collect()
    }

    #[test]
    fn small_differences_are_counted_like_all_bytes() {
        for length in [0, 1, PART - 1, PART, 3 * PART + 77] {
            let text = text(length, 20);
            assert_eq!(count_small(&text), Some(count_bytes(&text)), "{length}");
        }
        // Each lane as full as it can be.
        let zeros = [0; 2 * PART];
        assert_eq!(count_small(&zeros), Some(count_bytes(&zeros)));
    }

    #[test]
    fn many_others_are_not_counted() {
        let few = text(PART, 20);
        let many = text(PART, 4);
        assert_eq!(count_small(&[few, many].concat()), None);
    }

    #[test]
    fn vectors_find_the_same_bytes() {
        let text = text(PART, 3);
        let steps: &[[u8; STEP]; STEPS] = bytemuck::from_bytes(&text);
        for value in (0..VALUES).map(byte) {
            let plain = occurrences(value, steps);
            assert!(plain > 100);
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "to call what the processor is known to have")]
            // SAFETY: behind the checks of their features.
            unsafe {
                if is_x86_feature_detected!("avx2") {
                    assert_eq!(vectors::occurrences_256(value, steps), plain);
                }
                if is_x86_feature_detected!("avx512bw") {
                    assert_eq!(vectors::occurrences_512(value, steps), plain);
                }
            }
        }
        for step in steps {
            let plain = larger(SMALL, step);
            assert!(plain > 0);
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "to call what the processor is known to have")]
            // SAFETY: as above.
            unsafe {
                if is_x86_feature_detected!("avx2") {
                    assert_eq!(vectors::larger_256(SMALL, step), plain);
                }
                if is_x86_feature_detected!("avx512bw") {
                    assert_eq!(vectors::larger_512(SMALL, step), plain);
                }
            }
        }
    }
}
