//! `wbimg` from the outside: what is typed, what is said, what is written. One module per behaviour.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has found what it is for"
)]

mod difference;
mod npy;
mod picture;
mod wbimg;

mod boxes;
mod captions;
mod choices;
mod ci;
mod classes;
mod completions;
mod conformance;
mod dtypes;
mod gallery;
mod golden;
mod hostile;
mod hostile_json;
mod image_files;
mod inputs;
mod inspect;
mod keys;
mod labels;
mod layers;
mod mask_paths;
mod masks;
mod memory;
mod modes;
mod out_dir;
mod overlay;
mod png_round_trip;
mod rescale;
mod shapes;
mod sidecars;
mod stale;
mod streams;
mod threads;
mod unused;
mod wandb;
mod wandb_run;
mod warnings;
