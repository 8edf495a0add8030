/** Returns a zip file of texts or bytes by name. */
export function zipOf(
  files: readonly (readonly [name: string, content: string | Uint8Array])[],
): Buffer
