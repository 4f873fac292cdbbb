"""The templates under deploy/: they parse, and every option in them is one of the program. The recipes under
packaging/: what they set is an option of CMakeLists.txt, and their version is the project's.

usage: deploy_test.py TV2ONNX
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / 'deploy'
try:
    import yaml
except ImportError:
    print('skipped: python3-yaml is not installed')
    sys.exit(77)

problems = []


def check(condition, message):
    if not condition:
        problems.append(message)


def check_command(words, where):
    """`words` begin with a command; each option of theirs must be in its help."""
    pages = [subprocess.run([sys.argv[1], words[0], page], capture_output=True, text=True)
             for page in ('--help', '--help-more')]
    check(f'Usage: tv2onnx {words[0]} ' in pages[0].stdout, f'{where}: there is no command {words[0]}')
    text = ''.join(page.stdout for page in pages)
    for word in words[1:]:
        if re.fullmatch(r'-{1,2}[a-z][a-z-]*', word):
            known = re.search(rf'(^|[ ,]){re.escape(word)}([ ,]|$)', text, re.M)
            check(known, f'{where}: {words[0]} has no option {word}')


def check_pod(pod, where):
    check(pod['securityContext']['runAsNonRoot'] is True, f'{where}: runs as root')
    for container in pod['containers']:
        check_command([str(word) for word in container['args']], where)
        check(container['securityContext']['readOnlyRootFilesystem'] is True, f'{where}: root is writable')
        volumes = {volume['name'] for volume in pod['volumes']}
        for mount in container['volumeMounts']:
            check(mount['name'] in volumes, f'{where}: no volume {mount["name"]}')
        ports = {port['name']: port['containerPort'] for port in container.get('ports', [])}
        for kind in ('startupProbe', 'readinessProbe', 'livenessProbe'):
            if kind in container:
                check(container[kind]['httpGet']['port'] in ports, f'{where}: {kind} has no port')


def check_yaml(path):
    for document in yaml.safe_load_all(path.read_text()):
        check(document['apiVersion'] and document['metadata']['name'], f'{path}: no name')
        if document['kind'] == 'Job':
            spec = document['spec']
            check(spec['completionMode'] == 'Indexed', f'{path}: not indexed')
            words = spec['template']['spec']['containers'][0]['args']
            shard = words[words.index('--shard') + 1]
            check(shard == f'auto/{spec["completions"]}', f'{path}: {shard} is not completions')
        if 'template' in document['spec']:
            check_pod(document['spec']['template']['spec'], path.name)


def check_shell(path):
    run = subprocess.run(['sh', '-n', path], capture_output=True, text=True)
    check(run.returncode == 0, f'{path}: {run.stderr}')
    text = path.read_text().replace('\\\n', ' ')
    commands = re.findall(r'^exec "\$\{TV2ONNX:-tv2onnx\}" (.*)$', text, re.M)
    check(len(commands) == 1, f'{path}: runs {len(commands)} commands')
    for command in commands:
        check_command(command.replace('"', ' ').split(), path.name)


def check_recipes():
    cmake = (ROOT / 'CMakeLists.txt').read_text()
    version = re.search(r'project\(tv2onnx VERSION (\S+)', cmake)[1]
    recipe = (ROOT / 'packaging/conan/conanfile.py').read_text()
    compile(recipe, 'conanfile.py', 'exec')
    check(f"version = '{version}'" in recipe, f'conanfile.py: its version is not {version}')
    port = (ROOT / 'packaging/vcpkg/portfile.cmake').read_text()
    manifest = json.loads((ROOT / 'packaging/vcpkg/vcpkg.json').read_text())
    check(manifest['version'] == version, f'vcpkg.json: its version is not {version}')
    for name in set(re.findall(r'TV2ONNX_\w+', recipe + port)):
        check(f'option({name} ' in cmake, f'CMakeLists.txt has no option {name}')


check_recipes()
files = [path for path in DEPLOY.rglob('*') if path.is_file()]
yamls = [path for path in files if path.suffix == '.yaml']
shells = [path for path in files if path.suffix in ('.sh', '.sbatch')]
check(len(yamls) >= 2 and len(shells) >= 2, 'templates are missing')
for path in yamls:
    check_yaml(path)
for path in shells:
    check_shell(path)
for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
