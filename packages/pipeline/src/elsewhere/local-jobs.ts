import { tmpdir } from 'node:os'
import { runCommand } from '../run/run-command.ts'
import { endOfExit, type JobEnd, type JobRunner } from './job-runner.ts'

/** Runs workers as processes of this machine, each in a process group of its own. */
export function localJobs(
  atOnce: number,
  environment: Readonly<Record<string, string | undefined>>,
): JobRunner {
  return {
    name: 'this machine',
    atOnce,
    run: async (line, { signal, onOutput }): Promise<JobEnd> => {
      const failure = await runCommand({
        // The shell must not stay between: whoever ends the worker ends it.
        lines: [`exec ${line}`],
        folder: tmpdir(),
        environment,
        signal,
        onOutput,
      })
      if (failure === undefined) return { type: 'done' }
      return endOfExit(failure.exitCode, `ended by ${failure.signal ?? `code ${failure.exitCode}`}`)
    },
  }
}
