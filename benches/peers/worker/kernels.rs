//! What happens to an array before it is encoded: the scan for its extremes and the rescaling to bytes.

use anyhow::bail;
use serde_json::{Value, json};
use wbimg::dtype::{ByteOrder, DType};
use wbimg::frame::{AlignedBytes, Frame};
use wbimg::render::{Rescale, raster};
use wbimg::stats::Stats;

use crate::clock;
use crate::desk::{seconds, text};

/// Scans and rescales an array in the cache, and copies as many bytes for comparison.
pub(crate) fn answer(request: &Value) -> anyhow::Result<Value> {
    let bytes = std::fs::read(text(request, "path")?)?;
    let dtype = match text(request, "dtype")? {
        "float32" => DType::F32,
        "float64" => DType::F64,
        "float16" => DType::F16,
        "uint8" => DType::U8,
        "int64" => DType::I64,
        other => bail!("no kernel is measured for {other:?}"),
    };
    let side: usize = request["side"].as_u64().unwrap_or(0).try_into()?;
    let strides = match text(request, "layout")? {
        "hwc" => [side * 3, 3, 1],
        _ => [side, 1, side * side],
    };
    let rescale = match dtype {
        DType::U8 | DType::I64 => Rescale::Clip,
        _ => Rescale::Unit,
    };
    let aligned = AlignedBytes::copied(&bytes)?;
    let frame = Frame::new(dtype, ByteOrder::NATIVE, [side, side, 3], strides, aligned)?;
    // The same memory for every picture, as `convert` has it.
    let mut samples = vec![0; side * side * 3];
    let cpu = clock::per_call(seconds(request), || {
        std::hint::black_box(Stats::of(&frame));
        let raster = raster(&frame, rescale, std::mem::take(&mut samples));
        samples = std::hint::black_box(raster).into_samples();
    });
    let mut copy = bytes.clone();
    let memcpy = clock::per_call(seconds(request), || {
        copy.copy_from_slice(std::hint::black_box(&bytes));
        std::hint::black_box(&mut copy);
    });
    Ok(json!({"cpu": cpu, "bytes": bytes.len(), "memcpy": memcpy}))
}
