"""Writes the inputs that fuzzing starts from: what is in fixtures/, and what was made to break programs. Random
mutation alone finds neither a container's inner structure nor a lie about a size; crafted files do.

    seeds.py CORPUS       writes CORPUS/<target>/<name>, and leaves what is there
"""
import io
import json
import os
import struct
import sys
import zipfile
import zlib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FIXTURES = os.path.join(ROOT, "fixtures")
MOST = 64 << 10

# mode, file type, scaling, layout, colour, flags: see src/choices.rs.
PLAIN = bytes(6)
CHOICES = [PLAIN, bytes([4, 2, 0, 0, 0, 1]), bytes([1, 1, 1, 0, 0, 3]), bytes([5, 4, 3, 5, 1, 5]),
           bytes([0, 3, 2, 6, 0x80, 0xc0]), bytes([8, 2, 0, 3, 2, 0x41]), bytes([7, 1, 0, 0, 0, 0x81])]


def fixtures(*extensions):
    found = []
    for folder, _, names in sorted(os.walk(FIXTURES)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(extensions) and os.path.getsize(path) <= MOST:
                with open(path, "rb") as file:
                    found.append((os.path.relpath(path, FIXTURES).replace("/", "-"), file.read()))
    return found


def npy(header, data=bytes(64), version=1, length=None):
    header = header.encode("latin-1") + b"\n"
    length = len(header) if length is None else length
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", length) + header + data


def array(descr, shape, data=bytes(64), fortran=False, **more):
    return npy(f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}", data, **more)


def hostile_npy():
    start = "{'descr': '<f4', 'fortran_order': False, 'shape': "
    yield "nested-lists", npy(start + "[" * 20 + "1" + "]" * 20 + ", }")
    yield "nested-tuples", npy(start + "(" * 4000 + "1," + ")" * 4000 + ", }")
    yield "nested-dicts", npy("{'descr': '<f4', 'x': " + "{" * 5000 + "}")
    yield "length", npy(start + "(2, 3), }", version=2, length=0xFFFFFFFF)
    for n, shape in enumerate(["(131072, 131072)", "(0, 4294967296, 4294967296)", "(4294967296, 4294967296, 2)",
                               "(18446744073709551615, 3)", "(99999999999999999999, 3)", "(-1, 3)", "(1, 1, 1, 1)",
                               "(1, 1, 1, 1, 1, 1, 1, 1, 2, 3)", "()", "(0, 3)", "(1, 1000000000, 1)", "(1000000, 1, 1, 1)",
                               "(65501, 1)", "(1, 65501)", "(2, 4, 2)", "(3, 2, 2)", "(2, 3, 2, 2)"]):
        yield f"shape-{n}", array("|u1", shape)
    yield "gaps", array("<f4", "(2, 2, 3)", struct.pack("<12f", *[float("nan"), float("inf"), -1e38, 1e38, -0.0, 1.001,
                                                                  1e-45, 0.5, -0.5, 255.9, 1, 2]))
    for descr in ["<f2", ">f8", "<c8", "|b1", "<i8", ">u2", "|O", "<U3", "|V4", "<M8[s]", "[('a', '<f4')]"]:
        yield f"type-{descr.strip('<>|[]()')}".replace("'", ""), array(descr, "(2, 2, 2)", bytes(range(128)))


def zipped(*members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def patched(data, at, value):
    return data[:at] + value + data[at + len(value):]


def safetensors(header, data=bytes(48)):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def pickled(body, storage=bytes(48), extra=()):
    """A zip as torch.save writes it, with this pickle in it."""
    return zipped(("x/data.pkl", b"\x80\x02" + body + b"."), ("x/byteorder", b"little"), ("x/data/0", storage),
                  ("x/version", b"3\n"), *extra)


def tensor(kind, numel, offset, shape, strides):
    def text(value):
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    def ints(values):
        return b"(" + b"".join(b"\x8a\x08" + struct.pack("<q", value) for value in values) + b"t"
    number = b"\x8a\x08" + struct.pack("<q", numel)
    storage = b"(" + text("storage") + b"ctorch\n" + kind.encode() + b"\n" + text("0") + text("cpu") + number + b"tQ"
    start = b"\x8a\x08" + struct.pack("<q", offset)
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + start + ints(shape) + ints(strides)
            + b"\x89ccollections\nOrderedDict\n)RtR")


def hostile_containers():
    good = array("|u1", "(2, 2, 3)", bytes(range(12)))
    two = zipped(("a.npy", good), ("b.npy", good), method=zipfile.ZIP_DEFLATED)
    yield "two.npz", two
    yield "traversal.npz", zipped(("../../x.npy", good), ("/etc/x.npy", good), ("a\\..\\b.npy", good), (" ", good))
    yield "same.npz", zipped(("a.npy", good), ("a.npy", good))
    yield "lies.npz", patched(two, two.rindex(b"PK\x01\x02") + 24, struct.pack("<I", 0x7fffffff))
    yield "overlap.npz", patched(two, two.rindex(b"PK\x01\x02") + 42, struct.pack("<I", 0))
    yield "outside.npz", patched(two, two.rindex(b"PK\x01\x02") + 42, struct.pack("<I", 0xfffffff0))
    yield "count.npz", patched(two, two.rindex(b"PK\x05\x06") + 10, struct.pack("<H", 0xffff))
    yield "bomb.npz", zipped(("a.npy", array("|u1", "(4096, 4096)", bytes(1 << 24))), method=zipfile.ZIP_DEFLATED)
    yield "objects.npz", zipped(("a.npy", array("|O", "(2, 2)")), ("b.npy", good))
    yield "empty.npz", zipped()
    entry = {"dtype": "F32", "shape": [2, 2, 3], "data_offsets": [0, 48]}
    yield "good.safetensors", safetensors({"a": entry, "__metadata__": {"format": "pt"}})
    yield "bf16.safetensors", safetensors({"a": {"dtype": "BF16", "shape": [3, 2, 4], "data_offsets": [0, 48]}})
    yield "overlap.safetensors", safetensors({"a": entry, "b": entry})
    yield "huge.safetensors", safetensors({"a": {**entry, "shape": [2 ** 32, 2 ** 32], "data_offsets": [0, 2 ** 63]}})
    yield "backwards.safetensors", safetensors({"a": {**entry, "data_offsets": [48, 0]}})
    yield "long.safetensors", struct.pack("<Q", 2 ** 63) + b'{"a":'
    yield "deep.safetensors", safetensors(b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}")
    yield "twice.safetensors", safetensors(b'{"a":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]},'
                                           b'"a":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}}', bytes(4))
    yield "good.pt", pickled(tensor("FloatStorage", 12, 0, [3, 2, 2], [4, 2, 1]))
    yield "stride-0.pt", pickled(tensor("ByteStorage", 1, 0, [100000, 100000], [0, 0]), b"x")
    yield "negative.pt", pickled(tensor("FloatStorage", 12, -1, [2, 2], [-2, 1]))
    yield "overflow.pt", pickled(tensor("DoubleStorage", 12, 2 ** 62, [2 ** 31, 2 ** 31], [2 ** 32, 2 ** 32]))
    yield "system.pt", pickled(b"cos\nsystem\n(X\x04\x00\x00\x00truetR")
    yield "memo.pt", pickled(b"]" + b"q\x00h\x00a" * 500)
    yield "tuples.pt", pickled(b"N" + b"\x85" * 5000)
    yield "marks.pt", pickled(b"(" * 5000 + b"l" * 5000)
    yield "string.pt", pickled(b"X\xff\xff\xff\xff" + b"x" * 10)
    yield "self.pt", pickled(b"]q\x00h\x00a")
    plain = pickled(tensor("FloatStorage", 12, 0, [3, 2, 2], [4, 2, 1]))
    yield "claims.pt", patched(plain, plain.index(b"PK\x01\x02") + 24, struct.pack("<I", 32 << 20))
    yield "zeros.pt", zipped(("x/data.pkl", bytes(32 << 20)), ("x/data/0", bytes(48)), method=zipfile.ZIP_DEFLATED)
    yield "dict.pt", pickled(b"}(X\x01\x00\x00\x00a" + tensor("HalfStorage", 24, 0, [2, 3, 4], [12, 4, 1]) + b"u")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, color, data, *chunks):
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IDAT", zlib.compress(data, 9))
            + chunk(b"IEND", b""))


def tiff(entries, data=b""):
    """Little-endian; entries are (tag, type, values), data follows the directory."""
    sizes = {1: "B", 3: "H", 4: "I"}
    body, tail = b"", b""
    after = 8 + 2 + 12 * len(entries) + 4
    for tag, kind, values in entries:
        packed = struct.pack(f"<{len(values)}{sizes[kind]}", *values)
        if len(packed) > 4:
            packed, tail = struct.pack("<I", after + len(tail)), tail + packed
        body += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + body + bytes(4) + tail + data


def hostile_images():
    yield "one.png", png(1, 1, 8, 2, bytes(4))
    yield "wide.png", png(65501, 1, 8, 0, bytes(65502))
    yield "tall.png", png(1, 65501, 1, 0, bytes(2 * 65501))
    yield "terabytes.png", png(0x7fffffff, 0x7fffffff, 16, 6, bytes(10))
    yield "bomb.png", png(30000, 30000, 8, 6, bytes(1 << 20))
    yield "nothing.png", png(0, 0, 8, 0, b"")
    yield "profile.png", png(1, 1, 8, 2, bytes(4), chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(20 << 20), 9)))
    yield "text.png", png(1, 1, 8, 2, bytes(4), chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(20 << 20), 9)))
    yield "palette.png", png(2, 2, 8, 3, b"\0\xff\x01\0\x00\x02", chunk(b"PLTE", bytes(6)))
    yield "animated.png", png(1, 1, 8, 2, bytes(4), chunk(b"acTL", struct.pack(">II", 0xffffffff, 0)))
    bmp = b"BM" + struct.pack("<IHHI", 0, 0, 0, 54)
    for name, width, height, bits, kind in [("huge", 0x7fffffff, 0x7fffffff, 24, 0), ("upside", 3, -3, 24, 0),
                                            ("rle", 2, 2, 8, 1), ("least", 1, -0x80000000, 32, 3)]:
        yield f"{name}.bmp", bmp + struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, kind, 0, 0, 0, 0, 0) + bytes(64)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x4c\x01\0"
    yield "huge.gif", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6) + frame + b";"
    small = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    yield "frames.gif", b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + small * 500 + b";"
    size = (64, 64)
    tags = [(256, 3, size[:1]), (257, 3, size[1:]), (258, 3, (8, 8, 8)), (259, 3, (1,)), (262, 3, (2,)), (277, 3, (3,))]
    yield "planar-tiles.tiff", tiff([*tags, (284, 3, (2,)), (322, 3, (32,)), (323, 3, (32,)), (324, 4, (8,) * 12),
                                     (325, 4, (1024,) * 12)], bytes(4096))
    yield "strips.tiff", tiff([*tags, (273, 4, (0xfffffff0,)), (278, 4, (0xffffffff,)), (279, 4, (0xffffffff,))])
    yield "huge.tiff", tiff([(256, 4, (0xffffffff,)), (257, 4, (0xffffffff,)), (258, 3, (8,)), (259, 3, (1,)),
                             (262, 3, (1,)), (273, 4, (8,)), (277, 3, (1,)), (278, 4, (1,)), (279, 4, (1,))])
    yield "empty.webp", b"RIFF" + struct.pack("<I", 12) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(10)
    yield "wide.webp", (b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\x12\0\0\0"
                        + b"\xff\xff\xff\xff\xff\xff" + b"ANIM" + struct.pack("<I", 6) + bytes(6))
    yield "lossless.webp", b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8L" + struct.pack("<I", 10) + b"\x2f" + b"\xff" * 9
    start = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
    for name, width, height in [("huge", 65535, 65535), ("lines", 8, 0)]:
        header = struct.pack(">BHHB", 8, height, width, 3) + b"\1\x22\0\2\x11\1\3\x11\1"
        yield f"{name}.jpg", start + b"\xff\xc0" + struct.pack(">H", 2 + len(header)) + header + b"\xff\xd9"


SIDECARS = [
    {"caption": "a {stem}", "grouping": 3, "mode": "RGB", "file_type": "jpg", "normalize": False},
    {"classes": {"0": "cat", "7": "dog"}, "boxes": {"p/../q": {"box_data": [
        {"position": {"minX": 0.1, "maxX": 0.6, "minY": 0.2, "maxY": 0.9}, "class_id": 7, "box_caption": "é\u200e",
         "scores": {"acc": 0.5}, "domain": "percent"},
        {"position": {"middle": [30, 20], "width": 1e9, "height": -4}, "class_id": 0, "domain": "pixel"},
        {"position": {"minX": 1e308, "maxX": -1e308, "minY": 0, "maxY": 0}, "class_id": -9223372036854775808}],
        "class_labels": {"0": "a", "-1": "b"}}}},
    {"masks": {"m": {"mask_data": [[0, 1, 2], [255, 0, 7]], "class_labels": {"1": "x" * 300}}, "": {"path": "x.npy"}}},
    {"masks": {"m": {"mask_data": [[1] * 200] * 3}, "n": {"mask_data": [[0]]}}, "boxes": {"p": {"box_data": []}}},
]
JSONS = [b'{"caption": "a", "caption": "b"}', b'{"boxes": {"p": {"box_data": [{"position": 1e400}]}}}', b'[' * 3000,
         b'{"grouping": 18446744073709551616}', b'\xef\xbb\xbf{"caption": "\\ud800"}', b'{"normalize": null}', b'{}']
COCO = {"images": [{"id": 1, "file_name": "a.jpg", "width": 61, "height": 43}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 300, "name": "dog"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 20], "area": 4, "iscrowd": 0,
             "segmentation": [[1, 1, 20, 1, 20, 20, 1, 1e9]]},
            {"id": 2, "image_id": 1, "category_id": 300, "bbox": [-1, 2, 3e9, 2], "iscrowd": 1,
             "segmentation": {"size": [43, 61], "counts": [0, 10, 2613]}},
            {"id": 3, "image_id": 2, "category_id": 1, "bbox": [0, 0, 1, 1],
             "segmentation": {"size": [43, 61], "counts": "PPYo1"}}]}
YOLO = [b"0 0.5 0.5 0.2 0.2\n1 0.1 0.1 0.9 0.1 0.9 0.9\n", b"0 nan inf -1 2\n", b"99999999999 1 1 1 1 0.5\n"]
YAML = [b"names: [a, 'b', \"c\"]\nnc: 3\n", b"names:\n  0: a\n  1: b # c\n", b"names:\n- a\n- &x b\n- *x\n", b"a: {b: [c, {d: e}]}\n"]


def write(corpus, target, seeds):
    folder = os.path.join(corpus, target)
    os.makedirs(folder, exist_ok=True)
    count = 0
    for name, data in seeds:
        if len(data) <= MOST + 4096:
            count += 1
            with open(os.path.join(folder, "seed-" + name.replace("/", "-")), "wb") as file:
                file.write(data)
    print(f"{target}: {count} seeds")


def chosen(seeds):
    """Each with other choices before it, the crafted ones first."""
    for n, (name, data) in enumerate(seeds):
        yield name, PLAIN + data
        yield f"{name}-{n % len(CHOICES)}", CHOICES[n % len(CHOICES)] + data


def annotations():
    for n, value in enumerate(SIDECARS):
        text = json.dumps(value).encode()
        yield f"sidecar-{n}", b"\0" + text
        for which, name in [(1, "boxes"), (2, "masks"), (3, "classes")]:
            if name in value:
                yield f"{name}-{n}", bytes([which]) + json.dumps(value[name]).encode()
    for n, text in enumerate(JSONS):
        yield f"json-{n}", b"\0" + text
        yield f"classes-{n}", b"\3" + text
    yield "coco", b"\4" + json.dumps(COCO).encode()
    yield "results", b"\4" + json.dumps(COCO["annotations"]).encode()
    for which, texts in [(5, YOLO), (6, YAML), (7, [b"cat\n\n dog \r\n\xff\n"])]:
        for n, text in enumerate(texts):
            yield f"text-{which}-{n}", bytes([which]) + text
    for name, text in fixtures(".json"):
        for which in (0, 1, 2, 3, 4):
            yield f"{name}-{which}", bytes([which]) + text


def conversions(arrays, containers, images):
    inputs = [(name, data) for name, data in [*arrays, *containers, *images] if len(data) < 24 << 10]
    for n, (name, data) in enumerate(inputs):
        sidecar = b"" if n % 3 else json.dumps(SIDECARS[n // 3 % len(SIDECARS)]).encode()
        yield name, CHOICES[n % len(CHOICES)] + struct.pack("<H", len(sidecar)) + sidecar + data


def pngs():
    sizes = [(1, 1), (3, 70000), (70000, 1), (2, 2), (17, 9), (255, 3), (256, 8), (257, 65), (1000, 40), (8, 4096)]
    for n, (width, height) in enumerate(sizes):
        for color in range(8):
            for effort in range(3):
                head = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
                head = bytes([*head[:2], head[2] | (n * 27 & 0xfe), *head[3:5], head[5] | (n * 40 & 0xfe)])
                data = bytes((i * i * (n + 1) >> 3) & 255 for i in range(40 + 13 * n))
                yield f"{width}x{height}-{color}-{effort}", head + bytes([color, effort, (n + color) % 18]) + data


def main():
    corpus = sys.argv[1]
    arrays = [*hostile_npy(), *fixtures(".npy")]
    containers = [*hostile_containers(), *fixtures(".npz", ".pt", ".safetensors")]
    images = [*hostile_images(), *fixtures(".png", ".jpg", ".bmp", ".gif", ".webp", ".tiff")]
    write(corpus, "npy", chosen(arrays))
    write(corpus, "container", chosen(containers))
    write(corpus, "image_file", images)
    write(corpus, "annotations", annotations())
    write(corpus, "convert", conversions(arrays, containers, images))
    write(corpus, "png_round_trip", pngs())


main()
