//! A run as the records of its `.wandb` file, in the order in which W&B writes them: header, run, the files and the
//! row of each step, summary, exit. Rows in, bytes out; where they go is not decided here.

use std::io::{self, Write};

use prost::Message;
use serde_json::{Map, Value, json};

use super::log::Log;
use super::media::{MediaFile, StepMedia};
use super::records::{
    Body, Config, Control, Exit, File, Files, Header, History, Item, MEDIA, Record, RecordInfo,
    Run, Step, Summary, Timestamp, VersionInfo,
};
use super::time::{Moment, never_back};
use super::{Description, RunId};

/// What the header says of the program that wrote a file.
pub(super) const PRODUCER: &str = concat!("wbimg ", env!("CARGO_PKG_VERSION"));
/// The part of it by which a file is known as ours.
const OURS: &str = "wbimg ";
/// The oldest client that reads the format, as W&B's own files say.
const MIN_CONSUMER: &str = "0.70.0";

/// The bytes of JSON in a row or summary over which W&B's clients leave it out of an upload, with no more than a
/// warning: 10 MiB less 100 KiB.
const MAX_JSON: usize = (10 << 20) - (100 << 10);

/// Something that W&B's clients will not upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The step whose row it is; `None` for the summary.
    pub step: Option<u64>,
    /// Bytes of JSON.
    pub found: usize,
    /// How many may be.
    pub most: usize,
}

impl TooLong {
    fn check(step: Option<u64>, json: &Map<String, Value>) -> Option<Self> {
        // A map with text keys cannot fail to serialise.
        let found = serde_json::to_vec(json).map_or(0, |text| text.len());
        (found > MAX_JSON).then_some(Self {
            step,
            found,
            most: MAX_JSON,
        })
    }
}

/// A run, ready to be written down.
#[derive(Debug)]
pub(super) struct Transcript<'a> {
    pub(super) id: &'a RunId,
    pub(super) description: &'a Description,
    /// `_wandb` of the config: class labels.
    pub(super) labels: Value,
    pub(super) start: Moment,
    pub(super) steps: &'a [StepMedia<'a>],
}

impl Transcript<'_> {
    /// Writes all records, and gives back what it wrote to, and what of it will not be uploaded.
    pub(super) fn write<W: Write>(&self, out: W) -> io::Result<(W, Vec<TooLong>)> {
        let mut records = Records {
            log: Log::begin(out)?,
            id: self.id.as_str(),
            count: 0,
        };
        records.put(Body::Header(Header {
            version_info: Some(VersionInfo {
                producer: PRODUCER.to_owned(),
                min_consumer: MIN_CONSUMER.to_owned(),
            }),
        }))?;
        records.put_answered(Body::Run(self.run()))?;
        let moments = never_back(self.steps.iter().map(|step| step.written));
        let (mut last, mut too_long) = (Map::new(), Vec::new());
        for (step, &moment) in self.steps.iter().zip(&moments) {
            for file in &step.files {
                records.put(files(file))?;
            }
            let row = self.row(step, moment);
            too_long.extend(TooLong::check(Some(step.step.number), &row));
            records.put(Body::History(History {
                item: items(&row),
                step: Some(Step {
                    num: i64::try_from(step.step.number).unwrap_or(i64::MAX),
                }),
            }))?;
            last.extend(row);
        }
        let end = moments.last().copied().unwrap_or(self.start);
        let runtime = end.whole_seconds_since(self.start);
        last.insert("_wandb".to_owned(), json!({ "runtime": runtime }));
        too_long.extend(TooLong::check(None, &last));
        records.put(Body::Summary(Summary {
            update: items(&last),
        }))?;
        records.put_answered(Body::Exit(Exit {
            exit_code: 0,
            runtime,
        }))?;
        Ok((records.log.into_inner(), too_long))
    }

    fn run(&self) -> Run {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let Description {
            project,
            entity,
            name,
            notes,
            tags,
        } = self.description;
        let (seconds, nanos) = self.start.parts();
        Run {
            run_id: self.id.to_string(),
            entity: text(entity.as_ref().map(super::Entity::as_str)),
            project: text(project.as_ref().map(super::Project::as_str)),
            config: Some(Config {
                update: vec![Item {
                    key: "_wandb".to_owned(),
                    nested_key: Vec::new(),
                    value_json: self.labels.to_string(),
                }],
            }),
            display_name: text(name.as_ref().map(super::DisplayName::as_str)),
            notes: text(notes.as_deref()),
            tags: tags.iter().map(ToString::to_string).collect(),
            start_time: Some(Timestamp { seconds, nanos }),
        }
    }

    fn row(&self, step: &StepMedia<'_>, moment: Moment) -> Map<String, Value> {
        let mut row: Map<String, Value> = step.step.values.clone().into_iter().collect();
        row.insert("_step".to_owned(), json!(step.step.number));
        row.insert("_timestamp".to_owned(), json!(moment.seconds()));
        let runtime = moment.seconds_since(self.start);
        row.insert("_runtime".to_owned(), json!(runtime));
        row
    }
}

fn files(file: &MediaFile) -> Body {
    Body::Files(Files {
        files: vec![File {
            path: file.path.clone(),
            policy: 0,
            kind: MEDIA,
        }],
    })
}

/// The values of a row, those inside objects each on their own: W&B's terminal viewer finds pictures only so.
fn items(row: &Map<String, Value>) -> Vec<Item> {
    let mut items = Vec::new();
    flatten(&mut Vec::new(), row, &mut items);
    items
}

fn flatten(path: &mut Vec<String>, object: &Map<String, Value>, items: &mut Vec<Item>) {
    for (key, value) in object {
        path.push(key.clone());
        match value {
            Value::Object(inner) if !inner.is_empty() => flatten(path, inner, items),
            leaf => items.push(Item {
                key: String::new(),
                nested_key: path.clone(),
                value_json: leaf.to_string(),
            }),
        }
        path.pop();
    }
}

/// Whether the first record of a `.wandb` file says that this program wrote it.
pub(super) fn is_ours(first_record: &[u8]) -> bool {
    let record = Record::decode(first_record);
    let Ok(Some(Body::Header(header))) = record.map(|record| record.body) else {
        return false;
    };
    header
        .version_info
        .is_some_and(|version| version.producer.starts_with(OURS))
}

/// Numbers records and writes them down.
struct Records<'a, W> {
    log: Log<W>,
    id: &'a str,
    count: i64,
}

impl<W: Write> Records<'_, W> {
    fn put(&mut self, body: Body) -> io::Result<()> {
        self.put_with(body, None)
    }

    /// A record that W&B's uploader answers.
    fn put_answered(&mut self, body: Body) -> io::Result<()> {
        let always_send = matches!(body, Body::Exit(_));
        let control = Control {
            mailbox_slot: format!("wbimg{}", self.count + 1),
            always_send,
        };
        self.put_with(body, Some(control))
    }

    fn put_with(&mut self, body: Body, control: Option<Control>) -> io::Result<()> {
        self.count += 1;
        let record = Record {
            num: self.count,
            body: Some(body),
            control,
            info: Some(RecordInfo {
                stream_id: self.id.to_owned(),
            }),
        };
        self.log.append(&record.encode_to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_taken_apart_and_lists_are_not() {
        let row = json!({"a b/c.d": {"size": 3, "boxes": {"p": {"path": "x"}}, "masks": {}}, "l": {"captions": [null, {"a": 1}]}});
        let found: Vec<_> = items(row.as_object().unwrap())
            .into_iter()
            .map(|item| (item.nested_key.join("|"), item.value_json))
            .collect();
        let expected = [
            ("a b/c.d|size", "3"),
            ("a b/c.d|boxes|p|path", "\"x\""),
            ("a b/c.d|masks", "{}"),
            ("l|captions", "[null,{\"a\":1}]"),
        ];
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn only_our_own_files_are_ours() {
        for (producer, ours) in [(PRODUCER, true), ("0.28.2+dc1e", false), ("", false)] {
            let record = Record {
                num: 1,
                body: Some(Body::Header(Header {
                    version_info: Some(VersionInfo {
                        producer: producer.to_owned(),
                        min_consumer: String::new(),
                    }),
                })),
                control: None,
                info: None,
            };
            assert_eq!(is_ours(&record.encode_to_vec()), ours);
        }
        assert!(!is_ours(b"\xff\xff"));
    }
}
