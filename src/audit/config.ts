import { decodeUtf8 } from '../util/text.ts';
import type { AuditScene, RawFinding } from './scene.ts';

/** What the configuration of an image says: its user, ports, volumes, health check, and the tag it goes by. */
export function* configuration(scene: AuditScene): Generator<RawFinding> {
  const { config } = scene.view;
  // A bare file tree has none.
  if (config === undefined) return;
  const runtime = config.config ?? {};
  const user = rootUser(scene, runtime.User ?? '');
  if (user !== undefined) yield { rule: 'root-user', message: user };
  for (const port of Object.keys(runtime.ExposedPorts ?? {})) {
    const number = Number(/^([0-9]{1,5})(?:\/|$)/.exec(port)?.[1]);
    if (number > 0 && number < 1024)
      yield { rule: 'privileged-port', message: `the port ${port} is below 1024`, subject: port };
  }
  for (const volume of Object.keys(runtime.Volumes ?? {})) {
    const path = `/${volume.split('/').filter(Boolean).join('/')}`;
    if (sensitive.has(path)) yield { rule: 'sensitive-volume', message: `${path} is a volume`, subject: path };
  }
  const test = runtime.Healthcheck?.Test ?? [];
  if (test.length === 0 || test[0] === 'NONE') {
    yield { rule: 'no-healthcheck', message: 'the image has no health check' };
  }
  const tagless = /^(?:docker|docker-daemon|podman):(?:\/\/)?([^@]+)$/.exec(scene.view.name)?.[1];
  const last = tagless?.split('/').at(-1) ?? '';
  if (tagless !== undefined && (!last.includes(':') || last.endsWith(':latest'))) {
    yield { rule: 'latest-tag', message: `${scene.view.name} goes by the tag latest` };
  }
}

/** Docker Benchmark 1.6, 5.6, and what dockle looks for. */
const sensitive = new Set(['/', '/boot', '/dev', '/etc', '/lib', '/proc', '/sys', '/usr', '/var/run/docker.sock']);

/** Why the container's user is root; undefined where it is not. */
function rootUser({ view }: AuditScene, text: string): string | undefined {
  if (text === '') return 'the image sets no user, so that it runs as root';
  const [name = ''] = text.split(':');
  if (name === '') return `the image runs as ${JSON.stringify(text)}: without a user, that is root`;
  // Engines read it as Go's Atoi does.
  if (/^[+-]?0+$/.test(name)) return `the image runs as uid ${name}, which is root`;
  if (/^[0-9]+$/.test(name)) return undefined;
  const passwd = decodeUtf8(view.text('etc/passwd') ?? new Uint8Array());
  const account = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  if (account === undefined) return name === 'root' ? 'the image runs as root' : undefined;
  if (!/^0+$/.test(account[2] ?? '')) return undefined;
  return name === 'root' ? 'the image runs as root' : `the image runs as ${name}, whose uid is 0`;
}
