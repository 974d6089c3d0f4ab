//! An array as its container describes it: element type, shape, strides. No element is held here, and no axis
//! has a meaning yet: `read` makes [`ArraySpec`]s, `layout` says which axis is which.

use crate::dtype::{ByteOrder, DType};

/// The axis order that a container's users write images in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// Height, width, channel: NumPy.
    ChannelsLast,
    /// Channel, height, width: torch, safetensors.
    ChannelsFirst,
}

/// Element type, shape and memory order of an array. The product of the shape and the span in bytes fit a
/// `usize`, so what is computed from them later cannot overflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArraySpec {
    dtype: DType,
    order: ByteOrder,
    shape: Vec<usize>,
    strides: Vec<usize>,
    convention: Convention,
}

/// The order of an array's axes in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryOrder {
    /// The last axis varies fastest.
    C,
    /// The first axis varies fastest.
    Fortran,
}

/// Why a shape cannot be an array in memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// More bytes than a machine can address.
    #[error("shape {shape:?} of {dtype} is larger than any memory")]
    TooLarge {
        /// The shape as claimed.
        shape: Vec<usize>,
        /// The element type as claimed.
        dtype: DType,
    },
    /// As many strides as axes are needed.
    #[error("shape {shape:?} has {} axes, but there are {strides} strides", shape.len())]
    StrideCount {
        /// The shape as claimed.
        shape: Vec<usize>,
        /// How many strides came with it.
        strides: usize,
    },
}

impl ArraySpec {
    /// A contiguous array in C or Fortran order.
    ///
    /// # Errors
    /// [`SpecError::TooLarge`] if its bytes cannot be counted in a `usize`.
    pub fn contiguous(
        dtype: DType,
        order: ByteOrder,
        shape: Vec<usize>,
        memory: MemoryOrder,
        convention: Convention,
    ) -> Result<Self, SpecError> {
        let mut strides = vec![0; shape.len()];
        let mut step = 1usize;
        let mut visit = |axis: usize| {
            strides[axis] = step;
            // An axis of length 0 must not hide an overflow in the others.
            step = step.checked_mul(shape[axis].max(1))?;
            Some(())
        };
        let counted = match memory {
            MemoryOrder::C => (0..shape.len()).rev().try_for_each(&mut visit),
            MemoryOrder::Fortran => (0..shape.len()).try_for_each(&mut visit),
        };
        if counted.is_none() {
            return Err(SpecError::TooLarge { shape, dtype });
        }
        Self::strided(dtype, order, shape, strides, convention)
    }

    /// An array with any strides, in elements; a stride of 0 repeats.
    ///
    /// # Errors
    /// [`SpecError`] if strides and shape do not go together or cannot be counted in a `usize`.
    pub fn strided(
        dtype: DType,
        order: ByteOrder,
        shape: Vec<usize>,
        strides: Vec<usize>,
        convention: Convention,
    ) -> Result<Self, SpecError> {
        if strides.len() != shape.len() {
            return Err(SpecError::StrideCount {
                strides: strides.len(),
                shape,
            });
        }
        let elements = shape
            .iter()
            .try_fold(1usize, |product, &n| product.checked_mul(n.max(1)));
        let last = shape
            .iter()
            .zip(&strides)
            .try_fold(0usize, |sum, (&n, &stride)| {
                sum.checked_add(n.saturating_sub(1).checked_mul(stride)?)
            });
        let bytes = |n: usize| {
            n.checked_add(1)?
                .checked_mul(dtype.size())
                .filter(|&b| b <= isize::MAX as usize)
        };
        if elements.and_then(bytes).is_none() || last.and_then(bytes).is_none() {
            return Err(SpecError::TooLarge { shape, dtype });
        }
        Ok(Self {
            dtype,
            order,
            shape,
            strides,
            convention,
        })
    }

    /// Element type.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Byte order of the elements.
    #[must_use]
    pub fn order(&self) -> ByteOrder {
        self.order
    }

    /// Length of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Distance in elements between neighbours along each axis.
    #[must_use]
    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// How the container's users order axes.
    #[must_use]
    pub fn convention(&self) -> Convention {
        self.convention
    }

    /// Bytes from the first element to the end of the last one; 0 for an empty array.
    #[must_use]
    pub fn span_bytes(&self) -> usize {
        span(&self.shape, &self.strides) * self.dtype.size()
    }
}

/// Elements from the first to the last one of a strided block, both included; 0 when an axis is empty.
pub(crate) fn span(shape: &[usize], strides: &[usize]) -> usize {
    if shape.contains(&0) {
        return 0;
    }
    1 + shape
        .iter()
        .zip(strides)
        .map(|(&n, &stride)| (n - 1) * stride)
        .sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_of_length_zero_does_not_hide_an_overflow() {
        let shape = vec![0, 1 << 32, 1 << 32, 1 << 32];
        let spec = ArraySpec::contiguous(
            DType::U8,
            ByteOrder::Little,
            shape.clone(),
            MemoryOrder::C,
            Convention::ChannelsLast,
        );
        assert_eq!(
            spec,
            Err(SpecError::TooLarge {
                shape,
                dtype: DType::U8
            })
        );
    }
}
