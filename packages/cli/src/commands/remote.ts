import { localConfigFile, type Repository } from '@dsv/core'
import {
  addRemote,
  checkNewRemote,
  checkRemote,
  findRemote,
  listRemotes,
  probeConditionalWrites,
  type Remote,
  removeRemote,
  setRemote,
} from '@dsv/remote'
import type { CommandIo } from '../io.ts'
import { type Command, defineCommand } from '../command.ts'
import { addressFrom, optionsOf } from '../remote-address.ts'
import { UsageError } from '../failure.ts'
import { jsonText } from '../views/json-text.ts'
import { listLines } from '../views/table-lines.ts'
import { remoteOf, storageOf } from '../with-remote.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv remote`: names repositories elsewhere. */
export const remoteCommand: Command = defineCommand({
  name: 'remote',
  positionals: '[action] [name] [url]',
  summary: 'Name repositories elsewhere, so that push, fetch and pull know them.',
  details: [
    'Names and addresses are settings of this machine. Secrets are not among them: see docs/remotes.md.',
    '`add` and `set` look whether the remote can be reached; in a bucket they write a small file and remove it,',
    'to see that it keeps writers apart. One that does not is refused; one that cannot be reached is recorded.',
  ].join('\n'),
  examples: [
    ['dsv remote add origin /mnt/share/street', 'A folder that others see too'],
    ['dsv remote add origin s3://bucket/street --option region=eu-west-1', 'A bucket'],
    ['dsv remote', 'List the remotes'],
    ['dsv remote doctor origin', 'See whether it can be read and written safely'],
    ['dsv remote remove origin', 'Forget one'],
  ],
  describe: (options) =>
    options
      .positional('action', {
        choices: ['list', 'add', 'set', 'remove', 'doctor'] as const,
        default: 'list' as const,
        describe: 'What to do',
      })
      .positional('name', { type: 'string', describe: 'What it is called here' })
      .positional('url', { type: 'string', describe: 'A folder or a URL' })
      .option('option', {
        type: 'string',
        array: true,
        describe: 'What reaching it needs, as name=value',
      })
      .option('no-check', {
        type: 'boolean',
        default: false,
        describe: 'Record it without looking whether it can be reached',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the list as JSON' }),
  run: async ({ action, name, url, option = [], noCheck, json }, io) => {
    await withRepository(io, async (repository) => {
      const file = localConfigFile(repository.folder)
      if (action === 'list') {
        const remotes = listRemotes(file)
        if (json) io.out(jsonText(remotes))
        else
          for (const line of listLines(remotes.map((each) => [each.name, each.url])))
            io.out(`${line}\n`)
        return
      }
      if (name === undefined) throw new UsageError(`\`dsv remote ${action}\` needs a name.`)
      if (action === 'remove') {
        removeRemote(file, name)
        await forgetRefs(repository, name)
        io.out(`Forgot remote ${name}\n`)
        return
      }
      if (action === 'doctor') {
        await examine(repository, io, name)
        return
      }
      const options = optionsOf(option)
      if (action === 'set') {
        const before = findRemote(file, name)
        const address = url === undefined ? before.url : addressFrom(io.folder, url)
        const remote = { name, url: address, options: { ...before.options, ...options } }
        const found = noCheck ? '' : await check(repository, io, remote)
        setRemote(file, remote)
        io.out(`Remote ${name} is ${address}${found}\n`)
        return
      }
      if (url === undefined) throw new UsageError('`dsv remote add` needs a folder or a URL.')
      const remote = { name, url: addressFrom(io.folder, url), options }
      checkNewRemote(file, name)
      const found = noCheck ? '' : await check(repository, io, remote)
      addRemote(file, remote)
      io.out(`Remote ${name} is ${remote.url}${found}\n`)
    })
  },
})

/** Only where others implement the conditions they have to be seen to work. */
const PROBED = /^(?:s3|azure):/iu

/** Returns words on what is there. Warns where that is not known. */
async function check(repository: Repository, io: CommandIo, remote: Remote): Promise<string> {
  const storage = await storageOf(remote, repository.folder, io)
  try {
    const { isBegun, problem } = await checkRemote(storage, { write: PROBED.test(remote.url) })
    if (problem !== undefined) {
      const done = isBegun === undefined ? 'could not be reached' : 'can be read, but not written'
      io.note(`warning: ${remote.name} ${done}: ${problem.message}\n`)
      io.note(`  hint: \`dsv remote doctor ${remote.name}\` looks again.\n`)
    }
    return isBegun === false ? ' (empty: the first push begins a repository there)' : ''
  } finally {
    await storage.close?.()
  }
}

async function examine(repository: Repository, io: CommandIo, name: string): Promise<void> {
  const remote = remoteOf(repository, name)
  const storage = await storageOf(remote, repository.folder, io)
  try {
    const root = await storage.readVersioned('root')
    io.out(`${storage.location} can be read.\n`)
    io.out(root === undefined ? 'There is no repository yet.\n' : 'There is a repository.\n')
    await probeConditionalWrites(storage)
    io.out('It can be written, and keeps writers apart.\n')
  } finally {
    await storage.close?.()
  }
}

async function forgetRefs(repository: Repository, remote: string): Promise<void> {
  const { refs } = await repository.state()
  const gone = [...refs.keys()].filter((name) => name.startsWith(`refs/remotes/${remote}/`))
  await repository.write(`remote remove ${remote}`, async ({ publish }) =>
    publish({ refs: new Map(gone.map((name) => [name, undefined])) }),
  )
}
