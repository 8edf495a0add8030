import { doWork } from '@dsv/pipeline'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { openEnvironment } from '../open-environment.ts'
import { addressFrom, optionsOf } from '../remote-address.ts'
import { runListener } from '../run-listener.ts'
import { version } from '../version.ts'
import { withRemote } from '../with-remote.ts'

/** `dsv worker`: does what `dsv run --on` has put into a remote, on another machine. */
export const workerCommand: Command = defineCommand({
  name: 'worker',
  positionals: '<url> <ref>',
  summary: 'Run one stage that `dsv run --on` has given out.',
  details: [
    'Started by `dsv run --on`. It reads what the stage needs from the repository at the address, runs it in a',
    'temporary folder and puts what it made there. Credentials come from its own environment.',
  ].join('\n'),
  examples: [['dsv worker s3://bucket/street refs/dsv/work/…', 'What the entry point of a job is']],
  describe: (options) =>
    options
      .positional('url', { type: 'string', demandOption: true, describe: 'A folder or a URL' })
      .positional('ref', { type: 'string', demandOption: true, describe: 'What is to be done' })
      .option('option', {
        type: 'string',
        array: true,
        describe: 'What reaching the address needs, as name=value',
      }),
  run: async ({ url, ref, option = [] }, io) => {
    const address = addressFrom(io.folder, url)
    const remote = { name: 'origin', url: address, options: optionsOf(option) }
    const isDone = await doWork((folder) => openEnvironment({ ...io, folder }), {
      remote,
      withRemote: async (work) => withRemote(remote, { base: io.folder, io }, work),
      ref,
      environment: io.environment,
      tool: `dsv ${version()}`,
      listener: {
        ...runListener(io, { isSilent: false, jobs: 1 }),
        onPlan: () => {},
        onStart: () => {},
      },
    })
    return isDone ? DONE : FAILED
  },
})
