//! Agreement with pycocotools, pixel for pixel, on the files of `fixtures/labels/make.py` (or, of the folder
//! in `WBIMG_LABELS`, of more of them).

use std::path::PathBuf;

use super::{Coco, MaskIds};

fn folder() -> PathBuf {
    std::env::var_os("WBIMG_LABELS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/labels"),
        PathBuf::from,
    )
}

fn lengths(mask: &MaskIds) -> Vec<u64> {
    let (width, height) = (mask.width as usize, mask.height as usize);
    let mut lengths = vec![0];
    let mut inside = false;
    for column in 0..width {
        for row in 0..height {
            if (mask.ids[row * width + column] != mask.background) != inside {
                inside = !inside;
                lengths.push(0);
            }
            *lengths.last_mut().unwrap() += 1;
        }
    }
    lengths
}

fn compare(kind: &str) {
    let coco =
        Coco::parse(std::fs::read(folder().join(format!("{kind}.coco.json"))).unwrap()).unwrap();
    let expected = std::fs::read(folder().join(format!("{kind}.expected.json"))).unwrap();
    let expected: Vec<Vec<u64>> = serde_json::from_slice(&expected).unwrap();
    let mut different = Vec::new();
    for (index, expected) in expected.iter().enumerate() {
        let labels = coco.for_image(&format!("{index}.png")).unwrap().unwrap();
        let (width, height) = labels.size.unwrap();
        let mask = labels.mask(width, height).unwrap();
        let found = mask.map_or(vec![u64::from(width) * u64::from(height)], |mask| {
            lengths(&mask)
        });
        if &found != expected {
            different.push(index);
        }
    }
    assert_eq!(different, [0_usize; 0], "of {} {kind}", expected.len());
}

#[test]
fn polygons_cover_the_pixels_that_pycocotools_gives_them() {
    compare("polygons");
}

#[test]
fn run_lengths_cover_the_pixels_that_pycocotools_gives_them() {
    compare("runs");
}
