//! W&B's protocol buffers, as far as a run of pictures needs them: `wandb_internal.proto` has the rest. Numbers and
//! names are W&B's; nothing here knows what a run is.

use prost::{Message, Oneof};

/// What a `.wandb` file is a sequence of.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Record {
    /// From 1.
    #[prost(int64, tag = "1")]
    pub(super) num: i64,
    #[prost(oneof = "Body", tags = "2, 3, 6, 17, 18, 21")]
    pub(super) body: Option<Body>,
    #[prost(message, optional, tag = "16")]
    pub(super) control: Option<Control>,
    #[prost(message, optional, tag = "200")]
    pub(super) info: Option<RecordInfo>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Body {
    #[prost(message, tag = "2")]
    History(History),
    #[prost(message, tag = "3")]
    Summary(Summary),
    #[prost(message, tag = "6")]
    Files(Files),
    #[prost(message, tag = "17")]
    Run(Run),
    #[prost(message, tag = "18")]
    Exit(Exit),
    #[prost(message, tag = "21")]
    Header(Header),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Control {
    /// Where an answer would go. Without it, W&B's uploader waits for one for ever.
    #[prost(string, tag = "4")]
    pub(super) mailbox_slot: String,
    #[prost(bool, tag = "5")]
    pub(super) always_send: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct RecordInfo {
    #[prost(string, tag = "1")]
    pub(super) stream_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Header {
    #[prost(message, optional, tag = "1")]
    pub(super) version_info: Option<VersionInfo>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct VersionInfo {
    /// The program that wrote the file, and its version.
    #[prost(string, tag = "1")]
    pub(super) producer: String,
    /// The oldest wandb that reads it.
    #[prost(string, tag = "2")]
    pub(super) min_consumer: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Run {
    #[prost(string, tag = "1")]
    pub(super) run_id: String,
    #[prost(string, tag = "2")]
    pub(super) entity: String,
    #[prost(string, tag = "3")]
    pub(super) project: String,
    #[prost(message, optional, tag = "4")]
    pub(super) config: Option<Config>,
    #[prost(string, tag = "8")]
    pub(super) display_name: String,
    #[prost(string, tag = "9")]
    pub(super) notes: String,
    #[prost(string, repeated, tag = "10")]
    pub(super) tags: Vec<String>,
    #[prost(message, optional, tag = "17")]
    pub(super) start_time: Option<Timestamp>,
}

/// `google.protobuf.Timestamp`: since 1970.
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(super) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(super) nanos: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Config {
    #[prost(message, repeated, tag = "1")]
    pub(super) update: Vec<Item>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub(super) update: Vec<Item>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct History {
    #[prost(message, repeated, tag = "1")]
    pub(super) item: Vec<Item>,
    #[prost(message, optional, tag = "2")]
    pub(super) step: Option<Step>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Step {
    #[prost(int64, tag = "1")]
    pub(super) num: i64,
}

/// A value of config, summary or history; the three have the same fields.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Item {
    /// The key, for values that are no part of another.
    #[prost(string, tag = "1")]
    pub(super) key: String,
    /// Or the keys on the way to it.
    #[prost(string, repeated, tag = "2")]
    pub(super) nested_key: Vec<String>,
    #[prost(string, tag = "16")]
    pub(super) value_json: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Files {
    #[prost(message, repeated, tag = "1")]
    pub(super) files: Vec<File>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct File {
    /// Relative to the run's `files/`, with forward slashes.
    #[prost(string, tag = "1")]
    pub(super) path: String,
    /// When it is uploaded: 0 is now.
    #[prost(int32, tag = "2")]
    pub(super) policy: i32,
    /// What it counts as: [`MEDIA`].
    #[prost(int32, tag = "3")]
    pub(super) kind: i32,
}

/// The [`File::kind`] of pictures and what belongs to them.
pub(super) const MEDIA: i32 = 2;

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Exit {
    #[prost(int32, tag = "1")]
    pub(super) exit_code: i32,
    /// Seconds.
    #[prost(int32, tag = "2")]
    pub(super) runtime: i32,
}
