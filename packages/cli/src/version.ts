import { readFileSync } from 'node:fs'

/** Returns the release of dsv: `0.1.0`. */
export function version(): string {
  // Both the sources and the bundle lie one folder below the package.
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return isManifest ? String(manifest.version) : ''
}
