import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a script found. */
export interface ScriptReport {
  readonly exitCode: number | null
  /** What it tried, one line each, and the problems. */
  readonly output: string
}

/** Runs one of the long-running scripts in its short form; they say themselves what is wrong. */
export async function runScript(name: string, ...args: readonly string[]): Promise<ScriptReport> {
  const script = fileURLToPath(new URL(`../../scripts/${name}.mjs`, import.meta.url))
  const child = spawn(process.execPath, [script, '--short', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pieces: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => pieces.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => pieces.push(text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ exitCode, output: pieces.join('') }))
  })
}

/** Returns the numbers of cases that a report counts, added up. */
export function casesOf({ output }: ScriptReport): number {
  const counts = [...output.matchAll(/: (\d+)(?: cases| \(| *$)/gm)].map(([, count]) =>
    Number(count),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
