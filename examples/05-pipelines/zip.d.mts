/** Returns a zip file of texts by name. */
export function zipOf(files: readonly (readonly [name: string, text: string])[]): Buffer
