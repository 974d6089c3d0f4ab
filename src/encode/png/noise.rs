//! Numbers that look random, for tests: the same ones from the same seed.

/// All 32 bits of each; the higher ones are more random. The linear congruential generator of Numerical Recipes.
pub(super) fn numbers(seed: u32) -> impl FnMut() -> u32 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state
    }
}

/// Each below what it is asked for.
pub(super) fn below(seed: u32) -> impl FnMut(u32) -> u32 {
    let mut number = numbers(seed);
    move |limit| (number() >> 8) % limit
}
