import { StringDecoder } from 'node:string_decoder'
import { type LossCounter, lossCounter } from '@dsv/core'
import { type RunListener, stageAddress } from '@dsv/pipeline'
import { isDsvError } from '@dsv/store'
import { reportFailure } from './failure.ts'
import type { CommandIo } from './io.ts'
import { namedOutput } from './named-output.ts'
import { lossLines } from './views/loss-lines.ts'
import { staleReasonText } from './views/stale-reason-text.ts'

/** Returns a listener that says on standard error how a run goes on. */
export function runListener(
  io: CommandIo,
  { isSilent, jobs }: { readonly isSilent: boolean; readonly jobs: number | undefined },
): RunListener {
  const named = namedOutput(io.note)
  const plain = new StringDecoder()
  const notes = new Map<string, LossCounter>()
  let isParallel = false
  return {
    onPlan: (planned) => {
      const running = planned.filter((each) => each.reasons.length > 0 && !each.isSkipped)
      isParallel = running.length > 1 && jobs !== 1
      if (isSilent) return
      for (const { stage, reasons } of running)
        io.note(`${stageAddress(stage)}: ${reasons.map(staleReasonText).join(', ')}\n`)
    },
    onLeftOver: (group) => {
      if (!isSilent)
        io.note(`Ended a command that a killed run had left running (process group ${group})\n`)
    },
    onStart: (stage) => {
      if (!isSilent) io.note(`Running ${stageAddress(stage)}\n`)
    },
    onOutput: (stage, bytes) => {
      if (isParallel) named.write(stageAddress(stage), bytes)
      else io.note(plain.write(Buffer.from(bytes)))
    },
    onNote: (stage, note) => {
      const name = stageAddress(stage)
      const counter = notes.get(name) ?? lossCounter()
      notes.set(name, counter)
      counter.add(note)
    },
    onReport: (_stage, { lines }) => {
      for (const line of lines) if (!isSilent) io.note(`${line}\n`)
    },
    onEnd: (stage, end) => {
      const name = stageAddress(stage)
      named.end(name)
      const left = notes.get(name)?.summary() ?? []
      if (!isSilent) for (const line of lossLines(left, `${name}:`)) io.note(`${line}\n`)
      if (end.type !== 'failed') return
      // Such an error names its stage.
      if (!isDsvError(end.error, 'DSV_STAGE_FAILED')) io.note(`Stage ${name} failed:\n`)
      reportFailure(end.error, io)
    },
  }
}
