//! Boxes, masks, classes, sidecars and label files of other tools, down to the picture with all of it drawn in. The
//! first byte says which parser; what it lets pass must be drawn, recorded and warned of.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use wbimg::annotations::{
    Annotations, MaskContent, MaskIds, Sidecar, parse_boxes, parse_classes, parse_json,
    parse_masks, recognise,
};
use wbimg::draw::Style;
use wbimg::labels::{Classes, Coco, ImageLabels, yolo};
use wbimg::overlay;
use wbimg::render::Raster;
use wbimg_fuzz::within;

const WIDTH: u32 = 61;
const HEIGHT: u32 = 43;

fuzz_target!(init: wbimg_fuzz::tell_panics_apart(), |data: &[u8]| -> Corpus {
    let Some((&which, text)) = data.split_first() else {
        return Corpus::Reject;
    };
    within(256 << 20, || match which % 8 {
        0 => sidecar(text),
        1 => parsed(text, |value| {
            let boxes = parse_boxes(value).ok()?;
            Some(Annotations { boxes, masks: Vec::new() })
        }),
        2 => parsed(text, |value| {
            let masks = parse_masks(value, &mut load).ok()?;
            Some(Annotations { boxes: Vec::new(), masks })
        }),
        3 => {
            let _ = parse_json(text).map(|value| parse_classes(&value).map(|classes| classes.to_json()));
        }
        4 => coco(text),
        5 => {
            if let Ok(labels) = yolo(text, &Classes::default()) {
                use_labels(&labels);
            }
        }
        6 => {
            let _ = Classes::from_yaml(text).map(|classes| classes.to_json());
        }
        _ => {
            let _ = Classes::from_lines(text).map(|classes| classes.to_json());
        }
    });
    Corpus::Keep
});

fn parsed(text: &[u8], parse: impl FnOnce(&serde_json::Value) -> Option<Annotations>) {
    if let Some(annotations) = parse_json(text).ok().as_ref().and_then(parse) {
        show(&annotations);
    }
}

fn sidecar(text: &[u8]) {
    let Ok(value) = parse_json(text) else {
        return;
    };
    let _ = recognise(&value);
    if let Ok(sidecar) = Sidecar::parse(&value, &mut load) {
        let mut annotations = Annotations {
            boxes: sidecar.boxes.unwrap_or_default(),
            masks: sidecar.masks.unwrap_or_default(),
        };
        if let Some(classes) = &sidecar.classes {
            annotations.name_classes(classes);
        }
        show(&annotations);
    }
}

/// A mask file that is always there.
fn load(_: &str) -> Result<MaskContent, String> {
    let ids = MaskIds::new(3, 2, vec![0, 1, 2, 3, 255, 7]).ok_or("no mask")?;
    Ok(MaskContent::Ids(ids))
}

fn coco(text: &[u8]) {
    let Ok(coco) = Coco::parse(text.to_vec()) else {
        return;
    };
    let _ = coco.strays();
    let _ = coco.with_results(text.to_vec());
    for name in ["a.jpg", "1.png", "000000000139.jpg"] {
        if let Ok(Some(labels)) = coco.for_image(name) {
            use_labels(&labels);
        }
    }
}

fn use_labels(labels: &ImageLabels) {
    let boxes = labels
        .boxes
        .as_ref()
        .map(|boxes| [("p".to_owned(), boxes.clone())].into_iter().collect());
    let boxes = boxes.map(|layers| parse_boxes(&serde_json::Value::Object(layers)));
    let _ = labels.mask(WIDTH, HEIGHT);
    if let Some(Ok(boxes)) = boxes {
        show(&Annotations {
            boxes,
            masks: Vec::new(),
        });
    }
}

/// Everything that is done with annotations once they are read.
fn show(annotations: &Annotations) {
    let _ = annotations.warnings(WIDTH, HEIGHT);
    let _ = annotations.class_labels();
    let samples = vec![90; (WIDTH * HEIGHT * 3) as usize];
    let picture = Raster::new(WIDTH as usize, HEIGHT as usize, 3, samples);
    let _ = overlay::draw(picture, annotations, &Style::default());
}
