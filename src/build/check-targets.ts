import { SlimimageError } from '../errors.ts';
import { parseLocation } from '../oci/location.ts';
import { parseReference } from '../oci/reference.ts';

/**
 * Checks names and targets before any work is done for them.
 * @throws SlimimageError REFERENCE_INVALID for what can't be read, OUTPUT_INVALID for what can't be written to
 */
export function checkTargets(options: {
  readonly tags?: readonly string[] | undefined;
  readonly outputs?: readonly string[] | undefined;
}): void {
  for (const tag of options.tags ?? []) checkTag(tag);
  for (const output of options.outputs ?? []) checkOutput(output);
}

function checkTag(text: string): void {
  const { digest } = parseReference(text);
  if (digest === undefined) return;
  throw new SlimimageError({
    code: 'REFERENCE_INVALID',
    message: `"${text.slice(0, 200)}" can't name a new image: its digest is not known yet`,
    hint: 'Leave out what follows the "@".',
  });
}

function checkOutput(text: string): void {
  const { type } = parseLocation(text);
  if (type !== 'registry' && type !== 'docker-daemon') return;
  const hint =
    type === 'docker-daemon'
      ? 'To load it into Docker or Podman: --load'
      : 'To name it: -t. To write it: store:NAME, oci:DIR, oci-archive:FILE, docker-archive:FILE, tar:FILE or dir:FOLDER';
  throw new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: `"${text.slice(0, 200)}" is not a place that a build writes to`,
    hint,
  });
}
