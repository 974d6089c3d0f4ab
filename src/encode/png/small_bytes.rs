//! Counts the bytes of filtered rows where small differences are most of them: each of these is compared with many bytes at a
//! time, which takes a quarter of the time that it takes to look at each byte, and the others are counted one by one.

use multiversion::{multiversion, target::match_target};

#[cfg(target_arch = "x86_64")]
use super::counts::Tables;
use super::counts::{ByteCounts, count_bytes};
#[cfg(target_arch = "x86_64")]
use super::vectors;

/// Largest magnitude of what is compared with, and how many bytes that are.
const SMALL: u8 = 7;
const VALUES: usize = 2 * SMALL as usize + 1;
/// Bytes that are compared at a time.
const STEP: usize = 64;
/// Steps in a part, so few that each lane of them is counted in a byte, and bytes in it.
const STEPS: usize = 64;
const PART: usize = STEPS * STEP;
/// One byte of a part in so many may be none of the small ones: each of these takes as long as many others.
const FEW: u64 = 8;

/// Counts the bytes of `data`. `None` at the first part where too many are none of the small ones.
#[multiversion(targets("x86_64+avx512f+avx512bw+bmi1", "x86_64+avx2+bmi1"))]
pub(super) fn count_small(data: &[u8]) -> Option<ByteCounts> {
    match_target! {
        "x86_64+avx512f+avx512bw+bmi1" => count_512(data),
        "x86_64+avx2+bmi1" => count_256(data),
        _ => count_plainly(data),
    }
}

/// Whether so many bytes of a part are none of the small ones that all of them are counted one by one.
fn are_many(others: u64) -> bool {
    FEW * others > PART as u64
}

/// The same by vectors of 256 bits.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
fn count_256(data: &[u8]) -> Option<ByteCounts> {
    let occurrences = |byte, steps: &_| vectors::occurrences_256(byte, steps);
    count_in_steps(data, occurrences, |step| vectors::larger_256(SMALL, step))
}

/// The same by vectors of 512 bits.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,bmi1")]
fn count_512(data: &[u8]) -> Option<ByteCounts> {
    let occurrences = |byte, steps: &_| vectors::occurrences_512(byte, steps);
    count_in_steps(data, occurrences, |step| vectors::larger_512(SMALL, step))
}

/// `occurrences` tells how often a byte occurs in a part, and `larger` gives a bit for each byte of a step that is none of the
/// small ones.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn count_in_steps(
    data: &[u8],
    occurrences: impl Fn(u8, &[[u8; STEP]; STEPS]) -> u64,
    larger: impl Fn(&[u8; STEP]) -> u64,
) -> Option<ByteCounts> {
    let mut others = Tables::<8>::default();
    let mut small = [0; VALUES];
    let (parts, rest) = data.as_chunks::<PART>();
    for part in parts {
        let steps: &[[u8; STEP]; STEPS] = bytemuck::cast_ref(part);
        let counts: [u64; VALUES] = std::array::from_fn(|number| occurrences(byte(number), steps));
        if are_many(PART as u64 - counts.iter().sum::<u64>()) {
            return None;
        }
        for (sum, count) in small.iter_mut().zip(counts) {
            *sum += count;
        }
        for step in steps {
            let mut left = larger(step);
            while left != 0 {
                others.add_one(step[left.trailing_zeros() as usize & (STEP - 1)]);
                left &= left - 1;
            }
        }
    }
    others.add(rest);
    let mut bytes = others.sum();
    for (number, count) in (0..).zip(small) {
        bytes[usize::from(byte(number))] += u32::try_from(count).unwrap_or(u32::MAX);
    }
    Some(bytes)
}

/// The same one by one, so that every processor gives the same bytes.
fn count_plainly(data: &[u8]) -> Option<ByteCounts> {
    let (parts, rest) = data.as_chunks::<PART>();
    let mut sum = count_bytes(rest);
    for part in parts {
        let counts = count_bytes(part);
        let small: u32 = (0..VALUES)
            .map(|number| counts[usize::from(byte(number))])
            .sum();
        if are_many(PART as u64 - u64::from(small)) {
            return None;
        }
        for (sum, count) in sum.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    Some(sum)
}

/// One of the small bytes, from the least difference on.
#[inline(always)]
fn byte(number: usize) -> u8 {
    number.to_le_bytes()[0].wrapping_sub(SMALL)
}

#[cfg(test)]
mod tests {
    use super::super::counts::count_bytes;
    use super::super::noise;
    use super::*;

    /// Small differences; one byte in so many is any.
    fn text(length: usize, others: usize) -> Vec<u8> {
        let mut number = noise::numbers(5);
        let mut noise = || number().to_le_bytes()[3];
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
            assert_eq!(count_plainly(&text), Some(count_bytes(&text)), "{length}");
        }
        // Each lane as full as it can be.
        let zeros = [0; 2 * PART];
        assert_eq!(count_small(&zeros), Some(count_bytes(&zeros)));
    }

    #[test]
    fn many_others_are_not_counted() {
        let few = text(PART, 20);
        let many = text(PART, 4);
        let both = [few, many].concat();
        assert_eq!(count_small(&both), None);
        assert_eq!(count_plainly(&both), None);
    }

    #[test]
    fn so_many_others_are_too_many_for_every_processor() {
        for others in PART / 8 - 2..PART / 8 + 3 {
            let mut text = [0; PART];
            text[..others].fill(SMALL + 1);
            assert_eq!(count_small(&text), count_plainly(&text));
            assert_eq!(count_small(&text).is_none(), others > PART / 8);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn vectors_find_the_same_bytes() {
        for text in [text(5 * PART + 99, 20), text(2 * PART, 4)] {
            let plain = count_plainly(&text);
            #[expect(unsafe_code, reason = "to call what the processor is known to have")]
            // SAFETY: behind the checks of their features.
            unsafe {
                if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
                    assert_eq!(count_256(&text), plain);
                }
                if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("bmi1") {
                    assert_eq!(count_512(&text), plain);
                }
            }
        }
    }
}
