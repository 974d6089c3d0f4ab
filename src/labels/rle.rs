//! COCO's run lengths, as numbers and as the string that pycocotools writes.
//!
//! The lengths alternate between background and object, beginning with background, down the columns. The
//! string holds each length in groups of five bits, lowest first, as the character `48 + group`; 32 is added
//! to every group but the last, and bit 16 of the last group is the sign. From the fourth length on, it is
//! the difference to the length two before that is stored.

use super::runs::Runs;

/// Why run lengths are not a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RleError {
    /// A byte that the encoding does not have.
    #[error("character {at} is not one of the 64 from '0' to 'o' that a compressed RLE is made of")]
    Character {
        /// Place in the string, from 0.
        at: usize,
    },
    /// The string ends inside a number.
    #[error("the compressed RLE ends inside a number")]
    Truncated,
    /// A run length below zero, or beyond every picture.
    #[error("run {run} is not a length from 0 to 4294967295")]
    Length {
        /// Which run, from 0.
        run: usize,
    },
    /// More pixels than the mask has.
    #[error("the runs go beyond the {pixels} pixels of the mask at run {run}")]
    Beyond {
        /// Pixels of the mask.
        pixels: u32,
        /// The run that ends outside, from 0.
        run: usize,
    },
    /// Fewer pixels than the mask has. pycocotools leaves the others to chance.
    #[error("the runs cover {covered} of the {pixels} pixels of the mask; they must cover all")]
    Short {
        /// Pixels of all runs.
        covered: u32,
        /// Pixels of the mask.
        pixels: u32,
    },
}

/// Run lengths from pycocotools' string.
pub(super) fn lengths_of_string(text: &[u8]) -> Result<Vec<u32>, RleError> {
    /// Groups of the longest number that is written: 7 × 5 bits hold a signed 33-bit difference.
    const MAX_GROUPS: u32 = 7;
    let mut lengths: Vec<u32> = Vec::new();
    let (mut value, mut groups) = (0_i64, 0_u32);
    for (at, &byte) in text.iter().enumerate() {
        let group = byte
            .checked_sub(48)
            .filter(|&group| group < 64)
            .ok_or(RleError::Character { at })?;
        let run = lengths.len();
        if groups == MAX_GROUPS {
            return Err(RleError::Length { run });
        }
        value |= i64::from(group & 0x1f) << (5 * groups);
        groups += 1;
        if group & 0x20 != 0 {
            continue;
        }
        if group & 0x10 != 0 {
            value |= -1 << (5 * groups);
        }
        if run > 2 {
            value += i64::from(lengths[run - 2]);
        }
        lengths.push(u32::try_from(value).map_err(|_| RleError::Length { run })?);
        (value, groups) = (0, 0);
    }
    if groups == 0 {
        Ok(lengths)
    } else {
        Err(RleError::Truncated)
    }
}

/// The pixels of a mask of `pixels` pixels, all of which the runs must cover.
pub(super) fn decode(lengths: &[u32], pixels: u32) -> Result<Runs, RleError> {
    let mut ends = Vec::with_capacity(lengths.len());
    let mut end = 0_u32;
    for (run, &length) in lengths.iter().enumerate() {
        end = end
            .checked_add(length)
            .filter(|&end| end <= pixels)
            .ok_or(RleError::Beyond { pixels, run })?;
        ends.push(end);
    }
    if end != pixels {
        return Err(RleError::Short {
            covered: end,
            pixels,
        });
    }
    Ok(Runs::between(&ends, pixels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_of_pycocotools_gives_its_lengths() {
        // Written by pycocotools.mask for the lengths on the right.
        assert_eq!(lengths_of_string(b"52203").unwrap(), [5, 2, 2, 2, 5]);
        assert!(lengths_of_string(b"").unwrap().is_empty());
    }

    #[test]
    fn damaged_strings_are_named() {
        for (text, error) in [
            (b"5 2".as_slice(), RleError::Character { at: 1 }),
            (b"5\xff", RleError::Character { at: 1 }),
            (b"5P", RleError::Truncated),
            (b"5O", RleError::Length { run: 1 }),
            (b"PPPPPPPPPPPPPPPPPPPPPPPPPP1", RleError::Length { run: 0 }),
        ] {
            assert_eq!(lengths_of_string(text), Err(error));
        }
    }

    #[test]
    fn runs_cover_exactly_the_mask() {
        let beyond = |run| Err(RleError::Beyond { pixels: 4, run });
        assert_eq!(decode(&[2, 1, 1], 4).unwrap().as_slice(), [(2, 3)]);
        assert_eq!(decode(&[0, 2, 0, 2], 4).unwrap().as_slice(), [(0, 4)]);
        assert_eq!(decode(&[2, 3], 4), beyond(1));
        assert_eq!(decode(&[2, u32::MAX], 4), beyond(1));
        assert_eq!(
            decode(&[2, 1], 4),
            Err(RleError::Short {
                covered: 3,
                pixels: 4
            })
        );
    }
}
