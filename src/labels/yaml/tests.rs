//! The ways to write `names:`, and what is none of them.

use super::*;

fn read(text: &str) -> Result<Vec<(u32, String)>, String> {
    let names = names(text).map_err(|error| error.to_string())?;
    Ok(names.into_iter().map(|(_, id, name)| (id, name)).collect())
}

#[test]
fn lists_and_maps_are_read_in_both_styles() {
    let expected: Vec<_> = [(0, "person"), (1, "traffic light"), (2, "it's # 1")]
        .map(|(id, name)| (id, name.to_owned()))
        .into();
    for text in [
        "path: ../x # names: [no]\ntrain: a\nnames:\n  - person\n  # no\n  - traffic light # yes\n\n  - 'it''s # 1'\nnc: 3\n",
        "names: # of all\n- person\n- traffic light\n- \"it's # 1\"\n",
        "names:\r\n  0: person\r\n  1: traffic light\r\n  2: \"it\\u0027s # 1\"\r\nnc: 3\r\n",
        "nc: 3\nnames: [person, traffic light, \"it's # 1\"] # all\nx: 1",
        "\"names\": [ 'person' , # one\n  traffic light,\n  'it''s # 1',\n]",
        "names: {0: person, '1': traffic light, 2: \"it's # 1\"}",
    ] {
        assert_eq!(read(text).as_ref(), Ok(&expected), "{text}");
    }
}

#[test]
fn what_is_not_read_is_an_error_with_its_line() {
    for (text, expected) in [
        (
            "nc: 3\nname: [a]",
            "`names:` is missing; it should be a list or a map of class names at the beginning of a line",
        ),
        (
            "names:\nnc: 3",
            "`names:` is missing; it should be a list or a map of class names at the beginning of a line",
        ),
        (
            "names: coco.names",
            "line 1: \"coco.names\" is not a list or a map of class names",
        ),
        (
            "names: [a]\nnames: [b]",
            "line 2: \"names: [b]\" is not the only `names:`",
        ),
        (
            "names:\n  - a\n    - b",
            "line 3: \"- b\" is not `- name` or `id: name`, indented alike",
        ),
        (
            "names:\n  0: a\n  - b",
            "line 3: \"- b\" is not `- name` or `id: name`, indented alike",
        ),
        (
            "names:\n  a: 0",
            "line 2: \"a\" is not a class id from 0 to 4294967295",
        ),
        (
            "names:\n  - &x a",
            "line 2: \"&x a\" is not a class name, plain or quoted on one line",
        ),
        (
            "names:\n  - 'a",
            "line 2: \"'a\" is not a class name, plain or quoted on one line",
        ),
        (
            "names:\n  - a: b",
            "line 2: \"a: b\" is not a class name, plain or quoted on one line",
        ),
        (
            "names: [a, [b]]",
            "line 1: \"[b]]\" is not a class name, plain or quoted on one line",
        ),
        (
            "names: [a,\n b",
            "line 2: \"the end of the file\" is not `,` or the closing bracket of the names",
        ),
        ("names: {a, b}", "line 1: \"a\" is not `id: name`"),
    ] {
        assert_eq!(read(text).unwrap_err(), expected, "{text}");
    }
}
