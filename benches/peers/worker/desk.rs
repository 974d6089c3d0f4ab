//! What a request asks for, done and timed.

use anyhow::{Context, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wbimg::encode::png::{self, Effort};
use wbimg::encode::{EncodeOptions, Encoder};
use wbimg::mode::FileType;

use crate::pictures::{Raw, color_of};
use crate::{clock, kernels};

/// What lives from request to request, as in a worker of `wbimg`: the encoder's buffers.
#[derive(Default)]
pub(crate) struct Desk {
    scratch: png::Scratch,
    encoder: Encoder,
}

impl Desk {
    /// Does what is asked.
    pub(crate) fn answer(&mut self, request: &Value) -> anyhow::Result<Value> {
        match text(request, "op")? {
            "png" => self.png(request),
            "file" => self.file(request),
            "same" => same_in_parallel(request),
            "decode" => decode(request),
            "kernel" => kernels::answer(request),
            other => bail!("nobody here can {other:?}"),
        }
    }

    /// The PNG encoder alone, no hash and no file.
    fn png(&mut self, request: &Value) -> anyhow::Result<Value> {
        let raw = Raw::open(request)?;
        let color = color_of(raw.mode)?;
        let effort = effort(request)?;
        let mut out = Vec::new();
        let mut failure = None;
        let cpu = clock::per_call(seconds(request), || {
            out.clear();
            let scratch = &mut self.scratch;
            if let Err(error) = png::encode(
                &raw.samples,
                raw.width,
                raw.height,
                color,
                effort,
                scratch,
                &mut out,
            ) {
                failure = Some(error);
            }
        });
        failure.map_or(Ok(()), Err)?;
        save(request, &out)?;
        Ok(json!({"cpu": cpu, "bytes": out.len(), "sha256": sha256(&out)}))
    }

    /// Any file type, through what `convert` calls, its hash included.
    fn file(&mut self, request: &Value) -> anyhow::Result<Value> {
        let pixels = Raw::open(request)?.into_pixels();
        let file_type = match text(request, "type")? {
            "png" => FileType::Png,
            "jpg" => FileType::Jpg,
            "bmp" => FileType::Bmp,
            other => bail!("no file type is called {other:?}"),
        };
        let options = EncodeOptions {
            effort: effort(request)?,
            ..EncodeOptions::default()
        };
        let mut encoded = self.encoder.encode(&pixels, file_type, options)?;
        let mut failure = None;
        let cpu = clock::per_call(seconds(request), || {
            match self.encoder.encode(&pixels, file_type, options) {
                Ok(again) => encoded = again,
                Err(error) => failure = Some(error),
            }
        });
        failure.map_or(Ok(()), Err)?;
        save(request, encoded.bytes())?;
        Ok(json!({"cpu": cpu, "bytes": encoded.bytes().len(), "sha256": encoded.sha256()}))
    }
}

/// Whether fresh buffers and any number of threads give the same file.
fn same_in_parallel(request: &Value) -> anyhow::Result<Value> {
    let raw = Raw::open(request)?;
    let color = color_of(raw.mode)?;
    let effort = effort(request)?;
    let (samples, width, height) = (&raw.samples[..], raw.width, raw.height);
    let mut alone = Vec::new();
    let scratch = &mut png::Scratch::default();
    png::encode(samples, width, height, color, effort, scratch, &mut alone)?;
    let mut differing = Vec::new();
    for threads in [1, 2, 3, 7] {
        let mut shared = Vec::new();
        let count = threads.try_into()?;
        png::encode_parallel(
            samples,
            width,
            height,
            color,
            effort,
            count,
            &mut shared,
            |_| (),
        )?;
        if shared != alone {
            differing.push(threads);
        }
    }
    Ok(json!({"differing": differing, "sha256": sha256(&alone)}))
}

/// Whether the `png` crate finds the picture's samples in a file.
fn decode(request: &Value) -> anyhow::Result<Value> {
    let raw = Raw::open(request)?;
    let file = std::fs::read(text(request, "file")?)?;
    Ok(match samples_of(file) {
        Ok(samples) => json!({"equal": samples == raw.samples}),
        Err(error) => json!({"equal": false, "error": format!("{error:#}")}),
    })
}

fn samples_of(file: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(file)).read_info()?;
    let size = reader.output_buffer_size().context("too large to decode")?;
    let mut samples = vec![0; size];
    reader.next_frame(&mut samples)?;
    // What follows the pixels has to be sound, too.
    reader.finish()?;
    Ok(samples)
}

pub(crate) fn text<'a>(request: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    let value = request[name].as_str();
    value.with_context(|| format!("{name} is missing in {request}"))
}

fn effort(request: &Value) -> anyhow::Result<Effort> {
    Ok(match request["effort"].as_str() {
        Some("fast") => Effort::Fast,
        Some("small") => Effort::Small,
        Some("balanced") | None => Effort::Balanced,
        Some(other) => bail!("no effort is called {other:?}"),
    })
}

/// How long to repeat a call until its time is believed.
pub(crate) fn seconds(request: &Value) -> f64 {
    request["seconds"].as_f64().unwrap_or(0.0)
}

fn save(request: &Value, bytes: &[u8]) -> anyhow::Result<()> {
    match request["save"].as_str() {
        Some(path) => Ok(std::fs::write(path, bytes)?),
        None => Ok(()),
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
