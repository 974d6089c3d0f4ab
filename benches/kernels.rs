//! From numbers to bytes, in the cache: the scan for the extremes, the rescaling, and both as `convert` does them.
//!
//! `cargo bench --bench kernels`; a part of a name as argument picks some.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use wbimg::dtype::{ByteOrder, DType};
use wbimg::frame::{AlignedBytes, Frame};
use wbimg::render::{Rescale, raster};
use wbimg::stats::Stats;

fn main() {
    divan::main();
}

/// Height and width: with three float32 channels, 192 KiB.
const SIDE: usize = 128;

const TYPES: [DType; 5] = [DType::F32, DType::F64, DType::F16, DType::U8, DType::I64];

/// Where the channels of a pixel are.
#[derive(Clone, Copy, Debug)]
enum Order {
    Hwc,
    Chw,
}

/// A picture of floats in [0, 1] or integers in 0..=255.
fn frame(dtype: DType, order: Order) -> Frame {
    // Knuth's multiplicative hash: values in no order, the same in every run.
    let values = (0..SIDE * SIDE * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 8) & 0xff);
    let mut bytes = Vec::new();
    for v in values {
        let unit = v as f64 / 255.0;
        match dtype {
            DType::F32 => bytes.extend((v as f32 / 255.0).to_ne_bytes()),
            DType::F64 => bytes.extend(unit.to_ne_bytes()),
            DType::F16 => bytes.extend(half::f16::from_f64(unit).to_ne_bytes()),
            DType::I64 => bytes.extend((v as i64).to_ne_bytes()),
            _ => bytes.extend(u8::try_from(v).map(u8::to_ne_bytes).unwrap_or_default()),
        }
    }
    let strides = match order {
        Order::Hwc => [SIDE * 3, 3, 1],
        Order::Chw => [SIDE, 1, SIDE * SIDE],
    };
    let bytes = AlignedBytes::copied(&bytes).expect("enough memory");
    Frame::new(dtype, ByteOrder::NATIVE, [SIDE, SIDE, 3], strides, bytes).expect("a whole picture")
}

fn bytes_of(dtype: DType) -> BytesCount {
    BytesCount::new(SIDE * SIDE * 3 * dtype.size())
}

fn rescale_of(dtype: DType) -> Rescale {
    match dtype {
        DType::U8 | DType::I64 => Rescale::Clip,
        _ => Rescale::Unit,
    }
}

/// The memory that a picture's samples are put into, one picture after the other, as `convert` does it.
fn used_again() -> impl FnMut(&Frame, Rescale) {
    let mut samples = vec![0; SIDE * SIDE * 3];
    move |frame, rescale| {
        let raster = raster(frame, rescale, std::mem::take(&mut samples));
        samples = black_box(raster).into_samples();
    }
}

/// The extremes alone.
#[divan::bench(args = TYPES)]
fn scan(bencher: Bencher<'_, '_>, dtype: DType) {
    let frame = frame(dtype, Order::Hwc);
    bencher
        .counter(bytes_of(dtype))
        .bench_local(|| Stats::of(black_box(&frame)));
}

/// The bytes alone.
#[divan::bench(args = TYPES)]
fn rescale(bencher: Bencher<'_, '_>, dtype: DType) {
    let (frame, rescale) = (frame(dtype, Order::Hwc), rescale_of(dtype));
    let mut raster = used_again();
    bencher
        .counter(bytes_of(dtype))
        .bench_local(|| raster(black_box(&frame), rescale));
}

/// Floats in [-1, 1].
#[divan::bench(args = [DType::F32, DType::F64, DType::F16])]
fn rescale_signed(bencher: Bencher<'_, '_>, dtype: DType) {
    let frame = frame(dtype, Order::Hwc);
    let mut raster = used_again();
    bencher
        .counter(bytes_of(dtype))
        .bench_local(|| raster(black_box(&frame), Rescale::Signed));
}

/// Both, from pixels.
#[divan::bench(args = TYPES)]
fn scan_and_rescale_hwc(bencher: Bencher<'_, '_>, dtype: DType) {
    both(bencher, dtype, Order::Hwc);
}

/// Both, from planes.
#[divan::bench(args = TYPES)]
fn scan_and_rescale_chw(bencher: Bencher<'_, '_>, dtype: DType) {
    both(bencher, dtype, Order::Chw);
}

fn both(bencher: Bencher<'_, '_>, dtype: DType, order: Order) {
    let (frame, rescale) = (frame(dtype, order), rescale_of(dtype));
    let mut raster = used_again();
    bencher.counter(bytes_of(dtype)).bench_local(|| {
        let frame = black_box(&frame);
        raster(frame, rescale);
        Stats::of(frame)
    });
}

/// What the memory allows.
#[divan::bench]
fn memcpy(bencher: Bencher<'_, '_>) {
    let from = vec![1u8; SIDE * SIDE * 12];
    let mut to = from.clone();
    bencher
        .counter(BytesCount::new(from.len()))
        .bench_local(|| black_box(&mut to).copy_from_slice(black_box(&from)));
}
