//! Values in any memory order, brought into that of pixels: (height, width, channels).

use multiversion::multiversion;
use ndarray::{ArrayView3, ShapeBuilder};

/// The strides, in elements, of values in the order (height, width, channels).
pub(crate) fn packed_strides([_, width, channels]: [usize; 3]) -> [usize; 3] {
    [width * channels, channels, 1]
}

/// Whether values lie in the order (height, width, channels).
pub(crate) fn is_packed(shape: [usize; 3], strides: [usize; 3]) -> bool {
    let packed = packed_strides(shape);
    (0..3).all(|axis| shape[axis] == 1 || strides[axis] == packed[axis])
}

/// Whether each place that the strides reach belongs to exactly one value.
pub(crate) fn is_dense(shape: [usize; 3], strides: [usize; 3]) -> bool {
    let mut axes: Vec<(usize, usize)> = (0..3)
        .filter(|&axis| shape[axis] > 1)
        .map(|axis| (strides[axis], shape[axis]))
        .collect();
    axes.sort_unstable();
    let mut step = 1;
    axes.into_iter().all(|(stride, length)| {
        let fits = stride == step;
        step *= length;
        fits
    })
}

/// Bytes that lie as the strides tell, in the order (height, width, channels).
pub(crate) fn packed(bytes: Vec<u8>, shape: [usize; 3], strides: [usize; 3]) -> Vec<u8> {
    if is_packed(shape, strides) {
        return bytes;
    }
    let [height, width, _] = shape;
    let planes = (strides == [width, 1, height * width])
        .then(|| interleaved(&bytes, shape))
        .flatten();
    planes.unwrap_or_else(|| gather(&bytes, shape, strides))
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
fn interleaved(bytes: &[u8], [height, width, channels]: [usize; 3]) -> Option<Vec<u8>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_become_pixels() {
        let two = packed(vec![1, 2, 3, 4], [1, 2, 2], [2, 1, 2]);
        assert_eq!(two, [1, 3, 2, 4]);
        let four = packed(vec![1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4], [2, 1, 2]);
        assert_eq!(four, [1, 3, 5, 7, 2, 4, 6, 8]);
    }
}
