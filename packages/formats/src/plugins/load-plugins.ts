import { type FormatAdapter, isDsvError } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { pluginInvalid, pluginNotFound } from '../errors.ts'
import { adapterProblem, isAdapter } from './check-adapter.ts'
import { entryOfPackage } from './entry-of-package.ts'

/** An adapter and the package that it is from. */
export interface Plugin {
  readonly package: string
  readonly adapter: FormatAdapter
}

/** What npm allows as name, with a scope or without. */
const PACKAGE_NAME = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i

/**
 * Loads format adapters from packages in `node_modules` of a folder. **Runs their code**: call it only with
 * names that the user of this machine has put into the settings, never with names from a dataset.
 *
 * The default export of a package is an adapter or a list of adapters; see docs/formats/plugins.md.
 *
 * @throws `DSV_PLUGIN_NOT_FOUND`, `DSV_PLUGIN_INVALID`
 */
export async function loadPlugins(
  folder: string,
  packages: readonly string[],
): Promise<readonly Plugin[]> {
  const plugins: Plugin[] = []
  for (const name of packages) plugins.push(...(await loadPlugin(folder, name)))
  return plugins
}

async function loadPlugin(folder: string, name: string): Promise<readonly Plugin[]> {
  if (!PACKAGE_NAME.test(name)) throw pluginInvalid(name, 'is no name of a package')
  const root = path.join(folder, 'node_modules', ...name.split('/'))
  const entry = entryOfPackage(readManifest(root, name))
  if (entry === undefined) throw pluginInvalid(name, 'has no entry that can be imported')
  const file = path.join(root, entry)
  if (!file.startsWith(root + path.sep) || !existsSync(file))
    throw pluginInvalid(name, `has no file ${entry}`)
  const exported = await importDefault(file, name)
  const candidates: readonly unknown[] = Array.isArray(exported) ? exported : [exported]
  return candidates.map((candidate) => {
    if (!isAdapter(candidate)) throw pluginInvalid(name, adapterProblem(candidate))
    return { package: name, adapter: candidate }
  })
}

function readManifest(root: string, name: string): unknown {
  const file = path.join(root, 'package.json')
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return manifest
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw pluginNotFound(name, root)
    throw pluginInvalid(name, 'has a package.json that cannot be read', error)
  }
}

async function importDefault(file: string, name: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(file).href)
    return typeof module === 'object' && module !== null && 'default' in module
      ? module.default
      : undefined
  } catch (error) {
    if (isDsvError(error)) throw error
    const said = typeof error === 'object' && error !== null && 'message' in error
    throw pluginInvalid(
      name,
      `cannot be loaded: ${said ? String(error.message) : 'unknown'}`,
      error,
    )
  }
}
