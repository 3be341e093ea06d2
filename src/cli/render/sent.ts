import { count, formatBytes } from './units.ts';

export interface SentParts {
  /** Layers, and everything else: configurations, papers, manifests, indexes. */
  readonly sent: number;
  readonly layers: number;
  /** Of what was sent. */
  readonly bytes: number | undefined;
  readonly skipped: number;
  readonly mounted: number;
}

/** `1 layer and 3 documents sent (5.4 MB), 8 there already`: how an image came where it is. */
export function renderSent({ sent, layers, bytes, skipped, mounted }: SentParts): string {
  const documents = sent - layers;
  const kinds = [
    ...(layers > 0 ? [count(layers, 'layer')] : []),
    ...(documents > 0 ? [count(documents, 'document')] : []),
  ];
  const size = bytes === undefined ? '' : ` (${formatBytes(bytes)})`;
  return [
    sent === 0 ? 'nothing to send' : `${kinds.join(' and ')} sent${size}`,
    ...(mounted > 0 ? [`${mounted} taken over from other repositories`] : []),
    ...(skipped > 0 ? [`${skipped} there already`] : []),
  ].join(', ');
}
