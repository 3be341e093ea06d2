import { SlimimageError } from '../../errors.ts';

/**
 * `8080` -> `8080/tcp`: the form of the image config's ExposedPorts.
 * @throws SlimimageError CONFIG_INVALID
 */
export function parsePort(text: string): string {
  const [, digits = '', protocol = 'tcp'] = /^([0-9]{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  const port = Number(digits);
  if (port >= 1 && port <= 65535) return `${port}/${protocol}`;
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `"${text.slice(0, 40)}" is not a port: expected 1 to 65535, with a protocol as in 53/udp`,
    hint: /[:-]/.test(text) ? 'ports are those inside the container, one an entry: no ranges, no host port' : undefined,
  });
}
