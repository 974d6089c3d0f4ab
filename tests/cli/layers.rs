//! What tests of boxes and masks have in common.

use serde_json::{Value, json};

use crate::npy::grey;
use crate::wbimg::Folder;

/// Where the files of one layer of boxes go.
pub(crate) const BOXES: &str = "media/metadata/boxes2D/x_0_….boxes2D.json";
/// Where the files of one layer of masks go.
pub(crate) const MASK: &str = "media/images/mask/x_0_….mask.png";
/// Where the drawing goes.
pub(crate) const OVERLAY: &str = "overlays/x_0_….overlay.png";

/// A picture, `x.npy`, 8 wide and 6 high.
pub(crate) fn picture() -> Folder {
    Folder::new().file("x.npy", grey(6, 8))
}

/// A box that every picture has room for.
pub(crate) fn inside(class_id: i64) -> Value {
    json!({"position": {"minX": 0.25, "maxX": 0.75, "minY": 0.25, "maxY": 0.75}, "class_id": class_id})
}

/// One layer of boxes, `p`, without labels.
pub(crate) fn boxes(items: &[Value]) -> Value {
    json!({"p": {"box_data": items}})
}

/// One layer, `m`, of rows of ids, without labels.
pub(crate) fn mask<R: AsRef<[i64]>>(rows: &[R]) -> Value {
    let rows: Vec<&[i64]> = rows.iter().map(AsRef::as_ref).collect();
    json!({"m": {"mask_data": rows}})
}

/// Six rows of eight ids, the left half 0, the right half `id`.
pub(crate) fn halves(id: u8) -> Vec<u8> {
    (0..48).map(|n| if n % 8 < 4 { 0 } else { id }).collect()
}
