//! Arrays in containers: what torch, safetensors and NumPy wrote, and what nobody but an attacker writes.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has found what it is for"
)]

mod hostile_pickle;
mod hostile_safetensors;
mod hostile_zip;
mod pickles;
mod real;
mod run;
mod zips;
