import { encodeUtf8 } from '../util/text.ts';
import type { SecretHit } from '../view/types.ts';
import { SecretScanner } from './secret-scanner.ts';
import type { SecretPlace } from './types.ts';

/** Its window is large beside most texts, and an image may have a hundred thousand of them. */
const scanner = new SecretScanner();

/**
 * What looks like a secret in a text that is no file.
 * @param options.where `env`, `label`: `NAME=value`; `history`: the command that made a layer
 */
export function scanText(text: string, options: { readonly where: SecretPlace }): readonly SecretHit[] {
  scanner.begin('', options.where);
  scanner.data(encodeUtf8(text));
  return scanner.end();
}
