import { type ContentRange, contentLength, parseContentRange, strongValidator } from './content-range.ts';
import type { Exchange, HttpResponse } from './exchange.ts';
import { HttpError } from './http-error.ts';
import type { Sink } from './sink.ts';
import type { GetOptions, Validators } from './types.ts';
import { type Destination, redactUrl } from './url.ts';

export interface Transferred {
  readonly validators: Validators;
  readonly url: string;
}

export interface TransferOptions extends GetOptions {
  readonly validators?: Validators | undefined;
  /** The content never changes at this address, so that a range continues it without the server's promise. Default: with a digest. */
  readonly unchanging?: boolean | undefined;
  readonly stream?: boolean | undefined;
}

/**
 * The tries of one download into one sink: what one try leaves, the next one continues where that is safe. It is safe
 * with an expected digest, or when the server promises (If-Range) that its content is still the same.
 */
export class Transfer {
  /** The most bytes ever held. */
  furthest: number;
  readonly #exchange: Exchange;
  readonly #destination: Destination;
  readonly #sink: Sink;
  readonly #options: TransferOptions;
  /** Bytes above which a body is refused. */
  readonly #limit: number;
  /** False once the server has answered a range with nonsense. */
  #rangesUsable = true;
  /** Whether the sink's bytes came in more than one response. */
  #pieced: boolean;
  #validator: string | undefined;

  constructor(exchange: Exchange, sink: Sink, options: TransferOptions & { readonly destination: Destination }) {
    this.#exchange = exchange;
    this.#sink = sink;
    this.#destination = options.destination;
    this.#options = options;
    this.#limit = Math.min(options.maxSize, options.expectedSize ?? options.maxSize);
    this.#pieced = sink.size > 0;
    this.furthest = sink.size;
  }

  /** One try. Undefined: not modified. */
  async attempt(): Promise<Transferred | undefined> {
    const { expectedSize } = this.#options;
    if (this.#sink.size > 0 && !this.#canContinue()) await this.#restart();
    if (this.#sink.size > 0 && this.#sink.size === expectedSize) {
      if (this.#digestFits()) return { validators: {}, url: redactUrl(this.#destination.url) };
      await this.#restart();
    }
    // At most twice: the second time ranges are out of use and the sink is empty.
    for (;;) {
      const outcome = await this.#request();
      if (outcome.type === 'done') return outcome.transferred;
      this.#rangesUsable = false;
      await this.#restart();
    }
  }

  #canContinue(): boolean {
    const { expectedSize, expectedDigest, unchanging = expectedDigest !== undefined } = this.#options;
    if (!this.#rangesUsable || this.#sink.size > (expectedSize ?? this.#limit)) return false;
    return unchanging || this.#validator !== undefined;
  }

  async #restart(): Promise<void> {
    await this.#sink.restart();
    this.#pieced = false;
    this.#validator = undefined;
    this.#options.onProgress?.(0);
  }

  #request(): Promise<Outcome> {
    const request = {
      destination: this.#destination,
      headers: this.#headers(),
      accept: this.#sink.size > 0 ? [200, 206, 304, 416] : [200, 304],
      stream: this.#options.stream,
      signal: this.#options.signal,
    };
    return this.#exchange(request, (response) => this.#receive(response));
  }

  #headers(): Record<string, string> {
    const { headers, validators } = this.#options;
    const { size } = this.#sink;
    return {
      ...headers,
      ...(validators?.etag === undefined ? {} : { 'if-none-match': validators.etag }),
      ...(validators?.lastModified === undefined ? {} : { 'if-modified-since': validators.lastModified }),
      ...(size === 0 ? {} : { range: `bytes=${size}-` }),
      ...(size === 0 || this.#validator === undefined ? {} : { 'if-range': this.#validator }),
    };
  }

  async #receive(response: HttpResponse): Promise<Outcome> {
    const { validators } = this.#options;
    if (response.status === 304) {
      if (validators !== undefined) return { type: 'done', transferred: undefined };
      throw this.#refused(response, 'answered "not modified" to a question that it was not asked', 'HTTP_STATUS');
    }
    const range = response.status === 206 ? this.#usableRange(response) : undefined;
    if (response.status !== 200 && range === undefined) return { type: 'restart' };
    if (response.status === 200 && this.#sink.size > 0) await this.#restart();
    if (range !== undefined) this.#pieced = true;
    this.#validator = strongValidator(response.headers);

    const total = range === undefined ? contentLength(response.headers) : range.total;
    this.#checkTotal(response, total);
    for await (const chunk of response.body) await this.#take(response, chunk);
    // Only a 206 can bring more than the total that it named: its length and its range contradict each other.
    if (range !== undefined && total !== undefined && this.#sink.size > total) return { type: 'restart' };
    const due = this.#options.expectedSize ?? total ?? this.#sink.size;
    if (this.#sink.size < due) throw this.#short(response, due, true);
    if (!this.#digestFits()) {
      if (this.#pieced) return { type: 'restart' };
      throw this.#mismatch(response);
    }
    return { type: 'done', transferred: { validators: validatorsOf(response), url: redactUrl(response.url) } };
  }

  /** The range of a 206, where it continues exactly what is held and belongs to the same content. */
  #usableRange({ headers }: HttpResponse): ContentRange | undefined {
    const range = parseContentRange(headers['content-range']);
    if (range === undefined || range.first !== this.#sink.size) return undefined;
    const { expectedSize } = this.#options;
    if (expectedSize !== undefined && range.total !== undefined && range.total !== expectedSize) return undefined;
    const length = contentLength(headers);
    if (length !== undefined && length !== range.last - range.first + 1) return undefined;
    const etag = headers['etag'];
    if (etag !== undefined && this.#validator?.startsWith('"') === true && etag !== this.#validator) return undefined;
    return range;
  }

  #checkTotal(response: HttpResponse, total: number | undefined): void {
    const { expectedSize } = this.#options;
    if (total === undefined) return;
    if (total > this.#limit) throw this.#tooLarge(response, `${total} bytes`);
    // The server is sure of it: asking again would change nothing.
    if (expectedSize !== undefined && total < expectedSize) {
      throw this.#refused(response, `has ${total} bytes where ${expectedSize} were expected`, 'DOWNLOAD_SHORT');
    }
  }

  async #take(response: HttpResponse, chunk: Uint8Array): Promise<void> {
    if (this.#sink.size + chunk.length > this.#limit) throw this.#tooLarge(response, 'more');
    await this.#sink.append(chunk);
    this.furthest = Math.max(this.furthest, this.#sink.size);
    this.#options.onProgress?.(this.#sink.size);
  }

  #digestFits(): boolean {
    const { expectedDigest } = this.#options;
    return expectedDigest === undefined || this.#sink.digest?.() === expectedDigest;
  }

  #tooLarge(response: HttpResponse, got: string): HttpError {
    const allowed = this.#limit === this.#options.expectedSize ? 'expected' : 'allowed';
    return this.#refused(response, `sends ${got} where ${this.#limit} bytes are ${allowed}`, 'DOWNLOAD_TOO_LARGE');
  }

  #short(response: HttpResponse, due: number, retryable: boolean): HttpError {
    return new HttpError({
      code: 'DOWNLOAD_SHORT',
      message: `${redactUrl(response.url)} ended after ${this.#sink.size} of ${due} bytes`,
      retryable,
    });
  }

  #mismatch(response: HttpResponse): HttpError {
    const { expectedDigest } = this.#options;
    return new HttpError({
      code: 'DIGEST_MISMATCH',
      message: `${redactUrl(response.url)} has the digest ${this.#sink.digest?.()} where ${expectedDigest} was expected`,
      hint: 'The server holds another version or damaged content; try again later, or another mirror.',
    });
  }

  #refused(response: HttpResponse, what: string, code: HttpError['code']): HttpError {
    return new HttpError({ code, message: `${redactUrl(response.url)} ${what}`, status: response.status });
  }
}

type Outcome =
  | { readonly type: 'done'; readonly transferred: Transferred | undefined }
  /** What the server sent does not continue what is held: start again, without ranges. */
  | { readonly type: 'restart' };

function validatorsOf({ headers }: HttpResponse): Validators {
  return { etag: headers['etag'], lastModified: headers['last-modified'] };
}
