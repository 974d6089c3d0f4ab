//! One input, from its name to its rows: opened, annotated, converted, placed. What all inputs of a call have in
//! common is a [`Job`].

use std::borrow::Cow;

use crate::annotate::{AnnotateError, Annotator, Found, Given, SidecarRule};
use crate::annotations::{Annotations, Labels as ClassNames, Sidecar};
use crate::draw::Style;
use crate::encode::Encoder;
use crate::history::RESERVED_KEYS;
use crate::input::{Input, escape, is_refused_key, stem};
use crate::label_files::{InputLabels, LabelFiles, LabelFilesError, add_layers};
use crate::media::{
    ArrayRecord, FileRecord, FrameName, IMAGE_FILE, Media, Row, WarningRecord, json_line,
};
use crate::mode::{FileType, Mode};
use crate::note::{Note, NoteRecord};
use crate::open::{OpenError, Seen, open};
use crate::overlay;
use crate::picture::{Canvas, Opened, Picture, PictureError, Settings, Study, Workbench};
use crate::placing::Placing;
use crate::plan::Scaling;
use crate::render::convert;
use crate::store::{FileKind, Placed, Store, StoreError};
use crate::template::Template;

/// How the inputs of a call are converted.
#[derive(Debug)]
pub struct Job {
    /// How pictures are made, where a sidecar does not say otherwise.
    pub settings: Settings,
    /// What they are labelled with.
    pub labels: Labels,
    /// The annotations of every input.
    pub given: Given,
    /// Label files of other tools.
    pub label_files: Option<LabelFiles>,
    /// Whose JSON is looked for.
    pub sidecars: SidecarRule,
    /// Reads annotation files.
    pub annotator: Annotator,
    /// How annotations are drawn; `None` for not at all.
    pub overlay: Option<Style>,
}

/// What every picture of a call is labelled with.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The step that it is logged at.
    pub step: u64,
    /// Its caption, with the placeholders [`CAPTION_PLACEHOLDERS`].
    pub caption: Option<Template>,
    /// Its grouping number.
    pub grouping: Option<i64>,
    /// Whether pictures of one container share the input's key, because it was asked for.
    pub keys: KeySharing,
}

/// Whether named arrays of one container are logged under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySharing {
    /// Each named array has a key of its own below the input's.
    PerArray,
    /// All have the input's key.
    PerInput,
}

/// The placeholders of `--caption`.
pub const CAPTION_PLACEHOLDERS: &[&str] = &["stem", "name", "index", "step", "key"];

/// A picture that is in the output directory, but not in its manifest yet.
#[derive(Debug)]
pub struct Done {
    /// Its row.
    pub row: Row,
    /// The row as a line of JSON, without its end.
    pub line: String,
    /// What is worth saying, beside the row's warnings.
    pub notes: Vec<NoteRecord>,
    /// The files that were placed for it now.
    pub placed: Vec<Placed>,
}

/// Why an input could not be converted.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Its boxes, masks or other annotations are wrong.
    #[error(transparent)]
    Annotate(#[from] AnnotateError),
    /// Its labels are wrong.
    #[error(transparent)]
    Labels(#[from] LabelFilesError),
    /// It is no picture, or none that can be written.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The output directory does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// W&B keeps its key for itself.
    #[error("the key {key:?} is not one that can be logged (nor are {})", RESERVED_KEYS.join(", "))]
    Key {
        /// The key.
        key: String,
    },
    /// A bug: this input's error all the same.
    #[error("the conversion failed unexpectedly; this is a bug in wbimg")]
    Panicked,
}

/// An input that is open and annotated.
#[derive(Debug)]
pub struct OpenInput {
    opened: Opened,
    settings: Settings,
    caption: Option<String>,
    grouping: Option<i64>,
    annotations: Annotations,
    labels: InputLabels,
    classes: Option<ClassNames>,
    notes: Vec<Note>,
}

impl OpenInput {
    /// What is worth saying of the input as a whole.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Which picture of the input picture `n` of [`Self::count`] is.
    #[must_use]
    pub fn frame(&self, n: usize) -> FrameName {
        self.opened.frame(n)
    }

    /// How many pictures it has; at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.opened.count()
    }

    /// Bytes of memory that making picture `n` of [`Self::count`] takes, about, with its masks; and with its overlay,
    /// if that is wanted.
    fn memory(&self, n: usize, canvas: Canvas) -> u64 {
        let masks = self.annotations.masks.iter();
        let masks = masks.map(|layer| layer.content.memory().saturating_mul(2));
        let pixels = self.opened.pixels(n);
        let painted = self.labels.len() as u64 * pixels;
        let drawn = match canvas {
            Canvas::Wanted => overlay::memory(pixels, &self.annotations),
            Canvas::Unwanted => 0,
        };
        self.opened
            .memory(n, &self.settings)
            .saturating_add(masks.sum::<u64>())
            .saturating_add(painted)
            .saturating_add(drawn)
    }

    fn is_annotated(&self) -> bool {
        !(self.annotations.is_empty() && self.labels.is_empty())
    }

    /// The layers of a picture of this size.
    ///
    /// # Errors
    /// [`Failure`] if labels make no layer.
    pub fn annotations(&self, width: u32, height: u32) -> Result<Cow<'_, Annotations>, Failure> {
        if self.labels.is_empty() {
            return Ok(Cow::Borrowed(&self.annotations));
        }
        let mut annotations = self.annotations.clone();
        add_layers(&mut annotations, &self.labels, width, height)?;
        if let Some(classes) = &self.classes {
            annotations.name_classes(classes);
        }
        Ok(Cow::Owned(annotations))
    }
}

impl Job {
    /// Opens an input and reads what belongs to it.
    ///
    /// # Errors
    /// [`Failure`] if there is no picture in it, or its annotations are wrong.
    pub fn open(&self, input: &Input) -> Result<OpenInput, Failure> {
        self.open_by(input, Seen::Nothing, &self.sidecars)
    }

    /// The same where something is known of it, and with another rule for sidecars, such as none where none is there.
    pub(crate) fn open_by(
        &self,
        input: &Input,
        seen: Seen,
        sidecars: &SidecarRule,
    ) -> Result<OpenInput, Failure> {
        if is_refused_key(&input.key) {
            return Err(Failure::Key {
                key: input.key.clone(),
            });
        }
        let source = open(&input.place, seen, self.settings.limits.bytes)?;
        let Found { sidecar, note } = match sidecars {
            SidecarRule::Never => Found::default(),
            SidecarRule::Beside => self.annotator.beside(&input.place)?,
            SidecarRule::Given(sidecar) => Found {
                sidecar: (**sidecar).clone(),
                note: None,
            },
        };
        let settings = self.settings_with(&sidecar);
        let extension = input.extension();
        let opened = Opened::read(source, extension.as_deref(), &settings)?;
        let labels = match &self.label_files {
            Some(files) => files.of(input)?,
            None => InputLabels::new(),
        };
        let notices = labels.iter().flat_map(|(_, labels)| &labels.notices);
        let notices = notices.map(|notice| Note::Labels(notice.clone()));
        let unlabelled = self.label_files.is_some() && labels.is_empty();
        let unlabelled = unlabelled.then_some(Note::Unlabelled);
        let passed_over = opened.passed_over().iter().cloned().map(Note::PassedOver);
        Ok(OpenInput {
            notes: note
                .into_iter()
                .chain(passed_over)
                .chain(notices.chain(unlabelled))
                .collect(),
            opened,
            settings,
            annotations: self.given.with(&sidecar),
            classes: self.given.classes_with(&sidecar).cloned(),
            labels,
            caption: sidecar.caption,
            grouping: self.labels.grouping.or(sidecar.grouping),
        })
    }

    /// Flags beat the sidecar.
    fn settings_with(&self, sidecar: &Sidecar) -> Settings {
        let mut settings = self.settings.clone();
        let wish = &mut settings.wish;
        wish.mode = wish.mode.or(sidecar.mode);
        wish.file_type = wish.file_type.or(sidecar.file_type);
        if wish.scaling == Scaling::PerFrame && sidecar.normalize == Some(false) {
            wish.scaling = Scaling::Off;
        }
        settings
    }

    /// Decides about picture `n` of an input and stops there.
    ///
    /// # Errors
    /// [`Failure`] where [`Self::picture`] would fail before it renders.
    pub fn plan(&self, open: &OpenInput, n: usize) -> Result<Study, Failure> {
        Ok(open.opened.plan(n, &open.settings)?)
    }

    /// Makes picture `n` of an input.
    ///
    /// # Errors
    /// [`Failure`] if it cannot be read or encoded.
    pub fn picture(
        &self,
        open: &OpenInput,
        n: usize,
        bench: &mut Workbench,
    ) -> Result<Picture, Failure> {
        let canvas = self.canvas(open, n);
        let mut picture = open.opened.picture(n, &open.settings, canvas, bench)?;
        if canvas == Canvas::Unwanted && self.overlay.is_some() && open.is_annotated() {
            let (needed, limit) = (open.memory(n, Canvas::Wanted), self.settings.limits.bytes);
            let reason = format!("that needs {needed} bytes of memory, and {limit} are allowed");
            picture.notes.push(Note::NotDrawn { reason });
        }
        Ok(picture)
    }

    /// Bytes of memory that making picture `n` of an input takes, about.
    #[must_use]
    pub fn memory(&self, open: &OpenInput, n: usize) -> u64 {
        open.memory(n, self.canvas(open, n))
    }

    /// Whether picture `n` is drawn on: if there is something to draw, and memory.
    fn canvas(&self, open: &OpenInput, n: usize) -> Canvas {
        let is_wanted = self.overlay.is_some() && open.is_annotated();
        match is_wanted && open.memory(n, Canvas::Wanted) <= self.settings.limits.bytes {
            true => Canvas::Wanted,
            false => Canvas::Unwanted,
        }
    }

    /// Makes picture `n` of an input, and places it with all that belongs to it.
    ///
    /// # Errors
    /// [`Failure`] if it cannot be read, encoded or written.
    pub fn convert(
        &self,
        input: &Input,
        open: &OpenInput,
        n: usize,
        store: &Store,
        bench: &mut Workbench,
    ) -> Result<Done, Failure> {
        let mut picture = self.picture(open, n, bench)?;
        let encoder = &mut bench.encoder;
        let key = match (&picture.frame, self.labels.keys) {
            (FrameName::Named(name, _), KeySharing::PerArray) => format!("{}/{name}", input.key),
            _ => input.key.clone(),
        };
        let mut place = Placing {
            store,
            key: &key,
            step: self.labels.step,
            placed: Vec::new(),
        };
        let (width, height) = (picture.encoded.width(), picture.encoded.height());
        let annotations = open.annotations(width, height)?;
        let path = place.file(FileKind::Image, &picture.encoded)?.path;
        let boxes = place.boxes(&annotations)?;
        let masks = place.masks(&annotations, encoder)?;
        let overlay = self.draw(&mut picture, &annotations, encoder, &mut place)?;
        let placed = place.placed;
        let Picture {
            encoded,
            frame,
            plan,
            mut warnings,
            notes,
            ..
        } = picture;
        warnings.extend(annotations.warnings(width, height));
        let caption = self.labels.caption.as_ref();
        let row = Row {
            source: input.source.clone(),
            frame,
            index: input.index,
            step: self.labels.step,
            media: Media {
                caption: caption
                    .map(|caption| self.fill_caption(caption, input, &key))
                    .or_else(|| open.caption.clone()),
                kind: IMAGE_FILE.to_owned(),
                sha256: encoded.sha256().to_owned(),
                size: encoded.bytes().len() as u64,
                path,
                format: encoded.format().to_owned(),
                width: encoded.width(),
                height: encoded.height(),
                grouping: open.grouping.filter(|&grouping| grouping != 0),
                boxes,
                masks,
            },
            key,
            array: plan.as_ref().map(ArrayRecord::from),
            class_labels: annotations.class_labels(),
            overlay,
            warnings: warnings.iter().map(WarningRecord::from).collect(),
        };
        encoder.reuse(encoded);
        Ok(Done {
            line: json_line(&row),
            row,
            notes: notes.iter().map(NoteRecord::from).collect(),
            placed,
        })
    }

    /// Draws the annotations onto the picture's canvas, if it has one.
    fn draw(
        &self,
        picture: &mut Picture,
        annotations: &Annotations,
        encoder: &mut Encoder,
        place: &mut Placing<'_>,
    ) -> Result<Option<FileRecord>, Failure> {
        let (Some(canvas), Some(style)) = (picture.canvas.take(), &self.overlay) else {
            return Ok(None);
        };
        let undrawn = annotations
            .masks
            .iter()
            .filter(|layer| layer.content.ids().is_none());
        picture
            .notes
            .extend(undrawn.map(|layer| Note::MaskWithoutIds {
                layer: layer.name.clone(),
            }));
        let drawn = match overlay::draw(canvas, annotations, style) {
            Ok(drawn) => drawn,
            Err(error) => {
                let reason = error.to_string();
                picture.notes.push(Note::NotDrawn { reason });
                return Ok(None);
            }
        };
        let mode = if drawn.channels() == 4 {
            Mode::Rgba
        } else {
            Mode::Rgb
        };
        let encoded = encoder
            .encode(&convert(drawn, mode), FileType::Png, self.settings.encode)
            .map_err(PictureError::from)?;
        let file = place.file(FileKind::Overlay, &encoded)?;
        encoder.reuse(encoded);
        Ok(Some(file))
    }

    fn fill_caption(&self, caption: &Template, input: &Input, key: &str) -> String {
        let path = input.path();
        caption.fill(|name| match name {
            "stem" => stem(path),
            "name" => path.file_name().map(escape).unwrap_or_default(),
            "index" => input.index.to_string(),
            "step" => self.labels.step.to_string(),
            _ => key.to_owned(),
        })
    }
}
