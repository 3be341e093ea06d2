/** A private key of the user's, read and unlocked. It never leaves this room. */
export interface SigningKey {
  /** `ecdsa-p256-sha256`, `ed25519`, `rsa-pkcs1-sha256`, ... */
  readonly scheme: string;
  /** sha256 of the public key as DER (SubjectPublicKeyInfo), in base64: what a bundle calls the key's hint. */
  readonly hint: string;
  /** PEM. */
  readonly publicKey: string;
  sign(bytes: Uint8Array): Uint8Array;
}
