//! Box layers: what of them is written, as wandb writes it, and what is refused, as wandb refuses it.

use serde_json::{Value, json};

use crate::layers::{BOXES, OVERLAY, boxes, inside, picture};
use crate::npy::{grey, npy};
use crate::wbimg::{Folder, OUT, fixture};

/// A JSON file that wandb wrote.
fn recorded(name: &str) -> Value {
    serde_json::from_slice(&fixture(&format!("wandb/{name}.json"))).unwrap()
}

/// `small.npy` with boxes of `fixtures/wandb`, under the key of wandb's run.
fn with_boxes_of(key: &str) -> Folder {
    let folder = Folder::new()
        .fixture("wandb/small.npy")
        .fixture(&format!("wandb/{key}.json"));
    folder
        .convert(&format!("small.npy --boxes {key}.json --key {key}"))
        .args(["--allow", "box-outside", "--allow", "box-inverted"])
        .any_stdout()
        .any_writes()
        .check();
    folder
}

#[test]
fn box_files_and_their_references_are_those_that_wandb_wrote() {
    let folder = with_boxes_of("boxes");
    let (ours, theirs) = (folder.rows()[0]["media"].clone(), recorded("history"));
    let theirs = &theirs["boxes"]["boxes"];
    assert_eq!(theirs.as_object().unwrap().len(), 5);
    assert_eq!(ours["boxes"].to_string(), theirs.to_string());
    assert_eq!(folder.history()[0]["boxes"], ours);
    for reference in theirs.as_object().unwrap().values() {
        let path = reference["path"].as_str().unwrap();
        let (ours, theirs) = (folder.file_of(reference), fixture(&format!("wandb/{path}")));
        assert!(ours == theirs, "{path}");
    }
}

#[test]
fn an_integer_of_more_than_64_bits_is_refused_since_it_cannot_be_written_as_it_was_given() {
    let folder = picture().fixture("wandb/wide.json");
    folder
        .convert("x.npy --boxes wide.json")
        .one_error("--boxes wide.json: has an integer of more than 64 bits")
        .exit(2)
        .check();
}

#[test]
fn class_labels_in_the_config_are_those_that_wandb_recorded() {
    let folder = with_boxes_of("boxes");
    let theirs = recorded("class_labels")["bounding_box/class_labels"].clone();
    let theirs: serde_json::Map<String, Value> = theirs
        .as_object()
        .unwrap()
        .iter()
        .filter(|(key, _)| key.starts_with("boxes_"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    assert_eq!(theirs.len(), 5);
    assert_eq!(
        folder.config().to_string(),
        json!({"_wandb": {"bounding_box/class_labels": theirs}}).to_string()
    );
}

#[test]
fn the_media_of_an_annotated_list_is_what_wandb_recorded() {
    let folder = Folder::new()
        .file("a.npy", fixture("wandb/small.npy"))
        .file("b.npy", fixture("wandb/small.npy"))
        .file("c.npy", fixture("wandb/small.npy"))
        .file("a.json", json!({"caption": "first"}).to_string())
        .file(
            "b.json",
            json!({"boxes": {"p": recorded("boxes")["no labels"]}}).to_string(),
        )
        .file(
            "c.json",
            json!({"caption": "", "masks": {"m": recorded("masks")["no labels"]}}).to_string(),
        );
    folder
        .wbimg()
        .args([
            "convert",
            "a.npy",
            "b.npy",
            "c.npy",
            "--key",
            "some of them",
        ])
        .any_stdout()
        .any_writes()
        .check();
    let (ours, theirs) = (folder.history(), recorded("history"));
    let (ours, theirs) = (&ours[0]["some of them"], &theirs["some of them"]);
    let names =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(names(ours), names(theirs));
    for name in [
        "_type",
        "width",
        "height",
        "format",
        "count",
        "captions",
        "all_boxes",
    ] {
        assert_eq!(ours[name].to_string(), theirs[name].to_string());
    }
    assert_eq!(ours["all_masks"][0], Value::Null);
    assert_eq!(ours["all_masks"][1], Value::Null);
    assert_eq!(
        names(&ours["all_masks"][2]["m"]),
        names(&theirs["all_masks"][2]["m"])
    );
}

#[test]
fn what_wandb_refuses_is_refused_in_one_line_and_what_it_takes_is_taken() {
    let verdicts = recorded("verdicts");
    for verdict in verdicts.as_array().unwrap() {
        let layers = json!({"p": verdict["layer"]}).to_string();
        let folder = picture().file("boxes.json", &layers);
        let call = folder.convert("x.npy --boxes boxes.json");
        if verdict["taken"] == true {
            call.converts(&["x_0_….png"])
                .also(&[BOXES, OVERLAY])
                .any_stderr()
                .check();
        } else {
            call.one_error("--boxes boxes.json: p").exit(2).check();
        }
    }
}

const POSITION: &str = "{minX, maxX, minY, maxY} or {middle: [x, y], width, height}, all numbers";

/// Boxes that are refused, and what is said of them after the file's name.
fn refused() -> Vec<(Value, String)> {
    let edges = json!({"minX": 0, "maxX": 1, "minY": 0, "maxY": 1});
    let second = |item: Value| boxes(&[inside(0), item]);
    let cases = [
        (
            json!([1]),
            "boxes: is a list, but must be an object of layers by name",
        ),
        (
            json!({"p": 5}),
            "p: is an integer, but must be an object, the layer",
        ),
        (
            json!({"p": {}}),
            "p: has no box_data, which must be a list of boxes",
        ),
        (
            json!({"p": {"box_data": {}}}),
            "p.box_data: is an object, but must be a list of boxes",
        ),
        (
            second(json!("x")),
            "p.box_data[1]: is a string, but must be an object, the box",
        ),
        (
            second(json!({"class_id": 1})),
            "p.box_data[1].position: is missing, but must be POSITION",
        ),
        (
            second(json!({"position": [0, 1]})),
            "p.box_data[1].position: is a list, but must be POSITION",
        ),
        (
            second(json!({"position": {"minX": 0, "maxX": 1}})),
            "p.box_data[1].position: has minX, maxX, but must be POSITION",
        ),
        (
            second(json!({"position": edges, "class_id": 1.5})),
            "p.box_data[1].class_id: is a number with a fraction, but must be an integer of 64 bits",
        ),
        (
            second(json!({"position": edges, "scores": {"IoU": "high"}})),
            "p.box_data[1].scores.IoU: is a string, but must be a number",
        ),
        (
            second(json!({"position": edges, "scores": [1]})),
            "p.box_data[1].scores: is a list, but must be an object of numbers by name",
        ),
        (
            second(json!({"position": edges, "box_caption": null})),
            "p.box_data[1].box_caption: is null, but must be a string",
        ),
        (
            json!({"p": {"box_data": [], "class_labels": ["a"]}}),
            "p.class_labels: is a list, but must be an object of names by class id",
        ),
        (
            json!({"p": {"box_data": [], "class_labels": {"1": 2}}}),
            "p.class_labels.1: is an integer, but must be a string, the name of the class",
        ),
        (
            json!({"p": {"box_data": [], "class_labels": {"cat": "1"}}}),
            "p.class_labels.cat: names no class id, which must be a number",
        ),
    ];
    cases
        .map(|(layers, message)| (layers, message.replace("POSITION", POSITION)))
        .to_vec()
}

#[test]
fn a_flags_file_with_a_wrong_box_is_an_error_of_usage() {
    for (layers, message) in refused() {
        let folder = picture().file("b.json", layers.to_string());
        folder
            .convert("x.npy --boxes b.json")
            .stderr([format!("wbimg: error: --boxes b.json: {message}")])
            .exit(2)
            .check();
    }
}

#[test]
fn a_sidecar_with_a_wrong_box_fails_its_input_and_no_other() {
    for (layers, message) in refused() {
        let folder = picture()
            .file("x.json", json!({"boxes": layers}).to_string())
            .file("y.npy", grey(2, 3));
        folder
            .convert("x.npy y.npy")
            .converts(&["y_0_….png"])
            .stderr([format!("wbimg: error: x.npy: x.json: {message}")])
            .exit(1)
            .check();
    }
}

/// Holds the one warning that boxes draw on an 8×6 picture, what follows from it, and that `--allow` silences it.
fn assert_warns(layers: &Value, code: &str, message: &str) {
    let files = [BOXES, OVERLAY];
    for (args, exit, is_told) in [
        ("", 0, true),
        ("--strict", 1, true),
        (&*format!("--strict --allow {code}"), 0, false),
    ] {
        let folder = picture().file("b.json", layers.to_string());
        let told = is_told.then(|| format!("wbimg: warning: x.npy: {message} [{code}]"));
        folder
            .convert(&format!("x.npy --boxes b.json {args}"))
            .converts(&["x_0_….png"])
            .also(&files)
            .stderr(told)
            .exit(exit)
            .check();
        assert_eq!(
            folder.rows()[0]["warnings"],
            json!([{"code": code, "message": message}])
        );
    }
}

fn at(min_x: f64, max_x: f64, min_y: f64, max_y: f64) -> Value {
    json!({"position": {"minX": min_x, "maxX": max_x, "minY": min_y, "maxY": max_y}})
}

#[test]
fn boxes_outside_are_told() {
    let far = at(10.0, 50.0, 0.0, 1.0);
    assert_warns(
        &boxes(&[inside(0), far.clone(), far]),
        "box-outside",
        "p.box_data[1] and 1 more reaches outside the 8×6 picture; pixel coordinates need \"domain\": \"pixel\"",
    );
}

#[test]
fn boxes_the_wrong_way_round_are_told() {
    assert_warns(
        &boxes(&[at(0.5, 0.25, 0.0, 1.0)]),
        "box-inverted",
        "p.box_data[0] has a minimum above its maximum",
    );
    assert_warns(
        &boxes(&[json!({"position": {"middle": [0.5, 0.5], "width": 0.5, "height": -0.5}})]),
        "box-inverted",
        "p.box_data[0] has a minimum above its maximum",
    );
}

#[test]
fn a_domain_that_wandb_does_not_know_is_told() {
    let mut item = inside(0);
    item["domain"] = json!("pixels");
    assert_warns(
        &boxes(&[item]),
        "unknown-domain",
        "p.box_data[0] has the domain \"pixels\", which W&B does not know: \"pixel\", or none for fractions",
    );
}

#[test]
fn ids_that_given_labels_do_not_name_are_told() {
    let layer =
        json!({"p": {"box_data": [inside(7), inside(1), inside(3)], "class_labels": {"1": "a"}}});
    assert_warns(&layer, "unlabelled-id", "p: no label for class 3, 7");
}

#[test]
fn a_pixel_box_that_is_outside_is_not_told_to_be_in_pixels() {
    let mut item = at(0.0, 9.0, 0.0, 6.0);
    item["domain"] = json!("pixel");
    let folder = picture().file("b.json", boxes(&[item]).to_string());
    let outcome = folder
        .convert("x.npy --boxes b.json")
        .converts(&["x_0_….png"])
        .also(&[BOXES, OVERLAY])
        .one_warning("box-outside")
        .check();
    assert!(
        !outcome.stderr.contains("need \"domain\""),
        "{}",
        outcome.stderr
    );
}

#[test]
fn healthy_boxes_are_silent() {
    let pixels = |mut item: Value| {
        item["domain"] = json!("pixel");
        item
    };
    for layers in [
        boxes(&[]),
        boxes(&[at(0.0, 1.0, 0.0, 1.0)]),
        boxes(&[at(0.5, 0.5, 0.5, 0.5)]),
        boxes(&[pixels(at(0.0, 8.0, 0.0, 6.0))]),
        boxes(&[json!({"position": {"middle": [0.3, 0.7], "width": 0.6, "height": 0.6}})]),
        boxes(&[
            json!({"position": {"middle": [0.95, 0.9], "width": 0.1, "height": 0.2}, "domain": null}),
        ]),
        boxes(&[pixels(
            json!({"position": {"middle": [4, 3], "width": 8, "height": 6}}),
        )]),
        boxes(&[inside(5), inside(-5)]),
        json!({"p": {"box_data": [inside(1)], "class_labels": {"1": "a", "2": "b"}}}),
        json!({"p": {"box_data": [at(0.0, 1.0, 0.0, 1.0)], "class_labels": {}}}),
    ] {
        let folder = picture().file("b.json", layers.to_string());
        folder
            .convert("x.npy --boxes b.json --strict")
            .converts(&["x_0_….png"])
            .also(&[BOXES, OVERLAY])
            .check();
        assert_eq!(folder.rows()[0]["warnings"], json!([]));
    }
}

#[test]
fn every_frame_of_a_batch_has_the_boxes() {
    let folder = Folder::new()
        .file("x.npy", npy(&[2, 6, 8, 1], &(0..96).collect::<Vec<u8>>()))
        .file("b.json", boxes(&[inside(4)]).to_string());
    folder
        .convert("x.npy --boxes b.json")
        .converts(&["x_0_….png", "x_0_….png"])
        .also(&[BOXES, OVERLAY, OVERLAY])
        .check();
    let value = folder.history()[0]["x"].clone();
    let layers = value["all_boxes"].as_array().unwrap();
    assert!(layers.len() == 2 && layers[0] == layers[1] && layers[0]["p"].is_object());
    assert_eq!(value.get("all_masks"), None);
}

#[test]
fn media_has_its_keys_in_wandbs_order() {
    let folder = picture()
        .file("b.json", boxes(&[inside(0)]).to_string())
        .file(
            "m.json",
            json!({"m": {"mask_data": vec![vec![0; 8]; 6]}}).to_string(),
        );
    folder
        .convert("x.npy --masks m.json --boxes b.json --grouping 2 --caption")
        .converts(&["x_0_….png"])
        .also(&[BOXES, crate::layers::MASK, OVERLAY])
        .check();
    let row = folder.rows()[0].clone();
    let names: Vec<&String> = row["media"].as_object().unwrap().keys().collect();
    let expected = "caption _type sha256 size path format width height grouping boxes masks";
    assert_eq!(names, expected.split(' ').collect::<Vec<_>>());
    assert_eq!(
        row["class_labels"],
        json!({"boxes": {"p": {"0": "class_0"}}, "masks": {"m": {"0": "class_0"}}})
    );
}

#[test]
fn layer_names_lead_nowhere() {
    let layer = json!({"box_data": [inside(0)]});
    let layers = json!({"../../up": layer, "/root": layer, "": layer, "a\u{0}b\nc": layer});
    let folder = picture().file("b.json", layers.to_string());
    folder
        .convert("x.npy --boxes b.json")
        .converts(&["x_0_….png"])
        .also(&[BOXES, OVERLAY])
        .check();
    let row = folder.rows()[0].clone();
    assert_eq!(row["media"]["boxes"].as_object().unwrap().len(), 4);
    assert_eq!(
        folder.text(format!("{OUT}/manifest.jsonl")).lines().count(),
        1
    );
}
