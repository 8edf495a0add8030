import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { Repository } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { openEnvironment } from '../open-environment.ts'

/** `dsv init`: makes a repository. */
export const initCommand: Command = defineCommand({
  name: 'init',
  positionals: '[folder]',
  summary: 'Make a repository in a folder, or here.',
  details: 'Files that are in the folder stay as they are; nothing is tracked yet.',
  examples: [
    ['dsv init', 'Make a repository in this folder'],
    ['dsv init -b trunk datasets', 'Make one in a new folder, on branch trunk'],
  ],
  describe: (options) =>
    options
      .positional('folder', { type: 'string', default: '.', describe: 'Made when it is not there' })
      .option('initial-branch', {
        alias: 'b',
        type: 'string',
        default: 'main',
        describe: 'Name of the first branch',
      }),
  run: async ({ folder, initialBranch }, io) => {
    const root = path.resolve(io.folder, folder)
    mkdirSync(root, { recursive: true })
    const environment = openEnvironment({ ...io, folder: root })
    const repository = await Repository.init(root, environment, { branch: initialBranch })
    await repository.close()
    io.out(`Made an empty repository in ${root} on branch ${initialBranch}\n`)
  },
})
