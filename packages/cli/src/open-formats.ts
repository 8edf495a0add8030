import { findRepository, type FormatProvider } from '@dsv/core'
import type { CommandIo } from './io.ts'
import { setting } from './settings.ts'

/**
 * Returns the built-in formats and those of the plugins that the settings name (`formats.plugins`), from
 * `node_modules` of the working tree, or of the current folder where there is no repository.
 *
 * The settings are of this machine only: no dataset and no repository that comes from elsewhere can name code
 * to run.
 *
 * @throws `DSV_CONFIG_INVALID`, `DSV_PLUGIN_NOT_FOUND`, `DSV_PLUGIN_INVALID`
 */
export async function openFormats(io: CommandIo): Promise<FormatProvider> {
  const names = String(setting(io, 'formats.plugins') ?? '')
    .split(/[\s,]+/u)
    .filter((name) => name !== '')
  if (names.length === 0) return (await import('@dsv/formats')).builtInFormats
  const { formatsWithPlugins, loadPlugins } = await import('@dsv/formats')
  return formatsWithPlugins(await loadPlugins(findRepository(io.folder) ?? io.folder, names))
}
