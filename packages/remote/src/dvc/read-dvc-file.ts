import path from 'node:path'
import { dvcMetadataInvalid } from '../errors.ts'
import type { DvcImport, DvcOut, DvcRecipe, DvcRecorded, SkippedOut } from './dvc-out.ts'
import { isYamlMap, parseYaml, type YamlMap, type YamlText } from './parse-yaml.ts'
import { list, placeIn, readOut, text } from './read-out.ts'

/**
 * Reads the outputs of a `.dvc` file: what `dvc add`, `dvc import` and `dvc import-url` write, and the
 * stages that releases before 1.0 kept in such files.
 *
 * Follows [the format](https://dvc.org/doc/user-guide/project-structure/dvc-files).
 *
 * @param file its path from the root of the repository
 * @throws `DSV_DVC_METADATA_INVALID`
 */
export function readDvcFile(file: string, bytes: Uint8Array): readonly (DvcOut | SkippedOut)[] {
  const map = parseYaml(bytes, file)
  const folder = path.posix.join(path.posix.dirname(file), text(map, 'wdir') ?? '.')
  const deps = list(map, 'deps', file)
  const outs = list(map, 'outs', file)
  const imported = deps.map((dep) => readImport(dep, file)).find((each) => each !== undefined)
  const command = commandLines(map.get('cmd'))
  const recipe: DvcRecipe | undefined =
    command.length === 0
      ? undefined
      : {
          stage: path.posix.basename(file),
          definedIn: file,
          folder: path.posix.normalize(folder),
          command,
          deps: readRecorded(deps, folder),
          params: {},
          outs: readRecorded(outs, folder),
        }
  return outs.map((out) => readOut(out, { definedIn: file, folder, imported, recipe }))
}

function readImport(dep: YamlText, file: string): DvcImport | undefined {
  const repo = isYamlMap(dep) ? dep.get('repo') : undefined
  if (repo === undefined || !isYamlMap(dep)) return undefined
  const url = isYamlMap(repo) ? text(repo, 'url') : undefined
  const revLock = isYamlMap(repo) ? text(repo, 'rev_lock') : undefined
  if (!isYamlMap(repo) || url === undefined || revLock === undefined) {
    throw dvcMetadataInvalid(file, 'imports from a repository without url or rev_lock')
  }
  return {
    url,
    path: text(dep, 'path') ?? '',
    rev: text(repo, 'rev'),
    revLock,
    remote: text(repo, 'remote'),
  }
}

/** Returns the lines of `cmd`, which is text or a list of it. */
export function commandLines(command: YamlText | undefined): readonly string[] {
  if (command === undefined || isYamlMap(command)) return []
  const lines = typeof command === 'string' ? [command] : command
  return lines.filter((line): line is string => typeof line === 'string' && line !== '')
}

/** Returns paths and hashes of dependencies or outputs, from the root of the repository. */
export function readRecorded(entries: readonly YamlText[], folder: string): readonly DvcRecorded[] {
  return entries.filter(isYamlMap).map((entry: YamlMap) => {
    const written = text(entry, 'path') ?? ''
    const place = placeIn(folder, written)
    return { path: typeof place === 'string' ? place : written, md5: text(entry, 'md5') }
  })
}
