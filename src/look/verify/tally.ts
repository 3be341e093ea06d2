import type { Claim, ClaimDetail, ClaimId, ClaimStatus } from './types.ts';

/** Details that one claim keeps of each status: a hostile image could have millions. */
const maxDetails = 10_000;

/** Counts what was held for one claim. */
export class Tally {
  readonly #counts = { proven: 0, failed: 0, unproven: 0 };
  readonly #details: Record<ClaimDetail['status'], ClaimDetail[]> = { failed: [], unproven: [], note: [] };

  proven(count = 1): void {
    this.#counts.proven += count;
  }

  failed(about: string, message: string): void {
    this.#counts.failed++;
    this.#keep({ status: 'failed', about, message });
  }

  unproven(about: string, message: string, count = 1): void {
    this.#counts.unproven += count;
    this.#keep({ status: 'unproven', about, message });
  }

  note(about: string, message: string): void {
    this.#keep({ status: 'note', about, message });
  }

  /**
   * @param about.empty why it is not proven where nothing was held
   * @param about.reason why it is not proven where some of it is not; default: what is said of the first
   */
  claim(about: {
    readonly id: ClaimId;
    readonly claim: string;
    readonly by: string;
    readonly platform?: string | undefined;
    readonly empty?: string | undefined;
    readonly reason?: string | undefined;
  }): Claim {
    const { reason, empty, platform, ...rest } = about;
    const { failed, unproven, note } = this.#details;
    const why = this.#reason({ reason, empty });
    return {
      ...rest,
      status: this.#status,
      ...(platform === undefined ? {} : { platform }),
      ...(why === undefined ? {} : { reason: why }),
      counts: { ...this.#counts },
      details: [...failed, ...unproven, ...note],
    };
  }

  #reason({ reason, empty }: { readonly reason: string | undefined; readonly empty: string | undefined }) {
    const { failed, unproven } = this.#details;
    if (this.#status === 'proven') return undefined;
    if (this.#status === 'failed') return failed[0]?.message;
    return this.#counts.unproven === 0 ? empty : (reason ?? unproven[0]?.message);
  }

  get #status(): ClaimStatus {
    const { proven, failed, unproven } = this.#counts;
    if (failed > 0) return 'failed';
    return proven > 0 && unproven === 0 ? 'proven' : 'unproven';
  }

  #keep(detail: ClaimDetail): void {
    const kept = this.#details[detail.status];
    if (kept.length < maxDetails) kept.push(detail);
  }
}
