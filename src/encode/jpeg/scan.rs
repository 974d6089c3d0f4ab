//! The scan: stripe by stripe, filled, transformed and written in the order of the file.

use multiversion::multiversion;

use super::Color;
use super::codes::Codes;
use super::color::{WIDTH, fill_tiles};
use super::dct::{BLOCKS, Block, Tile, transform};
use super::frame::Frame;
use super::huffman::{Bits, Packed};
use super::quant::{Kind, Quantizer};

/// For all components but Cb and Cr.
const LUMA: &Codes = Codes::of(Kind::Luma);
/// For Cb and Cr.
const CHROMA: &Codes = Codes::of(Kind::Chroma);

/// Writes all of the picture's blocks.
pub(super) fn write(frame: &Frame, quantizers: &[Quantizer; 2], out: &mut Vec<u8>) {
    let mut scan = Scan {
        tiles: [[[0; WIDTH]; 8]; 6],
        batches: [[Block::EMPTY; BLOCKS]; 6],
        state: State {
            bits: Bits::NONE,
            means: [0; 4],
        },
        packed: [0; size_of::<Packed>()],
    };
    match frame.color {
        Color::Luma => scan.write_whole(frame, &quantizers[0], 1, out),
        Color::Cmyk => scan.write_whole(frame, &quantizers[0], 4, out),
        Color::Rgb | Color::Rgbx | Color::Ycbcr => scan.write_halved(frame, quantizers, out),
    }
    scan.state.bits.finish(out);
}

/// The blocks of a tile.
type Batch = [Block; BLOCKS];

/// A stripe in three of its forms, and what one stripe leaves to the next.
struct Scan {
    tiles: [Tile; 6],
    batches: [Batch; 6],
    packed: Packed,
    state: State,
}

/// What the coding of a block depends on besides the block.
///
/// Loops work on a copy: what nothing else points to can stay in registers.
#[derive(Clone, Copy)]
struct State {
    bits: Bits,
    /// The mean of each component's last block.
    means: [i16; 4],
}

impl Scan {
    /// Grey and CMYK: a unit is one block of every component.
    fn write_whole(
        &mut self,
        frame: &Frame,
        quantizer: &Quantizer,
        components: usize,
        out: &mut Vec<u8>,
    ) {
        let [width, height] = [frame.width, frame.height].map(usize::from);
        for y in (0..height).step_by(8) {
            for x in (0..width).step_by(WIDTH) {
                fill_tiles(frame, x, y, &mut self.tiles);
                let units = (width - x).div_ceil(8).min(BLOCKS);
                for (tile, batch) in self.tiles.iter().zip(&mut self.batches).take(components) {
                    transform(tile, units, quantizer, batch);
                }
                put_whole(
                    &self.batches[..components],
                    units,
                    &mut self.state,
                    &mut self.packed,
                );
                self.state.bits.drain(&self.packed, out);
            }
        }
    }

    /// The others: a unit is two by two blocks of Y, one of Cb and one of Cr.
    fn write_halved(&mut self, frame: &Frame, [luma, chroma]: &[Quantizer; 2], out: &mut Vec<u8>) {
        let [width, height] = [frame.width, frame.height].map(usize::from);
        for y in (0..height).step_by(16) {
            for x in (0..width).step_by(2 * WIDTH) {
                fill_tiles(frame, x, y, &mut self.tiles);
                let blocks = Blocks {
                    across: (width - x).div_ceil(8).min(2 * BLOCKS),
                    down: (height - y).div_ceil(8).min(2),
                };
                for (place, (tile, batch)) in self.tiles.iter().zip(&mut self.batches).enumerate() {
                    let (count, quantizer) = match place {
                        0..4 if blocks.down <= place / 2 => (0, luma),
                        0 | 2 => (blocks.across.min(BLOCKS), luma),
                        1 | 3 => (blocks.across.saturating_sub(BLOCKS), luma),
                        _ => (blocks.across.div_ceil(2), chroma),
                    };
                    transform(tile, count, quantizer, batch);
                }
                put_halved(&self.batches, blocks, &mut self.state, &mut self.packed);
                self.state.bits.drain(&self.packed, out);
            }
        }
    }
}

/// Blocks of Y that a stripe has within the picture.
#[derive(Clone, Copy)]
struct Blocks {
    /// 1 to 32.
    across: usize,
    /// 1 or 2.
    down: usize,
}

/// Puts the stripe's units, a block of every component at a time.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn put_whole(batches: &[Batch], units: usize, state: &mut State, packed: &mut Packed) {
    let mut local = *state;
    let State { bits, means } = &mut local;
    for lane in 0..units {
        for (batch, mean) in batches.iter().zip(means.iter_mut()) {
            bits.put_block(&batch[lane], LUMA, mean, packed);
        }
    }
    *state = local;
}

/// Puts the stripe's units, four blocks of Y and one each of Cb and Cr at a time.
///
/// A unit at the edge may have fewer blocks of Y within the picture; dummies make them up.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn put_halved(batches: &[Batch; 6], blocks: Blocks, state: &mut State, packed: &mut Packed) {
    let mut local = *state;
    let State { bits, means } = &mut local;
    for unit in 0..blocks.across.div_ceil(2) {
        for place in 0..4 {
            let column = 2 * unit + place % 2;
            let row = place / 2;
            if column < blocks.across && row < blocks.down {
                let block = &batches[2 * row + column / BLOCKS][column % BLOCKS];
                bits.put_block(block, LUMA, &mut means[0], packed);
            } else {
                bits.put_dummy(LUMA, packed);
            }
        }
        bits.put_block(&batches[4][unit], CHROMA, &mut means[1], packed);
        bits.put_block(&batches[5][unit], CHROMA, &mut means[2], packed);
    }
    *state = local;
}
