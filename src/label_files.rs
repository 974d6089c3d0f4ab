//! `--labels` on disk: which file labels which input. What is in the files is [`labels`](crate::labels)'
//! business.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::annotations::{
    AnnotationError, Annotations, MaskContent, MaskIds, MaskLayer, parse_boxes, parse_labels,
};
use crate::input::{Input, clean, stem};
use crate::labels::{Classes, Coco, ImageLabels, LabelFormat, LabelsError, yolo};

/// The labels of a call's inputs.
pub enum LabelFiles {
    /// COCO: one file for all images, and perhaps one of detections.
    Coco {
        /// The instances, and their file.
        truth: (Box<Coco>, PathBuf),
        /// The detections, and their file.
        detections: Option<(Box<Coco>, PathBuf)>,
    },
    /// YOLO: a file per image, `STEM.txt`, in a folder.
    YoloFolder {
        /// The folder.
        folder: PathBuf,
        /// Names of class ids.
        classes: Classes,
    },
    /// YOLO: the same file for every input.
    YoloFile {
        /// The file.
        file: PathBuf,
        /// Names of class ids.
        classes: Classes,
    },
}

impl fmt::Debug for LabelFiles {
    /// The kind alone: a COCO file may have hundreds of megabytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Coco { .. } => "Coco",
            Self::YoloFolder { .. } => "YoloFolder",
            Self::YoloFile { .. } => "YoloFile",
        })
    }
}

/// Why label files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabelFilesError {
    /// A file cannot be read.
    #[error("{file}: cannot be read")]
    Io {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not as its format says.
    #[error("{file}: {source}")]
    Labels {
        /// The file.
        file: String,
        /// What is wrong.
        source: LabelsError,
    },
    /// A file that labels nothing by itself.
    #[error("{file}: {problem}")]
    Format {
        /// The file.
        file: String,
        /// What it is, and what would be accepted.
        problem: &'static str,
    },
    /// Labels that make no layer.
    #[error(transparent)]
    Annotation(#[from] AnnotationError),
}

/// The labels of one input, by layer name.
pub type InputLabels = Vec<(&'static str, ImageLabels)>;

/// The layer of what people labelled.
const TRUTH: &str = "ground_truth";

/// The layer of what a model found.
const DETECTIONS: &str = "predictions";

/// Files that name YOLO's classes, beside the labels or one folder up.
const CLASS_FILES: [&str; 5] = [
    "data.yaml",
    "data.yml",
    "classes.txt",
    "obj.names",
    "classes.names",
];

impl LabelFiles {
    /// Reads what `--labels` names: a COCO file (with a file of detections, if there are two), a YOLO file, or a
    /// folder of them.
    ///
    /// # Errors
    /// [`LabelFilesError`] if that is none of them.
    pub fn read(paths: &[PathBuf]) -> Result<Option<Self>, LabelFilesError> {
        let mut found: Option<Self> = None;
        for path in paths {
            found = Some(match found {
                None => Self::first(path)?,
                Some(first) => first.and_detections(path)?,
            });
        }
        Ok(found)
    }

    fn first(path: &Path) -> Result<Self, LabelFilesError> {
        if path.is_dir() {
            return Ok(Self::YoloFolder {
                classes: classes_near(path)?,
                folder: path.to_owned(),
            });
        }
        let text = read(path)?;
        match LabelFormat::of(&text) {
            Some(LabelFormat::Coco) => Ok(Self::Coco {
                truth: (
                    Box::new(Coco::parse(text).map_err(wrong(path))?),
                    path.to_owned(),
                ),
                detections: None,
            }),
            Some(LabelFormat::Yolo) => Ok(Self::YoloFile {
                classes: classes_near(path.parent().unwrap_or(Path::new("")))?,
                file: path.to_owned(),
            }),
            Some(LabelFormat::CocoResults) => Err(format_error(
                path,
                "is a list of COCO detections, which name images by number only: give the instances file first, as a \
                 --labels of its own",
            )),
            Some(LabelFormat::DataYaml | LabelFormat::ClassList) => Err(format_error(
                path,
                "only names classes: give the folder of labels (STEM.txt), beside which it is found",
            )),
            None => Err(format_error(
                path,
                "is neither COCO's JSON nor YOLO's text, nor a folder of labels",
            )),
        }
    }

    fn and_detections(self, path: &Path) -> Result<Self, LabelFilesError> {
        let text = read(path)?;
        match (self, LabelFormat::of(&text)) {
            (Self::Coco { truth, .. }, Some(LabelFormat::CocoResults)) => Ok(Self::Coco {
                detections: Some((
                    Box::new(truth.0.with_results(text).map_err(wrong(path))?),
                    path.to_owned(),
                )),
                truth,
            }),
            _ => Err(format_error(
                path,
                "cannot be a second --labels: only a list of COCO detections can, after their instances file",
            )),
        }
    }

    /// How many objects belong to no image of their file.
    #[must_use]
    pub fn strays(&self) -> usize {
        match self {
            Self::Coco { truth, detections } => {
                truth.0.strays() + detections.as_ref().map_or(0, |(coco, _)| coco.strays())
            }
            Self::YoloFolder { .. } | Self::YoloFile { .. } => 0,
        }
    }

    /// The labels of an input; none where there are none for it.
    ///
    /// # Errors
    /// [`LabelFilesError`] if there are some, and they are wrong.
    pub fn of(&self, input: &Input) -> Result<InputLabels, LabelFilesError> {
        let mut layers = InputLabels::new();
        match self {
            Self::Coco { truth, detections } => {
                let sources = [(TRUTH, Some(truth)), (DETECTIONS, detections.as_ref())];
                for (name, (coco, file)) in
                    sources.into_iter().filter_map(|(n, coco)| Some((n, coco?)))
                {
                    let labels = coco.for_image(&input.source);
                    layers.extend(labels.map_err(wrong(file))?.map(|labels| (name, labels)));
                }
            }
            Self::YoloFolder { folder, classes } => {
                if let Some(file) = file_for(folder, input.path()) {
                    let labels = yolo(&read(&file)?, classes).map_err(wrong(&file))?;
                    layers.push((TRUTH, labels));
                }
            }
            Self::YoloFile { file, classes } => {
                let labels = yolo(&read(file)?, classes).map_err(wrong(file))?;
                layers.push((TRUTH, labels));
            }
        }
        Ok(layers)
    }
}

/// Adds labels to the annotations of a picture of this size, where no layer has their name yet.
///
/// # Errors
/// [`LabelFilesError`] if they make no layer.
pub fn add_layers(
    annotations: &mut Annotations,
    labels: &InputLabels,
    width: u32,
    height: u32,
) -> Result<(), LabelFilesError> {
    for (name, labels) in labels {
        if let Some(boxes) = labels
            .boxes
            .as_ref()
            .filter(|_| !annotations.has_boxes(name))
        {
            let layers: Map<String, Value> =
                [((*name).to_owned(), boxes.clone())].into_iter().collect();
            annotations
                .boxes
                .extend(parse_boxes(&Value::Object(layers))?);
        }
        let (width, height) = labels.size.unwrap_or((width, height));
        let mask = labels
            .mask(width, height)
            .map_err(wrong(Path::new("--labels")))?;
        if let Some(mask) = mask.filter(|_| !annotations.has_mask(name)) {
            let Some(ids) = MaskIds::new(mask.width, mask.height, mask.ids) else {
                continue;
            };
            let content = MaskContent::Ids(ids.with_background(mask.background));
            let mut present = content.ids_present();
            present.retain(|&id| id != i64::from(mask.background));
            annotations.masks.push(MaskLayer {
                name: (*name).to_owned(),
                labels: parse_labels(&labels.classes.to_json(), &present)?,
                content,
            });
        }
    }
    Ok(())
}

/// `STEM.txt` in the folder, or in its folder of the same name as the input's: `images/val/x.jpg` goes with
/// `labels/val/x.txt`.
fn file_for(folder: &Path, input: &Path) -> Option<PathBuf> {
    let name = format!("{}.txt", stem(input));
    let parent = input.parent().and_then(Path::file_name);
    let nested = parent.map(|parent| folder.join(parent).join(&name));
    [Some(folder.join(&name)), nested]
        .into_iter()
        .flatten()
        .find(|file| file.is_file())
}

/// The class names that lie beside labels, or up to two folders up; none where there is no such file.
fn classes_near(folder: &Path) -> Result<Classes, LabelFilesError> {
    let folders = [folder.to_owned(), folder.join(".."), folder.join("../..")];
    let files = folders
        .iter()
        .flat_map(|folder| CLASS_FILES.map(|name| folder.join(name)));
    let Some(file) = files.into_iter().find(|file| file.is_file()) else {
        return Ok(Classes::default());
    };
    let text = read(&file)?;
    let is_yaml = file
        .extension()
        .is_some_and(|ext| ext == "yaml" || ext == "yml");
    let classes = match is_yaml {
        true => Classes::from_yaml(&text),
        false => Classes::from_lines(&text),
    };
    classes.map_err(wrong(&file))
}

fn read(file: &Path) -> Result<Vec<u8>, LabelFilesError> {
    fs::read(file).map_err(|source| LabelFilesError::Io {
        file: clean(file),
        source,
    })
}

fn wrong(file: &Path) -> impl FnOnce(LabelsError) -> LabelFilesError {
    let file = clean(file);
    move |source| LabelFilesError::Labels { file, source }
}

fn format_error(file: &Path, problem: &'static str) -> LabelFilesError {
    LabelFilesError::Format {
        file: clean(file),
        problem,
    }
}
