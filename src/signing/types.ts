/** A private key of the user's, read and unlocked. It never leaves this room. */
export interface SigningKey {
  readonly scheme: SignatureScheme;
  /** sha256 of the public key as DER (SubjectPublicKeyInfo), in base64: what a bundle calls the key's hint. */
  readonly hint: string;
  /** PEM. */
  readonly publicKey: string;
  sign(bytes: Uint8Array): Uint8Array;
  /** Whether this key has signed it. */
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** A public key. */
export interface VerifyingKey {
  /** As the user named it. */
  readonly name: string;
  readonly scheme: SignatureScheme;
  /** As of SigningKey. */
  readonly hint: string;
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** One for each kind of key: those that `cosign verify --key` takes for it. */
export type SignatureScheme =
  | 'ecdsa-p256-sha256'
  | 'ecdsa-p384-sha256'
  | 'ecdsa-p521-sha256'
  | 'ed25519'
  | 'rsa-pkcs1-sha256';

/** What is signed: a document with its type (DSSE, envelope.md). */
export interface SignedPayload {
  readonly payload: Uint8Array;
  readonly payloadType: string;
}
