//! Arrays and image files in, encoded pictures and the media JSON of Weights & Biases out.
//!
//! `wandb.Image` has two kinds of input: arrays are rendered, image files are passed through. The two meet at
//! encoded bytes of known size, and nothing after that cares where the bytes came from.
//!
//! ```text
//!              ┌ array ─ plan ─▶ Plan ─ render ─▶ Pixels ─ encode ─┐
//! bytes ─read─▶┤                                                   ├▶ Encoded ─ place ─▶ Row ─ record ─▶ manifest,
//!              └ image file, bytes untouched ──────────────────────┘                                     history, config
//! ```
//!
//! [`picture`] is that drawing in code, up to `Encoded`; everything it calls is values in, values out. [`job`]
//! does it for one input with its annotations, and is the first to touch the file system, through [`open`],
//! [`annotate`] and [`store`]; [`batch`] does it for many. [`gallery`] makes a page of what they
//! left.

pub mod annotate;
pub mod annotations;
pub mod array;
pub mod batch;
pub mod budget;
mod buffer;
pub mod draw;
pub mod dtype;
mod element;
pub mod encode;
pub mod frame;
pub mod gallery;
pub mod history;
pub mod input;
pub mod inspect;
pub mod job;
pub mod label_files;
pub mod labels;
pub mod layout;
pub mod media;
pub mod mode;
pub mod note;
mod number;
pub mod open;
pub mod overlay;
mod pack;
pub mod picture;
mod placing;
pub mod plan;
pub mod read;
pub mod render;
pub mod selection;
pub mod stats;
pub mod store;
pub mod template;
pub mod threads;
pub mod verify;
pub mod wandb_run;
pub mod warning;

pub use number::Number;
