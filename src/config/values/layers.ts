import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { nearest } from '../../util/nearest.ts';
import type { LayersSetting } from '../spec.ts';

const words = ['automatic', 'single', 'package', 'source'] as const;

/**
 * Reads `automatic`, `single`, `package`, `source`, or the most layers that a build may make: `8`.
 * @throws SlimimageError CONFIG_INVALID
 */
export function parseLayers(text: string): LayersSetting {
  const type = words.find((word) => word === text);
  if (type !== undefined) return { type };
  const budget = /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
  if (budget === undefined) {
    const found = nearest(text, words);
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `"${text.slice(0, 40)}" is no way to make layers: expected automatic, single, package, source, or a number of layers`,
      hint: found === undefined ? undefined : `did you mean "${found}"?`,
    });
  }
  if (budget >= 1 && budget <= limits.builtLayers) return { type: 'budget', budget };
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `an image has from 1 to ${limits.builtLayers} layers, not ${budget}: engines stop there`,
  });
}
