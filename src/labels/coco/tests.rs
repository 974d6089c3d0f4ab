//! What COCO files say, and what is wrong with them.

use serde_json::json;

use super::*;
use crate::labels::Notice;

fn parse(json: &serde_json::Value) -> Result<Coco, LabelsError> {
    Coco::parse(json.to_string().into_bytes())
}

/// A file with one 4×3 image, `a/1.jpg`, and these annotations without their image.
fn one_image(annotations: &[serde_json::Value]) -> Coco {
    let annotations: Vec<_> = annotations
        .iter()
        .cloned()
        .map(|mut annotation| {
            annotation["image_id"] = json!(7);
            annotation
        })
        .collect();
    parse(&json!({
        "annotations": annotations,
        "images": [{"id": 7, "file_name": "a/1.jpg", "width": 4, "height": 3}],
        "categories": [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}],
    }))
    .unwrap()
}

fn error(annotation: serde_json::Value) -> String {
    let coco = one_image(&[json!({"category_id": 1}), annotation]);
    let labels = coco
        .for_image("a/1.jpg")
        .and_then(|labels| labels.unwrap().mask(4, 3));
    labels.unwrap_err().to_string()
}

#[test]
fn boxes_are_pixels_in_the_order_of_the_file_with_all_class_names() {
    let labels = one_image(&[
        json!({"category_id": 18, "bbox": [1, 0, 2, 3], "iscrowd": 0, "id": 5}),
        json!({"category_id": 1.0, "bbox": [0.5, 0, 2, 3], "score": 0.25, "iscrowd": 1}),
    ]);
    let labels = labels.for_image("a/1.jpg").unwrap().unwrap();
    assert_eq!(
        labels.boxes.unwrap().to_string(),
        concat!(
            r#"{"box_data":[{"position":{"minX":1,"maxX":3,"minY":0,"maxY":3},"domain":"pixel","class_id":18},"#,
            r#"{"position":{"minX":0.5,"maxX":2.5,"minY":0,"maxY":3},"domain":"pixel","class_id":1,"#,
            r#""scores":{"score":0.25},"box_caption":"person (crowd)"}],"#,
            r#""class_labels":{"18":"dog","1":"person"}}"#
        )
    );
    assert_eq!(labels.size, Some((4, 3)));
}

#[test]
fn an_image_without_objects_has_an_empty_layer_and_an_unknown_one_none() {
    let coco = one_image(&[]);
    let labels = coco.for_image("a/1.jpg").unwrap().unwrap();
    assert_eq!(labels.boxes.as_ref().unwrap()["box_data"], json!([]));
    assert_eq!(labels.mask(4, 3), Ok(None));
    assert_eq!(coco.for_image("a/2.jpg"), Ok(None));
}

#[test]
fn objects_without_boxes_have_a_mask_only() {
    let square = json!([[1, 1, 3, 1, 3, 3, 1, 3]]);
    let whole = json!({"size": [3, 4], "counts": [0, 12]});
    let labels = one_image(&[
        json!({"category_id": 1, "segmentation": square, "bbox": null}),
        json!({"category_id": 18, "segmentation": whole, "bbox": []}),
    ]);
    let labels = labels.for_image("1.jpg").unwrap().unwrap();
    assert_eq!(labels.boxes, None);
    let mask = labels.mask(4, 3).unwrap().unwrap();
    assert_eq!(mask.ids, [18, 18, 18, 18, 18, 1, 1, 18, 18, 1, 1, 18]);
    assert_eq!(mask.background, 0);
}

#[test]
fn a_class_0_leaves_0_to_itself_and_moves_the_background() {
    let coco = parse(&json!({
        "images": [{"id": "x", "file_name": "x.png"}],
        "annotations": [{"image_id": "x", "category_id": 0, "segmentation": [[0, 0, 1, 0, 1, 1, 0, 1]]}],
        "categories": [{"id": 0, "name": "cell"}, {"id": 255, "name": "edge"}],
    }))
    .unwrap();
    let labels = coco.for_image("x.png").unwrap().unwrap();
    let mask = labels.mask(2, 1).unwrap().unwrap();
    assert_eq!((mask.ids, mask.background), (vec![0, 254], 254));
}

#[test]
fn classes_that_no_mask_can_hold_keep_their_boxes() {
    let labels = one_image(&[
        json!({"category_id": 300, "bbox": [0, 0, 1, 1], "segmentation": [[0, 0, 1, 0, 1, 1]]}),
        json!({"category_id": -1, "segmentation": [[0, 0, 1, 0, 1, 1]]}),
    ]);
    let labels = labels.for_image("a/1.jpg").unwrap().unwrap();
    assert_eq!(
        labels.notices,
        [Notice::BeyondMask {
            class: 300,
            objects: 2
        }]
    );
    assert!(labels.boxes.is_some() && !labels.has_mask());
}

#[test]
fn names_are_paths_then_ends_of_paths_then_base_names() {
    let image =
        |id: i32, name: &str| json!({"id": id, "file_name": name, "width": id, "height": 1});
    let coco = parse(&json!({"images": [
        image(1, "a/1.jpg"), image(2, "b\\1.jpg"), image(3, "1.jpg"), image(4, "c/4.jpg"),
        image(5, "d/5.jpg"), image(6, "e/5.jpg"), image(8, "8.jpg"), image(9, "8.jpg"), image(4, "c/4.jpg"),
    ]}))
    .unwrap();
    let width = |name| coco.for_image(name).unwrap().unwrap().size.unwrap().0;
    assert_eq!(width("a/1.jpg"), 1);
    assert_eq!(width("/data/./b/1.jpg"), 2);
    assert_eq!(width("other/1.jpg"), 3);
    assert_eq!(width("4.jpg"), 4);
    assert_eq!(
        coco.for_image("x/5.jpg").unwrap_err().to_string(),
        r#""x/5.jpg" could be "d/5.jpg" or "e/5.jpg" of the label file; a path that ends in one of them tells"#
    );
    assert_eq!(
        coco.for_image("8.jpg").unwrap_err().to_string(),
        r#"images[6] and images[7] are both named "8.jpg"; file names must be unique"#
    );
}

#[test]
fn detections_are_a_layer_of_their_own_beside_an_instances_file() {
    let detections =
        br#"[{"image_id":7,"category_id":18,"bbox":[0,0,1,1],"score":0.5},{"image_id":8},{}]"#;
    assert_eq!(
        Coco::parse(detections.to_vec()).unwrap_err(),
        LabelsError::DetectionsAlone
    );
    let truth = one_image(&[json!({"category_id": 1, "bbox": [0, 0, 2, 2]})]);
    let found = truth.with_results(detections.to_vec()).unwrap();
    assert_eq!(found.strays(), 2);
    let boxes = found.for_image("a/1.jpg").unwrap().unwrap().boxes.unwrap();
    assert_eq!(boxes["box_data"].as_array().unwrap().len(), 1);
    assert_eq!(boxes["box_data"][0]["scores"], json!({"score": 0.5}));
    let bad = truth
        .with_results(br#"[{"image_id":7,"category_id":"x"}]"#.to_vec())
        .unwrap();
    assert_eq!(
        bad.for_image("a/1.jpg").unwrap_err().to_string(),
        r#"[0].category_id is "x", not the integer id of a category"#
    );
}

#[test]
fn a_bad_object_is_an_error_of_its_image_by_its_path() {
    for (annotation, expected) in [
        (
            json!({}),
            "annotations[1].category_id is missing; it should be the integer id of a category",
        ),
        (
            json!({"category_id": 1, "bbox": [0, 0, 1]}),
            "annotations[1].bbox is [0,0,1], not [x, y, width, height] in pixels",
        ),
        (
            json!({"category_id": 1, "bbox": [1e308, 0, 1e308, 1]}),
            "annotations[1].bbox is [1e+308,0,1e+308,1], not [x, y, width, height] in pixels",
        ),
        (
            json!({"category_id": 1, "bbox": [0, 0, 1, 1], "score": "0.5"}),
            "annotations[1].score is \"0.5\", not a number",
        ),
        (
            json!({"category_id": 1, "segmentation": [[0, 0, 1, 1, 2, 2], [1, 2, 3, 4, 5, 6, 7]]}),
            "annotations[1].segmentation[1] is [1,2,3,4,5,6,7], not [x, y, x, y, …] in pixels",
        ),
        (
            json!({"category_id": 1, "segmentation": [1, 2, 3, 4, 5, 6]}),
            "annotations[1].segmentation[0] is 1, not [x, y, x, y, …] in pixels",
        ),
        (
            json!({"category_id": 1, "segmentation": {"counts": [12]}}),
            "annotations[1].segmentation.size is missing; it should be [height, width] in pixels",
        ),
        (
            json!({"category_id": 1, "segmentation": {"size": [3, 4], "counts": [4, -1]}}),
            "annotations[1].segmentation.counts[1] is -1, not a list of run lengths from 0 to 4294967295 or the \
             string that pycocotools writes",
        ),
        (
            json!({"category_id": 1, "segmentation": {"size": [3, 4], "counts": [4, 9]}}),
            "annotations[1].segmentation.counts: the runs go beyond the 12 pixels of the mask at run 1",
        ),
        (
            json!({"category_id": 1, "segmentation": {"size": [3, 4], "counts": "4 "}}),
            "annotations[1].segmentation.counts: character 1 is not one of the 64 from '0' to 'o' that a \
             compressed RLE is made of",
        ),
        (
            json!({"category_id": 1, "segmentation": {"size": [4_000_000_000_u32, 4_000_000_000_u32], "counts": [4]}}),
            "annotations[1].segmentation is a mask of 4000000000×4000000000, but the picture is 4×3; both must \
             have one size",
        ),
    ] {
        assert_eq!(error(annotation), expected);
    }
}

#[test]
fn a_broken_structure_is_an_error_of_the_file() {
    for (text, expected) in [
        ("", "the file is empty, not a JSON object with `images`"),
        (
            "{\"images\":[",
            "the JSON cannot be read: EOF while parsing a list at line 1 column 11",
        ),
        (
            "{}",
            "images is missing; it should be a list of {\"id\", \"file_name\", \"width\", \"height\"}",
        ),
        ("{\"images\":{}}", "images is {}, not a list"),
        (
            "{\"images\":[],\"annotations\":3}",
            "annotations is 3, not a list of objects",
        ),
        (
            "{\"images\":[],\"annotations\":[[7]]}",
            "annotations[0] is [7], not an object with image_id and category_id",
        ),
        (
            "{\"images\":[],\"images\":[]}",
            "the JSON cannot be read: `images` comes twice at line 1 column 21",
        ),
        (
            "{\"images\":[{\"id\":1.5}]}",
            "images[0].id is 1.5, not an integer or a string",
        ),
        (
            "{\"images\":[{\"id\":1}]}",
            "images[0].file_name is missing; it should be a string",
        ),
        (
            "{\"images\":[{\"id\":1,\"file_name\":\"a\"},{\"id\":1,\"file_name\":\"b\"}]}",
            "images[1] has the id 1 of images[0]; ids must be unique",
        ),
        (
            "{\"images\":[{\"id\":1,\"id\":1}]}",
            "images[0] is ambiguous: duplicate field `id`",
        ),
        (
            "{\"images\":[{\"id\":1,\"file_name\":\"a\",\"width\":1e12}]}",
            "images[0].width is 1e12, not a number of pixels from 0 to 4294967295",
        ),
        (
            "{\"images\":[],\"categories\":[{\"id\":1,\"name\":\"a\"},{\"id\":1,\"name\":\"b\"}]}",
            "categories[1] has the id 1 of categories[0]; ids must be unique",
        ),
    ] {
        assert_eq!(
            Coco::parse(text.as_bytes().to_vec())
                .unwrap_err()
                .to_string(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn nesting_of_any_depth_is_passed_over_or_refused() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    let text = format!(
        r#"{{"info":{deep},"images":[{{"id":7,"file_name":"a","x":{deep}}}],"annotations":[
           {{"image_id":7,"category_id":1,"segmentation":{deep}}}]}}"#
    );
    let coco = Coco::parse(text.into_bytes()).unwrap();
    assert_eq!(
        coco.for_image("a").unwrap_err().to_string(),
        format!(
            "annotations[0].segmentation[0] is {}…, not [x, y, x, y, …] in pixels",
            "[".repeat(40)
        )
    );
}

#[test]
fn masks_beyond_the_limit_are_refused() {
    let labels = one_image(&[json!({"category_id": 1, "segmentation": [[0, 0, 1, 0, 1, 1]]})]);
    let labels = labels.for_image("a/1.jpg").unwrap().unwrap();
    let error = LabelsError::TooLarge {
        width: u32::MAX,
        height: 2,
    };
    assert_eq!(labels.mask(u32::MAX, 2), Err(error));
    assert!(labels.mask(0, 5).unwrap().unwrap().ids.is_empty());
}
