import * as v from 'valibot';
import { limits } from '../limits.ts';
import { isDigest } from '../util/digest.ts';

/** The image-spec's own grammar of a media type (RFC 6838, 4.2). */
const mediaType = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/,
    (issue) => `media type expected, got ${issue.received}`,
  ),
);
const digest = v.custom<`sha256:${string}`>(
  (input) => typeof input === 'string' && isDigest(input),
  (issue) => `sha256 digest expected, got ${issue.received}`,
);
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const annotations = optional(v.record(v.string(), v.string()));
const strings = v.array(v.string());
/** Ports and volumes: a set written as an object with empty values. */
const set = optional(v.record(v.string(), v.looseObject({})));

const platform = v.looseObject({
  os: v.string(),
  architecture: v.string(),
  variant: optional(v.string()),
  'os.version': optional(v.string()),
  'os.features': optional(strings),
});

export const descriptorSchema = v.looseObject({
  mediaType,
  digest,
  size,
  annotations,
  platform: optional(platform),
  artifactType: optional(v.string()),
  urls: optional(strings),
  data: optional(v.string()),
});

const schemaVersion = v.literal(2);

/** A document with the members of both kinds is refused: its meaning would depend on the reader (CVE-2021-41190). */
export const manifestSchema = v.looseObject({
  schemaVersion,
  mediaType: optional(mediaType),
  artifactType: optional(v.string()),
  config: descriptorSchema,
  layers: v.pipe(v.array(descriptorSchema), v.maxLength(limits.imageLayers)),
  manifests: v.optional(v.never('a manifest has no "manifests"')),
  subject: optional(descriptorSchema),
  annotations,
});

export const indexSchema = v.looseObject({
  schemaVersion,
  mediaType: optional(mediaType),
  artifactType: optional(v.string()),
  manifests: v.pipe(v.array(descriptorSchema), v.maxLength(limits.indexManifests)),
  config: v.optional(v.never('an index has no "config"')),
  layers: v.optional(v.never('an index has no "layers"')),
  subject: optional(descriptorSchema),
  annotations,
});

const integer = optional(v.pipe(v.number(), v.safeInteger()));

const runtimeConfig = v.looseObject({
  User: optional(v.string()),
  ExposedPorts: set,
  Env: optional(strings),
  Entrypoint: optional(strings),
  Cmd: optional(strings),
  Volumes: set,
  WorkingDir: optional(v.string()),
  Labels: optional(v.record(v.string(), v.string())),
  StopSignal: optional(v.string()),
  Healthcheck: optional(
    v.looseObject({
      Test: optional(strings),
      Interval: integer,
      Timeout: integer,
      StartPeriod: integer,
      Retries: integer,
    }),
  ),
});

const historyEntry = v.looseObject({
  created: optional(v.string()),
  author: optional(v.string()),
  created_by: optional(v.string()),
  comment: optional(v.string()),
  empty_layer: optional(v.boolean()),
});

export const configSchema = v.looseObject({
  created: optional(v.string()),
  author: optional(v.string()),
  architecture: v.string(),
  variant: optional(v.string()),
  os: v.string(),
  'os.version': optional(v.string()),
  'os.features': optional(strings),
  config: optional(runtimeConfig),
  rootfs: v.looseObject({
    type: v.literal('layers'),
    diff_ids: v.pipe(nullAsEmpty(v.array(digest)), v.maxLength(limits.imageLayers)),
  }),
  history: optional(v.array(historyEntry)),
});

export const layoutSchema = v.looseObject({ imageLayoutVersion: v.literal('1.0.0') });

/** Go writes `null` where a slice, map or pointer is empty: read it as absent. */
function optional<const S extends v.GenericSchema>(schema: S) {
  return v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );
}

function nullAsEmpty<const S extends v.GenericSchema<unknown, unknown[]>>(schema: S) {
  return v.pipe(
    v.nullable(schema),
    v.transform((value): v.InferOutput<S> | [] => value ?? []),
  );
}
