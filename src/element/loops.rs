//! The loops over many values, compiled for several kinds of processors.

/// Lanes that the compiler can keep in vector registers.
pub(super) const LANES: usize = 32;
/// Values after which counts of one lane could overflow.
pub(super) const COUNTED: usize = LANES * 255;

/// A function of a slice, and maybe of where its results go, that is compiled for each kind.
macro_rules! on_each_processor {
    (fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? { $($body:tt)* }) => {
        fn $name($($argument: $type),*) $(-> $result)? {
            #[multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl+f16c",
                "x86_64+avx2+f16c",
                "x86_64+sse4.1"
            ))]
            fn all($($argument: $type),*) $(-> $result)? {
                $($body)*
            }
            all($($argument),*)
        }
    };
}

/// The loops that rescale, for a type with the methods for one value.
macro_rules! loops {
    ($t:ty) => {
        loops!($t, unit_all, unit);
        loops!($t, signed_all, signed);
        loops!($t, clip_all, clip);
    };
    ($t:ty, $all:ident, $one:ident) => {
        on_each_processor! {
            fn $all(xs: &[$t], bytes: &mut [u8]) {
                for (byte, x) in bytes.iter_mut().zip(xs) {
                    *byte = x.$one();
                }
            }
        }
    };
}

/// The same for a type of which vector instructions that compilers do not find rescale many values at a time: functions
/// of [`vectors`](super::vectors), in the same order.
macro_rules! packed_loops {
    ($t:ty: $unit:ident, $signed:ident, $clip:ident) => {
        packed_loops!($t, unit_all, unit, $unit);
        packed_loops!($t, signed_all, signed, $signed);
        packed_loops!($t, clip_all, clip, $clip);
    };
    ($t:ty, $all:ident, $one:ident, $many:ident) => {
        on_each_processor! {
            fn $all(xs: &[$t], bytes: &mut [u8]) {
                let (steps, xs_rest) = xs.as_chunks::<LANES>();
                let (outs, rest) = bytes.as_chunks_mut::<LANES>();
                for (out, &step) in outs.iter_mut().zip(steps) {
                    *out = match_target! {
                        "x86_64+avx512f+avx512bw+avx512dq+avx512vl+f16c" => vectors::$many(step),
                        "x86_64+avx2+f16c" => vectors::$many(step),
                        _ => step.map(|x| x.$one()),
                    };
                }
                for (byte, x) in rest.iter_mut().zip(xs_rest) {
                    *byte = x.$one();
                }
            }
        }
    };
}

/// The search for extremes, for a type with an order; `$counter` is as wide. A comparison with NaN is false, so NaN
/// never becomes an extreme. Where a type is compared by its ranks, of another type, `$bounds` gives that of a value twice,
/// as a lower and as an upper bound, and `$value` makes a value of a rank again.
macro_rules! extremes {
    ($t:ty, $counter:ty, $is_nan:expr, $highest:expr, $lowest:expr) => {
        extremes!(
            $t as $t,
            $counter,
            $is_nan,
            |x: $t| (x, x),
            |x: $t| x,
            $highest,
            $lowest
        );
    };
    ($t:ty as $rank:ty, $counter:ty, $is_nan:expr, $bounds:expr, $value:expr, $highest:expr, $lowest:expr) => {
        on_each_processor! {
            fn extremes(xs: &[$t]) -> Extremes<$t> {
                let (mut low, mut high): ([$rank; LANES], [$rank; LANES]) =
                    ([$highest; LANES], [$lowest; LANES]);
                let mut nan = 0u64;
                for part in xs.chunks(COUNTED) {
                    let mut absent = [<$counter>::MIN; LANES];
                    let (steps, rest) = part.as_chunks::<LANES>();
                    for step in steps {
                        for lane in 0..LANES {
                            let (least, most) = ($bounds)(step[lane]);
                            low[lane] = if least < low[lane] { least } else { low[lane] };
                            high[lane] = if most > high[lane] { most } else { high[lane] };
                            absent[lane] += <$counter>::from(($is_nan)(step[lane]));
                        }
                    }
                    for &x in rest {
                        let (least, most) = ($bounds)(x);
                        low[0] = if least < low[0] { least } else { low[0] };
                        high[0] = if most > high[0] { most } else { high[0] };
                        nan += u64::from(($is_nan)(x));
                    }
                    nan += absent.iter().map(|&n| u64::from(n)).sum::<u64>();
                }
                let low = low
                    .into_iter()
                    .fold($highest, |a, x| if x < a { x } else { a });
                let high = high
                    .into_iter()
                    .fold($lowest, |a, x| if x > a { x } else { a });
                let all_nan = nan == xs.len() as u64;
                Extremes {
                    range: (!all_nan).then(|| (($value)(low), ($value)(high))),
                    nan,
                }
            }
        }
    };
}

pub(super) use {extremes, loops, on_each_processor, packed_loops};
