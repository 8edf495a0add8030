import path from 'node:path'
import { findRepository, Repository, REPOSITORY_FOLDER } from '@dsv/core'
import {
  checkStore,
  type Finding,
  folderDriver,
  repairStore,
  type RepairOutcome,
  restoreRoot,
  type Store,
} from '@dsv/store'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { openEnvironment } from '../open-environment.ts'
import { findingLines } from '../views/finding-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { paintOf } from '../views/paint.ts'
import { countOf, shortList } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv fsck`: checks the repository, and repairs it. */
export const fsckCommand: Command = defineCommand({
  name: 'fsck',
  summary: 'Check that the repository is whole, and say what depends on what is not.',
  details: [
    'Without --full the bytes of images are not read. Nothing is ever deleted: what is damaged goes to',
    'a quarantine when it is repaired. The exit code is 1 when something is broken.',
  ].join('\n'),
  examples: [
    ['dsv fsck', 'Check structure and history'],
    ['dsv fsck --full', 'Read every byte'],
    ['dsv fsck --repair --from ../copy', 'Fetch good copies from another repository'],
  ],
  describe: (options) =>
    options
      .option('full', { type: 'boolean', default: false, describe: 'Read and check every byte' })
      .option('percent', {
        type: 'number',
        describe: 'With --full: read only so many of 100 files and objects',
      })
      .option('repair', {
        type: 'boolean',
        default: false,
        describe: 'Repair what can be repaired',
      })
      .option('from', {
        type: 'string',
        array: true,
        describe: 'With --repair: a folder with a copy of the repository',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the findings as JSON' }),
  run: async ({ full, percent, repair, from = [], json }, io) => {
    if (percent !== undefined && !(percent >= 0 && percent <= 100))
      throw new UsageError('--percent is a number from 0 to 100.')
    if (repair) await restoreDamagedRoot(io)
    return withRepository(io, async ({ store }) => {
      const repaired = repair ? await repairFrom(store, from, io) : undefined
      const findings: Finding[] = []
      const options = { level: full ? 4 : 2, ...(percent !== undefined && { percent }) } as const
      for await (const finding of checkStore(store, options)) {
        io.signal.throwIfAborted()
        findings.push(finding)
      }
      if (json) io.out(jsonText({ findings, repaired: repaired ?? null }))
      else print(findings, repaired, io)
      return findings.some(({ severity }) => severity === 'error') ? FAILED : DONE
    })
  },
})

/** Without its root a repository cannot even be opened, so this comes first. */
async function restoreDamagedRoot(io: CommandIo): Promise<void> {
  const folder = findRepository(io.folder)
  if (folder === undefined) return
  const root = await restoreRoot(folderDriver(path.join(folder, REPOSITORY_FOLDER)))
  if (root !== undefined)
    io.note('The root was damaged or gone; its copy has taken its place. Look at `dsv op log`.\n')
}

async function repairFrom(
  store: Store,
  folders: readonly string[],
  io: CommandIo,
): Promise<RepairOutcome> {
  const opened: Repository[] = []
  try {
    for (const folder of folders)
      opened.push(await Repository.open(path.resolve(io.folder, folder), openEnvironment(io)))
    return await repairStore(
      store,
      opened.map((other) => other.store.objects),
    )
  } finally {
    for (const repository of opened) await repository.close()
  }
}

function print(
  findings: readonly Finding[],
  repaired: RepairOutcome | undefined,
  io: CommandIo,
): void {
  if (repaired !== undefined) {
    const { healed, lost, quarantined, rebuilt } = repaired
    io.out(
      `Healed ${countOf(healed.length, 'object')}, rebuilt ${countOf(rebuilt, 'index file')}.\n`,
    )
    if (lost.length > 0)
      io.out(`No good copy of ${countOf(lost.length, 'object')}: ${shortList(lost)}\n`)
    if (quarantined.length > 0)
      io.out(`Damaged files are kept in .dsv/local/quarantine: ${shortList(quarantined)}\n`)
  }
  const paint = paintOf(io)
  for (const finding of findings)
    for (const line of findingLines(finding, paint)) io.out(`${line}\n`)
  const errors = findings.filter(({ severity }) => severity === 'error').length
  if (errors > 0) io.note(`${countOf(errors, 'error')} found.\n`)
  else io.out('The repository is whole.\n')
}
