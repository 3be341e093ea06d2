import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCaptured } from '../../src/cli/testing.ts';
import { parseStanza, type Stanza } from '../../src/formats/deb822/stanza.ts';
import { archiveConfig } from './archive-config.ts';
import { startArchive, type TestArchive } from './archive-server.ts';
import { type DebRecipe, makeDeb } from './deb-maker.ts';
import { projectRoot } from './source-code.ts';

/** Texts of refusals that people have read: `test/golden/explanations/NAME.txt`. */
export const explanationsFolder = join(projectRoot, 'test/golden/explanations');

/**
 * Asks for what golden files ask for, of an archive on loopback with the packages of `test/golden/packages.deb822`.
 *
 *     await using asker = await startAsker();
 *     const text = await asker.renew(await readFile(file, 'utf8'));
 */
export interface Asker extends AsyncDisposable {
  /**
   * A golden file with what slimimage says today: its command (`$ slimimage build ...`) and the lines of its
   * configuration (`| pins: [...]`) stay as they are.
   */
  renew(golden: string): Promise<string>;
}

export async function startAsker(): Promise<Asker> {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-asker-'));
  const archive = await startArchive();
  await publish(archive, await readFile(join(projectRoot, 'test/golden/packages.deb822'), 'utf8'));
  await writeFile(join(folder, 'app.deb'), await makeDeb(app));
  const env = { HOME: folder, SLIMIMAGE_STORE: join(folder, 'store') };
  return {
    async renew(golden) {
      const lines = golden.split('\n');
      const command = lines.find((line) => line.startsWith('$ '));
      if (command === undefined) throw new TypeError('the golden file has no line with a command');
      const settings = lines.filter((line) => line.startsWith('| '));
      const config = archiveConfig(archive, [], {
        archive: { suites: '[trixie, trixie-security]' },
        more: { base: 'none' },
      }).replace('packages: []\n', '');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'slimimage.yaml'), withSettings(config, settings));
      const argv = command.slice('$ slimimage '.length).split(' ');
      const { stdout, stderr } = await runCaptured([...argv, '--quiet'], { env, cwd: folder });
      const said = `${stdout}${stderr}`.replaceAll(folder, '/home/ann');
      return [origin, command, ...settings, said].join('\n');
    },
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const origin = '# made by npm run golden';

/** A .deb of the user's. */
const app: DebRecipe = { name: 'app', version: '1.0', fields: { Depends: 'libapp-runtime (>= 2), bash' } };

/** Settings of the file beat those of every file. */
function withSettings(config: string, settings: readonly string[]): string {
  const own = settings.map((line) => line.slice(2));
  const keys = own.map((line) => line.split(':')[0]);
  const kept = config.split('\n').filter((line) => !keys.includes(line.split(':')[0]));
  return [...kept, ...own, ''].join('\n');
}

async function publish(archive: TestArchive, text: string): Promise<void> {
  const suites = new Map<string, Map<string, DebRecipe[]>>([
    ['trixie', new Map([['non-free', []]])],
    ['trixie-security', new Map()],
  ]);
  for (const stanza of readStanzas(text)) {
    const { Suite: suite = 'trixie', Component: component = 'main', ...fields } = fieldsOf(stanza);
    const components = suites.get(suite) ?? new Map<string, DebRecipe[]>();
    suites.set(suite, components);
    components.set(component, [...(components.get(component) ?? []), recipeOf(fields)]);
  }
  for (const [suite, components] of suites) {
    const architectures = ['amd64', 'arm64'];
    await archive.publish({ suite, date: new Date(), architectures, components: Object.fromEntries(components) });
  }
}

function readStanzas(text: string): readonly Stanza[] {
  const plain = text.replaceAll(/^#.*\n/gm, '').trim();
  return plain.split(/\n\n+/).map((stanza) => parseStanza(stanza));
}

const known = [
  ...['Package', 'Version', 'Architecture', 'Suite', 'Component', 'Priority', 'Provides'],
  ...['Pre-Depends', 'Depends', 'Conflicts', 'Breaks'],
];

function fieldsOf(stanza: Stanza): Readonly<Record<string, string>> {
  return Object.fromEntries(
    known.flatMap((field) => {
      const value = stanza.get(field);
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

function recipeOf(all: Readonly<Record<string, string>>): DebRecipe {
  const { Package: name = '', Version: version = '', Architecture: architecture = 'amd64', ...fields } = all;
  return { name, version, architecture, fields };
}
