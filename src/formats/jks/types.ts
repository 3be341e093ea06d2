/** A trusted certificate of a Java key store. */
export interface TrustedCertificate {
  /** Java looks for it in small letters. */
  readonly alias: string;
  /** Whole seconds since the epoch. */
  readonly created: number;
  /** DER. */
  readonly certificate: Uint8Array;
}
