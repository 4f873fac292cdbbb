"""A list of images on a Slurm and an MPI that this test starts on this machine, and stops again: the
merged result has the bytes of one process, also after a task was killed and requeued.

usage: cluster_test.py TV2ONNX

Slurm: munged, slurmctld and slurmd with all their files in one folder, on loopback, as root.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TV2ONNX = str(pathlib.Path(sys.argv[1]).resolve())
MODEL = str(ROOT / 'tests/golden/runtime/masks_roi.onnx')


def skip(reason):
    print(f'skipped: {reason}')
    sys.exit(77)


def needed(*programs):
    return [name for name in programs if shutil.which(name, path=os.environ['PATH'] + ':/usr/sbin') is None]


def run(*words, **options):
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, **options)
    if done.returncode:
        raise SystemExit(f'{words}: {done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout


def until(condition, what, seconds=60):
    end = time.time() + seconds
    while not condition():
        if time.time() > end:
            raise SystemExit(f'{what} took longer than {seconds} s')
        time.sleep(0.2)


def free_ports(count):
    sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Slurm:
    """One node, this machine."""

    def __init__(self, place):
        self.place = place
        self.processes = []
        self.environment = dict(os.environ, SLURM_CONF=str(place / 'slurm.conf'))
        control, node = free_ports(2)
        key = place / 'munge.key'
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        for name in ('state', 'spool'):
            (place / name).mkdir()
        host = socket.gethostname().split('.')[0]
        (place / 'slurm.conf').write_text(f'''ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={place}/munge.socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SchedulerParameters=sched_interval=1,requeue_delay=0
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
''')

    def start(self):
        place = self.place
        self.begin('munged', '--foreground', '--force', f'--key-file={place}/munge.key',
                   f'--socket={place}/munge.socket', f'--pid-file={place}/munged.pid',
                   f'--log-file={place}/munged.log', f'--seed-file={place}/munged.seed')
        until((place / 'munge.socket').exists, 'munged')
        self.begin('slurmctld', '-D', '-i')
        self.begin('slurmd', '-D')
        until(lambda: 'idle' in self.tell('sinfo', '-h', '-o', '%T'), 'the node')

    def begin(self, *words):
        log = open(self.place / f'{words[0]}.out', 'w')
        path = os.environ['PATH'] + ':/usr/sbin'
        self.processes.append(subprocess.Popen([shutil.which(words[0], path=path), *words[1:]],
                                               env=self.environment, stdout=log, stderr=log))

    def tell(self, *words):
        done = subprocess.run(words, capture_output=True, text=True, env=self.environment, timeout=30)
        return done.stdout if done.returncode == 0 else ''

    def show(self):
        """What happened, when something did not."""
        print(self.tell('squeue'), self.tell('scontrol', 'show', 'node'))
        for log in sorted(self.place.glob('*.log')):
            print(f'{log.name}: {log.read_text()[-1500:]}')

    def stop(self):
        self.tell('scancel', '--state=PENDING', '--user=root')
        self.tell('scancel', '--signal=KILL', '--full', '--user=root')
        end = time.time() + 10
        while self.tell('squeue', '-h').strip() and time.time() < end:
            time.sleep(0.2)
        self.tell('scontrol', 'shutdown')
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait(10)


def make_list(place):
    """Enough images that a task is still at work when it is killed."""
    photos = sorted((ROOT / 'examples/shapes/images').glob('*.jpg'))
    photos += sorted((ROOT / 'tests/golden/image').glob('*.jpg'))
    folder = place / 'photos'
    folder.mkdir()
    names = []
    for k in range(400):
        name = folder / f'{k + 1}.jpg'
        shutil.copy(photos[k % len(photos)], name)
        names.append(str(name))
    (place / 'files.txt').write_text('\n'.join(names) + '\n')
    return names


def one_process(place, names):
    done = subprocess.run([TV2ONNX, 'predict', MODEL, *names, '--coco', str(place / 'one.json')],
                          capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    return (place / 'one.json').read_bytes()


def merged(place, rows):
    done = subprocess.run([TV2ONNX, 'merge', str(rows), '-f', '--coco', str(place / 'all.json')],
                          capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    return (place / 'all.json').read_bytes()


def try_slurm(place, expected):
    slurm = Slurm(place)
    slurm.start()
    try:
        rows = place / 'rows'
        # A wrapper that dies the first time after some parts, as a node does.
        slow = place / 'slow'
        slow.write_text(f'''#!/bin/sh
if [ "$SLURM_ARRAY_TASK_ID" = 3 ] && [ "${{SLURM_RESTART_COUNT:-0}}" = 0 ]; then
  {TV2ONNX} "$@" --part-size 5 & child=$!
  left=3000
  while [ "$(ls {rows} | grep -c 'shard-00001.*jsonl$')" -lt 2 ] && [ $left -gt 0 ]; do
    sleep 0.02
    left=$((left - 1))
  done
  kill -9 $child
  touch {place}/killed
  sleep 100
fi
exec {TV2ONNX} "$@" --part-size 5
''')
        slow.chmod(0o755)
        job = run('sbatch', '--parsable', '--array=1-7:2', '--cpus-per-task=1', f'--output={place}/%a.log',
                  str(ROOT / 'deploy/slurm/array.sbatch'),
                  env=dict(slurm.environment, MODEL=MODEL, LIST=str(place / 'files.txt'), ROWS=str(rows),
                           TV2ONNX=str(slow))).strip()
        until((place / 'killed').exists, 'the task that is killed')
        before = len(list(rows.glob('shard-00001*.jsonl')))
        run('scontrol', 'requeue', f'{job}_3', env=slurm.environment)


        def is_done():
            # What is requeued would wait for two minutes before it is started again.
            slurm.tell('scontrol', 'update', f'JobId={job}_3', 'StartTime=now')
            return slurm.tell('squeue', '-h').strip() == ''

        until(is_done, 'the job', 120)
        log = (place / '3.log').read_text()
        assert f'({before} were there already)' in log, log
        assert merged(place, rows) == expected, 'Slurm: another result than of one process'
    except BaseException:
        slurm.show()
        raise
    finally:
        slurm.stop()
    print(f'Slurm: equal, {before} parts of a killed task were kept')


def try_mpi(place, expected):
    rows = place / 'mpi_rows'
    run('mpirun', '--allow-run-as-root', '--oversubscribe', '-n', '3',
        str(ROOT / 'deploy/slurm/mpirun.sh'),
        env=dict(os.environ, MODEL=MODEL, LIST=str(place / 'files.txt'), ROWS=str(rows), TV2ONNX=TV2ONNX))
    assert merged(place, rows) == expected, 'mpirun: another result than of one process'
    print('mpirun: equal')


def main():
    no_slurm = needed('munged', 'slurmctld', 'slurmd', 'sbatch')
    no_mpi = needed('mpirun')
    if os.geteuid() != 0:
        no_slurm = ['root']
    if no_slurm and no_mpi:
        skip(f'no {", ".join(no_slurm + no_mpi)} (scripts/setup cluster installs them)')
    # The socket's path has room for about 100 letters.
    place = pathlib.Path(tempfile.mkdtemp(prefix='tv2onnx_', dir='/tmp'))
    place.chmod(0o755)
    try:
        expected = one_process(place, make_list(place))
        if no_slurm:
            print(f'Slurm is not tried: no {", ".join(no_slurm)}')
        else:
            try_slurm(place, expected)
        if no_mpi:
            print('mpirun is not tried: it is not installed')
        else:
            try_mpi(place, expected)
    finally:
        shutil.rmtree(place)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
main()
