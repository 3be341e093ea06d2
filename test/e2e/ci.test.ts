/** The GitHub action and the GitLab component: their shell steps, run for real on the package as it is published. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { wordsOf } from '../../src/cli/completion/words.ts';
import { makeProgram } from '../../src/cli/program.ts';
import { version } from '../../src/cli/version.ts';
import * as publicApi from '../../src/index.ts';
import { makeDeb } from '../support/deb-maker.ts';
import { installPacked } from '../support/packed.ts';
import { lackingRegistry, startRegistry } from '../support/registry.ts';
import { projectRoot } from '../support/source-code.ts';

type Inputs = Readonly<Record<string, string>>;

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What is handed on to later steps. */
  readonly outputs: Readonly<Record<string, string>>;
}

interface Provider {
  readonly name: string;
  readonly script: string;
  /** Name of an input -> its default. */
  readonly defaults: Inputs;
  run(inputs: Inputs): Promise<Ran>;
  digestOf(ran: Ran): string | undefined;
  referenceOf(ran: Ran): string | undefined;
}

let folder = '';
let user = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-ci-'));
  user = await installPacked(folder);
  const files = { '/usr/bin/tool': { content: 'tool', mode: 0o755 } };
  await writeFile(join(user, 'tool.deb'), await makeDeb({ name: 'tool', files }));
});
beforeEach(() => writeFile(join(user, 'slimimage.yaml'), config));
after(() => rm(folder, { recursive: true, force: true }));

const config = 'name: tool\npackages: [./tool.deb]\nbase: none\ndependencies: none\nplatforms: [linux/amd64]\n';

const github = await githubAction();
const gitlab = await gitlabComponent();

for (const provider of [github, gitlab]) {
  describe(provider.name, () => {
    test('uses the version that it lies beside, and flags that there are', () => {
      assert.equal(provider.defaults['version'], version);
      const nothing = { write: () => undefined };
      const io = { stdout: nothing, stderr: nothing, env: {}, cwd: '/', signal: new AbortController().signal };
      const build = wordsOf(makeProgram(io, publicApi)).find(({ path }) => path.join() === 'build');
      const known = new Set(build?.flags.map(({ long }) => long));
      const used = [...provider.script.matchAll(/"(--[a-z-]+)[="]| (--format)=/g)].map((match) => match[1] ?? match[2]);
      const switches = /for switch in ([a-z ]+);/.exec(provider.script)?.[1]?.split(' ') ?? [];
      assert.ok(used.length > 4 && switches.length > 1);
      const flags = [...used, ...switches.map((name) => `--${name}`)];
      assert.deepEqual(
        flags.filter((flag) => flag !== undefined && !known.has(flag)),
        [],
      );
    });

    test('builds with nothing but the defaults, and hands on digest and names', async () => {
      const ran = await provider.run({ push: 'false', tags: '' });
      assert.equal(ran.status, 0, ran.stderr);
      const digest = provider.digestOf(ran);
      assert.match(digest ?? '', /^sha256:[0-9a-f]{64}$/);
      assert.equal(provider.referenceOf(ran), `store:tool@${digest}`);
      assert.equal(JSON.parse(ran.outputs['metadata'] ?? '')['containerimage.digest'], digest);
    });

    test('pushes every tag', { skip: lackingRegistry }, async (t) => {
      const registry = await startRegistry(t);
      const tags = `${registry.host}/team/tool:1, ${registry.host}/team/tool:latest`;
      const ran = await provider.run({ push: 'true', tags, args: '--no-provenance\n--label=a=b c' });
      assert.equal(ran.status, 0, ran.stderr);
      for (const tag of ['1', 'latest']) {
        const accept = { accept: 'application/vnd.oci.image.manifest.v1+json' };
        const answer = await fetch(`${registry.origin}/v2/team/tool/manifests/${tag}`, { headers: accept });
        assert.equal(answer.headers.get('docker-content-digest'), provider.digestOf(ran));
      }
      const name = JSON.parse(ran.outputs['metadata'] ?? '')['image.name'];
      assert.equal(name, tags.replace(' ', ''));
    });

    const attacks = ['$(touch pwned)', `"; touch pwned; '; touch pwned; \`touch pwned\``, 'a\ntouch pwned', '--help'];
    for (const input of ['config', 'tags', 'platforms', 'sign', 'version', 'push']) {
      test(`${input}: no text is taken for a command or a flag`, async () => {
        for (const attack of attacks) {
          const ran = await provider.run({ push: 'false', tags: '', [input]: attack });
          assert.notEqual(ran.status, 0, `${attack}: ${ran.stdout}`);
          assert.deepEqual(ran.outputs, {}, attack);
          assert.ok(!(await readdir(user)).includes('pwned'), attack);
        }
      });
    }

    test('a configuration may be called anything, and a word of args is one argument', async () => {
      const name = 'a b; $(touch pwned) `touch pwned` \'".yaml';
      await writeFile(join(user, name), config);
      const label = '--label=text=$(touch pwned); "two words" `touch pwned`';
      const ran = await provider.run({ push: 'false', tags: '', config: name, args: `${label}\n\n--no-provenance` });
      assert.equal(ran.status, 0, ran.stderr);
      assert.ok(!(await readdir(user)).includes('pwned'));
    });

    test('a dry run makes nothing, and says so to nobody', async () => {
      const ran = await provider.run({ push: 'false', tags: '', args: '--dry-run' });
      assert.deepEqual([ran.status, ran.outputs], [0, {}], ran.stderr);
    });
  });
}

test('the workflow in the manual names inputs that there are, and keeps the store that the action uses', async () => {
  const manual = await readFile(join(projectRoot, 'docs/ci.md'), 'utf8');
  const { jobs } = parse(/```yml\n(jobs:.*?)```/s.exec(manual)?.[1] ?? assert.fail());
  const { steps } = jobs.image;
  const stepOf = (name: RegExp) => steps.find(({ uses = '' }: { uses?: string }) => name.test(uses)) ?? assert.fail();
  const image = stepOf(/\/slimimage@/);
  assert.deepEqual(
    Object.keys(image.with).filter((name) => !(name in github.defaults)),
    [],
  );
  assert.equal(stepOf(/^actions\/cache@/).with.path, publicApi.storeFolder({ HOME: '~' }));
});

async function githubAction(): Promise<Provider> {
  const action = parse(await readFile(join(projectRoot, 'action.yml'), 'utf8'));
  const step = action.runs.steps.find(({ run }: { run?: string }) => run !== undefined);
  assert.ok(!step.run.includes('${{'), 'an expression in a script is text of a stranger in it');
  const defaults = mapValues<{ default: string }>(action.inputs, (input) => input.default);
  return {
    name: 'the GitHub action',
    script: step.run,
    defaults,
    async run(inputs) {
      const output = join(await mkdtemp(join(folder, 'step-')), 'output');
      await writeFile(output, '');
      const all: Inputs = { ...defaults, ...inputs };
      const env = mapValues<string>(step.env, (value) => {
        const name = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(value)?.[1];
        return all[name ?? assert.fail(value)] ?? assert.fail(value);
      });
      // As the runner starts `shell: bash` (docs.github.com, "defaults.run.shell").
      const command = ['bash', '--noprofile', '--norc', '-eo', 'pipefail'];
      const ended = await end(command, { script: step.run, env: { ...env, GITHUB_OUTPUT: output } });
      return { ...ended, outputs: readLines(await readFile(output, 'utf8')) };
    },
    digestOf: ({ outputs }) => outputs['digest'],
    referenceOf: ({ outputs }) => outputs['reference'],
  };
}

async function gitlabComponent(): Promise<Provider> {
  const text = await readFile(join(projectRoot, 'templates/slimimage.yml'), 'utf8');
  const [header, body] = parseAllDocuments(text).map((document) => document.toJS());
  const [job] = Object.values<{
    script: readonly string[];
    variables: Inputs;
    artifacts: { paths: readonly string[] };
  }>(body);
  assert.ok(job !== undefined);
  const script = job.script.join('\n');
  assert.ok(!script.includes('$[['), 'an input in a script is text of a stranger in it');
  const defaults = mapValues<{ default: string }>(header.spec.inputs, (input) => input.default);
  return {
    name: 'the GitLab component',
    script,
    defaults,
    async run(inputs) {
      const all: Inputs = { ...defaults, ...inputs };
      const variables = Object.entries(job.variables).flatMap(([name, value]) => {
        const input = /^\$\[\[ inputs\.([a-z-]+) \]\]$/.exec(value)?.[1];
        return input === undefined ? [] : [[name, all[input] ?? assert.fail(value)] as const];
      });
      const files = ['slimimage.env', 'slimimage.metadata.json'];
      for (const file of files) await rm(join(user, file), { force: true });
      const ended = await end(['sh', '-e'], { script, env: Object.fromEntries(variables) });
      const [dotenv = '', metadata = ''] = await Promise.all(
        files.map((file) => readFile(join(user, file), 'utf8').catch(() => '')),
      );
      const outputs = { ...readLines(dotenv), ...(metadata === '' ? {} : { metadata }) };
      return { ...ended, outputs };
    },
    digestOf: ({ outputs }) => outputs['SLIMIMAGE_DIGEST'],
    referenceOf: ({ outputs }) => outputs['SLIMIMAGE_REFERENCE'],
  };
}

async function end(
  [command = '', ...args]: readonly string[],
  { script, env }: { readonly script: string; readonly env: Inputs },
): Promise<Omit<Ran, 'outputs'>> {
  const file = join(await mkdtemp(join(folder, 'script-')), 'run.sh');
  await writeFile(file, script);
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const child = spawn(command, [...args, file], {
    cwd: user,
    env: { HOME: home, PATH: path, SLIMIMAGE_STORE: join(folder, 'store'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [status] = await once(child, 'close');
  return { status, stdout, stderr };
}

/** `NAME=VALUE` lines. */
function readLines(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

function mapValues<T>(record: Readonly<Record<string, T>>, change: (value: T) => string): Inputs {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
