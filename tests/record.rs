//! Rows that come a few at a time leave the same bytes as all rows at once: manifest, history and config are what
//! `wbimg::history` defines, however the store got there.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use wbimg::history::{config, history};
use wbimg::media::{FrameName, IMAGE_FILE, Media, Row, WarningRecord, json_line};
use wbimg::store::{Keys, RowLine, Store, Unheard, Whole};

/// Xorshift: the same rows on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

const KEYS: &[&str] = &[
    "a", "a_2", "a_3", "a_10", "b", "b/c", "a/x", "b/x", "ä", "q\"\\\n", "\u{2028}", "_x", "a b",
    "A",
];
const LAYERS: &[&str] = &["a", "b", "a_2", "ground \"truth\""];

fn labels(random: &mut Random) -> Option<Value> {
    if random.below(3) > 0 {
        return None;
    }
    let mut labels = Map::new();
    for kind in ["masks", "boxes"] {
        if random.below(2) == 0 {
            let layer = random.pick(LAYERS);
            labels.insert(kind.to_owned(), json!({layer: {"0": random.pick(KEYS)}}));
        }
    }
    Some(Value::Object(labels))
}

fn layers(random: &mut Random) -> Option<Map<String, Value>> {
    if random.below(3) > 0 {
        return None;
    }
    let mut layers = Map::new();
    for _ in 0..=random.below(2) {
        let value =
            json!({"_type": "mask", "sha256": "f", "size": 1, "path": "media/images/mask/x"});
        layers.insert(random.pick(LAYERS).to_owned(), value);
    }
    Some(layers)
}

fn row(random: &mut Random, steps: u64, keys: &[&str]) -> Row {
    let key = random.pick(keys);
    let digits = format!("{:064x}", random.below(1 << 40));
    Row {
        source: format!("{}{}.npy", random.pick(KEYS), random.below(4)),
        frame: match random.below(4) {
            0 => FrameName::Number(random.below(3)),
            1 => FrameName::Named("x".to_owned(), Some(random.below(3))),
            _ => FrameName::Only,
        },
        index: random.below(4),
        key: key.to_owned(),
        step: random.below(steps),
        media: Media {
            caption: (random.below(2) == 0).then(|| random.pick(KEYS).to_owned()),
            kind: IMAGE_FILE.to_owned(),
            path: format!("media/images/{}.png", &digits[44..]),
            sha256: digits,
            size: random.below(100_000),
            format: "png".to_owned(),
            width: 3,
            height: 4,
            grouping: None,
            boxes: layers(random),
            masks: layers(random),
        },
        array: None,
        class_labels: labels(random),
        overlay: None,
        warnings: vec![WarningRecord {
            code: "nan".to_owned(),
            message: random.pick(KEYS).to_owned(),
        }],
    }
}

fn is_same_picture(a: &Row, b: &Row) -> bool {
    a.identity() == b.identity()
}

/// Whether a row would be of this input, were it still there.
fn is_stale(row: &Row, whole: &Whole<'_>, step: u64) -> bool {
    let key = match (&row.frame, whole.keys) {
        (FrameName::Named(name, _), Keys::Below) => format!("{}/{name}", whole.key),
        _ => whole.key.to_owned(),
    };
    row.step == step && row.source == whole.source && row.key == key
}

fn check(root: &Path, rows: &[Row], seed: u64) {
    let manifest: String = rows.iter().map(|row| json_line(row) + "\n").collect();
    for (name, expected) in [
        ("manifest.jsonl", manifest),
        ("history.jsonl", history(rows)),
        ("config.json", config(rows)),
    ] {
        let found = fs::read_to_string(root.join(name)).unwrap();
        assert_eq!(found, expected, "{name}, seed {seed}, {} rows", rows.len());
    }
}

/// Records rows call by call, as many processes would.
fn record_bit_by_bit(seed: u64, calls: u64, steps: u64, keys: &[&str], most: u64) {
    let mut random = Random(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut all: Vec<Row> = Vec::new();
    for _ in 0..calls {
        let mut new: Vec<Row> = Vec::new();
        for _ in 0..=random.below(most) {
            let row = match random.below(5) {
                // The same picture again, or something new of the same name.
                0 if !all.is_empty() => {
                    let old = usize::try_from(random.below(all.len() as u64)).unwrap();
                    let mut row = all[old].clone();
                    if random.below(2) == 0 {
                        row.class_labels = labels(&mut random);
                        row.index = random.below(4);
                    }
                    row
                }
                _ => row(&mut random, steps, keys),
            };
            new.retain(|other| !is_same_picture(other, &row));
            new.push(row);
        }
        let source = format!("{}{}.npy", random.pick(KEYS), random.below(4));
        let key = random.pick(keys);
        let whole = Whole {
            source: &source,
            key,
            keys: match random.below(2) {
                0 => Keys::One,
                _ => Keys::Below,
            },
        };
        all.retain(|row| !is_stale(row, &whole, new[0].step));
        all.retain(|row| !new.iter().any(|other| is_same_picture(row, other)));
        all.extend(new.iter().cloned());
        all.sort_by(Row::order);
        let store = Store::open(directory.path()).unwrap();
        let new = new.iter().map(RowLine::from).collect();
        store.record(new, &[whole], Unheard::Drop).unwrap();
        check(directory.path(), &all, seed);
    }
}

#[test]
fn few_rows_at_a_time_give_the_same_bytes_as_all_at_once() {
    for seed in 1..=40 {
        record_bit_by_bit(seed, 40, 1 + seed % 12, KEYS, 3);
    }
}

#[test]
fn so_they_do_where_lists_grow_over_108() {
    for seed in 1..=3 {
        record_bit_by_bit(seed, 60, 1, &KEYS[..1 + usize::try_from(seed).unwrap()], 20);
    }
}
