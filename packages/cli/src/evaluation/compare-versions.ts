import { compareOutcomes, evaluatorOf, type ItemOutcomes } from '@dsv/analysis'
import { diff, isEqual, type Repository } from '@dsv/core'
import type { CommandIo } from '../io.ts'
import { comparedEvaluationJson, comparedFigures } from '../views/compared-evaluation.ts'
import { comparedEvaluationLines } from '../views/compared-evaluation-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { outcomeJson, outcomeLines } from '../views/outcome-lines.ts'
import type { EvalOptions } from './eval-options.ts'
import { openEvaluation } from './open-evaluation.ts'
import { movedItems, pairItems } from './pair-items.ts'

/** Evaluates two versions, and prints how they differ: figures, outcomes, and the edits that changed these. */
export async function compareVersions(
  repository: Repository,
  io: CommandIo,
  from: string,
  to: string,
  options: EvalOptions,
): Promise<void> {
  const after = await openEvaluation(repository, io, to, options)
  const same = {
    ...options,
    dataset: after.dataset.path,
    task: after.options.task,
    multiLabel: after.options.isMultiLabel,
  }
  const before = await openEvaluation(repository, io, from, same, after.source)
  const evaluators = {
    before: evaluatorOf(before.options),
    after: evaluatorOf(after.options),
    haveSameCategories: isEqual(before.options.categories, after.options.categories),
  }
  const moved = await diff(repository, sideOf(from), sideOf(to), async ({ datasets }) => {
    const own = datasets.find(({ path }) => path === after.dataset.path)
    return own === undefined ? new Map<string, string>() : movedItems(own.items())
  })
  const names = {
    before: before.dataset.view.schema.categories,
    after: after.dataset.view.schema.categories,
  }
  const outcomes = compareOutcomes(pairItems(before.items(true), after.items(), moved), evaluators)
  const print = printer(io, options.json, names)
  for await (const item of outcomes) print.item(item)
  after.noteLosses()
  print.figures(comparedFigures(evaluators.before.result(), evaluators.after.result(), names), {
    dataset: after.dataset.path,
    predictions: after.predictions,
    from,
    to,
  })
}

type Names = Parameters<typeof outcomeLines>[1]

interface Printer {
  item(outcomes: ItemOutcomes): void
  figures(
    figures: ReturnType<typeof comparedFigures>,
    about: Parameters<typeof comparedEvaluationJson>[1],
  ): void
}

/** Outcomes are printed as they are found, so that nothing of them is kept. */
function printer(io: CommandIo, json: boolean, names: Names): Printer {
  let items = 0
  return {
    item: (outcomes) => {
      if (json)
        io.out((items === 0 ? '{"outcomes":[' : ',') + jsonText(outcomeJson(outcomes)).trimEnd())
      else for (const line of outcomeLines(outcomes, names)) io.out(`${line}\n`)
      items += 1
    },
    figures: (figures, about) => {
      if (json) {
        const rest = jsonText(comparedEvaluationJson(figures, about)).trimStart().slice(1)
        io.out(`${items === 0 ? '{"outcomes":[' : ''}],${rest}`)
        return
      }
      if (items > 0) io.out('\n')
      for (const line of comparedEvaluationLines(figures, about)) io.out(`${line}\n`)
    },
  }
}

function sideOf(at: string): Parameters<typeof diff>[1] {
  return at === 'stage' ? { type: 'stage' } : { type: 'revision', revision: at }
}
