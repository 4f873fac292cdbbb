#!/usr/bin/env python3
"""Writes tests/hostile/: files that attack the reader, or are no checkpoint at all, and expected.txt
with the error code that each must end with.

Needs nothing but Python. Run without arguments; the products are committed.
"""
import io
import json
import pathlib
import pickle
import struct
import zipfile
import zlib

OUT = pathlib.Path(__file__).resolve().parent.parent / "hostile"
expected = {}


def write(name, code, content):
    (OUT / name).write_bytes(content)
    expected[name] = code


# --- pickles, opcode by opcode ---------------------------------------------------------------

def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def integer(value):
    if -2**31 <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes(16, "little", signed=True)
    while len(data) > 1 and data[-1] in (0, 255) and (data[-1] ^ data[-2]) < 128:
        data = data[:-1]
    return b"\x8a" + bytes([len(data)]) + data


def name_of(full):
    module, _, leaf = full.rpartition(".")
    return f"c{module}\n{leaf}\n".encode()


def pack(*items):
    return b"(" + b"".join(items) + b"t"


def call(function, *arguments):
    return name_of(function) + pack(*arguments) + b"R"


def table(members):
    return b"}(" + b"".join(text(k) + v for k, v in members.items()) + b"u"


def program(body):
    return b"\x80\x02" + body + b"."


def tensor(shape=(2, 3), strides=(3, 1), offset=0, count=6, kind="torch.FloatStorage", key="0"):
    storage = pack(text("storage"), name_of(kind), text(key), text("cpu"), integer(count)) + b"Q"
    return call("torch._utils._rebuild_tensor_v2", storage, integer(offset),
                pack(*map(integer, shape)), pack(*map(integer, strides)), b"\x89", b"}")


# --- zip archives, field by field ------------------------------------------------------------

def local(name, data, extra=b"", method=0, flags=0, crc=None):
    raw_name = name.encode()
    crc = zlib.crc32(data) if crc is None else crc
    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, method, 0, 0, crc, len(data),
                       len(data), len(raw_name), len(extra)) + raw_name + extra + data


def record(name, data, offset, extra=b"", method=0, flags=0, crc=None, size=None, stored=None):
    raw_name = name.encode()
    crc = zlib.crc32(data) if crc is None else crc
    size = len(data) if size is None else size
    stored = size if stored is None else stored
    return struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, flags, method, 0, 0, crc, stored,
                       size, len(raw_name), len(extra), 0, 0, 0, 0, offset) + raw_name + extra


def end(count, size, offset):
    return struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, size, offset, 0)


def archive(entries, count=None, directory_shift=0, **options):
    body, directory = b"", b""
    for name, data in entries:
        shared = {k: v for k, v in options.items() if k in ("method", "flags", "crc")}
        directory += record(name, data, len(body), **options)
        body += local(name, data, **shared)
    count = len(entries) if count is None else count
    return body + directory + end(count, len(directory), len(body) + directory_shift)


FLOATS = struct.pack("<6f", *range(6))
GOOD = program(table({"weight": tensor()}))


def checkpoint(body, storage=FLOATS, **options):
    return archive([("a/data.pkl", program(body)), ("a/data/0", storage), ("a/version", b"3\n")],
                   **options)


def zip_pickles():
    def beside(value):
        return checkpoint(table({"state_dict": table({"weight": tensor()}), "extra": value}))

    write("zip_os_system.pth", "P004", checkpoint(call("os.system", text("echo hacked"))))
    write("zip_named_only.pth", "P004", beside(name_of("subprocess.Popen")))
    write("zip_eval.pth", "P004", checkpoint(call("__builtin__.eval", text("1"))))
    stack_global = text("builtins") + text("exec") + b"\x93" + pack(text("1")) + b"R"
    write("zip_stack_global.pth", "P004", checkpoint(stack_global))
    write("zip_inst.pth", "P004", checkpoint(b"(" + text("echo") + b"iposix\nsystem\n"))
    bomb = b"]q\0" + b"".join(b"]q%c(" % k + b"h%c" % (k - 1) * 16 + b"e" for k in range(1, 30))
    write("zip_memo_bomb.pth", "P002", beside(b"(" + bomb + b"t"))
    write("zip_module_bomb.pth", "P002", checkpoint(module_bomb()))
    write("zip_string_bomb.pth", "P002",
          beside(b"](" + text("x" * 50_000) + b"q\1" + b"h\1" * 1000 + b"e"))
    write("zip_cycle.pth", "P002", beside(b"]q\1h\1a"))
    write("zip_deep_lists.pth", "P002", beside(b"]" * 50_000 + b"a" * 49_999))
    write("zip_tensor_in_itself.pth", "P001", checkpoint(table({
        "weight": name_of("torch.nn.parameter.Parameter") + b")\x81q\1" + pack(b"h\1") + b"b"})))
    write("zip_globals.pth", "P002",
          beside(b"(" + b"".join(b"cm\n%d\n" % k for k in range(6000)) + b"t"))
    write("zip_long_name.pth", "P002", beside(b"cm\n" + b"n" * 5000 + b"\n"))
    write("zip_string_length.pth", "P001", checkpoint(b"X\xff\xff\xff\xff"))
    write("zip_string_length8.pth", "P001", checkpoint(b"\x8d" + b"\xff" * 8))
    write("zip_memo_index.pth", "P002", checkpoint(b"Nr\xff\xff\xff\xff"))
    write("zip_memo_unknown.pth", "P001", checkpoint(b"h\7"))
    write("zip_opcode.pth", "P003", checkpoint(b"\xff"))
    write("zip_stack_underflow.pth", "P001", checkpoint(b"NR"))
    write("zip_append_to_none.pth", "P001", checkpoint(b"NNa"))
    write("zip_odd_dict.pth", "P001", checkpoint(b"}(Nu"))
    write("zip_same_key.pth", "P001",
          checkpoint(b"}(" + (text("weight") + tensor()) * 2 + b"u"))
    write("zip_protocol.pth", "P001", archive([("a/data.pkl", b"\x80\x09N.")]))


def module_bomb():
    """Each module has the previous one twice: 2 to the power of 60 modules."""
    def module(memo, children):
        state = {"_parameters": b"}", "_buffers": b"}", "_modules": table(children)}
        return (name_of("torch.nn.modules.container.Sequential") + b")\x81" + table(state)
                + b"bq" + bytes([memo]))
    body = pack(module(0, {})) + b"0"
    for k in range(1, 60):
        inner = b"h" + bytes([k - 1])
        body += module(k, {"a": inner, "b": inner}) + b"0"
    return body + b"h" + bytes([59])


def zip_tensors():
    def one(**options):
        return checkpoint(table({"head.weight": tensor(**options)}))

    write("zip_negative_size.pth", "C011", one(shape=(-2, 3)))
    write("zip_negative_stride.pth", "C011", one(strides=(-3, 1)))
    write("zip_negative_offset.pth", "C011", one(offset=-1))
    write("zip_offset.pth", "C011", one(offset=1))
    write("zip_huge_offset.pth", "C011", one(offset=2**62))
    write("zip_overflow.pth", "C011", one(shape=(2**32, 2**32), strides=(0, 0)))
    write("zip_stride_overflow.pth", "C011", one(shape=(3, 3), strides=(2**62, 2**62)))
    write("zip_expanded.pth", "C011", one(shape=(2**20, 2**10), strides=(0, 0)))
    write("zip_rank.pth", "P001", one(shape=(1,) * 70, strides=(1,) * 70))
    write("zip_stride_count.pth", "C011", one(strides=(1,)))
    write("zip_storage_size.pth", "C011", one(count=7))
    write("zip_storage_count.pth", "P001", one(count=2**62))
    write("zip_storage_missing.pth", "C004", one(key="17"))
    write("zip_storage_path.pth", "C004", one(key="../../data.pkl"))
    write("zip_storage_type.pth", "C009", one(kind="torch.FancyStorage"))
    write("zip_storage_class.pth", "P001", one(kind="numpy.FloatStorage"))


def zip_containers():
    good = [("a/data.pkl", GOOD), ("a/data/0", FLOATS)]
    write("zip_duplicate.pth", "C004", archive(good + [("a/data/0", FLOATS)]))
    write("zip_two_pickles.pth", "C004", archive(good + [("b/data.pkl", GOOD)]))
    for k, name in enumerate(("../evil", "/etc/passwd", "a/../../evil", "a\\evil", "c:evil", "")):
        write(f"zip_path{k}.pth", "C004", archive(good + [(name, b"x")]))
    write("zip_compressed.pth", "C004", archive(good, method=8))
    write("zip_encrypted.pth", "C004", archive(good, flags=1))
    write("zip_checksum.pth", "C004", archive(good, crc=12345))
    write("zip_count_more.pth", "C004", archive(good, count=3))
    write("zip_count_less.pth", "C004", archive(good, count=1))
    write("zip_count_most.pth", "C004", archive(good, count=65534))
    write("zip_directory.pth", "C004", archive(good, directory_shift=4))
    write("zip_directory_far.pth", "C004", archive(good, directory_shift=2**31))
    write("zip_size.pth", "C004", archive(good, size=2**31))
    write("zip_sizes_differ.pth", "C004", archive(good, size=5, stored=4))
    write("zip_size64.pth", "C004",
          archive(good, size=2**32 - 1, extra=struct.pack("<HHQQ", 1, 16, 2**63, 2**63)))
    write("zip_size64_short.pth", "C004",
          archive(good, size=2**32 - 1, extra=struct.pack("<HHQ", 1, 8, 5)))
    write("zip_no_pickle.zip", "C003", archive([("photo.txt", b"hello")]))
    write("zip_no_end.pth", "C002", archive(good)[:-22])
    zip_overlaps()
    zip64_lies(good)


def zip_overlaps():
    inner = local("a/data/0", FLOATS)
    body = local("a/data.pkl", GOOD)
    outer = local("a/data/1", inner + bytes(8))
    at = len(body) + len(outer) - len(inner) - 8
    directory = (record("a/data.pkl", GOOD, 0) + record("a/data/1", inner + bytes(8), len(body))
                 + record("a/data/0", FLOATS, at))
    write("zip_overlap.pth", "C004",
          body + outer + directory + end(3, len(directory), len(body) + len(outer)))
    directory = record("a/data.pkl", GOOD, 0) + record("a/other", GOOD, 0)
    write("zip_other_name.pth", "C004", body + directory + end(2, len(directory), len(body)))


def zip64_lies(good):
    body, directory = b"", b""
    for name, data in good:
        directory += record(name, data, len(body))
        body += local(name, data)

    def with_end64(count, size, offset, at=None):
        at = len(body) + len(directory) if at is None else at
        record64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size,
                               offset)
        locator = struct.pack("<4sIQI", b"PK\6\7", 0, at, 1)
        return body + directory + record64 + locator + end(65535, 2**32 - 1, 2**32 - 1)

    size = len(directory)
    write("zip64_count.pth", "C004", with_end64(2**40, size, len(body)))
    write("zip64_offset.pth", "C004", with_end64(2, size, 2**63))
    write("zip64_sum.pth", "C004", with_end64(2, 2**64 - 10, len(body)))
    write("zip64_locator.pth", "C004", with_end64(2, size, len(body), 2**50))
    write("zip64_missing.pth", "C004", body + directory + end(65535, 2**32 - 1, 2**32 - 1))


# --- the other formats -----------------------------------------------------------------------

def legacy(body, keys, data, protocol=1001):
    info = {"protocol_version": 1001, "little_endian": True}
    return b"".join(pickle.dumps(p, 2) for p in (0x1950A86A20F9469CFC6C, protocol, info)) \
        + program(body) + pickle.dumps(keys, 2) + data


def legacy_files():
    body = table({"weight": tensor()})
    data = struct.pack("<q", 6) + FLOATS
    write("legacy_count.pth", "C002", legacy(body, ["0"], struct.pack("<Q", 2**62) + FLOATS))
    write("legacy_count_negative.pth", "C002", legacy(body, ["0"], struct.pack("<q", -1) + FLOATS))
    write("legacy_unknown_key.pth", "P001", legacy(body, ["0", "1"], data * 2))
    write("legacy_twice.pth", "P001", legacy(body, ["0", "0"], data * 2))
    write("legacy_no_keys.pth", "C011", legacy(body, [], b""))
    write("legacy_protocol.pth", "P001", legacy(body, ["0"], data, 7))
    write("legacy_keys.pth", "P001", legacy(body, {"0": 1}, data))
    write("legacy_os_system.pth", "P004", legacy(call("os.system", text("id")), [], b""))
    two = table({"a": tensor(), "b": tensor(kind="torch.DoubleStorage")})
    write("legacy_two_types.pth", "P001", legacy(two, ["0"], data))


def header(name, size, kind=b"0"):
    block = bytearray(512)
    block[:len(name)] = name
    block[100:108] = b"0000644\0"
    block[124:136] = b"%011o\0" % size
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def tar(members, **replaced):
    content = b""
    for name, data in {**members, **replaced}.items():
        content += header(name.encode(), len(data)) + data + bytes(-len(data) % 512)
    return content + bytes(1024)


def tar_files():
    small = [pickle.dumps({"little_endian": True}, 2)]
    storage = (pickle.dumps(1, 2) + program(pack(integer(101), text("cpu"),
                                                 name_of("torch.FloatStorage")))
               + struct.pack("<q", 6) + FLOATS)
    entry = program(pack(integer(201), integer(101), name_of("torch.FloatTensor")))
    good = struct.pack("<i4xqqqqq", 2, 2, 3, 3, 1, 0)
    members = {"sys_info": small[0], "storages": storage + pickle.dumps([], 2),
               "tensors": pickle.dumps(1, 2) + entry + good,
               "pickle": program(table({"weight": text("201") + b"Q"}))}
    start = header(b"sys_info", 8**11 - 1)
    write("tar_size.pth", "C002", start + bytes(512))
    write("tar_checksum.pth", "C006", start[:148] + b"000001\0 " + start[156:] + bytes(1024))
    write("tar_link.pth", "C006", header(b"sys_info", 0, b"2") + bytes(1024))
    write("tar_path.pth", "C006", tar({"../sys_info": small[0]}))
    write("tar_duplicate.pth", "C006", tar(members)[:-1024] + tar(members))
    write("tar_extended.pth", "C006",
          header(b"x", 19, b"x") + b"19 size=1234567890\n".ljust(512, b"\0") + tar(members))
    write("tar_missing.pth", "C006", tar({"sys_info": small[0]}))
    write("tar_rank.pth", "C006", tar(members, tensors=pickle.dumps(1, 2) + entry
                                      + struct.pack("<i4x", 2**30)))
    write("tar_tensor_outside.pth", "C011", tar(
        members, tensors=pickle.dumps(1, 2) + entry + struct.pack("<i4xqqqqq", 2, 2, 3, 3, 1, 1)))
    write("tar_storage.pth", "C006", tar(
        members, storages=storage.replace(struct.pack("<q", 6), struct.pack("<q", 2**61), 1)))
    write("tar_count.pth", "C006", tar(members, tensors=pickle.dumps(10**15, 2)))
    write("tar_view.pth", "C006", tar(members, storages=storage
                                      + pickle.dumps([(102, 101, 3, 4)], 2)))
    write("tar_view_negative.pth", "C006", tar(members, storages=storage
                                               + pickle.dumps([(102, 101, -1, 2)], 2)))


def safe(head, data=bytes(8), length=None):
    head = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<Q", len(head) if length is None else length) + head + data


def safetensors_files():
    def entry(begin, finish, shape=(2,), dtype="F32"):
        return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, finish]}

    one = {"a": entry(0, 8)}
    write("safe_length.safetensors", "C007", safe(one, length=2**39))
    write("safe_length_short.safetensors", "C002", safe(one, length=5_000_000))
    write("safe_overlap.safetensors", "C007", safe({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12)))
    write("safe_same_range.safetensors", "C007", safe({"a": entry(0, 8), "b": entry(0, 8)}))
    write("safe_hole.safetensors", "C007", safe({"a": entry(0, 8), "b": entry(12, 20)}, bytes(20)))
    write("safe_tail.safetensors", "C007", safe(one, bytes(12)))
    write("safe_outside.safetensors", "C007", safe({"a": entry(0, 2**63)}))
    write("safe_backwards.safetensors", "C007", safe({"a": entry(8, 0)}))
    write("safe_overflow.safetensors", "C007", safe({"a": entry(0, 8, (2**62, 2**62, 4))}))
    write("safe_size.safetensors", "C007", safe({"a": entry(0, 8, (3,))}))
    write("safe_negative.safetensors", "C007", safe({"a": entry(0, 8, (-2,))}))
    write("safe_fraction.safetensors", "C007", safe({"a": entry(0, 8, (2.5,))}))
    write("safe_duplicate.safetensors", "C007",
          safe(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
               b'"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'))
    write("safe_deep.safetensors", "C007", safe(b'{"a":' + b"[" * 50_000))
    write("safe_no_json.safetensors", "C007", safe(b"{a: 1}"))
    write("safe_list.safetensors", "C007", safe(b'{"a":[1,2]}'))
    write("safe_no_range.safetensors", "C007", safe(b'{"a":{"dtype":"F32","shape":[2]}}'))
    write("safe_float8.safetensors", "C009", safe({"a": entry(0, 8, (8,), "F8_E4M3")}))
    write("safe_empty.safetensors", "C010", safe({"__metadata__": {}}, b""))


def pickle_files():
    write("pickle_marks.pkl", "P002", b"\x80\x02" + b"(" * 50_000 + b".")
    write("pickle_os_system.pkl", "P004", b"cos\nsystem\n(S'id'\ntR.")
    write("pickle_sklearn.pkl", "C010", program(name_of("sklearn.svm._classes.SVC") + b")\x81}b"))
    write("pickle_no_bytes.pkl", "P001", program(table({"weight": tensor()})))
    nested = call("torch.storage._load_from_bytes", b"B" + struct.pack("<I", 5) + b"hello")
    bad = call("torch._utils._rebuild_tensor_v2", nested, integer(0), pack(integer(1)),
               pack(integer(1)), b"\x89", b"}")
    write("pickle_nested.pkl", "P001", program(table({"weight": bad})))


def script_archive(root, program_text=b"class M(Module):\n"):
    """As torch.jit.save writes it: the text of programs is compressed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive_file:
        for name, data, method in (("a/data.pkl", program(root), zipfile.ZIP_STORED),
                                   ("a/data/0", FLOATS, zipfile.ZIP_STORED),
                                   ("a/constants.pkl", program(b")"), zipfile.ZIP_STORED),
                                   ("a/code/__torch__.py", program_text, zipfile.ZIP_DEFLATED)):
            archive_file.writestr(zipfile.ZipInfo(name), data, method)
    return content.getvalue()


def script_files():
    module = lambda members: name_of("__torch__.M") + b")\x81" + table(
        {"training": b"\x89", **members}) + b"b"
    write("script_bomb.pt", "P002",
          script_archive(module({"weight": tensor()}), bytes(40 << 20)))
    itself = name_of("__torch__.M") + b")\x81q\1" + table({"training": b"\x89", "m": b"h\1"}) + b"b"
    write("script_cycle.pt", "P002", script_archive(itself))
    shared = module({"weight": tensor()})
    for k in range(30):
        shared = module({"a": shared + b"q%c" % (k + 1), "b": b"h%c" % (k + 1)})
    write("script_module_bomb.pt", "P002", script_archive(shared))
    write("script_no_weights.pt", "C005", script_archive(module({})))
    damaged = script_archive(module({"weight": tensor()}), bytes(range(256)) * 4)
    at = damaged.index(b"__torch__.py") + len("__torch__.py")
    write("script_damaged.pt", "P002", damaged[:at] + b"\xff" * 20 + damaged[at + 20:])


def export_files():
    def exported(config, extra=()):
        return archive([("a/archive_format", b"pt2"),
                        ("a/data/weights/model_weights_config.json", json.dumps(config).encode()),
                        ("a/data/weights/weight_0", FLOATS), *extra])
    meta = {"dtype": 7, "sizes": [{"as_int": 2}], "strides": [{"as_int": 1}],
            "storage_offset": {"as_int": 0}}
    entry = {"path_name": "weight_0", "use_pickle": False, "tensor_meta": meta}
    one = lambda **changed: exported({"config": {"weight": {**entry, **changed}}})
    write("export_far.pt2", "C011", one(tensor_meta={**meta, "sizes": [{"as_int": 9}]}))
    write("export_negative.pt2", "C011", one(tensor_meta={**meta, "storage_offset": -1}))
    write("export_no_bytes.pt2", "C004", one(path_name="weight_7"))
    write("export_type.pt2", "C004", one(tensor_meta={**meta, "dtype": 99}))
    write("export_shape.pt2", "C004", one(tensor_meta={**meta, "sizes": [{"as_expr": "s0"}]}))
    write("export_pickled.pt2", "C009", one(use_pickle=True))
    write("export_no_config.pt2", "C004", exported([1, 2]))
    write("export_empty.pt2", "C010", exported({"config": {}}))
    inside = archive([("serialized_exported_program.json", b"{}"),
                      ("serialized_state_dict.pt", checkpoint(table({"weight": tensor()})))])
    write("export_in_itself.pt2", "C003", archive([("serialized_exported_program.json", b"{}"),
                                                   ("serialized_state_dict.pt", inside)]))


def other_files():
    write("empty.pth", "C002", b"")
    write("lfs_pointer.pth", "C003", b"version https://git-lfs.github.com/spec/v1\n"
          b"oid sha256:4d7a2146aa\nsize 12345\n")
    write("error_page.pth", "C003", b"<!DOCTYPE html>\n<html><body>404</body></html>\n")
    write("index.pth", "C003", b'{"metadata": {}, "weight_map": {"a": "model-1.safetensors"}}')
    write("photo.pth", "C003", b"\xff\xd8\xff\xe0\0\x10JFIF")
    write("gzip.pth", "C003", b"\x1f\x8b\x08\0")
    write("onnx.pth", "C003", b"\x08\x08\x12\x07pytorch")
    write("noise.pth", "C003", bytes(range(200, 256)) * 4)
    write("joblib.pkl", "C003", b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x13joblib.numpy_pickle\x94.")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    zip_pickles()
    zip_tensors()
    zip_containers()
    legacy_files()
    tar_files()
    safetensors_files()
    pickle_files()
    script_files()
    export_files()
    other_files()
    lines = [f"{name} {code}\n" for name, code in sorted(expected.items())]
    (OUT / "expected.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
