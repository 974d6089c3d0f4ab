//! Why a picture will look as it does: the plan of a picture, and what it follows from, in words and in JSON.
//! Nothing is rendered or printed here.

mod words;

use serde::Serialize;

use crate::annotations::Annotations;
use crate::dtype::DType;
use crate::media::{ArrayRecord, FrameName, WarningRecord};
use crate::picture::{Picture, Planned, Study};
use crate::plan::Plan;
use crate::read::{ImageFile, ImageKind};
use crate::render::Rescale;
use crate::stats::{Distribution, count_outside};
use crate::warning::suggested_range;
use words::Over;
pub use words::{recorded, values};

/// What is known of one picture of an input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// The input's name.
    pub source: String,
    /// Which picture of the input.
    pub frame: FrameName,
    /// The container that the array is in, by its usual extension, or an image file's format.
    pub container: Option<&'static str>,
    /// What the array is and how it is read, as the manifest has it; `null` for image files.
    pub array: Option<ArrayRecord>,
    /// What the values are beyond that; `null` for image files.
    pub values: Option<Values>,
    /// What each decision follows from.
    pub reasons: Option<Reasons>,
    /// What would be written.
    pub picture: PictureRecord,
    /// Boxes and masks, by layer.
    pub layers: Vec<LayerRecord>,
    /// What its owner should know.
    pub warnings: Vec<WarningRecord>,
    /// What is right, but surprises people.
    pub notes: Vec<String>,
    /// What would change the picture, if it is not what was meant.
    pub otherwise: Vec<String>,
}

/// What the values of an array are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Values {
    /// How many there are.
    pub count: u64,
    /// Mean of the finite ones.
    pub mean: Option<f64>,
    /// How many fall into each of 32 equal parts from the smallest to the largest.
    pub histogram: Vec<u64>,
    /// How many finite ones are cut off.
    pub clipped: u64,
}

/// What the decisions follow from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reasons {
    /// Why the axes were read so.
    pub layout: String,
    /// What is done to the values.
    pub formula: String,
    /// Why.
    pub rescale: String,
}

/// What would be written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PictureRecord {
    /// Pillow's mode; `null` where a file keeps its bytes.
    pub mode: Option<String>,
    /// The file's format, as the media JSON has it.
    pub format: String,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// A layer of boxes, or a mask.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerRecord {
    /// `boxes` or `mask`.
    pub kind: &'static str,
    /// The layer's name.
    pub name: String,
    /// How many boxes there are, or how many class ids occur.
    pub count: usize,
}

impl Inspection {
    /// Adds the layers that belong to the picture, and what fits badly in them.
    pub fn annotate(&mut self, annotations: &Annotations) {
        let boxes = annotations.boxes.iter().map(|layer| LayerRecord {
            kind: "boxes",
            name: layer.name.clone(),
            count: layer.marks.len(),
        });
        let masks = annotations.masks.iter().map(|layer| LayerRecord {
            kind: "mask",
            name: layer.name.clone(),
            count: layer.content.ids_present().len(),
        });
        self.layers = boxes.chain(masks).collect();
        let PictureRecord { width, height, .. } = self.picture;
        let warnings = annotations.warnings(width, height);
        self.warnings
            .extend(warnings.iter().map(WarningRecord::from));
    }

    /// Puts what is known into words.
    #[must_use]
    pub fn new(source: &str, study: &Study) -> Self {
        match study {
            Study::Array(planned) => Self::of_array(source, planned),
            Study::Reencoded { kind, picture } => Self::of_reencoded(source, *kind, picture),
            Study::Image { file, extension } => Self::of_image(source, *file, extension),
        }
    }

    fn of_array(source: &str, planned: &Planned) -> Self {
        let Planned { plan, frame, .. } = planned;
        let distribution = Distribution::of(frame, plan.stats());
        let (low, high) = plan.rescale().kept();
        let [height, width, channels] = frame.shape();
        let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            source: source.to_owned(),
            frame: planned.name.clone(),
            container: Some(planned.container),
            array: Some(ArrayRecord::from(plan)),
            values: Some(Values {
                count: (height * width * channels) as u64,
                mean: distribution.mean,
                histogram: distribution.histogram.to_vec(),
                clipped: count_outside(frame, low, high),
            }),
            reasons: Some(Reasons {
                layout: layout_reason(planned),
                formula: words::formula(plan.rescale()),
                rescale: rescale_reason(plan),
            }),
            picture: PictureRecord {
                mode: Some(plan.target().mode().name().to_owned()),
                format: plan.target().file_type().name().to_owned(),
                width: side(width),
                height: side(height),
            },
            layers: Vec::new(),
            warnings: plan.warnings().iter().map(WarningRecord::from).collect(),
            notes: notes(plan, &distribution),
            otherwise: otherwise(plan),
        }
    }

    fn of_reencoded(source: &str, kind: ImageKind, picture: &Picture) -> Self {
        let changes = picture.notes.iter().map(ToString::to_string);
        Self {
            source: source.to_owned(),
            frame: FrameName::Only,
            container: Some(kind.name()),
            array: None,
            values: None,
            reasons: None,
            picture: PictureRecord {
                mode: None,
                format: picture.encoded.format().to_owned(),
                width: picture.encoded.width(),
                height: picture.encoded.height(),
            },
            layers: Vec::new(),
            warnings: picture.warnings.iter().map(WarningRecord::from).collect(),
            notes: std::iter::once("an image file: decoded, and encoded again".to_owned())
                .chain(changes)
                .collect(),
            otherwise: vec!["without --reencode its bytes are kept as they are".to_owned()],
        }
    }

    fn of_image(source: &str, file: ImageFile, extension: &str) -> Self {
        Self {
            source: source.to_owned(),
            frame: FrameName::Only,
            container: Some(file.kind.name()),
            array: None,
            values: None,
            reasons: None,
            picture: PictureRecord {
                mode: None,
                format: extension.to_owned(),
                width: file.width,
                height: file.height,
            },
            layers: Vec::new(),
            warnings: Vec::new(),
            notes: vec!["an image file: its bytes are kept as they are".to_owned()],
            otherwise: vec!["--reencode decodes it and applies --mode and --file-type".to_owned()],
        }
    }
}

/// Why the axes were read as they were.
fn layout_reason(planned: &Planned) -> String {
    let axes = &planned.axes;
    words::axes(axes.layout(), axes.shape(), axes.frames(), axes.certainty())
}

/// Why the values become bytes as they do.
fn rescale_reason(plan: &Plan) -> String {
    let over = match plan.basis() == plan.stats() {
        true => Over::Picture,
        false => Over::AllFrames,
    };
    words::reason(plan.rescale(), plan.basis().range(), over)
}

/// The largest value of what is probably a list of classes.
const MOST_CLASSES: f64 = 64.0;

/// What is right, but surprises people.
fn notes(plan: &Plan, distribution: &Distribution) -> Vec<String> {
    let mut notes = Vec::new();
    let Some((min, max)) = plan.stats().finite else {
        notes.push("no value is a finite number, so the picture is black".to_owned());
        return notes;
    };
    let is_integer = !plan.dtype().is_float();
    match plan.rescale() {
        Rescale::Unit if distribution.is_binary && is_integer && plan.dtype() != DType::Bool => {
            notes.push("every value is 0 or 1, so 1 becomes 255, white".to_owned());
        }
        Rescale::Unit if max.to_f64() == 0.0 => notes.push("every value is 0: black".to_owned()),
        Rescale::Clip
            if distribution.is_whole && is_integer && max.to_f64() <= MOST_CLASSES => notes.push(format!(
            "whole numbers up to {max} of 255 make a nearly black picture; class ids are better passed as a \
             mask (--masks), or shown with --range={min}:{max} --colormap turbo"
        )),
        Rescale::Clip if max.to_f64() > 255.0 && is_integer => notes.push(format!(
            "values above 255 are all white; --range=0:{} shows all of {}",
            if plan.dtype() == DType::U16 { "65535".to_owned() } else { max.to_string() },
            plan.dtype()
        )),
        _ => {}
    }
    notes
}

/// What would change the picture.
fn otherwise(plan: &Plan) -> Vec<String> {
    let mut ways = Vec::new();
    if let Some((min, max)) = plan.stats().finite.filter(|(min, max)| min != max) {
        let range = suggested_range(min.to_f64(), max.to_f64());
        match plan.rescale() {
            Rescale::Unit if range == "0:1" => {}
            Rescale::Signed if range == "-1:1" => {}
            _ => ways.push(format!(
                "--range={range} makes the smallest value black, the largest white"
            )),
        }
    }
    match plan.rescale() {
        Rescale::Unit | Rescale::Signed => {
            ways.push("--no-normalize takes the values as 0..255".to_owned());
        }
        Rescale::Clip => ways.push("--range=LO:HI makes LO black and HI white".to_owned()),
        Rescale::Off | Rescale::Range { .. } => {}
    }
    if plan.shape().len() > 2 {
        ways.push("--layout says which axis is which".to_owned());
    }
    ways
}
