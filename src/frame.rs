//! One image's elements in memory, in a type that pictures are computed from.

mod aligned;

pub use aligned::{AlignedBytes, Spare};

use bytemuck::{cast_slice, cast_slice_mut};
use half::f16;

use crate::array::span;
use crate::dtype::{ByteOrder, DType};
use crate::pack::{gather, is_dense, is_packed, packed_strides};
use crate::stats::Imaginary;

/// One image's elements: height × width × channels of one real type, in native byte order, in any memory
/// order. Every element of the buffer belongs to the image exactly once.
///
/// Complex numbers are down to their real parts, bfloat16 is widened to float32 and booleans are 0 or 1, as
/// the arithmetic of a picture takes them.
#[derive(Debug)]
pub struct Frame {
    real: Real,
    shape: [usize; 3],
    strides: [usize; 3],
    bytes: AlignedBytes,
    imaginary: Imaginary,
}

/// The types that pictures are computed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Real {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F16,
    F32,
    F64,
}

/// The elements of a frame in memory order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Elements<'a> {
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
    U64(&'a [u64]),
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    F16(&'a [f16]),
    F32(&'a [f32]),
    F64(&'a [f64]),
}

/// Evaluates an expression with the slice inside [`Elements`], whatever its type.
macro_rules! for_elements {
    ($elements:expr, $xs:ident => $body:expr) => {
        match $elements {
            $crate::frame::Elements::U8($xs) => $body,
            $crate::frame::Elements::U16($xs) => $body,
            $crate::frame::Elements::U32($xs) => $body,
            $crate::frame::Elements::U64($xs) => $body,
            $crate::frame::Elements::I8($xs) => $body,
            $crate::frame::Elements::I16($xs) => $body,
            $crate::frame::Elements::I32($xs) => $body,
            $crate::frame::Elements::I64($xs) => $body,
            $crate::frame::Elements::F16($xs) => $body,
            $crate::frame::Elements::F32($xs) => $body,
            $crate::frame::Elements::F64($xs) => $body,
        }
    };
}
pub(crate) use for_elements;

/// Why bytes are not a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The bytes are not as many as shape and strides reach.
    #[error("the picture needs {expected} bytes of the array, but there are {found}")]
    Length {
        /// Bytes that the shape and strides reach.
        expected: usize,
        /// Bytes that there are.
        found: usize,
    },
    /// There is no memory for it.
    #[error("no memory for {bytes} bytes")]
    Memory {
        /// Bytes that were asked for.
        bytes: usize,
    },
}

impl Frame {
    /// Takes the bytes that a picture's strides reach, as the container stores them.
    ///
    /// `shape` and `strides` are (height, width, channels), in elements.
    ///
    /// # Errors
    /// [`FrameError`] if `bytes` is not exactly the span of the picture, or memory is short.
    pub fn new(
        dtype: DType,
        order: ByteOrder,
        shape: [usize; 3],
        strides: [usize; 3],
        mut bytes: AlignedBytes,
    ) -> Result<Self, FrameError> {
        let expected = span(&shape, &strides) * dtype.size();
        if bytes.len() != expected {
            return Err(FrameError::Length {
                expected,
                found: bytes.len(),
            });
        }
        if order != ByteOrder::NATIVE {
            swap_bytes(bytes.as_mut_slice(), dtype.scalar_size());
        }
        let imaginary = match dtype {
            DType::C64 => imaginary_ends::<f32>(bytes.as_slice()),
            DType::C128 => imaginary_ends::<f64>(bytes.as_slice()),
            _ => Imaginary::default(),
        };
        let (real, bytes) = to_real(dtype, bytes)?;
        Self {
            real,
            shape,
            strides,
            bytes,
            imaginary,
        }
        .into_dense()
    }

    /// Leaves its memory to the next frame.
    pub fn leave_to(self, spare: &mut Spare) {
        self.bytes.leave_to(spare);
    }

    /// Height, width, channels.
    #[must_use]
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// The imaginary parts beside the extreme real parts; 0 where the array was real.
    #[must_use]
    pub(crate) fn imaginary(&self) -> Imaginary {
        self.imaginary
    }

    /// How far height, width and channels are apart, in elements.
    pub(crate) fn strides(&self) -> [usize; 3] {
        self.strides
    }

    /// Whether the elements lie as (height, width, channels).
    #[must_use]
    pub(crate) fn is_packed(&self) -> bool {
        is_packed(self.shape, self.strides)
    }

    /// Brings one value per element, given in the memory order of this frame, into the order (height, width,
    /// channels).
    pub(crate) fn pack<T: Copy>(&self, values: &[T]) -> Vec<T> {
        gather(values, self.shape, self.strides)
    }

    /// The elements in memory order.
    pub(crate) fn elements(&self) -> Elements<'_> {
        let bytes = self.bytes.as_slice();
        match self.real {
            Real::U8 => Elements::U8(bytes),
            Real::U16 => Elements::U16(cast_slice(bytes)),
            Real::U32 => Elements::U32(cast_slice(bytes)),
            Real::U64 => Elements::U64(cast_slice(bytes)),
            Real::I8 => Elements::I8(cast_slice(bytes)),
            Real::I16 => Elements::I16(cast_slice(bytes)),
            Real::I32 => Elements::I32(cast_slice(bytes)),
            Real::I64 => Elements::I64(cast_slice(bytes)),
            Real::F16 => Elements::F16(cast_slice(bytes)),
            Real::F32 => Elements::F32(cast_slice(bytes)),
            Real::F64 => Elements::F64(cast_slice(bytes)),
        }
    }

    /// Copies the picture out of a buffer with gaps or repetitions.
    fn into_dense(self) -> Result<Self, FrameError> {
        if is_dense(self.shape, self.strides) {
            return Ok(self);
        }
        let bytes = for_elements!(self.elements(), xs => {
            let packed = gather(xs, self.shape, self.strides);
            AlignedBytes::copied(cast_slice(&packed))
        })?;
        Ok(Self {
            bytes,
            strides: packed_strides(self.shape),
            ..self
        })
    }
}

/// The element type that pictures of `dtype` are computed in, and the elements in it.
fn to_real(dtype: DType, mut bytes: AlignedBytes) -> Result<(Real, AlignedBytes), FrameError> {
    let real = match dtype {
        DType::Bool => {
            for b in bytes.as_mut_slice() {
                *b = u8::from(*b != 0);
            }
            Real::U8
        }
        DType::U8 => Real::U8,
        DType::U16 => Real::U16,
        DType::U32 => Real::U32,
        DType::U64 => Real::U64,
        DType::I8 => Real::I8,
        DType::I16 => Real::I16,
        DType::I32 => Real::I32,
        DType::I64 => Real::I64,
        DType::F16 => Real::F16,
        DType::F32 => Real::F32,
        DType::F64 => Real::F64,
        DType::Bf16 => {
            let halves: &[u16] = cast_slice(bytes.as_slice());
            let mut wide = AlignedBytes::zeroed(bytes.len() * 2)?;
            for (x, &upper) in cast_slice_mut(wide.as_mut_slice()).iter_mut().zip(halves) {
                *x = f32::from_bits(u32::from(upper) << 16);
            }
            return Ok((Real::F32, wide));
        }
        DType::C64 => {
            keep_real_parts::<u32>(&mut bytes);
            Real::F32
        }
        DType::C128 => {
            keep_real_parts::<u64>(&mut bytes);
            Real::F64
        }
    };
    Ok((real, bytes))
}

/// The imaginary parts that complex comparison falls back on where real parts are equal. Numbers with a NaN
/// in either part do not compare.
fn imaginary_ends<T: bytemuck::Pod + Into<f64>>(bytes: &[u8]) -> Imaginary {
    let mut least = (f64::INFINITY, f64::INFINITY);
    let mut greatest = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for &[re, im] in cast_slice::<u8, [T; 2]>(bytes) {
        let number: (f64, f64) = (re.into(), im.into());
        if number < least {
            least = number;
        }
        if number > greatest {
            greatest = number;
        }
    }
    Imaginary {
        at_min: least.1,
        at_max: greatest.1,
    }
}

/// Moves every other scalar to the front and drops the rest. `T` is a scalar's bits.
fn keep_real_parts<T: bytemuck::Pod>(bytes: &mut AlignedBytes) {
    let scalars: &mut [T] = cast_slice_mut(bytes.as_mut_slice());
    for i in 0..scalars.len() / 2 {
        scalars[i] = scalars[2 * i];
    }
    bytes.truncate(bytes.len() / 2);
}

/// Reverses every group of `size` bytes.
fn swap_bytes(bytes: &mut [u8], size: usize) {
    if size > 1 {
        for scalar in bytes.chunks_exact_mut(size) {
            scalar.reverse();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(dtype: DType, shape: [usize; 3], strides: [usize; 3], bytes: &[u8]) -> Frame {
        let bytes = AlignedBytes::copied(bytes).unwrap();
        Frame::new(dtype, ByteOrder::Little, shape, strides, bytes).unwrap()
    }

    #[test]
    fn big_endian_complex_numbers_are_swapped_part_by_part() {
        let bytes = [1.5f32, 9.0, -2.0, 9.0].map(f32::to_be_bytes).concat();
        let bytes = AlignedBytes::copied(&bytes).unwrap();
        let frame = Frame::new(DType::C64, ByteOrder::Big, [1, 2, 1], [2, 1, 1], bytes).unwrap();
        assert!(matches!(frame.elements(), Elements::F32([1.5, -2.0])));
    }

    #[test]
    fn repeated_and_gapped_elements_are_copied_out() {
        let repeated = frame(DType::U8, [2, 2, 3], [2, 1, 0], &[1, 2, 3, 4]);
        assert!(matches!(
            repeated.elements(),
            Elements::U8([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4])
        ));
        let gapped = frame(DType::U8, [2, 2, 1], [3, 1, 1], &[1, 2, 9, 3, 4]);
        assert!(matches!(gapped.elements(), Elements::U8([1, 2, 3, 4])));
    }

    #[test]
    fn planes_are_dense_and_pack_to_pixels() {
        let planes = frame(DType::U8, [1, 2, 3], [2, 1, 2], &[1, 2, 3, 4, 5, 6]);
        assert!(!planes.is_packed());
        assert_eq!(planes.pack(&[1, 2, 3, 4, 5, 6]), [1, 3, 5, 2, 4, 6]);
    }

    #[test]
    fn a_wrong_number_of_bytes_is_refused() {
        let bytes = AlignedBytes::zeroed(5).unwrap();
        let found = Frame::new(DType::U8, ByteOrder::Little, [2, 3, 1], [3, 1, 1], bytes);
        assert!(matches!(
            found,
            Err(FrameError::Length {
                expected: 6,
                found: 5
            })
        ));
    }
}
