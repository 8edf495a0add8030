import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { REPOSITORY_FOLDER } from '@dsv/core'
import { gitLocations } from '../dvc/git-locations.ts'
import { isUrl, overHttps } from '../dvc/open-git-tree.ts'
import type { RegistryKind } from './import-source.ts'

const PROBE_MS = 20_000

/**
 * Returns what kind of registry is at an address: a Git repository (which may have DVC), or one of ours.
 * Of a folder that is both, ours counts. A server is asked, without any credentials, whether it speaks Git.
 *
 * @param base - Folder that a relative address is relative to
 */
export async function registryKind(address: string, base: string): Promise<RegistryKind> {
  if (!isUrl(address) || /^file:/i.test(address)) {
    const folder = /^file:/i.test(address) ? fileURLToPath(address) : path.resolve(base, address)
    return !isOurs(folder) && gitLocations(folder) !== undefined ? 'dvc' : 'dsv'
  }
  if (overHttps(address) !== address) return 'dvc'
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return 'dsv'
  if (new URL(address).pathname.endsWith('.git')) return 'dvc'
  return (await speaksGit(address)) ? 'dvc' : 'dsv'
}

function isOurs(folder: string): boolean {
  return ['', REPOSITORY_FOLDER].some((inside) =>
    ['root', 'objects'].every((name) => existsSync(path.join(folder, inside, name))),
  )
}

async function speaksGit(address: string): Promise<boolean> {
  const url = `${address.replace(/\/+$/, '')}/info/refs?service=git-upload-pack`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) })
    await response.body?.cancel()
    const { headers, status } = response
    // Git hosts ask for a name and a password, ours for a token.
    if (status === 401) return /^basic\b/i.test(headers.get('www-authenticate') ?? '')
    return /git-upload-pack/.test(headers.get('content-type') ?? '')
  } catch {
    // Who opens it will say better what is wrong.
    return false
  }
}
