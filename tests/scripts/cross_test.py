"""The programs for Windows and for Linux on ARM, run here under wine and qemu-user: what they write is what
this machine's program writes, byte for byte.

usage: cross_test.py TV2ONNX PROGRAM...

TV2ONNX is this machine's program; a PROGRAM that ends in .exe is for Windows, another for ARM. Of those that
cannot be run it says why, and goes on.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNTIME = ROOT / '.cache/cross/runtime'
SHAPES = ROOT / 'examples/shapes'
DETECTOR = SHAPES / 'fasterrcnn_shapes_half.pth'
PHOTO = SHAPES / 'images/002.jpg'
REFERENCE = ROOT / 'tests/golden/shapes/reference.safetensors'
PROCESSOR = """processor\t: {}
Features\t: fp asimd aes pmull sha1 sha2 crc32 atomics
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x3
CPU part\t: 0xd0c
CPU revision\t: 1

"""
LARGEST = 30_000_000  # bytes of a checkpoint of the live files that is exported here too


class Machine:
    """A program and how it is run here."""

    def __init__(self, program, launcher=(), **environment):
        self.program = program
        self.words = [*launcher, program]
        self.environment = {**os.environ, 'LC_ALL': 'C.UTF-8', **environment}

    def run(self, *words, **environment):
        result = subprocess.run([*self.words, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**self.environment, **environment}, timeout=900, cwd=FOLDER)
        return result.returncode, result.stdout.decode(), result.stderr.decode()


def for_windows(program):
    wine = shutil.which('wine') or shutil.which('wine-stable')
    if not wine:
        return None, 'wine is not installed'
    prefix = pathlib.Path(program).parent / 'wine'
    machine = Machine(program, [wine], WINEPREFIX=str(prefix), WINEDEBUG='-all',
                      WINEDLLOVERRIDES='mscoree,mshtml=', TV2ONNX_ORT=str(RUNTIME / 'onnxruntime.dll'))
    return machine, ''


def for_arm(program):
    qemu = shutil.which('qemu-aarch64') or shutil.which('qemu-aarch64-static')
    if not qemu:
        return None, 'qemu-aarch64 is not installed'
    # ONNX Runtime reads there what the processor is, and ends where it finds another machine's: qemu-user
    # looks for files here first.
    root = PLACE / 'root'
    (root / 'proc').mkdir(parents=True)
    (root / 'lib').symlink_to('/usr/aarch64-linux-gnu/lib')
    (root / 'proc/cpuinfo').write_text(''.join(PROCESSOR.format(k) for k in range(os.cpu_count())))
    return Machine(program, [qemu, '-L', root],
                   TV2ONNX_ORT=str(RUNTIME / 'libonnxruntime.so.1')), ''


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def checkpoints():
    """Those of the repository, and some small ones that the live tests have made."""
    live = [path for path in sorted((ROOT / 'build/release/live').rglob('*.pth'))
            if path.stat().st_size < LARGEST]
    return [DETECTOR, SHAPES / 'shufflenet_shapes_half.pth', *live[::8]]


def needed_libraries(program):
    if program.endswith('.exe'):
        words, pattern = ['x86_64-w64-mingw32-objdump', '-p', program], r'DLL Name: (\S+)'
    else:
        words, pattern = ['readelf', '-d', program], r'NEEDED.*\[(\S+)\]'
    return set(re.findall(pattern, subprocess.run(words, check=True, capture_output=True, text=True).stdout))


SYSTEM = {'.exe': {'KERNEL32.dll', 'msvcrt.dll', 'SHELL32.dll', 'PSAPI.DLL', 'ADVAPI32.dll', 'USER32.dll',
                   'ucrtbase.dll'},
          '': {'libc.so.6', 'libm.so.6', 'ld-linux-aarch64.so.1'}}


class Everywhere:
    """What holds on each machine; `machine` is the one."""

    machine = None

    @classmethod
    def setUpClass(cls):
        global FOLDER
        FOLDER = PLACE / cls.__name__
        FOLDER.mkdir()
        code, _, log = NATIVE.run('-q', 'export', DETECTOR, '-o', 'pets.onnx')
        assert code == 0, log

    def answers(self, *words):
        """That both programs end and answer alike, whatever the system calls its errors."""
        here, there = NATIVE.run(*words), self.machine.run(*words)
        self.assertEqual(here[0], there[0], f'{words}: {there}')
        self.assertEqual(here[1], there[1], words)
        return there

    def exported(self, checkpoint, target, *words):
        code, _, log = self.machine.run('-q', 'export', checkpoint, '-o', target, *words)
        self.assertEqual(code, 0, f'{checkpoint}: {log}')

    def test_needs_the_system_only(self):
        known = SYSTEM[pathlib.Path(self.machine.program).suffix]
        self.assertLessEqual(needed_libraries(self.machine.program), known)

    def test_exports_the_same_bytes(self):
        done = 0
        for checkpoint in checkpoints():
            if NATIVE.run('-q', 'export', checkpoint, '-o', 'here.onnx', '-f')[0] != 0:
                continue  # one that needs more than its name
            with self.subTest(checkpoint.name):
                self.exported(checkpoint, 'there.onnx', '-f')
                self.assertEqual(digest(FOLDER / 'here.onnx'), digest(FOLDER / 'there.onnx'))
                done += 1
        self.assertGreaterEqual(done, 2)
        print(f'{type(self).__name__}: {done} exported files have the same bytes')

    def test_exports_all_forms_alike(self):
        for words in (['--precision', 'fp16-weights'], ['--precision', 'int8-weights'], ['--outputs', 'fixed'],
                      ['--opset', '13'], ['--input', 'uint8'], ['--external-data'],
                      ['--target', 'portable', '--size', '320x416', '--batch', '1']):
            names = ['form.onnx', *(['form.onnx.data'] if '--external-data' in words else [])]
            here = NATIVE.run('-q', 'export', DETECTOR, '-o', 'form.onnx', '-f', *words)
            self.assertEqual(here[0], 0, here)
            digests = [digest(FOLDER / name) for name in names]
            for name in names:
                (FOLDER / name).unlink()
            self.exported(DETECTOR, 'form.onnx', *words)
            self.assertEqual(digests, [digest(FOLDER / name) for name in names], words)
            self.answers('inspect', 'form.onnx')

    def test_weights_in_other_files(self):
        self.exported(DETECTOR, 'split.onnx', '--external-data')
        code, text, log = self.machine.run('verify', 'split.onnx', '--against', os.path.relpath(REFERENCE, FOLDER))
        self.assertEqual(code, 0, text + log)
        model = (FOLDER / 'split.onnx').read_bytes()
        for place in (b'../lit.onnx.dat', b'/plit.onnx.data', b'C:lit.onnx.data'):
            (FOLDER / 'moved.onnx').write_bytes(model.replace(b'split.onnx.data', place))
            code, _, log = self.machine.run('doctor', 'moved.onnx')
            self.assertNotEqual(code, 0, place)

    def test_inspects_alike(self):
        for folder in ('tests/golden/checkpoint', 'examples/shapes'):
            for file in sorted((ROOT / folder).glob('*.p*t*'))[::3]:
                with self.subTest(file.name):
                    self.answers('inspect', os.path.relpath(file, FOLDER))

    def test_refuses_hostile_files_alike(self):
        for file in sorted((ROOT / 'tests/hostile').rglob('*.pth'))[::12]:
            with self.subTest(file.name):
                here = NATIVE.run('export', file, '-o', 'hostile.onnx')
                there = self.machine.run('export', file, '-o', 'hostile.onnx')
                self.assertNotEqual(here[0], 0)
                self.assertEqual(here[0], there[0])
                self.assertEqual(here[2].split('\n')[0], there[2].split('\n')[0])
        self.assertFalse((FOLDER / 'hostile.onnx').exists())

    def test_the_doctor_says_the_same(self):
        self.answers('doctor', 'pets.onnx')
        shutil.copy(ROOT / 'tests/hostile/onnx/arity_gemm.onnx', FOLDER)
        self.answers('doctor', 'arity_gemm.onnx')
        code, text, log = self.machine.run('doctor', '--system')
        self.assertEqual(code, 0, log)
        self.assertIn('CPUExecutionProvider', text)

    def test_verifies_against_a_recorded_reference(self):
        code, text, log = self.machine.run('verify', 'pets.onnx', '--against', os.path.relpath(REFERENCE, FOLDER))
        self.assertEqual(code, 0, text + log)
        damaged = bytearray((FOLDER / 'pets.onnx').read_bytes())
        damaged[len(damaged) // 2:len(damaged) // 2 + 40000] = bytes(40000)  # weights
        (FOLDER / 'damaged.onnx').write_bytes(damaged)
        self.assertNotEqual(self.machine.run('verify', 'damaged.onnx', '--against',
                                             os.path.relpath(REFERENCE, FOLDER))[0], 0)

    def test_names_of_files(self):
        long = pathlib.Path(*['a folder with a long name ' + 'x' * 60] * 4)  # more than 260 characters
        # The last has a character of two units in UTF-16.
        for folder in (pathlib.Path('模型 检测'), long, pathlib.Path("it's 𠮷")):
            (FOLDER / folder).mkdir(parents=True)
            shutil.copy(SHAPES / 'shufflenet_shapes_half.pth', FOLDER / folder / '花.pth')
            target = folder / '导出.onnx'
            with self.subTest(str(folder)):
                self.exported(folder / '花.pth', target)
                self.assertEqual(sorted(os.listdir(FOLDER / folder)), ['导出.onnx', '花.pth'])
                before = digest(FOLDER / target)
                code, _, log = self.machine.run('export', folder / '花.pth', '-o', target)
                self.assertIn('O004', log)
                self.assertNotEqual(code, 0)
                self.exported(folder / '花.pth', target, '-f')
                self.assertEqual(before, digest(FOLDER / target))
                code, text, log = self.machine.run('inspect', target)
                self.assertEqual(code, 0, log)
                self.assertIn('导出.onnx', text)
                self.exported(folder / '花.pth', folder / '分.onnx', '--external-data')
                self.answers('doctor', folder / '分.onnx')
                (FOLDER / folder / '名.txt').write_text(''.join(f'圆{k}\n' for k in range(6)), encoding='utf-8')
                named = [folder / '花.pth', '-f', '--class-names', folder / '名.txt', '-o', folder / '名.onnx']
                self.assertEqual(NATIVE.run('-q', 'export', *named)[0], 0)
                before = digest(FOLDER / folder / '名.onnx')
                self.exported(*named[:1], folder / '名.onnx', *named[1:4])
                self.assertEqual(before, digest(FOLDER / folder / '名.onnx'))

    def test_loads_a_library_by_any_name(self):
        folder = FOLDER / '库 𠮷'
        folder.mkdir()
        library = pathlib.Path(self.machine.environment['TV2ONNX_ORT'])
        shutil.copy(library, folder)
        for named in (folder / library.name, folder):
            code, text, log = self.machine.run('doctor', '--system', TV2ONNX_ORT=os.path.relpath(named, FOLDER))
            self.assertEqual(code, 0, log)
            self.assertIn('库 𠮷', text)

    def test_bad_places(self):
        for words, code in ((['inspect', 'nothing.pth'], 'C001'), (['inspect', '.'], 'C001'),
                            (['export', DETECTOR, '-o', 'nowhere/a.onnx'], 'O003'),
                            (['export', DETECTOR, '-o', '.'], 'O003'), (['frobnicate'], 'U001')):
            here, there = NATIVE.run(*words), self.machine.run(*words)
            self.assertEqual(here[0], there[0], words)
            self.assertIn(f'error[{code}]', there[2])
        (FOLDER / 'empty.pth').write_bytes(b'')
        self.assertIn('C002', self.machine.run('inspect', 'empty.pth')[2])

    def test_a_time_limit_leaves_no_file(self):
        before = sorted(os.listdir(FOLDER))
        code, _, log = self.machine.run('--time-limit', '1', 'bench', 'pets.onnx', '--runs', '100000',
                                        '--profile-svg', 'never.svg')
        self.assertEqual(code, 4, log)
        self.assertIn('X003', log)
        self.assertEqual(sorted(os.listdir(FOLDER)), before)

    def test_finds_what_is_found_here(self):
        code, text, log = self.machine.run('predict', 'pets.onnx', self.photo())
        self.assertEqual(code, 0, log)
        _, here, _ = NATIVE.run('predict', 'pets.onnx', self.photo())
        places = [[float(word) for word in re.findall(r'\d+\.\d+', answer)] for answer in (here, text)]
        self.assertGreater(len(places[0]), 4, here)
        self.assertEqual(len(places[0]), len(places[1]))
        for one, other in zip(*places):
            self.assertAlmostEqual(one, other, delta=0.11)  # printed with one digit

    def test_lines_end_as_here(self):
        self.assertNotIn('\r', self.machine.run('models')[1])
        self.answers('models', '--json')
        self.answers('export', '--help')


class Windows(Everywhere, unittest.TestCase):
    def photo(self):
        Image.open(PHOTO).save(FOLDER / '照片 1.bmp')  # the only kind that the program for Windows reads
        return '照片 1.bmp'

    def test_suggested_commands_run_in_cmd(self):
        (FOLDER / "it's & mine").mkdir()
        for name in ('two words.onnx', "it's & mine\\one^ (1).onnx"):
            shutil.copy(ROOT / 'tests/hostile/onnx/arity_gemm.onnx', FOLDER / name.replace('\\', '/'))
            text = self.machine.run('doctor', name)[1]
            command = re.search(r'^next  tv2onnx (doctor ".* --fix .*)$', text, re.MULTILINE)
            self.assertIn(f'"{name}"', command[1])
            script = FOLDER / 'next.bat'
            script.write_text(f'@"{self.machine.program}" {command[1]}\n')
            wine = Machine('cmd', self.machine.words[:1], **self.machine.environment)
            code, text, log = wine.run('/c', script.name)
            fixed = FOLDER / name.replace('\\', '/').replace('.onnx', '_fixed.onnx')
            self.assertTrue(fixed.exists(), f'{command[0]}: {code} {text} {log}')

    def test_python_is_started_without_a_shell(self):
        """A program in Python's place writes its arguments as its log and a reference as its answer."""
        source = ROOT / 'tests/scripts/cross_python.cpp'
        fake = FOLDER / 'python of mine.exe'
        subprocess.run(['x86_64-w64-mingw32-g++-posix', '-static', '-municode', source, '-o', fake], check=True)
        checkpoint = "it's & %PATH% ^ 花.pth"
        shutil.copy(DETECTOR, FOLDER / checkpoint)
        code, text, log = self.machine.run('-v', 'verify', 'pets.onnx', '--against', checkpoint, '--trust',
                                           TV2ONNX_PYTHON=f'.\\{fake.name}',
                                           CROSS_REFERENCE=str(REFERENCE))
        self.assertIn(checkpoint, log)
        self.assertEqual(code, 0, text + log)
        code, _, log = self.machine.run('verify', 'pets.onnx', '--against', checkpoint, '--trust',
                                        TV2ONNX_PYTHON='.\\no such program.exe')
        self.assertIn('V003', log)
        self.assertNotEqual(code, 0)


class Arm(Everywhere, unittest.TestCase):
    def photo(self):
        return os.path.relpath(PHOTO, FOLDER)


def main():
    programs = {case: path for path in sys.argv[2:]
                for case in (Windows if path.endswith('.exe') else Arm,)}
    suite = unittest.TestSuite()
    for case, program in programs.items():
        machine, reason = (for_windows if case is Windows else for_arm)(program)
        if not reason and not (RUNTIME / pathlib.Path(machine.environment['TV2ONNX_ORT']).name).exists():
            reason = 'its ONNX Runtime was not fetched'
        if reason:
            print(f'skipped: {case.__name__}: {reason} (scripts/setup cross)')
            continue
        case.machine = machine
        suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == '__main__':
    NATIVE = Machine(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix='tv2onnx-cross-') as folder:
        PLACE = pathlib.Path(folder)
        FOLDER = PLACE  # of the machine that is tested
        sys.exit(main())
