import { closedObject } from '../build/answer-schemas.ts';

const text = { type: 'string' };
const wholeNumber = { type: 'integer', minimum: 0 };
const types = ['file', 'directory', 'symlink', 'hardlink', 'character', 'block', 'fifo', 'whiteout', 'opaque'];

const entrySchema = closedObject(
  {
    path: { ...text, description: 'Relative to the root; of a whiteout, what it hides.' },
    type: { enum: types, description: 'hardlink, whiteout and opaque only with --layer.' },
    mode: { ...wholeNumber, maximum: 0o7777, description: 'Permission bits as a number.' },
    uid: wholeNumber,
    gid: wholeNumber,
    mtime: { type: 'integer', description: 'Seconds since 1970.' },
    size: { ...wholeNumber, description: 'Bytes.' },
    linkTarget: { ...text, description: 'Of a symlink its text, of a hard link the path that it shares.' },
    deviceMajor: wholeNumber,
    deviceMinor: wholeNumber,
    sha256: { type: 'string', pattern: '^[0-9a-f]{64}$', description: "Of a file's content." },
    xattrs: { type: 'object', additionalProperties: text, description: 'Extended attributes, in base64.' },
    layer: { type: 'integer', minimum: 1, description: 'The layer that wrote this name, 1 the lowest.' },
  },
  ['linkTarget', 'deviceMajor', 'deviceMinor', 'sha256', 'xattrs'],
);

/** `slimimage ls --format json`; published in schema/. */
export const listSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:ls',
  title: 'slimimage ls --format json',
  description: 'The paths of an image, or of one of its layers, sorted.',
  type: 'array',
  items: entrySchema,
};

/** `slimimage extract --format json`; published in schema/. */
export const extractSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:extract',
  title: 'slimimage extract --format json',
  description: 'What was taken out of an image.',
  ...closedObject({
    image: { ...text, description: 'The name under which it was opened.' },
    output: { ...text, description: 'Absolute path of the folder or file that was written.' },
    paths: { ...wholeNumber, description: 'Names that were taken, the folders above the named paths among them.' },
    bytes: { ...wholeNumber, description: 'Of their contents, hard links once.' },
  }),
};
