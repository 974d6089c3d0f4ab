//! Values in any memory order, brought into that of pixels: (height, width, channels).

use multiversion::multiversion;
use ndarray::{ArrayView3, ShapeBuilder};

/// The strides, in elements, of values in the order (height, width, channels).
pub(crate) fn packed_strides([_, width, channels]: [usize; 3]) -> [usize; 3] {
    [width * channels, channels, 1]
}

/// Values in (height, width, channels) order, out of a slice that holds them with any strides.
pub(crate) fn gather<T: Copy>(values: &[T], shape: [usize; 3], strides: [usize; 3]) -> Vec<T> {
    match ArrayView3::from_shape(shape.strides(strides), values) {
        Ok(view) => view.iter().copied().collect(),
        Err(_) => {
            // ndarray refuses a view of repeated elements; NumPy and torch allow it.
            let [height, width, channels] = shape;
            let mut packed = Vec::with_capacity(height * width * channels);
            for y in 0..height {
                for x in 0..width {
                    let at = y * strides[0] + x * strides[1];
                    packed.extend((0..channels).map(|c| values[at + c * strides[2]]));
                }
            }
            packed
        }
    }
}

/// The bytes of planes, one channel after the other, as pixels; `None` for a number of channels that pictures do not
/// have.
pub(crate) fn interleaved(bytes: &[u8], [height, width, channels]: [usize; 3]) -> Option<Vec<u8>> {
    let plane = height * width;
    let mut packed = vec![0; bytes.len()];
    match channels {
        2 => interleave(planes::<2>(bytes, plane), &mut packed),
        3 => interleave(planes::<3>(bytes, plane), &mut packed),
        4 => interleave(planes::<4>(bytes, plane), &mut packed),
        _ => return None,
    }
    Some(packed)
}

/// The first `N` planes of `plane` bytes each.
fn planes<const N: usize>(bytes: &[u8], plane: usize) -> [&[u8]; N] {
    std::array::from_fn(|n| &bytes[n * plane..(n + 1) * plane])
}

/// Takes a byte of each plane in turn.
fn interleave<const N: usize>(planes: [&[u8]; N], packed: &mut [u8]) {
    match planes[..] {
        [r, g, b] => interleave_three(r, g, b, packed.as_chunks_mut().0),
        _ => {
            for (n, pixel) in packed.as_chunks_mut::<N>().0.iter_mut().enumerate() {
                *pixel = planes.map(|plane| plane[n]);
            }
        }
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512vl+avx512vbmi",
    "x86_64+avx2",
    "x86_64+ssse3"
))]
fn interleave_three(r: &[u8], g: &[u8], b: &[u8], pixels: &mut [[u8; 3]]) {
    for (((pixel, &r), &g), &b) in pixels.iter_mut().zip(r).zip(g).zip(b) {
        *pixel = [r, g, b];
    }
}
