import { SlimimageError } from '../errors.ts';
import type { Image } from '../image/types.ts';

/**
 * The layer that a user means: its number, 1 the lowest, or its digest (of the blob or of the uncompressed tar), of which a beginning
 * is enough.
 *
 * @returns index of the layer, from 0
 * @throws SlimimageError USAGE where there is no such layer, or several
 */
export function chooseLayer(image: Image, text: string): number {
  if (/^\d{1,4}$/.test(text)) {
    const index = Number(text) - 1;
    if (image.layers[index] !== undefined) return index;
    throw noLayer(image, text);
  }
  const start = text.startsWith('sha256:') ? text : `sha256:${text}`;
  const found = [...image.layers.entries()].filter(([, { diffId, descriptor }]) =>
    [diffId, descriptor?.digest].some((digest) => digest?.startsWith(start) === true),
  );
  const [only, ...more] = found;
  if (only === undefined || start === 'sha256:') throw noLayer(image, text);
  if (more.length === 0) return only[0];
  throw new SlimimageError({
    code: 'USAGE',
    message: `${image.name} has ${found.length} layers whose digest begins with ${text}`,
    hint: `Name one by its number: ${found.map(([index]) => index + 1).join(', ')}.`,
  });
}

function noLayer({ name, layers }: Image, text: string): SlimimageError {
  const hint =
    layers.length === 0
      ? undefined
      : `It has ${layers.length === 1 ? 'one: 1' : `${layers.length}, 1 the lowest`}; a digest does as well.`;
  return new SlimimageError({ code: 'USAGE', message: `${name} has no layer ${text}`, hint });
}
