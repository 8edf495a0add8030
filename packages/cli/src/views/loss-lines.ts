import { type Loss, lossCounter, type LossSummary } from '@dsv/core'
import { oneLine } from './annotation-text.ts'
import { countText } from './quantities.ts'

const MAX_KINDS = 12

/** Returns losses by kind, the most frequent first. */
export function countLosses(losses: readonly Loss[]): readonly LossSummary[] {
  const counter = lossCounter()
  for (const loss of losses) counter.add(loss)
  return counter.summary()
}

/** Returns one warning for each kind of loss, with a few places where it happened. */
export function lossLines(losses: readonly LossSummary[], subject: string): readonly string[] {
  const lines = losses.slice(0, MAX_KINDS).map(({ what, count, examples }) => {
    const places = examples.length < count ? `${examples.join(', ')}, …` : examples.join(', ')
    return `warning: ${subject} ${countText(count)} × ${oneLine(what)} (${oneLine(places)})`
  })
  const more = losses.length - MAX_KINDS
  return more > 0 ? [...lines, `warning: … and ${countText(more)} more kinds of loss`] : lines
}

/** Returns one warning for each thing that could not be read. */
export function problemLines(
  problems: readonly { readonly file: string; readonly message: string }[],
): readonly string[] {
  return problems.map(({ file, message }) => {
    const what = message.startsWith(`${file}: `) ? message : `${file}: ${message}`
    return `warning: skipped ${oneLine(what)}`
  })
}
