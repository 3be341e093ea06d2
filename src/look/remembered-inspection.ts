import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toolVersion } from '../build/tool-version.ts';
import { rememberIfPossible } from '../image/remember.ts';
import type { Image } from '../image/types.ts';
import type { Inspection } from '../inspect/types.ts';
import { digestOf } from '../util/digest.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import type { Opened } from './with-image.ts';

const namespace = 'inspection-2';

/**
 * Under what an inspection is remembered: all that decides it but what `answerFrom` brings in. Undefined where something may decide it that has no digest: a bare file tree,
 * a program that runs from its source.
 * @param asked options that change the answer, as JSON values
 * @param edition which program answers; as `programEdition` gives it
 */
export function inspectionKey(
  { descriptor, manifest, config, configBytes, platform, layers }: Image,
  asked: unknown,
  edition: string | undefined,
): string | undefined {
  if (edition === undefined || config === undefined || layers.some(({ diffId }) => diffId === undefined)) return;
  const identity = configBytes === undefined ? manifest?.config.digest : digestOf(configBytes);
  if (identity === undefined) return;
  const parts = layers.map((layer) => [layer.diffId, layer.descriptor?.digest, layer.descriptor?.size]);
  return digestOf(JSON.stringify([edition, descriptor?.digest, identity, platform, parts, asked]));
}

export async function recallInspection({ memo }: Opened['store'], key: string): Promise<Inspection | undefined> {
  const found = await memo.getBytes(namespace, key);
  if (found === undefined) return;
  const text = decodeUtf8(found);
  const end = text.indexOf('\n');
  const json = text.slice(end + 1);
  return text.slice(0, end) === digestOf(json) ? JSON.parse(json) : undefined;
}

/** With its digest: an answer that is damaged or cut off is found again. */
export async function rememberInspection(
  { memo }: Opened['store'],
  key: string,
  inspection: Inspection,
): Promise<void> {
  const json = JSON.stringify(inspection);
  await rememberIfPossible(memo.setBytes(namespace, key, encodeUtf8(`${digestOf(json)}\n${json}`)));
}

/** Which program this is: its version, and which build of it. Undefined for one that runs from its source, which changes in between. */
export function programEdition(): string | undefined {
  if (!import.meta.url.endsWith('.js')) return;
  const { mtimeMs, size } = statSync(fileURLToPath(import.meta.url));
  return `${toolVersion} ${mtimeMs} ${size}`;
}
