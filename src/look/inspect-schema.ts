import { closedObject } from '../build/answer-schemas.ts';

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const wholeNumber = { type: 'integer', minimum: 0 };
const bytes = { ...wholeNumber, description: 'Bytes.' };
const share = { type: 'number', minimum: 0 };
const digest = { ...text, pattern: '^[a-z0-9]+:[0-9a-f]+$' };
const layer = { type: 'integer', minimum: 1, description: 'Number of a layer; 1 is the lowest.' };
const listOf = (items: object) => ({ type: 'array', items });

const sizedPath = closedObject({ path: text, bytes, layer });
const sizedFolder = closedObject({ path: text, files: wholeNumber, bytes });
const changeCount = closedObject({ paths: wholeNumber, bytes: { ...bytes, description: 'Of files.' } });
const namedVersion = closedObject({ name: text, version: text });

const distribution = closedObject(
  {
    id: { ...text, description: 'debian, alpine.' },
    codename: text,
    version: text,
    title: { ...text, description: 'Debian GNU/Linux 13 (trixie)' },
    support: closedObject(
      {
        release: text,
        status: { enum: ['supported', 'extended', 'ended'] },
        until: { ...text, description: 'YYYY-MM-DD' },
        extended: closedObject({ until: text, by: text }),
      },
      ['extended'],
    ),
  },
  ['id', 'codename', 'version', 'title', 'support'],
);

const settings = closedObject(
  {
    user: { ...text, description: "As the config has it; '' means root." },
    entrypoint: texts,
    cmd: texts,
    env: { ...texts, description: 'NAME=value; what looks like a secret is NAME=****.' },
    workdir: text,
    ports: texts,
    volumes: texts,
    labels: { type: 'object', additionalProperties: text },
    stopSignal: text,
    shell: { ...texts, description: 'What the shell form of instructions is run by.' },
    healthcheck: { ...text, description: 'As HEALTHCHECK has it in a Dockerfile.' },
    onbuild: texts,
    redacted: { ...wholeNumber, description: 'Values that were struck out.' },
  },
  ['stopSignal', 'healthcheck'],
);

const entrypoint = closedObject({
  words: { ...texts, description: 'Entrypoint and Cmd.' },
  programs: listOf(
    closedObject(
      {
        role: { enum: ['command', 'interpreter', 'argument'], description: 'Why it is started.' },
        name: { ...text, description: 'As it is written.' },
        steps: { ...texts, description: 'From where it was found, link by link, to the file.' },
        file: closedObject({
          path: text,
          type: { enum: ['elf', 'script', 'other'] },
          packages: { ...texts, description: 'Whose file it is.' },
          layer,
          size: bytes,
          executable: { type: 'boolean' },
        }),
      },
      ['file'],
    ),
  ),
});

const layerReport = closedObject(
  {
    number: layer,
    diffId: digest,
    digest,
    mediaType: text,
    compressedSize: bytes,
    size: { ...bytes, description: 'Of the uncompressed tar.' },
    fileBytes: { ...bytes, description: 'Of the files in it.' },
    command: { ...text, description: 'What made it, as the history says.' },
    created: text,
    added: changeCount,
    changed: changeCount,
    removed: changeCount,
    changes: {
      ...closedObject({ added: texts, changed: texts, removed: texts }),
      description: 'The paths of these, sorted; of the layer that --layer names.',
    },
    packages: closedObject({
      added: listOf(namedVersion),
      removed: listOf(namedVersion),
      changed: listOf(closedObject({ name: text, from: text, to: text })),
    }),
    lostBytes: { ...bytes, description: 'Of its files, those that no path of the image shows.' },
    hidBytes: { ...bytes, description: 'Of layers below, those that nothing shows since this one.' },
  },
  ['digest', 'mediaType', 'compressedSize', 'command', 'created', 'changes'],
);

const packages = closedObject({
  count: wholeNumber,
  files: { ...wholeNumber, description: 'Files and links that belong to a package.' },
  bytes,
  packages: listOf(
    closedObject(
      {
        ecosystem: { enum: ['deb', 'apk'] },
        name: text,
        version: text,
        architecture: text,
        source: namedVersion,
        automatic: { type: 'boolean', description: 'apt brought it for others.' },
        files: wholeNumber,
        bytes: { ...bytes, description: 'Of its files as they lie in the tree, each content once.' },
        missing: { ...wholeNumber, description: 'Files that it lists and the tree has not.' },
        paths: { ...texts, description: 'Its files and links, sorted; with --files.' },
        missingPaths: { ...texts, description: 'Sorted; with --files.' },
      },
      ['automatic', 'paths', 'missingPaths'],
    ),
  ),
  unowned: closedObject(
    {
      files: wholeNumber,
      bytes,
      biggest: listOf(sizedPath),
      folders: listOf(sizedFolder),
      paths: { ...texts, description: 'All of them, sorted; with --files.' },
    },
    ['paths'],
  ),
  problems: { ...texts, description: 'What of the package databases can not be read.' },
});

const users = closedObject(
  {
    accounts: listOf(
      closedObject(
        {
          name: text,
          uid: wholeNumber,
          gid: wholeNumber,
          group: text,
          home: text,
          shell: text,
          paths: { ...wholeNumber, description: 'Paths that it owns.' },
        },
        ['group'],
      ),
    ),
    runsAs: closedObject({ configured: text, uid: wholeNumber, gids: listOf(wholeNumber), name: text }, ['name']),
    strangers: {
      ...closedObject({
        count: wholeNumber,
        most: listOf(
          closedObject({ type: { enum: ['user', 'group'] }, id: wholeNumber, paths: wholeNumber, example: text }),
        ),
      }),
      description: 'Owners without an account, and those of them that own most.',
    },
  },
  ['runsAs'],
);

const contents = closedObject({
  files: wholeNumber,
  folders: wholeNumber,
  symlinks: wholeNumber,
  hardLinks: { ...wholeNumber, description: 'Names beyond the first of a file.' },
  others: wholeNumber,
  bytes: { ...bytes, description: 'Of all files, hard links once.' },
  biggestFileBytes: { ...bytes, description: 'Of the biggest file.' },
  biggestFiles: listOf(sizedPath),
  biggestFolders: listOf(sizedFolder),
  duplicates: closedObject({
    bytes: { ...bytes, description: 'That one copy of each would save.' },
    contents: wholeNumber,
    biggest: listOf(closedObject({ sha256: text, size: bytes, copies: wholeNumber, wasted: bytes, paths: texts })),
  }),
});

const waste = closedObject({
  bytes: { ...bytes, description: 'Of files in layers that no path of the image shows.' },
  files: wholeNumber,
  pairs: listOf(closedObject({ writtenBy: layer, lostBy: layer, bytes, files: wholeNumber })),
  biggest: listOf(closedObject({ path: text, bytes, writtenBy: layer, lostBy: layer })),
});

const dive = closedObject(
  {
    efficiency: share,
    wastedBytes: bytes,
    sizeBytes: bytes,
    userSizeBytes: bytes,
    userWastedPercent: { ...share, description: 'A share; missing where there is one layer alone.' },
    inefficiencies: listOf(closedObject({ path: text, count: wholeNumber, cumulativeSize: bytes })),
  },
  ['userWastedPercent'],
);

const dockerfile = closedObject({
  base: closedObject({
    reference: text,
    certainty: { enum: ['named', 'guessed', 'unknown'] },
    reason: text,
    entries: { ...wholeNumber, description: 'Of the history, from the first, that are its own.' },
  }),
  steps: listOf(
    closedObject(
      { text, notes: texts, layer, inherited: { type: 'boolean', description: 'It belongs to the base image.' } },
      ['layer'],
    ),
  ),
  text,
});

const limit = closedObject(
  {
    limit: { ...text, description: 'As it was written.' },
    name: text,
    value: { type: 'number' },
    actual: { type: 'number', description: 'Missing where this form of image does not say.' },
    unit: { enum: ['bytes', 'number', 'share'] },
    failed: { type: 'boolean' },
  },
  ['actual'],
);

/** `slimimage inspect --format json`; published in schema/. */
export const inspectSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:inspect',
  title: 'slimimage inspect --format json',
  description: 'What is in an image. Sizes are bytes, layers are numbered from 1, paths begin with a slash.',
  ...closedObject(
    {
      image: { ...text, description: 'The name under which it was opened.' },
      digest,
      indexDigest: { ...digest, description: 'Of the index that the manifest was chosen from.' },
      otherPlatforms: { ...texts, description: 'Of an image for several platforms, those that were not looked at.' },
      configDigest: digest,
      platform: text,
      created: text,
      author: text,
      compressedSize: bytes,
      size: { ...bytes, description: "Of all layers' tars." },
      distribution,
      settings,
      entrypoint,
      layers: listOf(layerReport),
      packages,
      users,
      contents,
      waste,
      dive,
      dockerfile,
      limits: listOf(limit),
    },
    [
      ...['digest', 'indexDigest', 'configDigest', 'platform', 'created', 'author', 'compressedSize'],
      ...['distribution', 'settings', 'entrypoint', 'dive', 'dockerfile'],
    ],
  ),
};
