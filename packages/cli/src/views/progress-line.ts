import type { Progress } from '@dsv/core'
import type { CommandIo } from '../io.ts'
import { bytesText, countText, durationText } from './quantities.ts'

/** Work that takes less than this shows nothing. */
const PATIENCE_MS = 1000

/** How long one drawing stays. */
const REDRAW_MS = 100

/** One line on standard error that is written over again and again. */
export interface ProgressLine {
  readonly update: (progress: Progress) => void
  /** Removes what was drawn. */
  readonly clear: () => void
}

/** Returns a progress line that appears after a second, and only when standard error is a terminal. */
export function progressLine(io: CommandIo): ProgressLine {
  const startMs = io.elapsedMs()
  let drawnMs = Number.NEGATIVE_INFINITY
  let task = ''
  let taskStartMs = startMs
  let taskStartDone = 0
  return {
    update: (progress) => {
      if (!io.isTerminal) return
      const nowMs = io.elapsedMs()
      if (progress.task !== task) {
        task = progress.task
        taskStartMs = nowMs
        taskStartDone = progress.done
      }
      if (nowMs - startMs < PATIENCE_MS || nowMs - drawnMs < REDRAW_MS) return
      drawnMs = nowMs
      const rate = (progress.done - taskStartDone) / (nowMs - taskStartMs)
      io.note(`\r\u001B[K${progressText(progress, rate)}`)
    },
    clear: () => {
      if (drawnMs !== Number.NEGATIVE_INFINITY) io.note('\r\u001B[K')
      drawnMs = Number.NEGATIVE_INFINITY
    },
  }
}

/** Returns one line on how far work is; `rate` is what was done per millisecond. */
export function progressText({ task, done, total, unit }: Progress, rate: number): string {
  const amount = (value: number): string =>
    unit === 'bytes' ? bytesText(value) : `${countText(value)} ${unit}`
  if (total === undefined || total <= 0) return `${task}: ${amount(done)}`
  const percent = Math.floor((100 * Math.min(done, total)) / total)
  const left = rate > 0 && done < total ? `, ${durationText((total - done) / rate)} left` : ''
  return `${task}: ${percent} % of ${amount(total)}${left}`
}
