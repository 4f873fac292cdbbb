#!/usr/bin/env python3
"""Disks that fill: a small tmpfs in a mount namespace of its own. Each command ends with O003 and exit code 3,
leaves whole files or none, and goes on when room was made. Ends with 77 where no such namespace can be had.

    full_disk_test.py TV2ONNX
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

INSIDE = "TV2ONNX_FULL_DISK_TEST"
if INSIDE not in os.environ:
    namespace = ["unshare", "--map-root-user", "--mount"]
    try:
        subprocess.run([*namespace, "mount", "-t", "tmpfs", "tmpfs", tempfile.gettempdir()], check=True,
                       capture_output=True)
    except (OSError, subprocess.CalledProcessError) as reason:
        print(f"skipped: no mount namespace of this user's own: {reason}")
        sys.exit(77)
    os.execvpe("unshare", [*namespace, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})

TOOL = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "tests/golden/runtime/batched.onnx"
SHAPES = ROOT / "examples/shapes"
PAGE = os.sysconf("SC_PAGE_SIZE")


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.place = pathlib.Path(self.temporary.name)
        self.disk = self.place / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={10 * PAGE}", "tmpfs", self.disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.disk], check=True)

    def resize(self, pages):
        subprocess.run(["mount", "-o", f"remount,size={pages * PAGE}", self.disk], check=True)

    def run_tool(self, *words):
        return subprocess.run([TOOL, *map(str, words)], text=True, capture_output=True)

    def done(self, *words):
        done = self.run_tool(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def fails(self, *words):
        """That it says why; what is left on the disk."""
        done = self.run_tool(*words)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("error[O003]", done.stderr)
        return {path.relative_to(self.disk): path.read_bytes()
                for path in self.disk.rglob("*") if path.is_file()}

    def images(self, count):
        """The photos, over and over."""
        folder = self.place / "images"
        folder.mkdir()
        photos = sorted((SHAPES / "images").glob("*.jpg"))
        for k in range(count):
            shutil.copy(photos[k % len(photos)], folder / f"{k:03}.jpg")
        return sorted(folder.iterdir())

    def test_a_list_goes_on_when_room_was_made(self):
        images = self.images(36)
        (self.place / "files.txt").write_text("".join(f"{image}\n" for image in images))
        words = ["predict", MODEL, "--list", self.place / "files.txt", "--part-size", "3", "--score", "0"]
        rows = self.disk / "rows"
        kept = self.fails(*words, "-o", rows)
        parts = [name for name in kept if name.name.startswith("shard")]
        self.assertGreater(len(parts), 2)
        self.assertLess(len(parts), 12)
        self.assertEqual(set(kept) - set(parts), {pathlib.Path("rows/run.json"), pathlib.Path("rows/list.txt")})
        for part in parts:
            self.assertEqual(kept[part].count(b"\n"), 4)
        self.assertIn("shards", self.run_tool("merge", rows, "--jsonl", "-").stderr)  # not complete
        self.assertEqual(self.fails(*words, "-o", rows), kept)  # still full: nothing is lost
        self.resize(100)
        self.assertIn(f"({len(parts)} were there already)", self.done(*words, "-o", rows))
        for part in parts:
            self.assertEqual((self.disk / part).read_bytes(), kept[part])
        # A merge that has no room leaves nothing, and what was there before.
        coco = self.disk / "found.json"
        coco.write_text("mine")
        self.resize(len(list(rows.iterdir())) + 3)
        kept = self.fails("merge", rows, "--coco", coco, "-f")
        self.assertEqual(kept[pathlib.Path("found.json")], b"mine")
        self.assertEqual(len(kept), 15)
        self.fails("merge", rows, "--jsonl", self.disk / "found.jsonl")
        self.resize(1000)
        self.done("merge", rows, "--coco", coco, "-f")
        self.done("merge", rows, "--jsonl", self.disk / "found.jsonl")
        self.done("predict", MODEL, *images, "--score", "0", "--coco", self.place / "one.json")
        self.assertEqual(coco.read_bytes(), (self.place / "one.json").read_bytes())
        self.assertEqual((self.disk / "found.jsonl").read_text().count("\n"), 36)

    def test_no_room_for_the_first_part(self):
        (self.place / "files.txt").write_text(f"{SHAPES}/images/000.jpg\n")
        words = ["predict", MODEL, "--list", self.place / "files.txt", "-o", self.disk / "rows"]
        for pages in (1, 2, 3):  # for the folder's own files not even
            self.resize(pages)
            (self.disk / "filler").write_bytes(b"x" * PAGE)
            self.fails(*words)
        self.resize(10)
        self.done(*words)
        self.assertEqual(self.done("merge", self.disk / "rows", "--jsonl", "-").count("\n"), 1)

    def test_pictures(self):
        images = self.images(12)
        self.resize(100)
        words = ["predict", MODEL, *images, "-o", self.disk / "drawn"]
        kept = self.fails(*words)
        self.assertGreater(len(kept), 1)
        self.assertLess(len(kept), 12)
        self.resize(1000)
        self.done(*words, "-f")
        self.assertEqual(len(list((self.disk / "drawn").iterdir())), 12)
        for name, content in kept.items():
            self.assertEqual((self.disk / name).read_bytes(), content)  # they were whole

    @unittest.skipUnless(shutil.which("ffmpeg"), "no ffmpeg")
    def test_videos(self):
        clip = self.place / "clip.mkv"
        subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i",
                        "testsrc=size=160x120:rate=10:duration=3,noise=alls=40:allf=t", "-c:v", "ffv1", clip],
                       check=True)
        for ending in ("mp4", "mkv", "avi"):
            whole = self.place / f"whole.{ending}"
            self.done("-q", "predict", MODEL, clip, "-o", whole)
            needed = -(-whole.stat().st_size // PAGE)
            # Also where the disk fills at the very end.
            for pages in (2, needed // 2, needed - 1):
                self.resize(pages)
                self.assertEqual(self.fails("predict", MODEL, clip, "-o", self.disk / f"out.{ending}"), {})
            self.resize(needed + 2)
            self.done("-q", "predict", MODEL, clip, "-o", self.disk / f"out.{ending}")
            self.assertEqual((self.disk / f"out.{ending}").stat().st_size, whole.stat().st_size)
            (self.disk / f"out.{ending}").unlink()
        # The rows of the frames before are kept.
        self.resize(8)
        rows = self.place / "rows.jsonl"
        self.fails("predict", MODEL, clip, "-o", self.disk / "out.mp4", "--json", rows)
        frames = [json.loads(line)["frame"] for line in rows.read_text().splitlines()]
        self.assertEqual(frames, list(range(len(frames))))
        self.assertGreater(len(frames), 0)
        self.resize(1)
        self.assertEqual(self.fails("predict", MODEL, clip, "--json", self.disk / "rows.jsonl"), {})

    def test_models(self):
        self.resize(20)
        for words in ([], ["--external-data"]):
            self.assertEqual(self.fails("export", SHAPES / "shufflenet_shapes_half.pth", "-o",
                                        self.disk / "m.onnx", *words), {})
        self.done("export", SHAPES / "shufflenet_shapes_half.pth", "-o", self.place / "m.onnx")
        self.assertNotIn("model.onnx", [path.name for path in self.fails(
            "triton", self.place / "m.onnx", "-o", self.disk / "repository")])


if __name__ == "__main__":
    unittest.main()
