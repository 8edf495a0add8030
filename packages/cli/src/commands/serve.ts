import path from 'node:path'
import { inspect } from 'node:util'
import { findRepository, REPOSITORY_FOLDER } from '@dsv/core'
import {
  type AccessEntry,
  addToken,
  defaultTokenFile,
  readTokens,
  removeToken,
  serveRepository,
} from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { listLines } from '../views/table-lines.ts'

/** `dsv serve`: lets others read and push over HTTP. */
export const serveCommand: Command = defineCommand({
  name: 'serve',
  positionals: '[words..]',
  summary: 'Let others read a repository over HTTP, and push to it, with tokens.',
  details: [
    'It listens on this machine alone unless --host says otherwise. For TLS put a reverse proxy before it:',
    'see docs/remotes.md. Ctrl-C ends it when the running requests are done.',
  ].join('\n'),
  examples: [
    ['dsv serve token add ada --rights write', 'Make a token; it is shown once'],
    ['dsv serve --port 8020', 'Serve the repository here'],
    ['dsv serve /srv/street --public', 'Let everybody read'],
    ['dsv serve token list', 'Who has a token'],
  ],
  describe: (options) =>
    options
      .positional('words', {
        type: 'string',
        array: true,
        describe: 'The folder of a repository; or: token add|list|remove [name]',
      })
      .option('host', { type: 'string', default: '127.0.0.1', describe: 'Address to listen on' })
      .option('port', { type: 'number', default: 8020, describe: 'Port; 0 takes any' })
      .option('public', { type: 'boolean', default: false, describe: 'Everybody may read' })
      .option('rights', {
        choices: ['read', 'write', 'admin'] as const,
        default: 'read' as const,
        describe: 'What a new token allows',
      })
      .option('verbose', { alias: 'v', type: 'boolean', default: false, describe: 'Log requests' }),
  run: async ({ words = [], host, port, public: isPublic, rights, verbose }, io) => {
    const [first, action = 'list', name] = words
    if (first === 'token') {
      manageTokens(io, { action, name, rights })
      return
    }
    if (words.length > 1) throw new UsageError('`dsv serve` serves one repository.')
    const server = await serveRepository({
      folder: storeFolder(io, first),
      host,
      port,
      isPublic,
      ...(verbose && { onRequest: (entry: AccessEntry) => io.note(`${logLine(entry)}\n`) }),
    })
    io.out(`Serving on ${server.url}\n`)
    await new Promise<void>((resolve) => {
      if (io.signal.aborted) resolve()
      else io.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await server.close()
  },
})

interface TokenRequest {
  readonly action: string
  readonly name: string | undefined
  readonly rights: 'read' | 'write' | 'admin'
}

function manageTokens(io: CommandIo, { action, name, rights }: TokenRequest): void {
  const file = defaultTokenFile(storeFolder(io, undefined))
  if (action === 'list') {
    const rows = readTokens(file).map((token) => [
      token.name,
      token.rights,
      new Date(token.createdMs).toISOString().slice(0, 10),
    ])
    for (const line of listLines(rows)) io.out(`${line}\n`)
    return
  }
  if (name === undefined) throw new UsageError(`\`dsv serve token ${action}\` needs a name.`)
  if (action === 'add') {
    const createdMs = io.now().seconds * 1000
    io.out(`${addToken(file, { name, rights, createdMs })}\n`)
    io.note('It is shown this once. Others set DSV_TOKEN to it.\n')
  } else if (action === 'remove') {
    removeToken(file, name)
    io.out(`Removed the token of ${name}\n`)
  } else throw new UsageError(`\`dsv serve token\` knows add, list and remove, not ${action}.`)
}

/** The folder with the root record: of a working tree, or a repository without one. */
function storeFolder(io: CommandIo, typed: string | undefined): string {
  const folder = path.resolve(io.folder, typed ?? '.')
  const root = findRepository(folder)
  const isInside = root !== undefined && (typed === undefined || root === folder)
  return isInside ? path.join(root, REPOSITORY_FOLDER) : folder
}

function logLine(entry: AccessEntry): string {
  const { timeMs, address, token = '-', method, target, status, durationMs, problem } = entry
  const time = new Date(timeMs).toISOString()
  const reason = problem === undefined ? '' : ` ${inspect(problem, { compact: true })}`
  return `${time} ${address} ${token} ${method} ${target} ${status} ${Math.round(durationMs)} ms${reason}`
}
