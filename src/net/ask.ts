import { concatBytes } from '../util/bytes.ts';
import { contentLength } from './content-range.ts';
import type { Exchange, HttpResponse } from './exchange.ts';
import { HttpError } from './http-error.ts';
import type { HttpAnswer, RequestOptions } from './types.ts';
import { type Destination, redactUrl } from './url.ts';

/** One try of a request: the answer, its body in memory and whole. */
export function ask(exchange: Exchange, destination: Destination, options: RequestOptions): Promise<HttpAnswer> {
  const { method, headers = {}, body, accept, retry, responseMs, signal } = options;
  const request = { destination, method, headers, body, accept, responseMs, signal, repeatable: retry ?? true };
  return exchange(request, async (response) => ({
    status: response.status,
    headers: response.headers,
    bytes: method === 'HEAD' ? new Uint8Array(0) : await wholeBody(response, options.maxSize),
    url: response.url,
  }));
}

async function wholeBody(response: HttpResponse, maxSize: number): Promise<Uint8Array> {
  const announced = contentLength(response.headers);
  if (announced !== undefined && announced > maxSize) throw tooLarge(response, `${announced} bytes`, maxSize);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > maxSize) throw tooLarge(response, 'more', maxSize);
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}

function tooLarge({ url, status }: HttpResponse, got: string, maxSize: number): HttpError {
  return new HttpError({
    code: 'DOWNLOAD_TOO_LARGE',
    message: `${redactUrl(url)} answers with ${got} where ${maxSize} bytes are allowed`,
    status,
  });
}
