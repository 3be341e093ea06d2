import type { SbomFormat } from '../oci/papers.ts';
import { encodeUtf8 } from '../util/text.ts';
import type { BillOfMaterials } from './types.ts';

/**
 * A bill of materials as a document: the same bytes for the same bill, with the image's own time and with identifiers that come of its
 * digest. The writers are loaded only when one is wanted.
 * @returns UTF-8 JSON: SPDX 2.3, SPDX 3.0.1 (JSON-LD) or CycloneDX 1.6.
 */
export async function encodeSbom(format: SbomFormat, bom: BillOfMaterials): Promise<Uint8Array> {
  return encodeUtf8(`${JSON.stringify(await documentOf(format, bom), undefined, 2)}\n`);
}

async function documentOf(format: SbomFormat, bom: BillOfMaterials): Promise<object> {
  switch (format) {
    case 'spdx':
      return (await import('./spdx2.ts')).spdx2Document(bom);
    case 'spdx-3':
      return (await import('./spdx3.ts')).spdx3Document(bom);
    case 'cyclonedx':
      return (await import('./cyclonedx.ts')).cycloneDxDocument(bom);
  }
}
