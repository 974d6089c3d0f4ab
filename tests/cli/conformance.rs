//! What real `wandb.Image` made of 862 arrays and arguments, held against the binary. The cases, how they came
//! about and what their fields mean: `tests/conformance/README.md`.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use serde_json::Value;

use crate::difference::sha256;
use crate::picture::Picture;
use crate::wbimg::{Folder, OUT};

/// A case: a line of `cases.jsonl` that has an expectation.
struct Case {
    name: String,
    input: Vec<u8>,
    /// An entry per picture; none where the command has to fail.
    expect: Option<Vec<Value>>,
}

#[test]
fn pictures_are_those_of_wandb() {
    let mut count = 0;
    let mut failures = Vec::new();
    for (args, cases) in cases_by_arguments() {
        count += cases.len();
        judge(&args, &cases, &mut failures);
    }
    assert!(count > 800, "only {count} cases were read");
    assert!(
        failures.is_empty(),
        "{} of {count} cases failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// Cases with the same arguments share one call.
fn cases_by_arguments() -> BTreeMap<Vec<String>, Vec<Case>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/cases.jsonl");
    let text = fs::read_to_string(path).unwrap();
    let mut inputs = HashMap::new();
    let mut cases: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let input = line["input"].as_str().unwrap().to_owned();
        if let Some(name) = line["case"].as_str() {
            let args = serde_json::from_value(line["args"].clone()).unwrap();
            cases.entry(args).or_default().push(Case {
                name: name.to_owned(),
                input: unpack(&inputs[&input]),
                expect: line["expect"].as_array().cloned(),
            });
        } else {
            inputs.insert(input, line["npy"].clone());
        }
    }
    cases
}

fn judge(args: &[String], cases: &[Case], failures: &mut Vec<String>) {
    let folder = Folder::new();
    let mut call = folder.wbimg().arg("convert").arg("--json").args(args);
    for (n, case) in cases.iter().enumerate() {
        let name = format!("{n}.npy");
        folder.write(&name, &case.input);
        call = call.arg(name);
    }
    let output = call.output();
    let rows = crate::wbimg::json_lines(std::str::from_utf8(&output.stdout).unwrap());
    let mut rows_by_source: HashMap<&str, Vec<&Value>> = HashMap::new();
    for row in &rows {
        let source = row["source"].as_str().unwrap();
        rows_by_source.entry(source).or_default().push(row);
    }
    let mut fail = |case: &str, what: &str| failures.push(format!("{case} {args:?}: {what}"));
    let status = output.status.code();
    let right = match cases.iter().filter(|case| case.expect.is_none()).count() {
        0 => status == Some(0),
        // An unusable command line is known before any input is.
        n if n == cases.len() => matches!(status, Some(1 | 2)),
        _ => status == Some(1),
    };
    if !right {
        let errors = String::from_utf8_lossy(&output.stderr);
        fail(&cases[0].name, &format!("exit status {status:?}\n{errors}"));
    }
    for (n, case) in cases.iter().enumerate() {
        let found = rows_by_source
            .remove(format!("{n}.npy").as_str())
            .unwrap_or_default();
        let expected = case.expect.as_deref().unwrap_or_default();
        if found.len() != expected.len() {
            let (found, expected) = (found.len(), expected.len());
            fail(&case.name, &format!("{found} pictures, not {expected}"));
            continue;
        }
        for (row, expected) in found.into_iter().zip(expected) {
            if let Err(what) = compare(&folder, row, expected) {
                fail(&case.name, &what);
            }
        }
    }
}

/// Whether the picture of `row` is the expected one.
fn compare(folder: &Folder, row: &Value, expected: &Value) -> Result<(), String> {
    let media = &row["media"];
    let size = [&media["width"], &media["height"]];
    if size != [&expected["width"], &expected["height"]] {
        return Err(format!("width and height are {size:?}"));
    }
    let path = Path::new(OUT).join(media["path"].as_str().unwrap());
    let bytes = folder.read(path);
    if let Some(hash) = expected["file"]["sha256"].as_str() {
        return match sha256(&bytes) == hash {
            true => Ok(()),
            false => Err("the file is not the one that Pillow wrote".to_owned()),
        };
    }
    let pixels = unpack(&expected["pixels"]);
    if let Some(tolerance) = expected["tolerance"].as_f64() {
        let difference = match media["format"].as_str() {
            Some("bmp") => mean_difference(&decode_bmp(&bytes), &pixels, 3),
            _ => mean_difference(&Picture::decode_png(&bytes).samples, &pixels, 4),
        };
        return match difference <= tolerance {
            true => Ok(()),
            false => Err(format!("differs by {difference}, more than {tolerance}")),
        };
    }
    let picture = Picture::decode_png(&bytes);
    if expected["mode"] != picture.mode || row["array"]["mode"] != picture.mode {
        return Err(format!("mode {}, not {}", picture.mode, expected["mode"]));
    }
    let differ = |(a, b): &(&u8, &u8)| a != b;
    match picture.samples.iter().zip(&pixels).position(|p| differ(&p)) {
        Some(at) => Err(format!(
            "sample {at} is {}, not {}",
            picture.samples[at], pixels[at]
        )),
        None if picture.samples.len() != pixels.len() => {
            Err("another number of samples".to_owned())
        }
        None => Ok(()),
    }
}

/// Mean difference per sample of an adaptive palette's picture from its original, colours weighed by alpha.
fn mean_difference(samples: &[u8], original: &[u8], channels: usize) -> f64 {
    let weighed = |pixel: &[u8]| {
        let alpha = f64::from(*pixel.get(3).unwrap_or(&255));
        let colors = [0, 1, 2].map(|n| f64::from(pixel[n]) * alpha / 255.0);
        colors
            .into_iter()
            .chain((channels == 4).then_some(alpha))
            .collect::<Vec<_>>()
    };
    assert_eq!(samples.len(), original.len(), "both have as many channels");
    let pixels = samples.chunks(channels).zip(original.chunks(channels));
    let total: f64 = pixels
        .flat_map(|(a, b)| weighed(a).into_iter().zip(weighed(b)))
        .map(|(a, b)| (a - b).abs())
        .sum();
    total / original.len() as f64
}

fn decode_bmp(bytes: &[u8]) -> Vec<u8> {
    let format = image::ImageFormat::Bmp;
    let image = image::load_from_memory_with_format(bytes, format).unwrap();
    image.to_rgb8().into_raw()
}

fn unpack(packed: &Value) -> Vec<u8> {
    let compressed = base64::engine::general_purpose::STANDARD
        .decode(packed.as_str().unwrap())
        .unwrap();
    let mut bytes = Vec::new();
    flate2::read::ZlibDecoder::new(compressed.as_slice())
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}
