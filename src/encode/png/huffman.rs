//! Length-limited Huffman codes: from frequencies to lengths and bit patterns. RFC 1951, 3.2.2.

/// Code lengths for `frequencies`, none longer than `limit`, into `lengths`, which are at least as many.
///
/// A symbol that does not occur gets 0. One or two symbols that do occur get length 1 each; a
/// lone symbol is given a partner, since some decoders refuse an incomplete code. Frequencies
/// must sum to less than 2^32.
pub(super) fn code_lengths<const N: usize>(frequencies: &[u32; N], limit: u32, lengths: &mut [u8]) {
    lengths.fill(0);
    let mut keys = [0u64; N];
    let used = sorted_keys(frequencies, &mut keys);
    if used < 2 {
        let lone = if used == 1 { symbol_of(keys[0]) } else { 0 };
        lengths[lone] = 1;
        lengths[usize::from(lone == 0)] = 1;
        return;
    }
    let keys = &keys[..used];

    let mut counts = depth_counts::<N>(keys);
    enforce_limit(&mut counts, limit);

    // The rarest symbols get the longest codes.
    let mut rarest = keys.iter();
    for length in (1..=limit).rev() {
        for key in rarest.by_ref().take(counts[length as usize] as usize) {
            lengths[symbol_of(*key)] = length.to_le_bytes()[0];
        }
    }
}

/// Rarer than this, symbols are sorted by counting: most symbols of small blocks are.
const FEW: usize = 64;

/// The symbols that occur, below their frequencies, from the rarest on; returns how many there are.
fn sorted_keys<const N: usize>(frequencies: &[u32; N], sorted: &mut [u64; N]) -> usize {
    let mut keys = [0u64; N];
    let mut used = 0;
    for (symbol, &frequency) in (0u64..).zip(frequencies) {
        keys[used] = u64::from(frequency) << 16 | symbol;
        used += usize::from(frequency != 0);
    }
    let keys = &keys[..used];
    let place_of = |key: u64| ((key >> 16) as usize).min(FEW);
    let mut next = [0u16; FEW + 2];
    for &key in keys {
        next[place_of(key) + 1] += 1;
    }
    for place in 1..=FEW {
        next[place] += next[place - 1];
    }
    let often = usize::from(next[FEW]);
    for &key in keys {
        let at = &mut next[place_of(key)];
        sorted[usize::from(*at)] = key;
        *at += 1;
    }
    sorted[often..used].sort_unstable();
    used
}

fn symbol_of(key: u64) -> usize {
    (key & 0xffff) as usize
}

/// Deepest level that a tree of 288 leaves with frequencies below 2^32 can have, rounded up.
const DEEPEST: usize = 63;

/// How many leaves of the Huffman tree over the sorted `keys` lie at each depth.
///
/// Merges in place with two queues, as Moffat and Katajainen describe: the leaves are read
/// from the front, and the weights of inner nodes, then their parents, are kept in one array.
fn depth_counts<const N: usize>(keys: &[u64]) -> [u32; DEEPEST + 1] {
    let leaves = keys.len();
    let mut weights = [0u64; N];
    let mut parents = [0u16; N];
    let (mut leaf, mut inner) = (0, 0);
    for (made, parent) in (0..leaves - 1).zip(0u16..) {
        let mut weight = 0;
        for _ in 0..2 {
            if leaf < leaves && (inner >= made || keys[leaf] >> 16 <= weights[inner]) {
                weight += keys[leaf] >> 16;
                leaf += 1;
            } else {
                weight += weights[inner];
                parents[inner] = parent;
                inner += 1;
            }
        }
        weights[made] = weight;
    }

    // From the root down: a level of n nodes with k inner ones has n - k leaves and is
    // followed by a level of 2k nodes.
    let mut counts = [0u32; DEEPEST + 1];
    let mut depths = [0u8; N];
    let mut inner_at = [0u32; DEEPEST + 1];
    let root = leaves - 2;
    inner_at[0] = 1;
    for node in (0..root).rev() {
        let depth = depths[usize::from(parents[node])] + 1;
        depths[node] = depth;
        inner_at[usize::from(depth).min(DEEPEST)] += 1;
    }
    let mut nodes = 1;
    for depth in 0..=DEEPEST {
        counts[depth] = nodes - inner_at[depth];
        nodes = 2 * inner_at[depth];
    }
    counts
}

/// Moves leaves that lie deeper than `limit` up to it, and pays for that by pushing the
/// deepest of the others down, one level at a time, until the code is complete again.
fn enforce_limit(counts: &mut [u32; DEEPEST + 1], limit: u32) {
    let limit = limit as usize;
    let too_deep: u32 = counts[limit + 1..].iter().sum();
    if too_deep == 0 {
        return;
    }
    counts[limit + 1..].fill(0);
    counts[limit] += too_deep;
    // In units of 2^-limit, of which a complete code uses 2^limit.
    let mut used: u64 = (1..=limit)
        .map(|depth| u64::from(counts[depth]) << (limit - depth))
        .sum();
    while used > 1 << limit {
        let Some(depth) = (1..limit).rev().find(|&depth| counts[depth] > 0) else {
            return;
        };
        counts[depth] -= 1;
        counts[depth + 1] += 1;
        used -= 1 << (limit - depth - 1);
    }
    // Pushing down may overshoot; give the room back to the deepest that can use it.
    let mut depth = limit;
    while used < 1 << limit && depth > 1 {
        let gain = 1 << (limit - depth);
        if counts[depth] > 0 && used + gain <= 1 << limit {
            counts[depth] -= 1;
            counts[depth - 1] += 1;
            used += gain;
        } else {
            depth -= 1;
        }
    }
}

/// Bit patterns by symbol, ready to be written, and their lengths. Two tables of words, so that
/// either can be an operand straight from memory.
pub(super) struct Codes<const N: usize> {
    pub(super) patterns: [u64; N],
    pub(super) lengths: [u32; N],
}

impl<const N: usize> Codes<N> {
    /// The canonical code for `lengths`, bit-reversed because deflate writes codes from the top.
    pub(super) fn new(lengths: &[u8; N]) -> Self {
        let mut counts = [0u16; 16];
        for &length in lengths {
            counts[usize::from(length & 15)] += 1;
        }
        counts[0] = 0;
        let mut next = [0u16; 16];
        let mut first = 0u16;
        for length in 1..16 {
            first = (first + counts[length - 1]) << 1;
            next[length] = first;
        }
        let mut codes = Self {
            patterns: [0; N],
            lengths: lengths.map(u32::from),
        };
        for (pattern, &length) in codes.patterns.iter_mut().zip(lengths) {
            let slot = &mut next[usize::from(length & 15)];
            if length > 0 {
                *pattern = u64::from(slot.reverse_bits() >> (16 - u32::from(length)));
                *slot = slot.wrapping_add(1);
            }
        }
        codes
    }

    /// Pattern and length for `symbol`, which must be below N.
    #[inline(always)]
    pub(super) fn of(&self, symbol: usize) -> (u64, u32) {
        (self.patterns[symbol], self.lengths[symbol])
    }
}

#[cfg(test)]
mod tests {
    use super::super::noise;
    use super::*;

    fn lengths_of(frequencies: &[u32], limit: u32) -> Vec<u8> {
        let mut all = [0; 288];
        all[..frequencies.len()].copy_from_slice(frequencies);
        let mut lengths = [9; 288];
        code_lengths(&all, limit, &mut lengths);
        assert!(
            lengths[frequencies.len()..]
                .iter()
                .all(|&length| length == 0)
        );
        lengths[..frequencies.len()].to_vec()
    }

    /// In units of 2^-15, of which a complete code uses 2^15.
    fn used(lengths: &[u8]) -> u32 {
        let used = lengths.iter().filter(|&&length| length > 0);
        used.map(|length| 1 << (15 - length)).sum()
    }

    fn bits(frequencies: &[u32], lengths: &[u8]) -> u64 {
        let pairs = frequencies.iter().zip(lengths);
        pairs
            .map(|(&n, &length)| u64::from(n) * u64::from(length))
            .sum()
    }

    fn fibonacci(count: usize) -> Vec<u32> {
        let next = |&(a, b): &(u32, u32)| Some((b, a + b));
        let pairs = std::iter::successors(Some((1, 1)), next);
        pairs.map(|(a, _)| a).take(count).collect()
    }

    #[test]
    fn fibonacci_frequencies_reach_every_limit_with_complete_codes() {
        for limit in [7, 14, 15] {
            for count in [12, 15, 16, 17, 30, 44] {
                let lengths = lengths_of(&fibonacci(count), limit);
                assert_eq!(used(&lengths), 1 << 15, "limit {limit} count {count}");
                let longest = lengths.iter().copied().max().map(u32::from);
                let free = u32::try_from(count).unwrap() - 1;
                assert_eq!(
                    longest,
                    Some(free.min(limit)),
                    "limit {limit} count {count}"
                );
            }
        }
    }

    #[test]
    fn as_many_symbols_as_a_limit_allows_get_equal_lengths() {
        let mut frequencies = vec![1; 127];
        frequencies.push(1_000_000);
        assert_eq!(lengths_of(&frequencies, 7), [7; 128]);
    }

    #[test]
    fn lengths_within_the_limit_are_as_short_as_a_tree_merged_naively() {
        let mut below = noise::below(1);
        for count in 2..286 {
            let frequencies: Vec<u32> = (0..count).map(|_| below(4000)).collect();
            let mut weights: Vec<u64> = frequencies
                .iter()
                .filter(|&&n| n > 0)
                .map(|&n| n.into())
                .collect();
            let mut total = 0;
            while weights.len() > 1 {
                weights.sort_unstable_by(|a, b| b.cmp(a));
                let both = weights.pop().unwrap() + weights.pop().unwrap();
                total += both;
                weights.push(both);
            }
            let lengths = lengths_of(&frequencies, 15);
            if total > 0 && lengths.iter().all(|&length| length < 15) {
                assert_eq!(bits(&frequencies, &lengths), total);
            }
        }
    }

    #[test]
    fn a_lone_symbol_gets_a_partner() {
        assert_eq!(lengths_of(&[0, 0, 0], 15), [1, 1, 0]);
        assert_eq!(lengths_of(&[7, 0, 0], 15), [1, 1, 0]);
        assert_eq!(lengths_of(&[0, 0, 7], 15), [1, 0, 1]);
    }

    #[test]
    fn codes_are_those_of_the_example_in_the_specification() {
        // ABCDEFGH of RFC 1951, 3.2.2, from the top bit down there.
        let codes = Codes::new(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let expected = [0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111];
        assert_eq!(codes.patterns, expected);
    }
}
