"""A `.wandb` file, read by W&B's own reader."""

import json

from wandb.proto.wandb_internal_pb2 import Record
from wandb.sdk.internal.datastore import DataStore


def payloads(log):
    store = DataStore()
    store.open_for_scan(str(log))
    while (data := store.scan_data()) is not None:
        yield data
    store.close()


def read(log):
    """All records."""
    records = []
    for data in payloads(log):
        record = Record()
        record.ParseFromString(data)
        records.append(record)
    return records


def log_of(run):
    (log,) = run.glob("*.wandb")
    return log


def kinds(records):
    return [record.WhichOneof("record_type") for record in records]


def unflatten(items):
    """The object that nested items are the leaves of."""
    root = {}
    for item in items:
        *way, last = item.nested_key or [item.key]
        inside = root
        for key in way:
            inside = inside.setdefault(key, {})
        assert last not in inside, f"{way} {last} is there twice"
        inside[last] = json.loads(item.value_json)
    return root
