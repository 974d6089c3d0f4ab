//! `.npy` files for tests: well-formed ones by a crate that is not ours, and headers that nobody would write.

use ndarray::ArrayD;
use ndarray_npy::{WritableElement, WriteNpyExt};

/// The array with these values in C order, as `ndarray-npy` writes it.
pub(crate) fn npy<T: WritableElement + Clone>(shape: &[usize], values: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    ArrayD::from_shape_vec(shape, values.to_vec())
        .unwrap()
        .write_npy(&mut bytes)
        .unwrap();
    bytes
}

/// A small grey picture that draws no warning: 0, 1, 2, … as bytes.
pub(crate) fn grey(height: usize, width: usize) -> Vec<u8> {
    let values: Vec<u8> = (0u8..=255).cycle().take(height * width).collect();
    npy(&[height, width], &values)
}

/// A file of version 1.0 with any header text, right or wrong, and data behind it.
pub(crate) fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(header.len()).unwrap();
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// A file whose header has this type and shape, as NumPy writes them.
pub(crate) fn claiming(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    with_header(
        &format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"),
        data,
    )
}
