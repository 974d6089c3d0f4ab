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
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
                "x86_64+avx2",
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

/// The same for a type whose values are scaled, and then clipped many at a time.
macro_rules! packed_loops {
    ($t:ty) => {
        packed_loops!($t, unit_all, scale_unit);
        packed_loops!($t, signed_all, scale_signed);
        packed_loops!($t, clip_all, scale_none);
    };
    ($t:ty, $all:ident, $scale:ident) => {
        on_each_processor! {
            fn $all(xs: &[$t], bytes: &mut [u8]) {
                let (steps, xs_rest) = xs.as_chunks::<LANES>();
                let (outs, rest) = bytes.as_chunks_mut::<LANES>();
                for (out, step) in outs.iter_mut().zip(steps) {
                    let mut scaled = [0.0; LANES];
                    for (scaled, x) in scaled.iter_mut().zip(step) {
                        *scaled = x.$scale();
                    }
                    *out = match_target! {
                        "x86_64+avx512f+avx512bw+avx512dq+avx512vl" => vectors::clipped_32(scaled),
                        "x86_64+avx2" => vectors::clipped_32(scaled),
                        _ => scaled.map(f32::clip),
                    };
                }
                for (byte, x) in rest.iter_mut().zip(xs_rest) {
                    *byte = x.$scale().clip();
                }
            }
        }
    };
}

/// The search for extremes, for a type with an order. `$key` makes of a value what is compared, of the type
/// `$k`, and `$value` makes a value of that again; `$counter` is as wide. A comparison with NaN is false, so NaN
/// never becomes an extreme.
macro_rules! extremes {
    ($t:ty, $k:ty, $counter:ty, $is_nan:expr, $key:expr, $value:expr, $highest:expr, $lowest:expr) => {
        on_each_processor! {
            fn extremes(xs: &[$t]) -> Extremes<$t> {
                let (mut low, mut high): ([$k; LANES], [$k; LANES]) =
                    ([$highest; LANES], [$lowest; LANES]);
                let mut nan = 0u64;
                for part in xs.chunks(COUNTED) {
                    let mut absent = [<$counter>::MIN; LANES];
                    let (steps, rest) = part.as_chunks::<LANES>();
                    for step in steps {
                        for lane in 0..LANES {
                            let x = ($key)(step[lane]);
                            low[lane] = if x < low[lane] { x } else { low[lane] };
                            high[lane] = if x > high[lane] { x } else { high[lane] };
                            absent[lane] += <$counter>::from(($is_nan)(step[lane]));
                        }
                    }
                    for &x in rest {
                        let key = ($key)(x);
                        low[0] = if key < low[0] { key } else { low[0] };
                        high[0] = if key > high[0] { key } else { high[0] };
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
                    range: (!all_nan).then_some((($value)(low), ($value)(high))),
                    nan,
                }
            }
        }
    };
}

pub(super) use {extremes, loops, on_each_processor, packed_loops};
