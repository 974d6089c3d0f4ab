//! Fewer colours than the picture has: Floyd–Steinberg to black and white and to the web palette, as Pillow
//! computes them, and an adaptive palette for pictures with alpha.

/// The nearest value that a byte can hold.
#[expect(clippy::cast_sign_loss, reason = "clamped first")]
pub(super) fn clip8(x: i32) -> u8 {
    x.clamp(0, 255) as u8
}

/// Floyd–Steinberg error diffusion along one channel, in sixteenths, row by row from left to right.
///
/// `from_above[x + 1]` holds what pixel `x` gets from the row above; the three accumulators carry what the next
/// pixel of this row and the next row get.
struct Diffusion {
    from_above: Vec<i32>,
    ahead: i32,
    below: i32,
    below_ahead: i32,
}

impl Diffusion {
    fn new(width: usize) -> Self {
        Self {
            from_above: vec![0; width + 1],
            ahead: 0,
            below: 0,
            below_ahead: 0,
        }
    }

    /// The value of pixel `x` with the errors of its neighbours.
    fn value(&self, x: usize, sample: u8) -> i32 {
        i32::from(clip8(
            i32::from(sample) + (self.ahead + self.from_above[x + 1]) / 16,
        ))
    }

    /// Spreads what choosing a colour for pixel `x` left over: 7/16 ahead, 3, 5 and 1 below.
    fn spread(&mut self, x: usize, error: i32) {
        self.from_above[x] = error * 3 + self.below;
        self.below = error * 5 + self.below_ahead;
        self.below_ahead = error;
        self.ahead = error * 7;
    }

    /// Ends a row.
    fn finish_row(&mut self) {
        if let Some(last) = self.from_above.last_mut() {
            *last = self.below;
        }
        (self.ahead, self.below, self.below_ahead) = (0, 0, 0);
    }
}

/// Grey to 0 or 255.
pub(super) fn bilevel(mut grey: Vec<u8>, width: usize) -> Vec<u8> {
    let mut diffusion = Diffusion::new(width);
    for row in grey.chunks_exact_mut(width) {
        for (x, sample) in row.iter_mut().enumerate() {
            let value = diffusion.value(x, *sample);
            *sample = if value > 128 { 255 } else { 0 };
            diffusion.spread(x, value - i32::from(*sample));
        }
        diffusion.finish_row();
    }
    grey
}

/// Indices of the web palette in front of its colour cube: ten blacks.
const CUBE_START: u8 = 10;

/// Pillow's web palette: ten blacks, then the 6×6×6 cube with red fastest; 226 colours.
pub(super) fn web_palette() -> Vec<[u8; 3]> {
    let cube = (0..216u8).map(|i| [i % 6 * 51, i / 6 % 6 * 51, i / 36 * 51]);
    std::iter::repeat_n([0; 3], usize::from(CUBE_START))
        .chain(cube)
        .collect()
}

/// RGB to indices of the web palette.
pub(super) fn web(samples: &[u8], width: usize) -> Vec<u8> {
    let palette = web_palette();
    let mut channels = [(); 3].map(|()| Diffusion::new(width));
    let mut indices = Vec::with_capacity(samples.len() / 3);
    for row in samples.chunks_exact(width * 3) {
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            let value: [i32; 3] = std::array::from_fn(|c| channels[c].value(x, pixel[c]));
            let index = nearest_in_web_palette(value.map(clip8));
            let color = palette[usize::from(index)];
            for (c, channel) in channels.iter_mut().enumerate() {
                channel.spread(x, value[c] - i32::from(color[c]));
            }
            indices.push(index);
        }
        finish_web_row(&mut channels);
    }
    indices
}

/// Ends a row of three channels. Pillow takes the three accumulators of the last channel for the three rows,
/// one each, instead of each channel's own first one.
fn finish_web_row(channels: &mut [Diffusion; 3]) {
    let blue = &channels[2];
    let ends = [blue.below, blue.below_ahead, blue.below_ahead];
    for (channel, end) in channels.iter_mut().zip(ends) {
        channel.below = end;
        channel.finish_row();
    }
}

/// The index of the nearest colour, taken at the low corner of the colour's 4×4×4 cell. The cube is regular,
/// so each channel can be rounded on its own; of equal colours the first counts, which for black is index 0.
fn nearest_in_web_palette(color: [u8; 3]) -> u8 {
    // 252 + 25 does not fit a byte; 252 is nearest to 255, the sixth level.
    match color.map(|v| (v & !3).saturating_add(25) / 51) {
        [0, 0, 0] => 0,
        [r, g, b] => CUBE_START + r + 6 * g + 36 * b,
    }
}
