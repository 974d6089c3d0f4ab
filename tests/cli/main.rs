//! `wbimg` from the outside: what is typed, what is said, what is written. One module per behaviour.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has found what it is for"
)]

mod difference;
mod npy;
mod picture;
mod wbimg;

mod captions;
mod completions;
mod conformance;
mod dtypes;
mod golden;
mod hostile;
mod image_files;
mod inputs;
mod keys;
mod modes;
mod out_dir;
mod png_round_trip;
mod rescale;
mod shapes;
mod streams;
mod wandb;
mod warnings;
