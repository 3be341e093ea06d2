import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buildImage } from '../../src/index.ts';
import { startBuilder } from './builder.ts';
import { makeCertificate } from './certificate.ts';
import { type DockerRunOptions, startEngine, type TestEngine } from './engine.ts';
import { projectRoot } from './source-code.ts';

type RunOptions = Omit<Partial<DockerRunOptions>, 'image' | 'readOnly' | 'capDrop'>;

export interface RunningServer {
  /** Of its container. */
  readonly name: string;
  /** Runs a program in its container. */
  readonly exec: (command: readonly string[]) => ReturnType<TestEngine['docker']>;
}

/** Images of the catalogue in a real engine, each with a private certificate authority on top. */
export interface CatalogImages extends AsyncDisposable {
  readonly engine: TestEngine;
  /** Of a server on loopback that only this authority vouches for; it answers `hello over TLS`. */
  readonly url: string;
  /** Absolute; anybody may read it, so that a container can. */
  readonly folder: string;
  readonly write: (name: string, content: string) => Promise<string>;
  /** Builds `catalog/NAME` with `yaml` on top and loads it; returns the tag. */
  readonly build: (name: string, yaml?: string) => Promise<string>;
  /** Runs an image to its end with a read-only root, no capability and, unless `network` says so, no network; returns its output. */
  readonly run: (image: string, args: readonly string[], options?: RunOptions) => Promise<string>;
  /** Runs two commands in the shell of `catalog/NAME-debug`. */
  readonly shell: (name: string) => Promise<void>;
  /** Starts a server the same way. */
  readonly start: (image: string, options?: RunOptions) => Promise<RunningServer>;
}

export async function startCatalog(): Promise<CatalogImages> {
  const engine = await startEngine();
  const builder = await startBuilder();
  const { key, certificate } = makeCertificate();
  await builder.write('authority.pem', certificate);
  const server = createServer({ key, cert: certificate }, (_, response) => response.end('hello over TLS'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const containers: string[] = [];
  const images: CatalogImages = {
    engine,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    folder: builder.folder,
    write: builder.write,
    async build(name, yaml = '') {
      const text = `extends: catalog/${name}\ncertificates: [./authority.pem]\n${yaml}`;
      const config = await builder.write(`${name}.yaml`, text);
      const tag = `slimimage-test/${name}:catalog`;
      const env = { ...process.env, DOCKER_HOST: engine.env['DOCKER_HOST'] };
      const store = `${builder.folder}/store`;
      const options = { tags: [tag], load: true, sboms: [], provenance: false, store, env, cwd: projectRoot };
      await buildImage({ config }, options);
      return tag;
    },
    async run(image, args, options = {}) {
      const answer = await engine.dockerRun({ image, args, ...options, ...locked });
      assert.equal(answer.status, 0, `${image} ${args.join(' ')}: ${answer.stdout}${answer.stderr}`);
      return answer.stdout;
    },
    async shell(name) {
      const image = await images.build(`${name}-debug`);
      assert.equal(await images.run(image, ['-c', 'ls -d /usr && echo "$((6 * 7))"']), '/usr\n42\n', name);
    },
    async start(image, options = {}) {
      const name = `server-${containers.length}`;
      containers.push(name);
      await engine.dockerStart({ image, name, ...options, ...locked });
      return { name, exec: (command) => engine.docker(['exec', name, ...command]) };
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      if (containers.length > 0) await engine.docker(['rm', '--force', ...containers]);
      await engine.stop();
      await builder[Symbol.asyncDispose]();
    },
  };
  return images;
}

const locked = { readOnly: true, capDrop: true } as const;

/** What a server needs time for: asks again until `answers` says yes. */
export async function eventually(answers: () => Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    if (await answers()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`${what}: no answer within 30 seconds`);
}
