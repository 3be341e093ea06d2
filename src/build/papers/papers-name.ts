import type { ImageSpec } from '../../config/spec.ts';
import { parseLocation } from '../../oci/location.ts';
import { familiarReference, parseReference, type Reference } from '../../oci/reference.ts';
import type { BuildOptions } from '../types.ts';

/**
 * What papers call an image: its `name:`, else the repository of the first `-t`, else of the first registry that it is pushed to, else
 * `image`. A folder's name is a machine's business.
 */
export function papersName(
  { name, isNamed }: Pick<ImageSpec, 'name' | 'isNamed'>,
  { tags = [], outputs = [] }: Pick<BuildOptions, 'tags' | 'outputs'>,
): string {
  if (isNamed !== false) return name;
  const pushed = outputs.map(parseLocation).find((location) => location.type === 'registry');
  const reference = tags[0] === undefined ? pushed?.reference : parseReference(tags[0]);
  return reference === undefined ? 'image' : repositoryName(reference);
}

function repositoryName({ tag: _, digest: __, ...repository }: Reference): string {
  return familiarReference(repository);
}
