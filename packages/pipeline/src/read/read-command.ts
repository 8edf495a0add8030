import type { Command, ParameterUse } from '../model/pipeline-stage.ts'
import { folderIn, pathIn } from './path-in.ts'
import { failAt, listAt, type Place, textAt, within } from './pipeline-document.ts'
import { readOutputs } from './read-outputs.ts'
import type { StageParts } from './stage-parts.ts'
import { isList, isMap, type Value, type ValueMap } from './value.ts'

/** The keys of a stage with a command, beside those of all stages. */
export const COMMAND_KEYS: readonly string[] = [
  'cmd',
  'wdir',
  'deps',
  'params',
  'outs',
  'metrics',
  'plots',
]

const PARAMETER_FILE = 'params.yaml'

/** Returns what a stage with a command does, reads and makes. @throws `DSV_PIPELINE_INVALID` */
export function readCommand(definition: ValueMap, place: Place): StageParts {
  const wdir = definition.get('wdir') ?? '.'
  const folder = folderIn(
    place.document.folder,
    textAt(wdir, within(place, 'wdir')),
    within(place, 'wdir'),
  )
  const action: Command = {
    kind: 'command',
    lines: readLines(definition.get('cmd') ?? null, within(place, 'cmd')),
    folder,
  }
  const dependencies = listAt(definition.get('deps'), within(place, 'deps')).map((each, index) => {
    const at = within(place, 'deps', index)
    return pathIn(folder, textAt(each, at), at)
  })
  return {
    action,
    dependencies,
    parameters: readParameterUses(definition.get('params'), folder, within(place, 'params')),
    outputs: [
      ...readOutputs(definition, 'outs', folder, place),
      ...readOutputs(definition, 'metrics', folder, place),
      ...readOutputs(definition, 'plots', folder, place),
    ],
  }
}

/** A text is one command on each line, a list one command in each element. */
function readLines(cmd: Value, place: Place): readonly string[] {
  const lines = isList(cmd)
    ? cmd.map((each, index) => textAt(each, within(place, index)))
    : textAt(cmd, place).split(/\r\n|\p{Zl}|\p{Zp}|[\n\r\v\f\x85]/u)
  const commands = lines.filter((line) => line.trim() !== '')
  if (commands.length === 0) throw failAt(place, 'is empty')
  const zero = commands.findIndex((line) => line.includes('\0'))
  if (zero !== -1) throw failAt(place, 'holds a zero byte')
  return commands
}

/** `key`, or `file: [key]`, or `file:` for all of it. A file that is named whole once is meant whole. */
function readParameterUses(
  value: Value | undefined,
  folder: string,
  place: Place,
): readonly ParameterUse[] {
  const uses = new Map<string, Set<string> | undefined>()
  const add = (file: string, keys: readonly string[] | undefined): void => {
    const known = uses.get(file)
    if (uses.has(file) && known === undefined) return
    uses.set(file, keys === undefined ? undefined : new Set([...(known ?? []), ...keys]))
  }
  for (const [index, each] of listAt(value, place).entries()) {
    const at = within(place, index)
    if (isMap(each))
      for (const [file, keys] of each) {
        const names = listAt(keys, within(at, file)).map((key, position) =>
          textAt(key, within(at, file, position)),
        )
        add(pathIn(folder, file, at), names.length === 0 ? undefined : names)
      }
    else add(pathIn(folder, PARAMETER_FILE, at), [textAt(each, at)])
  }
  return [...uses].map(([file, keys]) => ({ file, keys: keys && [...keys] }))
}
