import * as v from 'valibot';
import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { decodeUtf8Strict } from '../util/text.ts';
import type { Descriptor } from './descriptor.ts';
import type { ImageConfig, ImageIndex, Manifest } from './documents.ts';
import { documentKind } from './media-types.ts';
import { configSchema, descriptorSchema, indexSchema, layoutSchema, manifestSchema } from './schema.ts';

export interface ParseOptions {
  /** What is read, for messages; default the kind of document. */
  readonly name?: string | undefined;
  /** Bytes; default `limits.ociDocumentBytes`. */
  readonly maxBytes?: number | undefined;
}

/** Deeper JSON than any image has, and far from the depth at which serialising it would overflow the stack. */
const maxDepth = 100;

/** @throws SlimimageError OCI_INVALID, LIMIT_EXCEEDED */
export function parseManifest(bytes: Uint8Array, options: ParseOptions = {}): Manifest {
  const name = options.name ?? 'manifest';
  const manifest: Manifest = validate(manifestSchema, parseJson(bytes, name, options), name);
  if (manifest.mediaType !== undefined && documentKind(manifest.mediaType) !== 'manifest') {
    throw invalid(name, `its media type is ${manifest.mediaType}`);
  }
  return manifest;
}

/** @throws SlimimageError OCI_INVALID, LIMIT_EXCEEDED */
export function parseIndex(bytes: Uint8Array, options: ParseOptions = {}): ImageIndex {
  const name = options.name ?? 'index';
  const index: ImageIndex = validate(indexSchema, parseJson(bytes, name, options), name);
  if (index.mediaType !== undefined && documentKind(index.mediaType) !== 'index') {
    throw invalid(name, `its media type is ${index.mediaType}`);
  }
  return index;
}

/** @throws SlimimageError OCI_INVALID, LIMIT_EXCEEDED */
export function parseImageConfig(bytes: Uint8Array, options: ParseOptions = {}): ImageConfig {
  const name = options.name ?? 'image config';
  return validate(configSchema, parseJson(bytes, name, options), name);
}

/** Validates a descriptor that was already read from JSON. @throws SlimimageError OCI_INVALID */
export function parseDescriptor(value: unknown, name = 'descriptor'): Descriptor {
  return validate(descriptorSchema, value, name);
}

/** Checks the `oci-layout` file of a layout. @throws SlimimageError OCI_INVALID, LIMIT_EXCEEDED */
export function checkLayoutFile(bytes: Uint8Array): void {
  validate(layoutSchema, parseJson(bytes, 'oci-layout', {}), 'oci-layout');
}

/**
 * JSON of limited size and depth, in strict UTF-8.
 * @throws SlimimageError OCI_INVALID, LIMIT_EXCEEDED
 */
export function parseJson(bytes: Uint8Array, name: string, options: ParseOptions): unknown {
  const maxBytes = options.maxBytes ?? limits.ociDocumentBytes;
  if (bytes.length > maxBytes) {
    throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message: `${name} is larger than ${maxBytes} bytes` });
  }
  const text = decodeUtf8Strict(bytes);
  if (text === undefined) throw invalid(name, 'it is not UTF-8');
  if (depthOf(text) > maxDepth) throw invalid(name, `it is nested deeper than ${maxDepth} levels`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SlimimageError({ code: 'OCI_INVALID', message: `${name} is not JSON`, cause });
  }
}

function validate<const S extends v.GenericSchema>(schema: S, value: unknown, name: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw invalid(name, `${path === null ? '' : `${path}: `}${issue.message.slice(0, 200)}`);
}

/** Levels of brackets outside strings; an upper bound is enough, so malformed text may count too many. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === 0x5c) at++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) {
      inString = true;
    } else if (unit === 0x7b || unit === 0x5b) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (unit === 0x7d || unit === 0x5d) {
      depth--;
    }
  }
  return deepest;
}

function invalid(name: string, reason: string): SlimimageError {
  return new SlimimageError({
    code: 'OCI_INVALID',
    message: `${name} is not valid: ${reason}`,
    hint: 'The image is damaged or was made by a tool that does not follow the OCI image specification.',
  });
}
