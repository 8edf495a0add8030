import type { Repository } from '@dsv/core'
import { makingSource, stageAddress, withLineage } from '@dsv/pipeline'
import type { ImportSource } from '@dsv/remote'
import type { CommandIo } from './io.ts'
import { runListener } from './run-listener.ts'
import { printable } from './views/printable.ts'
import { version } from './version.ts'

/** Options of commands that may have to make what a registry does not store. */
export const MAKING_OPTIONS = {
  'allow-run': {
    type: 'boolean',
    default: false,
    describe: 'Run commands of the other repository to make what it does not store',
  },
  'accept-different': {
    type: 'boolean',
    default: false,
    describe: 'Take what was made here even when it is not what they had',
  },
} as const

/** Returns a registry that makes what it does not store, and says so; parts come with their lineage. */
export function asMaking(
  source: ImportSource,
  repository: Repository,
  io: CommandIo,
  options: { readonly allowRun: boolean; readonly acceptDifferent: boolean },
): ImportSource {
  const { fetchMissing: _ours, ...environment } = repository.environment
  const making = makingSource(source, {
    environment,
    variables: io.environment,
    tool: `dsv ${version()}`,
    allowsCommands: options.allowRun,
    acceptsDifferent: options.acceptDifferent,
    onStages: (stages) => {
      for (const stage of stages) {
        io.note(`${stageAddress(stage)} is not stored there and runs here\n`)
        if (stage.action.kind === 'command')
          for (const line of stage.action.lines) io.note(`  ${printable(line, false)}\n`)
      }
    },
    listener: { ...runListener(io, { isSilent: false, jobs: undefined }), onPlan: () => {} },
  })
  return withLineage(making)
}
