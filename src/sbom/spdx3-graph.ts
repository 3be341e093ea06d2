import { documentNamespace, idPart, timestamp } from './identity.ts';
import type { BillOfMaterials } from './types.ts';

/** The elements of one SPDX 3.0.1 document, in the order in which they were added. Every one names the same creation. */
export class Spdx3Graph {
  readonly #namespace: string;
  readonly #created: string;
  readonly #elements: { readonly type: string; readonly spdxId: string }[] = [];
  readonly #licences = new Map<string, string>();
  readonly #agent: string;
  readonly #tool: string;
  #numbered = 0;

  constructor(bom: BillOfMaterials) {
    this.#namespace = documentNamespace(bom, 'spdx-3.0.1');
    this.#created = timestamp(bom);
    // An agent has to have made it, and a tool is none: the program stands as an agent of its own.
    this.#agent = this.add('SoftwareAgent', 'Agent', { name: 'slimimage' });
    this.#tool = this.add('Tool', 'Tool', { name: `slimimage-${bom.toolVersion}` });
  }

  /** The identifier of the element that is or will be added as `part`. */
  idOf(part: string): string {
    return `${this.#namespace}#${idPart(part)}`;
  }

  add(type: string, part: string, fields: object): string {
    const spdxId = this.idOf(part);
    this.#elements.push({ type, spdxId, creationInfo, ...fields } as { type: string; spdxId: string });
    return spdxId;
  }

  /** One relationship from an element to all of the others; none where there are none. A scope makes it a lifecycle's. */
  relate(type: string, from: string, to: readonly string[], fields: RelationshipFields = {}): void {
    if (to.length === 0) return;
    const kind = fields.scope === undefined ? 'Relationship' : 'LifecycleScopedRelationship';
    this.add(kind, this.#next('Relationship'), { relationshipType: type, from, to, ...fields });
  }

  annotate(subject: string, statement: string): void {
    this.add('Annotation', this.#next('Annotation'), { annotationType: 'other', subject, statement });
  }

  /** @param texts parts of identifiers, of the elements for what the expression calls `LicenseRef-...` */
  licence(expression: string, texts: readonly string[]): string {
    const known = this.#licences.get(expression);
    if (known !== undefined) return known;
    const custom = texts.map((id) => ({ type: 'DictionaryEntry', key: id, value: this.idOf(id) }));
    const id = this.add('simplelicensing_LicenseExpression', this.#next('Licence'), {
      simplelicensing_licenseExpression: expression,
      simplelicensing_customIdToUri: custom.length === 0 ? undefined : custom,
    });
    this.#licences.set(expression, id);
    return id;
  }

  document({ name, comment, root }: { name: string; comment: string; root: string }): object {
    const dataLicense = this.licence('CC0-1.0', []);
    const element = this.#elements.map(({ spdxId }) => spdxId);
    const profileConformance = ['core', 'software', 'simpleLicensing', 'expandedLicensing'];
    const sbom = this.add('software_Sbom', 'Sbom', {
      software_sbomType: ['build'],
      profileConformance,
      rootElement: [root],
      element,
    });
    this.add('SpdxDocument', 'Document', { name, comment, profileConformance, dataLicense, rootElement: [sbom] });
    return {
      '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
      '@graph': [
        {
          type: 'CreationInfo',
          '@id': creationInfo,
          specVersion: '3.0.1',
          created: this.#created,
          createdBy: [this.#agent],
          createdUsing: [this.#tool],
        },
        ...this.#elements,
      ],
    };
  }

  #next(kind: string): string {
    this.#numbered += 1;
    return `${kind}-${this.#numbered}`;
  }
}

interface RelationshipFields {
  readonly scope?: 'runtime';
  readonly completeness?: 'complete' | 'incomplete';
  readonly comment?: string | undefined;
}

/** A blank node: it has no meaning outside of the document. */
const creationInfo = '_:creation';
