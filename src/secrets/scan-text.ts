import { encodeUtf8 } from '../util/text.ts';
import type { SecretHit } from '../view/types.ts';
import { SecretScanner } from './secret-scanner.ts';
import type { SecretPlace } from './types.ts';

/**
 * What looks like a secret in a text that is no file.
 * @param options.where `env`, `label`: `NAME=value`; `history`: the command that made a layer
 */
export function scanText(text: string, options: { readonly where: SecretPlace }): readonly SecretHit[] {
  const scanner = new SecretScanner();
  scanner.begin('', options.where);
  scanner.data(encodeUtf8(text));
  return scanner.end();
}
