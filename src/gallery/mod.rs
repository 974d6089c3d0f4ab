//! A page out of an output directory: what its rows tell, small pictures for a grid, and boxes and masks in a form
//! that a page which may read no other file can load.
//!
//! - `data`: the rows as the page has them
//! - `layer`: boxes and masks as the page has them
//! - `shown`, `thumb`: what a browser is given instead of a file, and small pictures
//! - `page`: the page as text
//!
//! Everything is made from the manifest and the files that it refers to; [`make`] is the only function here that
//! touches the directory, through [`store`](crate::store).

mod data;
mod layer;
mod page;
mod shown;
mod tasks;
mod thumb;

use std::collections::HashSet;
use std::io::Write;
use std::time::SystemTime;

use serde_json::json;

use crate::media::Row;
use crate::read::{ImageKind, SizeLimits};
use crate::store::{Extra, FileKind, Store, StoreError};
use crate::threads::Threads;
use data::{Collector, short};
pub use page::MARK;
use page::Sources;
use tasks::{Findings, Task};

/// What one picture may take; larger ones are left to the browser.
const LIMITS: SizeLimits = SizeLimits {
    pixels: 178_956_970,
    bytes: 1 << 30,
};

/// How many bytes of layers go into a page that has its pictures beside it.
const INLINE_LAYERS: u64 = 1 << 20;

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Request {
    /// The page's name.
    pub title: String,
    /// Where its pictures are.
    pub pictures: Pictures,
    /// How many threads work.
    pub threads: Threads,
}

/// Where the pictures of a page are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pictures {
    /// Where they are: the page refers to them.
    Referred,
    /// In the page.
    Embedded,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// Pictures on the page.
    pub pictures: usize,
    /// What could not be shown, or not as usual: a file's path, and words.
    pub unshown: Vec<(String, String)>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files that have been looked at.
    pub done: usize,
    /// Those among them that could not be shown.
    pub failed: usize,
    /// Files that there are.
    pub total: usize,
}

/// Makes the page of a directory, and what it shows beside the media. What is there already is left alone; what
/// no picture needs any more is removed.
///
/// # Errors
/// [`StoreError`] if rows cannot be read, or something cannot be written. A picture that cannot be decoded is no
/// error: the page says so in its place.
pub fn make(
    store: &Store,
    request: &Request,
    tell: &mut dyn FnMut(Progress),
) -> Result<Made, StoreError> {
    let begun = SystemTime::now();
    let rows = store.rows()?;
    let tasks = tasks::of_rows(&rows, request.pictures);
    let findings = tasks::run(store, &tasks, request.threads, tell)?;
    let (json, pictures) = data(&rows, request, &findings);
    match request.pictures {
        Pictures::Referred => {
            let mut page = Vec::new();
            write_page(store, request, &json, &tasks, &findings, &mut page)
                .map_err(|source| unwritten(store, source))?;
            store.publish_page(&page)?;
        }
        Pictures::Embedded => {
            store.stream_page(|out| write_page(store, request, &json, &tasks, &findings, out))?
        }
    }
    for kind in [Extra::Thumb, Extra::Layer] {
        let keep: HashSet<String> = findings.extras(kind);
        store.sweep_extras(kind, &keep, begun);
    }
    Ok(Made {
        pictures,
        unshown: findings.unshown(&tasks),
    })
}

fn unwritten(store: &Store, source: std::io::Error) -> StoreError {
    StoreError::Io {
        action: "write",
        path: store.root().join(crate::store::PAGE),
        source,
    }
}

/// The page's data as JSON, and how many pictures are in it.
fn data(rows: &[Row], request: &Request, findings: &Findings) -> (String, usize) {
    let mut collector = Collector::new(&request.title);
    for row in rows {
        collector.add(row, |sha256| findings.summary(sha256));
    }
    let mut data = collector.finish();
    for (data, row) in data.rows.iter_mut().zip(rows) {
        if let Some(picture) = findings.picture(&row.media.sha256) {
            data.thumb = picture.thumb;
            data.full = picture.full;
            data.bad.clone_from(&picture.bad);
        } else {
            data.bad = Some("its row is damaged".to_owned());
        }
    }
    let json = serde_json::to_string(&data).unwrap_or_else(|_| json!({}).to_string());
    (json, data.rows.len())
}

/// Writes the page, and into it whatever is not beside it.
fn write_page(
    store: &Store,
    request: &Request,
    json: &str,
    tasks: &[Task],
    findings: &Findings,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let sources = match request.pictures {
        Pictures::Referred => Sources::Beside,
        Pictures::Embedded => Sources::Inside,
    };
    page::head(out, &request.title, json, sources)?;
    for (task, json) in tasks.iter().zip(&findings.inline) {
        if let Some(json) = json {
            page::embed_layer(out, &short(&task.reference.sha256), json)?;
        }
    }
    if sources == Sources::Inside {
        for task in tasks.iter().filter(|t| t.reference.kind == FileKind::Image) {
            embed_picture(store, task, findings, out)?;
        }
    }
    page::tail(out)
}

/// Writes a picture into the page, and its small one.
fn embed_picture(
    store: &Store,
    task: &Task,
    findings: &Findings,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let name = short(&task.reference.sha256);
    let Some(picture) = findings.picture(&task.reference.sha256) else {
        return Ok(());
    };
    let beside = |role: &str, extension: Option<&str>| {
        store.extra(Extra::Thumb, &format!("{name}.{role}.{}", extension?))
    };
    if let Some(bytes) = beside("thumb", picture.thumb) {
        page::embed(out, &format!("{name}.thumb"), mime(&bytes), &bytes)?;
    }
    let full = beside("full", picture.full);
    // What has become unreadable since it was looked at is missing on the page, which shows that.
    let full = full.or_else(|| task.reference.read(store.root(), u64::MAX).ok());
    match full {
        Some(bytes) => page::embed(out, &name, mime(&bytes), &bytes),
        None => Ok(()),
    }
}

fn mime(bytes: &[u8]) -> &'static str {
    match ImageKind::of(bytes) {
        Some(ImageKind::Png) => "image/png",
        Some(ImageKind::Jpeg) => "image/jpeg",
        Some(ImageKind::Bmp) => "image/bmp",
        Some(ImageKind::Gif) => "image/gif",
        Some(ImageKind::Webp) => "image/webp",
        Some(ImageKind::Tiff) => "image/tiff",
        None => "application/octet-stream",
    }
}
