/** A container engine whose client is on PATH and that answered. */
export interface Engine {
  readonly name: 'docker' | 'podman';
  /** Absolute path of the client. */
  readonly command: string;
  /** The engine's own version, not the client's. */
  readonly version: string;
  /** The environment that its client gets: DOCKER_HOST and the like choose the engine. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An engine that can't be used, and why, in words for a person. */
export interface MissingEngine {
  readonly name: Engine['name'];
  readonly reason: string;
}
