//! `--labels`: the files of COCO and YOLO as layers of boxes and masks.

use serde_json::{Value, json};

use crate::picture::Picture;
use crate::wbimg::{Folder, fixture};

/// Where the files of `cat` go.
const BOXES: &str = "media/metadata/boxes2D/cat_0_….boxes2D.json";
const MASK: &str = "media/images/mask/cat_0_….mask.png";
const OVERLAY: &str = "overlays/cat_0_….overlay.png";

/// Two photographs of 64×48.
fn photos() -> Folder {
    let photo = fixture("images/rgb.png");
    Folder::new().file("cat.png", &photo).file("dog.png", photo)
}

/// An instances file for `cat.png` with these annotations.
fn instances(annotations: &Value) -> String {
    json!({
        "images": [{"id": 1, "file_name": "cat.png", "width": 64, "height": 48}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 7, "name": "dog"}],
        "annotations": annotations,
    })
    .to_string()
}

fn one_object() -> Value {
    json!([{
        "id": 5, "image_id": 1, "category_id": 7, "bbox": [4, 8, 16, 24], "area": 384, "iscrowd": 0,
        "segmentation": [[4, 8, 20, 8, 20, 32, 4, 32]],
    }])
}

#[test]
fn instances_become_a_layer_of_boxes_and_one_of_masks() {
    let folder = photos().file("coco.json", instances(&one_object()));
    folder
        .convert("cat.png --labels coco.json --strict")
        .converts(&["cat_0_….png"])
        .also(&[BOXES, MASK, OVERLAY])
        .check();
    let row = folder.rows()[0].clone();
    let layer = folder.file_of(&row["media"]["boxes"]["ground_truth"]);
    assert_eq!(
        String::from_utf8(layer).unwrap(),
        r#"{"box_data":[{"position":{"minX":4,"maxX":20,"minY":8,"maxY":32},"domain":"pixel","class_id":7}],"class_labels":{"1":"cat","7":"dog"}}"#
    );
    let mask = Picture::decode_png(&folder.file_of(&row["media"]["masks"]["ground_truth"]));
    let ids = (0..64 * 48).map(|n| match (n % 64, n / 64) {
        (4..20, 8..32) => 7,
        _ => 0,
    });
    assert_eq!((mask.width, mask.height, mask.mode), (64, 48, "L"));
    assert!(mask.samples == ids.collect::<Vec<u8>>());
    let names = json!({"1": "cat", "7": "dog"});
    let labels = json!({"boxes": {"ground_truth": names}, "masks": {"ground_truth": names}});
    assert_eq!(row["class_labels"], labels);
    assert_eq!(
        folder.config()["_wandb"]["mask/class_labels"]["cat_wandb_delimeter_ground_truth"]["value"],
        names
    );
}

#[test]
fn detections_become_a_layer_of_their_own() {
    let detections =
        json!([{"image_id": 1, "category_id": 1, "bbox": [0, 0, 32.5, 24], "score": 0.75}]);
    let folder = photos()
        .file("coco.json", instances(&one_object()))
        .file("found.json", detections.to_string());
    folder
        .convert("cat.png --labels coco.json --labels found.json --strict")
        .converts(&["cat_0_….png"])
        .also(&[BOXES, BOXES, MASK, OVERLAY])
        .check();
    let boxes = folder.rows()[0]["media"]["boxes"].clone();
    let names: Vec<&String> = boxes.as_object().unwrap().keys().collect();
    assert_eq!(names, ["ground_truth", "predictions"]);
    let layer: Value = serde_json::from_slice(&folder.file_of(&boxes["predictions"])).unwrap();
    assert_eq!(
        layer["box_data"],
        json!([{
            "position": {"minX": 0, "maxX": 32.5, "minY": 0, "maxY": 24}, "domain": "pixel", "class_id": 1,
            "scores": {"score": 0.75},
        }])
    );
}

/// The mask that pycocotools made of an image, from run lengths down the columns that begin with background.
fn expected(runs: &Value, width: usize, height: usize) -> Vec<u8> {
    let mut mask = vec![0; width * height];
    let (mut place, mut id) = (0, 0);
    for run in runs.as_array().unwrap() {
        let run = usize::try_from(run.as_u64().unwrap()).unwrap();
        for n in place..place + run {
            mask[n % height * width + n / height] = id;
        }
        (place, id) = (place + run, 1 - id);
    }
    mask
}

#[test]
fn masks_are_those_that_pycocotools_makes() {
    for kind in ["polygons", "runs"] {
        let coco = fixture(&format!("labels/{kind}.coco.json"));
        let runs = fixture(&format!("labels/{kind}.expected.json"));
        let runs: Vec<Value> = serde_json::from_slice(&runs).unwrap();
        let folder = Folder::new().file("coco.json", &coco);
        let coco: Value = serde_json::from_slice(&coco).unwrap();
        let mut sizes = Vec::new();
        for image in coco["images"].as_array().unwrap() {
            let side = |name: &str| u32::try_from(image[name].as_u64().unwrap()).unwrap();
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, side("width"), side("height"));
            encoder.set_color(png::ColorType::Grayscale);
            let area = (side("width") * side("height")) as usize;
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&vec![0; area]).unwrap();
            writer.finish().unwrap();
            let name = image["file_name"].as_str().unwrap();
            folder.write(format!("in/{name}"), file);
            sizes.push((side("width") as usize, side("height") as usize));
        }
        folder
            .convert("in --labels coco.json --overlay never")
            .any_stdout()
            .any_writes()
            .check();
        let rows = folder.rows();
        assert_eq!((rows.len(), runs.len()), (150, 150));
        for row in rows {
            let n: usize = row["key"].as_str().unwrap().parse().unwrap();
            let (width, height) = sizes[n];
            let mask = &row["media"]["masks"]["ground_truth"];
            let mask = Picture::decode_png(&folder.file_of(mask));
            assert_eq!((mask.width as usize, mask.height as usize), (width, height));
            assert!(
                mask.samples == expected(&runs[n], width, height),
                "{kind} {n}"
            );
        }
    }
}

/// The one layer of boxes of `cat.png` with these label files.
fn yolo(folder: &Folder, input: &str, labels: &str) -> String {
    folder
        .convert(&format!("{input} --labels {labels}"))
        .converts(&["cat_0_….png"])
        .also(&[BOXES, OVERLAY])
        .check();
    let row = folder.rows()[0].clone();
    String::from_utf8(folder.file_of(&row["media"]["boxes"]["ground_truth"])).unwrap()
}

const BOX: &str =
    r#"{"box_data":[{"position":{"middle":[0.5,0.5],"width":0.25,"height":0.5},"class_id":1}]"#;

#[test]
fn a_folder_of_yolo_labels_is_read_with_the_class_names_beside_it() {
    for (name, names) in [
        ("labels/data.yaml", "names:\n  0: person\n  1: cat\n"),
        ("data.yaml", "nc: 2\nnames: [person, cat]\n"),
        ("labels/classes.txt", "person\ncat\n"),
        ("obj.names", "person\r\ncat\r\n"),
    ] {
        let folder = photos()
            .file("labels/cat.txt", "1 0.5 0.5 0.25 0.5\n")
            .file(name, names);
        let layer = yolo(&folder, "cat.png", "labels");
        let expected = format!(r#"{BOX},"class_labels":{{"0":"person","1":"cat"}}}}"#);
        assert_eq!(layer, expected, "{name}");
    }
}

#[test]
fn yolo_labels_without_class_names_have_defaults() {
    let folder = photos().file("labels/cat.txt", "1 0.5 0.5 0.25 0.5\n");
    yolo(&folder, "cat.png", "labels");
    assert_eq!(
        folder.rows()[0]["class_labels"],
        json!({"boxes": {"ground_truth": {"1": "class_1"}}})
    );
    let folder = photos()
        .file("labels/cat.txt", "1 0.5 0.5 0.25 0.5\n")
        .file("c.json", r#"["person","cat"]"#);
    yolo(&folder, "cat.png --classes c.json", "labels");
    assert_eq!(
        folder.rows()[0]["class_labels"],
        json!({"boxes": {"ground_truth": {"0": "person", "1": "cat"}}}),
        "--classes names what the labels do not"
    );
}

#[test]
fn folders_of_labels_may_be_nested_as_those_of_images() {
    let folder = Folder::new()
        .file("images/val/cat.png", fixture("images/rgb.png"))
        .file("labels/val/cat.txt", "1 0.5 0.5 0.25 0.5\n")
        .file("labels/train/cat.txt", "0 0.5 0.5 1 1\n");
    let layer = yolo(&folder, "images/val/cat.png", "labels");
    assert!(layer.starts_with(BOX), "{layer}");
}

#[test]
fn one_yolo_file_goes_with_every_input() {
    let folder = photos().file("all.txt", "1 0.5 0.5 0.25 0.5\n");
    folder
        .convert("cat.png dog.png --labels all.txt --overlay never")
        .converts(&["cat_0_….png", "dog_0_….png"])
        .also(&[BOXES, &BOXES.replace("cat", "dog")])
        .check();
}

#[test]
fn yolo_polygons_become_boxes_and_a_mask_whose_background_is_no_class() {
    let folder = photos().file("labels/cat.txt", "0 0 0 0.5 0 0.5 1 0 1\n");
    folder
        .convert("cat.png --labels labels --strict")
        .converts(&["cat_0_….png"])
        .also(&[BOXES, MASK, OVERLAY])
        .check();
    let row = folder.rows()[0].clone();
    let mask = Picture::decode_png(&folder.file_of(&row["media"]["masks"]["ground_truth"]));
    let ids = (0..64 * 48).map(|n| if n % 64 < 32 { 0 } else { 255 });
    assert!(mask.samples == ids.collect::<Vec<u8>>());
    // The right half is background, which nothing is drawn over but words and lines.
    let drawn = Picture::decode_png(&folder.file_of(&row["overlay"]));
    let plain = Picture::decode_png(&fixture("images/rgb.png"));
    let at = |picture: &Picture, x: usize| picture.samples[(24 * 64 + x) * 3..][..3].to_vec();
    assert_eq!(at(&drawn, 50), at(&plain, 50));
    assert_ne!(at(&drawn, 10), at(&plain, 10));
}

#[test]
fn the_background_of_label_files_has_no_name_whoever_names_the_classes() {
    let coco = json!({
        "images": [{"id": 1, "file_name": "cat.png", "width": 64, "height": 48}],
        "annotations": one_object(),
    });
    for (labels, named) in [("labels", "0"), ("coco.json", "7")] {
        for args in ["", "--classes c.json"] {
            let folder = photos()
                .file("labels/cat.txt", "0 0 0 0.5 0 0.5 1 0 1\n")
                .file("coco.json", coco.to_string())
                .file("c.json", json!({named: "thing"}).to_string());
            folder
                .convert(&format!("cat.png --labels {labels} {args}"))
                .converts(&["cat_0_….png"])
                .also(&[BOXES, MASK, OVERLAY])
                .check();
            let name = match args {
                "" => format!("class_{named}"),
                _ => "thing".to_owned(),
            };
            let layers = json!({"ground_truth": {named: name}});
            assert_eq!(
                folder.rows()[0]["class_labels"],
                json!({"boxes": layers, "masks": layers}),
                "{labels} {args}"
            );
        }
    }
}

#[test]
fn an_input_without_labels_is_converted_and_noted() {
    for (labels, bytes) in [
        ("coco.json", instances(&one_object())),
        ("labels/cat.txt", "1 0.5 0.5 0.25 0.5\n".to_owned()),
    ] {
        let folder = photos().file(labels, bytes);
        folder
            .convert(&format!(
                "dog.png --strict --labels {}",
                labels.split('/').next().unwrap()
            ))
            .converts(&["dog_0_….png"])
            .stderr(["wbimg: note: dog.png: --labels has nothing for it"])
            .check();
        assert_eq!(folder.rows()[0]["class_labels"], Value::Null);
        assert_eq!(folder.rows()[0]["overlay"], Value::Null);
    }
}

#[test]
fn an_image_without_objects_has_an_empty_layer() {
    let folder = photos().file("labels/cat.txt", "");
    let layer = yolo(&folder, "cat.png", "labels");
    assert!(layer.starts_with(r#"{"box_data":[]"#), "{layer}");
    let folder = photos().file("coco.json", instances(&json!([])));
    let layer = yolo(&folder, "cat.png", "coco.json");
    assert!(layer.starts_with(r#"{"box_data":[]"#), "{layer}");
}

#[test]
fn labels_stand_beside_the_layers_of_flags_which_keep_their_names() {
    let own = json!({"box_data": [], "class_labels": {"9": "mine"}});
    let folder = photos()
        .file("labels/cat.txt", "1 0.5 0.5 0.25 0.5\n")
        .file("b.json", json!({"mine": own}).to_string());
    folder
        .convert("cat.png --labels labels --boxes b.json")
        .converts(&["cat_0_….png"])
        .also(&[BOXES, BOXES, OVERLAY])
        .check();
    let boxes = folder.rows()[0]["media"]["boxes"].clone();
    assert!(boxes["mine"].is_object() && boxes["ground_truth"].is_object());

    let folder = photos()
        .file("labels/cat.txt", "1 0.5 0.5 0.25 0.5\n")
        .file("b.json", json!({"ground_truth": own}).to_string());
    let layer = yolo(&folder, "cat.png --boxes b.json", "labels");
    assert_eq!(layer, own.to_string(), "the layer of the flag");
}

#[test]
fn odd_labels_draw_the_usual_warnings() {
    for (line, code) in [
        ("0 0.9 0.5 0.5 0.5\n", "box-outside"),
        ("0 0.5 0.5 -0.5 0.5\n", "box-inverted"),
    ] {
        let folder = photos().file("labels/cat.txt", line);
        folder
            .convert("cat.png --labels labels --strict")
            .converts(&["cat_0_….png"])
            .also(&[BOXES, OVERLAY])
            .one_warning(code)
            .exit(1)
            .check();
    }
}

#[test]
fn label_files_that_are_none_are_errors_of_usage() {
    let detections = r#"[{"image_id":1,"category_id":1,"bbox":[0,0,1,1],"score":0.5}]"#;
    let twice = r#"{"images":[{"id":1,"file_name":"a"},{"id":1,"file_name":"b"}]}"#;
    for (args, words) in [
        (
            "none.json",
            "none.json: cannot be read: No such file or directory",
        ),
        (
            "cat.png",
            "cat.png: is neither COCO's JSON nor YOLO's text, nor a folder of labels",
        ),
        (
            "found.json",
            "found.json: is a list of COCO detections, which name images by number only",
        ),
        ("data.yaml", "data.yaml: only names classes"),
        ("broken.json", "broken.json: the JSON cannot be read: "),
        ("five.json", "five.json: images is 5, not a list"),
        ("no.json", "no.json: images is missing"),
        (
            "twice.json",
            "twice.json: images[1] has the id 1 of images[0]; ids must be unique",
        ),
        (
            "ok.json --labels ok.json",
            "ok.json: cannot be a second --labels",
        ),
        (
            "folder --labels found.json",
            "found.json: cannot be a second --labels",
        ),
        ("names", "names/data.yaml: "),
    ] {
        let folder = photos()
            .file("found.json", detections)
            .file("data.yaml", "names: [a]\n")
            .file("broken.json", r#"{"images":["#)
            .file("five.json", r#"{"images":5}"#)
            .file("no.json", "{}")
            .file("twice.json", twice)
            .file("ok.json", instances(&json!([])))
            .file("folder/cat.txt", "")
            .file("names/data.yaml", "names: {0: [}\n");
        folder
            .convert(&format!("cat.png --labels {args}"))
            .one_error(&format!("--labels {words}"))
            .exit(2)
            .check();
    }
}

#[test]
fn a_wrong_line_fails_its_image_only_and_is_named_with_its_file() {
    let folder = photos()
        .file("labels/cat.txt", "0 0.5 0.5 1 1\n0 0.5\n")
        .file("labels/dog.txt", "");
    folder
        .convert("cat.png dog.png --labels labels --overlay never")
        .converts(&["dog_0_….png"])
        .also(&[&BOXES.replace("cat", "dog")])
        .one_error("cat.png: labels/cat.txt: line 2: \"0 0.5\" is not `class x y width height`")
        .exit(1)
        .check();
}

#[test]
fn a_wrong_object_fails_its_image_only_and_is_named_with_its_file() {
    let wrong = json!([{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3]}]);
    let folder = photos().file("coco.json", instances(&wrong));
    let outcome = folder
        .convert("cat.png dog.png --labels coco.json")
        .converts(&["dog_0_….png"])
        .any_stderr()
        .exit(1)
        .check();
    let error = outcome
        .stderr
        .lines()
        .find(|line| line.contains("error"))
        .unwrap();
    assert!(
        error.contains("annotations[0].bbox is [1,2,3], not [x, y, width, height]"),
        "{error}"
    );
    assert!(error.starts_with("wbimg: error: cat.png: "), "{error}");
    assert!(error.contains("coco.json"), "{error}");
}
