//! Names of class ids: `--classes`, those of layers, and defaults (D10).

use serde_json::{Value, json};

use crate::layers::{BOXES, MASK, OVERLAY, boxes, inside, picture};

/// What `_wandb` of the config has for a layer of the key `x`.
fn config_entry(kind: &str, layer: &str, labels: &Value) -> Value {
    let name = format!("x_wandb_delimeter_{layer}");
    json!({"type": kind, "key": name, "value": labels})
}

#[test]
fn classes_name_the_ids_of_layers_that_bring_no_labels_in_all_three_forms() {
    for classes in [
        json!([{"id": 0, "name": "nothing"}, {"id": 1, "name": "猫"}]),
        json!({"0": "nothing", "1": "猫"}),
        json!(["nothing", "猫"]),
    ] {
        let own = json!({"box_data": [inside(1)], "class_labels": {"1": "mine"}});
        let layers = json!({"p": {"box_data": [inside(1)]}, "own": own});
        let mask = json!({"m": {"mask_data": vec![vec![1; 8]; 6]}});
        let folder = picture()
            .file("b.json", layers.to_string())
            .file("m.json", mask.to_string())
            .file("c.json", classes.to_string());
        folder
            .convert("x.npy --boxes b.json --masks m.json --classes c.json")
            .converts(&["x_0_….png"])
            .also(&[BOXES, BOXES, MASK, OVERLAY])
            .check();
        let named = json!({"0": "nothing", "1": "猫"});
        let row = folder.rows()[0].clone();
        assert_eq!(
            row["class_labels"],
            json!({"boxes": {"p": named, "own": {"1": "mine"}}, "masks": {"m": named}})
        );
        let config = folder.config()["_wandb"].clone();
        let (kind, masks) = ("bounding_box/class_labels", "mask/class_labels");
        assert_eq!(
            config,
            json!({
                kind: {
                    "x_wandb_delimeter_p": config_entry(kind, "p", &named),
                    "x_wandb_delimeter_own": config_entry(kind, "own", &json!({"1": "mine"})),
                },
                masks: {"x_wandb_delimeter_m": config_entry(masks, "m", &named)},
            })
        );
        let file = folder.file_of(&row["media"]["boxes"]["p"]);
        assert_eq!(
            file,
            layers["p"].to_string().into_bytes(),
            "the file is as given"
        );
    }
}

#[test]
fn ids_that_classes_do_not_name_have_a_default_and_are_told() {
    let folder = picture()
        .file("b.json", boxes(&[inside(9), inside(0)]).to_string())
        .file("c.json", r#"["zero"]"#);
    folder
        .convert("x.npy --boxes b.json --classes c.json")
        .converts(&["x_0_….png"])
        .also(&[BOXES, OVERLAY])
        .stderr(["wbimg: warning: x.npy: p: no label for class 9 [unlabelled-id]"])
        .check();
    assert_eq!(
        folder.rows()[0]["class_labels"],
        json!({"boxes": {"p": {"0": "zero", "9": "class_9"}}})
    );
}

#[test]
fn an_id_whose_name_is_class_and_its_number_has_a_name() {
    let folder = picture()
        .file("b.json", boxes(&[inside(1)]).to_string())
        .file("c.json", r#"{"1":"class_1"}"#);
    folder
        .convert("x.npy --boxes b.json --classes c.json --strict")
        .converts(&["x_0_….png"])
        .also(&[BOXES, OVERLAY])
        .check();
}

#[test]
fn layers_without_labels_have_defaults_for_the_ids_that_occur_in_order() {
    let folder = picture().file(
        "b.json",
        boxes(&[inside(10), inside(9), inside(10)]).to_string(),
    );
    folder
        .convert("x.npy --boxes b.json")
        .converts(&["x_0_….png"])
        .also(&[BOXES, OVERLAY])
        .check();
    assert_eq!(
        folder.rows()[0]["class_labels"]["boxes"]["p"].to_string(),
        r#"{"9":"class_9","10":"class_10"}"#
    );
}

#[test]
fn classes_without_a_layer_change_nothing() {
    let folder = picture().file("c.json", r#"["zero"]"#);
    folder
        .convert("x.npy --classes c.json")
        .converts(&["x_0_….png"])
        .check();
    assert_eq!(folder.rows()[0]["class_labels"], Value::Null);
}

#[test]
fn what_are_no_classes_is_refused() {
    for (classes, message) in [
        (json!(5), "classes: is an integer, but must be ACCEPTED"),
        (
            json!([5]),
            "classes[0]: is an integer, but must be ACCEPTED",
        ),
        (
            json!([{"id": 1}]),
            "classes[0]: has no name; classes are ACCEPTED",
        ),
        (
            json!(["a", {"name": "b"}]),
            "classes[1]: has no id; classes are ACCEPTED",
        ),
        (
            json!([{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]),
            "classes[1]: names an id that stands in the list already",
        ),
        (
            json!({"0": 5}),
            "classes.0: is an integer, but must be a string, the name of the class",
        ),
        (
            json!({"cat": "0"}),
            "classes.cat: names no class id, which must be a number",
        ),
    ] {
        let accepted = r#"[{"id":0,"name":"person"}], {"0":"person"} or ["person"]"#;
        let message = message.replace("ACCEPTED", accepted);
        let folder = picture().file("c.json", classes.to_string());
        folder
            .convert("x.npy --classes c.json")
            .stderr([format!("wbimg: error: --classes c.json: {message}")])
            .exit(2)
            .check();
    }
}

#[test]
fn the_last_row_with_a_layer_gives_its_labels_to_the_config() {
    let layer = |name: &str| json!({"p": {"box_data": [inside(1)], "class_labels": {"1": name}}});
    let folder = picture()
        .file("b.json", layer("old").to_string())
        .file("c.json", layer("new").to_string());
    for (file, step) in [("c.json", 2), ("b.json", 1)] {
        folder
            .convert(&format!("x.npy --boxes {file} --step {step}"))
            .any_stdout()
            .any_writes()
            .check();
    }
    let kind = "bounding_box/class_labels";
    assert_eq!(
        folder.config()["_wandb"][kind]["x_wandb_delimeter_p"],
        config_entry(kind, "p", &json!({"1": "new"})),
        "rows are ordered by step, whichever came first"
    );
}
