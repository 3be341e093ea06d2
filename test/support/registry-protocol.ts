import type { IncomingMessage, ServerResponse } from 'node:http';
import { digestOf, isDigest } from '../../src/util/digest.ts';
import type { MisbehavingOptions, StoredRepository, StoredUpload } from './misbehaving-registry.ts';

export interface RegistryContent {
  readonly repositories: Map<string, StoredRepository>;
  readonly uploads: Map<string, StoredUpload>;
  readonly options: MisbehavingOptions;
}

export interface Route {
  readonly kind: 'base' | 'manifests' | 'blobs' | 'uploads' | 'tags' | 'referrers' | 'none';
  readonly name: string;
  /** Tag, digest, or the id of an upload. */
  readonly id: string | undefined;
  readonly query: URLSearchParams;
}

export function routeOf(path: string): Route {
  const { pathname, searchParams: query } = new URL(path, 'http://registry');
  if (pathname === '/v2/') return { kind: 'base', name: '', id: undefined, query };
  const found =
    /^\/v2\/(.+)\/(?:(manifests|referrers)\/([^/]+)|(blobs)\/(?:(uploads)\/([^/]*)|([^/]+))|(tags)\/list)$/.exec(
      pathname,
    );
  if (found === null) return { kind: 'none', name: '', id: undefined, query };
  const [, name = '', documents, id, blobs, isUpload, upload, digest, tags] = found;
  const kind = documents ?? isUpload ?? blobs ?? tags;
  return { kind: kind as Route['kind'], name, id: id ?? upload ?? digest, query };
}

export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
  readonly isElsewhere: boolean;
}

let begun = 0;

/** Answers as the OCI distribution specification 1.1 says. */
export async function serve(store: RegistryContent, asked: Asked): Promise<void> {
  const { request, response, route } = asked;
  const { login } = store.options;
  const expected = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  if (expected !== undefined && !asked.isElsewhere && request.headers.authorization !== expected) {
    return refuse(asked, 401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="test"' });
  }
  const repository = store.repositories.get(route.name);
  switch (route.kind) {
    case 'base':
      response.writeHead(200).end('{}');
      return;
    case 'uploads':
      return serveUpload(store, asked);
    case 'manifests':
      if (request.method === 'PUT') return putManifest(store, asked);
      return repository === undefined ? refuse(asked, 404, 'NAME_UNKNOWN') : serveManifest(repository, asked);
    case 'blobs':
      return serveBlob(repository?.blobs.get(route.id ?? ''), asked);
    case 'tags':
      return repository === undefined
        ? refuse(asked, 404, 'NAME_UNKNOWN')
        : serveTags(repository, asked, store.options);
    case 'referrers':
      if (store.options.referrers === false) return refuse(asked, 404, 'UNSUPPORTED');
      return serveReferrers(repository, asked);
    default:
      return refuse(asked, 404, 'UNSUPPORTED');
  }
}

function serveManifest(repository: StoredRepository, asked: Asked): void {
  const { request, response, route } = asked;
  const id = route.id ?? '';
  const digest = repository.tags.get(id) ?? id;
  const found = repository.manifests.get(digest);
  if (found === undefined) {
    refuse(asked, 404, 'MANIFEST_UNKNOWN');
    return;
  }
  if (request.method === 'DELETE') {
    if (!isDigest(id)) repository.tags.delete(id);
    else {
      repository.manifests.delete(id);
      for (const [tag, target] of repository.tags) if (target === id) repository.tags.delete(tag);
    }
    response.writeHead(202).end();
    return;
  }
  const { bytes, mediaType } = found;
  const headers = { 'content-type': mediaType, 'content-length': bytes.length, 'docker-content-digest': digest };
  response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : bytes);
}

async function putManifest(store: RegistryContent, asked: Asked): Promise<void> {
  const { request, response, route } = asked;
  const bytes = await readBody(request);
  const digest = digestOf(bytes);
  const id = route.id ?? '';
  if (isDigest(id) && id !== digest) return refuse(asked, 400, 'DIGEST_INVALID');
  const { repositories } = store;
  const repository = repositoryOf(repositories, route.name);
  const document = JSON.parse(bytes.toString()) as ManifestShape;
  const parts = [document.config, ...(document.layers ?? [])].filter((part) => part !== undefined);
  const missing = [
    ...parts.filter((part) => !repository.blobs.has(part.digest)),
    ...(document.manifests ?? []).filter((part) => !repository.manifests.has(part.digest)),
  ];
  if (missing.length > 0) return refuse(asked, 400, 'MANIFEST_BLOB_UNKNOWN');
  repository.manifests.set(digest, { bytes, mediaType: String(request.headers['content-type']) });
  if (!isDigest(id)) repository.tags.set(id, digest);
  const subject = store.options.referrers === false ? undefined : document.subject?.digest;
  const headers = { location: `/v2/${route.name}/manifests/${digest}`, 'docker-content-digest': digest };
  response.writeHead(201, { ...headers, ...(subject === undefined ? {} : { 'oci-subject': subject }) }).end();
}

interface ManifestShape {
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly config?: { readonly digest: string; readonly mediaType: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
  readonly subject?: { readonly digest: string };
}

function serveBlob(blob: Uint8Array | undefined, asked: Asked): void {
  const { request, response, route } = asked;
  if (blob === undefined) {
    refuse(asked, 404, 'BLOB_UNKNOWN');
    return;
  }
  const common = { 'docker-content-digest': route.id ?? '', etag: `"${route.id}"`, 'accept-ranges': 'bytes' };
  const range = /^bytes=([0-9]+)-$/.exec(request.headers.range ?? '');
  if (range === null) {
    response.writeHead(200, { ...common, 'content-length': blob.length });
    response.end(request.method === 'HEAD' ? undefined : blob);
    return;
  }
  const rest = blob.subarray(Number(range[1]));
  const contentRange = `bytes ${range[1]}-${blob.length - 1}/${blob.length}`;
  response.writeHead(206, { ...common, 'content-range': contentRange, 'content-length': rest.length }).end(rest);
}

async function serveUpload(store: RegistryContent, asked: Asked): Promise<void> {
  const { request, response, route } = asked;
  const { repositories, uploads, options } = store;
  if (request.method === 'POST') {
    const mount = route.query.get('mount');
    const from = repositories.get(route.query.get('from') ?? '');
    if (mount !== null) {
      const { mounts = 201 } = options;
      const blob = from?.blobs.get(mount);
      if (mounts === 405) return refuse(asked, 405, 'UNSUPPORTED');
      if (mounts === 201 && blob !== undefined) {
        repositoryOf(repositories, route.name).blobs.set(mount, blob);
        response.writeHead(201, { location: `/v2/${route.name}/blobs/${mount}`, 'docker-content-digest': mount }).end();
        return;
      }
    }
    const upload = { id: `upload-${++begun}`, bytes: Buffer.alloc(0) };
    uploads.set(upload.id, upload);
    return accept(asked, upload, options);
  }
  const upload = uploads.get(route.id ?? '');
  if (upload === undefined) return refuse(asked, 404, 'BLOB_UPLOAD_UNKNOWN');
  if (request.method === 'GET') {
    response.writeHead(204, uploadHeaders(asked, upload)).end();
  } else if (request.method === 'DELETE') {
    uploads.delete(upload.id);
    response.writeHead(204).end();
  } else if (request.method === 'PATCH') {
    const start = /^([0-9]+)-/.exec(String(request.headers['content-range'] ?? ''))?.[1];
    if (start !== undefined && Number(start) !== upload.bytes.length) {
      response.writeHead(416, uploadHeaders(asked, upload)).end();
      return;
    }
    // What has arrived stays, also where the line breaks.
    const chunks: Uint8Array[] = [upload.bytes];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } finally {
      upload.bytes = Buffer.concat(chunks);
    }
    accept(asked, upload, options);
  } else {
    const bytes = Buffer.concat([upload.bytes, await readBody(request)]);
    const digest = digestOf(bytes);
    uploads.delete(upload.id);
    if (route.query.get('digest') !== digest) return refuse(asked, 400, 'DIGEST_INVALID');
    repositoryOf(repositories, route.name).blobs.set(digest, bytes);
    response.writeHead(201, { location: `/v2/${route.name}/blobs/${digest}`, 'docker-content-digest': digest }).end();
  }
}

function accept(asked: Asked, upload: StoredUpload, { minPartBytes }: MisbehavingOptions): void {
  const minimum = minPartBytes === undefined ? {} : { 'oci-chunk-min-length': minPartBytes };
  asked.response.writeHead(202, { ...uploadHeaders(asked, upload), ...minimum }).end();
}

function uploadHeaders({ route }: Asked, upload: StoredUpload): Record<string, string> {
  return {
    location: `/v2/${route.name}/blobs/uploads/${upload.id}?_state=a%20b`,
    range: `0-${Math.max(0, upload.bytes.length - 1)}`,
    'docker-upload-uuid': upload.id,
  };
}

function serveTags(repository: StoredRepository, asked: Asked, options: MisbehavingOptions): void {
  const { response, route } = asked;
  const last = route.query.get('last') ?? '';
  const count = Math.min(Number(route.query.get('n') ?? 1000), options.pageSize ?? 1000);
  const rest = [...repository.tags.keys()].sort().filter((tag) => tag > last);
  const tags = rest.slice(0, count);
  const next = `</v2/${route.name}/tags/list?n=${count}&last=${tags.at(-1)}>; rel="next"`;
  const headers = rest.length > count ? { link: next } : {};
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ name: route.name, tags }));
}

function serveReferrers(repository: StoredRepository | undefined, { response, route }: Asked): void {
  const wanted = route.query.get('artifactType');
  const manifests = [...(repository?.manifests ?? [])].flatMap(([digest, { bytes, mediaType }]) => {
    const document = JSON.parse(Buffer.from(bytes).toString()) as ManifestShape;
    const artifactType = document.artifactType ?? document.config?.mediaType;
    if (document.subject?.digest !== route.id || (wanted !== null && wanted !== artifactType)) return [];
    return [{ mediaType, digest, size: bytes.length, artifactType, annotations: document.annotations }];
  });
  const filters = wanted === null ? {} : { 'oci-filters-applied': 'artifactType' };
  response.writeHead(200, { 'content-type': 'application/vnd.oci.image.index.v1+json', ...filters });
  response.end(JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }));
}

function refuse(
  { request, response }: Asked,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  const body = JSON.stringify({ errors: [{ code, message: 'a message \u001b[31mof the registry' }] });
  response.end(request.method === 'HEAD' ? undefined : body);
}

export function repositoryOf(repositories: Map<string, StoredRepository>, name: string): StoredRepository {
  const found = repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
  repositories.set(name, found);
  return found;
}

export async function readBody(request: IncomingMessage, count = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    chunks.push(bytes.subarray(0, count - size));
    size += bytes.length;
    if (size >= count) break;
  }
  return Buffer.concat(chunks);
}
