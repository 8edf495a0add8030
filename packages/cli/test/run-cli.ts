import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CommandIo } from '../src/io.ts'
import { runCli } from '../src/run-cli.ts'

/** What one in-process `dsv` call printed and returned. Ids are replaced by `<id>`. */
export interface Run {
  readonly exitCode: number
  readonly out: string
  readonly note: string
}

/** A temporary folder in which `dsv` is called, with a home and a clock of its own. */
export interface Sandbox {
  readonly folder: string
  /** Runs a command line in the folder. */
  readonly dsv: (...argv: readonly string[]) => Promise<Run>
  /** The same, in another folder or with another terminal. */
  readonly dsvWith: (changes: Partial<CommandIo>, ...argv: readonly string[]) => Promise<Run>
  /** Runs a command that prints JSON and returns the value. */
  readonly json: (...argv: readonly string[]) => Promise<unknown>
  readonly write: (file: string, content: string) => void
  readonly read: (file: string) => string
  readonly remove: (file: string) => void
  readonly close: () => void
}

/** Makes an empty sandbox. Each command takes one second of its clock. */
export function openSandbox(): Sandbox {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'dsv-cli-test-')))
  const folder = path.join(base, 'work')
  mkdirSync(folder)
  let seconds = 1_700_000_000
  const call = async (changes: Partial<CommandIo>, argv: readonly string[]): Promise<Run> => {
    let out = ''
    let note = ''
    seconds++
    const exitCode = await runCli(argv, {
      out: (text) => (out += text),
      outBytes: (bytes) => (out += Buffer.from(bytes).toString('utf8')),
      note: (text) => (note += text),
      onProgress: () => {},
      commandWords: async () => [],
      isTerminal: false,
      useColor: false,
      folder,
      environment: { HOME: path.join(base, 'home') },
      account: { user: 'ada', host: 'test' },
      now: () => ({ seconds, offsetMinutes: 0 }),
      elapsedMs: () => 0,
      signal: new AbortController().signal,
      argv,
      readInput: async () => '',
      edit: undefined,
      workerUrl: undefined,
      ...changes,
    })
    return { exitCode, out, note }
  }
  const masked = ({ exitCode, out, note }: Run): Run => ({
    exitCode,
    out: withoutPlaces(out, base),
    note: withoutPlaces(note, base),
  })
  return {
    folder,
    dsv: async (...argv) => masked(await call({}, argv)),
    dsvWith: async (changes, ...argv) => masked(await call(changes, argv)),
    json: async (...argv) => {
      const { out, note } = await call({}, [...argv, '--json'])
      if (note !== '') throw new Error(note)
      return JSON.parse(out)
    },
    write: (file, content) => {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
      writeFileSync(path.join(folder, file), content)
    },
    read: (file) => readFileSync(path.join(folder, file), 'utf8'),
    remove: (file) => rmSync(path.join(folder, file), { recursive: true }),
    close: () => rmSync(base, { recursive: true, force: true }),
  }
}

function withoutPlaces(text: string, base: string): string {
  return text.replaceAll(base, '<base>').replaceAll(/\b[0-9a-f]{10,64}\b/gu, '<id>')
}

/** Makes a repository whose main branch, with one file `kept.txt`, is also in the remote `origin` at `../shared`. */
export async function beginShared({ dsv, write }: Sandbox): Promise<void> {
  await dsv('init')
  write('kept.txt', 'kept')
  await dsv('add', 'kept.txt')
  await dsv('commit', '-m', 'kept')
  await dsv('remote', 'add', 'origin', '../shared')
  await dsv('push', 'origin', 'main')
}
