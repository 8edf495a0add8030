import path from 'node:path'
import { extractFrames } from '@dsv/formats'
import { optionInvalid } from '@dsv/steps'
import type { PipelineStep } from './pipeline-step.ts'

/** Writes the frames of a video as images. */
export const framesStep: PipelineStep = {
  name: 'frames',
  summary: 'Write the frames of a video as images, with the names that CVAT gives them',
  inputs: 'one',
  options: {
    prefix: { type: 'string', describe: 'What names begin with; frame by default' },
    extension: {
      type: 'string',
      choices: ['PNG', 'png'],
      describe: 'What names end with; PNG by default',
    },
    first: { type: 'number', describe: 'The first frame; 0 by default' },
    last: { type: 'number', describe: 'The last frame; that of the video by default' },
    step: { type: 'number', describe: 'Take every so many frames; 1 by default' },
  },
  makes: 'files',
  run: async ({ inputs: [video], options, scratchFolder, signal }) => {
    if (video === undefined) throw optionInvalid('frames', 'from', 'names no video')
    const { prefix, extension } = options
    const first = wholeNumber(options, 'first', 0)
    const last = wholeNumber(options, 'last', first ?? 0)
    const step = wholeNumber(options, 'step', 1)
    if (typeof prefix === 'string' && /[/\\]/u.test(prefix))
      throw optionInvalid('frames', 'prefix', 'is a path, not a name')
    const place = path.join(scratchFolder(), 'frames')
    await extractFrames(
      {
        video: video.place,
        output: place,
        ...(typeof prefix === 'string' && { prefix }),
        ...(extension === 'png' && { extension }),
        ...(first !== undefined && { first }),
        ...(last !== undefined && { last }),
        ...(step !== undefined && { step }),
      },
      { signal },
    )
    return { place }
  },
}

function wholeNumber(
  options: Readonly<Record<string, unknown>>,
  name: string,
  least: number,
): number | undefined {
  const value = options[name]
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
  throw optionInvalid('frames', name, `is no whole number from ${least} on`)
}
