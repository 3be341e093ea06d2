import { SlimimageError } from '../errors.ts';
import { parseDestination, parseLocation } from '../oci/location.ts';
import { namesRegistry, parseReference } from '../oci/reference.ts';
import type { BuildOptions } from './types.ts';

type CheckedOptions = Pick<
  BuildOptions,
  'tags' | 'outputs' | 'push' | 'attach' | 'offline' | 'sboms' | 'provenance' | 'sign'
>;

/**
 * Checks names and targets before any work is done for them.
 * @throws SlimimageError REFERENCE_INVALID for what can't be read, OUTPUT_INVALID for what can't be written to, USAGE for options without
 *   the target that they are for
 */
export function checkTargets(options: CheckedOptions): void {
  const { tags = [], outputs = [], push = false, attach = false, offline = false } = options;
  for (const tag of tags) checkTag(tag);
  for (const output of outputs) checkOutput(output);
  if (push) checkPush(tags);
  if (attach && !outputs.some((output) => parseLocation(output).type === 'oci')) throw nothingToAttachTo();
  if (attach && options.sboms?.length === 0 && options.provenance === false && options.sign === undefined)
    throw nothingToAttach();
  const pushed = registryTargets(options);
  if (offline && pushed.length > 0) throw offlinePush(pushed);
}

/** Every `docker://` place that a build pushes to, each once. */
export function registryTargets(options: Pick<BuildOptions, 'tags' | 'outputs' | 'push'>): readonly string[] {
  const { tags = [], outputs = [], push = false } = options;
  return [...new Set([...(push ? pushTargets(tags) : []), ...outputs.filter(isRegistryTarget)])];
}

/** Whether `-o` names a registry: by its prefix, because a bare name (`web`) is a slip for one of the store. */
export function isRegistryTarget(output: string): boolean {
  return output.startsWith('docker://');
}

/** Where `--push` sends the image: every name that says its registry. Nothing goes to a public one because nobody named another. */
export function pushTargets(tags: readonly string[]): readonly string[] {
  return [...new Set(tags.filter(namesRegistry).map((tag) => `docker://${tag}`))];
}

/** The names under which others find the image: of a push those that were pushed, of any other build all. */
export function tellingNames({ tags = [], push = false }: Pick<BuildOptions, 'tags' | 'push'>): readonly string[] {
  return push ? tags.filter(namesRegistry) : tags;
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
  const location = parseLocation(text);
  const { type } = location;
  if (type === 'registry' && isRegistryTarget(text)) {
    parseDestination(text);
    checkTag(text.slice('docker://'.length));
    return;
  }
  if (type !== 'registry' && type !== 'docker-daemon') return;
  const hint =
    type === 'docker-daemon'
      ? 'To load it into Docker or Podman: --load'
      : 'To name it: -t. To write it: store:NAME, oci:DIR, oci-archive:FILE, docker-archive:FILE, tar:FILE, dir:FOLDER or docker://HOST/REPO:TAG';
  throw new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: `"${text.slice(0, 200)}" is not a place that a build writes to`,
    hint,
  });
}

function checkPush(tags: readonly string[]): void {
  if (pushTargets(tags).length > 0) return;
  const [tag = 'web:1.0'] = tags;
  const name = tag.slice(0, 200);
  throw new SlimimageError({
    code: 'USAGE',
    message:
      tags.length === 0
        ? '--push needs a name that says where to'
        : `--push needs a name with a registry in it, and ${tags.map((one) => `"${one.slice(0, 200)}"`).join(', ')} has none`,
    hint: `For example: -t registry.example/team/${name.replace(/^.*\//, '')} --push. For Docker Hub: -t docker.io/${name.includes('/') ? name : `USER/${name}`}`,
  });
}

function nothingToAttachTo(): SlimimageError {
  return new SlimimageError({
    code: 'USAGE',
    message: '--attach puts papers into a layout, and no -o names one',
    hint: 'Add -o oci:DIR. Registries get the papers with every push; beside archives they are files.',
  });
}

function nothingToAttach(): SlimimageError {
  return new SlimimageError({
    code: 'USAGE',
    message: '--attach puts papers into a layout, and --sbom none with --no-provenance makes none',
    hint: 'Leave out --attach, or one of the other two.',
  });
}

function offlinePush(targets: readonly string[]): SlimimageError {
  return new SlimimageError({
    code: 'USAGE',
    message: `--offline asks no server, and ${targets.join(', ')} is on one`,
    hint: 'Leave one of the two out.',
  });
}
