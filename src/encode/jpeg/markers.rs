//! The segments before and after the scan, in libjpeg's order.

use super::Color;
use super::codes::Codes;
use super::frame::Frame;
use super::quant::{Kind, Quantizer};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const APP0: u8 = 0xe0;
const APP14: u8 = 0xee;
const DQT: u8 = 0xdb;
const SOF0: u8 = 0xc0;
const DHT: u8 = 0xc4;
const SOS: u8 = 0xda;

/// JFIF 1.1, no density, no thumbnail.
const JFIF: &[u8] = b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
/// Adobe's mark, version 100, no flags, no colour transform: inks as they are, inverted.
const ADOBE: &[u8] = b"Adobe\0\x64\0\0\0\0\0";

/// One component as the frame header tells of it.
struct Component {
    id: u8,
    /// Blocks across and down in a unit, four bits each.
    sampling: u8,
    /// Which tables it uses, of either sort.
    kind: Kind,
}

impl Component {
    const fn new(id: u8, sampling: u8, kind: Kind) -> Self {
        Self { id, sampling, kind }
    }
}

const GREY: &[Component] = &[Component::new(1, 0x11, Kind::Luma)];
const YCBCR: &[Component] = &[
    Component::new(1, 0x22, Kind::Luma),
    Component::new(2, 0x11, Kind::Chroma),
    Component::new(3, 0x11, Kind::Chroma),
];
const CMYK: &[Component] = &[
    Component::new(b'C', 0x11, Kind::Luma),
    Component::new(b'M', 0x11, Kind::Luma),
    Component::new(b'Y', 0x11, Kind::Luma),
    Component::new(b'K', 0x11, Kind::Luma),
];

/// Writes everything up to the scan's first bit.
pub(super) fn write_head(frame: &Frame, quantizers: &[Quantizer; 2], out: &mut Vec<u8>) {
    let (application, content, components) = match frame.color {
        Color::Luma => (APP0, JFIF, GREY),
        Color::Rgb | Color::Rgbx | Color::Ycbcr => (APP0, JFIF, YCBCR),
        Color::Cmyk => (APP14, ADOBE, CMYK),
    };
    let kinds: &[Kind] = match frame.color {
        Color::Luma | Color::Cmyk => &[Kind::Luma],
        Color::Rgb | Color::Rgbx | Color::Ycbcr => &[Kind::Luma, Kind::Chroma],
    };
    out.extend([0xff, SOI]);
    write_segment(out, application, &[content]);
    for (&kind, quantizer) in kinds.iter().zip(quantizers) {
        write_segment(out, DQT, &[&[kind.table()], &quantizer.steps]);
    }
    write_frame_header(out, frame, components);
    for &kind in kinds {
        let codes = Codes::of(kind);
        for (class, spec) in [(0x00, &codes.dc), (0x10, &codes.ac)] {
            write_segment(
                out,
                DHT,
                &[&[class | kind.table()], &spec.lengths, spec.symbols],
            );
        }
    }
    write_scan_header(out, components);
}

/// Writes what follows the scan's last byte.
pub(super) fn write_end(out: &mut Vec<u8>) {
    out.extend([0xff, EOI]);
}

fn write_frame_header(out: &mut Vec<u8>, frame: &Frame, components: &[Component]) {
    let [high, low] = frame.height.to_be_bytes();
    let [wide, narrow] = frame.width.to_be_bytes();
    let mut content = vec![8, high, low, wide, narrow, count(components)];
    for component in components {
        content.extend([component.id, component.sampling, component.kind.table()]);
    }
    write_segment(out, SOF0, &[&content]);
}

/// The whole spectrum at full precision, in one scan.
fn write_scan_header(out: &mut Vec<u8>, components: &[Component]) {
    let mut content = vec![count(components)];
    for component in components {
        content.extend([component.id, component.kind.table() * 0x11]);
    }
    content.extend([0, 63, 0]);
    write_segment(out, SOS, &[&content]);
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "there are one, three or four components"
)]
const fn count(components: &[Component]) -> u8 {
    components.len() as u8
}

/// A marker, the length of what follows including its own two bytes, and the content.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the longest segment, a table of Huffman codes, takes 181 bytes"
)]
fn write_segment(out: &mut Vec<u8>, marker: u8, content: &[&[u8]]) {
    let length = 2 + content.iter().map(|part| part.len()).sum::<usize>();
    out.extend([0xff, marker]);
    out.extend((length as u16).to_be_bytes());
    for part in content {
        out.extend_from_slice(part);
    }
}
