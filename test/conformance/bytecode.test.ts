/** Byte code of pyodide beside that of Debian's own Python, and in front of it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { compileModules } from '../../src/bytecode/compile-modules.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { sha256Hex } from '../../src/util/digest.ts';
import { lackingArchive, startBuilder, type TestBuild, type TestBuilder } from '../support/builder.ts';
import { lackingDocker, startEngine, type TestEngine } from '../support/engine.ts';

/** Compiles every module of the image with the image's Python and compares: one JSON object. */
const compare = `
import importlib._bootstrap_external as external, importlib.util as util, json, marshal, os, sys, types, warnings
warnings.simplefilter('ignore')
found = dict(equal=0, equal_code=[], different=[], missing=[], extra=[], no_python=[])

def shape(value):
    if isinstance(value, types.CodeType):
        names = [name for name in dir(value) if name.startswith('co_') and name not in ('co_consts', 'co_lines', 'co_positions', 'co_lnotab')]
        return [getattr(value, name) for name in names if not callable(getattr(value, name))] + [shape(one) for one in value.co_consts]
    if isinstance(value, tuple):
        return [shape(one) for one in value]
    return (type(value).__name__, sorted(map(repr, value)) if isinstance(value, frozenset) else repr(value))

def check(path, code_path):
    source = open(path, 'rb').read()
    try:
        code = compile(source, path, 'exec', dont_inherit=True, optimize=0)
    except Exception:
        if os.path.exists(code_path): found['extra'].append(path)
        else: found['no_python'].append(path)
        return
    if not os.path.exists(code_path):
        if not os.path.realpath(path).startswith('/etc/'): found['missing'].append(path)
        return
    real = external._code_to_hash_pyc(code, util.source_hash(source), False)
    ours = open(code_path, 'rb').read()
    if ours == real: found['equal'] += 1
    elif ours[:16] == real[:16] and shape(marshal.loads(ours[16:])) == shape(code): found['equal_code'].append(path)
    else: found['different'].append(path)

for top in ('/usr/lib/python3', f'/usr/lib/python3.{sys.version_info[1]}'):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if name.endswith('.py'): check(path, util.cache_from_source(path))
            if name.endswith('.pyc') and not os.path.exists(util.source_from_cache(path)): found['extra'].append(path)
print(json.dumps(found))
`;

/** Loads every module of the standard library that loads. */
const importAll = `
import importlib, sys
for name in sorted(sys.stdlib_module_names - {"__main__", "antigravity", "this", "idlelib"}):
    try: importlib.import_module(name)
    except ImportError: pass
import requests, yaml
print(sum(getattr(module, "__cached__", None) is not None for module in list(sys.modules.values())))
`;

/** Starts Python with and without byte code, the fastest of ten each, in milliseconds. */
const measure = `
import json, os, subprocess, sys, time
def fastest(environment):
    times = []
    for _ in range(10):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import json, ssl, asyncio, http.client"], env=environment, check=True)
        times.append(time.perf_counter() - start)
    return round(min(times) * 1000)
print(json.dumps([fastest({}), fastest({"PYTHONPYCACHEPREFIX": "/nowhere", "PYTHONDONTWRITEBYTECODE": "1"})]))
`;

describe('byte code of Debian’s real Python', { skip: lackingDocker || lackingArchive }, () => {
  let builder: TestBuilder;
  let engine: TestEngine;
  let image: TestBuild;
  let tree: string;

  before(async () => {
    engine = await startEngine();
    builder = await startBuilder();
    tree = join(builder.folder, 'tree');
    const lines = ['from: debian/trixie', 'packages: [python3, python3-requests, python3-yaml]', 'bytecode: true'];
    const config = await builder.write('bytecode.yaml', `${lines.join('\n')}\nentrypoint: [/usr/bin/python3]\n`);
    image = await builder.build(config, { engine, outputs: [`dir:${tree}`] });
  });
  after(async () => {
    await engine?.stop();
    await builder?.[Symbol.asyncDispose]();
  });

  async function python(program: string, flags: readonly string[] = []) {
    const args = [...flags, '-c', program];
    const answer = await engine.dockerRun({ image: image.tag, args, readOnly: true, capDrop: true, timeout: 300_000 });
    assert.equal(answer.status, 0, answer.stderr.slice(-2000));
    return answer;
  }

  test('it is what Python itself makes of the same files: nearly always the same bytes, always the same code', async (t) => {
    const found = JSON.parse((await python(compare)).stdout);
    t.diagnostic(`${found.equal} equal, ${found.equal_code.length} with equal code: ${found.equal_code.join(' ')}`);
    const { different, missing, extra } = found;
    assert.deepEqual({ different, missing, extra }, { different: [], missing: [], extra: [] });
    assert.ok(found.equal > 600);
    assert.ok(found.equal_code.length <= found.equal / 50);
  });

  test('Python takes it and compiles nothing', async (t) => {
    const { stdout, stderr } = await python(importAll, ['-v']);
    assert.ok(Number(stdout) > 250, stdout);
    const compiledNow = stderr.match(/^# code object from '?\/usr\/lib\/.*\.py'?$/gm);
    // A link to /etc, where it may be changed.
    assert.deepEqual(compiledNow, ['# code object from /usr/lib/python3.13/sitecustomize.py']);
    const taken = stderr.match(/^# code object from '\/usr\/lib\/.*\.pyc'$/gm) ?? [];
    t.diagnostic(`${taken.length} modules from byte code`);
    assert.ok(taken.length > 250);
    const [compiled, plain] = JSON.parse((await python(measure)).stdout);
    t.diagnostic(`import json, ssl, asyncio, http.client: ${compiled} ms, without byte code ${plain} ms`);
  });

  test('the order of the modules and what was compiled before change nothing', async () => {
    await using store = await LocalStore.open(join(builder.folder, 'other-store'));
    const folder = 'usr/lib/python3.13';
    const pathOf = (path: string) => join(tree, path);
    const codeOf = (path: string) => pathOf(path.replace(/([^/]+)\.py$/, '__pycache__/$1.cpython-313.pyc'));
    const paths = (image.paths.get('linux/amd64') ?? [])
      .map(({ path }) => path)
      .filter((path) => path.startsWith(folder) && path.endsWith('.py') && existsSync(codeOf(path)));
    const modules = paths
      .toSorted()
      .reverse()
      .map((path) => {
        const source = readFileSync(pathOf(path));
        return { path, size: source.length, sha256: sha256Hex(source), read: () => source };
      });
    assert.ok(modules.length > 500);
    const made = await compileModules([{ package: 'reversed', modules }], {
      python: { minor: '3.13', magic: 3571 },
      folder: builder.folder,
      store,
      onEvent: () => undefined,
    });
    assert.deepEqual(made.failed, []);
    const other = made.modules.filter(({ path, code }) => !readFileSync(codeOf(path)).equals(code));
    assert.deepEqual(
      other.map(({ path }) => path),
      [],
    );
  });
});
