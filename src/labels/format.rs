//! Which kind of label file this is, by its content.

/// The kinds of label files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelFormat {
    /// A JSON object: COCO's instances.
    Coco,
    /// A JSON list: COCO's detections.
    CocoResults,
    /// Rows that begin with two numbers, or nothing: one image's YOLO labels.
    Yolo,
    /// A YOLO `data.yaml`, for its class names.
    DataYaml,
    /// Class names, one a line.
    ClassList,
}

impl LabelFormat {
    /// What `text` is, or `None` for what is not text. Only the first 64 KiB of JSON and names matter.
    #[must_use]
    pub fn of(text: &[u8]) -> Option<Self> {
        /// Enough for any comment before the first line that tells.
        const LOOKED_AT: usize = 64 << 10;
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        match text.trim_ascii_start().first() {
            None => return Some(Self::Yolo),
            Some(b'{') => return Some(Self::Coco),
            Some(b'[') => return Some(Self::CocoResults),
            Some(_) => {}
        }
        let head = &text[..text.len().min(LOOKED_AT)];
        let head = match str::from_utf8(head) {
            Ok(head) => head,
            // A character cut in two by the limit.
            Err(error) if error.error_len().is_none() => {
                str::from_utf8(&head[..error.valid_up_to()]).ok()?
            }
            Err(_) => return None,
        };
        if head.contains('\0') {
            return None;
        }
        let first = head.lines().find(|line| !line.trim().is_empty())?;
        let mut columns = first.split_ascii_whitespace();
        let mut numeric = || {
            columns
                .next()
                .is_some_and(|column| column.parse::<f64>().is_ok())
        };
        if numeric() && numeric() {
            Some(Self::Yolo)
        } else if head
            .lines()
            .any(|line| super::yaml::value_of_names(line).is_some())
        {
            Some(Self::DataYaml)
        } else {
            Some(Self::ClassList)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells_the_format() {
        for (text, format) in [
            (" {\"images\":[]}", Some(LabelFormat::Coco)),
            ("\u{feff}[]", Some(LabelFormat::CocoResults)),
            ("\n0 0.5 0.5 0.1 0.1\n", Some(LabelFormat::Yolo)),
            ("0 0.5 oops", Some(LabelFormat::Yolo)),
            ("", Some(LabelFormat::Yolo)),
            (
                "# mine\npath: x\nnames:\n  0: a\n",
                Some(LabelFormat::DataYaml),
            ),
            ("0\n1\n", Some(LabelFormat::ClassList)),
            ("3 wheeler\ntraffic light\n", Some(LabelFormat::ClassList)),
            ("\u{0}\u{1}", None),
        ] {
            assert_eq!(LabelFormat::of(text.as_bytes()), format, "{text:?}");
        }
        assert_eq!(LabelFormat::of(b"\x89PNG\r\n"), None);
    }
}
