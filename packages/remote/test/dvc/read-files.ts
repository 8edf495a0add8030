import type { DvcRegistry, ResolveOptions } from '@dsv/remote'

/** Reads all files of a path, as text by path. */
export async function readFiles(
  registry: DvcRegistry,
  asked: string,
  options: ResolveOptions = {},
): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {}
  for await (const file of registry.resolve(asked, options)) {
    const pieces: Uint8Array[] = []
    for await (const piece of file.open()) pieces.push(piece)
    files[file.path] = Buffer.concat(pieces).toString('latin1')
  }
  return files
}
